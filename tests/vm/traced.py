# SPDX-License-Identifier: GPL-2.0-only
"""Single events of the stimulus: what all tests ask of them that trace, whichever way."""
import collections

from guest import VIPIS, ok
from stimulus import ADOPTED, Expected

COMMANDS = """
send 7 1-3 50
hold 3 3 0-2 4 33 enabled
hold 2 2 0,1,3 4 34 masked
hold 7 0 1-3 1 35 late
"""
KINDS = ("send", "unmask", "process", "mask")
# A send is seen late when its target happens to be in its handler for another vIPI just then.
LATE = 3


def vipis_of(event):
    return event["vipis"] if event["type"] == "process" else [event["vipi"]]


def is_adopted(event):
    return any(VIPIS.index(vipi) in ADOPTED for vipi in vipis_of(event))


def key_of(event):
    return event["ns"], event["cpu"], event["type"], event["pending"], tuple(vipis_of(event))


def events_of(lines):
    return [line for line in lines if line["type"] in KINDS]


def check_in_order(lines, what):
    times = [event["ns"] for event in events_of(lines)]
    backwards = sum(later < earlier for earlier, later in zip(times, times[1:]))
    ok(backwards <= lines[-1]["out_of_order"], f"{what}: in order of time", backwards, lines[-1])
    ok(len(times) == lines[-1]["shown"], f"{what}: as many as the summary says", len(times),
       lines[-1])


def check_alternates(events, what):
    """Between two processes of a bit one send set it, and that CPU's others came behind."""
    setters, coalesced = collections.defaultdict(list), collections.defaultdict(set)
    wrong, rounds = [], 0
    for event in events:
        cpu = event["target"] if event["type"] == "send" else event["cpu"]
        for vipi in vipis_of(event):
            if VIPIS.index(vipi) not in ADOPTED or event["type"] in ("unmask", "mask"):
                continue
            bit = cpu, vipi
            if event["type"] == "process":
                rounds += 1
                if len(setters[bit]) != 1:
                    wrong.append((event, setters[bit]))
                setters[bit], coalesced[bit] = [], set()
            elif event["outcome"] in ("raised", "masked"):
                setters[bit].append(event)
                if event["cpu"] in coalesced[bit]:
                    wrong.append(event)
            else:
                coalesced[bit].add(event["cpu"])
    ok(len(wrong) <= LATE and rounds > 200,
       f"{what}: {rounds} times one send set it, then a process handled it", *wrong)


def check_exact(events, what):
    """What the stimulus was told to do, each event once."""
    expected = Expected(COMMANDS)
    received, sent = collections.Counter(), collections.Counter()
    kicks, sets = collections.Counter(), collections.Counter()
    for event in events:
        if event["type"] == "send":
            vipi = VIPIS.index(event["vipi"])
            if vipi in ADOPTED:
                received[event["target"], vipi, event["outcome"].replace(" ", "_")] += 1
                if (event["cpu"], event["target"], vipi) in expected.sent:
                    sent[event["cpu"], event["target"], vipi] += 1
        elif event["type"] == "unmask" and event["kick"] and is_adopted(event):
            kicks[event["cpu"], VIPIS.index(event["vipi"])] += 1
        elif event["type"] == "process" and is_adopted(event):
            for vipi in event["vipis"]:
                if VIPIS.index(vipi) in ADOPTED:
                    sets[event["cpu"], VIPIS.index(vipi)] += 1
    want = +expected.received
    handled = collections.Counter()
    for (cpu, vipi, outcome), count in want.items():
        if outcome in ("raised", "masked"):
            handled[cpu, vipi] += count
    ok(received == want, f"{what}: {sum(want.values())} sends with their outcomes", received, want)
    for key in expected.sent:
        # `send` sends from any CPU, to the same targets.
        if key[2] == 7 and key[1] != 0:
            continue
        ok(sent[key] == expected.sent[key], f"{what}: sent {key}", sent[key], expected.sent[key])
    ok(sets == handled, f"{what}: {sum(handled.values())} handled", sets, handled)
    masks = collections.Counter((event["cpu"], VIPIS.index(event["vipi"]), event["stays_pending"])
                                for event in events if event["type"] == "mask" and is_adopted(event))
    ok(masks == {(2, 2, False): 34, (0, 7, True): 35}, f"{what}: {sum(masks.values())} masks", masks)
    ok(kicks == expected.kicks, f"{what}: {sum(kicks.values())} kicks", kicks, expected.kicks)
