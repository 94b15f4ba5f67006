#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""What ftrace has traced, shown and audited: all of it, from the kernel's first IPI on, and of a CPU that hangs."""
import collections
import json
import pathlib
import re
import sys

sys.path.append(f"{sys.path[0]}/..")
from guest import VIPIS, Run, done, ok, say, stimulus
from traced import events_of

EVENT = re.compile(r" (ipi_mux_(?:send|mask|unmask|process)): +(.*?)\s*$", re.MULTILINE)


def as_ftrace(event):
    """As the kernel prints it: made anew from what the tool says, it has to be the same."""
    pending = event["pending"]
    if event["type"] == "process":
        bits = [VIPIS.index(vipi) for vipi in event["vipis"]]
        return (f"ipi_mux_process handled={{{','.join(map(str, bits))}}} (pending={pending:#x} "
                f"enabled={event['enabled']:#x}){'' if bits else ' empty'}")
    vipi = VIPIS.index(event["vipi"])
    if event["type"] == "send":
        return (f"ipi_mux_send cpu={event['target']} vipi={vipi} (pending={pending:#x} "
                f"enabled={event['enabled']:#x}) {event['outcome']}")
    more = {"unmask": " kick", "mask": " stays pending"}[event["type"]] if pending >> vipi & 1 else ""
    return f"ipi_mux_{event['type']} vipi={vipi} (pending={pending:#x}){more}"


def check_all_there(run, name, text):
    """Each event of the text, once, in its order, with nothing changed."""
    lines = run.json_lines(f"{name}.jsonl")
    found = [" ".join(match) for match in EVENT.findall(text)]
    shown = [as_ftrace(event) for event in events_of(lines)]
    ok(shown == found and len(shown) > 20, f"{name}: all {len(found)} events, as they are in the text",
       *[pair for pair in zip(found, shown) if pair[0] != pair[1]][:3], len(found), len(shown))
    return lines


def check_boot(run):
    lines = check_all_there(run, "boot", run.file("boot.txt"))
    audit = lines[-1]["audit"]
    ok(audit["verdict"] in ("balanced", "except") and audit["missed"] == 0 and statuses["boot.jsonl"] == "0",
       "boot: nothing is wrong", audit)
    say(f"boot: {audit['verdict']}: {audit['entries']}")
    handled = collections.Counter()
    for event in events_of(lines):
        if event["type"] == "process":
            for vipi in event["vipis"]:
                handled[VIPIS.index(vipi), event["cpu"]] += 1
    low, high = run.kernel_counts("low"), run.kernel_counts("high")
    wrong, exact = [], 0
    for vipi, name in enumerate(VIPIS):
        for cpu, (least, most) in enumerate(zip(low[name], high[name])):
            exact += least == most == handled[vipi, cpu]
            if not least <= handled[vipi, cpu] <= most:
                wrong.append((name, cpu, least, handled[vipi, cpu], most))
    ok(not wrong and exact >= 20, f"boot: handled is what the kernel has counted since it started; {exact} of 32 "
       "counts leave no room", *wrong)
    ok(audit["raised"] + audit["masked"] == audit["handled"] + audit["still_pending"] and
       audit["handled"] == sum(handled.values()), "boot: the audit has all of it", audit)
    unmasked = {(event["cpu"], event["vipi"]) for event in events_of(lines) if event["type"] == "unmask"}
    ok(len(unmasked) == 4 * len(VIPIS) and events_of(lines)[0]["type"] == "unmask",
       "boot: from the first unmask on, of all CPUs", len(unmasked))
    text = run.file("boot.text")
    ok(text.count("\n") > len(events_of(lines)) and "audit: balanced" in text, "boot: as text", text[-500:])
    chrome = json.loads(run.file("boot.chrome"))["otherData"]
    ok(chrome["clock"] == "ftrace" and chrome["origin_unix_ns"] is None and chrome["arrows"] > 20 and
       chrome["audit"]["verdict"] == audit["verdict"], "boot: for Perfetto", chrome)
    ok(run.file("stdin.jsonl") == run.file("boot.jsonl"), "boot: the same from stdin")
    some = run.json_lines("some.jsonl")
    ok(len(events_of(some)) == 10 and some[-1]["audit"] == audit and all(
        1 in (event["cpu"], event.get("target")) and "CALL_FUNC" in event.get("vipis", [event.get("vipi")])
        for event in events_of(some)), "boot: some of them, and the audit of all", *some)


