#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for soak.t: for so many seconds CPUs go and come, two storms of
# IPIs blow, a real-time thread has a CPU for itself, ftrace has our events and those around them, one
# ipimux-trace stays and others come and go. Judges nothing.
# usage: soak.sh SECONDS tracepoint|fentry sbi|imsic
set -eu
. ./lib.sh
seconds=$1 via=$2 machine=$3
cpu=/sys/devices/system/cpu
tracing=/sys/kernel/tracing

uptime_seconds()
{
	cut -d. -f1 /proc/uptime
}

go_on()
{
	[ "$(uptime_seconds)" -lt $end ]
}

# work COMMAND... - all at a time; but with SBI none while a CPU goes or comes, see soak.t. Who waits for a lock has no
# remote fence made.
work()
{
	if [ "$machine" = imsic ]; then
		"$@"
	else
		(flock 8 && flock -s 9 && flock -u 8 && "$@") 8>/tmp/gate 9>/tmp/working
	fi
}

# alone COMMAND... - when all who work have come to their end, and wait
alone()
{
	if [ "$machine" = imsic ]; then
		"$@"
	else
		(flock 8 && flock 9 && usleep 100000 && "$@") 8>/tmp/gate 9>/tmp/working
	fi
}

# cycle N - CPU N goes and comes. Now and then 6.12 refuses to take one offline, EBUSY: it thinks that the others could
# not serve the deadlines of its fair server.
cycle()
{
	echo 0 2>/dev/null >"$cpu/cpu$1/online" || return
	sleep 0.2
	echo 1 >"$cpu/cpu$1/online"
}

# CPU 0 and 1 stay: a real-time thread whose CPU goes would take another one's.
barriers()
{
	while go_on; do
		work membarrier 0 1 100 || true
		sleep 0.3
		# The thread that spins is the real-time one.
		work membarrier 0 1 10000 || true
		sleep 0.3
	done
}

# To CPU 0, also from the CPUs that go and come, so it cannot always start.
wake_ups()
{
	while go_on; do
		work signals 3 2 2>/dev/null || sleep 0.2
	done
}

# Attached while CPUs are in the middle of anything.
come_and_go()
{
	while go_on; do
		# Its status is that of its audit, which soak.t looks at.
		work ipimux-trace -j --via "$via" 0.3 1 >/tmp/cycle.jsonl || true
		tail -n 1 /tmp/cycle.jsonl >>/out/cycles.jsonl
	done
}

count_vipis >/out/around-before
start_tracer /out/trace.jsonl -j --via "$via" $((1 + seconds / 60))
count_vipis >/out/inside-before

# Events of our own kind also in a buffer that somebody reads, which takes IPIs.
mkdir $tracing/instances/ipi_mux
echo 1 >$tracing/instances/ipi_mux/events/ipi_mux/enable
cat $tracing/instances/ipi_mux/trace_pipe >/tmp/events &
reader=$!
# All that goes on around ours. With the kernel's every event on, nobody here gets on.
for group in ipi_mux ipi csd irq cpuhp sched rcu; do
	echo 1 >$tracing/events/$group/enable
done

# For membarrier, which now and then cannot while CPUs go and come: EBUSY, as below.
echo -1 >/proc/sys/kernel/sched_rt_runtime_us

end=$(($(uptime_seconds) + seconds))
barriers &
workers=$!
wake_ups &
workers="$workers $!"
come_and_go &
workers="$workers $!"

cycles_2=0 cycles_3=0
while go_on; do
	alone cycle 2 && cycles_2=$((cycles_2 + 1))
	sleep 0.2
	alone cycle 3 && cycles_3=$((cycles_3 + 1))
	sleep 0.2
	# Not to fill the guest's memory: what matters is that it was read.
	: >/tmp/events
done
for worker in $workers; do
	wait "$worker"
done

echo 0 >$tracing/events/enable
echo 0 >$tracing/instances/ipi_mux/events/enable
kill $reader
count_vipis >/out/inside-after
stop_tracer INT || true
count_vipis >/out/around-after
echo "$cycles_2 $cycles_3" >/out/cycles
cat $tracing/instances/ipi_mux/per_cpu/*/stats >/out/read-events
cat $tracing/per_cpu/*/stats >/out/all-events
