/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For entries.bpf.c: its tables and counters, and what it reads of the multiplexer and the kernel.
 * Knows no program, and not what is noted.
 */
#ifndef ENTRIES_MUX_H
#define ENTRIES_MUX_H

#include "outside.h"
#include "entries.h"

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

const volatile struct entries_settings settings = {};

/* Resized at load. */
struct entries_cpu cpus_of_mux[1] SEC(".data.private");
struct entries_call calls[1] SEC(".data.calls");		/* [cpu][level] */
__u64 target_masks[1] SEC(".data.target_masks");	/* [cpu][level][word] */
__u32 targets[1] SEC(".data.targets");			/* [cpu][level][target] */
__u64 claimed[1] SEC(".data.claimed");			/* [cpu][vipi] see masked_outcome() */
__u64 rows[1] SEC(".data.rows");	/* target of a mask that has one, see target_of() */
struct entries_notes notes_of_cpu[1] SEC(".data.cpus");

static __always_inline struct entries_cpu *all_cpus(void)
{
	return table_of(cpus_of_mux);
}

static __always_inline struct entries_cpu *cpu_of(struct entries_cpu *all, __u64 cpu)
{
	return (void *)all + (cpu << ENTRIES_CPU_SHIFT);
}

static __always_inline struct entries_cpu *own(__u64 cpu)
{
	return cpu_of(all_cpus(), cpu & settings.cpus_mask);
}

/* difference - of two pointers: only that is a number to the verifier */
static __always_inline __u64 difference(const void *pointer, const void *other)
{
	__u64 number = (__u64)pointer;

	asm volatile("%0 -= %1" : "+r"(number) : "r"(other));
	return number;
}

/* Of a cell, which may have changes above: its target and its vIPI. */
static __always_inline __u64 target_in(__u64 cell)
{
	return cell >> ENTRIES_VIPI_SHIFT & settings.cpus_mask;
}

static __always_inline __u64 vipi_in(__u64 cell)
{
	return cell & (ENTRIES_NR_VIPIS - 1);
}

/* The changes of a target's enabled word, as they are noted with a call. */
static __always_inline __u32 changes_of(__u64 target)
{
	return own(target)->changes >> 32 << ENTRIES_CHANGES_SHIFT;
}

static __always_inline struct entries_call *call_at(__u64 cpu, __u64 level)
{
	return table_of(calls) + ((cpu << ENTRIES_LEVEL_SHIFT | level) & settings.calls_mask);
}

static __always_inline __u32 *target_at(__u64 cpu, __u64 level, __u64 target)
{
	__u64 call = cpu << ENTRIES_LEVEL_SHIFT | level;

	return table_of(targets) + ((call << shape.cpu_shift | target) & settings.targets_mask);
}

/* A word of the copy of a call's mask. */
static __always_inline __u64 *mask_word(__u64 cpu, __u64 level, __u64 word)
{
	__u64 call = cpu << ENTRIES_LEVEL_SHIFT | level;

	return table_of(target_masks) +
	       ((call * settings.nr_words + word) & settings.masks_mask);
}

static __always_inline __u64 *claim_of(__u64 cpu, __u64 vipi)
{
	struct ipimux_shape any = loaded_shape();

	return table_of(claimed) + ipimux_waits_index(&any, cpu, vipi);
}

static __always_inline struct entries_notes *notes(__u64 cpu)
{
	return table_of(notes_of_cpu) + (cpu & settings.cpus_mask);
}

/* --- counters --- */

static __always_inline __u64 *counter_of(__u64 target, __u64 vipi, __u64 outcome)
{
	struct ipimux_shape any = loaded_shape();

	return table_of(traffic) + ipimux_traffic_index(&any, this_cpu(), target, vipi, outcome);
}

static __always_inline void count_send(__u64 target, __u64 vipi, __u64 outcome)
{
	(*counter_of(target, vipi, outcome))++;
}

/* count_raised - a send whose raise is seen, before the raise: nothing has come of it yet */
static __always_inline void count_raised(__u64 target, __u64 vipi, bool stamped)
{
	number_if_timed(target, vipi, stamped);
	count_send(target, vipi, IPIMUX_RAISED);
}

/* count_otherwise - takes a send back that was counted with an outcome that it did not have */
static __always_inline void count_otherwise(__u64 target, __u64 vipi, __u64 outcome)
{
	__u64 *counter = counter_of(target, vipi, outcome);

	doubt(target, vipi, IPIMUX_MISPREDICTED);
	/* An interrupt may count there just now. */
	if (*(volatile __u64 *)counter)
		__sync_fetch_and_add(counter, -1);
}

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

#define FIRST_WORD	1ULL
#define SECOND_WORD	(1ULL << 32)

/* Of a vIPI, in both words shifted by it: is its bit pending, is it enabled? */
static __always_inline __u64 is_pending(__u64 words)
{
	return pending_is_first() ? words & FIRST_WORD : words & SECOND_WORD;
}

static __always_inline __u64 is_enabled(__u64 words)
{
	return pending_is_first() ? words & SECOND_WORD : words & FIRST_WORD;
}

/* read_state - of a vIPI on a CPU, as an outcome: what a send finds that comes just now */
static __always_inline __u32 read_state(__u64 cpu, __u64 vipi)
{
	__u64 words = both_words(own(cpu)->words) >> vipi;

	return (is_pending(words) ? IPIMUX_COALESCED : 0) | (is_enabled(words) ? 0 : IPIMUX_MASKED);
}

/* is_silent - is nothing enabled on this CPU? Then the kernel shows no call of the SBI. */
static __always_inline bool is_silent(__u64 cpu)
{
	__u64 words = both_words(own(cpu)->words);

	return settings.parent == ENTRIES_PARENT_SBI &&
	       !(pending_is_first() ? words >> 32 : words & 0xffffffff);
}

/* level_now - calls of a CPU nest, but not at one of these levels: they cannot be preempted */
static __always_inline __u64 level_now(void)
{
	const struct task_struct *task = (void *)bpf_get_current_task_btf();
	__u32 count = task->thread_info.preempt_count;

	/* Interrupts, also those that cannot be masked; softirqs that are served. */
	return count & 0x00ff0000 ? 2 : count >> 8 & 1;
}

#endif /* ENTRIES_MUX_H */
