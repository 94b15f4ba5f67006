#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# kernel-patch/install.sh on kernel trees and on what is none: what it changes,
# what it refuses and leaves untouched. Needs the real kernels' sources.
set -u
unset CDPATH
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source-path=SCRIPTDIR source=tap.sh
. tests/tree/tap.sh

# fingerprint DIR: of all that is in it, names and contents
fingerprint()
{
	(cd "$1" 2>/dev/null && find . -type f -exec sha256sum {} + | sort)
}

# refuses DIR MESSAGE NAME [OPTION]: an error with MESSAGE, and nothing touched
refuses()
{
	local before status

	before=$(fingerprint "$1")
	kernel-patch/install.sh ${4:+"$4"} "$1" >"$tmp/output" 2>&1
	status=$?
	[ $status = 1 ] && grep -q -- "$2" "$tmp/output" && [ "$before" = "$(fingerprint "$1")" ]
	ok $? "$3"
}

tar -C "$tmp" -xf /usr/src/linux-source-6.12.tar.xz linux-source-6.12/Makefile \
	linux-source-6.12/kernel/irq linux-source-6.12/include/linux/irq.h \
	linux-source-6.12/include/trace/events/ipi.h || exit 1
linux=$tmp/linux-source-6.12
cp -r "$linux" "$tmp/pristine"

kernel-patch/install.sh "$linux" >"$tmp/output" 2>&1
ok $? 'Linux 6.12: status 0'
cmp kernel-patch/ipi-mux.c "$linux/kernel/irq/ipi-mux.c" >"$tmp/output" 2>&1 &&
	cmp kernel-patch/tracepoints.h "$linux/include/trace/events/ipi_mux.h" >>"$tmp/output" 2>&1
ok $? 'the multiplexer and its tracepoints are in place'
others=$(diff -rq "$tmp/pristine" "$linux" | grep -cv 'ipi-mux.c\|ipi_mux.h')
[ "$others" = 0 ]
ok $? 'no other file has changed'

touch -d 2001-01-01 "$linux/kernel/irq/ipi-mux.c"
kernel-patch/install.sh "$linux" >"$tmp/output" 2>&1 && [ ! -s "$tmp/output" ] &&
	[ "$(date -r "$linux/kernel/irq/ipi-mux.c" +%Y)" = 2001 ]
ok $? 'again: nothing said, nothing touched'

echo '/* an older one of ours */' >>"$linux/kernel/irq/ipi-mux.c"
kernel-patch/install.sh "$linux" >"$tmp/output" 2>&1 &&
	cmp kernel-patch/ipi-mux.c "$linux/kernel/irq/ipi-mux.c" >"$tmp/output" 2>&1
ok $? 'an older one of ours is replaced'

mkdir "$tmp/empty"
refuses "$tmp/empty" 'not a Linux source tree' 'an empty directory is refused'
refuses /nonexistent 'not a Linux source tree' 'no directory is refused'

half=$tmp/half
cp -r "$tmp/pristine" "$half"
rm "$half/kernel/irq/ipi-mux.c"
refuses "$half" 'but no kernel/irq/ipi-mux.c' 'a tree with half a multiplexer is refused'

changed=$tmp/changed
cp -r "$tmp/pristine" "$changed"
vendor=$changed/kernel/irq/ipi-mux.c
sed -i 's/^static void ipi_mux_unmask(.*/&/; s/ipi_mux_send(smp_processor_id())/{ udelay(1); & }/' "$vendor"
echo 'static void vendor_quirk(void) { }' >>"$vendor"
cp "$vendor" "$tmp/vendor.c"
refuses "$changed" 'not the multiplexer of mainline Linux: ipi_mux_unmask() differs, vendor_quirk() is not in' \
	'a changed multiplexer is refused, and where it differs is said'
kernel-patch/install.sh --force "$changed" >"$tmp/output" 2>&1 &&
	cmp kernel-patch/ipi-mux.c "$vendor" >"$tmp/output" 2>&1 && cmp "$tmp/vendor.c" "$vendor.replaced" >"$tmp/output" 2>&1
ok $? 'unless --force says so; then it is kept beside'
cp "$tmp/vendor.c" "$vendor"
refuses "$changed" 'ipi-mux.c.replaced: there already' 'and one that was kept is not written over' --force

