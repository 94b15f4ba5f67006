#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The newest clang that Debian has, beside the one that all else is built with: BPF programs and tool compile
# without a warning. Runs neither. Skipped where it cannot be had.
set -u
unset CDPATH
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source-path=SCRIPTDIR source=tap.sh
. tests/tree/tap.sh

clang=$(tests/tree/get-clang 2>"$output")
status=$?
if [ $status = 3 ]; then
	echo "1..0 # SKIP $(tail -n 1 "$output")"
	exit
fi
cat "$output" >&2
ok $status 'clang is there'
start=$SECONDS
# Under a name without spaces, wherever the cache is: to make that would be two.
copy_tree "$tmp/tree"
printf '#!/bin/sh\nexec "%s" "$@"\n' "$clang" >"$tmp/clang"
chmod +x "$tmp/clang"
echo "# $("$tmp/clang" --version | head -n 1)"
for object in bpf/*.bpf.c bench/*.bpf.c; do
	make -C "$tmp/tree" CLANG="$tmp/clang" "build/${object%.c}.o" >"$output" 2>&1 &&
		! grep -q 'warning:' "$output"
	ok $? "$object"
done
make -C "$tmp/tree" CLANG="$tmp/clang" all >"$output" 2>&1 && ! grep -q 'warning:' "$output" &&
	[ -x "$tmp/tree/build/ipimux-trace" ]
ok $? "and the tool, in $((SECONDS - start)) s"
plan
