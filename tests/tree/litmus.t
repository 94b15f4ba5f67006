#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The verdicts of the litmus tests under the Linux-kernel memory model, and that a wrong one is noticed.
# Skipped where herd7 or the model cannot be had.
set -u
unset CDPATH
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source-path=SCRIPTDIR source=tap.sh
. tests/tree/tap.sh
# Somebody's own model is in a tree of their own.
[ -n "${KERNEL_SRC-}" ] || once tests/litmus tests/debian.sh kernel-patch/ipi-mux.c

tests/litmus/get-tools ${KERNEL_SRC:+"$KERNEL_SRC"} >"$tmp/output" 2>"$tmp/errors"
status=$?
if [ $status = 3 ]; then
	echo "1..0 # SKIP $(tail -n 1 "$tmp/errors")"
	exit
fi
cat "$tmp/errors" >&2
ok $status 'herd7 and the memory model are there'

# As run prints them, a line a verdict.
tests/litmus/run >"$tmp/output" 2>&1
status=$?
while read -r name verdict expected _; do
	[ "$verdict" = "$expected" ]
	ok $? "$name: $verdict"
done < <(sed -n '/^test /,/^$/p' "$tmp/output" | sed '1d; /^$/d')
while read -r name; do
	! sed -n "/^without $name /,/^$/p" "$tmp/output" | grep -q WRONG
	ok $? "without $name"
done < <(sed -n 's/^without \([^ ]*\) .*/\1/p' "$tmp/output")
ok $status 'all verdicts are as expected'

# wrong NAME FILE SED: with FILE changed by SED the verdicts are not as expected.
wrong()
{
	mkdir "$tmp/tests"
	cp tests/litmus/*.litmus tests/litmus/removals "$tmp/tests"
	sed -i "$3" "$tmp/tests/$2"
	tests/litmus/run --tests "$tmp/tests" --output "$tmp/build" --only '^(acknowledge|send-unmask)$' \
		>"$tmp/output" 2>&1
	[ $? = 1 ] && grep -q 'WRONG' "$tmp/output"
	ok $? "noticed: $1"
	rm -r "$tmp/tests"
}
wrong 'another verdict' send-unmask.litmus 's/Result: Never/Result: Sometimes/'
wrong 'another initial state' acknowledge.litmus 's/^{.*}/{ pending=1; }/'
wrong 'a bad outcome that is none' acknowledge.litmus 's/parent=0/parent=1/'
wrong 'a test that herd7 does not read' send-unmask.litmus 's/^exists/exist/'
wrong 'a removal that breaks nothing' removals \
	'/^\[unmask-barrier\]/,/^why/ s/^put.*/put smp_mb__after_atomic();;/'
wrong 'a test that a removal breaks unexpectedly' removals \
	'/^\[send-barrier\]/,/^why/ s/ send-unmask//'
plan
