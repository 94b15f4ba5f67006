# SPDX-License-Identifier: GPL-2.0-only
"""What the tool counts as handled is what the kernel counts, difference 0."""
from guest import VIPIS, Run, balances, done, need_kernel, ok, say

CALLER, SPINNER, CALLS = 1, 2, 10000


# What the kernel says of the parent IPI, so that a guest which fell back to another one does not pass.
PARENTS = {
    "sbi": "providing IPIs using SBI IPI extension",
    "imsic": "providing IPIs using interrupt",
    "aclint": "providing IPIs using ACLINT SSWI",
}


def main(machine, kernel="patched"):
    need_kernel(kernel)
    run = Run("exact.sh", machine=machine, kernel=kernel)
    if not run.ok(f"a guest ran with {machine}, kernel {kernel}"):
        return done()
    say(run.file("version").strip())
    ok(PARENTS[machine] in run.file("parent"), f"its parent IPI is that of {machine}", run.file("parent"))
    lines = run.json_lines("trace.jsonl")
    summary = lines[-1]
    cpus, audit = summary["cpus"], summary["audit"]

    ok(list(cpus["0"]["vipis"]) == VIPIS, "the vIPIs have their names", cpus["0"]["vipis"].keys())
    wrong, exact = run.compare_handled(cpus)
    ok(not wrong, "handled is what the kernel counted, for each CPU and vIPI", *wrong)
    ok(exact >= 16, f"of 32 counts, {exact} are known exactly and met, difference 0")

    sent = cpus[str(CALLER)]["vipis"]["CALL_FUNC"]["sent"]
    handled = cpus[str(SPINNER)]["vipis"]["CALL_FUNC"]["handled"]
    say(f"CALL_FUNC: CPU {CALLER} sent {sent}, CPU {SPINNER} handled {handled}")
    ok(sum(sent.values()) >= CALLS, f"the caller's CPU sent {CALLS} calls")
    ok(handled >= CALLS, f"the spinner's CPU handled {CALLS} calls")
    pair = [row for row in summary["traffic"] if row[:3] == [CALLER, SPINNER, "CALL_FUNC"]]
    ok(len(pair) == 1 and sum(pair[0][3:]) >= CALLS, "and they went from one to the other", pair)

    # A bit may be pending at an edge, on a host that is busy itself.
    ok(balances(audit) and audit["missed"] == 0,
       "the audit balances, no event is missed", audit)
    ok(audit["raised"] + audit["masked"] + audit["carried_in"] ==
       audit["handled"] + audit["still_pending"], "raised + masked = handled", audit)
    return done()
