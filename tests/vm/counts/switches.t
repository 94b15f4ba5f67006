#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""Masks, and the multiplexer's own words, are what was done on purpose: with each way in, and each layout of the words."""
import sys

sys.path.append(f"{sys.path[0]}/..")
from guest import ROOT, VIPIS, Run, done, need_kernel, ok, say, stimulus

ALL = (1 << len(VIPIS)) - 1


class Truth:
    """What the commands of switches.sh make of the words and the counts."""

    def __init__(self, nr_cpus):
        self.pending, self.enabled = [0] * nr_cpus, [ALL] * nr_cpus
        self.masks = {}  # (CPU, vIPI): [plain, pending]

    def mask(self, vipi, cpu):
        self.enabled[cpu] &= ~(1 << vipi)
        self.masks.setdefault((cpu, vipi), [0, 0])[self.pending[cpu] >> vipi & 1] += 1

    def take(self, command):
        """One command, of which each leaves handled what is enabled."""
        name, *words = command.split()
        if name == "hold":
            vipi, cpu, rounds, how = int(words[0]), int(words[1]), int(words[4]), words[5]
            counts = self.masks.setdefault((cpu, vipi), [0, 0])
            counts[how == "late"] += rounds
        elif name != "send":
            first, *last = words[0].split("-")
            for vipi in range(int(first), int((last or [first])[0]) + 1):
                cpu = int(words[1])
                if name == "mask":
                    self.mask(vipi, cpu)
                elif name == "unmask":
                    self.enabled[cpu] |= 1 << vipi
                    self.pending[cpu] &= ~(1 << vipi)
                elif not self.enabled[cpu] >> vipi & 1:
                    self.pending[cpu] |= 1 << vipi


# vIPIs that nobody else sends, so that their bits are nobody else's.
ADOPTED = 0b11001100


def check_way(run, how, way, nr_cpus=4):
    lines = run.json_lines(f"{way}.jsonl")
    truth, wrong = Truth(nr_cpus), []
    # Pinned counters count on, from the window before.
    for line in lines:
        truth.take(line["command"])
        where = f"after {line['command']}"
        words = [[pending & ADOPTED, enabled] for pending, enabled in line["words"]]
        want = [[pending, enabled] for pending, enabled in zip(truth.pending, truth.enabled)]
        if not line["known"]:
            wrong.append(f"{where}: not known")
        elif words != want:
            wrong.append(f"{where}: words {words}, not {want}")
        if [n & (ADOPTED if i % 2 == 0 else ALL) for i, n in enumerate(line["single"])] != want[0] + want[-1]:
            wrong.append(f"{where}: one by one {line['single']}, not {want[0] + want[-1]}")
        masks = {(cpu, vipi): [plain, pending] for cpu, vipi, plain, pending, _ in line["masked"]
                 if ADOPTED >> vipi & 1}
        if masks != truth.masks:
            wrong.append(f"{where}: masks {masks}, not {truth.masks}")
        wrong += [f"{where}: CPU {cpu} vIPI {vipi}: {handled} handled while masked"
                  for cpu, vipi, _, _, handled in line["masked"] if handled]
    ok(len(lines) == 12 and not wrong, f"{how}, {way}: {len(lines)} commands, masks and words as done", *wrong)


def uncompared_raises(run, name):
    """By CPU, what the audit of a recording says it cannot compare: no more than events that the kernel skipped."""
    audit = run.json_lines(f"{name}.json")[-1]["audit"]
    numbers = {entry["cpu"]: entry["number"] for entry in audit["entries"]
               if (entry["finding"], entry["reason"]) == ("uncompared_raises", "missed")}
    return numbers if sum(numbers.values()) <= audit["missed"] else {}


def check_verify(run, how, way):
    """Below and above the multiplexer it is what the multiplexer did, exactly, from edge to edge.

    Except for events that the kernel skipped: a call of the SBI in an interrupt that came in the program of another one.
    """
    # A closing look is behind the end of the run, at which the kernel's counts were read.
    lines = [line for line in run.json_lines(f"verify-{way}") if "closing" not in line]
    uncompared = uncompared_raises(run, f"verify-{way}")
    first, last = ({table: {tuple(row[:-1]): row[-1] for line in lines[1:end] for row in line.get(table, [])}
                    for table in ("traffic", "processed", "unmasked", "parents", "started")}
                   for end in (2, len(lines) - 1))
    diff = {table: {key: count - first[table].get(key, 0) for key, count in counts.items()}
            for table, counts in last.items()}
    by_set = lines[0]["processes"] == "by set"
    wrong = []
    kernel = [{(row[0], row[1]): row[2:] for row in line["kernel"]} for line in (lines[1], lines[-1])]
    for cpu in range(4):
        raised = sum(count for (sender, _, _, outcome), count in diff["traffic"].items()
                     if sender == cpu and outcome == 0)
        kicks = sum(count for (target, _, kick), count in diff["unmasked"].items() if target == cpu and kick)
        parents = diff["parents"].get((cpu,), 0)
        say(f"{how}, {way}: CPU {cpu}: {raised} raised + {kicks} kicks, {parents} parent IPIs")
        if abs(raised + kicks - parents) != uncompared.get(cpu, 0):
            wrong.append(f"CPU {cpu}: {raised} raised + {kicks} kicks, {parents} parent IPIs")
        for vipi, name in enumerate(VIPIS):
            if by_set:
                handled = sum(count for (target, handled), count in diff["processed"].items()
                              if target == cpu and handled >> vipi & 1)
            else:
                handled = diff["processed"].get((cpu, vipi), 0)
            started = diff["started"].get((cpu, vipi), 0)
            before, after = (edge.get((cpu, vipi), [0, 0]) for edge in kernel)
            if handled != started or not after[0] - before[1] <= started <= after[1] - before[0]:
                wrong.append(f"CPU {cpu} {name}: {handled} handled, {started} started, kernel {before} {after}")
    # What is sent one by one; how many of a storm are coalesced, nobody knows.
    ok(not wrong and sum(diff["started"].values()) >= 2900,
       f"{how}, {way}: parent IPIs are raised and kicks, handled is started", *wrong,
       run.file(f"verify-{way}.errors"))


def check(kernel, *ways, machine="sbi"):
    how = f"{kernel}, {machine}"
    need_kernel(kernel)
    run = Run("switches.sh", *ways, kernel=kernel, machine=machine, timeout=300,
              add=[stimulus(kernel), f"{ROOT}/build/tests/guest/switches:/usr/bin/switches"])
    if not run.ok(f"{how}: a guest ran"):
        say(run.output)
        return
    for way in ways:
        check_way(run, how, way)
        if way in ("tracepoint", "fentry"):
            check_verify(run, how, way)
    hidden = run.json_lines("hidden.jsonl")
    ok(len(hidden) == 2 and not any(line["known"] for line in hidden) and all(line["masked"] for line in hidden),
       f"{how}: where the kernel hides its addresses, words are not known, and masks are", hidden)


GUESTS = {
    "patched": ("sbi", ["tracepoint", "tracepoint,by-bit", "fentry", "pinned"]),
    # The parent IPI is a function of its driver.
    "patched imsic": ("imsic", ["tracepoint", "fentry"]),
    # Linux's own layout of the words; and no types at all.
    "instrumented": ("sbi", ["tracepoint"]),
    "nobtf": ("sbi", ["tracepoint"]),
}

for name in sys.argv[1:] or GUESTS:
    check(name.split()[0], *GUESTS[name][1], machine=GUESTS[name][0])
done()
