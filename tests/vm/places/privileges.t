#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""CAP_BPF and CAP_PERFMON are enough, and given up; pinned counters can be read with nothing."""
import re
import sys

sys.path.append(f"{sys.path[0]}/..")
from guest import ROOT, Run, balances, done, ok, say, stimulus

NOBODY_ELSE = "CPU_BACKTRACE"
SYSLOG = 1 << 34
PERMISSION = "no permission to trace: run as root, or with the capabilities CAP_BPF and CAP_PERFMON"
NO_PINS = "no permission for '{}' in /sys/fs/bpf/ipimux-trace: run as root, or as a member of the group"

# Of each try in privileges.sh: exit status, and what it says must have.
TRIES = {
    "record -l /tmp/two.record": (0, "recorded .*; audit: balanced"),
    "report --html /tmp/two.html": (0, ""),
    "none": (3, PERMISSION), "bpf": (3, PERMISSION), "perfmon": (3, PERMISSION),
    "sys_admin": (0, ""),
    "not a member": (3, NO_PINS.format("metrics")),
    "member: --record=/tmp/no": (3, "no permission to read how many events 'metrics' missed"),
    "member: report --html /tmp/no": (3, "no permission to read how many events 'metrics' missed"),
    "member: detach": (3, NO_PINS.format("metrics")),
    "member: table": (0, ""),
    "member: read a table": (0, ""),
    "member: write a table": (1, ""),
    "member: a program": (1, ""),
    "member: a link": (1, ""),
    # Why the programs are nobody else's: should this fail one day, they need not be.
    "anybody: attach a program": (0, ""),
    "closed door": (3, NO_PINS.format("default")),
    "own attach": (0, ""), "own detach": (0, ""),
}


def check_tries(run):
    seen = set()
    for line in run.file("tries").splitlines():
        name, status, message = line.split("|", 2)
        expected, pattern = TRIES.get(name, (0, ""))
        seen.add(name)
        ok(int(status) == expected and re.search(pattern, message) and
           bool(pattern) == bool(message), f"{name}: status {expected}", line)
    ok(seen == set(TRIES), "all were tried", *(seen ^ set(TRIES)))


def check_measured(run, name, keeps=0, missed=0):
    """200 sends counted, by a process that had @keeps left of all capabilities."""
    lines = run.json_lines(name)
    if not ok(lines and run.file(f"{name}.status") == "0\n", f"{name}: measured",
              run.file(f"{name}.errors")):
        return
    summary = lines[-1]
    target = summary["cpus"]["3"]["vipis"][NOBODY_ELSE]
    ok((target["received"]["raised"], target["handled"]) == (200, 200) and
       balances(summary["audit"]) and
       (summary["missed"], summary["audit"]["missed"]) == (missed, missed),
       f"{name}: exact, missed {missed}", target, summary["audit"])
    check_can(run, name, keeps)


def check_can(run, name, keeps=0):
    can = dict(line.split(":\t", 1) for line in run.file(f"{name}.can").splitlines())
    ok([int(can[field], 16) for field in ("CapPrm", "CapEff")] == [keeps] * 2 and
       can["NoNewPrivs"] == "1", f"{name}: capabilities left: {keeps:#x}", can)
    ok(can["Uid"].split()[0] == ("0" if name == "root" else "65534"),
       f"{name}: as the user that it should be", can)


run = Run("privileges.sh", timeout=200,
          add=[stimulus()] + [f"{ROOT}/build/tests/guest/{name}:/usr/bin/{name}"
                              for name in ("bpf-objects", "with-caps")])
if run.ok("a guest had users with few privileges"):
    check_measured(run, "two")
    check_measured(run, "root")
    check_can(run, "bare")
    check_can(run, "named", SYSLOG)
    check_can(run, "trace")
    events = [event for event in run.json_lines("trace") if event.get("vipi") == NOBODY_ELSE]
    ok(run.file("trace.status") == "0\n" and len(events) == 200, "trace: each send", len(events))
    check_tries(run)
    ok(run.file("theirs") == "record\n", "root records into a directory that is not root's")
    bare, named = run.file("bare"), run.file("named")
    ok("CAP_SYSLOG shows them" in bare and "membarrier" in bare,
       "storm without CAP_SYSLOG: who sends, and what it takes to see from where", bare)
    ok("CAP_SYSLOG" not in named and "membarrier_private_expedited" in named,
       "storm with it: from where", named)
    for disabled in (0, 2, 1):
        say(f"kernel.unprivileged_bpf_disabled={disabled}")
        check_measured(run, f"group-{disabled}", missed=None)
    ok("events missed: not known without permission to open the programs" in run.file("table") and
       "audit: balanced, except events missed: not known" in run.file("table"), "and so it says in words", run.file("table"))
    ok(run.file("door") == "ipimux-trace: group 4242 cannot enter /sys/fs/bpf yet: "
       "chmod o+x /sys/fs/bpf\n", "attach says what keeps the group out", run.file("door"))
    check_measured(run, "own")
    ok(run.file("objects") == "0 0 0\n", "nothing is left",
       run.file("objects"))
done()
