#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""Single events: all of them, once, in order, filtered, linked; those lost are counted."""
import collections
import json
import pathlib
import sys
import tempfile

sys.path.append(f"{sys.path[0]}/..")
from guest import OUTCOMES, VIPIS, Run, all_outcomes, done, ok, say, stimulus
from stimulus import ADOPTED, Expected
from traced import (COMMANDS, check_alternates, check_exact, check_in_order, events_of, is_adopted, key_of,
                    vipis_of)


def check_against_stat(events, summary, what):
    """The same window, counted."""
    wrong, compared = [], 0
    for cpu in range(4):
        for vipi in ADOPTED:
            name, margin = VIPIS[vipi], summary["cpus"][str(cpu)]["vipis"][VIPIS[vipi]]
            mine = [event for event in events if name in vipis_of(event)]
            got = {outcome: sum(event["type"] == "send" and event["target"] == cpu and
                                event["outcome"].replace(" ", "_") == outcome for event in mine)
                   for outcome in OUTCOMES}
            here = collections.Counter(event["type"] for event in mine if event["cpu"] == cpu)
            kicks = sum(event["type"] == "unmask" and event["kick"] and event["cpu"] == cpu
                        for event in mine)
            sent = sum(margin["sent"].values())
            for left, right in ((got, all_outcomes(margin["received"])), (here["send"], sent), (kicks, margin["kicks"]),
                                (here["process"], margin["handled"]),
                                (here["unmask"], margin["unmasks"])):
                compared += 1
                if left != right:
                    wrong.append(f"CPU {cpu} {name}: {left}, not {right}")
    ok(not wrong, f"{what}: {compared} counts are stat's", *wrong)


def check_chrome(text, what):
    """Valid, and each arrow goes from a send to a process that may have handled it."""
    trace = json.loads(text)
    events = trace["traceEvents"]
    slices = {(event["tid"], event["ts"]): event for event in events if event["ph"] == "X"}
    ok(len(slices) == sum(event["ph"] == "X" for event in events),
       f"{what}: no two slices begin in one place")
    by_id = collections.defaultdict(list)
    for event in events:
        if event["ph"] in "sf":
            by_id[event["id"]].append(event)
    wrong, arrows, starts, ends = [], [], set(), set()
    for pair in by_id.values():
        pair.sort(key=lambda event: event["ph"], reverse=True)
        start, end = pair[0], pair[-1]
        send = slices.get((start["tid"], start["ts"]), {})
        process = slices.get((end["tid"], end["ts"]), {})
        good = ([event["ph"] for event in pair] == ["s", "f"] and
                send.get("name") == f"send {start['name']}" and
                send["args"]["outcome"] in ("raised", "masked") and
                process.get("cat") == "process" and
                start["name"] in process["name"].split()[1].split(",") and
                end["tid"] == send["args"]["target"] + 1 and end["ts"] >= start["ts"])
        if not good:
            wrong.append(pair)
            continue
        arrows.append((start["name"], send["args"]["target"], send["args"]["ns"],
                       process["args"]["ns"]))
        starts.add((start["tid"], start["ts"]))
        ends.add((end["tid"], end["ts"], end["name"]))
    ok(not wrong, f"{what}: {len(by_id)} arrows, each from a send to a process of its target", *wrong)
    ok(len(starts) == len(ends) == len(arrows) == trace["otherData"]["arrows"],
       f"{what}: no two to or from the same", len(starts), len(ends), trace["otherData"])
    return arrows, trace


def check_links(arrows, events):
    """The n-th that was set is the n-th that was handled: what the arrows must say."""
    sets, handled = collections.defaultdict(list), collections.defaultdict(list)
    for event in events:
        if event["type"] == "send" and event["outcome"] in ("raised", "masked"):
            sets[event["target"], event["vipi"]].append(event["ns"])
        elif event["type"] == "process":
            for vipi in event["vipis"]:
                handled[event["cpu"], vipi].append(event["ns"])
    wrong, possible = [], 0
    for vipi in (VIPIS[number] for number in ADOPTED):
        for cpu in range(4):
            truth = set(zip(sets[cpu, vipi], handled[cpu, vipi]))
            possible += len(truth)
            wrong += [arrow for arrow in arrows if arrow[:2] == (vipi, cpu) and
                      arrow[2:] not in truth]
    drawn = sum(VIPIS.index(arrow[0]) in ADOPTED for arrow in arrows)
    ok(not wrong, "chrome: each arrow is from the send that set the bit to what handled it", *wrong)
    ok(drawn >= possible * 0.9 and possible > 200, f"chrome: {drawn} of {possible} are drawn")


