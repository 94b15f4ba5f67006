#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for soak.t: for so many seconds CPUs go and come, two storms of
# IPIs blow, ftrace has our events and those around them, one ipimux-trace stays
# and others come and go. Judges nothing.
# usage: soak.sh SECONDS
set -eu
. ./lib.sh
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

# CPU 0 and 1 stay: a real-time thread whose CPU goes would take another one's.
barriers()
{
	while go_on; do
		membarrier 0 1 100 || true
		sleep 0.3
	done
}

# To CPU 0, also from the CPUs that go and come, so it cannot always start.
wake_ups()
{
	while go_on; do
		signals 3 2 2>/dev/null || sleep 0.2
	done
}

# Attached while CPUs are in the middle of anything.
come_and_go()
{
	while go_on; do
		# Its status is that of its audit, which soak.t looks at.
		ipimux-trace -j 0.3 1 >/tmp/cycle.jsonl || true
		tail -n 1 /tmp/cycle.jsonl >>/out/cycles.jsonl
	done
}

count_vipis >/out/around-before
start_tracer /out/trace.jsonl -j $((1 + $1 / 60))
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

end=$(($(uptime_seconds) + $1))
barriers &
workers=$!
wake_ups &
workers="$workers $!"
come_and_go &
workers="$workers $!"

# Now and then 6.12 refuses to take a CPU offline, EBUSY: it thinks that the others could not serve the
# deadlines of its fair server.
cycles_2=0 cycles_3=0
while go_on; do
	if echo 0 2>/dev/null >$cpu/cpu2/online; then
		sleep 0.2
		echo 1 >$cpu/cpu2/online
		cycles_2=$((cycles_2 + 1))
	fi
	sleep 0.2
	if echo 0 2>/dev/null >$cpu/cpu3/online; then
		sleep 0.2
		echo 1 >$cpu/cpu3/online
		cycles_3=$((cycles_3 + 1))
	fi
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
echo $cycles_2 $cycles_3 >/out/cycles
cat $tracing/instances/ipi_mux/per_cpu/*/stats >/out/read-events
cat $tracing/per_cpu/*/stats >/out/all-events
