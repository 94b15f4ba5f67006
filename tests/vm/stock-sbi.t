#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
from stock import check_stimulus

check_stimulus("sbi")
