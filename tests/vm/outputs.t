#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""What is written to files and pipes, and signals: nothing fails in silence, nothing is lost, nothing hangs."""
import json
import re
import xml.etree.ElementTree as ElementTree

from boot import ktap_in
from guest import ROOT, Run, done, ok, say

GONE = "its reader is gone"
NO_SPACE = "No space left on device"
WAIT = "a signal ended the wait for a reader"
FILES = ("record", "stat", "trace", "storm", "report", "check")

# Hundredths of a second. Half of one is waited for; the rest is for an emulated machine on a busy host, which has
# programs to detach, too.
SOON = 200


def said(name):
    return run.file(f"{name}.errors")


def check_error(name, message, status=3):
    """It ended with @status and one line, which is @message."""
    ok(statuses.get(name) == status and said(name) == f"ipimux-trace: {message}\n",
       f"{name}: status {status}, '{message}'", statuses.get(name), said(name), run.file(name))


def check_quiet(name, status=0):
    ok(statuses.get(name) == status and said(name) == "", f"{name}: status {status}, and quiet",
       statuses.get(name), said(name))


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
    late = {name: time for name, time in times.items() if time > SOON}
    ok(len(times) >= 22 and not late, f"each within {SOON / 100:g} s", late, times)
    say(f"the latest after {max(times.values()) / 100:g} s")
    lines = run.file("slow.jsonl").splitlines()
    try:
        objects = [json.loads(line) for line in lines]
    except ValueError as error:
        ok(False, "a slow reader gets whole lines", error, lines[-1][-200:])
        objects = []
    ok(statuses["slow"] == 0 and said("slow") == "" and objects and objects[-1]["type"] == "summary" and
       len(run.file("slow.jsonl")) > 65536, "a slow reader gets all of it", statuses["slow"], said("slow"))
    ok(run.file("objects-after") == run.file("objects-before") != "", "nothing is left in the kernel",
       run.file("objects-before"), run.file("objects-after"))


def check_spared():
    names = ["hup-stat", "hup-record", "hup-trace", "hup-storm", "hup-stuck", "hup-check", "term-stat", "hup-report",
             "hup-blocked"]
    ok(run.file("spared").split() == names, "what is ignored at the start stays so", run.file("spared"))
    for name in names:
        ok(statuses[name] == (1 if name == "hup-check" else 0), f"{name}: and kill -INT ends it", statuses[name],
           said(name))
    ok("told to end by signal 2" in run.file("hup-check") or "ended by signal 2" in run.file("hup-check"),
       "the command, too, was spared", run.file("hup-check"))
    ok(run.file("ctrl-c").replace("\r", "").replace("^C", "").split("\n")[-4:] == ["counting", "spared", "status 0", ""],
       "Ctrl-C is not for what a script started with &, kill -INT is", run.file("ctrl-c"), said("ctrl-c"))


# --- files ---

def listed(name):
    """{file: its first line}, and all files there are, from `shown`."""
    heads = re.findall(r"^==> (\S+) <==\n(.*)$", run.file(name), re.M)
    return dict(heads), run.file(name).splitlines()[-len(heads):]


def check_files():
    old = {name: f"old {name}" for name in FILES}
    for prefix in ("exists", "new-refused"):
        for name in FILES:
            check_error(f"{prefix}-{name}", f"'{name}' exists: choose another name, or overwrite it with --force")
    for name in ("exists", "untouched"):
        ok(listed(name) == (old, sorted(FILES)), f"{name}: as it was, and nothing beside it", run.file(name))
    ok(run.file("nobody").split() == ["3"] * 5 and run.file("nobody.errors").count("no permission to trace") == 5,
       "nobody may trace, and nothing is overwritten", run.file("nobody"), run.file("nobody.errors"))
    for prefix in ("force", "new"):
        for name in FILES:
            ok(statuses[f"{prefix}-{name}"] == 0, f"{prefix}-{name}: status 0", said(f"{prefix}-{name}"))
    for name in ("forced", "new"):
        heads, left = listed(name)
        ok(left == sorted(FILES) and not set(heads.values()) & set(old.values()), f"{name}: all are new", run.file(name))
        ok(heads["record"].startswith('{"recording"') and heads["report"].lower().startswith("<!doctype html") and
           heads["check"].startswith("<?xml") and heads["stat"].startswith('{"recording"') and
           heads["trace"].startswith("#"), f"{name}: each is what it is to be", run.file(name))
    ok(run.file("forced-modes").splitlines() == ["record 640 nobody", "report 600 nobody", "trace 644 nobody"],
       "owner and mode stay", run.file("forced-modes"))


