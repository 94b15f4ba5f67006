#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for switches.t: what is known of masks and words after each command of the stimulus module, on
# each of these ways. The words are read without privileges.
set -eu
. ./lib.sh

insmod ./ipimux-stimulus.ko
echo adopt 2-3,6-7 >/sys/kernel/debug/ipimux-stimulus/run
for way in "$@"; do
	[ "$way" != pinned ] || ipimux-trace attach --pin >/out/attach 2>&1
	# shellcheck disable=SC2046 # words
	switches $(echo "$way" | tr , ' ') \
		'mask 6 3' 'post 6 3 2' 'mask 6-7 3' 'unmask 7 3' 'mask 7 2' 'unmask 6 3' 'unmask 7 2' \
		'send 6 3 100' 'hold 7 2 0 3 30 masked' 'hold 3 1 2 4 32 late' 'mask 3 0' 'post 3 0 1' \
		>"/out/$way.jsonl"
	# The run begins as it began for the first.
	echo unmask 3 0 >/sys/kernel/debug/ipimux-stimulus/run
	[ "$way" != pinned ] || ipimux-trace attach --detach >>/out/attach 2>&1
done
# Where the kernel hides its addresses, and where reading its memory is locked, nothing is known.
echo 2 >/proc/sys/kernel/kptr_restrict
switches tracepoint 'mask 3 0' 'unmask 3 0' >/out/hidden.jsonl || true
rmmod ipimux-stimulus
