#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for matrix.t: signals to CPU 0, memory barriers from CPU 2 to CPU 3, and
# ipimux-trace as a matrix, beside a stat that began before and ends after it.
set -eu
. ./lib.sh

start_tracer /out/stat.jsonl -j 0.5
stat=$tracer
signals 2 3600 &
load=$!

start_tracer /out/matrix.jsonl matrix -j 0.5
membarrier 2 3 200
stop_tracer INT
ipimux-trace matrix -j --vipi call_func -c 3 0.5 1 >/out/filtered.jsonl
ipimux-trace matrix -j --top 2 0.5 1 >/out/folded.jsonl
ipimux-trace matrix 0.5 1 >/out/table
ipimux-trace matrix --vipi nonsense 2>/out/unknown || echo $? >>/out/unknown
ipimux-trace matrix --top 0 2>/out/top-0 || echo $? >>/out/top-0

kill $load
kill -INT "$stat"
wait "$stat"
