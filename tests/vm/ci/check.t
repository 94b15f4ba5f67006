#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""`ipimux-trace check`: limits kept and exceeded, commands that end in all ways, JUnit."""
import re
import sys
import xml.etree.ElementTree as ElementTree

sys.path.append(f"{sys.path[0]}/..")
from boot import Ktap, ktap_in
from guest import Run, done, ok, say, stimulus

CELL = "CPU 3 CPU_BACKTRACE"

# What exceeds each limit, behind its "#", with the CPU and the vIPI.
EXCEEDED = {
    "min-sends.CPU_BACKTRACE": r"10 sends, fewer than 11",
    "min-sends": r"\d+ sends, fewer than 1000000",
    "max-coalesced.CPU_BACKTRACE": rf"90\.000 %, more than 89\.999 %; most to {CELL}",
    "max-coalesced": rf"\d+\.\d+ %, more than 0 %; most to {CELL}",
    "max-latency.KGDB_ROUNDUP.p50": r"p50 is \S+ to \S+, more than 1\.5ms; .* on CPU 3 KGDB_ROUNDUP",
    "max-latency.KGDB_ROUNDUP.max": r"max is \S+ to \S+, more than 1ms; .* on CPU 3 KGDB_ROUNDUP",
    "max-empty": r"\d+ empty processes, more than 4; most on CPU 3",
    "max-rate": r"CPU \d \w+: \d+\.\d/s, more than 1/s",
    "max-rate.CPU_BACKTRACE": rf"{CELL}: \d+\.\d/s, more than 0/s",
    "max-latency.CPU_BACKTRACE.p90": rf"p90 is \S+ to \S+, more than 1us; .* on {CELL}",
}
LATER = {
    "max-coalesced.CPU_BACKTRACE": rf"90\.000 %, more than 80 %; most to {CELL}",
    "max-latency.KGDB_ROUNDUP.p99": r"p99 is \S+ to \S+, more than 1ms; .* on CPU 3 KGDB_ROUNDUP",
    "max-empty": r"\d+\.\d+ %, more than 0\.001 %; most on CPU 3",
}
# The names of all others are the command's and those that are always there.
KEPT = ["command", "audit", "stuck", "min-sends.CPU_BACKTRACE", "min-sends",
        "max-coalesced.CPU_BACKTRACE", "max-coalesced.KGDB_ROUNDUP", "max-latency.KGDB_ROUNDUP.max",
        "max-latency.p99", "max-empty", "max-rate", "max-rate.CPU_CRASH_STOP",
        "max-coalesced.CPU_CRASH_STOP"]


def parse(text, what):
    """The KTAP at the end of @text, or one without tests."""
    try:
        return ktap_in(text.splitlines())
    except ValueError as error:
        ok(False, f"{what}: KTAP", error, text)
        return Ktap(["KTAP version 1", "1..0 # SKIP none"])


def check_failed(ktap, expected, what):
    failed = ktap.failed()
    ok(set(failed) == set(expected), f"{what}: what failed", failed)
    for name, pattern in expected.items():
        ok(re.fullmatch(pattern, failed.get(name, "")), f"{what}: {name}", failed.get(name))


def check_junit(text, ktap, what):
    """It is XML, and says what the KTAP says."""
    try:
        suite = ElementTree.fromstring(text.encode())
    except ElementTree.ParseError as error:
        ok(False, f"{what}: JUnit", error, text)
        return
    failed = {case.get("name"): case.find("failure").get("message")
              for case in suite.iter("testcase") if case.find("failure") is not None}
    skipped = [case for case in suite.iter("testcase") if case.find("skipped") is not None]
    ok([case.get("name") for case in suite.iter("testcase")] == list(ktap.tests) and
       failed == ktap.failed(), f"{what}: JUnit has the same results", text)
    ok((suite.get("tests"), suite.get("failures"), suite.get("skipped")) ==
       (str(len(ktap.tests)), str(len(failed)), str(len(skipped))), f"{what}: JUnit counts them", text)


