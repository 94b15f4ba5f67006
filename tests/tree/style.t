#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What every file of the tree keeps to: licence lines, scripts that shellcheck
# has nothing against, text without trailing space.
set -u
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source-path=SCRIPTDIR source=tap.sh
. tests/tree/tap.sh

# As in a checkout: also what git does not know yet, but not what is built, nor what fuzzers start
# from, which is data that has no place for comments.
files()
{
	find . -path ./build -prune -o -path ./.git -prune -o -path ./tests/fuzz/corpus -prune -o -type f -print
}

# LC_ALL: a file that is not text would end the loop.
export LC_ALL=C
files | while read -r file; do
	head -n 3 "$file" | grep -q 'SPDX-License-Identifier: GPL-2.0-only' || echo "$file"
done >"$output"
silent 0 'an SPDX line in every file'
scripts=$(files | while read -r file; do
	head -n 1 "$file" | grep -qE '^#!/bin/(ba)?sh|^#!/bin/busybox sh' && echo "$file"
done)
# shellcheck disable=SC2086 # a list
shellcheck -x -P SCRIPTDIR -P tests/vm $scripts >"$output" 2>&1
silent $? 'shellcheck has nothing against the scripts'
# A patch's empty context lines are a space.
files | grep -v '\.patch$' | xargs grep -nE '[[:space:]]+$' >"$output"
silent 0 'no space at the end of a line'
files | grep '\.[ch]$' | xargs expand | awk 'length > 100 && !/^ *".*"/' >"$output"
silent 0 'C: no line over 100 columns, but for quoted text'
echo "1..$count"
