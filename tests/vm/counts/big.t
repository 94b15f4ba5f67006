#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""64 CPUs: a row for each, and the books still balance."""
import sys

sys.path.append(f"{sys.path[0]}/..")
from guest import Run, balances, done, ok

run = Run("big.sh", cpus=64, timeout=400)
if run.ok("a guest with 64 CPUs ran"):
    tables = run.file("table").split("\n\n")
    for table in tables[:3]:
        rows = [line.split()[0] for line in table.splitlines() if line[:1].isdigit() and line[2] != ":"]
        ok(rows == [str(cpu) for cpu in range(64)], "64 rows", *rows)
    summary = run.json_lines("trace.jsonl")[-1]
    ok(len(summary["online"]) == 64, "64 CPUs online", summary["online"])
    ok(summary["cpus"]["63"]["vipis"]["CALL_FUNC"]["handled"] >= 2000,
       "the last CPU handled what was sent to it", summary["cpus"]["63"])
    ok(balances(summary["audit"]), "the audit balances", summary["audit"])
done()
