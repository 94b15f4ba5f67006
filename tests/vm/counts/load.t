#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""Under load: sends coalesce, the outcomes add up, every window's audit balances."""
import sys

sys.path.append(f"{sys.path[0]}/..")
from guest import ALL, OUTCOMES, VIPIS, Run, balances, done, left_out, ok, say

CYCLES = 50 if ALL else 15


def total(summary, half):
    """sends of the whole machine by outcome, as the senders or as the targets had them"""
    return {outcome: sum(cpu[half][outcome] for cpu in summary["cpus"].values())
            for outcome in OUTCOMES}


def check_storm(lines, how):
    summary = lines[-1]
    sent, received = total(summary, "sent"), total(summary, "received")
    say(f"{how}: {sent}")
    ok(sent["coalesced"] >= 10, f"{how}: signals from three CPUs coalesce", sent)
    ok(sent == received, f"{how}: what was sent was received", sent, received)
    traffic = {outcome: sum(row[3 + i] for row in summary["traffic"])
               for i, outcome in enumerate(OUTCOMES)}
    ok(sent == traffic, f"{how}: the pairs add up to it", sent, traffic)
    intervals = {outcome: sum(total(line, "sent")[outcome] for line in lines[:-1])
                 for outcome in OUTCOMES}
    ok(sent == intervals, f"{how}: the intervals add up to the summary", sent, intervals)
    for cpu, margin in summary["cpus"].items():
        handled = sum(vipi["handled"] for vipi in margin["vipis"].values())
        batches = sum(int(size) * count for size, count in margin["batches"].items())
        processes = sum(margin["batches"].values())
        ok(margin["handled"] == handled == batches and margin["processes"] == processes,
           f"{how}: CPU {cpu}'s batches add up to what it handled", margin)
    check_audit([summary], how)


def check_audit(summaries, how):
    # Under load a bit may be pending at either edge: that is balanced, too.
    uneven = [line["audit"] for line in summaries if not balances(line["audit"])]
    ok(not uneven, f"{how}: the audit balances", *uneven)
    missed = [line["audit"] for line in summaries if line["audit"]["missed"]]
    ok(not missed, f"{how}: no event is missed", *missed)


def check_table(text):
    tables = [table.splitlines() for table in text.split("\n\n")]
    ok(all(len(line) <= 100 for line in text.splitlines()), "no line is wider than 100 columns")
    ok("\033" not in text, "no colour in a file")
    summary = next(table for table in tables if table[0].startswith("summary of"))
    rows = {line.split()[0]: line for line in summary[3:]}
    ok(set(rows) == {"0", "1", "2", "3", *VIPIS, "total"}, "rows: CPUs, vIPIs, total", *rows)

    def column(name, row):
        end = summary[2].index(" " + name + " ") + 1 + len(name) if name != "kick" else 99
        return int(rows[row][:end].split()[-1])

    for name in ("sent", "raised", "masked", "handled", "unmask", "kick"):
        by_cpu = sum(column(name, str(cpu)) for cpu in range(4))
        by_vipi = sum(column(name, vipi) for vipi in VIPIS)
        ok(by_cpu == by_vipi == column(name, "total"), f"column {name} adds up", *summary)


run = Run("load.sh", str(CYCLES), timeout=300)
if run.ok("a guest ran"):
    for line in run.output.splitlines():
        say(line)
    idle = run.json_lines("idle.jsonl")
    ok(len(idle) == 4 and [line["type"] for line in idle] == ["interval"] * 3 + ["summary"],
       "COUNT intervals, then the summary")
    check_audit(idle[-1:], "idle")
    check_storm(run.json_lines("storm.jsonl"), "by set")
    check_storm(run.json_lines("by-bit.jsonl"), "by bit")
    check_table(run.file("table"))
    cycles = run.json_lines("cycles.jsonl")
    ok(len(cycles) == CYCLES, f"{CYCLES} times attached and detached under load")
    check_audit(cycles, f"{CYCLES} cycles")
left_out("50 cycles")
done()
