# SPDX-License-Identifier: GPL-2.0-only
"""CPUs go offline and come back while the tool counts."""
from guest import VIPIS, Run, done, need_kernel, ok, only_last_words, say

CYCLES = 5


def main(kernel="patched"):
    need_kernel(kernel)
    run = Run("hotplug.sh", kernel=kernel)
    if not run.ok(f"a guest ran, kernel {kernel}"):
        return done()
    lines = run.json_lines("trace.jsonl")
    summary = lines[-1]
    rows = ["2" in line["cpus"] for line in lines[:-1]]
    changes = sum(a != b for a, b in zip(rows, rows[1:]))
    ok(rows[0] and rows[-1] and changes == 2 * CYCLES,
       f"the row of CPU 2 went and came back {CYCLES} times", rows)
    wrong, _ = run.compare_handled(summary["cpus"])
    ok(not wrong, "nothing is counted twice, nothing lost", *wrong)
    for cpu, times in ((2, CYCLES), (3, 1)):
        unmasks = {vipi: summary["cpus"][str(cpu)]["vipis"][vipi]["unmasks"] for vipi in VIPIS}
        ok(set(unmasks.values()) == {times},
           f"CPU {cpu} unmasked each vIPI {times} times", unmasks)
    say(summary["audit"])
    ok(only_last_words(summary["audit"], CYCLES + 1),
       "nothing is excused except the last sends of CPUs that went", summary["audit"])
    ok(summary["audit"]["offlinings"] == CYCLES + 1, "it knows how often one went", summary["audit"])
    ok(summary["audit"]["hotplug"], "it knows of the CPUs that came and went")
    table = run.file("table").split("\n\n")
    ok("\n3 " in table[-2], "a CPU that was offline at the start has a row later", *table)
    return done()
