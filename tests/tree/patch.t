#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# make patch: the tracepoints for a tree's own multiplexer, as a patch that git am and patch take; and the
# multiplexers it must not touch. Compiles nothing: vm/kernels/instrumented does.
set -u
unset CDPATH
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source-path=SCRIPTDIR source=tap.sh
. tests/tree/tap.sh
once kernel-patch scripts Makefile mk vm/build-source
mux=kernel/irq/ipi-mux.c
events=include/trace/events/ipi_mux.h

# Somebody to sign, whoever runs this and whatever git they have.
export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=$tmp/gitconfig
git config --global user.name 'Ada Tester'
git config --global user.email ada@example.org
git config --global commit.gpgSign true
git config --global diff.noprefix true
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE

# fingerprint DIR: of all that is in it, names and contents
fingerprint()
{
	(cd "$1" 2>/dev/null && find . -type f -exec sha256sum {} + | sort)
}

# only_new_lines: of the patch's part for the multiplexer, all but one line are added
only_new_lines()
{
	[ "$(sed -n "/^diff .*ipi-mux.c/,\$p" "$1" | grep -c '^-[^-]')" = 1 ]
}

# checkpatch TREE PATCH: nothing but what every new file of events gets
checkpatch()
{
	(cd "$1" && perl scripts/checkpatch.pl --strict --terse --showfile --show-types --no-summary "$2") |
		grep -vE '^$|:FILE_PATH_CHANGES:' |
		grep -vE '^include/trace/.*:(OPEN_ENDED_LINE|PARENTHESIS_ALIGNMENT):'
}

# works TREE VERSION: the patch for TREE, applied in both ways
works()
{
	local tree=$1 version=$2 before patch=$tmp/patches/$2.patch

	before=$(fingerprint "$tree")
	mkdir -p "$tmp/patches"
	make -s patch KERNEL_SRC="$tree" OUT="$patch" >"$tmp/output" 2>&1 && [ -s "$patch" ]
	ok $? "Linux $version: a patch"
	[ "$before" = "$(fingerprint "$tree")" ]
	ok $? "Linux $version: the tree is untouched"
	only_new_lines "$patch" >"$tmp/output"
	ok $? "Linux $version: it changes one line, and adds the others"

	cp -r "$tree" "$tmp/am-$version"
	cp -r "$tree" "$tmp/patch-$version"
	(
		cd "$tmp/am-$version" && git init -q . && git add -f . && git commit -q --no-gpg-sign -m linux &&
			git am --no-gpg-sign "$patch" && rm -rf "$tmp/git" && git log -1 --format='%an %ae %s%n%b' >"$tmp/log" &&
			[ -z "$(git status --porcelain)" ] && mv .git "$tmp/git"
	) >"$tmp/output" 2>&1
	ok $? "Linux $version: git am takes it"
	grep -q '^Ada Tester ada@example.org genirq/ipi-mux: Add tracepoints$' "$tmp/log" &&
		grep -q '^Signed-off-by: Ada Tester <ada@example.org>$' "$tmp/log"
	ok $? "Linux $version: from and signed by whom git says"
	patch -d "$tmp/patch-$version" -p1 -i "$patch" >"$tmp/output" 2>&1 &&
		! grep -qE 'fuzz|offset' "$tmp/output"
	ok $? "Linux $version: patch -p1 takes it"
	diff -r "$tmp/am-$version" "$tmp/patch-$version" >"$tmp/output" 2>&1 &&
		cmp kernel-patch/tracepoints.h "$tmp/am-$version/$events" >"$tmp/output" 2>&1 &&
		grep -q trace_ipi_mux_process "$tmp/am-$version/$mux"
	ok $? "Linux $version: to the same result"

	checkpatch "$tree" "$patch" >"$tmp/output" 2>&1
	[ $? = 1 ] && [ ! -s "$tmp/output" ]
	ok $? "Linux $version: checkpatch.pl --strict has nothing against it"

	refuses "$tmp/am-$version" 'has the tracepoints already' "Linux $version: a tree that has them"
}

