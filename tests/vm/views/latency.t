#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""How long vIPIs wait, against the clock of the module that makes them wait.

A wait of a known length is shown within 12.5 %. With three CPUs that hammer a fourth, no wait is
shown that cannot have been: together they are no longer than what can have waited meanwhile, and each
fits between handlings. The sum of all waits is one that their buckets allow, on each CPU. With --latency=N just one
wait in N is timed, and those are as right.
"""
import sys

sys.path.append(f"{sys.path[0]}/..")
from guest import VIPIS, Run, done, ok, say, stimulus

# Of each of three senders: a million together, on one of the machines.
HAMMERED = {"sbi": 350000, "imsic": 50000}
# --latency=N, by the name of a window.
ONE_IN = {"some": 4, "some-by-bit": 4, "hammered-some": 16}


def waits_of(run, name, cpu, vipi):
    return run.json_lines(f"{name}.jsonl")[-1]["cpus"][str(cpu)]["vipis"][VIPIS[vipi]]


def buckets_of(waits, kind):
    return {int(start): count for start, count in waits.get(kind, {"buckets": {}})["buckets"].items()}


def check_sums(run, how, name):
    """Of each CPU, vIPI and kind: no wait is shorter than its bucket starts, and none as long as the next one starts."""
    cells = [(cpu, vipi, kind, waits[kind]) for cpu, of_cpu in run.json_lines(f"{name}.jsonl")[-1]["cpus"].items()
             for vipi, margin in of_cpu["vipis"].items() for kind, waits in [(kind, margin["waits"])
             for kind in ("raised", "masked") if kind in margin["waits"]]]
    wrong = []
    for cpu, vipi, kind, latency in cells:
        buckets = buckets_of({kind: latency}, kind)
        low = sum(start * count for start, count in buckets.items())
        high = sum((start + max(32, 1 << max(start.bit_length() - 4, 0)) - 1) * count for start, count in buckets.items())
        if not low <= latency["sum_ns"] <= high:
            wrong.append((cpu, vipi, kind, low, latency["sum_ns"], high))
    ok(cells and not wrong, f"{how}: each of {len(cells)} sums of waits is one that their buckets allow", wrong)


def check_wait(run, machine, name, command, result):
    """All waits are of this kind, and what the module says."""
    least, most = map(int, result.split())
    _, vipi, cpu, _, _, rounds, state = command.split()
    timed = int(rounds) // ONE_IN.get(name, 1)
    kind, how = {"enabled": "raised", "masked": "masked"}[state], f"{machine}, {name}, {state}"
    margin = waits_of(run, name, cpu, int(vipi))
    waits = margin["waits"]
    buckets = buckets_of(waits, kind)
    # The middle of a bucket: eight to a power of two.
    middles = [start + (1 << start.bit_length() - 4) / 2 for start in buckets]
    ok(margin["handled"] == int(rounds) and sum(buckets.values()) == timed > 0 and
       waits["untimed"] == int(rounds) - timed and
       all(0.875 * least <= middle <= 1.125 * most for middle in middles),
       f"{how}: {timed} of {rounds} waits of {least} to {most} ns are shown within 12.5 %",
       middles, waits)
    # Exact: no half of a bucket is between the sum and what the module saw.
    mean = waits[kind]["sum_ns"] / waits[kind]["timed"]
    ok(least - 1 <= mean <= most, f"{how}: and their exact mean, {mean:.1f} ns", least, most, waits)
    p99 = waits[kind]["p99"]
    ok(0.875 * least <= p99 <= 1.125 * most, f"{how}: p99 is one of them: {p99} ns", waits)


def check_hammered(run, machine, name, line, count):
    how, one_in = f"{machine}, {name}", ONE_IN.get(name, 1)
    took, *gaps = map(int, line.split())
    margin = waits_of(run, name, 2, 3)
    waits = margin["waits"]
    buckets = buckets_of(waits, "raised")
    timed, handled = sum(buckets.values()), margin["handled"]
    sent = sum(margin["received"].values())
    say(f"{how}: {sent} sends in {took / 1e9:.1f} s, {handled} handled, {timed} timed, "
        f"{waits['untimed']} not, p50 {waits['raised']['p50']} ns, p99 {waits['raised']['p99']} ns")
    ok(sent == 3 * count, f"{how}: {3 * count} sends")
    ok(timed + waits["untimed"] == handled and "masked" not in waits,
       f"{how}: timed and not timed are what was handled", waits)
    ok(handled // one_in >= timed > handled / one_in / 2, f"{how}: most of one in {one_in} were timed", timed, handled)
    ok(run.json_lines(f"{name}.jsonl")[-1].get("timed_one_in", 1) == one_in, f"{how}: and it says so",
       run.json_lines(f"{name}.jsonl")[-1].keys())
    together = sum(start * number for start, number in buckets.items())
    # A moment is in two waits at most: when a process has cleared the bit the next send can come, and it is only then
    # that it looks at the clock. With a host that takes the CPU's time in between, waits were 1.1 of the time.
    say(f"{how}: waits of {together / took:.2f} of the time")
    ok(together <= 2 * took, f"{how}: all waits together, {together} ns, fit twice into {took} ns")
    # From process to process, where a wait is in, it is no longer than from the handler before the last to the last:
    # a host may take the CPU's time between the two. So one of two gaps is half as long, and a gap is of two waits.
    wrong = [(1 << n, longer, fitting) for n in range(6, 47)
             if (longer := sum(number for start, number in buckets.items() if start >= 2 << n)) >
             (fitting := 2 * sum(gaps[n:]))]
    ok(not wrong, f"{how}: each of {timed} waits fits between handlings", wrong, gaps, buckets)


for machine, count in HAMMERED.items():
    run = Run("latency.sh", str(count), add=[stimulus()], machine=machine, timeout=300)
    if not run.ok(f"{machine}: a guest ran"):
        continue
    for line in run.output.splitlines():
        name, command, result = line.split("|")
        if name.startswith("hammered"):
            check_hammered(run, machine, name, result, int(command.split()[-1]))
        else:
            check_wait(run, machine, name, command, result)
        check_sums(run, f"{machine}, {name}", name)
done()
