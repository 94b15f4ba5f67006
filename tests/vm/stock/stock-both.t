#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""The same sends, watched through tracepoints and through fentry at once: the same numbers."""
import sys

sys.path.append(f"{sys.path[0]}/..")
from guest import VIPIS, Run, balances, done, ok, say, stimulus

ADOPTED = {VIPIS[vipi] for vipi in (2, 3, 6, 7)}
SEVERAL = VIPIS[6]
COMMANDS = ["storm 3 2 0,1,3 5000", "storm 2 0 1 5000", "hold 7 2 0 3 30 masked", "hold 7 3 0-2 4 33 enabled",
            "post 6 1-3 500"]


def traffic(summary):
    return {tuple(row[:3]): row[3:] for row in summary["traffic"] if row[2] in ADOPTED}


run = Run("stock-both.sh", *COMMANDS, add=[stimulus()], timeout=300)
if run.ok("a guest ran"):
    exact, seen = (run.json_lines(f"{via}.jsonl")[-1] for via in ("tracepoint", "fentry"))
    ok((exact["via"], seen["via"]) == ("tracepoint", "fentry"), "one each way", exact["via"], seen["via"])
    want, got = traffic(exact), traffic(seen)
    ok(want.keys() == got.keys() and len(want) >= 10, "the same senders, targets and vIPIs", want, got)
    off = 0
    for key, outcomes in sorted(want.items()):
        sender, target, vipi = key
        cell = seen["cpus"][str(target)]["vipis"][vipi]
        say(f"CPU {sender} to {target}, {vipi}: {outcomes}, through fentry {got[key]}, {cell['uncertain']} uncertain")
        if vipi == SEVERAL:
            off += got[key][0] - outcomes[0]
            ok(sum(got[key]) == sum(outcomes) and abs(got[key][0] - outcomes[0]) <= cell["uncertain"],
               f"CPU {sender} to {target}, to several at once: off by no more than is uncertain", outcomes, got[key])
        else:
            ok(got[key] == outcomes and cell["uncertain"] == 0,
               f"CPU {sender} to {target}, {vipi}: each outcome, difference 0", outcomes, got[key], cell)
    ok(off == 0, "to several at once: what was raised for all of them, difference 0", off)
    wrong = []
    for cpu in "0123":
        for vipi in ADOPTED:
            want, got = (summary["cpus"][cpu]["vipis"][vipi] for summary in (exact, seen))
            wrong += [(cpu, vipi, what, want[what], got[what]) for what in ("handled", "unmasks", "kicks")
                      if want[what] != got[what]]
    ok(not wrong, "handled, unmasks and kicks of each CPU and vIPI, difference 0", *wrong)
    ok(balances(exact["audit"]) and seen["audit"]["verdict"] in ("balanced", "except"),
       "both audits", exact["audit"], seen["audit"])
done()
