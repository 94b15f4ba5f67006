#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""The debug kernel finds mistakes, and vm/run hears of them: LKDTM makes some.

tests/tree/complaints.t has the words of more than can be made here.
"""
import sys

sys.path.append(f"{sys.path[0]}/..")
from guest import Run, done, ok

MISTAKES = {
    "SPINLOCKUP": "WARNING: lock held when returning to user space!",
    "READ_AFTER_FREE": "BUG: KASAN: slab-use-after-free",
    "ARRAY_BOUNDS": "UBSAN: array-index-out-of-bounds",
}

# Lockdep goes off with the first mistake, KASAN says one only. That there is no complaint without a mistake is soak.t's.
for mistakes in ["SPINLOCKUP"], ["ARRAY_BOUNDS", "READ_AFTER_FREE"]:
    run = Run("debug.sh", *mistakes, kernel="debug", cpus=2)
    ok(run.status == 125, f"{' '.join(mistakes)}: vm/run says that the kernel complained",
       f"status {run.status}", run.output, run.errors)
    for mistake in mistakes:
        ok(MISTAKES[mistake] in run.errors, f"{mistake}: {MISTAKES[mistake]}", run.errors)
done()
