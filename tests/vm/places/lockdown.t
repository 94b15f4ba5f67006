#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""A kernel that is locked down, one that hides its symbols, and one that refuses BPF programs to root: what does not
work says what is missing and what to type; what works counts as anywhere."""
import json
import sys

sys.path.append(f"{sys.path[0]}/..")
from errors import CANNOT, SKIPPED, tries
from guest import ROOT, Run, done, ok
from stock import need_image

WITH_CAPS = f"{ROOT}/build/tests/guest/with-caps:/usr/bin/with-caps"


def check_lockdown(mode):
    run = Run("odd.sh", "lockdown", kernel="debian", cpus=1, append=f"lockdown={mode}")
    if not run.ok(f"{mode}: the guest ran"):
        return
    ok(f"[{mode}]" in run.file("mode"), f"{mode}: the kernel is locked down", run.file("mode"))
    got = tries(run)
    locked = mode == "confidentiality"
    for name in ("stat", "fentry", "attach", "check", "trace"):
        status, message, lines = got[name]
        ok((status, lines) == (CANNOT, 1) and "locked down (confidentiality)" in message and
           "boot with lockdown=integrity" in message and "kernel-patch/" in message if locked else
           status == 0 and "lock" not in message, f"{mode}: {name}: {status}", got[name])
    ok(got["skip"][0] == (SKIPPED if locked else 0), f"{mode}: check --skip-unsupported", got["skip"])
    for name in ("tracepoint", "waits", "events"):
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


def check_symbols(kernel):
    run = Run("odd.sh", "symbols", kernel=kernel, cpus=1, add=[WITH_CAPS])
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
    run = Run("odd.sh", "refused", kernel=kernel, cpus=1)
    if not run.ok("refused: the guest ran"):
        return
    got = tries(run)
    ok(got["refused"][0] == CANNOT and "refuses BPF programs although the capabilities are there" in got["refused"][1],
       "root of a user namespace: what is missing is no capability", got["refused"])
    ok(got["not root"][0] == CANNOT and "with the capabilities CAP_BPF and CAP_PERFMON" in got["not root"][1],
       "nobody: it is the capabilities", got["not root"])


check_symbols("patched")
need_image("debian")
check_refused("debian")
check_lockdown("confidentiality")
check_lockdown("integrity")
done()
