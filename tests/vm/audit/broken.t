#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""Multiplexers that are wrong (tests/broken): the audit is off, and says where."""
import re
import sys

sys.path.append(f"{sys.path[0]}/..")
from guest import Run, done, ok, say, stimulus

# What the audit finds, on CPU 3 with vIPI 6. Of the bits that are forgotten, two are.
EXPECTED = {
    "right": set(),
    "drop-raise": {"stuck"},
    "no-kick": {"kicks_lost"},
    "not-handled": {"not_run"},
    "forget-bit": {"lost"},
    "twice": {"run_again"},
    "not-cleared": {"never_sent"},
}

run = Run("broken.sh", kernel="broken", add=[stimulus("broken")], append="isolcpus=domain,3",
          timeout=900)
if run.ok("a guest with wrong multiplexers ran"):
    for line in run.output.splitlines():
        say(line)
    for name, findings in EXPECTED.items():
        (summary,) = run.json_lines(f"{name}.json")
        audit = summary["audit"]
        off = {(entry["cpu"], entry["vipi"], entry["finding"]) for entry in audit["entries"]
               if entry["verdict"] == "off"}
        # What is lost last may be stuck besides.
        ok(off - {(3, "CPU_BACKTRACE", "stuck")} <=
           {(3, "CPU_BACKTRACE", finding) for finding in findings} <= off,
           f"{name}: {', '.join(findings) or 'nothing'}", audit, run.output)
        ok(re.search(rf"^{name}: status {1 if findings else 0},", run.output, re.MULTILINE),
           f"{name}: exit status {1 if findings else 0}", run.output)
    for name, sends in ("apart", 10), ("apart-some", 20):
        waits = run.json_lines(f"{name}.jsonl")[-1]["cpus"]["3"]["vipis"]["CPU_BACKTRACE"]["waits"]
        raised = waits.get("raised", {"timed": 0, "most": 0})
        say(f"{name}: of {sends} sends behind two that got lost {raised['timed']} are timed, all below {raised['most']} ns")
        ok(raised["timed"] > 0 and raised["most"] < 0.15e9 and raised["timed"] + waits["untimed"] == sends,
           f"{name}: behind bits that got lost, no wait is one from a send before; and they are timed again", waits)
    table = run.file("table")
    words = [line for line in table.splitlines() if line.startswith("  CPU 3 CPU_BACKTRACE: ")]
    say("\n# ".join(words))
    ok("audit: OFF" in table and words, "and so it says in words", table)
    ok("\nlater: status 1" in run.output and run.file("later") == table, "and in a recording of it",
       run.output, run.file("later"))
done()
