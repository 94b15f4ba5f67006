#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for soak.t: for so many seconds CPUs go and come, two storms of
# IPIs blow, a real-time thread has a CPU for itself, ftrace has our events and those around them, one
# ipimux-trace stays and others come and go. Judges nothing.
# usage: soak.sh SECONDS tracepoint|fentry sbi|imsic
set -eu
. ./lib.sh
seconds=$1 via=$2 machine=$3
tracing=/sys/kernel/tracing

uptime_seconds()
{
	read -r uptime _ </proc/uptime
	echo "${uptime%.*}"
}

go_on()
{
	read -r uptime _ </proc/uptime
	[ "${uptime%.*}" -lt $end ]
}

# With SBI none works while a CPU goes or comes, see soak.t: each has a token then, or waits for one, in a shell that
# starts nothing, so that no remote fence is made.
mkfifo /tmp/tokens
exec 8<>/tmp/tokens
nr_workers=3

# put_tokens N
put_tokens()
{
	for _ in $(seq "$1"); do
		echo >&8
	done
}

# work FUNCTION - again and again
work()
{
	while go_on; do
		if [ "$machine" = imsic ]; then
			"$1"
		else
			read -r _ <&8
			"$1"
			echo >&8
		fi
	done
}

# alone COMMAND... - when all who work have come to their end, and wait
alone()
{
	[ "$machine" != imsic ] || { "$@"; return; }
	for _ in $(seq $nr_workers); do
		read -r _ <&8
	done
	status=0
	"$@" || status=$?
	put_tokens $nr_workers
	return $status
}

# cycle N - CPU N goes and comes
cycle()
{
	cpu_goes "$1" || return
	sleep 0.2
	cpu_comes "$1"
}

# CPU 0 and 1 stay: a real-time thread whose CPU goes would take another one's. That is the one that spins.
barriers()
{
	membarrier 0 1 100 || true
	sleep 0.3
	membarrier 0 1 10000 || true
	sleep 0.3
}

# To CPU 0, also from the CPUs that go and come, so it cannot always start.
wake_ups()
{
	signals 3 2 2>/dev/null || sleep 0.2
}

# Attached while CPUs are in the middle of anything.
come_and_go()
{
	# Its status is that of its audit, which soak.t looks at.
	ipimux-trace -j --via "$via" 0.3 1 >/tmp/cycle.jsonl || true
	tail -n 1 /tmp/cycle.jsonl >>/out/cycles.jsonl
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

# For membarrier, which now and then cannot while CPUs go and come: EBUSY, as in lib.sh.
echo -1 >/proc/sys/kernel/sched_rt_runtime_us

end=$(($(uptime_seconds) + seconds))
put_tokens $nr_workers
work barriers &
workers=$!
work wake_ups &
workers="$workers $!"
work come_and_go &
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
