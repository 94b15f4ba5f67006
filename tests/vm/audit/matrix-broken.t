#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""All kinds of wrong multiplexers (tests/broken) against the audit: once, 1 in 1,000, always; idle, in traffic.

No run may be called balanced in which the kernel itself counted breakages that are to be seen, none may be called
off in which it counted none, and nobody else may be accused. Prints the matrix.

With the last of COMMANDS, once: in traffic those that no other kind stands for (LIKE), and those of IDLE both ways.
ONLY=KIND,...: these kinds only, idle, too. ALL=1 (make soak, make check ALL=1): all kinds with all of COMMANDS, at all
rates, idle, too, and while another CPU goes and comes. WITH=NAME,...: these of COMMANDS only.
"""
import os
import sys
import tempfile
from collections import namedtuple

sys.path.append(f"{sys.path[0]}/..")
from guest import ALL, Run, done, left_out, ok, say, stimulus

# The runs of the tool that are judged, from what sees least to what sees most. What each prints last, or records, has
# the audit.
COMMANDS = {
    "stat": "-j 0.1",
    "check": "check --duration 100 --record /tmp/recording",
}
for name in set(COMMANDS) - set(os.environ.get("WITH", ",".join(COMMANDS)).split(",")):
    del COMMANDS[name]
# Verdicts that no breakage may have, the second being the first by another name; and what a healthy run may have
# besides, where somebody else is named.
GREEN = {"balanced", "unseen"}
EXCEPT = {"except"}

# What a busy host keeps from happening in one cell has to happen in another one.
NEVER = "it never came to it"
came = set()
OF_SENDERS = {"not_raised", "raised_again", "late_raises", "uncompared_raises"}

# breaks: what happens to a vIPI, a raise or an event. Empty: nothing that anybody could see, and why.
# once: what makes it happen in an idle machine. traffic: what goes on where something does. cpus: who may be
# accused.
Kind = namedtuple("Kind", "breaks once traffic cpus why", defaults=({3}, ""))

# Each: what makes it happen in an idle machine, and the traffic. One send and nothing behind it; one that finds its
# bit pending; a round that is masked; one that is, and nothing is sent; one that is, and another vIPI is processed
# meanwhile; both vIPIs from several CPUs at a time, for as long as it takes; the other vIPI; both in one process.
SEND = ("post 6 3 1", "traffic 6 3 1 %s 0 open")
BURST = ("traffic 6 3 1 0 1 open", "traffic 6 3 1 %s 0 open")
MASKED = ("traffic 6 3 3 0 1 masked", "traffic 6 3 1,3 %s 0 masked")
BARE = ("traffic 6 3 3 0 2 masked", "traffic 6 3 1,3 %s 0 masked")
PROCESSED = ("traffic 6-7 3 3 0 1 masked", "traffic 6-7 3 1,3 %s 0 masked")
CROWD = ("traffic 6-7 3 1-2 0 0 open, breakages 1, still", "traffic 6-7 3 0-2 %s 0 open")
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
    "kick-always": Kind("doubled", *BARE),
    "kick-unseen": Kind("lost", *MASKED),
    "unmask-clears": Kind("lost", *MASKED),
    "unmask-not-set": Kind("lost", *MASKED),
    "unmask-says-kick": Kind("event wrong", *BARE),
    "no-unmask-event": Kind("event lost", *MASKED),
    "unmask-no-barrier": Kind("", *MASKED, why="an atomic operation of an emulated CPU is a barrier"),
    "mask-not-cleared": Kind("misdirected", *MASKED),
    "mask-other": Kind("misdirected", *PROCESSED),
    "no-mask-event": Kind("event lost", *MASKED),
    "mask-early": Kind("", *MASKED, why="the event comes late, and nobody else masks there meanwhile"),
    "unmask-early": Kind("", *MASKED, why="the event comes late, and the kick after it"),
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

# Idle it is another count that shows these, or one that nothing else moves.
IDLE = ["none", "drop-raise", "raise-always", "no-send-event", "kick-unseen", "no-unmask-event", "mask-other", "not-cleared",
        "handled-twice", "handled-late"]
# Each is found by what also finds the other one, or nothing is to be found.
LIKE = {
    "raise-always": "raise-twice", "raise-at-next": "raise-late", "raise-early": "none", "set-wrong-vipi": "set-wrong-cpu",
    "set-taken-back": "not-set", "or-not-atomic": "clear-not-atomic", "or-loses-other": "clear-not-atomic",
    "send-no-barrier": "none", "send-says-set": "send-says-pending", "kick-always": "raise-disabled",
    "unmask-not-set": "unmask-clears", "unmask-no-barrier": "none", "mask-early": "none", "unmask-early": "none",
    "process-says-more": "process-says-less", "handled-reversed": "none",
}
# What no count can show, and why: see "What the audit cannot see" in docs/audit.md. Listed here, and printed.
UNPROVED = {
    ("kick-unseen", "in traffic"): "made up for by the next IPI, and as many kicks more than masked sends were seen: "
                                   "of those that were pending when they were masked",
}
# The same without --verify, where nobody sees parent IPIs and starts of handlers: the audit says so.
NOT_COMPARED = "parent IPIs are not compared without --verify: "
UNVERIFIED = {
    ("raise-always", "idle"): NOT_COMPARED + "one too many meets the first of its burst, or another one hides it",
    ("raise-twice", "idle"): NOT_COMPARED + "the second one meets the first, or another one hides it",
    ("raise-always", "in traffic"): NOT_COMPARED + "one too many meets another one",
    ("raise-disabled", "in traffic"): NOT_COMPARED + "one too many meets another one",
    ("raise-twice", "in traffic"): NOT_COMPARED + "the second one meets the first, or leads to one more empty process",
    ("raise-late", "idle"): NOT_COMPARED + "it comes before anybody waits for it",
    ("raise-late", "in traffic"): NOT_COMPARED + "it comes before anybody waits for it",
    ("raise-at-next", "in traffic"): NOT_COMPARED + "the next send makes up for it",
    ("drop-raise", "in traffic with vIPI 7"): NOT_COMPARED + "the one of another vIPI makes up for it",
    ("drop-kick", "in traffic"): NOT_COMPARED + "the next one makes up for it",
    ("kick-always", "in traffic"): NOT_COMPARED + "one too many meets another one",
    ("unmask-says-kick", "idle"): "a kick that nothing follows yet may be on its way",
    ("unmask-says-kick", "in traffic"): NOT_COMPARED + "a kick too many looks like one that met another IPI",
    ("enabled-stale", "in traffic"): "the next process makes up for it",
    ("handled-late", "in traffic"): "starts of handlers are not compared without --verify: the counts are right again "
                                    "when the next process has run it",
    ("handled-late", "in traffic with vIPI 7"): "the same",
}
# Two that cancel: one takes back, or has handled again, what another one sets again. Nothing was lost, nothing doubled.
CANCEL = {"or-loses-other", "or-not-atomic"}

# While another vIPI's parent IPI delivers what is lost.
DELIVERED = ["drop-raise", "not-cleared", "handled-late"]

# At which chance, how often at most; and how many breakages are waited for.
EVERY = {"once": (20, 1, 1), "1 in 1,000": (1000, 0, 1), "always": (1, 0, 20)}

Cell = namedtuple("Cell", "kind rate traffic command line")


def cell(command, name, rate="once", traffic="in traffic"):
    kind = KINDS.get(name, HEALTHY)
    every, most, number = EVERY[rate]
    enough = f"{'breakages' if kind.breaks else 'harmless'} {number}"
    # In microseconds: what is rare is to happen in time.
    goes_on = kind.traffic % (0 if rate == "1 in 1,000" else 700)
    first = before = after = ""
    if traffic == "idle":
        before, during = "send 6 3 5", f"{kind.traffic % 0}, {enough}, still"
        if rate == "once":
            every, during = 1, kind.once
    else:
        first, during = goes_on, enough
        if "hotplug" in traffic:
            before = "hotplug"
        if "vIPI 7" in traffic:
            first = goes_on.replace("traffic 6 ", "traffic 6-7 ")
        # What takes two at a time is rare enough.
        if rate == "once" and kind.traffic is CROWD[1]:
            every = 1
    if name == "none":
        during = f"{kind.once}, still" if traffic == "idle" else ""
    return Cell(name, rate, traffic, command,
                [COMMANDS[command], name, every, most, "early", first, before, during, after])


def special(command):
    """What cancels, and what is only seen by those who look at what the sends say."""
    yield Cell("drop-raise", "before the start", "then 100 sends", command,
               # What goes when the run before has ended goes with IPIs to all CPUs, some time later.
               [COMMANDS[command], "drop-raise", 1, 1, "late", "sleep 3", "", "post 6 3 1", "post 6 3 100"])
    yield Cell("drop-raise", "after one carried in", "idle", command,
               [COMMANDS[command], "drop-raise", 1, 1, "early", "mask 6 3, post 6 3 1", "unmask 6 3",
                "post 6 3 1", ""])


def cells_of(command):
    only = os.environ.get("ONLY", "").split(",") if os.environ.get("ONLY") else []
    if not ALL and command != list(COMMANDS)[-1]:
        yield from special(command)
        return
    for name in ["none"] + [name for name in only or KINDS if name != "none"]:
        if ALL or only or name in IDLE:
            yield from (cell(command, name, rate, "idle") for rate in (EVERY if ALL else ["once"]))
        # What an idle machine may not come to on a busy host, traffic comes to.
        if ALL or only or name in IDLE or name not in LIKE:
            yield from (cell(command, name, rate) for rate in (EVERY if ALL else ["once"]))
        if ALL or only:
            yield cell(command, name, traffic="in traffic, hotplug elsewhere")
        if name in DELIVERED and (ALL or only):
            yield cell(command, name, traffic="in traffic with vIPI 7")
    yield from special(command)


def findings(audit):
    """Those that are more than a remark, in words."""
    return sorted({f"CPU {entry['cpu']} {entry['vipi']}: {entry['finding']} {entry['number']}"
                   for entry in audit["entries"] if entry["verdict"] != "balanced"})


def judge(item, status, breakages, harmless, audit):
    """What is wrong with the verdict; empty: nothing."""
    kind = KINDS.get(item.kind, HEALTHY)
    verdict = audit["verdict"]
    # Of a raise it is its sender that is named: CPU 3 sends nothing that is broken.
    named = {3 if entry["finding"] in OF_SENDERS and entry["cpu"] != 3 else entry["cpu"]
             for entry in audit["entries"] if entry["verdict"] == verdict}
    if item.kind == "none" or not kind.breaks:
        return f"falsely {verdict}" if verdict not in GREEN | EXCEPT else \
               NEVER if item.kind != "none" and not harmless else ""
    if not breakages:
        return NEVER
    unproved = UNPROVED | (UNVERIFIED if item.command == "stat" else {})
    # More than once, the idle machine has the kind's own traffic.
    traffic = item.traffic if item.rate == "once" else "in traffic"
    traffic = traffic.removesuffix(", hotplug elsewhere")
    # Of an excuse for what happened elsewhere this says nothing.
    nothing = verdict in GREEN or (verdict == "except" and not named & kind.cpus)
    if (item.kind, traffic) in unproved and nothing:
        say(f"{item.kind}, {traffic}: {unproved[item.kind, traffic]}")
        return ""
    if item.kind in CANCEL and breakages % 2 == 0 and nothing:
        return ""
    if verdict in GREEN:
        return f"falsely {verdict}"
    # What an event that the kernel skipped would have told may cancel it: of which CPU nobody knows.
    if verdict == "except" and not named and audit["missed"]:
        say(f"{item.kind}, {traffic}: {audit['missed']} events missed")
        return ""
    # An excuse is one for what is broken, not for what happened elsewhere.
    if not named & kind.cpus:
        return f"{verdict}, but not where it is broken"
    if verdict == "off" and not named <= kind.cpus:
        return f"accused as well: CPUs {sorted(named - kind.cpus)}"
    if status != (1 if verdict == "off" else 0):
        return f"{verdict}, but exit status {status}"
    return ""


def say_table(results):
    """As docs have it: a row a kind, once, idle and in traffic."""
    say("")
    say(f"| kind | what it breaks | {' | '.join(COMMANDS)} |")
    say("|---|---|" + "---|" * len(COMMANDS))
    for name in ["none", *KINDS]:
        kind = KINDS.get(name, HEALTHY)
        columns = []
        for command in COMMANDS:
            texts = [results.get((command, name, "once", traffic)) for traffic in ("idle", "in traffic")]
            if texts[0] and texts[0] != texts[1]:
                columns.append(f"idle {texts[0]}; in traffic {texts[1]}")
            else:
                columns.append(texts[1] or "")
        if any(columns):
            say(f"| {name} | {kind.breaks or 'nothing: ' + kind.why} | {' | '.join(columns)} |")


def judge_cell(run, item, number, status, breakages, harmless):
    """Returns the verdict in a word or two."""
    what = f"{item.command}: {item.kind}, {item.rate}, {item.traffic}"
    lines = run.json_lines(f"{number}.json")
    if not lines or "audit" not in lines[-1]:
        ok(False, f"{what}: an audit", *lines)
        return ""
    audit = lines[-1]["audit"]
    kind = KINDS.get(item.kind, HEALTHY)
    wrong = judge(item, status, breakages, harmless, audit)
    if wrong == NEVER:
        say(f"{what}: {wrong}, in this cell")
        return ""
    came.add(item.kind)
    found = findings(audit)
    remark = f"{breakages} breakages" if kind.breaks else kind.why
    ok(not wrong, f"{what} ({remark}): {audit['verdict']}: {'; '.join(found) or 'nothing'}",
       wrong, audit, run.file(f"{number}.text"))
    named = sorted({entry["finding"] for entry in audit["entries"] if entry["verdict"] == "off"})
    return f"{audit['verdict']}{': ' if named else ''}{', '.join(named)}"


def main():
    cells = [item for command in COMMANDS for item in cells_of(command)]
    with tempfile.NamedTemporaryFile("w", prefix="cells-") as plan:
        for number, item in enumerate(cells):
            print(number, *item.line, sep="|", file=plan)
        plan.flush()
        run = Run("matrix-broken.sh", kernel="broken", append="isolcpus=domain,3",
                  add=[stimulus("broken"), f"{plan.name}:root/cells"], timeout=120 + 10 * len(cells))
    if not run.ok("a guest with wrong multiplexers ran"):
        return
    for line in run.output.splitlines():
        say(line)
    rows = [line.split() for line in run.file("cells").splitlines()]
    ok(len(rows) == len(cells), "every cell ran", f"{len(rows)} of {len(cells)}")
    results = {}
    for item, (number, *numbers) in zip(cells, rows):
        status, breakages, harmless = map(int, numbers[:3])
        results[item.command, item.kind, item.rate, item.traffic] = \
            judge_cell(run, item, number, status, breakages, harmless)
    ok({item.kind for item in cells} == came, "every kind came to it somewhere",
       *({item.kind for item in cells} - came))
    say_table(results)
    left_out("other rates, most kinds idle, hotplug elsewhere, traffic of vIPI 7, all with stat; and in traffic " +
             ", ".join(f"{name} (like {other})" for name, other in LIKE.items()))
    times = [[float(time) for time in row[4:]] for row in rows]
    spent = [sum(part) for part in zip(*([b - a for a, b in zip(row, row[1:])] for row in times))]
    say(f"{len(rows)} cells; seconds to start the tool, to break, to end it: "
        f"{', '.join(f'{part:.0f}' for part in spent)}")


main()
done()
