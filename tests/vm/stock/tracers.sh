#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for tracers.t: other people's tracers on a storm, on a CPU that
# goes and comes, and on sends that the kernel counts, too.
set -eu
events=/sys/kernel/tracing/events
cd /tmp

step()
{
	echo "$(cut -d' ' -f1 /proc/uptime) $*"
}

# A storm, and each vIPI of a CPU unmasked once.
cat >work <<'END'
#!/bin/sh
. /root/lib.sh
signals 3 1
cpu_goes 3
cpu_comes 3
END
# Sends from CPU 1 to CPU 2, and what the kernel says was handled meanwhile.
cat >counted <<'END'
#!/bin/sh
. /root/lib.sh
count_vipis >"/out/$1-before"
membarrier 1 2 1000
count_vipis >"/out/$1-after"
END
chmod +x work counted

step perf
perf list 'ipi_mux:*' >/out/perf-list
perf stat -a -A -x, -e 'ipi_mux:*' -o /out/perf-stat ./counted perf-stat
perf record -q -a -e 'ipi_mux:*' -o perf.data ./work
perf script -i perf.data >/out/perf-script 2>/out/perf-script.errors

step trace-cmd
trace-cmd record -q -e ipi_mux -o trace.dat ./work
trace-cmd report -i trace.dat >/out/trace-cmd 2>/out/trace-cmd.errors

step tracefs
cat $events/ipi_mux/*/format >/out/formats
echo >$events/../trace
echo 1 >$events/ipi_mux/enable
./work
echo 0 >$events/ipi_mux/enable
cat $events/../trace >/out/ftrace

step bpftrace
bpftrace -o /out/bpftrace -c '/bin/sh /tmp/counted bpftrace' -e '
	tracepoint:ipi_mux:ipi_mux_send { @event[cpu, args.cpu, args.vipi] = count(); }
	rawtracepoint:ipi_mux_send { @raw[cpu, arg0, arg1] = count(); }'
step end
