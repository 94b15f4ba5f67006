#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# kernel-patch/ in old and new trees, for both architectures that have drivers of the multiplexer: it is
# configured, compiled without a warning and linked. Boots nothing; the guests do, for riscv.
set -u
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source-path=SCRIPTDIR source=objects.sh
. tests/tree/objects.sh
count=0

ok()
{
	count=$((count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
		sed 's/^/# /' "$PART/output" >&2
	fi
}

# compile NAME ARCH...: all of it in $TREE
compile()
{
	local name=$1 arch

	shift
	for arch; do
		configure "$arch" "$PART/output" || ok 1 "$name, $arch: configured and prepared"
	done
	kernel-patch/install.sh "$TREE" >"$PART/output" 2>&1
	ok $? "$name: installed"
	for arch; do
		# As a porter would have to, where it is not so yet.
		grep -q 'select GENERIC_IRQ_IPI_MUX' "$TREE/arch/$arch/Kconfig" ||
			sed -i "s/^config ${arch^^}\$/&\n\tselect GENERIC_IRQ_IPI_MUX if SMP/" \
				"$TREE/arch/$arch/Kconfig"
		make_in "$TREE" "$arch" olddefconfig >"$PART/output" 2>&1
		grep -x 'CONFIG_GENERIC_IRQ_IPI_MUX=y' "$TREE/$arch/.config" >>"$PART/output" &&
			grep -qx 'CONFIG_BPF_EVENTS=y' "$TREE/$arch/.config"
		ok $? "$name, $arch: it can be selected"
		make_in "$TREE" "$arch" prepare >"$PART/output" 2>&1
		make_in "$TREE" "$arch" kernel/irq/ipi-mux.o >"$PART/output" 2>&1 && [ ! -s "$PART/output" ]
		ok $? "$name, $arch: it compiles without a word, with W=1"
		make_in "$TREE" "$arch" kernel/irq/ >"$PART/output" 2>&1 &&
			ar t "$TREE/$arch/kernel/irq/built-in.a" 2>&1 | tee -a "$PART/output" | grep -q 'ipi-mux\.o$'
		ok $? "$name, $arch: it is part of the kernel"
		nm "$TREE/$arch/kernel/irq/ipi-mux.o" >"$PART/output" 2>&1
		[ "$(grep -cE ' [TD] (ipi_mux_(create|process)|__tracepoint_ipi_mux_(send|unmask|process))$' \
			"$PART/output")" = 5 ]
		ok $? "$name, $arch: with its interface and its tracepoints"
	done
	rm -rf "$TREE"
}

# skip NAME
skip()
{
	count=$((count + 1))
	echo "ok $count # SKIP $1: $(tail -n 1 "$PART/output")"
}

begin_objects
if take_tree linux-source-6.1 bookworm 2>"$PART/output"; then
	compile 'Linux 6.1, which has none' riscv arm64
else
	skip 'Linux 6.1'
fi
take_tree linux-source-6.12 2>"$PART/output" || ok 1 'the source of Linux 6.12'
compile 'Linux 6.12' arm64
if take_tree linux-source-7.2 sid 2>"$PART/output"; then
	compile 'Linux 7.2' arm64
else
	skip 'Linux 7.2'
fi
echo "1..$count"
