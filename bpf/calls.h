/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For fentry.bpf.c: which calls of the mux are under way on each CPU, and what the words of
 * their targets say. Counts no call, and knows no program.
 */
#ifndef CALLS_H
#define CALLS_H

#include "outside.h"
#include "fentry.h"

const volatile struct fentry_settings settings = {};

/* Resized at load. */
__u64 words_at[1] SEC(".data.words_at");		/* [cpu] the address of its two words */
struct fentry_call calls[1] SEC(".data.calls");		/* [cpu][depth] */
__u64 target_masks[1] SEC(".data.target_masks");	/* [cpu][depth][word] */
__u32 targets[1] SEC(".data.targets");			/* [cpu][depth][target] */
struct fentry_cpu cpus[1] SEC(".data.cpus");
__u64 claimed[1] SEC(".data.claimed");			/* [cpu][vipi] see masked_outcome() */

/* Changes of enabled words, by any CPU: those that have begun, and those that are done. */
__u64 changes_begun, changes_done;

static __always_inline struct fentry_cpu *own(__u64 cpu)
{
	return table_of(cpus) + (cpu & settings.cpus_mask);
}

static __always_inline struct fentry_call *call_at(__u64 cpu, __u64 depth)
{
	return table_of(calls) + ((cpu << FENTRY_CALL_SHIFT | depth) & settings.calls_mask);
}

static __always_inline __u32 *target_at(__u64 cpu, __u64 depth, __u64 target)
{
	__u64 call = cpu << FENTRY_CALL_SHIFT | depth;

	return table_of(targets) + ((call << shape.cpu_shift | target) & settings.targets_mask);
}

static __always_inline void count_send(__u64 target, __u64 vipi, __u64 outcome)
{
	struct ipimux_shape any = loaded_shape();

	count(traffic, ipimux_traffic_index(&any, any_cpu(), target, vipi, outcome));
}

/* --- the words --- */

/* read_words - of a CPU: pending, and enabled in the upper half */
static __always_inline __u64 read_words(__u64 cpu)
{
	__u32 words[2] = {};
	__u32 pending, enabled;

	bpf_probe_read_kernel(words, sizeof(words),
			      (void *)table_of(words_at)[cpu & settings.words_mask]);
	if (bpf_core_field_exists(struct ipi_mux_cpu___linux, bits)) {
		pending = bpf_core_field_offset(struct ipi_mux_cpu___linux, bits) ?
			  words[1] : words[0];
		enabled = bpf_core_field_offset(struct ipi_mux_cpu___linux, enable) ?
			  words[1] : words[0];
	} else {
		pending = bpf_core_field_offset(struct ipi_mux_cpu___patch, pending) ?
			  words[1] : words[0];
		enabled = bpf_core_field_offset(struct ipi_mux_cpu___patch, enabled) ?
			  words[1] : words[0];
	}
	return pending | (__u64)enabled << 32;
}

/* The state of a vIPI on a CPU, as an outcome: what a send finds that comes just now. */
static __always_inline __u32 read_state(__u64 cpu, __u64 vipi)
{
	__u64 words = read_words(cpu) >> vipi;

	return (words & 1) | (~words >> 32 & 1) << 1;
}

/* --- calls under way --- */

/* begin_call - a new one on this CPU; NULL if there is no room */
static __always_inline struct fentry_call *begin_call(__u64 cpu, const __u64 *ctx, __u32 kind)
{
	struct fentry_cpu *me = own(cpu);
	struct fentry_call *call;
	__u64 depth = me->nr_calls;
	__u64 done, begun;

	if (depth >= FENTRY_MAX_CALLS) {
		me->no_room++;
		return NULL;
	}
	/* First: an interrupt from here on has the next one. */
	*(volatile __u32 *)&me->nr_calls = depth + 1;
	call = call_at(cpu, depth);
	call->raise = 0;
	if (settings.passing) {
		call->uncertain = 0;
		call->time = bpf_ktime_get_ns();
	}
	call->vipi = ((struct irq_data *)ctx[0])->hwirq;
	call->nr_targets = call->raises = call->nr_candidates = call->nr_foretold = 0;
	done = *(volatile __u64 *)&changes_done;
	begun = *(volatile __u64 *)&changes_begun;
	call->changes = begun == done ? begun : FENTRY_CHANGING;
	call->id = (__u64)ctx;
	*(volatile __u32 *)&call->kind = kind;
	return call;
}

/*
 * find_call - the depth of a call, or FENTRY_MAX_CALLS
 *
 * It is the last one, unless the end of another went unseen.
 */
static __always_inline __u64 find_call(__u64 cpu, const __u64 *ctx)
{
	__u64 depth = own(cpu)->nr_calls;

	for (int i = 0; i < FENTRY_MAX_CALLS; i++) {
		const struct fentry_call *call;

		if (!depth || depth > FENTRY_MAX_CALLS)
			break;
		call = call_at(cpu, --depth);
		if (call->kind != FENTRY_NO_CALL && call->id == (__u64)ctx)
			return depth;
	}
	return FENTRY_MAX_CALLS;
}

/* It is done, and so is what is above it: its end went unseen. */
static __always_inline void end_call(__u64 cpu, __u64 depth)
{
	call_at(cpu, depth)->kind = FENTRY_NO_CALL;
	*(volatile __u32 *)&own(cpu)->nr_calls = depth;
}

/* unchanged - did no enabled word change since the call began? */
static __always_inline bool unchanged(const struct fentry_call *call)
{
	return call->changes == *(volatile __u64 *)&changes_begun;
}

#endif /* CALLS_H */
