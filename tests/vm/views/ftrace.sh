#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for ftrace.t: what ftrace has traced from the kernel's first IPI on, in each of its texts, and in the end of
# a CPU that hangs as it comes up. Judges nothing: leaves /out/*.
set -u
. ./lib.sh

stimulus=/sys/kernel/debug/ipimux-stimulus
tracing=/sys/kernel/tracing

# show NAME FILE [ARG...] - what the tool makes of a text of ftrace
show()
{
	name=$1 file=$2
	shift 2
	ipimux-trace trace --from-ftrace "$file" "$@" >"/out/$name" 2>"/out/$name.errors"
	echo "$name $?" >>/out/statuses
}

# --- from the boot on, before and after the kernel's own counts ---

count_vipis >/out/low
echo 0 >$tracing/tracing_on
count_vipis >/out/high
cp $tracing/trace /out/boot.txt
show boot.text $tracing/trace
show boot.jsonl /out/boot.txt -j
show boot.chrome /out/boot.txt --format chrome
show stdin.jsonl - -j </out/boot.txt
show some.jsonl /out/boot.txt -j -c 1 --vipi CALL_FUNC -n 10

show panic.jsonl /root/panic.log -j

# --- a CPU hangs as it comes up, the others go on ---

insmod ./ipimux-stimulus.ko
echo adopt 6-7 >$stimulus/run
# Of a CPU that is offline, the buffer is not emptied.
echo >$tracing/trace
cpu_goes 3
echo stall 3 9000 >$stimulus/run
echo 1 >$tracing/tracing_on
echo 1 >/sys/devices/system/cpu/cpu3/online &
bringup=$!
until grep -q 3 /sys/devices/system/cpu/online; do
	usleep 20000
done
usleep 200000
echo post 6 3 1 >$stimulus/run
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13; do
	echo send 7 1-2 1 >$stimulus/run
	usleep 500000
done
cat $tracing/trace >/out/hang.txt
echo 0 >$tracing/tracing_on
dmesg -c >/dev/null
echo z >/proc/sysrq-trigger
dmesg >/out/hang.console
wait $bringup
show hang.text /out/hang.txt
show hang.jsonl /out/hang.txt -j
show console.jsonl /out/hang.console -j
echo stall 3 0 >$stimulus/run

# What was traced before its buffer was emptied last has times below 0, printed as if they were not.
cat >/tmp/before.txt <<'END'
[   12.369507]   <idle>-0         0d.... 18446744073708551us : ipi_mux_unmask: vipi=0 (pending=0x0)
[   12.370279]       sh-80         0d..2. 5us : ipi_mux_send: cpu=0 vipi=0 (pending=0x0 enabled=0x1) raised
[   12.370838]       sh-80         0d.h2. 9us : ipi_mux_process: handled={0} (pending=0x1 enabled=0x1)
END
show before.jsonl /tmp/before.txt -j

# --- trace-cmd, in the middle of traffic; and a buffer that has no room ---

cd /tmp || exit
trace-cmd record -q -e ipi_mux -o /tmp/trace.dat sh -c "
	echo send 7 1-3 300 >$stimulus/run
	echo storm 6 3 0-2 2000 >$stimulus/run
	echo hold 6-7 2 0,1,3 3 20 masked >$stimulus/run
	sleep 1" >/out/trace-cmd.log 2>&1
trace-cmd report -i /tmp/trace.dat >/out/report.txt 2>>/out/trace-cmd.log
show report.jsonl /out/report.txt -j
echo 0 >$tracing/tracing_on
echo >$tracing/trace
echo 8 >$tracing/buffer_size_kb
echo 1 >$tracing/events/ipi_mux/enable
echo 1 >$tracing/tracing_on
echo storm 6 3 0-2 2000 >$stimulus/run
echo send 7 1-3 20 >$stimulus/run
echo 0 >$tracing/tracing_on
cp $tracing/trace /out/overwritten.txt
show overwritten.jsonl /out/overwritten.txt -j
