#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""Runs that begin while the enabled word has changed and its event has not come yet: nobody is accused, and the excuse,
if any, is one of an end that never came to rest."""
import sys

sys.path.append(f"{sys.path[0]}/..")
from guest import ALL, Run, done, left_out, ok, say, stimulus

KINDS = ("mask-early", "unmask-early")
RUNS = 100 if ALL else 5

run = Run("early.sh", str(RUNS), *KINDS, kernel="broken", append="isolcpus=domain,3", add=[stimulus("broken")],
          timeout=60 + 10 * RUNS)
if run.ok("a guest ran"):
    harmless = dict(line.split() for line in run.file("harmless").splitlines())
    for kind in KINDS:
        audits = [line["audit"] for line in run.json_lines(kind)]
        ok(len(audits) == RUNS, f"{kind}: {RUNS} runs have an audit", run.output)
        ok(int(harmless[kind]) >= 5 * RUNS, f"{kind}: it came to it", harmless)
        off = [audit for audit in audits if audit["verdict"] == "off"]
        ok(not off, f"{kind}: none is off", len(off), *off[:3])
        say(f"{kind}: {sum(audit['verdict'] == 'balanced' for audit in audits)} balanced, {harmless[kind]} events late")
left_out("100 runs")
done()
