#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for pin.t: counters that are left running since pin-init, others that come
# and go beside them, and what may be wrong with them.
# usage: pin.sh MAGIC LAYOUT, of src/counters/pinned.h
set -eu
. ./lib.sh

magic=$1 layout=$2
bpffs=/sys/fs/bpf
pins=$bpffs/ipimux-trace
stimulus=/sys/kernel/debug/ipimux-stimulus
insmod ./ipimux-stimulus.ko
echo adopt 6 >$stimulus/run

# try NAME ARG... - "NAME STATUS LINES MESSAGE" of ipimux-trace
try()
{
	name=$1 status=0
	shift
	ipimux-trace "$@" >/tmp/stdout 2>/tmp/stderr || status=$?
	echo "$name|$status|$(wc -l </tmp/stderr)|$(head -n 1 /tmp/stderr)" >>/out/tries
}

# send COUNT - of vIPI 6, which nobody else sends, from CPU 1 to CPU 3; each is handled
send()
{
	taskset 2 sh -c "echo send 6 3 $1 >$stimulus/run"
}

# handled - what the kernel has counted of those
handled()
{
	count_vipis | grep '^6 '
}

# objects_come_to OBJECTS NAME - whether that is what is left
objects_come_to()
{
	# shellcheck disable=SC2086 # numbers
	echo "$2: $(bpf-objects wait $1), should be $1" >>/out/objects
}

# --- since early boot ---

# In bursts: while another thread has CPU 2, calls send nothing, thousands of them if the host takes that CPU's time then.
membarrier 1 2 3000 "" 1000
count_vipis >/out/inside-after
uptime >/out/read
ipimux-trace --pinned boot --since-attach -j 0.1 1 >/out/boot.jsonl
count_vipis >/out/around-after
# What read the symbols for it goes a moment later.
sleep 1
objects=$(bpf-objects count)
echo "$objects" >/out/boot-objects

# --- who started them is killed ---

sh -c 'ipimux-trace attach --pin --latency survivor && kill -9 $$' >/out/survivor 2>&1 ||
	echo "killed: $?" >>/out/survivor
handled >/out/survivor-before
send 200
handled >/out/survivor-after
ipimux-trace --pinned survivor --since-attach -j 0.1 1 >/out/survivor.jsonl
ipimux-trace latency --pinned survivor --since-attach -j 0.1 1 >/out/waits.jsonl

# --- one wait in four is timed ---

ipimux-trace attach --pin --latency=4 some >/dev/null
send 40
ipimux-trace latency --pinned some --since-attach -j 0.1 1 >/out/some.jsonl
ipimux-trace detach some

# --- two readers at a time, one of which records ---

start_tracer /out/reader.jsonl -j --pinned boot --record /tmp/record 0.2
first=$tracer
start_tracer /out/other.jsonl -j --pinned survivor 0.1
handled >/out/reader-before
send 300
handled >/out/reader-after
stop_tracer INT
tracer=$first
stop_tracer INT
ipimux-trace -j -i /tmp/record >/out/replayed.jsonl

# --- what does not work, and what is left of it ---

try again attach --pin boot
try none --pinned none
try untimed latency --pinned boot
try 'no pin' attach boot
try 'bad name' --pinned a/b
try 'since what' --since-attach
try 'both' -i /tmp/record --pinned boot
try 'verify pinned' --verify --pinned boot
try 'verify recorded' --verify -i /tmp/record

mkdir $pins/empty
try 'read empty' --pinned empty
try 'attach empty' attach --pin empty
try 'detach empty' detach empty
try 'detach again' detach empty

try 'attach part' attach --pin part
rm $pins/part/link_count_unmask
try 'read part' --pinned part
try 'detach part' detach part

mkdir $pins/future $pins/foreign $pins/short
# shellcheck disable=SC2086 # two words
bpf-objects map $pins/future/description 4096 $magic $((layout + 1)) 4096
bpf-objects map $pins/foreign/description 4096 1 2 "$layout" 4096
bpf-objects map $pins/short/description 8 1 2
for kind in future foreign short; do
	try "read $kind" --pinned $kind
	try "attach $kind" attach --pin $kind
	try "detach $kind" detach $kind
done
ls $pins >/out/left
rm -r $pins/foreign $pins/short

try 'attach mixed' attach --pin mixed
mkdir $pins/mixed/other
try 'detach mixed' detach mixed
try 'read mixed' --pinned mixed 0.1 1
rmdir $pins/mixed/other
try 'mixed at last' detach mixed

mkdir -m 700 /tmp/bpf
chown nobody $pins
try 'their directory' attach --pin theirs
chown root $pins
for mode in 775 757 1777; do
	chmod $mode $pins
	try "mode $mode" attach --pin theirs
done
chmod 755 $pins
mv $pins $bpffs/real
ln -s $bpffs/real $pins
try 'a link' attach --pin theirs
rm $pins
mv $bpffs/real $pins
chmod 777 $bpffs
try 'parent 777' attach --pin theirs
chmod 1777 $bpffs
chown nobody $bpffs
try "their file system" attach --pin theirs
chown root $bpffs
# As it is where systemd mounts it.
chmod 700 $bpffs
try 'parent 700' attach --pin ours
try 'parent 700: detach' detach ours
chmod 1777 $bpffs
ls $pins >/out/left-by-doubts

# --- detached while somebody reads ---

start_tracer /tmp/reader --pinned survivor 0.1 100
ipimux-trace detach survivor
status=0
wait $tracer || status=$?
echo "reader|$status|$(wc -l </tmp/reader.errors)|$(cat /tmp/reader.errors)" >>/out/tries
objects_come_to "$objects" 'one detached'

# --- killed while it attaches ---

for ms in 100 200 300 400; do
	ipimux-trace attach --pin killed >/dev/null 2>&1 &
	usleep ${ms}000
	kill -9 $! 2>/dev/null || true
	wait $! || true
	if [ -e $pins/killed ]; then
		try 'detach killed' detach killed
	fi
done
objects_come_to "$objects" 'killed at any time'

# --- where the file system is ---

try 'before it' --pinned boot 0.1 1
mount -t tmpfs tmpfs $bpffs
try 'read without' --pinned boot
try 'attach without' attach --pin boot
try 'detach without' detach boot
umount $bpffs
mount -t bpf bpf $bpffs
try 'read hidden' --pinned boot
umount $bpffs
mount --bind $bpffs /tmp/bpf
umount $bpffs
objects_come_to "$objects" 'mounted elsewhere'
mount --move /tmp/bpf $bpffs
try 'after it' --pinned boot --since-attach 0.1 1
grep -A 1 '^audit:' /tmp/stdout >/out/audit

# --- the end ---

try detach detach boot
objects_come_to '0 0 0' 'all detached'
ls -A $bpffs >/out/left-at-the-end
try 'attach last' attach --pin
umount $bpffs
objects_come_to '0 0 0' 'unmounted'
