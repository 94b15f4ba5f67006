#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
from hotplug import main

main()
