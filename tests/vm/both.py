# SPDX-License-Identifier: GPL-2.0-only
"""The same sends, watched through tracepoints and from outside at once: the same numbers."""
from guest import VIPIS, Run, balances, done, need_kernel, ok, say, stimulus

ADOPTED = {VIPIS[vipi] for vipi in (2, 3, 6, 7)}
SEVERAL = VIPIS[6]
COMMANDS = ["storm 3 2 0,1,3 5000", "storm 2 0 1 5000", "hold 7 2 0 3 30 masked", "hold 7 3 0-2 4 33 enabled",
            "post 6 1-3 500"]
# Of each CPU and vIPI.
OTHERS = ("handled", "masks", "unmasks", "kicks")


def traffic(summary):
    return {tuple(row[:3]): row[3:] for row in summary["traffic"] if row[2] in ADOPTED}


def check_pairs(exact, seen, how, guesses):
    """@guesses: of a call to several CPUs it is uncertain for which of them it raised."""
    want, got = traffic(exact), traffic(seen)
    ok(want.keys() == got.keys() and len(want) >= 10, f"{how}: the same senders, targets and vIPIs", want, got)
    off = 0
    for key, outcomes in sorted(want.items()):
        sender, target, vipi = key
        cell = seen["cpus"][str(target)]["vipis"][vipi]
        say(f"{how}: CPU {sender} to {target}, {vipi}: {outcomes}, from outside {got.get(key)}, "
            f"{cell['uncertain']} uncertain")
        if vipi == SEVERAL and guesses:
            off += got[key][0] - outcomes[0]
            ok(sum(got[key]) == sum(outcomes) and abs(got[key][0] - outcomes[0]) <= cell["uncertain"],
               f"{how}: CPU {sender} to {target}, to several at once: off by no more than is uncertain", outcomes,
               got[key], cell)
        else:
            ok(got.get(key) == outcomes and cell["uncertain"] == 0,
               f"{how}: CPU {sender} to {target}, {vipi}: each outcome, difference 0", outcomes, got.get(key), cell)
    ok(off == 0, f"{how}: to several at once: what was raised for all of them, difference 0", off)


def check_others(exact, seen, how):
    wrong = []
    for cpu in "0123":
        for vipi in ADOPTED:
            want, got = (summary["cpus"][cpu]["vipis"][vipi] for summary in (exact, seen))
            wrong += [(cpu, vipi, what, want[what], got[what]) for what in OTHERS if want[what] != got[what]]
    ok(not wrong, f"{how}: {', '.join(OTHERS)} of each CPU and vIPI, difference 0", *wrong)


def check_both(kernel, machine, way):
    how = f"{kernel}, {machine}"
    need_kernel(kernel)
    run = Run("both.sh", way, *COMMANDS, add=[stimulus(kernel)], kernel=kernel, machine=machine, timeout=300)
    if not run.ok(f"{how}: a guest ran"):
        return say(run.output)
    exact, seen = (run.json_lines(f"{via}.jsonl")[-1] for via in ("tracepoint", way))
    ok((exact["via"], seen["via"]) == ("tracepoint", way), f"{how}: one each way", exact["via"], seen["via"])
    check_pairs(exact, seen, how, way == "fentry")
    check_others(exact, seen, how)
    if way == "kprobe":
        # Programs at breakpoints are not interrupted.
        ok(seen["missed"] == 0, f"{how}: nothing is missed", seen["missed"])
    return ok(balances(exact["audit"]) and seen["audit"]["verdict"] in ("balanced", "except"), f"{how}: both audits",
              exact["audit"], seen["audit"])
