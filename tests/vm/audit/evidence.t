#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""The on-call case: what was stuck before the tool started is found, by all; and INTERVAL changes no verdict.

Without the multiplexer's words, which tests/unit/view/test-stuck-shown.c has: to be refused them interrupts all CPUs, which
delivers what was lost.
"""
import sys

sys.path.append(f"{sys.path[0]}/..")
from guest import Run, done, ok, say, stimulus

run = Run("evidence.sh", kernel="broken", add=[stimulus("broken")], append="isolcpus=domain,3", timeout=600)
if run.ok("a guest with a wrong multiplexer ran"):
    for line in run.output.splitlines():
        say(line)
    for name in ("stat", "stuck", "fentry"):
        lines = run.json_lines(name)
        found = [line for line in lines if line["type"] == "stuck" and line["event"] == "found"]
        ok(len(found) == 1 and (found[0]["cpu"], found[0]["vipi"]) == (3, "CPU_BACKTRACE"), f"{name}: it is reported, once",
           *lines)
        ok(found and found[0]["after"] is None, f"{name}: set before the start", *found)
        if name in ("stat", "stuck"):
            # No balance tells: the only sends that were seen coalesced.
            ok([row[3:] for row in lines[-1].get("traffic", []) if row[1:3] == [3, "CPU_BACKTRACE"]] == [[0, 100, 0, 0]],
               f"{name}: all that was seen of it is sends that coalesced", *lines)
        # A look a second, and a threshold of one: not before the one, and not after both and some.
        ok(found and 1 <= found[0]["pending"][0] <= 2.2, f"{name}: by the threshold and a second", *found)
        audit = lines[-1]["audit"]
        ok(audit["verdict"] == "off" and any((entry["cpu"], entry["vipi"], entry["finding"]) ==
                                             (3, "CPU_BACKTRACE", "stuck") for entry in audit["entries"]),
           f"{name}: the audit is off, for that", audit)
        ok(audit["words"], f"{name}: the words were read", audit)
        ok(f"\n{name}: status 1," in "\n" + run.output, f"{name}: exit status 1", run.output)
    text = run.file("check")
    ok("\nnot ok 1 audit # CPU 3 CPU_BACKTRACE: raised, and not handled" in text and
       "\nnot ok 2 stuck # CPU 3 CPU_BACKTRACE: stuck" in text and "set before the start" in text,
       "check: both tests fail, for that", text)
    ok("\ncheck: status 1," in "\n" + run.output, "check: exit status 1", run.output)
    for name in ("often", "once"):
        audit = run.json_lines(name)[-1]["audit"]
        ok(audit["verdict"] == "off" and [(entry["cpu"], entry["finding"]) for entry in audit["entries"]
                                          if entry["verdict"] == "off"] == [(3, "stuck")],
           f"stuck for nine seconds, then handled, looked at {name}: off", audit)
    ok(run.output.count("nine seconds: status 1") == 2, "exit status 1, both", run.output)
done()