def check_filters(run, all_events):
    keys = collections.Counter(map(key_of, filter(is_adopted, all_events)))

    def check_subset(name, wanted, what):
        got = events_of(run.json_lines(name))
        wrong = [event for event in got if not wanted(event)]
        ok(got and not wrong, f"{what}: nothing else", *wrong[:5])
        want = collections.Counter(key_of(event)[2:] for event in all_events
                                   if is_adopted(event) and wanted(event))
        have = collections.Counter(key_of(event)[2:] for event in got if is_adopted(event))
        ok(have == want, f"{what}: {sum(want.values())} events of the stimulus, all of them",
           have - want, want - have)

    ok(max(keys.values()) == 1, "no event comes twice")
    check_subset("cpu", lambda event: 2 in (event["cpu"], event.get("target")), "-c 2")
    check_subset("vipi", lambda event: {"KGDB_ROUNDUP", "CPU_CRASH_STOP"} & set(vipis_of(event)),
                 "--vipi KGDB_ROUNDUP,3")
    check_subset("no-self", lambda event: not event.get("self"), "--no-self")


def check_self(all_events, pids):
    sends = [event for event in all_events if event["type"] == "send"]
    wrong = [event for event in sends if event["self"] != (event["pid"] == pids["all"])]
    ok(not wrong, f"{sum(event['self'] for event in sends)} of its own sends are marked", *wrong)
    stimulus_sends = [event for event in sends if is_adopted(event)]
    commands = {event["command"].split("/")[0] for event in stimulus_sends}
    # The shell's for `send`, the stopper's for `hold`.
    ok(commands == {"trace.sh", "migration"} or commands == {"sh", "migration"},
       "the sender's command", commands)


def check_storm(lines, summary):
    name = "CPU_CRASH_STOP"
    shown = collections.Counter(event["cpu"] for event in events_of(lines))
    lost = collections.Counter()
    for line in lines:
        if line["type"] == "lost":
            lost[line["cpu"]] += line["count"]
    say(f"storm in a buffer of 4 KiB: shown {dict(shown)}, lost {dict(lost)}")
    ok(sum(lost.values()) > 1000 and sum(shown.values()) > 100, "storm: most are lost, not all")
    ok({int(cpu): count for cpu, count in lines[-1]["lost"].items()} == dict(lost),
       "storm: the gaps add up to the summary", lines[-1], lost)
    for cpu in range(4):
        margin = summary["cpus"][str(cpu)]["vipis"][name]
        counted = sum(margin["sent"].values()) + margin["handled"] + margin["unmasks"]
        ok(shown[cpu] + lost[cpu] == counted,
           f"storm: CPU {cpu}: shown + lost = {counted}, as counted", shown[cpu], lost[cpu])


def check_text(text, errors):
    lines = text.splitlines()
    ok(lines[0].split() == "# seconds CPU event vIPI to outcome by".split(), "text: a heading",
       lines[0])
    wrong = [line for line in lines if len(line) > 102 or not line.isprintable()]
    ok(not wrong, "text: lines that fit", *wrong)
    expected = +Expected(COMMANDS).received
    column = lines[0].index("outcome")
    for outcome in ("raised", "coalesced", "masked", "coalesced while masked"):
        count = sum(line[column:].split("  ")[0] == outcome for line in lines[1:])
        want = sum(number for (_, _, what), number in expected.items()
                   if what == outcome.replace(" ", "_"))
        ok(count == want, f"text: {want} {outcome}", count)
    times = [float(line.split()[0]) for line in lines[1:]]
    ok(times == sorted(times), "text: in order of time")
    ok(errors == f"ipimux-trace: {len(lines) - 1} events in " + errors.split(" in ")[1] and
       errors.endswith(" s, 0 lost, 0 missed"), "text: the summary", errors)


def check_begins(said, run):
    for number in range(1, 6):
        kinds = collections.Counter(event["type"] for event in events_of(run.json_lines(f"storm-{number}")))
        ok(said[f"storm-{number}"][0] == 0 and kinds["send"] > 100 and kinds["process"] > 100,
           "begun in a storm: sends and processes from the first line on", kinds)


