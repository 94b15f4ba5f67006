#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for check.t: `ipimux-trace check` in a kernel that lacks what it needs.
set -u

for name in fails skips; do
	option=
	[ $name = fails ] || option=--skip-unsupported
	# shellcheck disable=SC2086 # an option or none
	ipimux-trace check --junit /out/$name.xml $option -- echo ran >/out/$name 2>/out/$name.errors
	echo "$name $?" >>/out/statuses
done
