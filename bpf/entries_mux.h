/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For entries.bpf.c: what it reads of the multiplexer and the kernel, where the kernel's BTF says
 * it is, with no call. Knows no program, and not what is noted.
 */
#ifndef ENTRIES_MUX_H
#define ENTRIES_MUX_H

#include "entries_tables.h"

/* More of the kernel's own, with what is needed of them only. */
struct cpumask {
	unsigned long bits[1];
} __attribute__((preserve_access_index));

struct refcount_struct {
	atomic_t refs;
} __attribute__((preserve_access_index));

struct thread_info {
	int preempt_count;
} __attribute__((preserve_access_index));

struct task_struct {
	struct thread_info thread_info;
} __attribute__((preserve_access_index));

extern void *bpf_rdonly_cast(const void *obj, __u32 btf_id) __ksym __weak;

/* --- the words --- */

/* read_u32 - 32 bits of the kernel's: a read that it survives at any address, and no call */
static __always_inline __u64 read_u32(__u64 address)
{
	const struct refcount_struct *at =
		bpf_rdonly_cast((void *)address, bpf_core_type_id_kernel(struct refcount_struct));

	return (__u32)at->refs.counter;
}

/* words_at_once - both words of a CPU, where they are at a multiple of eight; a read as that */
static __always_inline __u64 words_at_once(__u64 address)
{
	const struct cpumask *at = bpf_rdonly_cast((void *)address,
						   bpf_core_type_id_kernel(struct cpumask));

	return at->bits[0];
}

/* both_words - the same wherever they are: the mux has them at a multiple of four, as it happens */
static __always_inline __u64 both_words(__u64 address)
{
	return read_u32(address) | read_u32(address + sizeof(__u32)) << 32;
}

/* handled_by_kernel - how often, by the kernel's own count, of 32 bits; never 0 */
static __always_inline __u64 handled_by_kernel(const struct entries_cpu *one, __u64 vipi)
{
	return 1ULL << 32 | read_u32(one->counts[vipi & (ENTRIES_NR_VIPIS - 1)]);
}

/*
 * is_skipped - does the program of sends run on this CPU? Then it was skipped for a send that
 * raises now, which the kernel counts.
 */
static __always_inline bool is_skipped(const struct entries_cpu *me)
{
	return read_u32(me->active);
}

static __always_inline bool pending_is_first(void)
{
	if (bpf_core_field_exists(struct ipi_mux_cpu___linux, bits))
		return !bpf_core_field_offset(struct ipi_mux_cpu___linux, bits);
	return !bpf_core_field_offset(struct ipi_mux_cpu___patch, pending);
}

/* level_now - calls of a CPU nest, but not at one of these levels: they cannot be preempted */
static __always_inline __u64 level_now(void)
{
	const struct task_struct *task = (void *)bpf_get_current_task_btf();
	__u32 count = task->thread_info.preempt_count;

	/* Interrupts, also those that cannot be masked; softirqs that are served. */
	return count & 0x00ff0000 ? 2 : count >> 8 & 1;
}

/* Nothing is passed on here. */
static __always_inline void pass_send(__u64 cpu, const struct entries_call *call, __u64 target,
				      __u32 noted, bool changed)
{
}

#include "entries_state.h"

#endif /* ENTRIES_MUX_H */
