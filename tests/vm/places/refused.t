#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""The verifier refuses a program on purpose, in each of the objects that the tool loads, with an errno that has been
taken for something else: for hidden symbols (EACCES), for too many CPUs (E2BIG). Each time the tool says that it was the
verifier, of which program, and how to see more; and it is no reason for a boot test to be skipped."""
import sys

sys.path.append(f"{sys.path[0]}/..")
from guest import ROOT, Run, done, ok

DONE, CANNOT = 0, 3
DENIED = "the kernel's verifier refuses the BPF program 'refused': Permission denied (-v shows more)"
TOO_DEEP = "the kernel's verifier refuses the BPF program 'refused': Argument list too long (-v shows more)"
WORDS = "the multiplexer's own words are not read: "
DEARER = "counting costs five times as much: the multiplexer is watched at entries and exits: "


def refused(kernel, cases, **options):
    """Runs [(command line, status, what it says on stderr)]; returns [(stdout, stderr)]."""
    tools = sorted({command.split()[0] for command, _, _ in cases})
    run = Run("refused.sh", *[command for command, _, _ in cases], kernel=kernel, cpus=2,
              add=[f"{ROOT}/build/tests/guest/{tool}:/usr/bin/{tool}" for tool in tools], **options)
    run.ok(f"{kernel}: the guest ran")
    statuses = run.file("statuses").split()
    outputs = [(run.file(f"{number}.stdout"), run.file(f"{number}.stderr")) for number in range(1, len(cases) + 1)]
    ok(len(statuses) == len(cases), f"{kernel}: all {len(cases)} ran", statuses)
    for (command, status, message), got, (stdout, stderr) in zip(cases, statuses, outputs):
        said = [line for line in stderr.splitlines() if line.startswith("ipimux-trace: ")]
        ok(int(got) == status and said == ([f"ipimux-trace: {message}"] if message else []),
           f"{kernel}: {command}: status {status}: {message}", got, stderr)
        ok(status == DONE or not stdout, f"{kernel}: {command}: prints nothing else", stdout)
    return outputs


outputs = refused("patched", [
    ("refused-ipimux 0.1 1", CANNOT, TOO_DEEP),
    ("refused-ipimux --latency -v 0.1 1", CANNOT, TOO_DEEP),
    ("refused-ipimux attach --pin", CANNOT, TOO_DEEP),
    ("refused-ipimux check --duration 0.1 --skip-unsupported --junit /out/junit.xml", CANNOT, TOO_DEEP),
    ("refused-verify 0.1 1", DONE, None),
    ("refused-verify --verify 0.1 1", CANNOT, DENIED),
    ("refused-verify check --duration 0.1 --skip-unsupported", CANNOT, DENIED),
    ("refused-memory 0.1 1", DONE, None),
    ("refused-memory --verify 0.1 1", CANNOT, DENIED),
    ("refused-memory check --duration 0.1 --skip-unsupported", CANNOT, DENIED),
    ("refused-words 0.1 1", DONE, WORDS + DENIED),
    ("refused-events trace 0.1", CANNOT, DENIED),
    ("refused-events trace -v 0.1", CANNOT, DENIED),
    ("refused-senders storm --rate 1 --json 1 3", DONE, None),
    ("refused-kprobes --via kprobe 0.1 1", CANNOT, DENIED),
    ("refused-kprobes trace --via kprobe 0.1", CANNOT, DENIED),
    ("refused-senders storm --via kprobe --rate 1 --json 1 3", DONE, None),
])
if len(outputs) == 17:
    ok("the call stack of 9 frames is too deep" in outputs[1][1], "-v: what the verifier says of it", outputs[1][1])
    ok("invalid mem access" in outputs[12][1], "trace -v: the same", outputs[12][1])
    ok("handled" in outputs[10][0] and "audit: balanced" in outputs[10][0],
       "words: all but that is counted, and audited", outputs[10][0])
    ok(f'"no_sample":"{DENIED}"' in outputs[13][0], "storm: it says so instead of who sends", outputs[13][0])
    ok(f'"no_sample":"{DENIED}"' in outputs[16][0], "storm by kprobe: the same", outputs[16][0])

refused("stock", [
    # The JIT is on: at the entries, except where no raise is to be seen and for pins.
    ("refused-entries 0.1 1", DONE, DEARER + DENIED),
    ("refused-entries --latency 0.1 1", DONE, DEARER + DENIED),
    ("refused-entries check --duration 0.1 --skip-unsupported", DONE, DEARER + DENIED),
    ("refused-entries --predict 0.1 1", DONE, None),
    ("refused-fentry 0.1 1", DONE, None),
    ("refused-fentry --predict 0.1 1", CANNOT, DENIED),
    ("refused-fentry attach --pin", CANNOT, DENIED),
    ("refused-memory 0.1 1", CANNOT, DENIED),
    ("refused-memory check --duration 0.1 --skip-unsupported", CANNOT, DENIED),
    ("refused-verify check --duration 0.1 --skip-unsupported", CANNOT, DENIED),
    ("refused-words 0.1 1", DONE, WORDS + DENIED),
])
done()