def check_limits(run, statuses):
    kept = parse(run.file("kept"), "kept")
    ok(statuses["kept"] == 0 and not kept.failed() and list(kept.tests) == KEPT,
       "all limits kept: status 0", kept.tests, run.file("kept"), run.file("kept.errors"))
    ok(kept.tests.get("max-coalesced.CPU_CRASH_STOP") == (True, "SKIP nothing was sent"),
       "what nothing can be said of is skipped", kept.tests)
    ok(re.search(r"^TAP version 13\n1\.\.1\nnot ok 1 the command itself\nKTAP version 1\n",
                 run.file("kept")), "the command's own TAP is untouched, and not in ours",
       run.file("kept"))
    say(kept.notes.get("max-rate"))
    check_junit(run.file("kept.xml"), kept, "kept")

    exceeded = parse(run.file("exceeded"), "exceeded")
    ok(statuses["exceeded"] == 1, "limits exceeded: status 1", statuses)
    check_failed(exceeded, EXCEEDED, "exceeded")
    ok(all(exceeded.tests.get(name, (False,))[0] for name in
           ("command", "audit", "stuck", "max-latency.p50")), "and only those", exceeded.tests)
    # Each of the ten was coalesced on the one before, and each wait was of 2 ms at least.
    ok(f"# 9 of 10 sends were coalesced, 90.000 %; limit 89.999 %\n# most of them to {CELL}: 9 of 10"
       in exceeded.notes.get("max-coalesced.CPU_BACKTRACE", ""), "exactly what was sent",
       exceeded.notes)
    ok("# longer than the limit: 20, most of them on CPU 3 KGDB_ROUNDUP: 20 of 20"
       in exceeded.notes.get("max-latency.KGDB_ROUNDUP.p50", ""), "exactly what waited",
       exceeded.notes)
    check_junit(run.file("exceeded.xml"), exceeded, "exceeded")

    later = parse(run.file("later"), "later")
    ok(statuses["later"] == 1, "of a recording: status 1", statuses, run.file("later.errors"))
    check_failed(later, LATER, "of a recording")
    ok("command" not in later.tests and
       later.notes.get("min-sends.CPU_BACKTRACE") == kept.notes.get("min-sends.CPU_BACKTRACE"),
       "of a recording: as it was live", later.notes)


def check_commands(run, statuses):
    for name, reason, before in (
            ("fails", "exit status 7", "its last words\n"),
            ("missing", "cannot be started: No such file or directory (127)", ""),
            ("told", "told to end by signal 15 (Terminated)", "tidied up\n"),
            ("leaves", None, "started\n")):
        ktap = parse(run.file(name), name)
        ok(statuses[name] == (1 if reason else 0) and
           ktap.tests.get("command") == (not reason, reason or "") and
           [test for test in ktap.failed() if test != "command"] == [] and
           run.file(name).startswith(before + "KTAP"),
           f"{name}: {reason or 'nothing wrong'}", statuses, run.file(name),
           run.file(f"{name}.errors"))
    ok(run.file("left").split() == [], "nothing is left running", run.file("left"))
    check_junit(run.file("missing.xml"), parse(run.file("missing"), "missing"), "an odd name")
    duration = parse(run.file("duration"), "duration")
    length = re.search(r"^# ipimux-trace \S+: (\d+\.\d+) s, CPUs 0-3, ", run.file("duration"),
                       re.MULTILINE)
    ok(statuses["duration"] == 0 and list(duration.tests) == ["audit", "stuck"] and
       length and float(length[1]) >= 0.3, "--duration", run.file("duration"))
    early = parse(run.file("early"), "early")
    ok(statuses["early"] == 0 and list(early.tests) == ["audit", "stuck"] and
       "\n# a signal ended the run before --duration was over\n" in run.file("early"), "--duration, and Ctrl-C",
       run.file("early"), run.file("early.errors"))


def check_errors(run, statuses):
    for name, status, message in (
            ("usage", 2, "'5/m' is not a limit for --max-rate"),
            ("vipi", 2, "no vIPI 'NONSENSE': this machine has RESCHEDULE, "),
            ("nobody", 3, "no permission to trace")):
        ok(statuses[name] == status and message in run.file(f"{name}.errors") and
           run.file(name) == "", f"{name}: status {status}, '{message}'", statuses,
           run.file(name), run.file(f"{name}.errors"))


run = Run("check.sh", add=[stimulus()])
if run.ok("a guest ran"):
    statuses = {name: int(status) for name, status in map(str.split, run.file("statuses").splitlines())}
    check_limits(run, statuses)
    check_commands(run, statuses)
    check_errors(run, statuses)

run = Run("check-unsupported.sh", kernel="nomux")
if run.ok("a guest without a multiplexer ran"):
    statuses = dict(map(str.split, run.file("statuses").splitlines()))
    ok(statuses["fails"] == "3" and run.file("fails") == "" and
       "no IPI multiplexer in this kernel" in run.file("fails.errors"),
       "unsupported: status 3 and no KTAP", statuses, run.file("fails"), run.file("fails.errors"))
    skips = parse(run.file("skips"), "skips")
    ok(statuses["skips"] == "4" and skips.skipped and
       skips.skipped.startswith("no IPI multiplexer in this kernel: "),
       "--skip-unsupported: status 4 and SKIP", statuses, run.file("skips"))
    for name, element in (("fails", "error"), ("skips", "skipped")):
        found = ElementTree.fromstring(run.file(f"{name}.xml")).findall(f"testcase/{element}")
        ok(len(found) == 1 and found[0].get("message").startswith("no IPI multiplexer"),
           f"{name}: JUnit has it as {element}", run.file(f"{name}.xml"))
    ok("ran" not in run.file("skips") + run.file("fails"), "the command is not run", run.file("skips"))
done()
