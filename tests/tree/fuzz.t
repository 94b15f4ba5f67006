#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The fuzzers of tests/fuzz, from their corpus on, side by side, for FUZZ_SECONDS each: 30, or as many as
# `make fuzz` says.
set -u
unset CDPATH
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source-path=SCRIPTDIR source=tap.sh
. tests/tree/tap.sh

# fuzz NAME - its statuses in $tmp/NAME.corpus and $tmp/NAME.status, what it said in files of these names
# and .said
fuzz()
{
	local program=build/tests/fuzz/$1 new=build/tests/fuzz/corpus/$1

	mkdir -p "$new"
	# Without this a corpus that is not there, or is not read, would do.
	"$program" -runs=0 "tests/fuzz/corpus/$1" >"$tmp/$1.corpus.said" 2>&1
	echo $? >"$tmp/$1.corpus"
	"$program" -max_total_time="${FUZZ_SECONDS:-30}" -max_len=4096 -timeout=10 -rss_limit_mb=1024 \
		-dict="tests/fuzz/$1.dict" -artifact_prefix="build/tests/fuzz/$1-" \
		-print_final_stats=1 "$new" "tests/fuzz/corpus/$1" >"$tmp/$1.status.said" 2>&1
	echo $? >"$tmp/$1.status"
}

names=$(basename -s .c tests/fuzz/*.c)
for name in $names; do
	fuzz "$name" &
done
wait
for name in $names; do
	cp "$tmp/$name.corpus.said" "$output"
	[ "$(cat "$tmp/$name.corpus")" = 0 ] &&
		grep -q " $(find "tests/fuzz/corpus/$name" -type f | wc -l) files found in" "$output"
	ok $? "$name: its corpus"

	cp "$tmp/$name.status.said" "$output"
	ok "$(cat "$tmp/$name.status")" "$name: nothing breaks it"
	runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$output")
	[ "${runs:-0}" -ge 1000 ]
	ok $? "$name: 1000 inputs and more: ${runs:-none}"
done
plan
