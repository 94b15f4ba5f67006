#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""Odd places to run in: a kernel that is locked down, or hides its symbols, too few file descriptors, a clock that is
not the kernel's. What does not work says what is missing and what to type; what works counts as anywhere."""
import gzip
import json
import os
import re
import tempfile

from guest import ROOT, Run, done, ok, say
from stock import need_image

CANNOT, SKIPPED = 3, 4
TIMENS = f"{ROOT}/build/tests/guest/timens:/usr/bin/timens"
WITH_CAPS = f"{ROOT}/build/tests/guest/with-caps:/usr/bin/with-caps"


def tries(run):
    """{name: (status, last line of what it says, lines)}"""
    found = {}
    for line in run.file("tries").splitlines():
        name, status, message, lines = line.split("|")
        found[name] = int(status), message, int(lines)
    return found


def check_lockdown(mode):
    run = Run("places.sh", "lockdown", kernel="debian", append=f"lockdown={mode}")
    if not run.ok(f"{mode}: the guest ran"):
        return
    ok(f"[{mode}]" in run.file("mode"), f"{mode}: the kernel is locked down", run.file("mode"))
    got = tries(run)
    locked = mode == "confidentiality"
    for name in ("stat", "fentry", "attach", "check"):
        status, message, lines = got[name]
        ok((status, lines) == (CANNOT, 1) and "locked down (confidentiality)" in message and
           "boot with lockdown=integrity" in message and "kernel-patch/" in message if locked else
           status == 0 and "lock" not in message, f"{mode}: {name}: {status}", got[name])
    ok(got["skip"][0] == (SKIPPED if locked else 0), f"{mode}: check --skip-unsupported", got["skip"])
    for name in ("tracepoint", "waits", "trace"):
        ok(got[name][0] == CANNOT and "has no tracepoints" in got[name][1],
           f"{mode}: {name}: its programs are loaded, only the tracepoint is missing", got[name])
    for name in ("unmounted", "mounted"):
        report = json.loads(run.file(f"{name}.json"))
        check = report["checks"]["lockdown"]
        ok((report["usable"], int(run.file(f"{name}.status"))) == ((False, CANNOT) if locked else (True, 0)),
           f"{mode}, securityfs {name}: doctor knows whether it is usable", report["usable"])
        ok(check["state"] == ("missing" if locked else "ok") and
           report["facts"]["reads_kernel"] == (not locked) and
           report["ways"]["fentry"]["missing"] == (["lockdown"] if locked else []) and
           (not locked or "lockdown=integrity" in check["advice"]),
           f"{mode}, securityfs {name}: and says so of lockdown", check, report["facts"])
        ok(report["facts"]["lockdown"] == (mode if name == "mounted" else None),
           f"{mode}, securityfs {name}: the mode", report["facts"]["lockdown"])


def check_descriptors(kernel, via, most):
    # Below the first ten it is the libraries' start that fails; ALL=1: each limit.
    run = Run("places.sh", "descriptors", via, "10", str(most), *(["each"] if "ALL" in os.environ else []), kernel=kernel,
              timeout=400)
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
    wanted = 8 if via == "tracepoint" else 4 if "ALL" in os.environ else 2
    ok(len(got) == wanted, f"{via}: all {wanted} were tried", got.keys())


def check_clock(kernel, trace):
    run = Run("places.sh", "clock", "trace" if trace else "", kernel=kernel, add=[TIMENS])
    if not run.ok(f"{kernel}: the guest ran"):
        return
    for offset in (0, -2, 864000):
        for name in ("since", "back"):
            interval = run.json_lines(f"{name}{offset}.jsonl")[0]["interval"] if \
                run.file(f"{name}{offset}.jsonl") else None
            say(f"{kernel}: {name} {offset}: {interval}")
            # A second of sleep, and what starting takes in between.
            ok(interval and 1 <= interval < 20, f"{kernel}: {name}: {offset} s off, the time since the attach", interval)
        ok(run.file(f"read{offset}") == "0\n", f"{kernel}: {offset} s off: its recording can be read",
           run.file(f"read{offset}"))
        if not trace:
            continue
        before, *lines, status, after = run.file(f"trace{offset}.jsonl").splitlines()
        lines = [json.loads(line) for line in lines]
        times = [line["ns"] / 1e9 for line in lines if "ns" in line]
        say(f"{kernel}: {offset} s off: {before} {times} {after}")
        ok(status == "0" and len(times) >= 5, f"{kernel}: trace -n 5: {offset} s off: ends after five", status, lines)
        ok(all(float(before) - 0.02 <= time <= float(after) + 0.02 for time in times),
           f"{kernel}: trace -n 5: {offset} s off: times are the machine's", before, times, after)
        ok(run.file(f"text{offset}").endswith("\n0\n") and "  send  " in run.file(f"text{offset}"),
           f"{kernel}: trace: {offset} s off: shows events, and ends", run.file(f"text{offset}")[-300:])


def check_symbols(kernel):
    run = Run("places.sh", "symbols", kernel=kernel, add=[WITH_CAPS])
    if not run.ok("symbols: the guest ran"):
        return
    got = tries(run)
    syslog, sysctl = "CAP_SYSLOG shows them", "sysctl kernel.kptr_restrict=1"
    wanted = {"0 with": None, "0 without": f"({syslog}, or sysctl kernel.perf_event_paranoid=1)", "1 with": None,
              "1 without": f"({syslog})", "2 with": f"({sysctl})", "2 without": f"({sysctl}, and CAP_SYSLOG)"}
    for name, words in wanted.items():
        status, message, lines = got[name]
        ok((status, lines) == (CANNOT, 1) and f"hides its symbols' addresses {words}" in message if words else
           status == 0, f"kptr_restrict={name} CAP_SYSLOG: {words}", got[name])
        restricted, _, which = name.partition(" ")
        if which == "without":
            advice = json.loads(run.file(f"without{restricted}.json"))["checks"]["symbols"]["advice"]
            ok(f"({advice})" == words, f"kptr_restrict={name} CAP_SYSLOG: doctor says the same", advice)


def check_refused(kernel):
    """Capabilities that are there are not what is missing."""
    run = Run("places.sh", "refused", kernel=kernel)
    if not run.ok("refused: the guest ran"):
        return
    got = tries(run)
    ok(got["refused"][0] == CANNOT and "refuses BPF programs although the capabilities are there" in got["refused"][1],
       "root of a user namespace: what is missing is no capability", got["refused"])
    ok(got["not root"][0] == CANNOT and "with the capabilities CAP_BPF and CAP_PERFMON" in got["not root"][1],
       "nobody: it is the capabilities", got["not root"])


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
        run = Run("places.sh", "memory", add=[bomb, objects, large], memory=3072)
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
    ok(len(got) == 20, "memory: all were tried", got)


check_memory()
check_descriptors("patched", "tracepoint", 44)
check_symbols("patched")
check_clock("instrumented", True)
need_image("debian")
check_refused("debian")
check_lockdown("confidentiality")
check_lockdown("integrity")
check_descriptors("debian", "fentry", 76)
check_clock("debian", False)
done()
