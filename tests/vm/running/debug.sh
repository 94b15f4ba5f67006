#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for debug.t: has the kernel make a mistake.
# usage: debug.sh [LKDTM_TYPE]
set -eu
[ $# = 0 ] || echo "$1" >/sys/kernel/debug/provoke-crash/DIRECT
