#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for evidence.t: a vIPI is stuck before the tool starts, also where it reads counters that fentry left
# running; and one is stuck for nine seconds, at two intervals. Judges nothing.
set -u
. ./lib.sh

stimulus=/sys/kernel/debug/ipimux-stimulus
parameters=/sys/module/kernel/parameters
insmod ./ipimux-stimulus.ko patience=1
echo adopt 6 >$stimulus/run
echo 3 >$parameters/ipi_mux_broken_cpu

# lose - one send's raise: vIPI 6 stays pending on CPU 3, on which no task runs by itself
lose()
{
	echo drop-raise >$parameters/ipi_mux_broken
	echo 1 >$parameters/ipi_mux_broken_every
	echo 1 >$parameters/ipi_mux_broken_most
	echo post 6 3 1 >$stimulus/run
	echo none >$parameters/ipi_mux_broken
}

# deliver - what is pending goes with the IPI of a function call; a task there would have more IPIs follow
deliver()
{
	echo call 3 0 1 >$stimulus/run
}

# early NAME ARG... - a vIPI is stuck, then the tool starts, then 100 sends coalesce on it
early()
{
	name=$1
	shift
	for try in 1 2 3; do
		# What goes when a tool has ended goes with IPIs to all CPUs, some time later.
		sleep 3
		lose
		ipimux-trace "$@" >"/out/$name" 2>"/out/$name.errors" &
		tracer=$!
		# It counts before long, under load too.
		sleep 1.5
		[ "${sends:-100}" = 0 ] || echo post 6 3 100 >$stimulus/run
		sleep 2.5
		status=0
		stop_tracer INT || status=$?
		deliver
		echo "$name: status $status, try $try"
		# Somebody else's IPI may have delivered it.
		! grep -q 'found\|not ok' "/out/$name" || break
	done
}

early stat -j 20
early stuck stuck -j
early check check --duration 100
# To attach through fentry interrupts all CPUs, which delivers what was lost. Counters that are left running are read
# without, and without a send.
ipimux-trace attach --pin --via fentry
sends=0 early fentry stuck -j --pinned default
ipimux-trace detach

# For nine seconds, and then handled; looked at often, and once.
start_tracer /out/often -j 0.25
often=$tracer
ipimux-trace -j 60 >/out/once 2>/tmp/errors &
once=$!
sleep 1.5
lose
sleep 9
deliver
sleep 0.5
for tracer in $often $once; do
	status=0
	stop_tracer INT || status=$?
	echo "nine seconds: status $status"
done
