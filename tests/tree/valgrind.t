#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The unit tests under valgrind: nothing is used that was never written, nothing is lost. Built without
# sanitizers, which look for the rest.
set -u
unset CDPATH
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source-path=SCRIPTDIR source=tap.sh
. tests/tree/tap.sh
for_all 'the sanitizers run the same tests; valgrind also finds what is used and was never written'

# under_valgrind PROGRAM - its status, or 99 if valgrind found something
under_valgrind()
{
	valgrind --quiet --error-exitcode=99 --leak-check=full \
		--errors-for-leak-kinds=definite,indirect,possible "$1"
}

# What finds nothing may look at nothing: it must find these.
cat >"$tmp/bad.c" <<'END'
#include <stdio.h>
#include <stdlib.h>
int main(int argc, char **argv)
{
	char *byte = malloc(1);

	if (argc > 1 || *byte)
		puts("never written");
	return 0;
}
END
sed 's/malloc(1)/calloc(1, 1)/' "$tmp/bad.c" >"$tmp/lost.c"
for bad in bad lost; do
	gcc -g -O0 -o "$tmp/$bad" "$tmp/$bad.c" >"$output" 2>&1
	under_valgrind "$tmp/$bad" >>"$output" 2>&1
	[ $? = 99 ]
	ok $? "valgrind finds what it should: $bad"
done

# make check makes them with ALL=1 only.
for program in build/tests/plain/*/test-*; do
	[ -x "$program" ] && continue
	echo 'there are none: make check ALL=1 makes them' >"$output"
	ok 1 'the unit tests without sanitizers'
	plan
	exit
done

# As many at a time as there are CPUs.
export -f under_valgrind
export UNIT_STRIDE=30
# Threads that race with each other are what test-copy is about; here only one at a time runs.
# Large ones first, which mostly take long.
# shellcheck disable=SC2012,SC2046 # no strange names
names=$(ls -S tests/unit/*/test-*.c | sed "s|^tests/unit/||; s|\.c$||" | grep -vx counters/test-copy)
export tmp
# shellcheck disable=SC2016,SC2086 # for the shells that run them; a list
printf '%s\n' $names | xargs -P "$(nproc)" -I NAME bash -c \
	'under_valgrind build/tests/plain/NAME >"$tmp/$(basename NAME).said" 2>&1; echo $? >"$tmp/$(basename NAME).status"'
for name in $names; do
	cp "$tmp/${name##*/}.said" "$output"
	[ "$(cat "$tmp/${name##*/}.status")" = 0 ] && grep -q '^1\.\.[1-9]' "$output"
	ok $? "$name"
done
plan
