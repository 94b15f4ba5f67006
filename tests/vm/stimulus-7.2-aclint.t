#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
from stimulus import check

check("aclint", "linux-7.2")
