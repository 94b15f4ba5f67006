#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""A vIPI that nobody handles, while it happens: found in time, with who sent it."""
import re
import sys

sys.path.append(f"{sys.path[0]}/..")
from guest import Run, done, ok, say, stimulus

THRESHOLD = 1.0
SENDER, CPU, VIPI = 1, 3, "CPU_BACKTRACE"
# s; the shell of a guest on a busy host starts a program in that time
CLOCK = 0.1
# Of 500 sends the first sets the bit.
ABSORBED = 499


def check_reports(reports, start, end, what):
    mine = [line for line in reports if line["type"] == "stuck"]
    found = [line for line in mine if line["event"] == "found"]
    if not ok([line["event"] for line in mine] == ["found", "handled"],
              f"{what}: found once, handled once", *mine):
        return
    found, handled = mine
    say(f"{what}: {found}")
    for report in mine:
        ok((report["cpu"], report["vipi"], report["senders"]) == (CPU, VIPI, [SENDER]),
           f"{what}: {report['event']}: CPU, vIPI and sender", report)
    least, most = found["pending"]
    ok(THRESHOLD <= least <= most and found["time"] - found["by"] <= 2 * THRESHOLD,
       f"{what}: within two thresholds", found)
    # What uptime says is known as a time of day to CLOCK only.
    ok(found["after"] <= end + CLOCK and found["by"] >= start - CLOCK, f"{what}: since when",
       found, start, end)
    ok(found["coalesced"][0] <= found["coalesced"][1] <= handled["coalesced"][1] == ABSORBED,
       f"{what}: what it absorbed", found, handled)
    ok(handled["pending"][0] >= least and handled["time"] > found["time"],
       f"{what}: how late it was handled", handled)


run = Run("stuck.sh", kernel="broken", add=[stimulus("broken")], append="isolcpus=domain,3",
          timeout=300)
if run.ok("a guest with a wrong multiplexer ran"):
    for line in run.output.splitlines():
        say(line)
    say(f"sent to CPU {CPU}: " + str([row for row in run.json_lines("stuck.jsonl")[-1]["traffic"]
                                      if row[1] == CPU]))
    start, end = run.unix_time(run.file("from")), run.unix_time(run.file("to"))
    lines = run.json_lines("stuck.jsonl")
    check_reports(lines, start, end, "stuck")
    ok(lines[0]["type"] == "watching" and lines[-1]["type"] == "summary",
       "first that it watches, last the summary", *lines)
    ok(re.search(r": status 1$", run.output, re.MULTILINE), "exit status 1", run.output)
    table = run.file("table")
    words = [line for line in table.splitlines() if re.search("stuck: CPU 3 CPU_BACKTRACE (has|was) ", line)]
    say("\n# ".join(words))
    ok(len(words) == 2 and "not handled for" in words[0] and "was handled at last" in words[1],
       "and so it says in words", table)
    # Its interval may have others in it.
    ok(re.search(r"set between .* by (CPU|one of CPUs .*\b) ?1\b.*; .* coalesced on it since", table),
       "in words: since when, by whom", table)
    quiet = run.file("quiet")
    # Three intervals of 0.2 s, each as late as the guest is.
    length = re.search(r"summary of (\d+\.\d+) s: 0 vIPIs stuck", quiet)
    ok("quiet: status 0" in run.output and length and float(length[1]) >= 0.6 and
       "audit: balanced" in quiet, "nothing stuck: status 0", quiet)
done()
