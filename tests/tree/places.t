#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Odd places to build in: a directory with a space and what else a shell minds, CDPATH, no HOME, a cache that cannot
# be written. What is built there is started.
set -u
unset CDPATH
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source-path=SCRIPTDIR source=tap.sh
. tests/tree/tap.sh

cache=$(dirname "$(readlink build/sysroot)")

# linux DIR - as much of Linux as kernel-patch/ looks at
linux()
{
	mkdir "$1" && tar -C "$1" --strip-components=1 -xf /usr/src/linux-source-6.12.tar.xz \
		linux-source-6.12/{Makefile,kernel/irq,include/linux/irq.h,include/trace/events/ipi.h}
}

# --- spaces --------------------------------------------------------------------------------------

odd=$tmp/"a b, it's"
copy_tree "$odd"
linux "$odd/linux"
make -C "$odd" all pages build/tests/guest/alone >"$output" 2>&1 && ! grep -q 'warning:' "$output"
ok $? 'it builds where a path has a space, a comma and a quote'
"${run[@]}" "$odd/build/ipimux-trace" --version >"$output" 2>&1
ok $? 'what it built there runs'
grep -c "$tmp" "$odd/build/ipimux-trace" >"$output"
[ $? = 1 ]
ok $? 'and does not know where that was'

to=$tmp/"to, it's"
make -C "$odd" install DESTDIR="$to" PREFIX='/opt/x y' >"$output" 2>&1
ok $? 'make install with such a DESTDIR and PREFIX'
make install DESTDIR="$tmp/plain" PREFIX=/opt >"$output" 2>&1
(cd "$tmp/plain/opt" && find . -type f | sort) >"$tmp/wanted"
(cd "$to/opt/x y" && find . -type f | sort) >"$tmp/there"
[ -s "$tmp/wanted" ] && cmp "$tmp/there" "$tmp/wanted" >"$output" 2>&1 && [ "$(ls -A "$to")" = opt ]
ok $? 'all is there, and nowhere else'
make -C "$odd" uninstall DESTDIR="$to" PREFIX='/opt/x y' >"$output" 2>&1 && find "$to" -type f >"$output"
silent $? 'make uninstall takes it back'

GIT_CONFIG_COUNT=2 GIT_CONFIG_KEY_0=user.name GIT_CONFIG_VALUE_0=x GIT_CONFIG_KEY_1=user.email \
	GIT_CONFIG_VALUE_1=x@localhost make -C "$odd" patch KERNEL_SRC="$odd/linux" OUT="$odd/one two.patch" \
	>"$output" 2>&1 && grep -q '^+.*trace_ipi_mux_send' "$odd/one two.patch"
ok $? 'make patch'
"$odd/kernel-patch/install.sh" "$odd/linux" >"$output" 2>&1 &&
	cmp kernel-patch/ipi-mux.c "$odd/linux/kernel/irq/ipi-mux.c" >>"$output" 2>&1
ok $? 'kernel-patch/install.sh'

"$odd/vm/build-kernel" patched >"$output" 2>&1 &&
	"$odd/vm/build-module" patched "$odd/tests/kmod" "$odd/build/the module" >"$output" 2>&1 &&
	[ -f "$odd/build/the module/ipimux-stimulus.ko" ]
ok $? 'vm/build-module'
echo "echo \"\$1\"; ls '/root/a b'; ipimux-trace --version >/out/'the version'" >"$odd/the script"
"$odd/vm/run" --cpus 1 --add "$odd/the script:root/a b" --out "$odd/the output" "$odd/the script" "it's it" \
	>"$output" 2>&1 && [ "$(head -n 2 "$output" | tr '\n' '|')" = "it's it|/root/a b|" ] &&
	grep -q '^ipimux-trace ' "$odd/the output/the version"
ok $? 'vm/run'
IPIMUX_CACHE="$odd/cache" "$odd/vm/build-kernel" patched >"$output" 2>&1
[ $? = 1 ] && grep -q 'does not build where a path has a space or a colon: set IPIMUX_CACHE' "$output" &&
	[ "$(wc -l <"$output")" = 1 ]
ok $? 'a cache in which Linux does not build: one line says so'

# --- CDPATH --------------------------------------------------------------------------------------

