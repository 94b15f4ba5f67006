#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for big.t: many CPUs.
set -eu
. ./lib.sh

ipimux-trace 1 2 >/out/table
start_tracer /out/trace.jsonl -j 0.5
membarrier 1 63 4000
stop_tracer INT
