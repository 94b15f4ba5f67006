#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""What was recorded is shown later as it was live, whatever became of the recorder."""
import json
import re
import sys

sys.path.append(f"{sys.path[0]}/..")
from guest import BALANCED, VIPIS, Run, balances, done, ok, say
from matrix import differences
from schemas import faults

SUFFIXES = ["", ".gz", ".zst"]
TABLES = ["traffic", "processed", "unmasked"]


def add_up(lines):
    """The counters of a recording at its end, as docs/recording.md says: {table: {place: value}}."""
    counters = {table: {} for table in TABLES}
    for line in lines:
        for table in TABLES:
            counters[table].update({tuple(row[:-1]): row[-1] for row in line.get(table, [])})
    return counters


def check_format(recording, live):
    """The file itself against what was seen live, without the tool that wrote it."""
    header, *states, end = [json.loads(line) for line in recording.splitlines()]
    # On a busy host there may be looks between them, and what closes the books behind them.
    snapshots = [line for line in states if "snapshot" in line]
    ok(header == {"recording": "ipimux-trace", "version": 1, "tool": header["tool"], "possible": "0-1",
                  "vipis": VIPIS, "processes": "by set", "tables": TABLES + ["masked"]}, "the header", header)
    ok([line["snapshot"] for line in snapshots] == list(range(3)) and end["end"] == 3,
       "the first snapshot, one an interval, the end", recording)
    for earlier, later, line in zip(snapshots, snapshots[1:], live):
        ok((later["time"] - earlier["time"]) / 1e9 == line["interval"] and
           later["wall_time"] / 1e9 == line["time"], "the times of an interval", later, line)
    first, last = add_up(snapshots[:1]), add_up(snapshots)
    grown = {place: value - first["traffic"].get(place, 0) for place, value in last["traffic"].items()}
    shown = {(sender, target, VIPIS.index(vipi), outcome): count
             for sender, target, vipi, *counts in live[-1]["traffic"]
             for outcome, count in enumerate(counts) if count}
    ok({place: value for place, value in grown.items() if value} == shown, "its traffic", grown, shown)
    for cpu, margin in live[-1]["cpus"].items():
        sets = {str(place[1]): value - first["processed"].get(place, 0)
                for place, value in last["processed"].items() if place[0] == int(cpu)}
        ok({place: value for place, value in sets.items() if value} == margin["sets"],
           f"what CPU {cpu} processed", sets, margin)


def check_later(run, said, live, later, what):
    ok(said[live] == said[later] and run.file(live) == run.file(later) != "",
       f"{what}: the same later as live", said[live], said[later], run.file(live), run.file(later),
       run.file(f"{later}.errors"))


def check_views(run, said):
    """Every view of a recording is that of the live run; and matrix adds up to stat."""
    for view in ("latency", "matrix", "stuck"):
        check_later(run, said, f"live-{view}", f"later-{view}", view)
    # Who sends is sampled live only.
    ours = [[line for line in run.file(f"{when}-storm").splitlines() if " above 20/s: " in line or
             "since " in line or line.startswith(("audit", "  raised "))] for when in ("live", "later")]
    ok(ours[0] == ours[1] and len(ours[0]) >= 3, "storm: the same later as live, except who sends",
       run.file("live-storm"), run.file("later-storm"))
    stat = run.json_lines("all-stat")
    for name in ("all-matrix", "one-matrix"):
        lines = run.json_lines(name)
        wrong = [wrong for pair in zip(stat, lines) for wrong in differences(*pair)]
        ok(len(lines) == len(stat) == 3 and not wrong, f"{name}: its sums are stat's columns, exactly",
           *wrong)
    ok(run.json_lines("all-matrix")[-1]["total"][0] > 0, "and they are not nothing")
    waits = [vipi["waits"] for cpu in stat[-1]["cpus"].values() for vipi in cpu["vipis"].values()]
    timed = sum(wait[kind]["timed"] for wait in waits for kind in wait if kind != "untimed")
    ok(timed > 0, f"{timed} waits are in the recording")


def check_schemas(run, said):
    """All that is written as JSON, and what a recording has only of a live machine."""
    written = {"stat": run.json_lines("live-j"), "matrix": run.json_lines("all-matrix"),
               "recording": run.json_lines("trace-j") + run.json_lines("json-recording.jsonl"),
               "chrome": [json.loads(run.file("json-chrome"))]}
    written |= {name: run.json_lines(f"json-{name}") for name in ("storm", "latency", "stuck", "trace", "doctor")}
    for name, documents in written.items():
        wrong = faults(name, documents)
        ok(documents and said.get(f"json-{name}", "0") == "0" and not wrong, f"live: {name}.json holds what is written",
           said.get(f"json-{name}"), *wrong[:5])
    # Else there was nothing to hold.
    kinds = {line["type"] for line in written["storm"]} | {line["type"] for line in written["trace"]}
    ok({"storm", "send", "process"} <= kinds and any("sample" in line for line in written["storm"]),
       "live: a storm and its senders, and events", kinds, written["storm"])
    fields = set().union(*written["recording"])
    ok({"look", "words", "edge", "ran", "kernel", "parents", "started", "waits"} <= fields,
       "live: what a recording can have", fields)
    looks = [line["look"] for line in run.json_lines("json-recording.jsonl") if "look" in line]
    ok(looks, "in an interval of 1.5 s there is a look: once a second at least", looks)