# Where a cd to what is here would go to.
mkdir -p "$tmp/decoy"/{html,vm,man,kernel-patch,tests/{tree,litmus,vm}}
linux "$tmp/linux"
html/make-page >"$tmp/page"
for cdpath in .:"$tmp" "$tmp/decoy"; do
	export CDPATH=$cdpath
	html/make-page >"$output" 2>&1 && cmp "$tmp/page" "$output"
	ok $? "CDPATH=$cdpath: html/make-page"
	vm/run "$tmp" >"$output" 2>&1
	[ $? = 2 ] && [ "$(cat "$output")" = "run: $tmp: no such script; see vm/run --help" ]
	ok $? "CDPATH=$cdpath: vm/run"
	[ "$(vm/build-sysroot 2>"$output")" = "$(readlink build/sysroot)" ]
	ok $? "CDPATH=$cdpath: vm/build-sysroot"
	kernel-patch/install.sh "$tmp/linux" >"$output" 2>&1 &&
		cmp kernel-patch/ipi-mux.c "$tmp/linux/kernel/irq/ipi-mux.c" >>"$output" 2>&1
	ok $? "CDPATH=$cdpath: kernel-patch/install.sh"
	cp kernel-patch/tracepoints.h "$tmp/linux/kernel/irq/ipi-mux.c"
	kernel-patch/make-patch "$tmp/linux" >"$output" 2>&1
	[ $? = 1 ] && grep -q "^make-patch: $tmp/linux" "$output"
	ok $? "CDPATH=$cdpath: kernel-patch/make-patch"
	kernel-patch/install.sh --force "$tmp/linux" >"$output" 2>&1
	unset CDPATH
done
# All others: whatever goes somewhere says first that it goes from here.
find . -path ./build -prune -o -path ./.git -prune -o -type f -print | while read -r file; do
	head -n 1 "$file" | grep -qE '^#!/bin/(ba)?sh' || continue
	awk '/^unset CDPATH$|vm\/lib\.sh"$|^\. "\$\(dirname "\$0"\)\/(\.\.\/)?(lib|debian)\.sh"$/ { exit }
		/(^|[^a-z_-])cd "?\$\(dirname/ { print FILENAME ": " $0; exit }' "$file"
done >"$output"
silent 0 'every script that looks for its directory does without CDPATH'

# --- the cache -----------------------------------------------------------------------------------

env -u HOME -u XDG_CACHE_HOME -u IPIMUX_CACHE vm/build-sysroot >"$output" 2>&1
[ $? = 1 ] && [ "$(cat "$output")" = 'build-sysroot: HOME is not set, so there is no place for the cache: set '\
'IPIMUX_CACHE to a directory' ]
ok $? 'no HOME: one line says what to set'
[ "$(env -u HOME XDG_CACHE_HOME="${cache%/*}" IPIMUX_CACHE="$cache" vm/build-sysroot 2>"$output")" = \
	"$(readlink build/sysroot)" ]
ok $? 'no HOME, but a cache'

# read_only DIR COMMAND...: with DIR read-only, for root, too
read_only()
{
	# shellcheck disable=SC2016 # that shell's
	unshare -m sh -ec 'mount --bind "$1" "$1"; mount -o remount,ro,bind "$1"; shift; exec "$@"' - "$@"
}

mkdir "$tmp/empty"
if read_only "$tmp/empty" true 2>"$output"; then
	for made in '' lock,log; do
		[ -z "$made" ] || mkdir "$tmp/empty"/{lock,log}
		IPIMUX_CACHE=$tmp/empty read_only "$tmp/empty" vm/build-sysroot >"$output" 2>&1
		[ $? = 1 ] && [ "$(wc -l <"$output")" = 1 ] &&
			grep -q "to be made, and the cache $tmp/empty cannot be written: set IPIMUX_CACHE" "$output"
		ok $? "a read-only cache with ${made:-nothing}: one line says so"
	done
	[ "$(IPIMUX_CACHE=$cache read_only "$cache" vm/build-sysroot 2>"$output")" = "$(readlink build/sysroot)" ]
	ok $? 'a read-only cache that has it: it is used'
else
	skip 'a read-only cache' "no mounts here: $(head -n 1 "$output")"
fi
echo "1..$count"
