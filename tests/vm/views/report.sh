#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for report.t: a storm and an exact number of memory barriers, and the page of it. The kernel's own
# counts are taken inside of the run and around it.
set -eu
. ./lib.sh

# status NAME COMMAND... - its exit status and its error
status()
{
	name=$1
	shift
	code=0
	"$@" >/dev/null 2>"/out/$name" || code=$?
	echo "$code" >>"/out/$name"
}

status no-file ipimux-trace report 0.1 1
status no-directory ipimux-trace report --html /none/page.html 0.1 1
status full ipimux-trace report --html /dev/full 0.1 1
status null ipimux-trace report --html /dev/null 0.1 1
[ -c /dev/full ] && [ -c /dev/null ]

# start_report FILE ARG... - in the background, its pid in $tracer; returns when it counts
start_report()
{
	page=$1
	shift
	rm -f /tmp/run.jsonl
	ipimux-trace report --html "$page" --record=/tmp/run.jsonl "$@" &
	tracer=$!
	wait_for_first /tmp/run.jsonl
}

count_vipis >/out/around-before
start_report /out/live.html --latency 0.2
count_vipis >/out/inside-before
signals 3 1
membarrier 1 3 4000
count_vipis >/out/inside-after
stop_tracer INT
count_vipis >/out/around-after

# The same run as it was recorded, and without its end.
ipimux-trace -i /tmp/run.jsonl -j --all >/out/run.jsonl
ipimux-trace report -i /tmp/run.jsonl --html /out/page.html
sed '$d' /tmp/run.jsonl >/tmp/cut.jsonl
ipimux-trace report -i /tmp/cut.jsonl --html /out/cut.html

start_report /out/some.html -c 1,3 0.1
membarrier 1 3 100
membarrier 2 0 100
stop_tracer INT
