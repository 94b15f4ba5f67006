#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# kernel-patch/ in old and new trees, for both architectures that have drivers of the multiplexer: it is
# configured, compiled without a warning and linked. Boots nothing; the guests do, for riscv.
set -u
unset CDPATH
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source-path=SCRIPTDIR source=objects.sh
. tests/tree/objects.sh
once kernel-patch vm/build-source

# compile NAME ARCH...: all of it in $TREE
compile()
{
	local name=$1 arch

	shift
	for arch; do
		configure "$arch" "$output" || ok 1 "$name, $arch: configured and prepared"
	done
	kernel-patch/install.sh "$TREE" >"$output" 2>&1
	ok $? "$name: installed"
	for arch; do
		# As a porter would have to, where it is not so yet.
		grep -q 'select GENERIC_IRQ_IPI_MUX' "$TREE/arch/$arch/Kconfig" ||
			sed -i "s/^config ${arch^^}\$/&\n\tselect GENERIC_IRQ_IPI_MUX if SMP/" \
				"$TREE/arch/$arch/Kconfig"
		# As olddefconfig, but `make prepare` need not begin with the same once more, for seconds.
		make_in "$TREE" "$arch" syncconfig < <(yes '') >"$output" 2>&1
		grep -x 'CONFIG_GENERIC_IRQ_IPI_MUX=y' "$TREE/$arch/.config" >>"$output" &&
			grep -qx 'CONFIG_BPF_EVENTS=y' "$TREE/$arch/.config"
		ok $? "$name, $arch: it can be selected"
		make_in "$TREE" "$arch" prepare kernel/irq/ >"$output" 2>&1 &&
			ar t "$TREE/$arch/kernel/irq/built-in.a" 2>&1 | tee -a "$output" | grep -q 'ipi-mux\.o$'
		ok $? "$name, $arch: it is part of the kernel"
		# By itself, so that nobody else's warnings are among its.
		rm -f "$TREE/$arch/kernel/irq/ipi-mux.o"
		make_in "$TREE" "$arch" kernel/irq/ipi-mux.o >"$output" 2>&1 && [ ! -s "$output" ]
		ok $? "$name, $arch: it compiles without a word, with W=1"
		nm "$TREE/$arch/kernel/irq/ipi-mux.o" >"$output" 2>&1
		[ "$(grep -cE ' [TD] (ipi_mux_(create|process)|__tracepoint_ipi_mux_(send|mask|unmask|process))$' \
			"$output")" = 6 ]
		ok $? "$name, $arch: with its interface and its tracepoints"
	done
	rm -rf "$TREE"
}

begin_objects
if take_tree linux-source-6.1 bookworm 2>"$output"; then
	compile 'Linux 6.1, which has none' riscv arm64
else
	skip 'Linux 6.1' "$(tail -n 1 "$output")"
fi
take_tree linux-source-6.12 2>"$output" || ok 1 'the source of Linux 6.12'
compile 'Linux 6.12' arm64
if take_tree linux-source-7.2 sid 2>"$output"; then
	compile 'Linux 7.2' arm64
else
	skip 'Linux 7.2' "$(tail -n 1 "$output")"
fi
plan
