#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for trace.t: the stimulus in windows of `ipimux-trace trace` and of
# `stat`, all the ways in which a trace ends, and how much it adds on an idle machine.
# usage: trace.sh COMMANDS, a file of the stimulus' commands
set -u
. ./lib.sh
stimulus=/sys/kernel/debug/ipimux-stimulus
insmod ./ipimux-stimulus.ko
tracers=

# watch NAME ARG... - starts a tracer for /out/NAME
watch()
{
	name=$1
	shift
	start_tracer "/out/$name" "$@"
	tracers="$tracers $name:$tracer"
}

# unwatch SIGNAL - ends all of them, and says how
unwatch()
{
	# The last that was sent is handled, and counted.
	sleep 0.2
	for tracer in $tracers; do
		name=${tracer%:*}
		tracer=${tracer#*:}
		stop_tracer "$1"
		echo "$name $? $tracer $(tail -n 1 "/out/$name.errors")"
	done
	tracers=
}

# ends NAME ARG... - a trace with its output in /out/NAME; how it ended
ends()
{
	name=$1
	shift
	ipimux-trace trace "$@" >"/out/$name" 2>/tmp/errors
	echo "$name $? 0 $(head -n 1 /tmp/errors)"
}

echo 'adopt 2-3,6-7' >$stimulus/run
watch all-stat stat -j 0.1
watch all trace -j
watch all-chrome trace --format chrome
watch all-text trace --vipi 2,3,7
watch cpu trace -j -c 2
watch vipi trace -j --vipi KGDB_ROUNDUP,3
watch no-self trace -j --no-self
while read -r command; do
	echo "$command" >$stimulus/run || echo "refused: $command"
done <"$1"
unwatch INT

watch storm-stat stat -j 0.1
watch storm trace -j --vipi CPU_CRASH_STOP --buffer 4k
watch storm-chrome trace --format chrome --buffer 4k
echo 'storm 3 2 0,1,3 20000' >$stimulus/run || echo 'refused: storm'
unwatch TERM
rmmod ipimux-stimulus

# The wake-ups of a tracer and its shell are events enough.
start_tracer /tmp/noise -j 0.05
ends count -n 10
ends duration 0.5
ends output -n 3 -o /out/output-file
stop_tracer INT
ends count-0 -n 0
ends cpu-9 -c 9
ends vipi-9 --vipi RESCHEDULE,NONE
ends vipi-number --vipi 8
ends buffer-1 --buffer 1
ends format-x --format xml
ends no-directory -o /nowhere/file
(
	ipimux-trace trace 2>/tmp/errors
	echo "pipe $? 0 $(cat /tmp/errors)" >/tmp/pipe.status
) | head -n 3 >/out/pipe
cat /tmp/pipe.status
(
	ipimux-trace trace 0.5 2>/tmp/errors >/dev/full
	echo "full $? 0 $(cat /tmp/errors)"
)

# Attached in the middle of a storm.
membarrier 2 3 1000000000 "" 100 &
for number in 1 2 3 4 5; do
	ends storm-$number -j -n 300 --vipi CALL_FUNC
done
kill $!
wait $!

# idle NAME - what all CPUs handle, with what is running
idle()
{
	sleep 1
	ipimux-trace stat -j 3 1 | tail -n 1 >"/out/idle-$1"
}
idle alone
ipimux-trace trace >/tmp/file 2>/dev/null &
idle file
kill $!
wait $!
ipimux-trace trace 5 2>/dev/null | cat >/tmp/piped &
idle pipe
wait
wc -l /tmp/file /tmp/piped
