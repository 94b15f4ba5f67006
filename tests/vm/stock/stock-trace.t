#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""Single events, and who sends to a storm, through fentry: as at the tracepoints, and on kernels without them."""
import sys

sys.path.append(f"{sys.path[0]}/..")
from guest import done, need_kernel
from outside import HAMMERED, check_outside
from stock import need_image
from traced import COMMANDS

need_kernel("stock")
check_outside("patched", "sbi", f"{COMMANDS.strip()}\n{HAMMERED}", "fentry", both=True)
check_outside("stock", "sbi", f"{COMMANDS.strip()}\n", "fentry")
check_outside("stock", "imsic", f"{COMMANDS.strip()}\n", "fentry")
need_image("debian")
check_outside("debian", "sbi", "", "fentry")
done()
