#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""A kernel without BTF: the tracepoints need none, and the one thing that does says so."""
import sys

sys.path.append(f"{sys.path[0]}/..")
from guest import Run, balances, done, ok, say

SENDER, TARGET, VIPI = 1, 2, "CALL_FUNC"
# Of the 2,000 calls that membarrier makes for it some need no vIPI, on a busy host.
LEAST = 1500


def check_stat(summary):
    ok(balances(summary["audit"]), "stat: balanced", summary["audit"])
    wrong, exact = run.compare_handled(summary["cpus"])
    say(f"handled: as the kernel counted, {exact} counts without any room")
    ok(not wrong and exact, "stat: handled as the kernel counted", *wrong)
    vipi = summary["cpus"][str(TARGET)]["vipis"][VIPI]
    ok(vipi["handled"] >= LEAST and vipi["waits"]["raised"]["timed"] >= LEAST,
       "stat: counted and timed", vipi)


def check_storm(events):
    senders = [sender for event in events if event.get("event") == "started"
               and event["targets"] == [TARGET] for sender in event.get("sample", {}).get("senders", ())]
    ok(senders and senders[0]["command"] == "membarrier" and senders[0]["stack"],
       "storm: who sends, and from where", *events)
    ok(senders and all(sender["context"] == "unknown" for sender in senders),
       "storm: what it needs BTF for is unknown", *senders)
    text = run.file("storm")
    ok("membarrier (" in text and "unknown without BTF" in text, "storm: and in words", text)


def check_trace(events):
    sends = [event for event in events if event["type"] == "send" and
             (event["cpu"], event["target"], event["vipi"]) == (SENDER, TARGET, VIPI)]
    processes = [event for event in events if event["type"] == "process" and event["cpu"] == TARGET]
    ok(len(sends) >= 400 and len(processes) >= 400, "trace: single events", len(sends), len(processes),
       events[-1])


run = Run("nobtf.sh", kernel="nobtf")
if run.ok("a guest without BTF ran"):
    ended = run.output.splitlines()
    ok(ended == ["no BTF", "stat: 0", "trace: 0", "storm: 0", "latency: 0"],
       "it has no BTF, and all exit with status 0", run.output)
    check_stat(run.json_lines("stat.jsonl")[-1])
    check_storm(run.json_lines("storm.jsonl"))
    check_trace(run.json_lines("trace.jsonl"))
    ok("audit: balanced" in run.file("latency"), "latency: balanced", run.file("latency"))
done()
