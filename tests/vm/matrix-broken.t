#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""All kinds of wrong multiplexers (tests/broken) against the audit: once, 1 in 1,000, always; idle, in traffic.

No run may be called balanced in which the kernel itself counted breakages that are to be seen, none may be called
off in which it counted none, and nobody else may be accused. Prints the matrix.

ALL=1: every kind at every rate, with hotplug elsewhere, too; else those of RATES and HOTPLUG only at other rates
than once. ONLY=KIND,...: these kinds only.
"""
import os
import pathlib
import tempfile
from collections import namedtuple

from guest import ROOT, Run, done, ok, say, stimulus

# The runs of the tool that are judged. What each prints last, or records, has the audit.
COMMANDS = {
    "stat": "-j 0.1",
    "check": "check --duration 100 --record /tmp/recording",
}
# Verdicts that no breakage may have; the second is one by another name.
GREEN = {"balanced", "unseen"}

# breaks: what happens to a vIPI, a raise or an event. Empty: nothing that anybody could see, and why.
# once: what makes it happen in an idle machine. traffic: what goes on where something does. cpus: who may be
# accused.
Kind = namedtuple("Kind", "breaks once traffic cpus why", defaults=({3}, ""))

# One send and nothing behind it; one that finds its bit pending; a round that is masked, alone and with another
# vIPI that is processed meanwhile; both vIPIs from several CPUs at a time, for as long as it takes.
SEND = ("post 6 3 1", "traffic 6 3 1 %s 0 open")
BURST = ("traffic 6 3 1 0 1 open", "traffic 6 3 1 %s 0 open")
MASKED = ("traffic 6 3 3 0 1 masked", "traffic 6 3 1,3 %s 0 masked")
PROCESSED = ("traffic 6-7 3 3 0 1 masked", "traffic 6-7 3 1,3 %s 0 masked")
CROWD = ("traffic 6-7 3 1-2 0 0 open, wait 1, still", "traffic 6-7 3 0-2 %s 0 open")
OTHER = ("post 7 3 1", "traffic 6-7 3 1-2 %s 0 open")
BOTH = ("hold 6-7 3 1 1 1 enabled", "traffic 6-7 3 1-2 %s 0 open")

KINDS = {
    "drop-raise": Kind("lost", *SEND),
    "raise-always": Kind("doubled", *BURST),
    "raise-disabled": Kind("doubled", *MASKED),
    "raise-twice": Kind("doubled", *SEND),
    "raise-wrong-cpu": Kind("misdirected", *SEND, {3, 0}),
    "raise-late": Kind("delayed", *SEND),
    "raise-at-next": Kind("delayed", *SEND),
    "raise-early": Kind("", *SEND, why="the event comes late by less than a process may"),
    "not-set": Kind("lost", *SEND),
    "set-wrong-cpu": Kind("misdirected", *SEND, {3, 0}),
    "set-wrong-vipi": Kind("misdirected", *SEND),
    "set-taken-back": Kind("lost", *SEND),
    "or-not-atomic": Kind("doubled", *CROWD),
    "or-loses-other": Kind("lost", *CROWD),
    "send-no-barrier": Kind("", *SEND, why="an atomic operation of an emulated CPU is a barrier"),
    "send-says-set": Kind("event wrong", *BURST),
    "send-says-pending": Kind("event wrong", *SEND),
    "no-send-event": Kind("event lost", *SEND),
    "send-event-twice": Kind("event doubled", *SEND),
    "drop-kick": Kind("lost", *MASKED),
    "kick-always": Kind("doubled", *PROCESSED),
    "kick-unseen": Kind("lost", *MASKED),
    "unmask-clears": Kind("lost", *MASKED),
    "unmask-not-set": Kind("lost", *MASKED),
    "unmask-says-kick": Kind("event wrong", *PROCESSED),
    "no-unmask-event": Kind("event lost", *MASKED),
    "unmask-no-barrier": Kind("", *MASKED, why="an atomic operation of an emulated CPU is a barrier"),
    "mask-not-cleared": Kind("misdirected", *MASKED),
    "mask-other": Kind("misdirected", *PROCESSED),
    "no-mask-event": Kind("event lost", *MASKED),
    "swallowed": Kind("lost", *SEND),
    "not-cleared": Kind("doubled", *SEND),
    "enabled-stale": Kind("lost", *PROCESSED),
    "clears-masked": Kind("lost", *PROCESSED),
    "handles-masked": Kind("misdirected", *PROCESSED),
    "clear-not-atomic": Kind("lost", *CROWD),
    "no-process-event": Kind("event lost", *SEND),
    "process-event-twice": Kind("event doubled", *SEND),
    "process-says-more": Kind("event wrong", *OTHER),
    "process-says-less": Kind("event wrong", *SEND),
    "not-handled": Kind("lost", *SEND),
    "handled-twice": Kind("doubled", *SEND),
    "handled-late": Kind("delayed", *SEND),
    "handled-reversed": Kind("", *BOTH, why="who handles in which order was never promised"),
}
HEALTHY = Kind("", *PROCESSED, why="nothing is wrong")

# At the rates that are easier to see than once.
RATES = ["drop-raise", "not-set", "raise-always", "handled-twice", "clears-masked", "no-process-event"]
# While another CPU goes and comes.
HOTPLUG = ["not-set", "no-send-event", "not-cleared", "clear-not-atomic", "drop-raise"]

Cell = namedtuple("Cell", "kind rate traffic command line")


def cell(command, name, rate, traffic, hotplug=False):
    kind = KINDS.get(name, HEALTHY)
    if traffic == "idle":
        first, before, after = "", "send 6 3 5", ""
        during = kind.once
        if rate == "1 in 1,000":
            during = f"{kind.traffic % 0}, wait 2, still"
        elif rate == "always":
            during = f"{kind.traffic % 0}, wait 20, still"
    else:
        first, before, after = kind.traffic % (0 if rate == "1 in 1,000" else 700), "", ""
        during = {"once": "wait 1", "1 in 1,000": "wait 2", "always": "wait 20"}[rate]
    if name == "none":
        during = during.split("wait")[0].rstrip(", ") + ", still" if traffic == "idle" else ""
        after = ""
    if hotplug:
        before = ", ".join(filter(None, [before, "hotplug"]))
        traffic += " + hotplug"
    every, most = {"once": (20 if first else 1, 1), "1 in 1,000": (1000, 0), "always": (1, 0)}[rate]
    return Cell(name, rate, traffic, command,
                [COMMANDS[command], name, every, most, "early", first, before, during, after])


def special(command):
    """What cancels, and what is only seen by those who look at what the sends say."""
    yield Cell("drop-raise", "before the start", "then 100 sends", command,
               [COMMANDS[command], "drop-raise", 1, 1, "late", "", "", "post 6 3 1", "post 6 3 100"])
    yield Cell("drop-raise", "after one carried in", "idle", command,
               [COMMANDS[command], "drop-raise", 1, 1, "early", "mask 6 3, post 6 3 1", "unmask 6 3",
                "post 6 3 1", ""])


def all_cells():
    everything = os.environ.get("ALL")
    only = os.environ.get("ONLY", "").split(",") if os.environ.get("ONLY") else None
    for command in COMMANDS:
        for traffic in ("idle", "in traffic"):
            yield cell(command, "none", "once", traffic)
        for name in KINDS:
            if only and name not in only:
                continue
            for traffic in ("idle", "in traffic"):
                for rate in ("once", "1 in 1,000", "always"):
                    if everything or rate == "once" or name in RATES and traffic == "in traffic":
                        yield cell(command, name, rate, traffic)
            if everything or name in HOTPLUG:
                yield cell(command, name, "once", "in traffic", hotplug=True)
        yield from special(command)


def findings(audit):
    """Those that are more than a remark, in words."""
    return sorted({f"CPU {entry['cpu']} {entry['vipi']}: {entry['finding']} {entry['number']}"
                   for entry in audit["entries"] if entry["verdict"] != "balanced"})


def judge(cell, status, breakages, harmless, audit):
    """What is wrong with the verdict; empty: nothing."""
    kind = KINDS.get(cell.kind, HEALTHY)
    verdict = audit["verdict"]
    accused = {entry["cpu"] for entry in audit["entries"] if entry["verdict"] == "off"}
    if cell.kind != "none" and not breakages + harmless:
        return "it never came to it"
    if not kind.breaks or not breakages:
        return "falsely off" if verdict == "off" else ""
    if verdict in GREEN:
        return f"falsely {verdict}"
    if verdict == "off" and not accused <= kind.cpus:
        return f"accused as well: CPUs {sorted(accused - kind.cpus)}"
    if verdict == "off" and status != 1:
        return f"off, but exit status {status}"
    return ""


def main():
    cells = list(all_cells())
    with tempfile.NamedTemporaryFile("w", prefix="cells-") as plan:
        for number, item in enumerate(cells):
            print(number, *item.line, sep="|", file=plan)
        plan.flush()
        run = Run("matrix-broken.sh", kernel="broken", add=[stimulus("broken"), f"{plan.name}:root/cells"],
                  append="isolcpus=domain,3", timeout=120 + 4 * len(cells))
    if not run.ok("a guest with wrong multiplexers ran"):
        return
    for line in run.output.splitlines():
        say(line)
    rows = [line.split() for line in run.file("cells").splitlines()]
    ok(len(rows) == len(cells), "every cell ran", f"{len(rows)} of {len(cells)}")
    say(f"{len(rows)} cells, {rows[-1][4]} s of guest time" if rows else "nothing")
    for item, (number, status, breakages, harmless, _) in zip(cells, rows):
        lines = run.json_lines(f"{number}.json")
        what = f"{item.command}: {item.kind}, {item.rate}, {item.traffic}"
        if not lines or "audit" not in lines[-1]:
            ok(False, f"{what}: an audit", *lines)
            continue
        audit = lines[-1]["audit"]
        kind = KINDS.get(item.kind, HEALTHY)
        wrong = judge(item, int(status), int(breakages), int(harmless), audit)
        found = "; ".join(findings(audit)) or "nothing"
        ok(not wrong, f"{what}: {breakages} breakages: {audit['verdict']}: {found}"
           f"{' (' + kind.why + ')' if kind.why else ''}", wrong)


main()
done()
