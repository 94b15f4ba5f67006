#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for early.t: runs that begin, and end, while every 50th mask or unmask takes 10 ms from the word to the
# event, as if the host had stopped the CPU there. Judges nothing: the audit of each run is a line of /out/KIND, and
# /out/harmless has how often each kind came to it.
# usage: early.sh RUNS KIND...
set -eu
. ./lib.sh

stimulus=/sys/kernel/debug/ipimux-stimulus
parameters=/sys/module/kernel/parameters
runs=$1
shift
insmod ./ipimux-stimulus.ko
echo adopt 6 >$stimulus/run
for kind; do
	# A mask and an unmask each 0.7 ms: a fifth of the time one of them is half counted.
	echo traffic 6 3 1,3 700 0 masked >$stimulus/run
	echo 3 >$parameters/ipi_mux_broken_cpu
	echo "$kind" >$parameters/ipi_mux_broken
	echo 50 >$parameters/ipi_mux_broken_every
	for _ in $(seq "$runs"); do
		ipimux-trace -j 0.1 1 >/tmp/lines 2>/tmp/errors || echo "status $?: $(cat /tmp/errors)"
		tail -n 1 /tmp/lines >>"/out/$kind"
	done
	read -r harmless <$parameters/ipi_mux_harmless
	echo "$kind $harmless" >>/out/harmless
	echo none >$parameters/ipi_mux_broken
	echo still >$stimulus/run
done
