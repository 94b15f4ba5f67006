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

for mistake, words in MISTAKES.items():
    run = Run("debug.sh", mistake, kernel="debug", cpus=2)
    ok(run.status == 125, f"{mistake}: vm/run says that the kernel complained",
       f"status {run.status}", run.output, run.errors)
    ok(words in run.errors, f"{mistake}: {words}", run.errors)

run = Run("debug.sh", kernel="debug", cpus=2)
ok(run.status == 0, "no mistake, no complaint", f"status {run.status}", run.output, run.errors)
done()
