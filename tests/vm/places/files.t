#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""What is written to files: what is there stays until something better can take its place, and links lead nowhere."""
import re
import sys

sys.path.append(f"{sys.path[0]}/..")
from guest import done, ok
from outputs import NO_SPACE, Outputs

FILES = ("record", "stat", "trace", "storm", "report", "check")


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
    ok(run.file("links.errors").count("is a symbolic link that another user may have made: "
                                      "name the file behind the link\n") == 20, "and said so", run.file("links.errors"))
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


run = Outputs("files.sh")
if run.ok("a guest ran"):
    statuses, said, check_error = run.statuses, run.said, run.check_error
    check_files()
    check_killed()
    check_small()
    check_links()
    check_as_is()
    run.check_end(3)
done()
