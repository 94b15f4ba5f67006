#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm/build-source, and vm/build-kernel and the tests that lean on it, where a package cannot be fetched:
# one clear line and a status of its own. Fetches nothing, builds nothing.
set -u
unset CDPATH
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source-path=SCRIPTDIR source=tap.sh
. tests/tree/tap.sh

# A machine that reaches no mirror, and has nothing in its cache.
echo 'Acquire { http::Proxy "http://127.0.0.1:9"; https::Proxy "http://127.0.0.1:9"; };' >"$tmp/apt.conf"
export APT_CONFIG=$tmp/apt.conf IPIMUX_CACHE=$tmp/cache

vm/build-source linux-source-7.2 sid >"$tmp/output" 2>&1
[ $? = 77 ] && [ "$(wc -l <"$tmp/output")" = 1 ] &&
	grep -q '^build-source: linux-source-7.2: cannot be had from Debian sid.*: E: ' "$tmp/output"
ok $? 'no mirror: status 77, one line that says what and why'
[ -z "$(find "$IPIMUX_CACHE" -mindepth 1 -maxdepth 1 ! -name log ! -name lock)" ]
ok $? 'nothing is left behind'

vm/build-kernel linux-7.2 >"$tmp/output" 2>&1
# It may have to wait for the last child of the one before.
[ $? = 77 ] && [ "$(grep -vc '^  VM ' "$tmp/output")" = 1 ]
ok $? 'vm/build-kernel: the same'

echo 'from guest import need_kernel; need_kernel("linux-7.2"); print("not reached")' |
	PYTHONPATH=tests/vm python3 -B >"$tmp/output" 2>&1 && [ "$(wc -l <"$tmp/output")" = 1 ] &&
	grep -q '^1\.\.0 # SKIP build-source: linux-source-7.2: cannot be had' "$tmp/output"
ok $? 'a test in a guest is skipped, with the reason'

vm/build-source >"$tmp/output" 2>&1
[ $? = 2 ]
ok $? 'no argument: status 2'
vm/build-source ../linux-source-6.12 >"$tmp/output" 2>&1
[ $? = 2 ]
ok $? 'no package: status 2'
vm/build-source linux-source-1.0 >"$tmp/output" 2>&1
[ $? = 1 ] && grep -q 'not installed' "$tmp/output"
ok $? 'a package that is not installed: status 1'
plan
