#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""Counters that are left running, from an initramfs on: exact, found again, removed to the last."""
import re
import sys

sys.path.append(f"{sys.path[0]}/..")
from guest import HERE, ROOT, Run, balances, done, ok, say, stimulus

NOBODY_ELSE = "CPU_BACKTRACE"
TARGET = 3

# Of each try in pin.sh: exit status, and what the one line it says must have.
TRIES = {
    "again": (3, "'boot' is attached already: .*--pinned boot.*detach boot"),
    "none": (3, "no counters are pinned as 'none'; pinned are: boot, survivor|survivor, boot"),
    "untimed": (3, "'boot' does not time .*: attach it with --latency"),
    "no pin": (2, "without --pin nothing would stay in the kernel"),
    "bad name": (2, "'a/b' is not a name: use letters"),
    "since what": (2, "--since-attach needs --pinned"),
    "both": (2, "--pinned is for live runs"),
    "verify pinned": (2, "--verify does not go with --pinned: pinned counters do not count parent IPIs and "
                          "started handlers"),
    "verify recorded": (2, "--verify is for live runs: give it to the command that records"),
    "read empty": (3, "'empty' is incomplete: .*ipimux-trace detach empty"),
    "attach empty": (3, "'empty' is incomplete: .*ipimux-trace detach empty"),
    "detach empty": (0, None),
    "detach again": (3, "no counters are pinned as 'empty'"),
    "attach part": (0, None),
    "read part": (3, "'part' is incomplete: .*ipimux-trace detach part"),
    "detach part": (0, None),
    "read future": (3, "'future' was attached by a version of ipimux-trace that counts in another way"),
    "attach future": (3, "'future' was attached by a version"),
    "detach future": (0, None),
    "read foreign": (3, "ipimux-trace/foreign holds files that are not from ipimux-trace"),
    "attach foreign": (3, "ipimux-trace/foreign holds files that are not from ipimux-trace"),
    "detach foreign": (3, "ipimux-trace/foreign holds files that are not from ipimux-trace"),
    "read short": (3, "ipimux-trace/short holds files that are not from ipimux-trace"),
    "attach short": (3, "ipimux-trace/short holds files that are not from ipimux-trace"),
    "detach short": (3, "ipimux-trace/short holds files that are not from ipimux-trace"),
    "attach mixed": (0, None),
    "detach mixed": (3, "ipimux-trace/mixed holds files that are not from ipimux-trace"),
    "read mixed": (0, None),
    "mixed at last": (0, None),
    "their directory": (3, "/sys/fs/bpf/ipimux-trace belongs to another user"),
    "mode 775": (3, "other users may write to /sys/fs/bpf/ipimux-trace .*chmod go-w /sys/fs/bpf/ipimux-trace"),
    "mode 757": (3, "other users may write to /sys/fs/bpf/ipimux-trace .*chmod go-w /sys/fs/bpf/ipimux-trace"),
    "mode 1777": (3, "other users may write to /sys/fs/bpf/ipimux-trace .*chmod go-w /sys/fs/bpf/ipimux-trace"),
    "a link": (3, "/sys/fs/bpf/ipimux-trace is not a directory but a link or a file"),
    "parent 777": (3, "other users may change what /sys/fs/bpf holds: .*chmod go-w /sys/fs/bpf"),
    "their file system": (3, "other users may change what /sys/fs/bpf holds: it belongs to another user"),
    "parent 700": (0, None),
    "parent 700: detach": (0, None),
    "reader": (3, "'survivor' was detached meanwhile"),
    "before it": (0, None),
    "read without": (3, "no BPF file system at /sys/fs/bpf: mount -t bpf bpf /sys/fs/bpf"),
    "attach without": (3, "no BPF file system at /sys/fs/bpf: mount -t bpf bpf /sys/fs/bpf"),
    "detach without": (3, "no BPF file system at /sys/fs/bpf: mount -t bpf bpf /sys/fs/bpf"),
    "read hidden": (3, "no counters are pinned as 'boot' or as anything else"),
    "after it": (0, None),
    "detach": (0, None),
    "attach last": (0, None),
}


def define(path, name):
    text = (ROOT / path).read_text()
    return int(re.search(rf"#define {name}\s+(0x[0-9a-f]+|\d+)", text)[1], 0)


