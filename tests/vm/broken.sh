#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for broken.t: the same sends to CPU 3 in multiplexers that are wrong,
# each in its way, and in one that is not. No task runs on CPU 3 by itself, so that
# nobody else's IPI delivers what was lost.
set -eu
. ./lib.sh

stimulus=/sys/kernel/debug/ipimux-stimulus
broken=/sys/module/kernel/parameters/ipi_mux_broken
insmod ./ipimux-stimulus.ko
echo adopt 6 >$stimulus/run

# window NAME NUMBER COMMAND - a command of the module in a window of the tool
window()
{
	start_tracer "/out/$1.jsonl" -j 100
	echo "$2" >$broken
	# One that waits for what was lost gives up.
	echo "$3" >$stimulus/run 2>/dev/null || echo "$1: the module gave up"
	stop_tracer INT || echo "$1: status $?"
	tail -n 1 "/out/$1.jsonl" >"/out/$1.json"
	echo 0 >$broken
	# What is still pending goes with the next.
	echo send 6 3 1 >$stimulus/run 2>/dev/null || true
}

ipimux-trace 100 >/out/table &
table=$!
window right 0 'send 6 3 2000'
window drop-raise 1 'send 6 3 2000'
window no-kick 2 'hold 6 3 0 1 1 masked'
window not-handled 3 'storm 6 3 0 2000'
window forget-bit 4 'storm 6 3 0 2000'
window twice 5 'send 6 3 2000'
window not-cleared 6 'send 6 3 2000'
kill -INT $table
wait $table || echo "table: status $?"
