#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Odd places to build in: a directory with a space and what else a shell minds, CDPATH, no HOME, a cache that cannot
# be written, another locale; a machine that is not to be changed. What is built there is started.
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

# read_only DIR COMMAND...: with DIR read-only, for root, too
read_only()
{
	# shellcheck disable=SC2016 # that shell's
	unshare -m sh -ec 'mount --bind "$1" "$1"; mount -o remount,ro,bind "$1"; shift; exec "$@"' - "$@"
}

mkdir "$tmp/empty"
mounts=yes
read_only "$tmp/empty" true 2>"$tmp/no-mounts" || mounts=no

# One with another i, and a comma in numbers.
mkdir "$tmp/locale"
localedef -i tr_TR -f UTF-8 "$tmp/locale/tr_TR.UTF-8" >"$output" 2>&1 &&
	[ "$(LOCPATH=$tmp/locale LC_ALL=tr_TR.UTF-8 bash -c 'printf %.1f 1,5' 2>>"$output")" = 1,5 ]
ok $? 'there is a locale that is not C'
turkish=(LOCPATH="$tmp/locale" LC_ALL=tr_TR.UTF-8)

# Where a cd to what is here would go to.
mkdir -p "$tmp/decoy"/{build,html,vm,man,scripts,kernel-patch,tests/{tree,litmus,vm}}

# --- spaces --------------------------------------------------------------------------------------

odd=$tmp/"a b, it's"
copy_tree "$odd"
linux "$odd/linux"
make -j8 -C "$odd" all pages build/tests/guest/alone >"$output" 2>&1 && ! grep -q 'warning:' "$output"
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

# --- make check, make demo -----------------------------------------------------------------------

# As they are, except what takes long: a unit test, a test of the tree, and a guest that only says how it is started.
few=(UNIT_TESTS=build/tests/unit/base/test-cpuset TREE_TESTS=tests/tree/papers.t VM_TESTS='' VM_NEEDS=''
	CHECK_NEEDS=pages)