def check_tries(run):
    seen = set()
    for line in run.file("tries").splitlines():
        name, status, lines, message = line.split("|", 3)
        expected, pattern = TRIES.get(name, (0, None))
        seen.add(name)
        said = message if lines != "0" else None
        good = int(status) == expected and bool(said) == bool(pattern)
        # argp adds what points to --help.
        good = good and (not pattern or re.search(pattern, message) and
                         int(lines) == (1 if expected == 3 else 3))
        ok(good, f"{name}: status {expected}" + (", says why" if pattern else ""), line)
    ok(set(TRIES) <= seen, "all were tried", *(set(TRIES) - seen))


def sent(summary, vipi=NOBODY_ELSE):
    received = summary["cpus"][str(TARGET)]["vipis"][vipi]["received"]
    return received["raised"], sum(received.values())


def check_exact(run, name, file, count):
    """All sends of a vIPI that nobody else sends, and the kernel's own count of it."""
    summary = run.json_lines(file)[-1]
    counts = [int(run.file(f"{name}-{edge}").split()[1].split(",")[TARGET])
              for edge in ("before", "after")]
    handled = summary["cpus"][str(TARGET)]["vipis"][NOBODY_ELSE]["handled"]
    ok(sent(summary) == (count, count) and handled == counts[1] - counts[0] == count,
       f"{file}: {count} sends, handled as often as the kernel says", sent(summary), handled,
       counts)
    ok(balances(summary["audit"]) and summary["missed"] == 0 and
       summary["audit"]["kernel_room"] is not None,
       f"{file}: audited, the kernel's counts included", summary["audit"])


magic = define("src/counters/pinned.h", "PINNED_MAGIC")
run = Run("pin.sh", f"{magic & 0xffffffff} {magic >> 32}", str(define("bpf/ipimux.h", "IPIMUX_LAYOUT")),
          append="rdinit=/pin-init",
          add=[f"{HERE}/pin-init:/pin-init", stimulus(),
               f"{ROOT}/build/tests/guest/bpf-objects:/usr/bin/bpf-objects"])
if run.ok("a guest attached in its initramfs and switched to another root"):
    ok(run.file("attach").startswith("counting as 'boot'"), "attached there", run.file("attach"))
    summary = run.json_lines("boot.jsonl")[-1]
    wrong, exact = run.compare_handled(summary["cpus"])
    say(f"since the initramfs, {summary['interval']:.1f} s: {summary['audit']}")
    ok(not wrong and exact, "since then handled as often as the kernel says", *wrong)
    ok(balances(summary["audit"]) and summary["audit"]["handled"] > 2000,
       "and the audit is balanced", summary["audit"])
    first = run.json_lines("boot.jsonl")[0]
    between = float(run.file("read")) - float(run.file("attached"))
    # An uptime is of 10 ms.
    ok(first["type"] == "interval" and first["interval"] >= between - 0.02,
       f"the first interval begins at the attach, {between:.2f} s before it is read", first)

    ok("killed: 137" in run.file("survivor"), "a shell attached and was killed",
       run.file("survivor"))
    check_exact(run, "survivor", "survivor.jsonl", 200)
    waits = run.json_lines("waits.jsonl")[-1]
    timed = waits["cpus"][str(TARGET)]["vipis"][NOBODY_ELSE]["waits"]
    ok(timed["raised"]["timed"] == 200, "all 200 waits were timed", timed)
    some = run.json_lines("some.jsonl")[-1]
    waits = some["cpus"][str(TARGET)]["vipis"][NOBODY_ELSE]["waits"]
    ok((some["timed_one_in"], waits["raised"]["timed"], waits["untimed"]) == (4, 10, 30),
       "with --latency=4 that of each fourth of 40", some.get("timed_one_in"), waits)
    check_exact(run, "reader", "reader.jsonl", 300)
    check_exact(run, "reader", "other.jsonl", 300)
    ok(run.file("replayed.jsonl") == run.file("reader.jsonl"), "what was recorded is the same")

    check_tries(run)
    ok(run.file("left").split() == ["boot", "foreign", "short", "survivor"],
       "what is not ours is left alone", run.file("left"))
    ok("audit: balanced" in run.file("audit"), "balanced to the end", run.file("audit"))
    for line in run.file("objects").splitlines():
        what, now, should = re.match(r"(.*): (.*), should be (.*)", line).groups()
        ok(now == should, f"{what}: {should} in the kernel", line)
    ok(re.match(r"[1-9]\d* [1-9]\d* [1-9]", run.file("boot-objects")),
       "which were there before", run.file("boot-objects"))
    ok(run.file("left-at-the-end") == "", "nothing is left in the file system",
       run.file("left-at-the-end"))
done()
