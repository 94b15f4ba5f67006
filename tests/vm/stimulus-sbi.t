#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
import stimulus

stimulus.check(machine="sbi")
