#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# `make static` makes the same bytes in another directory, at another time, for another user's locale, and
# knows of none of these. Runs nothing that it makes; tests/vm/places/static.t does.
set -u
unset CDPATH
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source-path=SCRIPTDIR source=tap.sh
. tests/tree/tap.sh
for_all 'builds it twice and compares the bytes; tests/vm/places/static.t runs the one in build/'

# copy DIR - what the build needs of this tree
copy()
{
	mkdir -p "$1"
	cp -a Makefile VERSION bpf html mk scripts src vm vmlinux.h "$1"
}

# It says of which revision it is, which git does not know there.
revision=$(sed 's/.*"\(.*\)"/\1/' build/made/made-revision.h)

one=$tmp/one other="$tmp/a-longer-name/of-another-directory"
copy "$one"
copy "$other"
# In another order, too, where directories are kept as they were filled.
mv "$other/src" "$other/was"
mkdir "$other/src"
find "$other/was" -mindepth 1 -maxdepth 1 | sort -r | xargs -I PATH cp -r PATH "$other/src"
rm -r "$other/was"
find "$other" -type f -exec touch -d '2001-02-03 04:05:06' {} +

(cd "$one" && umask 022 && LC_ALL=C TZ=UTC make -s static REVISION="$revision") >"$tmp/one.said" 2>&1 &
first=$!
(cd "$other" && umask 077 && LC_ALL=C.UTF-8 TZ=Asia/Kolkata make -s -j3 static REVISION="$revision") >"$output" 2>&1
ok $? 'made in one directory'
wait $first
status=$?
cp "$tmp/one.said" "$output"
ok $status 'made in another'
cmp "$one/build/static/ipimux-trace" "$other/build/static/ipimux-trace" >"$output" 2>&1
ok $? 'the same bytes'
# Against a comparison of something else than what was built here.
cmp "$one/build/static/ipimux-trace" build/static/ipimux-trace >"$output" 2>&1
ok $? 'and those of the one in build/'
grep -aoF -e "$tmp" -e "$PWD" "$one/build/static/ipimux-trace" >"$output"
[ $? = 1 ]
ok $? 'no path of where it was made'
plan
