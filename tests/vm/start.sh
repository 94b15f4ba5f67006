#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for start.t: from the start of the program to its first table.
set -eu

for try in 1 2 3; do
	before=$(cut -d' ' -f1 /proc/uptime)
	after=$(ipimux-trace 0.1 1 | {
		read -r _
		cut -d' ' -f1 /proc/uptime
		cat >/dev/null
	})
	echo "$try $before $after"
done
