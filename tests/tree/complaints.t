#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What vm/complaints takes for a complaint of the kernel, and what not. That the
# kernel really words them so, tests/vm/running/debug.t sees for some.
set -u
unset CDPATH
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source-path=SCRIPTDIR source=tap.sh
. tests/tree/tap.sh
log=$tmp/log

# A log of ordinary lines with this one amid them, as a serial line has it.
log_with()
{
	printf '%s\r\n' 'OpenSBI v1.1' '[    0.000000] Linux version 6.12.117' "$1" \
		'[    9.000000] reboot: Power down' >"$log"
}

while read -r line; do
	log_with "[    1.234567] $line"
	vm/complaints "$log" >"$output"
	[ "$(cat "$output")" = "[    1.234567] $line" ]
	ok $? "a complaint: $line"
done <<'END'
WARNING: CPU: 1 PID: 7 at kernel/smp.c:429 csd_lock+0x1e/0x30
WARNING: possible circular locking dependency detected
WARNING: possible recursive locking detected
WARNING: possible irq lock inversion dependency detected
WARNING: HARDIRQ-safe -> HARDIRQ-unsafe lock order detected
WARNING: inconsistent lock state
WARNING: bad unlock balance detected!
WARNING: held lock freed!
WARNING: lock held when returning to user space!
WARNING: suspicious RCU usage
[ BUG: Invalid wait context ]
BUG: MAX_LOCKDEP_CHAINS too low!
INFO: trying to register non-static key.
INFO: lockdep is turned off.
BUG: using smp_processor_id() in preemptible [00000000] code: sh/57
BUG: sleeping function called from invalid context at mm/slub.c:321
BUG: scheduling while atomic: sh/57/0x00000002
BUG: workqueue leaked atomic, lock or RCU: kworker/0:1[9]
BUG: workqueue lockup - pool cpus=1 node=0 flags=0x0 nice=0 stuck for 31s!
BUG: spinlock bad magic on CPU#2, sh/57
BUG: KASAN: slab-use-after-free in ipi_mux_process+0x12/0x80
BUG: Bad page state in process sh  pfn:81234
KFENCE: use-after-free read in ipi_mux_process+0x12/0x80
UBSAN: shift-out-of-bounds in kernel/irq/ipi-mux.c:90:2
INFO: task sh:57 blocked for more than 120 seconds.
INFO: rcu_tasks detected stalls on tasks:
rcu: INFO: rcu_preempt self-detected stall on CPU
watchdog: BUG: soft lockup - CPU#2 stuck for 22s! [sh:57]
smp: csd: Detected non-responsive CSD lock (#1) on CPU#0, waiting 30000000000 ns for CPU#02 f+0x0/0x10(0x0).
softirq: huh, entered softirq 1 TIMER 000000006a with preempt_count 00000101, exited with 00000102?
irq 12: nobody cared (try booting with the "irqpoll" option)
kernel BUG at mm/slub.c:321!
Unable to handle kernel NULL pointer dereference at virtual address 0000000000000008
Unable to handle kernel paging request at virtual address dfffffc000000001
Insufficient stack space to handle exception!
Oops [#1]
Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000009
sched: RT throttling activated
Call Trace:
END

while read -r line; do
	log_with "$line"
	vm/complaints "$log" >"$output"
	[ $? = 1 ] && [ ! -s "$output" ]
	ok $? "no complaint: $line"
done <<'END'
[    1.234567] Warning: unable to open an initial console.
[    1.234567] debug: what looks like WARNING: is in the middle of a line
[    1.234567] Running RCU self tests
[    1.234567] Lock dependency validator: Copyright (c) 2006 Red Hat, Inc., Ingo Molnar
[    1.234567] kasan: KernelAddressSanitizer initialized
[    1.234567] lkdtm: Performing direct entry WARNING
[    1.234567] smp: csd: CSD lock (#1) got unstuck on CPU#00, CPU#02 released the lock.
[    1.234567] INFO: something else
WARNING: of the firmware
END
plan