# different NAME SED MESSAGE - mainline's multiplexer, changed by SED, is refused, and MESSAGE says where it differs
different()
{
	rm -rf "$changed"
	cp -r "$tmp/pristine" "$changed"
	sed -i "$2" "$vendor"
	refuses "$changed" "mainline Linux: $3;" "refused: $1"
}
different 'a function less' '/^static void ipi_mux_mask/,/^}/d' 'ipi_mux_mask() is missing'
different 'another name of a word' 's/icpu->bits/icpu->pending/; s/^\tatomic_t.*bits;/\tatomic_t pending;/' \
	'ipi_mux_unmask() differs, ipi_mux_send_mask() differs, ipi_mux_process() differs, what is outside of its functions differs'
different 'another chip' 's/"IPI Mux"/"Other Mux"/' 'what is outside of its functions differs'
different 'a traced one of somebody else' 's,^#include <linux/smp.h>,&\n#include <trace/events/ipi_mux.h>,' \
	'what is outside of its functions differs'

rm -rf "$changed"
cp -r "$tmp/pristine" "$changed"
sed -i 's,^static void ipi_mux_mask,/* A word\n * of a vendor. */ // and another\n&,; s/^\t/    /' "$vendor"
kernel-patch/install.sh "$changed" >"$tmp/output" 2>&1 && cmp kernel-patch/ipi-mux.c "$vendor" >>"$tmp/output" 2>&1
ok $? 'other comments and other white space are no difference'

more=$tmp/more
cp -r "$tmp/pristine" "$more"
echo 'int ipi_mux_vendor_call(void) { return 0; }' >>"$more/kernel/irq/ipi-mux.c"
refuses "$more" 'ipi_mux_vendor_call' 'one with more interface is refused' --force

other=$tmp/other
cp -r "$tmp/pristine" "$other"
sed -i 's/^int ipi_mux_create(.*/int ipi_mux_create(unsigned int nr_ipi);/' "$other/include/linux/irq.h"
refuses "$other" 'interface' 'another interface in irq.h is refused' --force

# --- Linux 6.1, which has none --------------------------------------------------------------------

old_source=$(vm/build-source linux-source-6.1 bookworm 2>"$tmp/output")
status=$?
if [ $status = 77 ]; then
	skip 'Linux 6.1' "$(tail -n 1 "$tmp/output")"
else
	ok $status 'the source of Linux 6.1'
	mkdir "$tmp/6.1"
	(cd "$old_source" && cp -r --parents Makefile kernel/irq include/linux/irq.h include/linux/irqdesc.h \
		include/trace/events/ipi.h "$tmp/6.1")
	cp -r "$tmp/6.1" "$tmp/6.1-pristine"

	kernel-patch/install.sh "$tmp/6.1" >"$tmp/output" 2>&1 && grep -q 'docs/porting.md' "$tmp/output"
	ok $? 'Linux 6.1: status 0, and a word about what is left to do'
	diff -ru "$tmp/6.1-pristine" "$tmp/6.1" >"$tmp/output"
	# shellcheck disable=SC2016 # for make
	[ "$(grep -cE '^-[^-]' "$tmp/output")" = 0 ] && [ "$(grep '^+[^+]' "$tmp/output")" = "$(
		printf '+%s\n' \
			'void ipi_mux_process(void);' \
			'int ipi_mux_create(unsigned int nr_ipi, void (*mux_send)(unsigned int cpu));' \
			'# IPI multiplexer' 'config GENERIC_IRQ_IPI_MUX' '	bool' '	depends on SMP' \
			'	select IRQ_DOMAIN_HIERARCHY' \
			'obj-$(CONFIG_GENERIC_IRQ_IPI_MUX) += ipi-mux.o'
	)" ]
	ok $? 'of files that were there, three are changed, by these lines'
	[ "$(grep -c '^Only in' "$tmp/output")" = 2 ] &&
		cmp kernel-patch/ipi-mux.c "$tmp/6.1/kernel/irq/ipi-mux.c" &&
		cmp kernel-patch/tracepoints.h "$tmp/6.1/include/trace/events/ipi_mux.h"
	ok $? 'two are new'
	before=$(fingerprint "$tmp/6.1")
	kernel-patch/install.sh "$tmp/6.1" >"$tmp/output" 2>&1 && [ ! -s "$tmp/output" ] &&
		[ "$before" = "$(fingerprint "$tmp/6.1")" ]
	ok $? 'again: nothing said, nothing changed'
	echo '/* an older one of ours */' >>"$tmp/6.1/kernel/irq/ipi-mux.c"
	kernel-patch/install.sh "$tmp/6.1" >"$tmp/output" 2>&1 && [ "$before" = "$(fingerprint "$tmp/6.1")" ]
	ok $? 'an older one of ours is replaced there, too'

	# The second last of the files cannot be written.
	cp -r "$tmp/6.1-pristine" "$tmp/stuck"
	mkdir -p "$tmp/stuck/kernel/irq/Makefile.ipimux-new/Makefile"
	refuses "$tmp/stuck" 'cannot overwrite directory' 'all or nothing'

	# other LINE FILE [MESSAGE]: a tree whose FILE lacks LINE
	other()
	{
		rm -rf "$tmp/other-6.1"
		cp -r "$tmp/6.1-pristine" "$tmp/other-6.1"
		grep -vxF -e "$1" "$tmp/6.1-pristine/$2" >"$tmp/other-6.1/$2"
		refuses "$tmp/other-6.1" "${3-$2: not as in any Linux}" "6.1 with another $2 is refused"
	}
	other 'int ipi_send_mask(unsigned int virq, const struct cpumask *dest);' include/linux/irq.h
	# shellcheck disable=SC2016 # for make
	other 'obj-$(CONFIG_GENERIC_IRQ_IPI) += ipi.o' kernel/irq/Makefile
	other 'config GENERIC_IRQ_IPI' kernel/irq/Kconfig
	other 'int generic_handle_domain_irq(struct irq_domain *domain, unsigned int hwirq);' \
		include/linux/irqdesc.h 'needs 5.14 or later'
