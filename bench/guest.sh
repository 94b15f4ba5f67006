#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for overhead.py: guest.sh REPEAT TRACER=COUNT... measures every path of the
# multiplexer under each tracer, and leaves what the tracer itself counted in /out. Judges nothing.
set -eu
# shellcheck source-path=SCRIPTDIR/../tests/vm
. ./lib.sh

stimulus=/sys/kernel/debug/ipimux-stimulus
tracing=/sys/kernel/tracing
# KGDB_ROUNDUP: nobody else sends it.
vipi=7

repeat=$1
shift

die()
{
	echo "guest.sh: $*" >&2
	exit 1
}

# bench LABEL: all paths, once; "LABEL PATH TOTAL LEAST MOST COUNT PARTS"
bench()
{
	for path in raised coalesced masked kick; do
		echo "bench $path $vipi $count" >$stimulus/run
		echo "$1 $path $(cat $stimulus/result)"
	done
}

# wait_for COMMAND...: until it succeeds, while the tracer lives
wait_for()
{
	while ! "$@"; do
		kill -0 "$tracer" 2>/dev/null || die "$name ended too early: $(cat "$out.errors")"
		usleep 100000
	done
}

# has_lines N: the tracer has printed so many
has_lines()
{
	[ "$(wc -l <"$out")" = "$1" ]
}

# hold COMMAND...: a tracer that takes a command to trace; it traces until release
hold()
{
	rm -f /tmp/ready /tmp/go
	mkfifo /tmp/go
	"$@" sh -c 'touch /tmp/ready; read -r _ </tmp/go' >"$out" 2>"$out.errors" &
	tracer=$!
	wait_for test -e /tmp/ready
}

release()
{
	echo >/tmp/go
	wait "$tracer" || die "$name: $(cat "$out.errors")"
}

# Nobody traces.
for name in stock instrumented off; do
	eval "start_$name() { :; }; stop_$name() { :; }"
done

start_floor()
{
	rm -f /tmp/go
	mkfifo /tmp/go
	floor "$name" </tmp/go >"$out" 2>"$out.errors" &
	tracer=$!
	exec 4>/tmp/go
	wait_for has_lines 1
}

# Programs that count nothing: the kernel counts their runs, once, when all is measured.
stop_floor()
{
	echo 1 >/proc/sys/kernel/bpf_stats_enabled
	echo >&4
	wait_for has_lines 2
	bench "proof $name"
	echo >&4
	wait_for has_lines 3
	echo 0 >/proc/sys/kernel/bpf_stats_enabled
	exec 4>&-
	wait "$tracer"
}

start_empty() { start_floor; }
stop_empty() { stop_floor; }
start_clock() { start_floor; }
stop_clock() { stop_floor; }

start_ipimux_trace() { start_tracer "$out" -j --all 1 || die "$(cat "$out.errors")"; }
stop_ipimux_trace() { stop_tracer INT; }

start_latency() { start_tracer "$out" -j --all --latency 1 || die "$(cat "$out.errors")"; }
stop_latency() { stop_tracer INT; }

start_latency_16() { start_tracer "$out" -j --all --latency=16 1 || die "$(cat "$out.errors")"; }
stop_latency_16() { stop_tracer INT; }

start_verify() { start_tracer "$out" -j --all --verify 1 || die "$(cat "$out.errors")"; }
stop_verify() { stop_tracer INT; }

start_fentry() { start_tracer "$out" -j --all --via fentry 1 || die "$(cat "$out.errors")"; }
stop_fentry() { stop_tracer INT; }

start_fentry_latency()
{
	start_tracer "$out" -j --all --via fentry --latency 1 || die "$(cat "$out.errors")"
}
stop_fentry_latency() { stop_tracer INT; }

start_kprobe() { start_tracer "$out" -j --all --via kprobe 1 || die "$(cat "$out.errors")"; }
stop_kprobe() { stop_tracer INT; }

# Nothing is above that rate: what it costs to watch.
start_storm() { start_tracer "$out" storm -j --rate 1000000000 1 || die "$(cat "$out.errors")"; }
stop_storm() { stop_tracer INT; }

# count_events: of lines of a trace, how many there are of each "EVENT VIPI" and "process PENDING ENABLED"
count_events()
{
	sed -n 's/.*ipi_mux_\(send\|unmask\):.* vipi=\([0-9]*\) .*/\1 \2/p
		s/.*ipi_mux_\(process\):.*(pending=\(0x[0-9a-f]*\) enabled=\(0x[0-9a-f]*\)).*/\1 \2 \3/p' |
		sort | uniq -c
}

start_ftrace()
{
	echo 32768 >$tracing/buffer_size_kb
	echo >$tracing/trace
	echo 1 >$tracing/events/ipi_mux/enable
}

stop_ftrace()
{
	echo 0 >$tracing/events/ipi_mux/enable
	cat $tracing/per_cpu/cpu0/stats >"$out"
	count_events <$tracing/trace >"$out.events"
	echo 1408 >$tracing/buffer_size_kb
}

start_perf_stat() { hold perf stat -x , -e 'ipi_mux:*' -a; }
stop_perf_stat() { release; }

start_perf_record() { hold perf record -q -e 'ipi_mux:*' -a -o /tmp/perf.data; }
stop_perf_record()
{
	release
	perf script -i /tmp/perf.data -F event,trace 2>/dev/null | count_events >"$out.events"
	perf report -i /tmp/perf.data --stats >"$out" 2>/dev/null
	rm /tmp/perf.data
}

start_trace_cmd() { hold trace-cmd record -q -e ipi_mux -o /tmp/trace.dat; }
stop_trace_cmd()
{
	release
	trace-cmd report -i /tmp/trace.dat >/tmp/report 2>/dev/null
	count_events </tmp/report >"$out.events"
	rm /tmp/report
	rm /tmp/trace.dat
}

start_bpftrace()
{
	bpftrace ./count.bt >"$out" 2>"$out.errors" &
	tracer=$!
	wait_for grep -q attached "$out"
}
stop_bpftrace() { stop_tracer INT; }

insmod ./ipimux-stimulus.ko
echo "adopt $vipi" >$stimulus/run
count=10000
echo "bench loop $vipi $count" >$stimulus/run
echo "loop loop $(cat $stimulus/result)"

for item; do
	name=${item%=*}
	out=/out/$name
	count=${item#*=}
	function=$(echo "$name" | tr - _)
	echo "# $name"
	count_vipis >"$out.before"
	"start_$function"
	i=0
	while [ $i -lt "$repeat" ]; do
		bench "run $name"
		i=$((i + 1))
	done
	"stop_$function"
	count_vipis >"$out.after"
done
