#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for privileges.t: the tool as nobody, with few capabilities, with none, and
# what it has left of them when it measures.
set -eu
. ./lib.sh

stimulus=/sys/kernel/debug/ipimux-stimulus
pins=/sys/fs/bpf/ipimux-trace
member=4242 other=4243
insmod ./ipimux-stimulus.ko
echo adopt 6 >$stimulus/run
# Root alone is shown addresses then.
echo 1 >/proc/sys/kernel/kptr_restrict
cd /tmp

# try NAME GROUP CAPABILITIES COMMAND... - "NAME STATUS MESSAGE"
try()
{
	name=$1 status=0
	shift
	with-caps "$@" >/tmp/stdout 2>/tmp/stderr || status=$?
	echo "$name|$status|$(head -n 1 /tmp/stderr)" >>/out/tries
}

# send COUNT - of vIPI 6, which nobody else sends, from CPU 1 to CPU 3; each is handled
send()
{
	taskset 2 sh -c "echo send 6 3 $1 >$stimulus/run"
}

# measure NAME COMMAND... - counts 200 sends, or what $stimulate does, and keeps what it could do meanwhile
stimulate='send 200'
measure()
{
	file=/out/$1
	shift
	"$@" >"$file" 2>"$file.errors" &
	tracer=$!
	while [ ! -s "$file" ]; do
		kill -0 $tracer || return 0
		usleep 20000
	done
	$stimulate
	grep -E '^(Uid|CapPrm|CapEff|NoNewPrivs)' /proc/$tracer/status >"$file.can" || true
	status=0
	stop_tracer INT || status=$?
	echo "$status" >"$file.status"
}

# --- two capabilities are enough, for everything, and are given up ---

measure two with-caps $other bpf,perfmon ipimux-trace -j 0.1
# A directory that is another user's, where root needs what it gives up.
mkdir /tmp/theirs
chown nobody /tmp/theirs
measure root ipimux-trace -j --record /tmp/theirs/record 0.1
ls /tmp/theirs >/out/theirs
measure trace with-caps $other bpf,perfmon ipimux-trace trace --format json
# The other commands load the same programs as these.
for command in 'record -l /tmp/two.record' 'report --html /tmp/two.html'; do
	# shellcheck disable=SC2086 # words
	try "$command" $other bpf,perfmon ipimux-trace $command 0.1 1
done

try none $other none ipimux-trace 0.1 1
try bpf $other bpf ipimux-trace 0.1 1
try perfmon $other perfmon ipimux-trace 0.1 1
try sys_admin $other sys_admin ipimux-trace 0.1 1

# --- who sends: names of functions take a third ---

stimulate='membarrier 1 2 100000'
measure bare with-caps $other bpf,perfmon ipimux-trace storm --rate 2000 --for 0.1 0.1
measure named with-caps $other bpf,perfmon,syslog ipimux-trace storm --rate 2000 --for 0.1 0.1
stimulate='send 200'

# --- pinned counters, for a group ---

ipimux-trace attach --pin --group $member metrics >/dev/null
# disabled for good by 1, so that is last
for disabled in 0 2 1; do
	echo $disabled >/proc/sys/kernel/unprivileged_bpf_disabled
	measure group-$disabled with-caps $member none ipimux-trace -j --pinned metrics 0.1
done
try 'not a member' $other none ipimux-trace --pinned metrics 0.1 1
for what in --record=/tmp/no 'report --html /tmp/no'; do
	# shellcheck disable=SC2086 # words
	try "member: $what" $member none ipimux-trace $what --pinned metrics 0.1 1
done
try 'member: detach' $member none ipimux-trace detach metrics
try 'member: table' $member none ipimux-trace --pinned metrics 0.1 1
cp /tmp/stdout /out/table
try 'member: read a table' $member none bpf-objects open $pins/metrics/counters_traffic read
try 'member: write a table' $member none bpf-objects open $pins/metrics/counters_traffic
try 'member: a program' $member none bpf-objects open $pins/metrics/program_count_unmask read
try 'member: a link' $member none bpf-objects open $pins/metrics/link_count_unmask
# What whoever may open a program could do.
chmod o+r $pins/metrics/program_count_unmask
chmod o+x $pins/metrics
try 'anybody: attach a program' $other none \
	bpf-objects attach $pins/metrics/program_count_unmask ipi_mux_unmask
ipimux-trace detach metrics

chmod 700 /sys/fs/bpf
ipimux-trace attach --pin --group $member >/dev/null 2>/out/door
try 'closed door' $member none ipimux-trace --pinned default 0.1 1
ipimux-trace detach
chmod 1777 /sys/fs/bpf

# --- and one's own, without being root ---

try 'own attach' $other bpf,perfmon ipimux-trace attach --pin own
measure own with-caps $other none ipimux-trace -j --pinned own 0.1
try 'own detach' $other none ipimux-trace detach own
bpf-objects wait 0 0 0 >/out/objects || true
