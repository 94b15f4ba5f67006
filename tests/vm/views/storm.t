#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""Storms made on purpose: each reported once, in time, with who sends and from where."""
import re
import sys
from collections import Counter

sys.path.append(f"{sys.path[0]}/..")
from guest import Run, balances, done, ok, say, stimulus

# Below what an emulated machine can do on any host, above what normal load makes: quiet.t has the same.
RATE = 250
INTERVAL = 0.5

# By name: the vIPI, the target, the commands of the senders, a function that must be in each stack.
STORMS = {
    "call": ("CALL_FUNC", 1, {"ipimux-storm/0"}, "stimulus_call [ipimux_stimulus]"),
    "signals": ("RESCHEDULE", 0, {"signals"}, "do_send_specific"),
    "membarrier": ("CALL_FUNC", 1, {"membarrier"}, "membarrier_private_expedited"),
}


def blows_from(truth, start, target):
    """The start of the first interval since @start with so many sends that each interval of
    the same length that has half of it exceeds the rate."""
    for line in truth:
        sends = sum(sum(row[3:]) for row in line["traffic"] if row[1] == target)
        if line["time"] > start and sends > 2 * RATE * line["interval"]:
            return line["time"] - line["interval"]
    return start


def check_storm(name, start, events, truth):
    """@events: what was said of storms between the start of this one and that of the next."""
    vipi, target, commands, function = STORMS[name]
    started = [event for event in events if event["event"] == "started"]
    ended = [event for event in events if event["event"] == "ended"]
    mine = [event for event in started if event["targets"] == [target]]
    if not ok(len(started) == len(mine) == 1, f"{name}: one report", *events):
        return
    report = mine[0]
    ok(vipi in report["vipis"], f"{name}: of {vipi}", report)
    # It may be seen before: half of such an interval is enough.
    late = report["end"] - blows_from(truth, start, target)
    say(f"{name}: seen {late:.2f} s after its start, above: {report['above']}")
    ok(late <= 2 * INTERVAL + 0.1, f"{name}: within two intervals", report)
    sample = report["sample"]
    ok(not sample["no_room"] and not sample["missed"], f"{name}: the sample is whole", sample)
    total = sum(sender["sends"] for sender in sample["senders"])
    ok(total == sample["sends"] > 0, f"{name}: it adds up", sample)
    by = sum(sender["sends"] for sender in sample["senders"] if sender["command"] in commands)
    from_there = sum(sender["sends"] for sender in sample["senders"]
                     if sender["command"] in commands and function in sender["stack"])
    first = sample["senders"][0]
    say(f"{name}: {by} of {total} by {first['command']}, pid {first['pid']}: "
        + " < ".join(first["stack"]))
    ok(by >= 0.8 * total, f"{name}: by {commands}", *sample["senders"])
    ok(from_there >= 0.9 * by, f"{name}: from {function}", *sample["senders"])
    tracing = [sender for sender in sample["senders"] for frame in sender["stack"]
               if re.match("ipi_mux_|bpf_|__bpf|__trace", frame)]
    ok(not tracing, f"{name}: the stack begins where it was sent", *tracing)
    ok(all(sender["context"] != "unknown" for sender in sample["senders"]),
       f"{name}: the context is known", *sample["senders"])

    if ok(len(ended) == 1 and ended[0]["targets"] == [target], f"{name}: its end is reported",
          *events):
        end = ended[0]
        say(f"{name}: {end['interval']:.2f} s, {end['sends']} sends, {end['coalesced']} coalesced")
        ok(0.4 < end["interval"] < 10 and end["sends"] > RATE * end["interval"] / 2 and
           end["highest"] > RATE and end["coalesced"] <= end["sends"],
           f"{name}: how long and how many", end)


def check_folded(text, what):
    lines = text.splitlines()
    wrong = [line for line in lines if not re.fullmatch(r"[^;]+(;[^;]+)+ [1-9]\d*", line)]
    ok(lines and not wrong, f"{what}: a line is a stack and a number", *wrong[:5])
    return lines


def check_contexts(events):
    """The context is read from the task, the stack tells the same by its functions."""
    # One that starts in the last interval has no time for a sample, and says so.
    started = [event for event in events if event["event"] == "started"]
    ok(all(("sample" in event) != ("no_sample" in event) for event in started), "a sample, or why there is none",
       *started)
    senders = [sender for event in started if "sample" in event
               for sender in event["sample"]["senders"] if sender["stack"]]
    contexts = Counter()
    for sender in senders:
        contexts[sender["context"], sender["pid"] == 0] += sender["sends"]
    say(f"contexts (and of the idle task?): {dict(contexts)}")
    interrupted = re.compile("handle_riscv_irq|riscv_intc_irq|do_irq|handle_softirqs|__do_softirq")
    wrong = [sender for sender in senders if (sender["context"] == "task") ==
             any(interrupted.match(frame) for frame in sender["stack"])]
    ok(not wrong, "sends from interrupts are known as such, others as not", *wrong[:5])
    tasks = contexts["task", False] + contexts["task", True]
    ok(0 < tasks < sum(contexts.values()), "there were both", contexts)


def check_hidden(run):
    text = run.file("table")
    ok("no stacks: the kernel hides its addresses: sysctl kernel.kptr_restrict=1\n" in text,
       "without symbols: it says why, and what to do", text)
    ok("ipimux-storm/0 (" in text and "0xff" not in text, "but who sends, and no address", text)
    ok("storm still going on: CALL_FUNC to CPU 1" in text, "the end of the run cuts it off", text)
    ok("audit: balanced" in text and re.search(r"^summary of .*: 1 storm above", text, re.MULTILINE),
       "then the summary", text)
    ok(all(len(line) <= 100 for line in text.splitlines()), "no line is wider than 100 columns", text)
    lines = check_folded(run.file("folded-hidden"), "without symbols")
    ok(all(";[unknown] " in line for line in lines), "without symbols: no stacks", *lines[:5])


run = Run("storm.sh", str(RATE), add=[stimulus()], timeout=300)
if run.ok("a guest ran"):
    lines = run.json_lines("storm.jsonl")
    statuses = dict(map(str.split, run.file("statuses").splitlines()))
    ok(statuses == dict.fromkeys(("stat", "storm", "truth", "contexts", "hidden"), "0"), "exit status 0",
       statuses, lines[-1]["audit"], run.file("table"))
    events = [line for line in lines if line["type"] == "storm"]
    ok(lines[0]["type"] == "watching" and lines[-1]["type"] == "summary",
       "first that it watches, last the summary", *lines)
    ok(balances(lines[-1]["audit"]), "the audit balances", lines[-1])
    starts = [(name, run.unix_time(start)) for name, start in
              map(str.split, run.file("storms").splitlines())]
    for (name, start), (_, end) in zip(starts, [*starts[1:], (None, 1e99)]):
        check_storm(name, start, [event for event in events if start <= event["time"] < end],
                    run.json_lines("truth.jsonl")[:-1])
    ok(all(event["time"] >= starts[0][1] for event in events), "none before the first", *events)
    folded = check_folded(run.file("folded"), "folded")
    ok(any(re.match(r"ipimux-storm/0;.*;stimulus_call \[ipimux_stimulus\];.* \d+$", line)
           for line in folded), "folded: the innermost last", *folded[:5])
    links = run.file("links").split()
    ok(len(links) == 3 and len(set(links)) == 1 and links[0] != "0",
       "in quiet time it has attached what stat has, and no more", links)
    check_contexts(run.json_lines("contexts.jsonl")[1:-1])
    check_hidden(run)
done()