fi

# --- who uses it, and what its configuration must have -------------------------------------------

# riscv VERSION [KCONFIG_LINE] - a tree with RISC-V, whose Kconfig has that line
riscv()
{
	rm -rf "$changed"
	cp -r "$tmp/pristine" "$changed"
	mkdir -p "$changed/arch/riscv"
	printf 'config RISCV\n%s\n' "${2-}" >"$changed/arch/riscv/Kconfig"
	sed -i "s/^PATCHLEVEL = .*/PATCHLEVEL = ${1#*.}/" "$changed/Makefile"
	kernel-patch/install.sh "$changed" >"$tmp/output" 2>&1
}
riscv 6.3 && grep -q '^RISC-V does not use the multiplexer in Linux 6\.3 (from 6\.4 on' "$tmp/output"
ok $? 'Linux 6.3, where RISC-V does not use it: that is said'
riscv 6.4 '	select GENERIC_IRQ_IPI_MUX if SMP' && ! grep -q 'does not use' "$tmp/output"
ok $? 'Linux 6.4, where it does: it is not'
grep -q "^when the tree is configured, .*: scripts/kconfig/merge_config.sh .config $PWD/kernel-patch/config/tracepoints\$" \
	"$tmp/output"
ok $? 'no .config: what to merge into it'
printf '# CONFIG_FTRACE is not set\nCONFIG_SMP=y\n' >"$changed/.config"
kernel-patch/install.sh "$changed" >"$tmp/output" 2>&1 && [ "$(wc -l <"$tmp/output")" = 1 ] &&
	grep -q "/.config lacks CONFIG_BPF_SYSCALL .*CONFIG_FTRACE .*; in that tree, .*: scripts/kconfig/merge_config" "$tmp/output" &&
	! grep -q 'lacks.* CONFIG_SMP' "$tmp/output"
ok $? 'a .config that lacks some: which, and what to do'
grep '^CONFIG' kernel-patch/config/tracepoints >"$changed/.config"
kernel-patch/install.sh "$changed" >"$tmp/output" 2>&1 && [ ! -s "$tmp/output" ]
ok $? 'a .config that has all: nothing is said'

kernel-patch/install.sh >"$tmp/output" 2>&1
[ $? = 2 ]
ok $? 'no argument: status 2'
kernel-patch/install.sh --help 2>/dev/null | grep -q '^usage:'
ok $? '--help'
plan
