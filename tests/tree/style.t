#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What every file of the tree keeps to: licence lines, scripts that shellcheck
# has nothing against, text without trailing space, includes that go one way.
set -u
unset CDPATH
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source-path=SCRIPTDIR source=tap.sh
. tests/tree/tap.sh

# As in a checkout: also what git does not know yet, but not what is built, nor recordings, pictures and what fuzzers
# start from, which is data that has no place for comments.
files()
{
	find . -path ./build -prune -o -path ./.git -prune -o -path ./tests/fuzz/corpus -prune -o -path "./tests/golden/*/*" \
		-prune -o -path "./docs/*.png" -prune -o -type f -print
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
silent 0 'C: no line over 100 columns, except quoted text'
# The flow of docs/architecture.md: a folder includes itself and those before it.
flow='base system machine counters events doctor loader ways probe audit analysis recording print view'
flow="$flow report results screen session cmd"
before=
for folder in $flow; do
	before="$before|$folder"
	# The counterpart of the programs in the kernel, which have their own headers.
	grep -nE '#include "[^"]*/' src/"$folder"/*.[ch] | grep -vE "\"(bpf$before)/"
done >"$output"
silent 0 'src: no include against the flow'
for folder in src/*/; do
	[[ " $flow " == *" $(basename "$folder") "* ]] || echo "$folder has no place in the flow"
done >"$output"
silent 0 'src: every folder is part of the flow'
plan
