#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
import sys

sys.path.append(f"{sys.path[0]}/..")
from guest import for_all
from stock import check_image

for_all("stock-debian.t has this kernel, stock-newest.t this machine")
check_image("debian", "imsic", ["off", "on"])
