#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for nobtf.t: a kernel without BTF; each way to measure, with something to see.
set -eu
. ./lib.sh

[ -e /sys/kernel/btf/vmlinux ] || echo 'no BTF'

# Beside what the kernel itself counts.
count_vipis >/out/around-before
start_tracer /out/stat.jsonl -j --latency 0.2
count_vipis >/out/inside-before
membarrier 1 2 2000
count_vipis >/out/inside-after
stop_tracer INT && echo 'stat: 0'
count_vipis >/out/around-after

# A storm, in JSON and in words, and the single events of it.
start_tracer /out/storm.jsonl storm -j --rate 250 --for 0.3 0.3
storm=$tracer
start_tracer /out/storm storm --rate 250 --for 0.3 0.3
words=$tracer
ipimux-trace trace -j --vipi CALL_FUNC -n 1000 >/out/trace.jsonl 2>/dev/null &
trace=$!
sleep 0.7
# For as long as it takes to find it and to sample who it is, however fast the machine.
end=$(($(cut -d. -f1 /proc/uptime) + 30))
while [ "$(cut -d. -f1 /proc/uptime)" -lt $end ]; do
	membarrier 1 2 1000
	if grep -q '"senders"' /out/storm.jsonl && grep -q 'who sends' /out/storm && ! kill -0 $trace 2>/dev/null; then
		break
	fi
done
wait $trace && echo 'trace: 0'
kill -INT $storm $words
wait $storm && wait $words && echo 'storm: 0'
ipimux-trace latency 0.2 1 >/out/latency && echo 'latency: 0'
