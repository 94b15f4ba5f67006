#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for bench/running: running.sh SECONDS. How soon ipimux-trace shows its first table, the
# memory it takes, twice the CPU time it uses for an interval, over so many seconds, and what vIPIs there are
# in a second of a guest that does nothing, with it and without. Judges nothing.
set -eu
# shellcheck source-path=SCRIPTDIR/../tests/vm
. ./lib.sh

# vipis - how many the whole machine has handled so far
vipis()
{
	count_vipis | cut -d ' ' -f 2 | tr , '\n' | awk '{ sum += $1 } END { print sum }'
}

# vipis_in_seconds LABEL SECONDS
vipis_in_seconds()
{
	before=$(vipis)
	sleep "$2"
	echo "vipis $1 $2 $before $(vipis)"
}

echo "online $(cat /sys/devices/system/cpu/online) possible $(cat /sys/devices/system/cpu/possible)"
first_tables

for view in table json; do
	case $view in
	table) start_tracer /tmp/out 0.1 ;;
	json) start_tracer /tmp/out -j 0.1 ;;
	esac
	sleep 0.5
	# A header, or an object, each interval.
	for _ in 1 2; do
		before="$(grep -cE '^(CPU|\{)' /tmp/out) $(cputime "$tracer")"
		sleep "$1"
		echo "interval $view $before $(grep -cE '^(CPU|\{)' /tmp/out) $(cputime "$tracer")"
	done
	echo "memory $view $(awk '$1 == "VmHWM:" { print $2 }' "/proc/$tracer/status")"
	stop_tracer INT
done

for _ in 1 2; do
	vipis_in_seconds without "$1"
	start_tracer /tmp/out 1
	vipis_in_seconds with "$1"
	stop_tracer INT
done
