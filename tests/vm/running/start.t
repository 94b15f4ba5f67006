#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""The first table is on screen within a second.

In a guest whose clock counts instructions, a billion a second, so that it does
not matter what else the host has to do.
"""
import sys

sys.path.append(f"{sys.path[0]}/..")
from guest import Run, done, ok, say

INTERVAL = 0.1

run = Run("start.sh", icount=True)
if run.ok("a guest ran"):
    starts = [line.split() for line in run.output.splitlines()]
    for _, before, after in starts:
        taken = float(after) - float(before)
        say(f"first table after {taken:.2f} s, {INTERVAL} s of which is the interval")
        ok(taken < 1 + INTERVAL, "the first table is there within a second")
    ok(len(starts) == 3, "three times")
done()
