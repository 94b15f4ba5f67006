#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""The debug kernel finds mistakes, and vm/run hears of them: LKDTM makes some.

tests/tree/complaints.t has the words of more than can be made here.
"""
import sys

sys.path.append(f"{sys.path[0]}/..")
from guest import ALL, Run, done, left_out, ok

MISTAKES = {
    "SPINLOCKUP": "WARNING: lock held when returning to user space!",
    "READ_AFTER_FREE": "BUG: KASAN: slab-use-after-free",
    "ARRAY_BOUNDS": "UBSAN: array-index-out-of-bounds",
}

# Words that vm/run knows are looked for without a guest, too.
for mistake, words in MISTAKES.items() if ALL else list(MISTAKES.items())[:2]:
    run = Run("debug.sh", mistake, kernel="debug", cpus=2)
    ok(run.status == 125, f"{mistake}: vm/run says that the kernel complained",
       f"status {run.status}", run.output, run.errors)
    ok(words in run.errors, f"{mistake}: {words}", run.errors)
left_out("ARRAY_BOUNDS; that there is no complaint without a mistake is in soak.t")
done()
