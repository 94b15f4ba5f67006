# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the tests of the tree share: a directory to work in, $tmp, which goes with the test, TAP lines, copies of the
# tree, and how the tool runs here.

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
count=0 failed=0 skipped=

# ok STATUS NAME - good if STATUS is 0; else what is in $output goes to where prove shows it
output=$tmp/output
ok()
{
	count=$((count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $count - $2"
	else
		failed=$((failed + 1))
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
	skipped=yes
	echo "ok $count - $1 # SKIP $2"
}

# for_all WHY - leaves all of this test to `make check ALL=1`; WHY: who else has what is in it
for_all()
{
	if [ -z "${ALL-}" ]; then
		echo "1..0 # SKIP left to make check ALL=1: $1"
		exit
	fi
}

# once PATH... - for a test whose outcome depends on these, on itself, on what the cache has of others' sources and
# tools, and on the machine's packages, and on nothing else: where all of it has passed with the same, it is over. ALL=1:
# it runs all the same.
of_once=()
once()
{
	of_once=("$@")
	if [ -z "${ALL-}" ] && [ -d "$(passed)" ]; then
		touch -c "$(passed)" 2>/dev/null
		echo "1..0 # SKIP has passed with the same of these: $*; make check ALL=1 runs it all the same"
		exit
	fi
}

# passed - where it is noted that this test has
passed()
{
	local files name=${0##*/}

	mapfile -t files < <(find "${of_once[@]}" "$0" tests/tree/tap.sh tests/tree/objects.sh vm/lib.sh -type f | sort)
	# shellcheck source-path=SCRIPTDIR/../../vm source=lib.sh
	. vm/lib.sh
	echo "$CACHE/passed-${name%.t}-$(hash_of "$(stat -c '%n %A' "${files[@]}")" "${files[@]}" \
		"$(find "$CACHE" -maxdepth 1 -regex '.*/\(source\|herd7\|model\)-[^.]*' -printf '%f\n' | sort)" \
		"$(dpkg-query -W)")"
}

# plan - the last line; and what has passed as a whole is noted for `once`
plan()
{
	local noted

	echo "1..$count"
	[ ${#of_once[@]} != 0 ] && [ $failed = 0 ] && [ -z "$skipped" ] || return 0
	# What it made in the cache is there the next time, too.
	noted=$(passed)
	mkdir -p "$noted" 2>/dev/null || return 0
	(
		# shellcheck source-path=SCRIPTDIR/../../vm source=lib.sh
		. vm/lib.sh
		name=${noted##*/}
		forget_old "${name%-*}"
	) 2>/dev/null || :
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
