#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for refused.t: runs commands of tools of which the verifier refuses a program.
# usage: refused.sh COMMAND-LINE...
set -u

number=0
for command; do
	number=$((number + 1))
	# shellcheck disable=SC2086 # a command line
	timeout 60 $command >"/out/$number.stdout" 2>"/out/$number.stderr"
	echo $? >>/out/statuses
done
# Nothing is left of any of them, and nothing is pinned.
[ ! -e /sys/fs/bpf/ipimux-trace ]