def check_ends(said, run):
    for name in ("all", "all-chrome", "all-text", "cpu", "vipi", "no-self", "storm", "storm-chrome"):
        status, _, message = said[name]
        ok(status == 0 and " lost" in message and message.startswith("ipimux-trace: "),
           f"{name}: ended by a signal, with a summary", said[name])
    ok(said["count"][0] == 0 and len(run.file("count").splitlines()) == 11 and
       said["count"][2].startswith("ipimux-trace: 10 events in "), "-n 10: 10 events", said["count"])
    ok(said["duration"][0] == 0 and " events in 0.5" in said["duration"][2], "a duration",
       said["duration"])
    ok(said["output"][0] == 0 and run.file("output") == "" and
       len(run.file("output-file").splitlines()) == 4, "-o", said["output"])
    ok(said["pipe"][0] == 0 and said["pipe"][2] == "" and len(run.file("pipe").splitlines()) == 3,
       "a closed pipe ends it quietly", said["pipe"])
    ok(said["full"][0] == 3 and "cannot write to standard output: No space left on device" in said["full"][2],
       "a full disk is an error", said["full"])
    for name, status, message in (
            ("count-0", 2, "COUNT '0'"), ("cpu-9", 2, "this machine has CPUs 0-3"),
            ("vipi-9", 2, "no vIPI 'NONE': this machine has RESCHEDULE, CALL_FUNC,"),
            ("vipi-number", 2, "no vIPI '8'"), ("buffer-1", 2, "SIZE '1'"),
            ("format-x", 2, "FORMAT 'xml'"), ("no-directory", 3, "cannot write '/nowhere/file'")):
        ok(said[name][0] == status and message in said[name][2], f"{name}: status {status}",
           said[name])


def check_idle(run):
    rates = {}
    for name in ("alone", "file", "pipe"):
        summary = run.json_lines(f"idle-{name}")[-1]
        handled = sum(cpu["handled"] for cpu in summary["cpus"].values())
        rates[name] = handled / summary["interval"]
    say("an idle machine handles " + ", ".join(f"{rate:.1f}/s ({name})"
                                               for name, rate in rates.items()))
    # One that feeds itself is at its 20 looks a second, or writes, and all that comes of them.
    ok(rates["file"] < rates["alone"] + 12 and rates["pipe"] < rates["alone"] + 15,
       "an idle machine settles", rates)


with tempfile.TemporaryDirectory() as directory:
    commands = pathlib.Path(directory, "commands")
    commands.write_text(COMMANDS.strip() + "\n")
    run = Run("trace.sh", "commands", add=[stimulus(), commands], timeout=300)
if run.ok("a guest ran"):
    said = {}
    for line in run.output.splitlines():
        words = line.split(" ", 3)
        if len(words) >= 3 and words[1].isdigit():
            said[words[0]] = int(words[1]), int(words[2]), words[3] if len(words) > 3 else ""
    ok("refused" not in run.output, "the stimulus did all", run.output)
    lines = run.json_lines("all")
    events = events_of(lines)
    ok(lines[0]["type"] == "start" and lines[0]["version"] == 1 and
       lines[-1]["type"] == "summary" and lines[-1]["lost"] == {} and lines[-1]["missed"] == 0,
       "nothing is lost", lines[0], lines[-1])
    for name in ("all", "cpu", "vipi", "no-self", "storm"):
        check_in_order(run.json_lines(name), name)
    check_alternates(events, "all")
    check_exact(events, "all")
    check_against_stat(events, run.json_lines("all-stat")[-1], "all")
    check_filters(run, events)
    check_self(events, {name: pid for name, (_, pid, _) in said.items()})
    check_text(run.file("all-text"), said["all-text"][2])
    arrows, trace = check_chrome(run.file("all-chrome"), "chrome")
    check_links(arrows, [
        {"type": event["cat"], "ns": event["args"]["ns"], "cpu": event["tid"] - 1,
         "target": event["args"].get("target"), "outcome": event["args"]["outcome"],
         "vipi": event["name"].split()[1],
         "vipis": [name for name in event["name"].split()[1].split(",") if name != "-"]}
        for event in sorted((event for event in trace["traceEvents"] if event["ph"] == "X"),
                            key=lambda event: event["args"]["ns"])])
    check_storm(run.json_lines("storm"), run.json_lines("storm-stat")[-1])
    _, trace = check_chrome(run.file("storm-chrome"), "chrome, with gaps")
    gaps = [event for event in trace["traceEvents"] if event.get("cat") == "lost"]
    ok(sum(gap["args"]["count"] for gap in gaps) == sum(trace["otherData"]["lost"].values()) > 0,
       f"chrome: {len(gaps)} gaps are shown", trace["otherData"])
    check_begins(said, run)
    check_ends(said, run)
    check_idle(run)
done()
