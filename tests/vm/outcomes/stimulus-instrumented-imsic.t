#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
import sys

sys.path.append(f"{sys.path[0]}/..")
from guest import for_all
from stimulus import check

for_all("stimulus-instrumented-sbi.t has this kernel, stimulus-imsic.t this machine")
check("imsic", "instrumented")
