#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What pipes.sh and files.sh share: `. ./outputs.sh`. With it there are events to write, and somebody else who counts;
# end_outputs is the last of them.
# shellcheck source-path=SCRIPTDIR/..
. ./lib.sh

step()
{
	echo "$(uptime) $*"
}

# try NAME COMMAND... - its output, what it said and its status
try()
{
	name=$1
	shift
	step "$name"
	timeout 40 "$@" >"/out/$name" 2>"/out/$name.errors"
	echo "$name $?" >>/out/statuses
}

# finish NAME PID - its status; what does not end is killed, and has that for its status
finish()
{
	step "$1"
	{ sleep 20 && kill -KILL "$2"; } 2>/dev/null &
	watchdog=$!
	wait "$2"
	echo "$1 $?" >>/out/statuses
	kill $watchdog
}

# told NAME SIGNAL PID - tells it to end; its status, and how long that took in hundredths of a second
told()
{
	from=$(uptime | tr -d .)
	kill "-$2" "$3"
	finish "$1" "$3"
	echo "$1 $(($(uptime | tr -d .) - from))" >>/out/times
}

# blocked PID FUNCTION... - waits until the kernel says that it is in one of them
blocked()
{
	whom=$1
	shift
	for _ in $(seq 400); do
		where=$(cat "/proc/$whom/wchan")
		for function; do
			# Long enough to be sure that it stands still.
			[ "$where" != "$function" ] || { usleep 100000 && return; }
		done
		kill -0 "$whom" || return
		usleep 50000
	done
	echo "not blocked: $whom in $where"
}

# new NAME MODE - a directory, and goes there
new()
{
	rm -rf "/tmp/$1"
	mkdir -m "$2" "/tmp/$1"
	cd "/tmp/$1" || exit
}

[ -e /dev/fd ] || ln -s /proc/self/fd /dev/fd
[ -e /dev/stdout ] || ln -s fd/1 /dev/stdout
mkdir -p /dev/pts
mount -t devpts devpts /dev/pts
# Others' links are in a /tmp as it is on a machine of many users.
chmod 1777 /tmp
# Events enough to fill a pipe, and storms at a rate of 1.
membarrier 0 1 1000000000 "" 20 &
load=$!
# The last BPF program to go takes seconds on a busy machine: somebody else's stays.
start_tracer /out/other.jsonl -j 1
other=$tracer
bpf-objects count >/out/objects-before

# end_outputs - what is left in the kernel when all have ended, except for the somebody else
end_outputs()
{
	kill $load
	tracer=$other
	# shellcheck disable=SC2046 # numbers
	bpf-objects wait $(cat /out/objects-before) >/out/objects-after
	stop_tracer INT
}
