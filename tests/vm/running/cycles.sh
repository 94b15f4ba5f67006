#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for cycles.t: runs that are killed at any moment, then runs that end by themselves, beside one
# that stays; and what is left of them in the kernel.
# usage: cycles.sh KILLS ROUNDS
set -eu
. ./lib.sh

# memory WHEN - kB of what the kernel keeps for itself: five times, for it frees stacks and tables late, and
# those of sed and tr are among them
memory()
{
	# Not what it would give back if somebody needed room.
	echo 3 >/proc/sys/vm/drop_caches
	for _ in 1 2 3 4 5; do
		usleep 100000
		echo "memory $1 $(sed -n -E 's/^(Slab|Percpu|VmallocUsed): *([0-9]+) kB$/\1 \2/p' /proc/meminfo |
			tr '\n' ' ')"
	done
}

# round - four runs, the counters and the single events
round()
{
	ipimux-trace stat 0.001 1 >/dev/null || echo "failed: stat $?"
	for _ in 1 2 3; do
		ipimux-trace trace 0.001 >/dev/null 2>&1 || echo "failed: trace $?"
	done
}

# rounds NUMBER - two at a time
rounds()
{
	for _ in $(seq $(($1 / 2))); do
		round &
		round
		wait $!
	done
}

# left WHEN PROGRAMS MAPS LINKS BTF - what there is, as soon as it is as many as these, or ten seconds later
left()
{
	when=$1
	shift
	echo "$when $(bpf-objects wait "$@")"
}

# With the first program the kernel's own types are there, and its descriptors with them.
ipimux-trace stat 0.001 1 >/dev/null
none=$(own_objects)
# shellcheck disable=SC2086 # four numbers
left none $none

# Later and later, up to half a second, in which it has mostly come as far as counting; then surely.
for kill in $(seq 0 $(($1 - 1))); do
	ipimux-trace stat --latency 0.05 >/dev/null 2>&1 &
	tracer=$!
	usleep $((kill * 500000 / $1))
	printf 'killed %s ' $((kill * 500 / $1))
	kill_now
done
for _ in 1 2 3; do
	rm -f /tmp/table
	start_tracer /tmp/table stat --latency 0.05
	printf 'killed 500 '
	kill_now
done
# shellcheck disable=SC2086 # four numbers
left after-kills $none
echo "enabled $(cat /sys/kernel/tracing/events/ipi_mux/*/enable | tr '\n' ' ')"

# What is slow, and not what this is about, is that all CPUs are told of each page of programs that goes, and
# that all go with the last program. So there is one CPU, and one program that stays.
cpu_goes 1
start_tracer /out/beside stuck
one=$(bpf-objects count)
echo "one $one"
rounds 6
# shellcheck disable=SC2086
left warm $one
memory before
from=$(uptime)
rounds "$2"
echo "rounds $from $(uptime)"
# shellcheck disable=SC2086
left after-rounds $one
memory after
stop_tracer INT && echo 'beside: status 0'
# shellcheck disable=SC2086
left after-all $none
