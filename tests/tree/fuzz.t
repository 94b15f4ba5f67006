#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The fuzzers of tests/fuzz, from their corpus on, for FUZZ_SECONDS each: 20, or as many as `make fuzz` says.
set -u
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source-path=SCRIPTDIR source=tap.sh
. tests/tree/tap.sh

for source in tests/fuzz/*.c; do
	name=$(basename "$source" .c)
	program=build/tests/fuzz/$name
	new=build/tests/fuzz/corpus/$name
	mkdir -p "$new"

	# Without this a corpus that is not there, or is not read, would do.
	"$program" -runs=0 "tests/fuzz/corpus/$name" >"$output" 2>&1 &&
		grep -q " $(find "tests/fuzz/corpus/$name" -type f | wc -l) files found in" "$output"
	ok $? "$name: its corpus"

	"$program" -max_total_time="${FUZZ_SECONDS:-20}" -max_len=4096 -timeout=10 -rss_limit_mb=1024 \
		-dict="tests/fuzz/$name.dict" -artifact_prefix="build/tests/fuzz/$name-" \
		-print_final_stats=1 "$new" "tests/fuzz/corpus/$name" >"$output" 2>&1
	ok $? "$name: nothing breaks it"
	runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$output")
	[ "${runs:-0}" -ge 1000 ]
	ok $? "$name: 1000 inputs and more: ${runs:-none}"
done
echo "1..$count"
