# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the tests of the tree share: a directory to work in, $tmp, which goes with the test, and TAP lines.

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
count=0

# ok STATUS NAME - good if STATUS is 0; else what is in $output goes to where prove shows it
output=$tmp/output
ok()
{
	count=$((count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
		sed 's/^/# /' "$output" >&2
	fi
}
