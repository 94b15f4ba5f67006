# SPDX-License-Identifier: GPL-2.0-only
"""Every outcome of a send, made on purpose by tests/kmod, against the tool's numbers.

What the module is told to do is written here once, as its commands; from the same
commands follows what must be counted. The vIPIs of ADOPTED are sent by nobody else,
so their counts have to be equal. Used by stimulus-*.t.
"""
import collections
import pathlib
import tempfile

from guest import VIPIS, Run, all_outcomes, balances, done, need_kernel, ok, say, stimulus

ADOPTED = {2, 3, 6, 7}

# Few rounds: four CPUs that spin take turns on two of the host. No CPU unmasks all of its vIPIs, as one
# that comes online does.
HOLDS = """
attach
hold 6 3 0 5 50 enabled
hold 7 2 0 3 30 masked
hold 2 1 0 1 31 late
hold 3 1 2 4 32 late
hold 3 3 0-2 4 33 enabled
hold 2 2 0,1,3 4 34 masked
hold 7 0 1-3 1 35 late
hold 7 1 0 1 10 enabled
hold 6-7 1 0 1 11 enabled
hold 3,6-7 1 0 1 12 enabled
hold 2-3,6-7 1 0 1 13 enabled
hold 0,2-3,6-7 1 0 1 14 enabled
hold 0-3,6-7 1 0 1 15 enabled
hold 0-4,6-7 1 0 1 16 enabled
hold 0-7 1 0,2-3 2 17 enabled
hold 2-3,7 3 0 2 18 masked
"""

SENDS = """
attach
send 6 3 1000
send 7 1-3 500
storm 3 2 0,1,3 20000
storm 2 0 1 20000
"""

# Pending when the tracer comes, and when it goes.
CARRIED_IN = """
mask 6 3
post 6 3 2
attach
unmask 6 3
"""
STILL_PENDING = """
attach
mask 7 2
post 7 2 3
"""

REFUSED = """
refused send 2 1 1
refused hold 0-7 1 0 1 1 enabled
refused post 8 1 1
refused storm 0 1 0 1
refused hold 6 1 0-1 1 1 enabled
refused mask 1 0
refused send
refused jump 1
adopt 2-3,6-7
attach
"""


def cpus_of(text):
    """{0, 2, 3} of "0,2-3"."""
    ranges = [part.split("-") for part in text.split(",")]
    return {cpu for first, *last in ranges for cpu in range(int(first), int((last or [first])[0]) + 1)}


class Expected:
    """What must be counted, of the vIPIs in ADOPTED."""

    def __init__(self, commands):
        self.received = collections.Counter()   # (target, vIPI, outcome)
        self.sent = collections.Counter()       # (sender, target, vIPI), any outcome
        self.free = set()                       # (target, vIPI): raised or coalesced, as it comes
        self.sets = collections.Counter()       # (CPU, set)
        self.kicks = collections.Counter()      # (CPU, vIPI)
        for line in commands.split("\n"):
            name, *words = line.split() or [None]
            if name in ("send", "storm", "hold"):
                getattr(self, name)(*words)

    def send(self, vipi, cpus, count):
        for cpu in cpus_of(cpus):
            # The script's CPU is any.
            self.received[cpu, int(vipi), "raised"] += int(count)

    def storm(self, vipi, target, senders, count):
        self.free.add((int(target), int(vipi)))
        for sender in cpus_of(senders):
            self.sent[sender, int(target), int(vipi)] += int(count)

    def hold(self, vipis, target, senders, repeat, rounds, how):
        vipis, target, rounds = cpus_of(vipis), int(target), int(rounds)
        sends = len(cpus_of(senders)) * int(repeat) * rounds
        first, again = (("masked", "coalesced_while_masked") if how == "masked"
                        else ("raised", "coalesced"))
        for vipi in vipis & ADOPTED:
            self.received[target, vipi, first] += rounds
            self.received[target, vipi, again] += sends - rounds
            for sender in cpus_of(senders):
                self.sent[sender, target, vipi] += int(repeat) * rounds
            if how != "enabled":
                self.kicks[target, vipi] += rounds
        self.sets[target, sum(1 << vipi for vipi in vipis)] += rounds
        if how == "late":
            self.sets[target, 0] += rounds


def numbers(run, name):
    """{(CPU, vIPI): handled} of what the module counted in this window."""
    counts = {}
    for edge, sign in ("after", 1), ("before", -1):
        for line in run.file(f"{name}.{edge}").splitlines():
            vipi, per_cpu = line.split()
            for cpu, count in enumerate(per_cpu.split(",")):
                key = cpu, int(vipi)
                counts[key] = counts.get(key, 0) + sign * int(count)
    return counts


