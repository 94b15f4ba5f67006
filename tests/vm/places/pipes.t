#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""What is written to pipes, and signals: nothing fails in silence, nothing is lost, nothing hangs."""
import json
import re
import sys
import xml.etree.ElementTree as ElementTree

sys.path.append(f"{sys.path[0]}/..")
from boot import ktap_in
from guest import ALL, done, left_out, ok
from outputs import GONE, NO_SPACE, Outputs

# What has its like in what is left: the same call that waits, told by another command or signal.
LEFT_OUT = [] if ALL else """
    stat-dies storm-dies open-record-TERM open-stat open-trace write-matrix write-trace write-stat-record write-record-dash
    write-report-dash write-recorded hup-record hup-trace hup-storm hup-stuck hup-report""".split()
WAIT = "a signal ended the wait for a reader"


# --- pipes that are closed ---

def check_closed():
    for name, file in (("record-dies", "'fifo'"), ("stat-dies", "'fifo'"), ("record-head", "standard output")):
        check_error(name, f"cannot record to {file}: {GONE}")
    for name, file in (("trace-dies", "'fifo'"), ("storm-dies", "'fifo'"), ("report-dies", "'fifo'"),
                       ("junit-dies", "'fifo'"), ("report-head", "to standard output")):
        check_error(name, f"cannot write {file}: {GONE}")
    for name in ("stat-head", "trace-head", "trace-stdout-head", "trace-dash-head"):
        check_quiet(name)
    ok(run.file("pipes-left").split() == ["fifo"], "no file of another name is made", run.file("pipes-left"))


# --- check has results ---

def check_results(name, why, tests, junit=True):
    """KTAP with @tests ({name: result}), of which the audit is not judged because of @why; JUnit agrees."""
    text = run.file(name)
    try:
        ktap = ktap_in(text.splitlines())
    except ValueError as error:
        ok(False, f"{name}: KTAP", error, text, said(name))
        return
    ok(statuses[name] == 3 and said(name) == f"ipimux-trace: {why}\n", f"{name}: status 3, '{why}'",
       statuses[name], said(name))
    ok(ktap.tests.get("audit") == (False, f"not judged: {why}"), f"{name}: the audit is not judged, and why",
       ktap.tests)
    results = {test: "skip" if reason.startswith("SKIP not judged: ") else good
               for test, (good, reason) in ktap.tests.items()}
    ok(results == {"audit": False, **tests}, f"{name}: its tests", results, text)
    ok("\n# the run broke off: not all of it was measured\n" in text, f"{name}: says so", text)
    if junit:
        suite = ElementTree.fromstring(run.file(f"{name}.xml"))
        failed = [case.get("name") for case in suite.iter("testcase") if case.find("failure") is not None]
        ok(failed == list(ktap.failed()) and suite.get("errors") == "0" and
           suite.get("tests") == str(len(ktap.tests)), f"{name}: JUnit has the same", run.file(f"{name}.xml"))


def check_check():
    check_results("check-dies", f"cannot record to 'fifo': {GONE}",
                  {"command": True, "stuck": "skip", "max-rate": False, "max-coalesced": "skip",
                   "min-sends": "skip"})
    check_results("check-duration-dies", f"cannot record to 'fifo': {GONE}", {"stuck": "skip"}, junit=False)
    check_results("check-full", f"cannot record to 'full/trace': {NO_SPACE}", {"command": False, "stuck": "skip"})
    check_results("check-gone", "'gone' was detached meanwhile: nothing counts any longer",
                  {"command": True, "stuck": "skip"})
    check_results("check-damaged", "damaged: line 5: this is not a JSON object", {"stuck": "skip"})
    for name in ("check-dies", "check-full", "check-gone"):
        ok(run.file(name).startswith("finished\nKTAP version 1\n"), f"{name}: the command came to its end",
           run.file(name))
    check_error("check-start", f"cannot record to '/dev/full': {NO_SPACE}")
    ok(run.file("check-start") == "" and 'errors="1"' in run.file("check-start.xml"),
       "check-start: nothing ran, JUnit has it as an error", run.file("check-start"), run.file("check-start.xml"))
    check_error("check-stdout", f"cannot write to standard output: {NO_SPACE}")


# --- what is full, help ---

