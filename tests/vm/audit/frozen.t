#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""A host that has no time for the tool while a CPU goes, or goes and comes, at any moment of its run: what CPUs did
that nobody looked at accuses nobody."""
import sys

sys.path.append(f"{sys.path[0]}/..")
from guest import ALL, Run, done, left_out, ok, only_last_words, say

# From its start to its end.
MOMENTS = 100 if ALL else 8

run = Run("frozen.sh", str(MOMENTS), machine="imsic", timeout=60 + 40 * MOMENTS)
if run.ok("a guest ran"):
    for line in run.output.splitlines():
        say(line)
    audits = [line["audit"] for line in run.json_lines("audits")]
    ok(len(audits) >= 3 + 2 * MOMENTS, f"{len(audits)} runs have an audit", run.output)
    off = [audit for audit in audits if audit["verdict"] == "off"]
    ok(not off, "none is off", *off[:3])
    # In traffic a copy that was made before and after the stand-still is of no instant: that is said, and bounded.
    excused = [{**audit, "entries": [entry for entry in audit["entries"] if entry["finding"] != "not_decided"]}
               for audit in audits]
    wrong = [audit for audit in excused if not only_last_words(audit, 2)]
    ok(not wrong, "nothing is excused except last sends, and what is never quiet", *wrong[:3])
    went = sum(audit["hotplug"] for audit in audits)
    say(f"{went} know of a CPU that came or went")
    ok(went >= MOMENTS // 3, "it was in the middle of enough of them", went)
left_out("100 moments")
done()
