#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# One version, that of VERSION, in all that has one; and of which git revision the tool is, where git knows.
set -u
unset CDPATH
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source-path=SCRIPTDIR source=tap.sh
. tests/tree/tap.sh

version=$(sed 1d VERSION)

# --- what has it ---------------------------------------------------------------------------------

revision=$(sed 's/.*"\(.*\)"/\1/' build/made/made-revision.h)
"${run[@]}" build/ipimux-trace --version >"$output" 2>&1
[ "$(cat "$output")" = "ipimux-trace $version${revision:+ ($revision)}" ]
ok $? '--version'
"${run[@]}" build/ipimux-trace check -i tests/golden/older/healthy.zst >"$output" 2>&1
grep -q "^# ipimux-trace $version: " "$output"
ok $? 'check'
"${run[@]}" build/ipimux-trace report --html="$tmp/page" -i tests/golden/older/healthy.zst >"$output" 2>&1 &&
	grep -q "\"tool\":\"ipimux-trace $version\"" "$tmp/page"
ok $? 'report'
for page in build/man/*.8; do
	grep -q '^\.so ' "$page" || grep -qxF ".Os ipimux-trace $version" "$page" || echo "$page"
done >"$output"
silent 0 'the manual pages'
sed -n '2p' debian/changelog >"$output"
grep -q "^ipimux-trace ($version) " "$output"
ok $? 'debian/changelog'
grep -m 1 '^## ' CHANGELOG.md >"$output"
grep -q "^## $version\( \|$\)" "$output"
ok $? 'CHANGELOG.md'

# --- the revision --------------------------------------------------------------------------------

tree=$tmp/around/tree
mkdir "$tmp/around"
copy_tree "$tree"
# made WANTED NAME - what a build of the tree says of its revision
made()
{
	make -s -C "$tree" build/made/made-version.h build/made/made-revision.h >"$output" 2>&1
	cat "$tree"/build/made/*.h >>"$output"
	printf '#define IPIMUX_%s\n' "REVISION \"$1\"" "VERSION \"$version\"" | cmp -s - "$output"
	ok $? "$2"
}

commit()
{
	git -C "$1" init -q && git -C "$1" add . &&
		git -C "$1" -c user.name=x -c user.email=x@localhost commit -q --allow-empty -m x
}

made '' 'a tree without git: none'
commit "$tmp/around" >"$output" 2>&1
made '' 'a tree in the git of something else: none'
git -C "$tree" init -q
made '' 'a git without a commit: none'
commit "$tree" >"$output" 2>&1
made "$(git -C "$tree" rev-parse HEAD | cut -c 1-12)" 'a git checkout: its revision'
touch -d 2001-01-01 "$tree"/build/made/*.h
commit "$tree" >"$output" 2>&1
made "$(git -C "$tree" rev-parse HEAD | cut -c 1-12)" 'another commit: that one'
[ "$(date -r "$tree/build/made/made-version.h" +%Y)" != 2001 ]
ok $? 'a version that is older than VERSION is made anew'
before=$(stat -c %y "$tree"/build/made/*.h)
made "$(git -C "$tree" rev-parse HEAD | cut -c 1-12)" 'made again'
[ "$(stat -c %y "$tree"/build/made/*.h)" = "$before" ]
ok $? 'nothing is written for nothing'
git -C "$tree" worktree add -q "$tmp/worktree" >"$output" 2>&1
tree=$tmp/worktree
made "$(git -C "$tree" rev-parse HEAD | cut -c 1-12)" 'a worktree of git, too'
plan
