#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for quiet.t: for so many seconds normal load, as of a build, and CPUs that
# go and come, while ipimux-trace watches for storms and for what is stuck.
# usage: quiet.sh SECONDS RATE
# shellcheck disable=SC2317 # the loop calls them by name
set -eu
. ./lib.sh

uptime_seconds()
{
	cut -d. -f1 /proc/uptime
}

go_on()
{
	[ "$(uptime_seconds)" -lt $end ]
}

# fork() and exec() everywhere, in a few jobs at a time.
builds()
{
	while go_on; do
		for _ in 1 2 3 4; do
			(/bin/true | cat | gzip | wc -c >/dev/null; cp /bin/busybox /tmp/copy.$_) &
		done
		wait
	done
}

pipes()
{
	while go_on; do
		find /sys/class /sys/kernel -type f 2>/dev/null | gzip | gzip -d | wc -c >/dev/null
	done
}

sleeps()
{
	while go_on; do
		sleep 0.01
		usleep 1000
	done
}

start_tracer /out/stat.jsonl -j 1
stat=$tracer
start_tracer /out/storm.jsonl storm -j --rate "$2"
storm=$tracer
start_tracer /out/stuck.jsonl stuck -j
# Also to where it is seen if the machine does not live to the end.
tail -f /out/stuck.jsonl &
tail=$!

end=$(($(uptime_seconds) + $1))
workers=
for work in builds pipes sleeps; do
	$work &
	workers="$workers $!"
done
cycles=0
while go_on; do
	for number in 2 3; do
		if cpu_goes $number; then
			sleep 0.3
			cpu_comes $number
			cycles=$((cycles + 1))
		fi
		sleep 1
	done
done
for worker in $workers; do
	wait "$worker"
done
echo $cycles >/out/cycles
kill $tail

for tracer in $tracer $storm $stat; do
	status=0
	stop_tracer INT || status=$?
	echo $status
done >/out/statuses
