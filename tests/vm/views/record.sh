#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for record.t: runs are recorded under load, and looked at later.
set -u
. ./lib.sh

# try NAME COMMAND... - its output, what it said and its status, in files called NAME
try()
{
	what=$1
	shift
	"$@" >"/out/$what" 2>"/out/$what.errors"
	echo "$what $?"
}

mkdir /tmp/r
chmod 755 /tmp/r
# The last BPF program to go takes seconds on a busy machine: somebody else's stays.
start_tracer /out/other.jsonl -j 1
signals 1 3600 50 &
load=$!
for suffix in '' .gz .zst; do
	for form in --vipi -j; do
		try "live$form$suffix" ipimux-trace stat $form --record="/tmp/r/$form$suffix" 0.2 2
	done
done
for view in latency matrix stuck 'storm --rate 20'; do
	# shellcheck disable=SC2086 # a command and its options
	try "live-${view%% *}" ipimux-trace $view --latency --record="/tmp/r/${view%% *}.zst" 0.2 2
done
try live-by-bit ipimux-trace -j --count-by-bit --record=/tmp/r/by-bit 0.2 2
# What only a live machine has, to be held against docs/schema: looks, who sends, single events.
try json-recording ipimux-trace record --verify --latency /out/json-recording.jsonl 1.5 1
try json-storm ipimux-trace storm -j --latency --rate 20 0.5 4
try json-latency ipimux-trace latency -j 0.2 2
try json-stuck ipimux-trace stuck -j 0.2 2
try json-trace ipimux-trace trace -j 1
try json-chrome ipimux-trace trace --format chrome 1
try json-doctor ipimux-trace doctor -j
kill $load

# What was seen live is what is seen later, by anybody.
for suffix in '' .gz .zst; do
	for form in --vipi -j; do
		try "later$form$suffix" su nobody -s /bin/sh -c "ipimux-trace -i /tmp/r/$form$suffix $form"
		cp "/tmp/r/$form$suffix" "/out/trace$form$suffix"
	done
done
for view in latency matrix stuck 'storm --rate 20'; do
	# shellcheck disable=SC2086 # a command and its options
	try "later-${view%% *}" ipimux-trace $view -i "/tmp/r/${view%% *}.zst"
done
try all-stat ipimux-trace -j -i /tmp/r/matrix.zst
try all-matrix ipimux-trace matrix -j -i /tmp/r/matrix.zst
try one-matrix ipimux-trace matrix -j --vipi RESCHEDULE -i /tmp/r/matrix.zst
try later-by-bit ipimux-trace -j -i /tmp/r/by-bit
try cpu ipimux-trace -i /tmp/r/-j -c 9
try stdin sh -c 'ipimux-trace -i - -j </tmp/r/-j.zst'
try pipe sh -c 'ipimux-trace record - 0.2 2 | ipimux-trace -i - -j'

# What a recorder that is killed has written is there.
for suffix in '' .gz .zst; do
	ipimux-trace record /tmp/r/killed$suffix 0.1 2>/dev/null &
	pid=$!
	sleep 2
	kill -9 $pid
	wait $pid 2>/dev/null
	try killed$suffix ipimux-trace -j -i /tmp/r/killed$suffix
	try killed-table$suffix ipimux-trace -i /tmp/r/killed$suffix
done
head -c $(($(wc -c </tmp/r/-j.gz) - 40)) /tmp/r/-j.gz >/tmp/r/cut
try cut ipimux-trace -i /tmp/r/cut

# Ctrl-C, an existing file, a full disk, somebody who reads no more.
ipimux-trace record /tmp/r/int.zst 2>/out/int.errors &
pid=$!
sleep 2
kill -INT $pid
wait $pid
echo "int $?"
try int-later ipimux-trace -i /tmp/r/int.zst
try exists ipimux-trace record /tmp/r/int.zst 0.1 1
try exists-stat ipimux-trace --record=/tmp/r/int.zst 0.1 1
try force ipimux-trace record --force /tmp/r/int.zst 0.1 1
try force-later ipimux-trace -j -i /tmp/r/int.zst
try full ipimux-trace record /dev/full
try full-stat ipimux-trace stat --record=/dev/full
mkdir /tmp/full
mount -t tmpfs -o size=64k tmpfs /tmp/full
try full-later ipimux-trace record /tmp/full/trace 0.01
try full-rest ipimux-trace -i /tmp/full/trace
umount /tmp/full
try head sh -c 'ipimux-trace record - 0.1 | head -n 1'

# Wrong usage, and what is no recording.
try no-file ipimux-trace record
try no-such ipimux-trace -i /tmp/r/none
try paced ipimux-trace -i /tmp/r/-j 1
try both ipimux-trace -i /tmp/r/-j --record=/tmp/r/x
try twice ipimux-trace record --record=/tmp/r/x /tmp/r/y
try stdout ipimux-trace --record=-
try of-record ipimux-trace record -i /tmp/r/-j /tmp/r/z
try json ipimux-trace -i /out/live-j
try directory ipimux-trace -i /tmp/r
try program ipimux-trace -i /bin/busybox
stop_tracer INT
