#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""What the tool itself takes is what docs/overhead.md says, and the first table is on screen within a second; and how
long a run takes, each way in.

In guests whose clock counts instructions, a billion a second, so that it does not matter what else the host has to do.
"""
import sys

sys.path += [f"{sys.path[0]}/..", f"{sys.path[0]}/../../../bench"]
from documented import is_near, row_of
from guest import done, ok, say
from overhead import Failed
from taking import GUESTS, INTERVAL, measure, measure_whole

for name in ("icount, 1 CPU", "icount, 8 CPUs, 1 online"):
    arguments, seconds = GUESTS[name]
    try:
        result = measure(arguments, seconds)
    except Failed as failed:
        ok(False, f"{name}: measured", failed)
        continue
    say(f"{name}: {result}")
    ok(all(taken < 1 for taken in result["start"]), f"{name}: the first table is there within a second, {INTERVAL} s besides")
    starts, *memory = row_of(name)[:3]
    intervals = dict(zip(("table", "json"), row_of(name)[3:]))
    # To 10 ms, as /proc/uptime has it.
    for taken, documented in zip(result["start"], map(float, starts.split())):
        ok(is_near(taken, documented, 0.02), f"{name}: first table after {taken} s, documented are {documented}")
    for (view, used), documented in zip(result["memory"].items(), memory):
        ok(is_near(used, float(documented), 0), f"{name}: {view} takes {used} KiB, documented are {documented}")
    for view, documented in intervals.items():
        for got, want in zip(result["interval"][view], map(float, documented.split())):
            ok(is_near(got, want, 0), f"{name}: {view} takes {got} ms an interval, documented are {want}")
try:
    whole = measure_whole()
except Failed as failed:
    ok(False, "runs from start to end: measured", failed)
    whole = {}
for via, runs in whole.items():
    for taken, documented in zip(runs, map(float, row_of(f"`--via {via}`")[0].split())):
        ok(is_near(taken, documented, 0.02), f"--via {via}: {taken} s from start to end, documented are {documented}")
done()
