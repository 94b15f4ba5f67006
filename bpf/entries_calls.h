/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calls of ipi_mux_send_mask(): their targets, what was found of each when the call began, and what
 * came of it. entries.bpf.c notes those that are rare this way, kprobes.bpf.c all. Of each CPU
 * there is a place for one at each level, and one more. Knows no program. Include entries_mux.h or
 * kprobes_mux.h before: these also say what pass_send() does with each send whose outcome is known
 * at last.
 */
#ifndef ENTRIES_CALLS_H
#define ENTRIES_CALLS_H

#include "entries_tables.h"

/* count_unraised - a send whose bit was clear and enabled when it began, and that did not raise */
static __always_inline void count_unraised(__u64 cpu, __u64 target, __u64 vipi, bool changed,
					   bool silent)
{
	own(cpu)->settled++;
	if (silent) {
		doubt(target, vipi, IPIMUX_UNCERTAIN);
		count_raised(target, vipi, false);
		return;
	}
	doubt(target, vipi, IPIMUX_MISPREDICTED);
	if (changed)
		doubt(target, vipi, IPIMUX_UNCERTAIN);
	count_send(target, vipi, IPIMUX_COALESCED);
}

/*
 * masked_outcome - of a send to a disabled vIPI whose bit was clear when it began
 *
 * Until it is enabled nobody clears the bit: of several that found it clear at the same time one
 * set it. Which one does not show, so the first to begin is taken for it.
 */
static __always_inline __u32 masked_outcome(__u64 target, __u64 vipi)
{
	__u64 claim = ENTRIES_CLAIMED;

	asm volatile("%0 = xchg_64(%1 + 0, %0)"
		     : "+r"(claim) : "r"(claim_of(target, vipi)) : "memory");
	if (claim != ENTRIES_CLAIMED)
		return IPIMUX_MASKED;
	doubt(target, vipi, IPIMUX_UNCERTAIN);
	return IPIMUX_COALESCED_WHILE_MASKED;
}

/*
 * is_changing - does the enabled word of @target not show the last mask or unmask of @vipi yet?
 *
 * Only where these are seen when they begin, by kprobe: then that one is under way.
 */
static __always_inline bool is_changing(__u64 target, __u64 vipi, __u32 state)
{
	const struct entries_cpu *to = own(target);

	return (state & IPIMUX_MASKED ? to->opening : to->closing) >> vipi & 1;
}

/* note_target - counts a send of a call, except where its raise is to tell */
__noinline int note_target(__u64 cpu, __u64 level, __u64 target)
{
	struct entries_call *call = call_at(cpu, level);
	__u32 changes = changes_of(target);
	__u32 outcome = read_state(target, call->vipi);

	call->nr_targets++;
	call->nr_candidates += !(outcome & IPIMUX_MASKED);
	/* As if it began before: then it is over with a change. */
	if (unlikely(is_changing(target, call->vipi, outcome))) {
		changes -= 1 << ENTRIES_CHANGES_SHIFT;
		if (outcome != IPIMUX_RAISED) {
			doubt(target, call->vipi, IPIMUX_UNCERTAIN);
			changes |= ENTRIES_UNCERTAIN;
		}
	}
	if (outcome == IPIMUX_RAISED) {
		call->left++;
		*target_at(cpu, level, target) = changes;
		return 0;
	}
	if (outcome == IPIMUX_MASKED) {
		outcome = masked_outcome(target, call->vipi);
		if (outcome != IPIMUX_MASKED)
			changes |= ENTRIES_UNCERTAIN;
	}
	if (outcome == IPIMUX_MASKED)
		number_if_timed(target, call->vipi, false);
	*target_at(cpu, level, target) = changes | ENTRIES_COUNTED | outcome;
	count_send(target, call->vipi, outcome);
	return 0;
}

/* settle_target - the call is over: what came of the send to one of its targets */
__noinline int settle_target(__u64 cpu, __u64 level, __u64 target, __u64 silent)
{
	const struct entries_call *call = call_at(cpu, level);
	__u32 noted = *target_at(cpu, level, target);
	bool changed = (changes_of(target) ^ noted) >> ENTRIES_CHANGES_SHIFT;

	/* For some of the candidates but not all: for which, was guessed. */
	if (settings.parent == ENTRIES_PARENT_SBI && call->raises &&
	    call->raises != call->nr_candidates && !(noted & IPIMUX_MASKED) && !changed)
		doubt(target, call->vipi, IPIMUX_UNCERTAIN);
	if (!(noted & (ENTRIES_RAISED | ENTRIES_COUNTED)))
		count_unraised(cpu, target, call->vipi, changed, silent);
	pass_send(cpu, call, target, noted, changed);
	return 0;
}

