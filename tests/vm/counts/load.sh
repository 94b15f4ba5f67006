#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for load.t: three CPUs signal a thread on the fourth, then one, all
# the while ipimux-trace comes and goes.
# usage: load.sh CYCLES
set -eu
. ./lib.sh

step()
{
	echo "$(cut -d' ' -f1 /proc/uptime) $*"
}

step idle
ipimux-trace -j 0.5 3 >/out/idle.jsonl

# The last BPF program to go takes its executable memory along, for seconds on a
# machine as busy as this one: somebody else's stays.
start_tracer /out/other.jsonl -j 1

step storm
signals 3 3600 &
load=$!
ipimux-trace -j 1 2 >/out/storm.jsonl
ipimux-trace -j --count-by-bit 1 2 >/out/by-bit.jsonl
ipimux-trace --vipi 1 2 >/out/table

# One CPU without a pause: with three, a host of two lets most of them wait for a turn.
step cycles
kill $load
signals 1 3600 &
load=$!
i=0
while [ $i -lt "$1" ]; do
	ipimux-trace -j 0.1 1 >/out/cycle.jsonl
	tail -n 1 /out/cycle.jsonl >>/out/cycles.jsonl
	i=$((i + 1))
done
rm /out/cycle.jsonl
kill $load
stop_tracer INT
step end
