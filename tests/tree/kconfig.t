#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# kernel-patch/config: what merge_config.sh makes of RISC-V's defconfig and these files has each option of theirs.
# Configures real trees, outside of them; builds no kernel.
set -u
unset CDPATH
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source-path=SCRIPTDIR source=tap.sh
. tests/tree/tap.sh
once kernel-patch/config vm/build-source

# merge TREE FILE... - the defconfig with FILEs, in $tmp/out/.config
merge()
{
	local tree=$1

	shift
	rm -rf "$tmp/out"
	mkdir "$tmp/out"
	(cd "$tree" && ARCH=riscv CROSS_COMPILE=riscv64-linux-gnu- scripts/kconfig/merge_config.sh -O "$tmp/out" \
		arch/riscv/configs/defconfig "$@") >"$tmp/log" 2>&1 || { cat "$tmp/log" >"$tmp/output" && return 1; }
}

# has_all FILE... - is each option of these files in .config?
has_all()
{
	! grep -h '^CONFIG_' "$@" | grep -vxF -f "$tmp/out/.config" >"$tmp/output"
}

# tree PACKAGE [SUITE] - its path in $tree, or the tests of it are skipped
tree()
{
	tree=$(vm/build-source "$@" 2>"$tmp/output") && return
	skip "the options in ${1#linux-source-}" "$(tail -n 1 "$tmp/output")"
	return 1
}

config=$PWD/kernel-patch/config
if tree linux-source-6.12; then
	merge "$tree" "$config/tracepoints" && has_all "$config/tracepoints"
	ok $? 'Linux 6.12: each option of tracepoints is there'
	merge "$tree" "$config/tracepoints" "$config/fentry" && has_all "$config/tracepoints" "$config/fentry"
	ok $? 'Linux 6.12: and of fentry'
	# Why there are files: these two alone are not enough.
	printf 'CONFIG_BPF_SYSCALL=y\nCONFIG_BPF_EVENTS=y\n' >"$tmp/two"
	merge "$tree" "$tmp/two" && ! has_all "$tmp/two" && [ "$(cat "$tmp/output")" = CONFIG_BPF_EVENTS=y ]
	ok $? 'Linux 6.12: without what BPF_EVENTS depends on, it is gone'
fi
if tree linux-source-7.2 sid; then
	merge "$tree" "$config/tracepoints" && has_all "$config/tracepoints"
	ok $? 'Linux 7.2: each option of tracepoints is there'
fi
# What install.sh asks for is what they have: no option that is not =y, which it would not find.
! grep -h CONFIG_ "$config"/* | grep -v '^#' | grep -vxE 'CONFIG_[A-Z0-9_]+=y' >"$tmp/output"
ok $? 'all options are =y'
plan
