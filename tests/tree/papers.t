#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The papers that go with the tree say what is so: the licence to the letter, each library of the static binary in
# NOTICE.
set -u
unset CDPATH
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source-path=SCRIPTDIR source=tap.sh
. tests/tree/tap.sh

tail -n +3 COPYING | diff - /usr/share/common-licenses/GPL-2 >"$output" 2>&1
ok $? 'COPYING is the GNU General Public License, version 2, to the letter'

# What is linked into it, as the Makefile has it, and what the compiler adds.
# shellcheck disable=SC2016 # for make
libraries=$(make -s --eval 'libraries: ; @echo $(TOOL_LIBS)' CROSS=riscv64 libraries 2>"$output")
for library in $libraries -lc -lgcc; do
	case $library in
	-ltinfo) name=tinfo ;;
	-lncursesw) name=ncursesw ;;
	-ljansson) name=jansson ;;
	-lz) name=zlib ;;
	*) name=lib${library#-l} ;;
	esac
	grep -qE "^\|.*\b$name\b" NOTICE || echo "$library: $name is not in NOTICE"
done >>"$output"
[ "$(wc -w <<<"$libraries")" -ge 8 ] && [ ! -s "$output" ]
ok $? 'NOTICE names each library that is linked'
plan
