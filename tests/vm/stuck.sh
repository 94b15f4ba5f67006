#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for stuck.t: a send from CPU 1 to CPU 3 whose parent IPI is dropped, and
# others that it absorbs. No task runs on CPU 3 but one that spins, so that few others send
# to it, whose IPI would deliver the one that was dropped: not even those that look for an
# idle CPU.
set -eu
. ./lib.sh

stimulus=/sys/kernel/debug/ipimux-stimulus
broken=/sys/module/kernel/parameters/ipi_mux_broken
insmod ./ipimux-stimulus.ko
echo adopt 6 >$stimulus/run
read_clock >/out/clock

# from_1 COMMAND - a command of the module, from CPU 1
from_1()
{
	taskset 2 sh -c "echo $1 >$stimulus/run"
}

taskset 8 sh -c 'while :; do :; done' &
spinner=$!

# Somebody else's IPI may deliver it in time, all the same: then again.
for try in 1 2 3 4 5 6 7 8; do
	rm -f /out/stuck.jsonl /out/table
	start_tracer /out/table 0.5
	table=$tracer
	start_tracer /out/stuck.jsonl stuck -j
	sleep 0.5
	echo 1 >$broken
	uptime >/out/from
	# The thousandth raise is dropped; they are waited for one by one until shortly before.
	from_1 'send 6 3 990'
	from_1 'post 6 3 500'
	echo 0 >$broken
	uptime >/out/to
	# As little as possible goes on meanwhile.
	sleep 2.5
	# Any IPI to CPU 3 delivers it.
	taskset 8 true
	sleep 0.7
	status=0
	stop_tracer INT || status=$?
	kill -INT $table
	wait $table || true
	echo "try $try: status $status"
	if [ $status != 0 ]; then
		break
	fi
done
kill $spinner
ipimux-trace stuck --threshold 0.5 0.2 3 >/out/quiet && echo "quiet: status 0"
