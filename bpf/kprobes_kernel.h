/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For programs at kprobes: what they read of the kernel, without its types, and what they find in
 * the registers of RISC-V.
 */
#ifndef KPROBES_KERNEL_H
#define KPROBES_KERNEL_H

#include "kprobes.h"

const volatile struct kprobes_settings where = {};

/* In the kernel's pt_regs, in words: arch/riscv/include/asm/ptrace.h. */
#define REGS_RA		1
#define REGS_SP		2
#define REGS_TP		4	/* in the kernel: the current task */
#define REGS_A0		10
#define REGS_A1		11

static __always_inline __u64 read_u64(__u64 address)
{
	__u64 value = 0;

	bpf_probe_read_kernel(&value, sizeof(value), (void *)address);
	return value;
}

/* hwirq_of - @data: a struct irq_data; of the mux it is the vIPI */
static __always_inline __u64 hwirq_of(__u64 data)
{
	return read_u64(data + where.hwirq_at);
}

/* Bits of the kernel's preempt_count. */
#define COUNT_SOFTIRQ	0x00000100	/* one that is served, not only forbidden */
#define COUNT_INTERRUPT	0x000f0000
#define COUNT_NMI	0x00f00000

/*
 * level_now - calls of a CPU nest, but not at one of these levels: they cannot be preempted
 *
 * A breakpoint counts as an interrupt that cannot be masked, and as an interrupt. The task is in a
 * register: to ask for it takes the JIT from 7.2 on.
 */
static __always_inline __u64 level_now(const __u64 *ctx)
{
	__u32 count = read_u64(ctx[REGS_TP] + where.preempt_count_at);

	if (count & COUNT_NMI)
		count -= 0x00110000;
	return count & (COUNT_NMI | COUNT_INTERRUPT) ? 2 : !!(count & COUNT_SOFTIRQ);
}

#endif /* KPROBES_KERNEL_H */
