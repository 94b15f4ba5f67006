# SPDX-License-Identifier: GPL-2.0-only
"""What the JSON of `matrix` must add up to, by itself and beside that of `stat`.

Functions of JSON objects; runs no guest.
"""
from guest import OUTCOMES


def add(sums, key, sends):
    sums[key] = [a + b for a, b in zip(sums.get(key, [0] * len(OUTCOMES)), sends)]


def sums_of(pairs):
    """The sends of [sender, target, ...] by sender, by target and in all"""
    senders, targets, total = {}, {}, {}
    for sender, target, *sends in pairs:
        add(senders, str(sender), sends)
        add(targets, str(target), sends)
        add(total, "all", sends)
    return senders, targets, total.get("all", [0] * len(OUTCOMES))


def inner_differences(matrix):
    """What of a matrix does not add up, as a list of words"""
    senders, targets, total = sums_of(matrix["pairs"])
    wrong = []
    for axis, sums in (("senders", senders), ("targets", targets)):
        for cpu, sends in matrix[axis].items():
            if sends != sums.pop(cpu, [0] * len(OUTCOMES)):
                wrong.append(f"{axis} {cpu}: {sends}")
        wrong += [f"{axis} {cpu}: not there, but in pairs" for cpu in sums]
    if matrix["total"] != total:
        wrong.append(f"total: {matrix['total']}, not {total}")
    return wrong


def stat_pairs(stat, vipi=None):
    """{(sender, target): sends} of a line of stat's"""
    pairs = {}
    for sender, target, name, *sends in stat["traffic"]:
        if vipi in (None, name):
            add(pairs, (sender, target), sends)
    return pairs


def differences(stat, matrix):
    """Where a line of `stat` and one of `matrix` for the same interval of the same events
    differ, as a list of words. Neither folded nor filtered by CPU."""
    vipi = matrix["vipi"]
    wrong = inner_differences(matrix)
    pairs = {(sender, target): sends for sender, target, *sends in matrix["pairs"]}
    expected = stat_pairs(stat, vipi)
    for pair in expected.keys() | pairs.keys():
        if expected.get(pair) != pairs.get(pair):
            wrong.append(f"{pair}: {pairs.get(pair)}, stat: {expected.get(pair)}")
    for axis, half in (("senders", "sent"), ("targets", "received")):
        for cpu, margin in stat["cpus"].items():
            margin = margin if vipi is None else margin["vipis"][vipi]
            sends = [margin[half][outcome] for outcome in OUTCOMES]
            if matrix[axis].get(cpu, [0] * len(OUTCOMES)) != sends:
                wrong.append(f"CPU {cpu} {half}: {matrix[axis].get(cpu)}, stat: {sends}")
    return wrong
