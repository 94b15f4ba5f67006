# SPDX-License-Identifier: GPL-2.0-only
"""Command lines that fail, in a guest: with which exit status, and what they say."""
from guest import Run, ok

USAGE, CANNOT, SKIPPED = 2, 3, 4


def check(kernel, cases):
    run = Run("errors.sh", *cases, kernel=kernel, cpus=1)
    if not run.ok(f"a guest with kernel {kernel} ran"):
        return
    for (command, (status, message)), line in zip(cases.items(), run.output.splitlines()):
        got_status, got_message, lines, output = line.split("|")
        ok(int(got_status) == status and message in got_message and int(lines) <= 3 and output == "0",
           f"{kernel}: {command}: status {status}, '{message}'", line)
    ok(len(run.output.splitlines()) == len(cases), f"{kernel}: all {len(cases)} ran", run.output)


def tries(run):
    """{name: (status, last line of what it said, lines)}, of what try of odd.sh left in /out/tries."""
    found = {}
    for line in run.file("tries").splitlines():
        name, status, message, lines = line.split("|")
        found[name] = int(status), message, int(lines)
    return found
