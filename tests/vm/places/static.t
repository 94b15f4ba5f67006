#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""The one file of `make static`: in an initramfs of just itself and an init, all of it works."""
import json
import subprocess
import sys

sys.path.append(f"{sys.path[0]}/..")
from guest import ROOT, balances, done, ok, say
from plainboot import Boot

BINARY = ROOT / "build/static/ipimux-trace"
FILES = {"/init": ROOT / "build/tests/guest/alone", "/ipimux-trace": BINARY}
# Bytes; what issue trackers, initramfs and firmware partitions take without thinking.
MOST = 3_000_000

# Each with a word that its output has.
RUNS = {
    "--version": "ipimux-trace ",
    "help stat": "INTERVAL",
    "-j 0.3 2": "summary",
    "--vipi --latency 0.2 1": "audit: balanced",
    "matrix 0.2 1": "audit: balanced",
    "latency 0.2 1": "audit: balanced",
    "storm 0.2 1": "audit: balanced",
    "stuck 0.2 1": "audit: balanced",
    "trace 0.2": "",
    "record /run.zst 0.2 2": "",
    "-i /run.zst": "audit: balanced",
    "report --html /run.html -i /run.zst": "",
    "doctor": "tracepoint",
    "check --duration 0.2 --min-sends 1": "ok 1 audit",
}
# The same on a kernel without the patch.
STOCK = {
    "stat 0.2 1": "audit: balanced",
    "doctor": "fentry",
    "check --duration 0.2": "ok 1 audit",
}


def runs(boot):
    """[(what ran, what it said, how it ended)] of the console."""
    found, current = [], None
    for line in boot.lines:
        if line.startswith("alone: run "):
            current = [line.removeprefix("alone: run "), [], None]
            found.append(current)
        elif line.startswith("alone: ") and current:
            current[2] = line.removeprefix("alone: ")
            current = None
        elif current:
            current[1].append(line)
    return found


def boot(kernel, commands):
    words = " + ".join(f"/ipimux-trace {command}" for command in commands)
    guest = Boot(FILES, f'alone="{words}"', kernel=kernel)
    ok(guest.off and "alone: done" in guest.console and not guest.complaints,
       f"{kernel}: it boots, runs, powers off", guest.errors, *guest.complaints, guest.console[-3000:])
    ran = runs(guest)
    ok([run[0] for run in ran] == [f"/ipimux-trace {command}" for command in commands],
       f"{kernel}: all of them ran", *ran)
    return ran


size = BINARY.stat().st_size
say(f"{size} bytes")
ok(size < MOST, f"under {MOST} bytes", size)
headers = subprocess.run(["readelf", "-hlS", "-W", BINARY], check=True, capture_output=True, text=True).stdout
ok("INTERP" not in headers and "DYNAMIC" not in headers and ".symtab" not in headers and
   ".debug_" not in headers, "static, stripped", headers)

for command, said, status in boot("patched", RUNS):
    word = RUNS[command.removeprefix("/ipimux-trace ")]
    text = "\n".join(said)
    ok(status == "status 0" and word in text, f"patched: {command}", status, text)
    if command.endswith("-j 0.3 2"):
        summary = json.loads(said[-1])
        ok(summary["type"] == "summary" and balances(summary["audit"]) and
           summary["audit"]["handled"] > 0 and summary["audit"]["kernel_room"] is not None,
           "patched: it counted, as the kernel did", summary)

for command, said, status in boot("stock", STOCK):
    ok(status == "status 0" and STOCK[command.removeprefix("/ipimux-trace ")] in "\n".join(said),
       f"stock: {command}", status, *said)
done()