def check_killed(run, said, suffix):
    lines = run.json_lines("killed" + suffix)
    ok(said["killed" + suffix] == "0" and len(lines) >= 3 and lines[-1]["type"] == "summary" and
       lines[-1]["audit"]["verdict"] == "not_judged", f"killed{suffix}: what was written is there", lines,
       run.file(f"killed{suffix}.errors"))
    say(f"killed{suffix}: {len(lines) - 1} intervals")
    ok(sum(line["interval"] for line in lines[:-1]) > 0.99 * lines[-1]["interval"],
       f"killed{suffix}: the intervals add up", lines)
    text = run.file("killed-table" + suffix)
    ok("\naudit: not judged\n" in text and "need not balance" in text and "balanced" not in text,
       f"killed{suffix}: no balance is claimed", text)


def check_fails(run, said, name, status, message):
    errors = run.file(name + ".errors")
    ok(said[name] == str(status) and message in errors and run.file(name) == "",
       f"{name}: status {status}, '{message}'", said[name], errors, run.file(name))


run = Run("record.sh", cpus=2, timeout=240)
if run.ok("a guest ran"):
    said = dict(line.rsplit(" ", 1) for line in run.output.splitlines() if " " in line)
    for suffix in SUFFIXES:
        for form in ("--vipi", "-j"):
            check_later(run, said, f"live{form}{suffix}", f"later{form}{suffix}", f"{form}{suffix}")
        check_killed(run, said, suffix)
    check_views(run, said)
    check_schemas(run, said)
    check_later(run, said, "live-by-bit", "later-by-bit", "by bit")
    check_later(run, said, "later-j.zst", "stdin", "from stdin")
    check_format(run.file("trace-j"), run.json_lines("live-j"))
    magic = {suffix: (run.out / f"trace-j{suffix}").read_bytes()[:4] for suffix in SUFFIXES}
    ok(magic[""][:1] == b"{" and magic[".gz"][:2] == b"\x1f\x8b" and magic[".zst"] == b"\x28\xb5\x2f\xfd",
       "compressed as its name says", magic)
    pipe = run.json_lines("pipe")
    ok(said["pipe"] == "0" and len(pipe) == 3 and balances(pipe[-1]["audit"]),
       "through a pipe", pipe, run.file("pipe.errors"))
    ok(said["cut"] == "0" and "\naudit: not judged\n" in run.file("cut"), "a file cut off", run.file("cut"),
       run.file("cut.errors"))

    summary = run.file("int.errors")
    ok(said["int"] == "0" and summary.startswith("recorded ") and summary.count("\n") == 1 and
       re.search(f"; audit: {BALANCED}\n$", summary), "Ctrl-C: one line, the audit in it", said["int"], summary)
    ok(re.search(f"^audit: {BALANCED}$", run.file("int-later"), re.MULTILINE), "Ctrl-C: a whole recording",
       run.file("int-later"))
    check_fails(run, said, "exists", 3, "'/tmp/r/int.zst' exists: choose another name, or overwrite")
    check_fails(run, said, "exists-stat", 3, "'/tmp/r/int.zst' exists")
    ok(said["force"] == "0" and len(run.json_lines("force-later")) == 2, "--force overwrites",
       run.file("force.errors"), run.file("force-later"))
    check_fails(run, said, "full", 3, "cannot record to '/dev/full': No space left on device")
    check_fails(run, said, "full-stat", 3, "cannot record to '/dev/full': No space left on device")
    check_fails(run, said, "full-later", 3, "cannot record to '/tmp/full/trace': No space left on device")
    ok(said["full-rest"] == "0" and "\naudit: not judged\n" in run.file("full-rest"),
       "a disk that fills up: what was written is there", run.file("full-rest.errors"))
    ok(said["head"] == "0" and run.file("head").startswith('{"recording":') and run.file("head.errors") ==
       "ipimux-trace: cannot record to standard output: its reader is gone\n",
       "a closed pipe is an error, for the recording is not whole", run.file("head.errors"))

    check_fails(run, said, "cpu", 2, "CPU list '9': that machine has CPUs 0-1")
    check_fails(run, said, "no-file", 2, "record needs a FILE, e.g. ipimux-trace record trace.zst")
    check_fails(run, said, "no-such", 3, "cannot read /tmp/r/none: No such file or directory")
    check_fails(run, said, "paced", 2, "a recording (--input) has its own INTERVAL and COUNT")
    check_fails(run, said, "both", 2, "--record is for live runs")
    check_fails(run, said, "twice", 2, "record writes to FILE: leave out --record")
    check_fails(run, said, "stdout", 2, "'record -' writes to stdout")
    check_fails(run, said, "of-record", 2, "--input is a recording already")
    check_fails(run, said, "json", 3, "/out/live-j: line 1: this is not a recording")
    check_fails(run, said, "directory", 3, "cannot read /tmp/r: Is a directory")
    check_fails(run, said, "program", 3, "/bin/busybox: line 1: this is not a recording")
done()
