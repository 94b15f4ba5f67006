#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for stock-both.t: the same sends, watched through tracepoints and through fentry at once.
set -eu
. ./lib.sh

stimulus=/sys/kernel/debug/ipimux-stimulus
insmod ./ipimux-stimulus.ko
echo adopt 2-3,6-7 >"$stimulus/run"
start_tracer /out/tracepoint.jsonl -j 0.1
tracepoint=$tracer
start_tracer /out/fentry.jsonl -j --via fentry 0.1
fentry=$tracer
for command in "$@"; do
	echo "$command" >"$stimulus/run"
done
for tracer in $fentry $tracepoint; do
	stop_tracer INT
done
