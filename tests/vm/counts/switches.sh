#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for switches.t: what is known of masks and words after each command of the stimulus module, on
# each of these ways. The words are read without privileges.
set -eu
. ./lib.sh

insmod ./ipimux-stimulus.ko
echo adopt 2-3,6-7 >/sys/kernel/debug/ipimux-stimulus/run
for way in "$@"; do
	[ "$way" != pinned ] || ipimux-trace attach --pin switches >/out/attach 2>&1
	# shellcheck disable=SC2046 # words
	switches $(echo "$way" | tr , ' ') \
		'mask 6 3' 'post 6 3 2' 'mask 6-7 3' 'unmask 7 3' 'mask 7 2' 'unmask 6 3' 'unmask 7 2' \
		'send 6 3 100' 'hold 7 2 0 3 30 masked' 'hold 3 1 2 4 32 late' 'mask 3 0' 'post 3 0 1' \
		>"/out/$way.jsonl"
	# The run begins as it began for the first.
	echo unmask 3 0 >/sys/kernel/debug/ipimux-stimulus/run
	[ "$way" != pinned ] || ipimux-trace detach switches >>/out/attach 2>&1
done

# What is below and above the multiplexer, with each way that is not by bit, and the kernel's own counts.
commands='send 6 3 2000
send 7 1-3 300
storm 3 2 0,1,3 5000
hold 7 2 0 3 30 masked
hold 3 1 2 4 32 late'
for way in tracepoint fentry; do
	case " $* " in *" $way "*) ;; *) continue ;; esac
	ipimux-trace record --verify --via $way "/out/verify-$way" 0.2 2>"/out/verify-$way.errors" &
	tracer=$!
	wait_for_first "/out/verify-$way"
	echo "$commands" | while read -r command; do
		echo "$command" >/sys/kernel/debug/ipimux-stimulus/run
	done
	stop_tracer INT || {
		echo "record --verify --via $way: status $?"
		cat "/out/verify-$way.errors"
		ipimux-trace -i "/out/verify-$way" | sed -n '/^audit/,$p'
		exit 1
	}
	ipimux-trace -j -i "/out/verify-$way" >"/out/verify-$way.json"
done
# Where the kernel hides its addresses, of words nothing is known.
echo 2 >/proc/sys/kernel/kptr_restrict
switches tracepoint 'mask 3 0' 'unmask 3 0' >/out/hidden.jsonl
rmmod ipimux-stimulus
