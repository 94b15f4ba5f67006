#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for latency.t: vIPIs that wait for a known time, then three CPUs that
# hammer one; each in a window of ipimux-trace, beside the module's own clock.
set -eu
. ./lib.sh

stimulus=/sys/kernel/debug/ipimux-stimulus
insmod ./ipimux-stimulus.ko
echo adopt 3,6-7 >$stimulus/run

# window NAME TRACER_OPTION... -- COMMAND... - commands of the module, with "NAME|COMMAND|RESULT" of each
window()
{
	name=$1
	shift
	options=
	while [ "$1" != -- ]; do
		options="$options $1"
		shift
	done
	shift
	# shellcheck disable=SC2086 # options
	start_tracer "/out/$name.jsonl" stat -j --latency $options 0.5
	for command; do
		echo "$command" >$stimulus/run
		echo "$name|$command|$(cat $stimulus/result)"
	done
	stop_tracer INT
}

for us in 200 3000 50000 400000; do
	rounds=$((us > 100000 ? 2 : 20))
	window $us -- "wait 6 3 1 $us $rounds enabled" "wait 7 2 0 $us $rounds masked"
done
window by-bit --count-by-bit -- 'wait 6 3 1 3000 20 enabled'
window some --latency=4 -- 'wait 6 3 1 3000 20 enabled' 'wait 7 2 0 3000 20 masked'
window some-by-bit --latency=4 --count-by-bit -- 'wait 6 3 1 3000 20 enabled'
window hammered-some --latency=16 -- "gaps 3 2 0,1,3 $(($1 / 4))"
window hammered -- "gaps 3 2 0,1,3 $1"
rmmod ipimux-stimulus
