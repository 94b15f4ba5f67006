#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""The events in perf, trace-cmd, ftrace and bpftrace: counted, and in readable text.

perf and trace-cmd make the text themselves, from the format file, with a parser that
does not know all of C.
"""
import collections
import re
import sys

sys.path.append(f"{sys.path[0]}/..")
from guest import VIPIS, Run, done, ok, say

EVENT = re.compile(r"\b(ipi_mux_(?:send|mask|unmask|process)):\s+(.*?)\s*$")
CALL_FUNC = VIPIS.index("CALL_FUNC")
OUTCOMES = ["raised", "coalesced", "masked", "coalesced while masked"]


def send(match):
    cpu, vipi, pending, enabled = (int(group, 0) for group in match.groups())
    outcome = pending >> vipi & 1 | (~enabled >> vipi & 1) << 1
    return (f"cpu={cpu} vipi={vipi} (pending={pending:#x} enabled={enabled:#x})"
            f" {OUTCOMES[outcome]}"), OUTCOMES[outcome]


def unmask(match):
    vipi, pending = (int(group, 0) for group in match.groups())
    kick = pending >> vipi & 1
    return (f"vipi={vipi} (pending={pending:#x})" + (" kick" if kick else ""),
            "kick" if kick else f"unmask {vipi}")


def mask(match):
    vipi, pending = (int(group, 0) for group in match.groups())
    stays = pending >> vipi & 1
    return (f"vipi={vipi} (pending={pending:#x})" + (" stays pending" if stays else ""),
            "stays pending" if stays else f"mask {vipi}")


def process(match):
    pending, enabled = (int(group, 0) for group in match.groups())
    handled = [str(vipi) for vipi in range(32) if pending & enabled & 1 << vipi]
    return (f"handled={{{','.join(handled)}}} (pending={pending:#x} enabled={enabled:#x})"
            + ("" if handled else " empty"), f"handled {','.join(handled)}")


# The words of each event, from which its text must follow.
TEXTS = {
    "ipi_mux_send": (send, re.compile(
        r"cpu=(\d+) vipi=(\d+) \(pending=(0x\w+) enabled=(0x\w+)\)")),
    "ipi_mux_unmask": (unmask, re.compile(r"vipi=(\d+) \(pending=(0x\w+)\)")),
    "ipi_mux_mask": (mask, re.compile(r"vipi=(\d+) \(pending=(0x\w+)\)")),
    "ipi_mux_process": (process, re.compile(r".*\(pending=(0x\w+) enabled=(0x\w+)\)")),
}


def check_text(what, text, *kinds):
    """Every event's text is what its words say; returns how many there are of each kind."""
    wrong, counts = [], collections.Counter()
    for line in text.splitlines():
        event = EVENT.search(line)
        if not event:
            # comments of ftrace, the head of trace-cmd's report
            if line.strip() and line[0] != "#" and not line.startswith("cpus="):
                wrong.append(line)
            continue
        name, words = event.groups()
        expect, pattern = TEXTS[name]
        match = pattern.match(words)
        expected, kind = expect(match) if match else ("(the event's words)", None)
        if words != expected:
            wrong.append(f"{words}, not {expected}")
        counts[name] += 1
        counts[kind] += 1
    say(f"{what}: " + ", ".join(f"{kind} {count}" for kind, count in counts.most_common(20)))
    ok(not wrong, f"{what}: each text is what the event's words say",
       f"{len(wrong)} wrong", *wrong[:10])
    for kind in kinds:
        ok(counts[kind], f"{what}: there is '{kind}'", counts)
    return counts


def perf_stat(text):
    """{(CPU, event): count}"""
    counts = {}
    for line in text.splitlines():
        field = line.split(",")
        if len(field) > 3 and field[0].startswith("CPU"):
            counts[int(field[0][3:]), field[3].removeprefix("ipi_mux:")] = int(field[1])
    return counts


def bpftrace(text, name):
    """{(sender, target, vIPI): count}"""
    found = re.findall(rf"^@{name}\[(\d+), (\d+), (\d+)\]: (\d+)$", text, re.MULTILINE)
    return {tuple(map(int, key)): int(count) for *key, count in found}


def handled_on_cpu_2(run, name):
    """What the kernel itself counted as handled there, by vIPI."""
    before, after = (run.kernel_counts(f"{name}-{edge}") for edge in ("before", "after"))
    handled = [after[vipi][2] - before[vipi][2] for vipi in VIPIS]
    say(f"{name}: CPU 2 handled {handled}")
    return handled


run = Run("tracers.sh", tracers=True, timeout=300)
if run.ok("a guest ran"):
    for line in run.output.splitlines():
        say(line)
    listed = re.findall(r"ipi_mux:\w+", run.file("perf-list"))
    ok(sorted(listed) == [f"ipi_mux:{event}" for event in sorted(TEXTS)],
       "perf list has the four events", *listed)
    stat = perf_stat(run.file("perf-stat"))
    handled = handled_on_cpu_2(run, "perf-stat")
    ok(stat.get((2, "ipi_mux_process"), 0) >= handled[CALL_FUNC] > 0,
       "perf stat counts the processes of CPU 2", handled, run.file("perf-stat"))
    # The other senders are few.
    ok(stat.get((1, "ipi_mux_send"), 0) >= handled[CALL_FUNC] * 9 // 10,
       "perf stat counts the sends of CPU 1", handled, run.file("perf-stat"))
    # perf's counters of a CPU are off while it comes up: it sees no unmask.
    check_text("perf script", run.file("perf-script"), "raised", "coalesced", "handled 0")
    unmasks = [f"{what} {vipi}" for vipi in range(8) for what in ("mask", "unmask")]
    check_text("trace-cmd", run.file("trace-cmd"), "raised", "coalesced", "handled 0", *unmasks)
    check_text("ftrace", run.file("ftrace"), "raised", "coalesced", "handled 0", *unmasks)
    for name in ("perf-script", "trace-cmd"):
        ok(not run.file(f"{name}.errors"), f"{name} has nothing to complain about",
           run.file(f"{name}.errors"))
    handled = handled_on_cpu_2(run, "bpftrace")
    for name in ("event", "raw"):
        counts = bpftrace(run.file("bpftrace"), name)
        sent = sum(count for (_, target, vipi), count in counts.items()
                   if (target, vipi) == (2, CALL_FUNC))
        ok(sent >= handled[CALL_FUNC] > 0, f"bpftrace ({name}) counts the sends to CPU 2",
           handled, run.file("bpftrace"))

run = Run("inject.sh", kernel="debug", tracers=True)
if run.ok("a guest with made-up events ran"):
    kinds = [*OUTCOMES, "kick", "unmask 31", "stays pending", "mask 31", "handled ", "handled 31", "handled 1,4",
             "handled " + ",".join(map(str, range(32)))]
    kernel = check_text("ftrace, all kinds", run.file("ftrace"), *kinds)
    tool = check_text("trace-cmd, all kinds", run.file("trace-cmd"), *kinds)
    for event, count in (("send", 3 * 8), ("unmask", 3 * 3), ("mask", 3 * 3), ("process", 3 * 3 + 3)):
        # While trace-cmd records there are real ones, too.
        ok(kernel[f"ipi_mux_{event}"] == count <= tool[f"ipi_mux_{event}"],
           f"all {count} of ipi_mux_{event} are there", kernel, tool)
done()
