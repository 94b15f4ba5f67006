#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A counter goes one way from the map to the screen: what shows it calls nothing that analyses, measures or runs. The
# object files tell. And no files of src/ need each other in a circle. (The includes between folders: style.t.)
set -u
unset CDPATH
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source-path=SCRIPTDIR source=tap.sh
. tests/tree/tap.sh

# Any that reads what was built for another machine, too.
for nm in llvm-nm-19 llvm-nm nm; do
	command -v $nm >/dev/null && break
done

# symbols TYPES FOLDER... - those of these types, and the file, of what is built of each folder. Only of files that are
# there: build/ may have those of others.
symbols()
{
	local types=$1 folder file

	shift
	for folder; do
		for file in src/"$folder"/*.c; do
			# Built for some machines only.
			[ "$file" != src/loader/static-libelf.c ] || continue
			$nm "build/${file%.c}.o" | awk -v file="$file" -v types="$types" \
				'$(NF - 1) ~ "^[" types "]$" { print $NF, file }'
		done
	done | LC_ALL=C sort
}

# calls FROM TO - what the folders of FROM take from those of TO
calls()
{
	# shellcheck disable=SC2086 # lists
	LC_ALL=C join <(symbols U $1) <(symbols TDBRVW $2) | awk '{ print $2, "takes", $1, "from", $3 }'
}

calls 'print view report results screen' \
	'counters events doctor loader ways probe audit analysis recording session cmd' >"$output" 2>&1
silent 0 'what shows calls nothing that analyses, measures or runs'
calls 'counters events doctor audit analysis' \
	'loader ways probe recording print view report results screen session cmd' >"$output" 2>&1
silent 0 'what analyses calls nothing that measures, shows or runs'
# Or the two above have looked at nothing.
calls 'session cmd' 'audit' >"$output" 2>&1
grep -q '^src/session/session.c takes stuck__watch from src/audit/stuck.c$' "$output"
ok $? 'calls are seen where they are'

python3 tests/tree/circles.py src >"$output" 2>&1
silent $? 'no circle of files in src/'
mkdir -p "$tmp/src/a" "$tmp/src/b"
echo '#include "b/two.h"' >"$tmp/src/a/one.h"
echo '#include "a/own.h"' | tee "$tmp/src/a/one.c" >"$tmp/src/b/two.c"
echo '#include "a/one.h"' >"$tmp/src/a/own.h"
touch "$tmp/src/b/two.h"
python3 tests/tree/circles.py "$tmp/src" >"$output" 2>&1
printf 'a/one needs b/two\nb/two needs a/one\n' | cmp -s - "$output"
ok $? 'a circle is seen where there is one, through a header, too'
plan
