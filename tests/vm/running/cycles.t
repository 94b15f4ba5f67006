#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""Killed at any moment nothing stays attached, and 200 runs leave nothing behind."""
import sys

sys.path.append(f"{sys.path[0]}/..")
from guest import ROOT, Run, done, ok, say

KILLS, COUNTING, ROUNDS, RUNS_A_ROUND = 20, 3, 50, 4
# kB for all of the runs. The least that a run could leave of what it makes are pages of 4 kB, or an object
# of the kernel's for each of its files; of the smallest of these, 64 bytes, 200 are 13 kB.
MOST = {"Slab": 100, "VmallocUsed": 100, "Percpu": 16}


def numbers(words):
    return [int(word) for word in words]


def check_kills(lines):
    kills = [numbers(line[1:]) for line in lines if line[0] == "killed"]
    say("programs, maps, links, BTF at the kills: " + "; ".join(f"{ms} ms {counts}"
                                                                for ms, *counts in kills))
    none = first["none"]
    # That some have loaded nothing yet is not asked for: these have nothing to leave, and a guest that gets no
    # time for 20 ms after it has started the first has none.
    loading = [counts for _, *counts in kills if counts != none and counts[2] == none[2]]
    attached = [counts for _, *counts in kills if counts[2] > none[2]]
    ok(len(kills) == KILLS + COUNTING and loading and len(attached) >= COUNTING,
       f"{len(kills)} killed, while loading and attached", len(loading), len(attached))
    ok(first["after-kills"] == none, "they leave no program, map, link or BTF", first["after-kills"], none)
    ok(first["enabled"] == [0, 0, 0, 0], "nor a tracepoint of tracefs", first["enabled"])


def check_rounds(lines):
    failed = [line for line in lines if line[0] == "failed:"]
    ok(not failed, f"{ROUNDS * RUNS_A_ROUND} runs, all with status 0", *failed)
    one = first["one"]
    ok(one[2] > first["none"][2], "another one is attached meanwhile", one)
    ok(first["warm"] == one and first["after-rounds"] == one, "they leave no program, map, link or BTF",
       first["warm"], first["after-rounds"], one)
    before, after = ({name: min(int(line[line.index(name) + 1]) for line in lines
                                if line[:2] == ["memory", when]) for name in MOST}
                     for when in ("before", "after"))
    grown = {name: after[name] - before[name] for name in MOST}
    start, end = map(float, words["rounds"])
    say(f"{ROUNDS * RUNS_A_ROUND} runs in {end - start:.1f} s; kB more than before: {grown}")
    ok(all(grown[name] <= MOST[name] for name in MOST), "nor memory", before, after)


run = Run("cycles.sh", str(KILLS), str(ROUNDS), cpus=2, timeout=300,
          add=[f"{ROOT}/build/tests/guest/bpf-objects:/usr/bin/bpf-objects"])
if run.ok("a guest ran"):
    said = [line.split() for line in run.output.splitlines() if line]
    words = {line[0]: line[1:] for line in said}
    first = {name: numbers(words[name]) for name in
             ("none", "after-kills", "enabled", "one", "warm", "after-rounds", "after-all")}
    check_kills(said)
    check_rounds(said)
    ok(["beside:", "status", "0"] in said and "audit: balanced" in run.file("beside"),
       "the one that stayed has balanced books", run.file("beside"))
    ok(first["after-all"] == first["none"], "nothing is left when that has ended", first)
done()
