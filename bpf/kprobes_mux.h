/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For kprobes.bpf.c: what it reads of the multiplexer, and what it passes on of each send. Knows no
 * program, and not what is noted.
 */
#ifndef KPROBES_MUX_H
#define KPROBES_MUX_H

#include "entries_tables.h"
#include "kprobes_kernel.h"
#define PASSING_AT_BREAKPOINTS
#include "passing.h"

/* both_words - of a CPU, as the mux has them: the first one in the lower half */
static __always_inline __u64 both_words(__u64 address)
{
	return read_u64(address);
}

static __always_inline bool pending_is_first(void)
{
	return where.pending_first;
}

static __always_inline __u64 vipi_of(__u64 data)
{
	return hwirq_of(data) & (ENTRIES_NR_VIPIS - 1);
}

/* read_words - of a CPU: pending, and enabled in the upper half */
static __always_inline __u64 read_words(__u64 cpu)
{
	__u64 words = both_words(own(cpu)->words);

	return pending_is_first() ? words : words << 32 | words >> 32;
}

/*
 * pass_outcome - as fentry.bpf.c does: the words are as they are now, except what came of the send;
 * out of line, and static: where nothing is passed on the verifier does not look at it
 */
static __noinline int pass_outcome(__u64 time, __u64 target, __u64 vipi, __u64 came)
{
	__u64 words = read_words(target), bit = 1ULL << vipi;

	words = came & IPIMUX_COALESCED ? words | bit : words & ~bit;
	words = came & IPIMUX_MASKED ? words & ~(bit << 32) : words | bit << 32;
	pass_send_of(time, any_cpu(), target, vipi, words, words >> 32,
		     !!(came & ENTRIES_UNCERTAIN));
	return 0;
}

static __always_inline void pass_send(__u64 cpu, const struct entries_call *call, __u64 target,
				      __u32 noted, bool changed)
{
	__u64 came = noted & (ENTRIES_OUTCOME | ENTRIES_UNCERTAIN);

	if (!where.passing || !may_send() || !call->time)
		return;
	if (noted & ENTRIES_RAISED)
		came = IPIMUX_RAISED;
	else if (!(noted & ENTRIES_COUNTED))
		came = IPIMUX_COALESCED | (changed ? ENTRIES_UNCERTAIN : 0);
	pass_outcome(call->time, target, call->vipi & (ENTRIES_NR_VIPIS - 1), came);
}

#include "entries_state.h"

#endif /* KPROBES_MUX_H */
