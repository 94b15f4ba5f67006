#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""A clock that is not the kernel's, as a time namespace has: intervals and times are the machine's."""
import json
import sys

sys.path.append(f"{sys.path[0]}/..")
from guest import ALL, ROOT, Run, done, left_out, ok, say
from stock import need_image

TIMENS = f"{ROOT}/build/tests/guest/timens:/usr/bin/timens"
# In seconds. Below 0 a CLOCK_MONOTONIC cannot be; -2 is what a guest that has just booted can have.
OFFSETS = [0, -2, 864000]


def check_clock(kernel, trace, offsets):
    run = Run("odd.sh", "clock", "trace" if trace else "", *map(str, offsets), kernel=kernel,
              cpus=4 if trace else 1, add=[TIMENS])
    if not run.ok(f"{kernel}: the guest ran"):
        return
    for offset in offsets:
        for name in ("since", "back"):
            interval = run.json_lines(f"{name}{offset}.jsonl")[0]["interval"] if \
                run.file(f"{name}{offset}.jsonl") else None
            say(f"{kernel}: {name} {offset}: {interval}")
            # A second of sleep, and what starting takes in between.
            ok(interval and 1 <= interval < 20, f"{kernel}: {name}: {offset} s off, the time since the attach", interval)
        ok(run.file(f"read{offset}") == "0\n", f"{kernel}: {offset} s off: its recording can be read",
           run.file(f"read{offset}"))
        if not trace:
            continue
        before, *lines, status, after = run.file(f"trace{offset}.jsonl").splitlines()
        lines = [json.loads(line) for line in lines]
        times = [line["ns"] / 1e9 for line in lines if "ns" in line]
        say(f"{kernel}: {offset} s off: {before} {times} {after}")
        ok(status == "0" and len(times) >= 5, f"{kernel}: trace -n 5: {offset} s off: ends after five", status, lines)
        ok(all(float(before) - 0.02 <= time <= float(after) + 0.02 for time in times),
           f"{kernel}: trace -n 5: {offset} s off: times are the machine's", before, times, after)
        ok(run.file(f"text{offset}").endswith("\n0\n") and "  send  " in run.file(f"text{offset}"),
           f"{kernel}: trace: {offset} s off: shows events, and ends", run.file(f"text{offset}")[-300:])


check_clock("instrumented", True, OFFSETS)
need_image("debian")
check_clock("debian", False, OFFSETS if ALL else OFFSETS[-1:])
left_out("other offsets through fentry")
done()
