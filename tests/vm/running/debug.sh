#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for debug.t: has the kernel make mistakes.
# usage: debug.sh LKDTM_TYPE...
set -eu
for mistake; do
	echo "$mistake" >/sys/kernel/debug/provoke-crash/DIRECT
done
