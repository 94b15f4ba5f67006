#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""Everything at a time, in a kernel that checks its locks, its RCU and its memory.

For 30 seconds, or as long as SOAK_SECONDS says (make soak).
"""
import os
import re

from guest import VIPIS, Run, done, ok, only_last_words, say

SECONDS = int(os.environ.get("SOAK_SECONDS", 30))


def check_audits(what, audits):
    verdicts = [audit["verdict"] for audit in audits]
    say(f"{what}: " + ", ".join(f"{verdicts.count(verdict)} {verdict}"
                                for verdict in sorted(set(verdicts))))
    off = [audit for audit in audits if audit["verdict"] == "off"]
    ok(audits and not off, f"{what}: no audit is off", *off[:3])
    # Only an NMI could nest in an event, and there is none here.
    missed = [audit for audit in audits if audit["missed"]]
    ok(not missed, f"{what}: no event is missed", *missed[:3])


# With an IMSIC, for the reason that quiet.t gives: after 110 offlinings a CPU did not come back from the firmware.
run = Run("soak.sh", str(SECONDS), kernel="debug", machine="imsic", timeout=2 * SECONDS + 300)
if run.ok("a debug kernel had nothing to complain about"):
    summary = run.json_lines("trace.jsonl")[-1]
    cycles_of = dict(zip((2, 3), map(int, run.file("cycles").split())))
    cycles = sum(cycles_of.values())
    sent = {kind: sum(cpu["sent"][kind] for cpu in summary["cpus"].values())
            for kind in ("raised", "coalesced")}
    say(f"{summary['interval']:.0f} s, cycles of CPU 2 and 3: {cycles_of}, sent: {sent}")
    say(f"audit of all: {summary['audit']}")
    # On a host as busy as can be a cycle takes 15 s.
    ok(cycles >= SECONDS // 30, "CPUs went and came", cycles)
    ok(sent["coalesced"] >= SECONDS // 2, "there was a storm", sent)
    read = sum(map(int, re.findall(r"^read events: (\d+)", run.file("read-events"), re.MULTILINE)))
    everything = sum(map(int, re.findall(r"^(?:entries|overrun): (\d+)", run.file("all-events"),
                                         re.MULTILINE)))
    say(f"ftrace: {everything} events, {read} of ours read")
    ok(everything > 100 * SECONDS and read > 10 * SECONDS, "the events went to ftrace, too",
       run.file("all-events"), run.file("read-events"))
    for cpu, times in cycles_of.items():
        unmasks = {vipi: summary["cpus"][str(cpu)]["vipis"][vipi]["unmasks"] for vipi in VIPIS}
        ok(set(unmasks.values()) == {times}, f"CPU {cpu} unmasked each vIPI {times} times",
           unmasks)
    wrong, _ = run.compare_handled(summary["cpus"])
    ok(not wrong, "what was handled is what the kernel counted", *wrong)
    check_audits("all the time", [summary["audit"]])
    ok(only_last_words(summary["audit"], cycles), "nothing is excused except the last CALL_FUNCs of CPUs that went",
       summary["audit"])
    short = run.json_lines("cycles.jsonl")
    ok(len(short) >= SECONDS // 30, f"{len(short)} more came and went")
    check_audits("those", [line["audit"] for line in short])
done()
