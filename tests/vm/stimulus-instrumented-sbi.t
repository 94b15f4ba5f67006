#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
from stimulus import check

check("sbi", "instrumented")
