#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""Single events, and who sends to a storm, by kprobe: as at the tracepoints, and on kernels without them."""
import sys

sys.path.append(f"{sys.path[0]}/..")
from guest import done, need_kernel
from outside import HAMMERED, check_outside
from stock import need_image
from traced import COMMANDS

need_kernel("stock")
check_outside("nobtf", "sbi", f"{COMMANDS.strip()}\n{HAMMERED}", "kprobe", both=True)
check_outside("stock", "imsic", f"{COMMANDS.strip()}\n", "kprobe")
need_image("debian")
check_outside("debian", "sbi", "", "kprobe")
done()
