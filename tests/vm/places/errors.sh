#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for errors.t: runs ipimux-trace with the given arguments, each
# line of which is one command line; "STATUS MESSAGE" for each.
while [ $# -gt 0 ]; do
	# shellcheck disable=SC2086 # a command line
	$1 >/tmp/stdout 2>/tmp/stderr
	echo "$?|$(head -n 1 /tmp/stderr)|$(wc -l </tmp/stderr)|$(wc -c </tmp/stdout)"
	shift
done
