/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For programs at the entries of the multiplexer's functions, by fentry (entries.bpf.c) or by
 * kprobe (kprobes.bpf.c): their tables and counters. Reads nothing of the kernel, knows no program.
 */
#ifndef ENTRIES_TABLES_H
#define ENTRIES_TABLES_H

#include "outside.h"
#include "entries.h"

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

	return table_of(traffic) + ipimux_traffic_index(&any, any_cpu(), target, vipi, outcome);
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

#endif /* ENTRIES_TABLES_H */
