#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for ftrace.t: the kernel dies, and prints its buffer to the console.
set -eu
. ./lib.sh

insmod ./ipimux-stimulus.ko
echo adopt 6-7 >/sys/kernel/debug/ipimux-stimulus/run
echo send 7 1 50 >/sys/kernel/debug/ipimux-stimulus/run
echo c >/proc/sysrq-trigger