/* settle_call - the one that was noted there: it is over */
__noinline int settle_call(__u64 cpu, __u64 level, __u64 silent)
{
	*(volatile __u32 *)&call_at(cpu, level)->settling = 1;
	for (__u32 i = 0; i < settings.nr_words; i++) {
		__u64 word = *mask_word(cpu, level, i);

		for (__u32 n = 0; n < settings.word_cpus && word; n++, word &= word - 1)
			settle_target(cpu, level, i * 64 + lowest_bit(word), silent);
	}
	*(volatile __u64 *)&call_at(cpu, level)->at = 0;
	*(volatile __u32 *)&call_at(cpu, level)->settling = 0;
	return 0;
}

/*
 * note_call - with the targets that the mask at @address has, or with @target only; the last call
 * at its level is settled before
 */
static __always_inline void note_call(__u64 cpu, __u64 at, __u64 vipi, __u64 address, __u64 target,
				      __u64 level)
{
	struct entries_call *call = call_at(cpu, level);

	call->number++;
	call->vipi = vipi;
	call->nr_targets = call->nr_candidates = call->raises = call->left = 0;
	for (__u32 i = 0; i < settings.nr_words; i++) {
		__u64 word = 0;

		if (target == ENTRIES_NO_TARGET && i < settings.mask_words)
			bpf_probe_read_kernel(&word, sizeof(word), (void *)address + i * 8);
		else if (target != ENTRIES_NO_TARGET && target >> 6 == i)
			word = 1ULL << (target & 63);
		*mask_word(cpu, level, i) = word;
		for (__u32 n = 0; n < settings.word_cpus && word; n++, word &= word - 1)
			note_target(cpu, level, i * 64 + lowest_bit(word));
	}
	/* Last: from here on a raise may find it. */
	*(volatile __u64 *)&call->at = at;
}

/* --- raises --- */

/* rank - of a target, when it has to be guessed whose a raise is: the lowest, 0: no */
static __always_inline __u32 rank(__u32 noted)
{
	if (noted & ENTRIES_RAISED)
		return 0;
	if (!(noted & ENTRIES_COUNTED))
		return 1;
	return noted & IPIMUX_MASKED ? 3 : 2;
}

/* better_target - @target, if it is a better guess than the one so far, or that */
__noinline __u64 better_target(__u64 cpu, __u64 level, __u64 target, __u64 so_far)
{
	__u32 this = rank(*target_at(cpu, level, target));
	__u32 best = so_far == ENTRIES_NO_TARGET ? 4 : rank(*target_at(cpu, level, so_far));

	/* They raise in the order of their numbers. */
	return this && this < best ? target : so_far;
}

static __always_inline __u64 guess_target(__u64 cpu, __u64 level)
{
	__u64 target = ENTRIES_NO_TARGET;

	for (__u32 i = 0; i < settings.nr_words; i++) {
		__u64 word = *mask_word(cpu, level, i);

		for (__u32 n = 0; n < settings.word_cpus && word; n++, word &= word - 1)
			target = better_target(cpu, level, i * 64 + lowest_bit(word), target);
	}
	return target;
}

/* count_call - a raise of a call; @target: ENTRIES_NO_TARGET if the raise does not say whose */
__noinline int count_call(__u64 cpu, __u64 level, __u64 target)
{
	struct entries_call *call = call_at(cpu, level);
	bool certain = target != ENTRIES_NO_TARGET || call->nr_targets == 1;
	__u32 *noted;

	call->raises++;
	if (target == ENTRIES_NO_TARGET)
		target = guess_target(cpu, level);
	if (target == ENTRIES_NO_TARGET)
		return 0;
	noted = target_at(cpu, level, target);
	if (*noted & ENTRIES_RAISED)
		return 0;
	if (*noted & ENTRIES_COUNTED)
		count_otherwise(target, call->vipi, *noted & ENTRIES_OUTCOME);
	else
		call->left--;
	/* One that was counted as masked has its number. */
	if ((*noted & (ENTRIES_COUNTED | ENTRIES_OUTCOME)) == (ENTRIES_COUNTED | IPIMUX_MASKED))
		count_send(target, call->vipi, IPIMUX_RAISED);
	else
		count_raised(target, call->vipi, certain);
	*noted |= ENTRIES_RAISED;
	return 0;
}

#endif /* ENTRIES_CALLS_H */
