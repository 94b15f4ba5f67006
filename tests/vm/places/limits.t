#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""Too little to run with: few file descriptors, and memory for recordings that take much. What does not work says what
is missing and what to type."""
import gzip
import json
import re
import sys
import tempfile

sys.path.append(f"{sys.path[0]}/..")
from errors import CANNOT, tries
from guest import ALL, Run, done, left_out, ok, say
from stock import need_image

# All read a recording in one place.
COMMANDS = ["stat", "report --html /tmp/page --force"] + (["latency", "matrix", "storm", "stuck"] if ALL else [])


def check_descriptors(kernel, via, most):
    # Below the first ten it is the libraries' start that fails; ALL=1: each limit.
    run = Run("odd.sh", "descriptors", via, "10", str(most), *(["each"] if ALL else []), kernel=kernel,
              cpus=1, timeout=400)
    if not run.ok(f"{via}: the guest ran"):
        return
    got = {}
    for name, result in tries(run).items():
        limit, command = name.split()
        got.setdefault(command, {})[int(limit)] = result
    for command, results in sorted(got.items()):
        wrong, done_from = [], None
        for limit, (status, message, lines) in sorted(results.items()):
            if status == 0:
                done_from = done_from or limit
            elif (status, lines) != (CANNOT, 1) or done_from or \
                    f"too many open files: the limit of {limit} is too low: ulimit -n 256" not in message:
                wrong.append((limit, status, message))
        say(f"{via}: {command} is done with {done_from}")
        ok(not wrong, f"{via}: {command}: too few descriptors are the reason, at {len(results)} limits from 3 to {most}",
           *wrong)
        ok(done_from and done_from > 3 and done_from - 1 in results and (command != "input" or done_from < 8),
           f"{via}: {command}: and at {done_from} there are enough, at one less there are not", results)
    wanted = 8 if via == "tracepoint" else 4 if ALL else 1
    ok(len(got) == wanted, f"{via}: all {wanted} were tried", got.keys())


def header(cpus):
    return json.dumps({"recording": "ipimux-trace", "version": 1, "possible": f"0-{cpus - 1}",
                       "vipis": [f"V{vipi}" for vipi in range(8)], "processes": "by set",
                       "tables": ["traffic", "processed", "unmasked"]}).encode() + b"\n"


def check_memory():
    """A recording that unpacks to a thousand times its size, and one of a machine that takes gigabytes."""
    limit = 64 * 1024
    with tempfile.TemporaryDirectory() as directory:
        bomb, objects, large = [f"{directory}/{name}.gz" for name in ("bomb", "objects", "large")]
        # A line too long to be read, and one that is not, and becomes eighty times as much.
        for name, size in (bomb, 210000000), (objects, 6000000):
            with gzip.open(name, "wb") as file:
                file.write(header(4) + b'{"x":[' + b"{}," * (size // 3) + b"0]}\n")
        with gzip.open(large, "wb") as file:
            file.write(header(1024))
        run = Run("odd.sh", "memory", *COMMANDS, add=[bomb, objects, large], memory=3072, cpus=1)
    if not run.ok("memory: the guest ran"):
        return
    got = {}
    for line in run.file("memory").splitlines():
        name, status, message, size = line.split("|")
        got[name] = int(status), message, int(size)
    for name, (status, message, size) in got.items():
        say(f"{name}: status {status}, {size} kB: {message}")
        if name == "large allowed":
            ok(status == CANNOT and "the recording ends before the end of its first interval" in message,
               f"memory: {name}: it is read", message)
            continue
        allowed = 200 * 1024 if name == "bomb allowed" else limit
        ok(status == CANNOT and "--max-memory" in message and size < allowed,
           f"memory: {name}: an error, in {size} of {allowed} kB", message)
        if name.startswith("large "):
            ok(re.search(r"with CPUs up to 1023 takes \d+ MiB .* allow more with --max-memory 2\d{3}M$", message),
               f"memory: {name}: says how much", message)
    ok(len(got) == 3 * len(COMMANDS) + 2, "memory: all were tried", got)


check_memory()
check_descriptors("patched", "tracepoint", 44)
need_image("debian")
check_descriptors("debian", "fentry", 78)
left_out("other commands through fentry, and for recordings; each limit of descriptors, not by halves")
done()