def check_window(run, name, commands, how, most_missed=0):
    """Compares all there is; returns the summary."""
    expected, summary = Expected(commands), run.json_lines(f"{name}.jsonl")[-1]
    wrong, compared = [], 0

    def compare(what, got, want):
        nonlocal compared
        compared += 1
        if got != want:
            wrong.append(f"{what}: {got}, not {want}")

    sent = collections.Counter()
    for sender, target, vipi, *outcomes in summary["traffic"]:
        sent[sender, target, VIPIS.index(vipi)] += sum(outcomes)
    module = numbers(run, name)
    for cpu in range(4):
        margin = summary["cpus"][str(cpu)]
        for vipi in ADOPTED:
            got = margin["vipis"][VIPIS[vipi]]
            where = f"CPU {cpu} {VIPIS[vipi]}"
            compare(f"{where}: handled, and the module's count", got["handled"], module[cpu, vipi])
            if (cpu, vipi) in expected.free:
                compare(f"{where}: raised and handled", got["received"]["raised"], got["handled"])
                compare(f"{where}: masked", got["received"]["masked"], 0)
            else:
                for outcome, count in all_outcomes(got["received"]).items():
                    compare(f"{where}: {outcome}", count, expected.received[cpu, vipi, outcome])
            if name not in ("carried-in", "still-pending"):
                compare(f"{where}: kicks", got["kicks"], expected.kicks[cpu, vipi])
                compare(f"{where}: unmasks", got["unmasks"], expected.kicks[cpu, vipi])
            for sender in range(4):
                if (sender, cpu, vipi) in expected.sent:
                    compare(f"{where}: sent by CPU {sender}", sent[sender, cpu, vipi],
                            expected.sent[sender, cpu, vipi])
        # In a hold nothing else can be in a set; other processes have none of ADOPTED.
        if expected.sets and "sets" in margin:
            mine = {int(s): n for s, n in margin["sets"].items()
                    if int(s) == 0 or any(int(s) >> vipi & 1 for vipi in ADOPTED)}
            want = {s: n for (c, s), n in expected.sets.items() if c == cpu}
            # With two senders at a time the second raise may come when the first one's process has
            # handled both: that one is empty. Here nobody else sends, but around the holds they do.
            empty, least = mine.pop(0, 0), want.pop(0, 0)
            others = sum(vipi["received"]["raised"] + vipi["kicks"]
                         for name, vipi in margin["vipis"].items()
                         if VIPIS.index(name) not in ADOPTED)
            compare(f"CPU {cpu}: sets", mine, want)
            compare(f"CPU {cpu}: {empty} empty, {least} of them made, {others} other raises",
                    least <= empty <= least + others, True)
            if empty != least:
                say(f"{how}, {name}: CPU {cpu} had {empty - least} empty processes of its own")
    ok(not wrong, f"{how}, {name}: {compared} counts, difference 0", *wrong)
    audit = summary["audit"]
    ok(balances(audit, {VIPIS[vipi] for vipi in ADOPTED}, missed_of(audit)) and audit["missed"] <= most_missed,
       f"{how}, {name}: the audit balances, {audit['missed']} missed", audit)
    return summary


def missed_of(audit):
    """Of events that were missed: sends of others, in interrupts, which nobody adopted."""
    missed = [entry for entry in audit["entries"] if (entry["finding"], entry["reason"]) == ("not_seen", "missed") and
              VIPIS.index(entry["vipi"]) not in ADOPTED]
    return missed if sum(entry["number"] for entry in missed) <= audit["missed"] else []


def adopted_entries(summary):
    """What the audit finds; others may be on their way at an edge."""
    return [(entry["cpu"], entry["vipi"], entry["finding"]) for entry in summary["audit"]["entries"]
            if VIPIS.index(entry["vipi"]) in ADOPTED]


def check(machine, kernel="patched"):
    """All of it in one guest."""
    how = f"{kernel}, {machine}"
    need_kernel(kernel)
    windows = {"a-refused": REFUSED, "b-holds": HOLDS,
               "c-holds-by-bit": HOLDS.replace("attach", "attach --count-by-bit"),
               "d-sends": SENDS, "carried-in": CARRIED_IN, "still-pending": STILL_PENDING}
    with tempfile.TemporaryDirectory() as directory:
        files = []
        for name, commands in windows.items():
            path = pathlib.Path(directory, name)
            path.write_text(commands.strip() + "\n")
            files.append(path)
        run = Run("stimulus.sh", *windows, add=[stimulus(kernel), *files],
                  kernel=kernel, machine=machine, timeout=300)
    if not run.ok(f"{how}: a guest ran, and the module refused what it must"):
        say(run.output)
        return done()
    check_window(run, "b-holds", HOLDS, how)
    check_window(run, "c-holds-by-bit", HOLDS, how)
    sends = check_window(run, "d-sends", SENDS, how)
    storm = sends["cpus"]["2"]["vipis"]["CPU_CRASH_STOP"]["received"]
    say(f"{how}: three senders at once, 60000 sends: {storm}")
    ok(storm["coalesced"] > 0 and storm["raised"] > 0, f"{how}: the three got in each other's way",
       storm)

    carried = run.json_lines("carried-in.jsonl")[-1]
    entries = adopted_entries(carried)
    margin = carried["cpus"]["3"]["vipis"]["CPU_BACKTRACE"]
    ok(entries == [(3, "CPU_BACKTRACE", "carried_in")] and margin["handled"] == 1 and
       margin["kicks"] == margin["unmasks"] == 1 and not any(margin["received"].values()) and
       balances(carried["audit"]),
       f"{how}: a bit set before the window is carried in, and kicked", carried["audit"], margin)

    pending = run.json_lines("still-pending.jsonl")[-1]
    entries = adopted_entries(pending)
    margin = pending["cpus"]["2"]["vipis"]["KGDB_ROUNDUP"]
    ok(entries == [(2, "KGDB_ROUNDUP", "still_pending")] and
       all_outcomes(margin["received"]) == {"raised": 0, "coalesced": 0, "masked": 1,
                                            "coalesced_while_masked": 2} and
       margin["handled"] == 0 and balances(pending["audit"]),
       f"{how}: a bit that is masked at the end is still pending", pending["audit"], margin)
    done()
