#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Runs in the guest: the cases of docs/diagnose.md, each with the commands that lead from
# the symptom to the culprit, and what they print. `make diagnose` runs all of it.
# usage: diagnose.sh CASE...; cases: tlb (with an IMSIC), wake, stuck and lost (with a
# multiplexer that is broken, and the stimulus)
# shellcheck disable=SC2317 # the loop at the end calls them by name
set -u

stimulus=/sys/kernel/debug/ipimux-stimulus
broken=/sys/module/kernel/parameters/ipi_mux_broken
# An emulated machine is slow: docs/diagnose.md says which limit is right for a real one.
rate=500

# show COMMAND - as at a prompt, with its exit status if that is not 0
show()
{
	echo "# $1"
	status=0
	sh -c "$1" 2>&1 || status=$?
	[ $status = 0 ] || echo "[exit status $status]"
	echo
}

tlb()
{
	unmap 2 300 &
	load=$!
	sleep 1
	show 'ipimux-trace --vipi --latency 2 1 | head -n 15'
	show 'ipimux-trace matrix --vipi CALL_FUNC 2 1 | head -n 7'
	show "ipimux-trace storm --rate $rate 1 3"
	kill $load
}

wake()
{
	signals 2 300 &
	load=$!
	sleep 1
	show 'ipimux-trace record --latency /tmp/run.zst 0.5 8'
	show 'ipimux-trace -i /tmp/run.zst --vipi | tail -n 21'
	show 'ipimux-trace matrix -i /tmp/run.zst | tail -n 15'
	show 'ipimux-trace latency -i /tmp/run.zst -c 0 | tail -n 40'
	show "ipimux-trace storm -i /tmp/run.zst --rate $rate"
	show 'ipimux-trace report -i /tmp/run.zst --html /tmp/run.html'
	show "ipimux-trace storm --rate $rate --folded /tmp/folded 1 3"
	show 'head -n 3 /tmp/folded'
	show 'ipimux-trace trace -c 0 --vipi RESCHEDULE -n 12'
	kill $load
}

# of_cpu_1 COMMAND - a command of the stimulus, from CPU 1; one that waits for what is lost gives up
of_cpu_1()
{
	taskset 2 sh -c "echo $1 >$stimulus/run" 2>/dev/null
}

adopt()
{
	[ -d $stimulus ] || insmod ./ipimux-stimulus.ko
	echo adopt 6 >$stimulus/run
}

# The thousandth parent IPI gets lost, and with it the vIPI; what is sent after it is absorbed.
lose_a_raise()
{
	sleep 4
	echo drop-raise >$broken
	of_cpu_1 'send 6 3 999'
	of_cpu_1 'post 6 3 500'
	echo none >$broken
}

stuck()
{
	adopt
	# No other task on CPU 3, whose IPI would deliver what was lost.
	taskset 8 sh -c 'while :; do :; done' &
	spinner=$!
	# Whatever else is sent to the CPU delivers it; then Ctrl-C.
	(lose_a_raise; sleep 3; taskset 8 true; sleep 2; kill -INT "$(pidof ipimux-trace)") &
	load=$!
	show 'ipimux-trace stuck --record=/tmp/stuck.zst'
	wait $load
	show 'ipimux-trace -i /tmp/stuck.zst -c 3 --vipi | tail -n 18'
	show 'ipimux-trace matrix -i /tmp/stuck.zst --vipi CPU_BACKTRACE | tail -n 11'
	kill $spinner
}

# forget KIND - sends of which the multiplexer forgets a bit, or not
forget()
{
	sleep 3
	echo "$1" >$broken
	of_cpu_1 'send 6 3 150'
	of_cpu_1 'send 6 3 150'
	echo none >$broken
}

lost()
{
	adopt
	forget none &
	load=$!
	show 'ipimux-trace 8 1 | tail -n 13'
	wait $load
	forget not-set &
	load=$!
	show 'ipimux-trace 20 1 | tail -n 14'
	wait $load
}

for case; do
	echo "=== $case"
	$case
done
