#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for storm.t: three storms, each with a pause behind it, while ipimux-trace
# watches for storms; then one that it watches without a sight of the kernel's addresses.
# usage: storm.sh RATE
set -eu
. ./lib.sh

stimulus=/sys/kernel/debug/ipimux-stimulus
insmod ./ipimux-stimulus.ko

# stop NAME - ends the tracer, and keeps its status
stop()
{
	status=0
	stop_tracer INT || status=$?
	echo "$1 $status" >>/out/statuses
}

# links - how many programs the tracer has attached
links()
{
	grep -l '^link_type:' /proc/$tracer/fdinfo/* | wc -l
}

# blow NAME COMMAND... - a command again and again for three seconds
blow()
{
	name=$1
	shift
	from=$(uptime)
	end=$(($(cut -d. -f1 /proc/uptime) + 3))
	while [ "$(cut -d. -f1 /proc/uptime)" -lt $end ]; do
		"$@"
	done
	echo "$name $from" >>/out/storms
	sleep 2
}

calls()
{
	echo call 1 0 500 >$stimulus/run
}

read_clock >/out/clock

# In quiet time it counts, and does nothing else.
start_tracer /out/stat.jsonl -j 0.2
links >/out/links
stop stat
# The truth: a command takes its time to get going.
start_tracer /out/truth.jsonl -j 0.5
truth=$tracer
start_tracer /out/storm.jsonl storm -j --rate "$1/s" --for 0.3 --folded /out/folded 0.5
sleep 1
links >>/out/links

# Without an end, but for a limit: its spinning thread keeps all others off CPU 1.
barriers()
{
	timeout 3 membarrier 0 1 100000000 || true
}

blow call calls
blow signals signals 3 3
blow membarrier barriers
links >>/out/links
stop storm
tracer=$truth
stop truth

# Timers that wake sleepers: sends from interrupts, also of idle CPUs.
(while :; do usleep 2000; done) &
load=$!
status=0
ipimux-trace storm -j --rate 1 --for 1 0.5 2 >/out/contexts.jsonl || status=$?
echo contexts $status >>/out/statuses
kill $load

echo 2 >/proc/sys/kernel/kptr_restrict
start_tracer /out/table storm --rate "$1" --for 0.3 --folded /out/folded-hidden 0.5
# Cut off by the end.
calls &
work=$!
(while :; do calls; done) &
load=$!
wait $work
i=0
while ! grep -q 'who sends' /out/table && [ $i -lt 50 ]; do
	i=$((i + 1))
	sleep 0.2
done
stop hidden
kill $load
