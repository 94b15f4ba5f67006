#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""Names that others choose, in all that people are shown: no byte that a terminal obeys, no row that is a
name's own, no vIPI that is lost behind another one's name."""
import json
import re
import sys
import unicodedata
import xml.dom.minidom

sys.path.append(f"{sys.path[0]}/..")
from guest import VIPIS, Run, done, ok

# What the threads of names.sh call themselves, as it is shown.
THREADS = {"escapes": "a?[1mb?99 % z;", "foreign": "x\xe9???y?z?", "cut": "abcdefghijklmn?"}
FILE = "a?[1mb?99 % z;"
DOORBELLS = VIPIS[:4] + ["Doorbell", "Doorbell.5.2", "Doorbell.5", "x?[2J_y_z"]

# Where rows begin that are ours.
STORM_ROW = re.compile(r"\d\d:\d\d:\d\d  |          \S|           [ \d.]{5} % |                     \S|"
                       r"summary of |audit: |  ")
TRACE_ROW = re.compile(r"# +seconds |[ \d.]{13} [ \d]{3}  (send|process|unmask|mask) |CPU \d+: \d+ events? lost here$")


def obeyed(path):
    """what in it a terminal would not show as it is"""
    text = path.read_bytes().decode("utf-8", errors="surrogateescape")
    # The sources of the HTML page are indented.
    if path.name == "page":
        text = text.replace("\t", "")
    return sorted({c for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")})


def check_bytes(run):
    """in all files there are, errors, too"""
    paths = sorted(path for path in run.out.iterdir() if path.is_file())
    for path in paths:
        ok(not obeyed(path), f"{path.name}: nothing that a terminal obeys", obeyed(path), path.read_bytes()[:2000])
    ok(len(paths) > 50, f"{len(paths)} files were looked at", *paths)


def check_threads(run):
    for kind, name in THREADS.items():
        storm = run.file(f"storm-{kind}")
        ok(f" % {name} (pid " in storm, f"storm: {name}", storm)
        wrong = [line for line in storm.splitlines() if line and not STORM_ROW.match(line)]
        ok(not wrong and " 99 % z" not in re.sub(re.escape(name), "", storm), "storm: no row is the name's", *wrong)
        folded = run.file(f"folded-{kind}").splitlines()
        wrong = [line for line in folded if not re.fullmatch(r"[^;]+(;[^;]+)+ [1-9]\d*", line)]
        mine = [line for line in folded if line.startswith(name.replace(";", "_") + ";")]
        ok(mine and not wrong, "folded: one frame, in one line", *folded)
        trace = run.file(f"trace-{kind}")
        wrong = [line for line in trace.splitlines() if not TRACE_ROW.match(line)]
        ok(f"  {name}/" in trace and not wrong, f"trace: {name}, one line an event", trace, *wrong)
    for name in ("storm-json", "trace-json"):
        ok(any(f'"command":"{FILE}"' in line for line in run.file(name).splitlines()), f"{name}: {FILE}")
        ok(run.json_lines(name), f"{name}: JSON")
    events = json.loads(run.file("trace-chrome"))["traceEvents"]
    ok(any(event.get("args", {}).get("command") == FILE for event in events), f"trace-chrome: {FILE}", *events[:9])


def check_files(run):
    check = run.file("check")
    ok(f"# command: /tmp/files/{FILE}\nok 1 command\n" in check, "check: the command's name in its line", check)
    ok(all(re.match(r"KTAP version 1$|1\.\.\d|#|ok \d|not ok \d", line) for line in check.splitlines()),
       "check: all lines are KTAP's", check)
    xml.dom.minidom.parseString(run.file("junit"))
    ok(f"command: /tmp/files/{FILE}" in run.file("junit"), "JUnit: the same", run.file("junit"))
    for name, message in (("no-file", "cannot read /tmp/files/no x\xe9???y?z?: No such file or directory"),
                          ("no-recording", f"/tmp/files/{FILE}: line 1: this is not a recording; 'ipimux-trace record' "
                                           "makes recordings"),
                          ("exists", f"'/tmp/files/{FILE}' exists: choose another name, or overwrite it with --force")):
        ok(run.file(f"{name}.errors") == f"ipimux-trace: {message}\n", f"{name}: said in one line",
           run.file(f"{name}.errors"))
    ok(f'"/tmp/files/r {FILE}"' in run.file("page"), "report: the file's name")


def check_functions(run):
    function = "membarrier_?[2J"
    ok(f" {function}\n" in run.file("storm-functions"), "storm: a function without ThinLTO's number",
       run.file("storm-functions"))
    ok(f";{function} " in run.file("folded-functions") or f";{function};" in run.file("folded-functions"),
       "folded: the same", run.file("folded-functions"))
    ok("audit: balanced" in run.file("fentry") and "via fentry" in run.file("fentry"),
       "--via fentry finds variables that ThinLTO renamed", run.file("fentry"), run.file("fentry.errors"))
    ok("audit: balanced" in run.file("renamed") and "via kprobe" in run.file("renamed"),
       "--via kprobe finds variables that ThinLTO renamed", run.file("renamed"), run.file("renamed.errors"))
    ok(json.loads(run.file("doctor-renamed"))["checks"]["symbols"]["state"] == "ok", "and so does doctor",
       run.file("doctor-renamed"))


def check_vipis(run):
    for name in ("json", "recorded-json"):
        for line in run.json_lines(name):
            ok(all(list(cpu["vipis"]) == DOORBELLS for cpu in line["cpus"].values()),
               f"{name}: each vIPI has a name of its own", line)
    ok(json.loads(run.file("header"))["vipis"] == DOORBELLS, "a recording has them, too", run.file("header"))
    for name in ("table", "latency"):
        for vipi in DOORBELLS:
            ok(sum(line.startswith(f"{vipi[:14]} ") for line in run.file(name).splitlines()) >= 1,
               f"{name}: a row for {vipi}", run.file(name))
    ok("CPU" not in run.file("matrix.errors") and ", Doorbell.5.2\n" in run.file("matrix"),
       "matrix: of that one", run.file("matrix"), run.file("matrix.errors"))
    vipis = [(vipi["vipi"], vipi["name"]) for vipi in json.loads(run.file("doctor-json"))["vipis"]]
    ok(vipis == list(enumerate(DOORBELLS)), "doctor: the same", vipis)
    ok("no vIPI 'a?[1mb?99 % z;': this machine has " + ", ".join(DOORBELLS) in run.file("no-vipi.errors"),
       "a vIPI that is none is said in one line", run.file("no-vipi.errors"))
    tests = re.findall(r"^ok \d+ (max-rate\S*)", run.file("limits"), re.MULTILINE)
    ok(len(set(tests)) == len(tests) == 4, "check: a test for each", run.file("limits"), run.file("limits.errors"))


run = Run("names.sh", cpus=2, timeout=400)
if run.ok("a guest ran"):
    statuses = dict(map(str.split, run.file("statuses").splitlines()))
    wanted = dict.fromkeys(statuses, "0") | {"no-file": "3", "no-recording": "3", "exists": "3", "no-vipi": "2"}
    ok(statuses == wanted, "exit statuses", *(set(statuses.items()) - set(wanted.items())),
       *(run.file(f"{name}.errors") for name in statuses))
    check_bytes(run)
    check_threads(run)
    check_files(run)
    check_functions(run)
    check_vipis(run)
done()
