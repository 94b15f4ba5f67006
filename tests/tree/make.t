#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The targets of the Makefile: `make help` has each one that is for people, and no other; each can be made, as far as
# make knows; those that take no time and no guest are made. places.t has check, demo, patch and packages; destdir.t
# has install and uninstall; static.t, litmus.t and fuzz.t what they are called after.
set -u
unset CDPATH
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source-path=SCRIPTDIR source=tap.sh
. tests/tree/tap.sh
unset CROSS PACKAGES_SEEN SKIP_PACKAGES

# --- help ----------------------------------------------------------------------------------------

make -s help >"$tmp/help" 2>"$output"
silent $? 'make help'
sed -nE 's/^make ([a-z][a-z-]*) .*/\1/p' "$tmp/help" | sort >"$tmp/helped"
# shellcheck disable=SC2016 # for make
make -s --eval 'internal: ; @printf "%s\n" $(INTERNAL)' internal 2>"$output" | sort >"$tmp/internal"
make -npq help 2>>"$output" | sed -n 's/^\.PHONY: //p' | tr ' ' '\n' | sort -u >"$tmp/phony"
# `make` is all; help knows itself.
comm -23 "$tmp/phony" "$tmp/internal" | grep -vxE 'all|help|internal' >"$tmp/targets"
diff "$tmp/targets" "$tmp/helped" >"$output" && [ "$(wc -l <"$tmp/helped")" -ge 15 ]
ok $? 'it has every target that is for people, and no other'
uniq -d "$tmp/helped" >"$output"
silent 0 'each once'
grep -qE '^make  +build/' "$tmp/help" && grep -q '^make CROSS= ' "$tmp/help" && grep -q SKIP_PACKAGES=1 "$tmp/help" &&
	grep -q 'V=1' "$tmp/help"
ok $? 'and make alone, CROSS=, SKIP_PACKAGES and V'
awk 'length > 100' "$tmp/help" >"$output"
silent 0 'no line over 100 columns'
sed -n 's/^#   \([a-z]*\.mk\) .*/\1/p' Makefile | sort | diff - <(cd mk && printf '%s\n' *) >"$output"
silent $? 'the head of the Makefile says what is in each file of mk/'
# "pages deb" behind a file's colon.
while read -r file words; do
	for word in $words; do
		grep -qE "^\.PHONY:.*\b$word\b" "mk/$file" || echo "mk/$file: $word is not there"
	done
done < <(sed -n 's/^#   \([a-z]*\.mk\) .*: \(.*\)/\1 \2/p' Makefile | tr -d ,) >"$output"
silent 0 'and which targets are there'

# --- as far as make knows ------------------------------------------------------------------------

for target in all $(cat "$tmp/helped"); do
	make -n "$target" >"$output" 2>&1 && ! grep -qiE 'warning|no rule' "$output"
	ok $? "make -n $target"
done
make -n CROSS= >"$output" 2>&1 && ! grep -qi 'warning' "$output"
ok $? 'make -n CROSS='
make -n no-such-target >"$output" 2>&1
[ $? = 2 ]
ok $? 'what there is not cannot be made'

# --- really --------------------------------------------------------------------------------------

make check-unit UNIT_TESTS=build/tests/unit/base/test-cpuset >"$output" 2>&1 && grep -q '^All tests successful' "$output"
ok $? 'make check-unit'
tree=$tmp/tree
copy_tree "$tree"
make -C "$tree" pages >"$output" 2>&1
diff -r build/man "$tree/build/man" >>"$output" 2>&1
ok $? 'make pages'
# What was built before is not built again.
both=(all build/tests/unit/base/test-cpuset)
cp -a --parents build/{bpf,html,ipimux-trace,linked,made,screen,src,sysroot,tools} \
	build/tests/unit/{src,linked,base/test-cpuset,*.[do]} "$tree" 2>/dev/null
echo 'extern int left_over; int left_over;' >"$tree/src/base/left-over.c"
make -C "$tree" "${both[@]}" >"$output" 2>&1 && grep -q left_over "$tree/build/ipimux-trace" &&
	grep -q left_over "$tree/build/tests/unit/base/test-cpuset"
ok $? 'a new source is linked into the tool, and into a unit test'
make -s -C "$tree" -q "${both[@]}" >"$output" 2>&1
silent $? 'and the second time there is nothing to do'
rm "$tree/src/base/left-over.c"
make -C "$tree" "${both[@]}" >"$output" 2>&1 && ! grep -q left_over "$tree/build/ipimux-trace" &&
	! grep -q left_over "$tree/build/tests/unit/base/test-cpuset"
ok $? 'a source that was removed is no longer there'
for part in html man/shared; do
	touch "$tree/$part/left-over"
	make -C "$tree" all pages >"$output" 2>&1 && make -s -C "$tree" -q all pages >>"$output" 2>&1 &&
		rm "$tree/$part/left-over" && ! make -s -C "$tree" -q all pages >>"$output" 2>&1
	ok $? "$part: a file that was removed is noticed"
done
cp "$tree/man/ipimux-trace.8" "$tree/man/left-over.8"
make -C "$tree" pages >"$output" 2>&1 && [ -f "$tree/build/man/left-over.8" ] && rm "$tree/man/left-over.8" &&
	make -C "$tree" pages >"$output" 2>&1 && diff -r build/man "$tree/build/man" >>"$output" 2>&1
ok $? 'man: a page that was removed is no longer there'
make -C "$tree" clean >"$output" 2>&1 && [ ! -e "$tree/build" ] && [ -f "$tree/Makefile" ]
ok $? 'make clean'
# A newer kernel may have more in a type, but not other types.
types='^(typedef|enum|struct) '
make -C "$tree" update-vmlinux-h >"$output" 2>&1 &&
	diff <(grep -E "$types" vmlinux.h) <(grep -E "$types" "$tree/vmlinux.h") >>"$output"
ok $? 'make update-vmlinux-h: the types that are in the tree'
plan
