#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for both.py: the same sends, watched through tracepoints and another way at once.
# usage: both.sh WAY COMMAND...
set -eu
. ./lib.sh

way=$1
shift
stimulus=/sys/kernel/debug/ipimux-stimulus
insmod ./ipimux-stimulus.ko
echo adopt 2-3,6-7 >"$stimulus/run"
start_tracer /out/tracepoint.jsonl -j --via tracepoint 0.1
tracepoint=$tracer
start_tracer "/out/$way.jsonl" -j --via "$way" 0.1
outside=$tracer
for command in "$@"; do
	echo "$command" >"$stimulus/run"
done
for tracer in $outside $tracepoint; do
	stop_tracer INT
done
