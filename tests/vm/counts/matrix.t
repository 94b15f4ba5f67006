#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""The matrix under load: it adds up, interval by interval, and lies within what stat saw."""
import copy
import sys

sys.path.append(f"{sys.path[0]}/..")
from guest import VIPIS, Run, balances, done, ok
from matrix import OUTCOMES, add, differences, inner_differences, stat_pairs, sums_of


def check_adds_up(lines, what):
    wrong = [word for line in lines for word in inner_differences(line)]
    ok(lines and not wrong, f"{what}: pairs, senders, targets and total add up", *wrong)
    intervals = {}
    for line in lines[:-1]:
        for sender, target, *sends in line["pairs"]:
            add(intervals, (sender, target), sends)
    summary = {(sender, target): sends for sender, target, *sends in lines[-1]["pairs"]}
    # Which CPUs are the others may change from one interval to the next.
    if any("others" in line["senders"] for line in lines):
        intervals = {"all": sums_of([[0, 0, *sends] for sends in intervals.values()])[2]}
        summary = {"all": lines[-1]["total"]}
    ok(intervals == summary, f"{what}: the intervals add up to the summary", intervals, summary)
    ok(balances(lines[-1]["audit"]), f"{what}: the audit balances",
       lines[-1]["audit"])


def check_within(stat, matrix):
    """stat's run is longer at both ends"""
    theirs = stat_pairs(stat)
    wrong = [f"{pair}: {ours}, stat: {theirs.get(pair)}"
             for pair, ours in ((tuple(row[:2]), row[2:]) for row in matrix["pairs"])
             if any(a > b for a, b in zip(ours, theirs.get(pair, [0] * len(OUTCOMES))))]
    ok(not wrong, "no pair has more sends than stat saw meanwhile", *wrong)


def check_comparison(stat):
    """The comparison itself: a matrix made of stat's own pairs is the same, another is not."""
    for vipi in (None, "CALL_FUNC"):
        pairs = [[*pair, *sends] for pair, sends in stat_pairs(stat, vipi).items()]
        senders, targets, total = sums_of(pairs)
        matrix = {"vipi": vipi, "pairs": pairs, "senders": senders, "targets": targets,
                  "total": total}
        ok(not differences(stat, matrix), f"comparing finds nothing in stat's own pairs ({vipi})",
           *differences(stat, matrix))
        for where in ("pairs", "senders", "total"):
            other = copy.deepcopy(matrix)
            row = {"pairs": other["pairs"][0], "total": other["total"],
                   "senders": next(iter(other["senders"].values()))}[where]
            row[-1] += 1
            ok(differences(stat, other), f"comparing finds one send more in {where} ({vipi})")


def check_filtered(lines):
    for line in lines:
        ok(line["vipi"] == "CALL_FUNC" and all(3 in row[:2] for row in line["pairs"]),
           "only CALL_FUNC, and pairs with CPU 3", line)


def check_folded(lines):
    for line in lines:
        ok(len(line["senders"]) == len(line["targets"]) == 3 and "others" in line["senders"] and
           "others" in line["targets"], "two CPUs and the others", line)
        others = sum(line["targets"].pop("others"))
        ok(sum(line["targets"]["0"]) == max(map(sum, line["targets"].values())) and
           others <= sum(line["total"]), "the CPU that gets the signals is among the two", line)


def check_table(text):
    tables = [table.splitlines() for table in text.split("\n\n")]
    ok(all(len(line) <= 100 for line in text.splitlines()), "no line is wider than 100 columns")
    ok("\033" not in text, "no colour in a file")
    rows = {line.split()[0]: line.split()[1:] for line in tables[1][1:] if "coal%" not in line}
    ok(rows.pop("sender") == ["0", "1", "2", "3", "total"] and
       list(rows) == ["0", "1", "2", "3", "total"], "rows and columns", text)
    counts = {name: [0 if cell == "." else int(cell) for cell in cells]
              for name, cells in rows.items()}
    total = counts.pop("total")
    ok([sum(column) for column in zip(*counts.values())] == total, "columns add up", text)
    ok(all(sum(cells[:-1]) == cells[-1] for cells in [*counts.values(), total]), "rows add up", text)
    ok("audit: balanced" in text, "the audit balances", text)


run = Run("matrix.sh")
if run.ok("a guest ran"):
    matrix = run.json_lines("matrix.jsonl")
    stat = run.json_lines("stat.jsonl")[-1]
    check_adds_up(matrix, "all")
    ok(sum(matrix[-1]["total"][OUTCOMES.index(name)] for name in OUTCOMES if "coal" in name) > 0,
       "signals coalesce", matrix[-1]["total"])
    barriers = sum(sum(row[2:]) for row in matrix[-1]["pairs"] if row[:2] == [2, 3])
    ok(barriers >= 100, "the memory barriers from CPU 2 to CPU 3 are in their cell", barriers)
    check_within(stat, matrix[-1])
    check_comparison(stat)
    check_adds_up(run.json_lines("filtered.jsonl"), "filtered")
    check_filtered(run.json_lines("filtered.jsonl"))
    check_adds_up(run.json_lines("folded.jsonl"), "folded")
    check_folded(run.json_lines("folded.jsonl"))
    check_table(run.file("table"))
    ok(run.file("unknown").splitlines() == [
        "ipimux-trace: no vIPI 'nonsense': this machine has " + ", ".join(VIPIS), "2"],
       "an unknown vIPI: which there are", run.file("unknown"))
    ok("--top '0' is not a number from 1" in run.file("top-0") and run.file("top-0").endswith("2\n"),
       "--top 0: wrong usage", run.file("top-0"))
done()
