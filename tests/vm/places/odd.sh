#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for lockdown.t, limits.t and clock.t: ipimux-trace where something about the place is odd.
# usage: odd.sh lockdown|symbols|refused|descriptors|memory|clock ...
set -u
. ./lib.sh

# try NAME COMMAND... - "NAME|STATUS|MESSAGE|LINES" of it; the message is the last line
try()
{
	name=$1
	shift
	"$@" >"/tmp/stdout" 2>/tmp/stderr
	echo "$name|$?|$(tail -n 1 /tmp/stderr)|$(wc -l </tmp/stderr)" >>/out/tries
}

# look NAME - what doctor says, as JSON and in words
look()
{
	ipimux-trace doctor --json >"/out/$1.json"
	ipimux-trace doctor >"/out/$1.txt"
	echo $? >"/out/$1.status"
}

lockdown()
{
	look unmounted
	try stat ipimux-trace 0.2 1
	try fentry ipimux-trace --via fentry 0.2 1
	try attach ipimux-trace attach --pin
	[ ! -e /sys/fs/bpf/ipimux-trace/default ] || ipimux-trace detach
	try check ipimux-trace check --duration 0.2
	try skip ipimux-trace check --duration 0.2 --skip-unsupported
	# These programs read nothing of the kernel's: what stops them here is that there is no tracepoint.
	try tracepoint ipimux-trace --via tracepoint 0.2 1
	try waits ipimux-trace --via tracepoint --latency 0.2 1
	echo 1 >/proc/sys/net/core/bpf_jit_enable
	try trace ipimux-trace trace 0.2
	try events ipimux-trace trace --via tracepoint 0.2
	mount -t securityfs securityfs /sys/kernel/security
	cat /sys/kernel/security/lockdown >/out/mode
	look mounted
}

# limited LIMIT COMMAND... - with so few file descriptors, and an end to it
limited()
{
	# shellcheck disable=SC2016 # that shell's
	timeout 20 sh -c 'ulimit -n $0 && exec "$@"' "$@"
}

# at LIMIT COMMAND VIA - a command with so few; returns its status
at()
{
	case $2 in
	stat) try "$1 $2" limited "$1" ipimux-trace --via "$3" 0.1 1 ;;
	waits) try "$1 $2" limited "$1" ipimux-trace --via "$3" --latency 0.1 1 ;;
	attach)
		try "$1 $2" limited "$1" ipimux-trace attach --pin --via "$3" other
		[ ! -e /sys/fs/bpf/ipimux-trace/other ] || ipimux-trace detach other
		;;
	pinned) try "$1 $2" limited "$1" ipimux-trace --pinned default 0.1 1 ;;
	doctor) try "$1 $2" limited "$1" ipimux-trace doctor ;;
	input) try "$1 $2" limited "$1" ipimux-trace -i /tmp/recording ;;
	storm) try "$1 $2" limited "$1" ipimux-trace storm 0.1 1 ;;
	trace) try "$1 $2" limited "$1" ipimux-trace trace 0.1 ;;
	esac
	return "$(tail -n 1 /out/tries | cut -d'|' -f2)"
}

# descriptors VIA FIRST MOST [each] - below FIRST each limit, from there to MOST where a command begins to be done, by
# halves; or each
descriptors()
{
	via=$1 first=$2 most=$3 each=${4-}
	ipimux-trace attach --pin --via "$via" >/dev/null || return
	ipimux-trace record /tmp/recording 0.1 1 2>/dev/null
	commands=waits
	# Through fentry each start takes seconds, and these have nothing that the first has not.
	[ "$via$each" = fentry ] || commands="$commands attach stat pinned"
	[ "$via" != tracepoint ] || commands="$commands doctor input storm trace"
	for command in $commands; do
		for limit in $(seq 3 $((first - 1))) $([ -z "$each" ] || seq "$first" $((most - 1))); do
			at "$limit" "$command" "$via"
		done
		at "$most" "$command" "$via"
		low=$((first - 1)) high=$most
		while [ -z "$each" ] && [ $((high - low)) -gt 1 ]; do
			limit=$(((low + high) / 2))
			if at "$limit" "$command" "$via"; then
				high=$limit
			else
				low=$limit
			fi
		done
	done
	ipimux-trace detach
}

# clock trace|'' OFFSET... - where CLOCK_MONOTONIC is another one than the kernel's. It cannot be below 0: no namespace can be younger.
clock()
{
	trace=$1
	shift
	ipimux-trace attach --pin >/dev/null
	uptime >/out/attached
	sleep 1
	for offset; do
		timens "$offset" ipimux-trace -j --pinned default --since-attach 0.5 1 >"/out/since$offset.jsonl"
		timens "$offset" ipimux-trace record --pinned default --since-attach "/tmp/$offset.rec" 0.1 1 2>/dev/null
		ipimux-trace -i "/tmp/$offset.rec" >/dev/null 2>"/out/read$offset"
		echo $? >>"/out/read$offset"
		ipimux-trace detach
		# One that was attached there is read from here.
		timens "$offset" ipimux-trace attach --pin >/dev/null
		sleep 1
		ipimux-trace -j --pinned default --since-attach 0.5 1 >"/out/back$offset.jsonl"
	done
	ipimux-trace detach
	[ "$trace" = trace ] || return 0
	# For something to be there in any half second.
	membarrier 1 2 1000000 "" 20 &
	sender=$!
	for offset; do
		{ uptime; timens "$offset" timeout 20 ipimux-trace trace -j -n 5; echo $?; uptime; } \
			>"/out/trace$offset.jsonl" 2>/dev/null
		timens "$offset" timeout 20 ipimux-trace trace 0.5 >"/out/text$offset" 2>&1
		echo $? >>"/out/text$offset"
	done
	kill $sender
	wait $sender || true
}

# symbols - where the kernel hides its addresses, root without CAP_SYSLOG, and with
symbols()
{
	for restricted in 0 1 2; do
		echo 2 >/proc/sys/kernel/perf_event_paranoid
		echo $restricted >/proc/sys/kernel/kptr_restrict
		try "$restricted with" with-caps 0 bpf,perfmon,syslog ipimux-trace --via fentry 0.1 1
		try "$restricted without" with-caps 0 bpf,perfmon ipimux-trace --via fentry 0.1 1
		with-caps 0 bpf,perfmon ipimux-trace doctor --json >"/out/without$restricted.json"
	done
}

# refused - root, but that of a user namespace
refused()
{
	try refused unshare -U -r ipimux-trace 0.1 1
	try 'not root' su -s /bin/sh nobody -c ipimux-trace
}

# memory COMMAND... - what recordings take that are made to take much: "NAME|STATUS|MESSAGE|kB"
memory()
{
	for command; do
		for file in bomb objects large; do
			# shellcheck disable=SC2086 # a command line
			measure "$file $command" $command -i $file.gz
		done
	done
	measure 'bomb allowed' stat -i bomb.gz --max-memory 200M
	measure 'large allowed' stat -i large.gz --max-memory 3G
}

measure()
{
	name=$1
	shift
	busybox time -v ipimux-trace "$@" >/tmp/stdout 2>/tmp/stderr
	echo "$name|$?|$(grep '^ipimux-trace' /tmp/stderr | head -n 1)|$(sed -n 's/.*Maximum resident.*: //p' /tmp/stderr)" \
		>>/out/memory
}

"$@"
