#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
import sys

sys.path.append(f"{sys.path[0]}/..")
from stock import check_image

check_image("debian", "sbi", ["off", "on"], "kprobe")
