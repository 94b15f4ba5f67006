#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for stimulus.py: runs commands of the stimulus module, each file of
# them in a window of ipimux-trace, in the order of their names.
# A line "attach OPTION..." starts the tracer, without one it starts at once; a
# line "refused COMMAND" is one that must be.
set -eu
. ./lib.sh

stimulus=/sys/kernel/debug/ipimux-stimulus
insmod ./ipimux-stimulus.ko

# attach [OPTION...] - the tracer for $window, and what the module counted until now
attach()
{
	cat $stimulus/handled >"/out/$window.before"
	start_tracer "/out/$window.jsonl" -j "$@" 0.1
}

for window in "$@"; do
	while read -r command; do
		case $command in
		attach*)
			# shellcheck disable=SC2086 # words
			$command
			;;
		refused*)
			if echo "${command#refused }" 2>/dev/null >$stimulus/run; then
				echo "not refused: $command"
				exit 1
			fi
			cat $stimulus/result
			;;
		*)
			echo "$command" >$stimulus/run || {
				echo "$window: $command: $(cat $stimulus/result)"
				exit 1
			}
			;;
		esac
	done <"$window"
	stop_tracer INT
	cat $stimulus/handled >"/out/$window.after"
done
rmmod ipimux-stimulus
