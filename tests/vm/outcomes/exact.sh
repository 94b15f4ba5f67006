#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for exact.py: at least 10,000 CALL_FUNC, counted by the tool and
# by the kernel. Reading the kernel's counts sends vIPIs itself: hence read inside
# the tool's window and around it.
set -eu
. ./lib.sh

uname -r >/out/version
dmesg | grep 'providing IPIs' >/out/parent

count_vipis >/out/around-before
start_tracer /out/trace.jsonl -j --all 0.1
count_vipis >/out/inside-before
# More than 10,000 calls, because some send nothing, see membarrier.c.
membarrier 1 2 20000
count_vipis >/out/inside-after
stop_tracer INT
count_vipis >/out/around-after
