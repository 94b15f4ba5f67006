#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for hotplug.py: CPUs go and come while ipimux-trace counts.
set -eu
. ./lib.sh

count_vipis >/out/around-before
start_tracer /out/trace.jsonl -j 0.2
count_vipis >/out/inside-before
i=0
while [ $i -lt 5 ]; do
	i=$((i + 1))
	cpu_goes 2
	sleep 0.7
	cpu_comes 2
	sleep 0.5
	membarrier 1 2 1000
done
# Within one interval.
cpu_goes 3
cpu_comes 3
membarrier 1 3 1000
count_vipis >/out/inside-after
# Whether the books balance is for hotplug.py to say.
stop_tracer INT || echo "status $?"
count_vipis >/out/around-after

# Offline from the start, and back.
cpu_goes 3
start_tracer /out/table 0.5
cpu_comes 3
sleep 1.2
stop_tracer TERM