(cd build && cp -a --parents tests/unit/src tests/unit/*.[od] "$odd/build") >"$output" 2>&1
mv "$odd/vm/run" "$tmp/run"
cat >"$odd/vm/run" <<'END'
#!/bin/sh -e
for word; do
	case $word in
	*:/usr/bin/*) [ -x "${word%%:*}" ] ;;
	esac
done
[ -x build/ipimux-trace ] && echo "a guest for $word"
END
chmod +x "$odd/vm/run"

# good OUTPUT: what `make check` says when all is well
good()
{
	grep -q '^All tests successful' "$1" && grep -q 'tests/tree/papers.t \.* ok' "$1" && ! grep -q 'warning:' "$1"
}

# both NAME COMMAND... - the two of them, by COMMAND make ...
both()
{
	"${@:2}" make -C "$odd" SKIP_PACKAGES=1 "${few[@]}" check >"$output" 2>&1 && good "$output"
	ok $? "make check: $1"
	"${@:2}" make -C "$odd" SKIP_PACKAGES=1 demo >"$output" 2>&1 &&
		grep -qx 'a guest for demo/demo.sh' "$output" && ! grep -q 'warning:' "$output"
	ok $? "make demo: $1"
}

both 'a path with spaces'
both 'no HOME' env -u HOME IPIMUX_CACHE="$cache"
both 'CDPATH' env CDPATH=".:$tmp/decoy:$tmp"
both 'a locale' env "${turkish[@]}"
both '-j8' env MAKEFLAGS=-j8
if [ $mounts = yes ]; then
	both 'a read-only cache' read_only "$cache" env IPIMUX_CACHE="$cache"
else
	skip 'a read-only cache' "no mounts here: $(head -n 1 "$tmp/no-mounts")"
fi

# --- packages ------------------------------------------------------------------------------------

# A machine on which a package is missing. Whatever would change the machine only notes what was said until then.
cp "$odd/scripts/packages.txt" "$tmp/packages.txt"
printf '\n# %s\n%s\n' 'what nobody has' no-such-package >>"$odd/scripts/packages.txt"
mkdir "$tmp/bin"
for name in apt-get apt aptitude dpkg; do
	printf '#!/bin/sh\necho "%s $*" >>"%s/called"; cp "%s" "%s/said"\n' "$name" "$tmp" "$output" "$tmp" \
		>"$tmp/bin/$name"
	chmod +x "$tmp/bin/$name"
done
here=(env -u SKIP_PACKAGES PATH="$tmp/bin:$PATH" IPIMUX_CACHE="$cache")

# says_what - what is missing and why is in $output
says_what()
{
	grep -qE '^ +no-such-package: what nobody has$' "$output"
}

if [ "$(id -u)" = 0 ]; then
	"${here[@]}" make -C "$odd" "${few[@]}" check >"$output" 2>&1 && good "$output" &&
		grep -q '^apt-get install .* no-such-package$' "$tmp/called"
	ok $? 'make check, root: installs what is missing'
	cp "$tmp/said" "$output" && says_what && grep -q '(SKIP_PACKAGES=1 installs nothing):$' "$output"
	ok $? 'and says before what, and for what'
	rm "$tmp/called"
	"${here[@]}" SKIP_PACKAGES=1 make -C "$odd" packages >"$output" 2>&1 && says_what && [ ! -f "$tmp/called" ]
	ok $? 'SKIP_PACKAGES=1: only says what is missing'
else
	skip 'make check, root' 'not root'
fi

# nothing_else COMMAND... - with all of the machine read-only, except for what this test has, and the cache
nothing_else()
{
	# shellcheck disable=SC2016 # that shell's
	unshare -m sh -ec '
		mount --bind "$1" "$1"
		mount --bind "$2" "$2"
		mkdir -p "$1/TMP" "$1/cache"
		mount --bind "$2" "$1/cache"
		for dir in / /etc /home /root /tmp /usr /var "$(stat -c %m "$3")"; do
			! mountpoint -q "$dir" || mount -o remount,ro,bind "$dir"
		done
		if touch "$3/not-here" 2>/dev/null; then
			rm "$3/not-here"
			echo "$3: can be written"
			exit 1
		fi
		shift 3
		TMPDIR=$0 exec "$@"' "$tmp/TMP" "$tmp" "$cache" "$PWD" "$@"
}

if [ $mounts = yes ]; then
	nothing_else "${here[@]}" SKIP_PACKAGES=1 make -C "$odd" "${few[@]}" check >"$output" 2>&1 && good "$output" &&
		says_what && [ ! -f "$tmp/called" ]
	ok $? 'make check SKIP_PACKAGES=1: writes to the tree and the cache only'
	nothing_else "${here[@]}" make -C "$odd" SKIP_PACKAGES=1 demo >"$output" 2>&1 && says_what && [ ! -f "$tmp/called" ]
	ok $? 'make demo SKIP_PACKAGES=1: the same'

	# Somebody who has a tree and may read a cache.
	chmod 755 "$tmp"
	chown -R 65534:65534 "$odd" "$tmp/TMP"
	nobody=("${here[@]}" IPIMUX_CACHE="$tmp/cache" setpriv --reuid=65534 --regid=65534 --clear-groups)
	for target in check demo; do
		nothing_else "${nobody[@]}" make -C "$odd" "${few[@]}" $target >"$output" 2>&1
		[ $? = 2 ] && says_what && grep -q 'as root: apt-get install .* no-such-package$' "$output" &&
			grep -q 'SKIP_PACKAGES=1 goes on without' "$output" && [ ! -f "$tmp/called" ]
		ok $? "make $target, not root: says what is missing, and what to do"
	done
	nothing_else "${nobody[@]}" make -C "$odd" SKIP_PACKAGES=1 "${few[@]}" check >"$output" 2>&1 && good "$output" &&
		says_what && [ ! -f "$tmp/called" ]
	ok $? 'make check SKIP_PACKAGES=1, not root: goes on'
	chown -R "$(id -u):$(id -g)" "$odd"
else
	skip 'a machine that is not to be changed' "no mounts here: $(head -n 1 "$tmp/no-mounts")"
fi
cp "$tmp/packages.txt" "$odd/scripts/packages.txt"
mv "$tmp/run" "$odd/vm/run"

# --- CDPATH --------------------------------------------------------------------------------------

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

if [ $mounts = yes ]; then
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
	skip 'a read-only cache' "no mounts here: $(head -n 1 "$tmp/no-mounts")"
fi
plan
