#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for matrix-broken.t: a run of the tool for each line of the file cells, in a multiplexer that is
# wrong in that line's way, and in none. No task runs on CPU 3 by itself, so that nobody else's IPI delivers what
# was lost there. Judges nothing: what the tool found, and what the kernel counted, goes to /out/cells.
set -eu
. ./lib.sh

stimulus=/sys/kernel/debug/ipimux-stimulus
parameters=/sys/module/kernel/parameters
insmod ./ipimux-stimulus.ko patience=1
echo adopt 6-7 >$stimulus/run

# commands LIST - of the module, "breakages N", "harmless N", "hotplug", "sleep N"; with ", " between. One of the module that
# waits for what was lost gives up.
commands()
{
	list=$1
	while [ -n "$list" ]; do
		command=${list%%, *}
		list=${list#"$command"}
		list=${list#, }
		case $command in
		breakages\ * | harmless\ *) wait_for "${command% *}" "${command#* }" ;;
		hotplug) hotplug ;;
		sleep\ *) sleep "${command#sleep }" ;;
		*) echo "$command" >$stimulus/run 2>/dev/null || echo "$id: the module gave up: $command" ;;
		esac
	done
}

# wait_for breakages|harmless N - until the kernel counted so many; not for ever
wait_for()
{
	tries=0
	until read -r counted <"$parameters/ipi_mux_$1" && [ "$counted" -ge "$2" ] || [ $tries = 100 ]; do
		usleep 10000
		tries=$((tries + 1))
	done
}

# start ARG... - the tool in the background, $tracer; returns when it counts
start()
{
	rm -f /tmp/out /tmp/recording
	# What it prints, it prints after an interval; a recording has a first line long before it counts.
	if [ "$1" = check ]; then
		counts='"snapshot":' in=/tmp/recording
	else
		counts='"interval":' in=/tmp/out
	fi
	ipimux-trace "$@" >/tmp/out 2>/tmp/errors &
	tracer=$!
	until grep -qs "$counts" $in; do
		if ! kill -0 $tracer 2>/dev/null; then
			echo "$id: the tool ended:"
			cat /tmp/errors
			return
		fi
		usleep 5000
	done
}

# finish - its summary, one line of JSON, to where that of this cell is looked for, and what it said of itself;
# its status
finish()
{
	status=0
	kill -INT $tracer
	wait $tracer || status=$?
	if [ -e /tmp/recording ]; then
		mv /tmp/out "/out/$id.text"
		ipimux-trace -j -i /tmp/recording >/tmp/out || true
	fi
	tail -n 1 /tmp/out >"/out/$id.json"
}

# hotplug - another CPU goes and comes
hotplug()
{
	for _ in 1 2 3 4 5; do
		if cpu_goes 2; then
			break
		fi
	done
	cpu_comes 2
}

# repair - nothing is pending or put off, and all is enabled
repair()
{
	echo none >$parameters/ipi_mux_broken
	echo still >$stimulus/run
	echo unmask 6-7 0-3 >$stimulus/run
}

# be_wrong - in this line's way, while what it says is done
be_wrong()
{
	# On no CPU, until all is set.
	echo 1000 >$parameters/ipi_mux_broken_cpu
	echo "$kind" >$parameters/ipi_mux_broken
	echo "$every" >$parameters/ipi_mux_broken_every
	echo "$most" >$parameters/ipi_mux_broken_most
	echo 3 >$parameters/ipi_mux_broken_cpu
	commands "$during"
	echo none >$parameters/ipi_mux_broken
}

# Between the "|": which run of the tool, its arguments; the kind, at which chance, how often at most; whether
# the tool is started early, before it is wrong, or late; what is done before both, when the first of them has
# happened, while it is wrong, and after it.
while IFS='|' read -r id arguments kind every most start first before during after; do
	times=$(uptime)
	commands "$first"
	[ "$start" = early ] || be_wrong
	# shellcheck disable=SC2086 # a list
	start $arguments
	times="$times $(uptime)"
	commands "$before"
	[ "$start" = late ] || be_wrong
	commands "$after"
	# An interval or two in which all is well again.
	usleep 150000
	times="$times $(uptime)"
	finish
	times="$times $(uptime)"
	read -r breakages <$parameters/ipi_mux_breakages
	read -r harmless <$parameters/ipi_mux_harmless
	repair
	echo "$id $status $breakages $harmless $times" >>/out/cells
done <./cells
