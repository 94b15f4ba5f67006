#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Recordings of an older version (tests/golden/older) still read; their numbers are what they were, and their verdicts
# change only as tests/golden/README.md says. What is shown of those of today is byte by byte what it was.
set -u
unset CDPATH
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source-path=SCRIPTDIR source=tap.sh
. tests/tree/tap.sh

# reads FILE RAISED HANDLED VERDICT FINDINGS - its last line of JSON has these; FINDINGS: what is no remark
reads()
{
	"${run[@]}" build/ipimux-trace -j -i "tests/golden/older/$1" 2>"$output" | tail -n 1 |
		jq -r '.audit | "\(.raised) \(.handled) \(.verdict) \([.entries[] | select(.verdict != "balanced") |
			"\(.cpu) \(.vipi) \(.finding) \(.number)"] | join(", "))"' >>"$output"
	echo "$2 $3 $4 $5" | cmp -s - "$output"
	ok $? "$1: $4${5:+: }$5"
}

reads healthy.zst 3 3 balanced ''
reads hotplug.zst 89 90 except '0 CALL_FUNC not_seen 1'
reads fentry.zst 12 12 balanced ''
reads stuck.zst 41 40 off '3 CPU_BACKTRACE stuck 1'
reads not-handled.zst 23 23 off '3 CPU_BACKTRACE not_run 1'
reads lost.zst 22 20 off '3 CPU_BACKTRACE lost 2'
reads cut-off.rec 1 1 not_judged ''

# Nothing is passed that nobody could judge.
"${run[@]}" build/ipimux-trace check -i tests/golden/older/cut-off.rec >"$output" 2>&1
[ $? = 1 ] && grep -q '^not ok .* audit # not judged: the recording was cut off$' "$output"
ok $? "cut-off.rec: check fails"

for recording in tests/golden/now/*; do
	name=${recording##*/}
	name=${name%.zst}
	tests/golden/show "$name" | diff <(gunzip -c "tests/golden/shown/$name.gz") - >"$output" 2>&1
	silent $? "$name: all is shown as it was"
done
plan
