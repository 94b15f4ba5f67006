#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for frozen.t: runs that get no time while CPU 2 goes, or goes and comes, each at another moment. Judges
# nothing: the audit of each run is a line of /out/audits.
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
# How long a run takes, in hundredths of a second.
run
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
kill $traffic
wait
