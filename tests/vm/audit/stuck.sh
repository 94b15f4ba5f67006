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

# from_1 COMMAND - a command of the module, from CPU 1; one that waits for what was dropped
# gives up
from_1()
{
	taskset 2 sh -c "echo $1 >$stimulus/run" 2>/dev/null || echo 'the module gave up'
}

# is_reported - found, and handled after it absorbed others?
is_reported()
{
	grep -q '"found"' /out/stuck.jsonl &&
		grep '"handled"' /out/stuck.jsonl | grep -q '"coalesced":\[[0-9]*,[1-9]'
}

taskset 8 sh -c 'while :; do :; done' &
spinner=$!

# Somebody else's IPI may deliver it in time, all the same: then again, with another
# thousandth.
for try in 1 2 3 4 5 6; do
	rm -f /out/stuck.jsonl /out/table
	start_tracer /out/table 0.5
	table=$tracer
	start_tracer /out/stuck.jsonl stuck -j
	sleep 0.5
	echo drop-raise >$broken
	uptime >/out/from
	# The thousandth raise is dropped. These are waited for one by one...
	from_1 'send 6 3 999'
	# ...and these are not: all but the first are absorbed.
	from_1 'post 6 3 500'
	echo none >$broken
	uptime >/out/to
	# As little as possible goes on meanwhile.
	sleep 2
	# An IPI to CPU 3 delivers it.
	taskset 8 true
	sleep 0.7
	status=0
	stop_tracer INT || status=$?
	kill -INT $table
	wait $table || true
	echo "try $try: status $status"
	if is_reported; then
		break
	fi
done
kill $spinner
ipimux-trace stuck --threshold 0.5 0.2 3 >/out/quiet && echo 'quiet: status 0'