# refuses TREE MESSAGE NAME: an error with MESSAGE, and nothing written
refuses()
{
	local before status

	before=$(fingerprint "$1")
	rm -rf "$tmp/none"
	mkdir "$tmp/none"
	kernel-patch/make-patch "$1" "$tmp/none/patch" >"$tmp/output" 2>&1
	status=$?
	[ $status = 1 ] && grep -q -- "$2" "$tmp/output" && [ "$(wc -l <"$tmp/output")" = 1 ] &&
		[ -z "$(ls -A "$tmp/none")" ] && [ "$before" = "$(fingerprint "$1")" ]
	ok $? "$3"
}

# mutant SED MESSAGE NAME: the multiplexer changed by SED is refused
mutant()
{
	sed -i "$1" "$linux/$mux"
	if cmp -s "$linux/$mux" "$tmp/pristine.c"; then
		echo "changes nothing: $1" >"$tmp/output"
		ok 1 "refused: $3"
		return
	fi
	refuses "$linux" "$2" "refused: $3"
	cp "$tmp/pristine.c" "$linux/$mux"
}

# variant SED NAME: the multiplexer changed by SED gets its tracepoints
variant()
{
	sed -i "$1" "$linux/$mux"
	! cmp -s "$linux/$mux" "$tmp/pristine.c" &&
		kernel-patch/make-patch "$linux" "$tmp/variant" >"$tmp/output" 2>&1 &&
		only_new_lines "$tmp/variant"
	ok $? "understood: $2"
	cp "$tmp/pristine.c" "$linux/$mux"
}

# The files a patch is made from, and what checkpatch.pl needs.
files=(Makefile Documentation/process/deprecated.rst "$mux" include/linux/irq.h
	include/trace/events/ipi.h scripts/{checkpatch.pl,spelling.txt,const_structs.checkpatch}
	COPYING CREDITS Kbuild MAINTAINERS README arch/Kconfig Documentation/Kconfig drivers/Kconfig
	fs/Kconfig init/Kconfig ipc/Makefile kernel/Makefile lib/Makefile scripts/Makefile)
tar -C "$tmp" -xf /usr/src/linux-source-6.12.tar.xz "${files[@]/#/linux-source-6.12/}" || exit 1
linux=$tmp/linux-source-6.12
cp "$linux/$mux" "$tmp/pristine.c"
works "$linux" 6.12

all='Linux 7.2: a patch, applied'
if source=$(vm/build-source linux-source-7.2 sid 2>"$tmp/output"); then
	mkdir "$tmp/linux-7.2"
	for file in "${files[@]}"; do
		# Some of what checkpatch.pl looks for comes and goes.
		[ ! -f "$source/$file" ] || (cd "$source" && cp --parents "$file" "$tmp/linux-7.2")
	done
	works "$tmp/linux-7.2" 7.2
elif [ $? = 77 ]; then
	skip "$all" "$(tail -n 1 "$tmp/output")"
else
	ok 1 "$all"
fi

variant 's/\bicpu\b/self/g; s/\bibit\b/bit/g; s/\bpending\b/old/g; s/\ben\b/on/g; s/\bipis\b/todo/g' 'other names of variables'
variant 's/\bpending\b/enabled/g; s/\ben\b/pending/g; s/\bibit\b/target/g; s/\bcpu\b/bit/g' \
	'names of variables that the added functions use, too'
variant '/struct ipi_mux_cpu {/,/}/s/enable;/on;/; s/->enable/->on/; s/->bits/->set/; /struct ipi_mux_cpu {/,/}/s/bits;/set;/' \
	'other names of the two words'
variant 's,\* .*barrier.*,* What a vendor says.,; s,^/\*,/* a vendor/*,; s,The atomic_or,An atomic_or,' 'other comments'

