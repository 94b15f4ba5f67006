#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""What counting costs stays within the goals, and is what docs/overhead.md says: in guest instructions, so the host
does not matter.

What other tracers cost is for `make bench`.
"""
import sys

sys.path += [f"{sys.path[0]}/..", f"{sys.path[0]}/../../../bench"]
from documented import ROWS, is_near, row_of
from guest import done, ok, say
from overhead import Failed, measure

# Over the empty programs: what counting may cost of what being there costs.
COUNTERS = 1.3
# And counting and timing, of what reading the clock costs.
LATENCY = 1.3
# With one wait in 16 timed, a raised send that is handled, over the tracepoints off.
SAMPLED = 390
# Of one event while nobody traces, over a kernel without the tracepoints.
OFF = 2
EVENTS = {"raised": 2, "coalesced": 1}

try:
    results = measure(["stock", "off", "empty", "clock", "ipimux-trace", "latency", "latency-16", "storm",
                       "fentry-latency"],
                      repeat=1)
    ok(True, "each tracer counted what was sent, no more and no less")
except Failed as failed:
    ok(False, "each tracer counted what was sent, no more and no less", failed)
    results = {}

for path, tracers in results.items():
    say(f"{path}: " + ", ".join(f"{name} {figure['absolute']:.1f}" for name, figure in tracers.items()))
for path, events in EVENTS.items() if results else ():
    off = -results[path]["stock"]["instructions"]
    ok(off <= OFF * events + 0.5,
       f"{path}: tracepoints off cost {off:+.1f} instructions, at most {OFF} for each of {events} events")
    floor = results[path]["empty"]["instructions"]
    ok(floor > 20 * events, f"{path}: the floor is one: {floor:+.1f}")
    over = results[path]["ipimux-trace"]["over_floor"]
    ok(over <= COUNTERS, f"{path}: counters cost {over:.3f} of the floor, at most {COUNTERS}")
    over = results[path]["latency"]["instructions"] / results[path]["clock"]["instructions"]
    ok(over <= LATENCY, f"{path}: with latency, {over:.3f} of programs that read the clock, at most {LATENCY}")
    more = results[path]["storm"]["instructions"] - results[path]["ipimux-trace"]["instructions"]
    ok(abs(more) < 0.5, f"{path}: storm in quiet time costs what stat costs ({more:+.2f})")
if results:
    sampled = results["raised"]["latency-16"]["instructions"]
    ok(sampled <= SAMPLED, f"raised: with one wait in 16 timed {sampled:+.1f}, at most {SAMPLED}")
for tracer, label in ROWS.items() if results else ():
    row = row_of(label)
    for path, figure in zip(("raised", "coalesced", "masked", "kick"), row[::2]):
        got = results[path][tracer]["instructions"]
        ok(is_near(got, float(figure), 2), f"{path}: {label}: {got:+.1f}, in docs/overhead.md {figure}")
done()
