#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for doctor.t: what doctor says, as root, as nobody, and with this and that taken
# away; what the guest itself says of the same; and whether the tool really runs.
set -u
. ./lib.sh

# look NAME COMMAND... - what a doctor says as JSON, and its exit status
look()
{
	name=$1
	shift
	"$@" doctor --json >"/out/$name.json" 2>"/out/$name.errors"
	echo $? >"/out/$name.status"
}

# page NAME COMMAND... - the same in words
page()
{
	name=$1
	shift
	"$@" doctor >"/out/$name.txt" 2>"/out/$name.errors"
	echo $? >"/out/$name.status"
}

as_nobody()
{
	su -s /bin/sh nobody -c "ipimux-trace $*"
}

uname -r >/out/release
dmesg | grep -o 'providing IPIs using.*' >/out/parent
cat /proc/sys/kernel/ftrace_enabled >/out/ftrace_enabled 2>/dev/null
for irq in /sys/kernel/irq/*; do
	read -r chip <"$irq/chip_name"
	[ "$chip" != 'IPI Mux' ] || echo "$(cat "$irq/hwirq") ${irq##*/}"
done >/out/virqs
ls /sys/kernel/tracing/events/ipi_mux >/out/events 2>/dev/null
zcat /proc/config.gz >/out/config 2>/dev/null

look root ipimux-trace
ipimux-trace 0.1 1 >/out/stat 2>&1
echo $? >/out/stat.status
case $IPIMUX_KERNEL in
patched | nomux) page page ipimux-trace ;;
esac
if [ "$IPIMUX_KERNEL" = nomux ]; then
	ipimux-trace doctor x >/dev/null 2>&1
	echo $? >/out/usage.status
	ipimux-trace doctor >/dev/full 2>/out/full
	echo $? >/out/full.status
fi
# Where there are no tracepoints, and fentry does not work.
if [ "$IPIMUX_KERNEL" = stock ]; then
	echo 0 >/proc/sys/kernel/ftrace_enabled
	ipimux-trace --via fentry 0.1 1 >/out/stat-off 2>&1
	echo $? >>/out/stat-off
	ipimux-trace -j 0.1 1 >/out/kprobe.jsonl 2>/out/kprobe.errors
	look off ipimux-trace
	echo 1 >/proc/sys/kernel/ftrace_enabled
fi
[ "$IPIMUX_KERNEL" = patched ] || exit 0

look nobody as_nobody
as_nobody 0.1 1 >/out/stat-nobody 2>&1
echo $? >/out/stat-nobody.status

read -r restricted </proc/sys/kernel/kptr_restrict
echo 2 >/proc/sys/kernel/kptr_restrict
echo 0 >/proc/sys/kernel/ftrace_enabled
cpu_goes 1
umount /sys/kernel/tracing
look less ipimux-trace
echo "$restricted" >/proc/sys/kernel/kptr_restrict
echo 1 >/proc/sys/kernel/ftrace_enabled
cpu_comes 1

# Without the list of callbacks there is the kernel's log, in which anybody can write.
mount -t tmpfs none /sys/devices/system/cpu/hotplug
look log ipimux-trace
umount /sys/devices/system/cpu/hotplug
echo 'riscv-imsic: it: providing IPIs using interrupt 1' >/dev/kmsg
mount -t tmpfs none /sys/devices/system/cpu/hotplug
look lie ipimux-trace
umount /sys/devices/system/cpu/hotplug

mount -o bind /tmp /sys
look nosys ipimux-trace
umount /sys
