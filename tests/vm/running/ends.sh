#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for ends.t: all the ways in which a run ends.
set -u
. ./lib.sh

for signal in INT TERM HUP; do
	start_tracer /out/$signal 0.2
	stop_tracer $signal
	echo "$signal $?"
done

# The reader has seen enough.
(
	ipimux-trace 0.1 2>/out/pipe.errors
	echo "pipe $?" >/out/pipe.status
) | head -n 2 >/out/pipe
cat /out/pipe.status

# Each interval is there when it is over, not when the buffer is full.
mkfifo /tmp/fifo
ipimux-trace 1 3 >/tmp/fifo &
read -r line </tmp/fifo && echo "first ${#line}"
wait

ipimux-trace 0.1 2 >/dev/full 2>/out/full.errors
echo "full $?"

ipimux-trace --version
ipimux-trace help >/out/help && ipimux-trace stat --help >/out/stat-help &&
	ipimux-trace help stat >/out/help-stat && ipimux-trace -h >/out/h
echo "help $?"
ipimux-trace -c 1,3 0.2 1 >/out/some
echo "some $?"
