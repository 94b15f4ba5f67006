#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
import sys

sys.path.append(f"{sys.path[0]}/..")
from guest import for_all
from hotplug import main

for_all("hotplug-instrumented.t has a mux with the same tracepoints added, exact-7.2-aclint.t this kernel")
main("linux-7.2")
