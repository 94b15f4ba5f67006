#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What every file of the tree keeps to: licence lines, scripts that shellcheck
# has nothing against, text without trailing space.
set -u
cd "$(dirname "$0")/../.." || exit 1
count=0

# ok NAME OUTPUT: good if there is no output
ok()
{
	count=$((count + 1))
	if [ -z "$2" ]; then
		echo "ok $count - $1"
	else
		echo "not ok $count - $1"
		printf '%s\n' "$2" | sed 's/^/# /' >&2
	fi
}

# As in a checkout: also what git does not know yet, but not what is built, nor what fuzzers start
# from, which is data that has no place for comments.
files()
{
	find . -path ./build -prune -o -path ./.git -prune -o -path ./tests/fuzz/corpus -prune -o -type f -print
}

# LC_ALL: a file that is not text would end the loop.
export LC_ALL=C
ok 'an SPDX line in every file' \
	"$(files | while read -r file; do
		head -n 3 "$file" | grep -q 'SPDX-License-Identifier: GPL-2.0-only' || echo "$file"
	done)"
scripts=$(files | while read -r file; do
	head -n 1 "$file" | grep -qE '^#!/bin/(ba)?sh|^#!/bin/busybox sh' && echo "$file"
done)
# shellcheck disable=SC2086 # a list
ok 'shellcheck has nothing against the scripts' "$(shellcheck -x -P SCRIPTDIR -P tests/vm $scripts 2>&1)"
# A patch's empty context lines are a space.
ok 'no space at the end of a line' "$(files | grep -v '\.patch$' | xargs grep -nE '[[:space:]]+$')"
ok 'C: no line over 100 columns, but for quoted text' \
	"$(files | grep '\.[ch]$' | xargs expand | awk 'length > 100 && !/^ *".*"/')"
echo "1..$count"
