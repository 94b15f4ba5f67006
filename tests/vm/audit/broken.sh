#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for broken.t: the same sends to CPU 3 in multiplexers that are wrong,
# each in its way, and in one that is not. No task runs on CPU 3 by itself, so that
# nobody else's IPI delivers what was lost.
set -eu
. ./lib.sh

stimulus=/sys/kernel/debug/ipimux-stimulus
broken=/sys/module/kernel/parameters/ipi_mux_broken
# Most of what is waited for here never comes.
insmod ./ipimux-stimulus.ko patience=1
echo adopt 6 >$stimulus/run

# window NAME KIND COMMAND... - commands of the module in a window of the tool; again
# while nothing is found: somebody else's IPI may have delivered what was lost
window()
{
	name=$1 kind=$2
	shift 2
	for try in 1 2 3 4 5 6 7 8 9 10; do
		rm -f "/out/$name.jsonl"
		start_tracer "/out/$name.jsonl" -j 0.1
		echo "$kind" >$broken
		for command; do
			# One that waits for what was lost gives up.
			echo "$command" >$stimulus/run 2>/dev/null || echo "$name: the module gave up"
		done
		status=0
		stop_tracer INT || status=$?
		tail -n 1 "/out/$name.jsonl" >"/out/$name.json"
		echo none >$broken
		# What is still pending goes with the IPI of a task that is moved there.
		taskset 8 true
		echo "$name: status $status, try $try"
		if [ "$kind" = none ] || [ $status != 0 ]; then
			break
		fi
	done
}

ipimux-trace --record=/tmp/table 0.5 >/out/table &
table=$!
window right none 'send 6 3 2000'
window drop-raise drop-raise 'send 6 3 2000'
window no-kick drop-kick 'hold 6 3 0 1 10 masked'
window not-handled not-handled 'send 6 3 150'
window forget-bit not-set 'send 6 3 150' 'send 6 3 150'
window twice handled-twice 'send 6 3 2000'
# What was not cleared has no parent IPI: a hold brings that of another vIPI.
window not-cleared not-cleared 'send 6 3 150' 'hold 6 3 0 1 1 enabled' 'send 6 3 150' 'hold 6 3 0 1 1 enabled'
# apart NAME OPTION SENDS - two bits get lost, which have their numbers; then sends that are handled at once, whose numbers
# are those of sends long before
apart()
{
	start_tracer "/out/$1.jsonl" -j "$2" 0.5
	echo set-taken-back >$broken
	echo 'post 6 3 2' >$stimulus/run
	echo none >$broken
	for _ in $(seq "$3"); do
		echo 'send 6 3 1' >$stimulus/run
		sleep 0.3
	done
	stop_tracer INT || true
}
apart apart --latency 10
apart apart-some --latency=4 20
kill -INT $table
wait $table || echo "table: status $?"
ipimux-trace -i /tmp/table >/out/later || echo "later: status $?"
