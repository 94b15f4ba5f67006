#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for stock.py: on a kernel without our tracepoints, the windows that are named as arguments, watched that
# WAY; "off" and "on" are membarriers with BPF's JIT off and on.
# usage: stock.sh WAY WINDOW...
set -eu
. ./lib.sh

way=$1
shift
uname -r >/out/version
dmesg | grep 'providing IPIs' >/out/parent
if [ -e ./ipimux-stimulus.ko ]; then
	insmod ./ipimux-stimulus.ko
	stimulus=/sys/kernel/debug/ipimux-stimulus
fi

# membarriers FILE - at least 10,000 CALL_FUNC, as in exact.sh: counted by the kernel inside and around
membarriers()
{
	count_vipis >"/out/$1.around-before"
	start_tracer "/out/$1.jsonl" -j --via "$way" 0.1
	count_vipis >"/out/$1.inside-before"
	membarrier 1 2 20000
	count_vipis >"/out/$1.inside-after"
	stop_tracer INT
	count_vipis >"/out/$1.around-after"
}

# tell FILE - what is in it, to the module
tell()
{
	while read -r command; do
		echo "$command" >"$stimulus"/run || {
			echo "$1: $command: $(cat "$stimulus"/result)"
			exit 1
		}
	done <"$1"
}

# commands FILE OPTION... - what the file tells the module
commands()
{
	window=$1
	shift
	cat "$stimulus"/handled >"/out/$window.before"
	start_tracer "/out/$window.jsonl" -j --via "$way" "$@" 0.1
	tell "$window"
	stop_tracer INT
	cat "$stimulus"/handled >"/out/$window.after"
}

# pinned FILE - the same with no process, read afterwards by two
pinned()
{
	cat "$stimulus"/handled >"/out/$1.before"
	ipimux-trace attach --pin --latency --group 65534 2>"/out/$1.jsonl.errors"
	chmod o+x /sys/fs/bpf
	tell "$1"
	cat "$stimulus"/handled >"/out/$1.after"
	ipimux-trace --pinned default --since-attach -j 0.1 1 >"/out/$1.jsonl"
	su nobody -s /bin/sh -c 'ipimux-trace --pinned default --since-attach -j 0.1 1' >"/out/$1.group"
	ipimux-trace latency --pinned default --since-attach -j 0.1 1 >"/out/$1.latency"
	ls /sys/fs/bpf/ipimux-trace/default >"/out/$1.pins"
	ipimux-trace detach
	# shellcheck disable=SC2086 # numbers
	bpf-objects wait $own >"/out/$1.left" || true
}

# killed FILE - at any moment of a start, which takes seconds here; then surely when it counts
killed()
{
	# What the last window had in the kernel goes a moment after it.
	# shellcheck disable=SC2086 # numbers
	bpf-objects wait $own
	for ms in 50 300 600 1000 1500 2000; do
		ipimux-trace stat --via "$way" 0.1 >/dev/null 2>>"/out/$1.jsonl.errors" &
		tracer=$!
		usleep ${ms}000
		kill_now >>"/out/$1.at"
	done
	start_tracer /tmp/table stat --via "$way" 0.1
	kill_now >>"/out/$1.at"
	# shellcheck disable=SC2086 # numbers
	bpf-objects wait $own >"/out/$1.left" || true
}

own=$(own_objects)
echo "$own" >/out/own
for window in "$@"; do
	case $window in
	off) echo 0 >/proc/sys/net/core/bpf_jit_enable ;;
	on) echo 1 >/proc/sys/net/core/bpf_jit_enable ;;
	esac
	case $window in
	off | on) membarriers "$window" ;;
	pinned) pinned "$window" ;;
	killed) killed "$window" ;;
	predicted) commands "$window" --predict ;;
	timed) commands "$window" --latency --record /out/timed.rec ;;
	*) commands "$window" ;;
	esac
	cp "/out/$window.jsonl.errors" "/out/$window.errors"
done
if [ -e /out/timed.rec ]; then
	ipimux-trace -i /out/timed.rec -j >/out/replayed.jsonl
	status=0
	# The kernel hides every address from everybody.
	echo 2 >/proc/sys/kernel/kptr_restrict
	ipimux-trace 2>/out/hidden || status=$?
	echo $status >>/out/hidden
fi
