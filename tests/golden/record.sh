#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for tests/golden/record: recordings of what has all kinds of numbers in it, into /out.
# usage: record.sh sbi|waited|imsic|cpus64|broken
set -eu

stimulus=/sys/kernel/debug/ipimux-stimulus

# recorded NAME OPTION... - the recording NAME, of two intervals, in which what is on standard input is done
recorded()
{
	name=$1
	shift
	ipimux-trace record "$@" "/out/$name" 0.5 2 2>/dev/null &
	tracer=$!
	until [ -e "/out/$name" ] && [ "$(wc -l <"/out/$name")" -ge 2 ]; do
		kill -0 $tracer
		usleep 20000
	done
	while read -r command; do
		case $command in
		sleep* | membarrier* | signals* | echo*) eval "$command" ;;
		# The module gives up what is lost on purpose.
		*) echo "$command" 2>/dev/null >$stimulus/run || echo "$name: refused: $command" ;;
		esac
	done
	wait $tracer || true
}

everything='send 6 3 40
send 7 1-3 30
storm 3 2 0,1,3 200
hold 7 2 0 3 30 masked
hold 3 1 2 4 32 late
mask 3 0
post 3 0 1
unmask 3 0'

if [ -e ./ipimux-stimulus.ko ]; then
	insmod ./ipimux-stimulus.ko patience=1
	echo adopt 2-3,6-7 >$stimulus/run
fi
case $1 in
sbi)
	echo "$everything" | recorded sbi
	echo "$everything" | recorded sbi-latency --latency
	echo "$everything" | recorded sbi-verify --verify --latency
	echo "$everything" | recorded fentry --via fentry
	echo "$everything" | recorded fentry-latency --via fentry --latency
	echo "echo 0 >/sys/devices/system/cpu/cpu2/online
sleep 0.2
echo 1 >/sys/devices/system/cpu/cpu2/online" | recorded hotplug --latency
	echo "$everything" | recorded whole --latency
	head -n 4 /out/whole >/out/cut-off
	rm /out/whole
	;;
waited)
	# With the table of that name, which the recordings above do not have.
	echo "$everything" | recorded waited --latency
	;;
imsic)
	echo "$everything" | recorded imsic --latency
	echo 'membarrier 1 2 100
sleep 0.1
membarrier 1 2 100' | recorded imsic-storm
	;;
cpus64)
	echo 'membarrier 1 60 50
membarrier 33 2 20' | recorded cpus64 --latency
	;;
broken)
	parameters=/sys/module/kernel/parameters
	for kind in drop-raise not-set handled-twice not-handled; do
		echo 1000 >$parameters/ipi_mux_broken_cpu
		echo $kind >$parameters/ipi_mux_broken
		echo 1 >$parameters/ipi_mux_broken_every
		echo 2 >$parameters/ipi_mux_broken_most
		echo "echo 3 >$parameters/ipi_mux_broken_cpu
post 6 3 1
post 7 3 4
post 6 3 3" | recorded "broken-$kind" --latency
		echo none >$parameters/ipi_mux_broken
		echo still >$stimulus/run || true
	done
	;;
esac