def check_full():
    for line in run.file("full").splitlines():
        what, status = line.split("|")
        why = NO_SPACE if what.startswith("full") else "Bad file descriptor"
        ok(status == "3" and f"ipimux-trace: cannot write to standard output: {why}\n" in said(what) and
           "cannot go on" not in said(what), f"{what}: status 3, and its name", status, said(what))
    ok(len(run.file("full").splitlines()) == 26, "all were tried", run.file("full"))
    check_error("record-full", f"cannot record to '/dev/full': {NO_SPACE}")
    for name in ("trace-full", "report-full", "junit-full"):
        check_error(name, f"cannot write '/dev/full': {NO_SPACE}")
    ok(statuses["help-help"] == statuses["help-list"] == 0 and run.file("help-help") == run.file("help-list") != "" and
       said("help-help") == "", "help help: the list", run.file("help-help"), said("help-help"))
    check_error("help-none", "no command 'nonsense'; see ipimux-trace help", 2)
    check_error("help-two", "'latency' is one argument too many; see ipimux-trace help", 2)


# --- signals ---

def check_signals():
    for name in ("open-record-INT", "open-record-TERM", "open-record-HUP", "open-stat", "open-check"):
        check_error(name, f"cannot record to 'fifo': {WAIT}")
    check_error("open-trace", f"cannot write 'fifo': {WAIT}")
    for name in ("write-stat", "write-matrix", "write-trace", "write-recorded", "write-errors"):
        check_quiet(name)
    check_error("write-record", f"cannot record to 'fifo': {WAIT}")
    check_error("write-stat-record", f"cannot record to 'fifo': {WAIT}")
    check_error("write-record-dash", f"cannot record to standard output: {WAIT}")
    check_error("write-trace-o", f"cannot write 'fifo': {WAIT}")
    check_error("write-report", f"cannot write 'fifo': {WAIT}")
    check_error("write-report-dash", f"cannot write to standard output: {WAIT}")
    check_results("write-check", f"cannot record to 'fifo': {WAIT}", {"command": False, "stuck": "skip"}, junit=False)
    ok(run.file("write-check").startswith("tidied up\nKTAP"), "write-check: the command was told",
       run.file("write-check"))
    for name in ("top-INT", "top-TERM"):
        check_quiet(name)
    ok("sends/s" in run.file("top-TERM") and re.fullmatch(r"(n_tty_write\n|wait_woken\n){2}", run.file("top-wchan")), "top did stand still",
       run.file("top-wchan"))
    lines = run.file("slow.jsonl").splitlines()
    try:
        objects = [json.loads(line) for line in lines]
    except ValueError as error:
        ok(False, "a slow reader gets whole lines", error, lines[-1][-200:])
        objects = []
    ok(statuses["slow"] == 0 and said("slow") == "" and objects and objects[-1]["type"] == "summary" and
       len(run.file("slow.jsonl")) > 65536, "a slow reader gets all of it", statuses["slow"], said("slow"))


def check_spared():
    names = ["hup-stat", "hup-record", "hup-trace", "hup-storm", "hup-stuck", "hup-check", "term-stat", "hup-report",
             "hup-blocked"]
    names = [name for name in names if name not in LEFT_OUT]
    ok(run.file("spared").split() == names, "what is ignored at the start stays so", run.file("spared"))
    for name in names:
        ok(statuses[name] == (1 if name == "hup-check" else 0), f"{name}: and kill -INT ends it", statuses[name],
           said(name))
    ok("told to end by signal 2" in run.file("hup-check") or "ended by signal 2" in run.file("hup-check"),
       "the command, too, was spared", run.file("hup-check"))
    ok(run.file("ctrl-c").replace("\r", "").replace("^C", "").split("\n")[-4:] == ["counting", "spared", "status 0", ""],
       "Ctrl-C is not for what a script started with &, kill -INT is", run.file("ctrl-c"), said("ctrl-c"))


run = Outputs("pipes.sh", *LEFT_OUT)
if run.ok("a guest ran"):
    statuses, said, check_error, check_quiet = run.statuses, run.said, run.check_error, run.check_quiet
    check_closed()
    check_check()
    check_full()
    check_signals()
    check_spared()
    run.check_end(19 - sum(name.startswith(("open", "write")) for name in LEFT_OUT))
left_out(" ".join(LEFT_OUT))
done()