def check_hang(run):
    lines = check_all_there(run, "hang", run.file("hang.txt"))
    waits = [line for line in lines if line["type"] == "pending" and line["cpu"] == 3]
    mine = [wait for wait in waits if wait["vipi"] == "CPU_BACKTRACE"]
    ok(len(mine) == 1 and mine[0]["by"] == "send" and mine[0]["sender"] != 3 and not mine[0]["masked"],
       "hang: what waits for the CPU that hangs, and who sent it", *waits)
    audit = lines[-1]["audit"]
    found = {(entry["cpu"], entry["vipi"]) for entry in audit["entries"] if entry["finding"] == "stuck"}
    ok(audit["verdict"] == "off" and (3, "CPU_BACKTRACE") in found and {cpu for cpu, _ in found} == {3} and
       all(entry["finding"] == "stuck" for entry in audit["entries"] if entry["verdict"] == "off") and
       statuses["hang.jsonl"] == "1", "hang: OFF: stuck on that CPU, and nothing else is wrong", audit)
    text = run.file("hang.text")
    ok(re.search(r"#   CPU 3 CPU_BACKTRACE: raised at \d+\.\d{6} by CPU \d \(sh/\d+\), [\d.]+s before the end", text)
       and "audit: OFF" in text, "hang: in words", text[-900:])
    for line in text[text.index("# pending"):].splitlines():
        say(line)
    console = run.json_lines("console.jsonl")
    ok([as_ftrace(event) for event in events_of(console)][:len(events_of(lines))] ==
       [as_ftrace(event) for event in events_of(lines)] and
       [event["cpu"] for event in events_of(console)][:len(events_of(lines))] ==
       [event["cpu"] for event in events_of(lines)],
       "hang: what the kernel prints to the console (sysrq-z) is the same", len(events_of(console)),
       len(events_of(lines)))
    ok(console[-1]["audit"]["verdict"] == "off" and statuses["console.jsonl"] == "1", "hang: and OFF, too",
       console[-1])


def check_before(run):
    lines = run.json_lines("before.jsonl")
    times = [event["ns"] for event in events_of(lines)]
    ok(len(times) == 3 and times[0] == 0 and 1_004_000 <= times[1] <= 1_006_000 and times[2] == times[1] + 4000 and
       lines[-1]["audit"]["verdict"] == "balanced", "times from before 0 come first", times, lines[-1])


def check_others(run):
    lines = check_all_there(run, "report", run.file("report.txt"))
    audit = lines[-1]["audit"]
    ok(audit["verdict"] == "not_judged" and audit["entries"] == [] and audit["missed"] == 0 and audit["handled"] > 900,
       "trace-cmd report: not from the start, so nothing is judged", audit, run.file("trace-cmd.log"))
    lines = check_all_there(run, "overwritten", run.file("overwritten.txt"))
    audit = lines[-1]["audit"]
    there, written = map(int, re.search(r"entries-written: (\d+)/(\d+)", run.file("overwritten.txt")).groups())
    ok(there < written and audit["verdict"] == "not_judged" and statuses["overwritten.jsonl"] == "0",
       f"overwritten: {there} of {written} events are there, and nothing is judged", audit)


def check_panic(run, text):
    lines = check_all_there(run, "panic", text)
    audit = lines[-1]["audit"]
    sent = [event for event in events_of(lines) if event["type"] == "send" and event["vipi"] == "KGDB_ROUNDUP"]
    ok(len(sent) == 50 and audit["verdict"] in ("balanced", "except") and audit["missed"] == 0,
       "panic: from the first unmask to the last word, nothing is wrong", len(sent), audit)


TRACED = "trace_event=ipi_mux:* trace_buf_size=4M"
died = Run("ftrace-panic.sh", cpus=2, append=f"{TRACED} ftrace_dump_on_oops", add=[stimulus()])
log = pathlib.Path(died.errors.partition("run: the console: ")[2].strip())
ok(died.status == 125 and "sysrq triggered crash" in died.errors.lower(), "a guest died, and printed its buffer", died.errors)
run = Run("ftrace.sh", tracers=True, append=f"{TRACED} log_buf_len=4M",
          add=[stimulus(), f"{log}:root/panic.log"], timeout=300)
if run.ok("a guest ran that traced its own start"):
    statuses = dict(line.split() for line in run.file("statuses").splitlines())
    say(f"statuses: {statuses}")
    check_boot(run)
    check_hang(run)
    check_before(run)
    check_others(run)
    check_panic(run, log.read_text(errors="replace"))
done()
