#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for frozen.t: runs that get no time while CPU 2 goes, or goes and comes, each at another moment, until it
# was in the middle of enough of them. Judges nothing: the audit of each run is a line of /out/audits.
# usage: frozen.sh MOMENTS
set -u
. ./lib.sh

# run [DELAY_MS COMMAND...] - a run, which stands still from then on while COMMANDs run
run()
{
	ipimux-trace -j 0.1 1 >/tmp/lines 2>/tmp/errors &
	tracer=$!
	[ $# = 0 ] || usleep $(($1 * 1000))
	[ $# = 0 ] || shift
	kill -STOP $tracer 2>/dev/null
	for command; do
		$command
	done
	kill -CONT $tracer 2>/dev/null
	wait $tracer || echo "status $?: $(cat /tmp/errors)"
	tail -n 1 /tmp/lines >>/out/audits
}

# goes - CPU 2, sooner or later
goes()
{
	until cpu_goes 2 >/dev/null; do
		usleep 50000
	done
}

# Traffic, so that an audit has something to wait for.
while :; do
	membarrier 0 1 100
	usleep 20000
done >/dev/null 2>&1 &
traffic=$!
# enough - did a third of these moments meet a CPU that came or went, once?
enough()
{
	[ "$(grep -c '"hotplug":true' /out/audits)" -ge $(($1 / 3)) ]
}

run
# How long a run takes changes with what else the host does: a round of moments that nearly all were before or behind a
# run is followed by another one.
for _ in 1 2 3 4; do
	from=$(uptime | tr -d .)
	run
	run
	took=$(($(uptime | tr -d .) - from))
	echo "a run takes $((took * 5)) ms"
	for moment in $(seq "$1"); do
		delay=$((took * 5 * moment / $1))
		run $delay goes
		cpu_comes 2
		run $delay goes 'cpu_comes 2'
	done
	! enough "$1" || break
done
kill $traffic
wait
