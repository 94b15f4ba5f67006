# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the tests of the tree share: a directory to work in, $tmp, which goes with the test, TAP lines, copies of the
# tree, and how the tool runs here.

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
		echo "# failed: $2" >&2
		sed 's/^/# /' "$output" >&2
	fi
}

# silent STATUS NAME - good if STATUS is 0 and nothing was said in $output
silent()
{
	[ "$1" = 0 ] && [ ! -s "$output" ]
	ok $? "$2"
}

# skip NAME REASON - one that cannot be looked at here
skip()
{
	count=$((count + 1))
	echo "ok $count - $1 # SKIP $2"
}

# copy_tree DIR - the files of the tree, as style.t finds them, into DIR, which is made
copy_tree()
{
	mkdir -p "$1" &&
		find . -path ./build -prune -o -path ./.git -prune -o -type f -print0 | cpio --quiet -0 -pdm "$1"
}

# "${run[@]}" build/ipimux-trace: as it is, if it is built for this machine
# shellcheck disable=SC2034 # tests use it
run=()
build/ipimux-trace --version >/dev/null 2>&1 || run=(qemu-riscv64-static)
