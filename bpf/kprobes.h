/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What kprobes.bpf.c and user space agree on besides entries.h: where the kernel has what is read
 * there. Its BTF says so; without BTF it is as Linux has had it from 6.4 to 7.2.
 */
#ifndef KPROBES_H
#define KPROBES_H

/* Constants, set before the programs are loaded. Offsets in bytes. */
struct kprobes_settings {
	__u32 hwirq_at;		/* in struct irq_data: the vIPI */
	__u32 preempt_count_at;	/* in struct task_struct */
	__u32 pending_first;	/* the pending word comes before the enabled one */
	__u32 first_virq;	/* of vIPI 0; the others follow */
	__u32 passing;		/* events are passed on, too, as those of passing.h */
};

#define KPROBES_HWIRQ_AT		8
#define KPROBES_PREEMPT_COUNT_AT	8

#endif /* KPROBES_H */
