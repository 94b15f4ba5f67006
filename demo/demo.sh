#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Runs in the guest: real work on all CPUs, and ipimux-trace looking on. Five
# tables a second apart, then the summary with the audit.
# shellcheck disable=SC2317 # the loop calls them by name
set -u

# Pipes wake their other end on another CPU.
pipes()
{
	while :; do
		find /sys -type f 2>/dev/null | gzip | wc -c >/dev/null
	done
}

# fork() and exec() spread over the CPUs.
forks()
{
	while :; do
		/bin/true | /bin/true | /bin/true
		sleep 0.1
	done
}

# A thread of a process on another CPU, interrupted for a memory barrier.
barriers()
{
	while :; do
		membarrier 2 3 2000
		sleep 0.5
	done
}

# Signals from two CPUs to a thread on a third: many find the last one pending.
wake_ups()
{
	while :; do
		signals 2 1
		sleep 1
	done
}

workers=
for work in pipes forks barriers wake_ups; do
	$work &
	workers="$workers $!"
done

ipimux-trace --vipi 1 5
status=$?

# shellcheck disable=SC2086 # a list
kill $workers
exit $status