def check_killed():
    heads, _ = listed("killed")
    ok(heads["trace"].startswith("#") and heads["report"] == "old", "killed: a trace is there, a page is the old one",
       run.file("killed"))
    lines = run.json_lines("killed-record")
    ok(len(lines) > 4 and lines[-1]["audit"]["verdict"] == "not_judged", "killed: a recording has what there was", lines)
    for signal in ("INT", "TERM", "HUP"):
        lines = run.json_lines(f"new-{signal}-later")
        ok(statuses[f"new-{signal}"] == 0 and lines and lines[-1]["audit"]["verdict"] != "not_judged",
           f"SIG{signal} of a recording: whole", statuses[f"new-{signal}"], lines)
    ok(run.file("killed-left").split() == sorted(["old", "record", "trace", "report", "running", "new-INT", "new-TERM",
                                                  "new-HUP"]), "killed: nothing beside them", run.file("killed-left"))


def check_small():
    check_error("small-report", f"cannot write 'report': {NO_SPACE}")
    check_error("small-check", f"cannot write 'check': {NO_SPACE}")
    check_error("small-record", f"cannot record to 'new': {NO_SPACE}")
    check_error("small-trace", f"cannot write 'new-trace': {NO_SPACE}")
    heads, _ = listed("small")
    ok(heads == {"report": "old", "check": "old"} and run.file("small").splitlines()[-3:] == ["check", "fill", "report"],
       "a full disk: what was there is there, and nothing else", run.file("small"))


def check_links():
    lines = run.file("links").splitlines()
    ok(len(lines) == 20 and all(line.endswith(" 3") for line in lines), "links of others: refused, by all", lines)
    ok(run.file("links.errors").count("is a symbolic link that another user may have made: name the file behind the link\n") == 20, "and said so", run.file("links.errors"))
    ok(run.file("links-target").startswith("target\n"), "what they lead to is not touched", run.file("links-target"))
    ok(run.file("links-left") == ".:\nhere\nhere-dangling\nhere-too\nopen\nsticky\ntarget\nthere\n\nthere:\n",
       "nothing is made there", run.file("links-left"))
    followed = run.file("links-followed").splitlines()
    ok([line for line in followed if not line.startswith("#")] ==
       [f"a link: {link}" for link in ("sticky/mine", "here", "here-too", "here-dangling")] and len(followed) == 8,
       "one's own are followed, and stay", followed)


def check_as_is():
    ok(statuses["dev-null"] == 0, "/dev/null", said("dev-null"))
    heads = dict(re.findall(r"^==> (\S+) <==\n(.*)$", run.file("asis"), re.M))
    ok(heads.get("stdout", "").startswith("# ") and heads.get("appended") == "first", "/dev/stdout is standard output",
       run.file("asis"))
    ok(len(run.json_lines("asis-descriptor")) == 2, "/dev/fd/5", run.file("asis-descriptor"), said("asis-descriptor"))
    sizes = [int(line.split()[0]) for line in run.file("empty").splitlines()[:3]]
    ok(run.file("empty-before") == run.file("empty-after") and len(sizes) == 3 and all(sizes),
       "an empty file is written itself", run.file("empty-before"), run.file("empty-after"), run.file("empty"))
    ok(statuses["dash-report"] == 0 and run.file("dash-report").rstrip().endswith("</html>"), "report --html -",
       said("dash-report"))
    ok(statuses["dash-trace"] == 0 and len(run.file("dash-trace").splitlines()) >= 2, "trace -o -",
       run.file("dash-trace"))
    for name, message in (("dash-junit", "--junit needs a file: KTAP goes to stdout"),
                          ("dash-folded", "--folded needs a file: the reports go to stdout"),
                          ("recorded-folded", "--folded is for live runs: a recording does not contain the senders")):
        ok(statuses[name] == 2 and message in said(name), f"{name}: status 2", statuses[name], said(name))
    ok(run.file("asis-left").split() == ["appended", "descriptor", "empty-record", "empty-report", "empty-trace", "stdout"],
       "no file is called -", run.file("asis-left"))


run = Run("outputs.sh", timeout=500,
          add=[f"{ROOT}/build/tests/guest/{name}:/usr/bin/{name}" for name in ("bpf-objects", "terminal")])
if run.ok("a guest ran"):
    statuses = {name: int(status) for name, status in map(str.split, run.file("statuses").splitlines())}
    times = {name: int(time) for name, time in map(str.split, run.file("times").splitlines())}
    check_closed()
    check_check()
    check_full()
    check_signals()
    check_spared()
    check_files()
    check_killed()
    check_small()
    check_links()
    check_as_is()
done()
