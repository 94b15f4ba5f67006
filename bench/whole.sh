#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for bench/running: whole.sh SECONDS VIA... How long a run of so many seconds takes from its start to its
# end, three times each way. Judges nothing.
set -eu
# shellcheck source-path=SCRIPTDIR/../tests/vm
. ./lib.sh

seconds=$1
shift
for via; do
	for _ in 1 2 3; do
		start=$(uptime)
		ipimux-trace --via "$via" "$seconds" 1 >/tmp/out
		echo "whole $via $start $(uptime)"
	done
done
