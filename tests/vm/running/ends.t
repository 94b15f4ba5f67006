#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""Ctrl-C, a closed pipe, a full disk, help: a run ends as its user expects."""
import re
import sys

sys.path.append(f"{sys.path[0]}/..")
from guest import BALANCED, Run, done, ok

run = Run("ends.sh")
if run.ok("a guest ran"):
    said = dict(line.split(" ", 1) for line in run.output.splitlines())
    for signal in ("INT", "TERM", "HUP"):
        text = run.file(signal)
        ok(said[signal] == "0" and "\nsummary of " in text and re.search(f"^audit: {BALANCED}$", text, re.MULTILINE),
           f"SIG{signal}: summary, status 0", said[signal], text)
        ok(run.file(signal + ".errors") == "", f"SIG{signal}: no error")
    ok(said["pipe"] == "0" and run.file("pipe.errors") == "",
       "a closed pipe ends it quietly", said["pipe"], run.file("pipe.errors"))
    ok(len(run.file("pipe").splitlines()) == 2, "its reader got what it wanted")
    ok(int(said["first"]) > 50, "a pipe gets an interval when it is over")
    ok(said["full"] == "3" and "cannot write to standard output: No space left on device" in run.file("full.errors"),
       "a full disk is an error", said["full"], run.file("full.errors"))
    ok(said["ipimux-trace"][0].isdigit(), "--version")
    ok(said["help"] == "0", "help, stat --help, help stat, -h: status 0")
    ok("stat" in run.file("help") and run.file("h") == run.file("help"), "help lists the commands")
    ok("--vipi" in run.file("stat-help") and run.file("stat-help") == run.file("help-stat"),
       "help of a command lists its options")
    rows = [line.split()[0] for line in run.file("some").split("\n\n")[0].splitlines()[2:]]
    ok(rows == ["1", "3", "total"], "-c limits the rows", *rows)
done()
