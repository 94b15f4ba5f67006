/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What both words of a CPU say of a vIPI, for programs at the entries of the multiplexer's
 * functions. The words are read by both_words(), and pending_is_first() says which is which:
 * entries_mux.h has these by the kernel's BTF, kprobes_mux.h without. Either comes before this.
 */
#ifndef ENTRIES_STATE_H
#define ENTRIES_STATE_H

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

#endif /* ENTRIES_STATE_H */
