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
echo '/* a vendor was here */' >>"$changed/kernel/irq/ipi-mux.c"
refuses "$changed" 'not the multiplexer of mainline' 'a changed multiplexer is refused'
kernel-patch/install.sh --force "$changed" >"$tmp/output" 2>&1 &&
	cmp kernel-patch/ipi-mux.c "$changed/kernel/irq/ipi-mux.c" >"$tmp/output" 2>&1
ok $? 'unless --force says so'

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

kernel-patch/install.sh >"$tmp/output" 2>&1
[ $? = 2 ]
ok $? 'no argument: status 2'
kernel-patch/install.sh --help 2>/dev/null | grep -q '^usage:'
ok $? '--help'
echo "1..$count"
