# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the tests share that compile kernel-patch/ in kernel trees: trees that are quick to have, configured,
# and the file compiled in one; tap.sh comes with it. To be sourced; does nothing by itself and judges nothing.

# shellcheck source-path=SCRIPTDIR source=tap.sh
. tests/tree/tap.sh
# shellcheck source-path=SCRIPTDIR/../../vm source=lib.sh
. vm/lib.sh
set +e
# A shell has one EXIT trap, and both want it.
trap 'kill_child; rm -rf "$tmp"' EXIT

# Little, but all stages of a tracepoint: ftrace, perf, BPF. What an architecture does not know, it ignores.
OPTIONS='CONFIG_EXPERT=y
CONFIG_ARCH_RV64I=y
CONFIG_64BIT=y
CONFIG_MMU=y
CONFIG_NONPORTABLE=y
CONFIG_SMP=y
CONFIG_MODULES=y
CONFIG_FTRACE=y
CONFIG_ENABLE_DEFAULT_TRACERS=y
CONFIG_PERF_EVENTS=y
CONFIG_BPF_SYSCALL=y
CONFIG_KPROBES=y
CONFIG_KPROBE_EVENTS=y
CONFIG_BPF_EVENTS=y'

export CCACHE_DIR=$CACHE/ccache CCACHE_NOHASHDIR=1 CCACHE_MAXSIZE=3G

# make_in TREE ARCH ARG...: in TREE/ARCH, with more warnings than usual; riscv by gcc, arm64 by clang, which
# needs no further package for it.
make_in()
{
	local compiler=(CROSS_COMPILE=riscv64-linux-gnu- CC='ccache riscv64-linux-gnu-gcc' HOSTCC='ccache gcc')

	# With LLVM, Linux 7 also links the host's programs by lld, which gcc finds only without its version.
	[ "$2" = riscv ] || compiler=(LLVM=-19 CC='ccache clang-19' HOSTCC='ccache clang-19')
	make -s -C "$1" O="$2" ARCH="$2" "${compiler[@]}" W=1 \
		KBUILD_BUILD_TIMESTAMP='Thu Jan  1 00:00:00 UTC 2026' -j"$(nproc)" "${@:3}"
}

# begin_objects: from now on $PART is a directory to make trees in: always the same, because make and
# ccache go by paths, and one process at a time. It goes when the test ends.
begin_objects()
{
	begin objects 2>/dev/null
}

# take_tree PACKAGE [SUITE]: $TREE is a copy of the package's source tree. It is one of links: to change a
# file is to replace it.
take_tree()
{
	SOURCE=$(vm/build-source "$@") || return
	TREE=$PART/$1
	[ -d "$TREE" ] || cp -al "$SOURCE" "$TREE"
}

# configure ARCH LOG: $TREE/ARCH is an object directory with a configuration, the host's programs and
# generated headers; $TREE must be as it came. Made once, then taken from the cache.
configure()
{
	local kind name

	kind=prepared-${TREE##*/}-$1
	name=$kind-$(hash_of "${SOURCE##*/}" "$OPTIONS" "$(declare -f make_in configure)")
	if ! cached "$name"; then
		printf '%s\n' "$OPTIONS" >"$PART/all.config"
		make_in "$TREE" "$1" KCONFIG_ALLCONFIG="$PART/all.config" allnoconfig >"$2" 2>&1 &&
			make_in "$TREE" "$1" prepare >>"$2" 2>&1 &&
			cp -a "$TREE/$1" "$PART/whole" && mv -T "$PART/whole" "$CACHE/$name" || return
		forget_old "$kind"
	else
		cp -a "$CACHE/$name" "$TREE/$1"
	fi
}
