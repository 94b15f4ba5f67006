#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The litmus tests do, operation by operation, what kernel-patch/ipi-mux.c does, and every ordering in it
# has an entry in tests/litmus/removals: a change to one of the three without the others is found. Needs
# no herd7; the verdicts are litmus.t's.
set -u
unset CDPATH
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source-path=SCRIPTDIR source=tap.sh
. tests/tree/tap.sh

check()
{
	tests/litmus/run --only-check --mux "$tmp/ipi-mux.c" --tests "$tmp/tests" >"$tmp/output" 2>&1
}

# finds MESSAGE NAME FILE SED: with FILE changed by SED the check fails with MESSAGE.
finds()
{
	local status

	cp kernel-patch/ipi-mux.c "$tmp"
	rm -rf "$tmp/tests"
	mkdir "$tmp/tests"
	cp tests/litmus/*.litmus tests/litmus/removals "$tmp/tests"
	sed -i "$4" "$tmp/$3"
	if cmp -s "$tmp/$3" kernel-patch/"$3" || cmp -s "$tmp/$3" tests/litmus/"${3#tests/}"; then
		echo "$4 changes nothing" >"$tmp/output"
		ok 1 "$2"
		return
	fi
	check
	status=$?
	[ $status = 1 ] && grep -qF -- "$1" "$tmp/output"
	ok $? "$2"
}

tests/litmus/run --only-check >"$tmp/output" 2>&1
ok $? 'tests, removals and ipi-mux.c fit'

finds 'ipi_mux_send_mask(): ipi-mux.c has [atomic_fetch_or_relaxed pending' 'release gone from the OR' \
	ipi-mux.c 's/atomic_fetch_or_release(/atomic_fetch_or_relaxed(/'
finds 'ipi_mux_unmask(): ipi-mux.c has [atomic_or enabled, atomic_read pending' 'the barrier gone from unmask' \
	ipi-mux.c '/^static void ipi_mux_unmask/,/^}/ s/smp_mb__after_atomic();//'
finds 'ipi_mux_process(): ipi-mux.c has [atomic_read enabled, atomic_fetch_andnot_acquire pending]' 'the clear weakened' \
	ipi-mux.c 's/atomic_fetch_andnot(/atomic_fetch_andnot_acquire(/'
finds 'ipi_mux_mask(): ipi-mux.c has [atomic_andnot enabled, smp_mb]' 'a barrier more' \
	ipi-mux.c 's/^\tatomic_andnot(.*/&\n\tsmp_mb();/'
finds 'smp_mb__after_atomic, atomic_read enabled, ipi_mux_raise_parent], but' 'the other word read' \
	ipi-mux.c 's/atomic_read(&self->pending)/atomic_read(\&self->enabled)/'
finds 'ipi_mux_domain_alloc(): in ipi-mux.c, in no test' 'an operation where none was' \
	ipi-mux.c 's/^\tirq_domain_set_info/\tsmp_wmb();/; s/^\t\tirq_set_percpu_devid/\t\tsmp_wmb();\n&/'
finds 'ipi-mux.c: not there: if (pending & bit) continue;' 'a raise without its branch' \
	ipi-mux.c 's/if (pending & bit)$/if (0)/'
finds 'ipi-mux.c: not there: if (!(pending & bit)' 'a traced raise without its branch' \
	ipi-mux.c 's/if (!(pending & bit) && (enabled & bit))/if (enabled \& bit)/'
finds 'ipi_mux_mask_traced(): [atomic_read pending, ipi_mux_raise_parent]' 'a traced mask that raises' \
	ipi-mux.c 's/^\ttrace_ipi_mux_mask.*/&\n\tipi_mux_raise_parent(0);/'
finds 'ipi_mux_send_mask_traced(): [atomic_read pending' 'a traced send that reads the other word' \
	ipi-mux.c '/^static noinline/,/^}/ s/atomic_read(&target->enabled)/atomic_read(\&target->pending)/'
finds 'ipi_mux_raise_parent] have: message-raised' 'a test that no longer does what the multiplexer does' \
	tests/message-raised.litmus 's/_release//'
finds '[riscv-branch]: riscv-raise has nothing to take away' 'the branch gone from the instructions' \
	tests/riscv-raise.litmus 's/bne x6,x0,COALESCED//'
finds 'smp_mb__after_atomic of ipi-mux.c is taken away by no entry' 'an entry of removals deleted' \
	tests/removals '/^\[unmask-barrier\]/,/^why/d'
finds '[process-acquire]: there is no test message-lost' 'a removal that breaks a test that is not there' \
	tests/removals '/^\[process-acquire\]/,/^why/ s/message-masked/message-lost/'
finds 'raise-process: no removal breaks it' 'a test that nothing breaks' \
	tests/removals 's/ raise-process//'
finds "no line ' * Result: Never'" 'a test without a verdict' \
	tests/send-unmask.litmus '/Result:/d'
plan
