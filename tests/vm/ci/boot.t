#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""`ipimux-trace check` in a plain QEMU boot, judged by its serial console: healthy, and wrong in each way."""
import re
import subprocess
import sys

sys.path.append(f"{sys.path[0]}/..")
import boot
from guest import HERE, ROOT, done, ok, say, stimulus

CELL = "CPU 3 CPU_BACKTRACE"

# Which test fails in each window, and what one of its diagnostics says.
WINDOWS = {
    "drop-raise": ("stuck", rf"{CELL} has been pending, enabled and not handled for .*"),
    "right": None,
    "no-kick": ("audit", rf"{CELL}: \d+ kicks after which nothing was handled: parent IPIs lost"),
    "not-handled": ("audit", rf"{CELL}: \d+ taken by a process, but the handler did not run"),
    "forget-bit": ("audit", rf"{CELL}: \d+ set but never handled: lost"),
    "twice": ("audit", rf"{CELL}: \d+ handler runs that no process took"),
    "not-cleared": ("audit", rf"{CELL}: \d+ handled but never sent"),
}


def ktap_in(lines, what):
    try:
        return boot.ktap_in(lines)
    except ValueError as error:
        ok(False, f"{what}: KTAP", error, *lines[-40:])
        return None


def check_healthy():
    lines, ended = boot.boot("patched", "boot-init")
    ktap = ktap_in(lines, "healthy")
    if not ktap:
        return
    ok(ended, "healthy: powered off", *lines[-10:])
    ok(list(ktap.tests) == ["command", "audit", "stuck", "min-sends", "max-rate", "max-latency.p99"]
       and not ktap.failed(), "healthy: all is well", *lines[-30:])
    ok("check: exit status 0" in lines, "healthy: status 0", *lines[-30:])


def check_window(name, lines, expected):
    """The last try of a window."""
    ktap = ktap_in(lines, name)
    if not ktap:
        return
    failed = ktap.failed()
    if expected:
        test, says = expected
        # What is lost last may be stuck besides, and a lost parent IPI is one for the audit, too.
        ok(failed.pop(test, "").startswith(f"{CELL}: ") and set(failed) <= {"stuck", "audit"} and
           re.search(rf"^# *{says}$", ktap.notes[test], re.MULTILINE),
           f"{name}: {test} fails, with CPU and vIPI", ktap.tests, *lines)
    else:
        ok(not failed, f"{name}: all is well", *lines)
    ok(f"window {name}: exit status {1 if expected else 0}" in lines,
       f"{name}: status {1 if expected else 0}", *lines)


def check_broken():
    lines, ended = boot.boot("broken", "boot-broken-init", add=[stimulus("broken")])
    ok(ended, "broken: powered off", *lines[-10:])
    for name, expected in WINDOWS.items():
        starts = [i for i, line in enumerate(lines) if line == f"window {name}"]
        end = f"window {name}: exit status"
        if not ok(starts, f"{name}: ran", *lines[-10:]):
            continue
        say(f"{name}: {len(starts)} tries")
        part = lines[starts[-1]:]
        length = next((i for i, line in enumerate(part) if line.startswith(end)), len(part))
        check_window(name, part[:length + 1], expected)


def check_docs():
    """docs/ci.md shows what ran here."""
    text = (ROOT / "docs/ci.md").read_text()
    init = (HERE / "boot-init").read_text().splitlines()
    shown = ["#!/bin/busybox sh"] + [line for line in init if not line.startswith("#")]
    ok("\n".join(f"    {line}" for line in shown) in text, "docs/ci.md: the init", *shown)
    ok(" \\\n".join(f"    {'    ' * (i > 0)}{line}" for i, line in enumerate(boot.QEMU)) in text,
       "docs/ci.md: the command line of QEMU", *boot.QEMU)
    sample = ["KTAP version 1", "1..3", "# ok 7 no result", "ok 1 audit", "not ok 2 max-rate.TIMER # CPU 3",
              "ok 3 max-empty # SKIP nothing was processed"]
    boot.Ktap(sample)
    script = re.search(r"sed -n '(.*)' check\.ktap", text)
    results = subprocess.run(["sed", "-n", script[1]], input="\n".join(sample), text=True,
                             capture_output=True).stdout if script else ""
    ok(results.splitlines() == ["audit pass", "max-rate.TIMER fail", "max-empty skip"],
       "docs/ci.md: what LAVA is told", results)


check_healthy()
check_broken()
check_docs()
done()