mutant 's/^void ipi_mux_process/void ipi_mux_handle/' 'ipi_mux_process()' 'ipi_mux_process() has another name'
mutant 's/ipi_mux_send_mask(struct/ipi_mux_send_many(struct/' 'differs in ipi_mux_send_mask()$' 'ipi_mux_send_mask() has another name'
mutant '/^static void ipi_mux_unmask/,/^}/s/smp_mb__after_atomic();//' 'differs in ipi_mux_unmask()$' 'no barrier in unmask'
mutant '/^static void ipi_mux_send_mask/,/^}/s/smp_mb__after_atomic();//' 'differs in ipi_mux_send_mask()$' 'no barrier in send'
mutant 's/atomic_fetch_or_release(/atomic_fetch_or(/' 'ipi_mux_send_mask()' 'another operation in send'
mutant 's/!(pending & ibit) && //' 'ipi_mux_send_mask()' 'a send that always raises'
mutant 's/icpu = per_cpu_ptr(ipi_mux_pcpu, cpu);/&\nif (atomic_read(\&icpu->bits) \& ibit) continue;/' \
	'ipi_mux_send_mask()' 'a send with a way out before the OR'
mutant 's/(atomic_read(&icpu->enable) & ibit)/(READ_ONCE(icpu->enable.counter) \& ibit)/' \
	'ipi_mux_send_mask()' 'another read of enabled'
mutant 's/if (atomic_read(&icpu->bits) & ibit)/if (1)/' 'ipi_mux_unmask()' 'an unmask that always raises'
mutant 's/atomic_fetch_andnot(en, &icpu->bits) & en/atomic_xchg(\&icpu->bits, 0)/' 'ipi_mux_process()' 'another way to clear'
mutant 's/^\ten = atomic_read.*/\ten = ~0;/' 'ipi_mux_process()' 'a process that reads nothing'
mutant 's/atomic_andnot(BIT(irqd_to_hwirq(d)), &icpu->enable);/&\natomic_set(\&icpu->bits, 0);/' \
	'differs in ipi_mux_mask()$' 'a mask that does more'
# shellcheck disable=SC2016 # $ is the last line
mutant '$a void ipi_mux_reset(struct ipi_mux_cpu *icpu) { atomic_set(\&icpu->bits, 0); }' \
	'another function that uses its words, of these: ipi_mux_reset()$' 'one more function that clears'
mutant '/linux.smp\.h/d' 'no #include <linux/smp.h>$' 'no place for the events'
mutant '/^static void ipi_mux_mask/i #define CREATE_TRACE_POINTS\n#include <trace/events/vendor.h>\nvoid x(void) { trace_ipi_mux_process(0, 0); }' \
	'not the multiplexer of mainline' 'a call of an event of that name'
echo >"$linux/$events"
refuses "$linux" 'ipi_mux.h: there already' 'refused: other events of that name'
rm "$linux/$events"
cp -r "$linux" "$tmp/old"
rm "$tmp/old/$mux"
refuses "$tmp/old" 'ipi-mux.c: not there' 'refused: a tree without a multiplexer'
refuses "$tmp/none" 'not a Linux source tree' 'refused: no tree'
git config --global --unset user.email
refuses "$linux" 'git config user.name and user.email' 'refused: nobody to sign it'
git config --global user.email ada@example.org

mkdir "$tmp/bin"
for tool in sh dirname cat grep git; do
	ln -s "$(command -v $tool)" "$tmp/bin/$tool"
done
real=$PATH
PATH=$tmp/bin kernel-patch/make-patch "$linux" "$tmp/patch" >"$tmp/output" 2>&1
[ $? = 1 ] && grep -q 'spatch: not found; it is in the package coccinelle' "$tmp/output" && [ ! -e "$tmp/patch" ]
ok $? 'no Coccinelle: the package is named'
PATH=$real
mkdir "$tmp/outdir"
kernel-patch/make-patch "$linux" "$tmp/outdir" >"$tmp/output" 2>&1 &&
	[ -s "$tmp/outdir/0001-genirq-ipi-mux-Add-tracepoints.patch" ]
ok $? 'into a directory'
kernel-patch/make-patch >"$tmp/output" 2>&1
[ $? = 2 ]
ok $? 'no argument: status 2'
kernel-patch/make-patch --help 2>/dev/null | grep -q '^usage:'
ok $? '--help'
plan
