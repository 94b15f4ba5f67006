#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for outside.py: single events, and the senders of a storm, seen that WAY; in a window with the
# tracepoints, too, if there are any. usage: outside-trace.sh WAY COMMANDS, a file of the stimulus' commands; "": on a
# kernel with no stimulus, membarriers
set -u
. ./lib.sh
way=$1
shift
stimulus=/sys/kernel/debug/ipimux-stimulus

uname -r >/out/version
echo 1 >/proc/sys/net/core/bpf_jit_enable

# told NAME - what is in the file of commands, in the windows that are open
told()
{
	while read -r command; do
		echo "$command" >$stimulus/run || echo "refused: $command"
	done <"$1"
}

# blow - two or three seconds of calls to CPU 1
blow()
{
	end=$(($(cut -d. -f1 /proc/uptime) + 3))
	while [ "$(cut -d. -f1 /proc/uptime)" -lt $end ]; do
		if [ -e $stimulus/run ]; then
			echo call 1 0 300 >$stimulus/run
		else
			membarrier 0 1 500
		fi
	done
}

# storm VIA - storms, each sampled when it begins, until in one it is they who send most: on a busy host the guest may get
# no time just then
storm()
{
	start_tracer "/out/storm.$1" storm --rate 100/s --for 0.5 --folded "/out/folded.$1" --via "$1" -j 0.5
	for _ in 1 2 3 4 5 6; do
		blow
		sleep 2
		if grep -qE '"senders":\[\{"command":"[^}]*(stimulus_call|membarrier_private)' "/out/storm.$1"; then
			break
		fi
	done
	stop_tracer INT
	echo "storm.$1 $?" >>/out/statuses
}

count_vipis >/out/around-before
tracers=
for via in tracepoint "$way"; do
	[ "$via" = "$way" ] || [ -e /sys/kernel/tracing/events/ipi_mux ] || continue
	[ -e ./ipimux-stimulus.ko ] && [ -z "$tracers" ] && insmod ./ipimux-stimulus.ko &&
		echo 'adopt 2-3,6-7' >$stimulus/run
	start_tracer "/out/trace.$via" trace -j --via "$via"
	tracers="$tracers $via:$tracer"
done
count_vipis >/out/inside-before
if [ -n "$1" ]; then
	told "$1"
else
	membarrier 1 2 200
fi
count_vipis >/out/inside-after
# The last that was sent is handled, and passed on.
sleep 0.2
for tracer in $tracers; do
	via=${tracer%:*} tracer=${tracer#*:}
	stop_tracer INT
	echo "trace.$via $?" >>/out/statuses
done
count_vipis >/out/around-after
ipimux-trace trace --via "$way" 1 >/out/text 2>/out/text.errors
echo "text $?" >>/out/statuses
storm "$way"
[ ! -e /sys/kernel/tracing/events/ipi_mux ] || storm tracepoint
