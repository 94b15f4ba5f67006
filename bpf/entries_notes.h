/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For entries.bpf.c, the long way: how sends and calls are noted where the short way does not do,
 * what comes of those that are over, and whose a raise is. Knows no program.
 */
#ifndef ENTRIES_NOTES_H
#define ENTRIES_NOTES_H

#include "entries_mux.h"

/* --- sends --- */

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

static __always_inline struct entries_send *send_at(__u64 cpu, __u64 at)
{
	return (void *)own(cpu)->sends + (at & ENTRIES_SENDS_MASK);
}

/* settle_send - one that is over, and was noted, and did not raise */
__noinline int settle_send(__u64 cpu, __u64 place, __u64 silent)
{
	struct entries_send *send = send_at(cpu, place);
	__u64 target = target_in(send->cell);
	bool changed = (own(target)->changes ^ send->cell) >> 32;

	send->at = 0;
	count_unraised(cpu, target, vipi_in(send->cell), changed, silent);
	return 0;
}

/*
 * find_place - for a send; 0: there is none
 *
 * What is noted there is over if it was at the same place of the stack, or if this is a task, which
 * interrupts nobody. Else it may be under way.
 */
__noinline __u64 find_place(__u64 cpu, __u64 at, __u64 level)
{
	for (__u64 i = 0; i < ENTRIES_PLACES; i++) {
		__u64 place = at + (i << ENTRIES_SEND_SHIFT);
		__u64 there = send_at(cpu, place)->at;

		if ((there & ENTRIES_FORETOLD) && (there == at + ENTRIES_FORETOLD || !level))
			settle_send(cpu, place, own(cpu)->silent);
		else if (there & ENTRIES_FORETOLD)
			continue;
		return place;
	}
	return 0;
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

/* note_target - counts a send of a call, except where its raise is to tell */
__noinline int note_target(__u64 cpu, __u64 level, __u64 target)
{
	struct entries_call *call = call_at(cpu, level);
	__u32 changes = changes_of(target);
	__u32 outcome = read_state(target, call->vipi);

	call->nr_targets++;
	call->nr_candidates += !(outcome & IPIMUX_MASKED);
	if (outcome == IPIMUX_RAISED) {
		*target_at(cpu, level, target) = changes;
		return 0;
	}
	if (outcome == IPIMUX_MASKED)
		outcome = masked_outcome(target, call->vipi);
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
	return 0;
}

/* settle_call - the one that was noted last at this level: it is over */
__noinline int settle_call(__u64 cpu, __u64 level, __u64 silent)
{
	for (__u32 i = 0; i < settings.nr_words; i++) {
		__u64 word = *mask_word(cpu, level, i);

		for (__u32 n = 0; n < settings.word_cpus && word; n++, word &= word - 1)
			settle_target(cpu, level, i * 64 + lowest_bit(word), silent);
	}
	call_at(cpu, level)->at = 0;
	return 0;
}

/* forget - what is noted under a place of the stack: a call takes it now */
static __always_inline void forget(__u64 cpu, __u64 at)
{
	for (__u64 i = 0; i < ENTRIES_PLACES; i++) {
		__u64 place = at + (i << ENTRIES_SEND_SHIFT);
		struct entries_send *send = send_at(cpu, place);

		if (send->at == at + ENTRIES_FORETOLD)
			settle_send(cpu, place, own(cpu)->silent);
		else if (send->at == at)
			send->at = 0;
	}
}

/* note_call - with the targets that @mask (a difference) has, or with @target only */
static __always_inline void note_call(__u64 cpu, __u64 at, __u64 vipi, __u64 mask, __u64 target,
				      __u64 level)
{
	struct entries_call *call = call_at(cpu, level);
	__u64 address = mask + all_cpus()->self;

	if (call->at)
		settle_call(cpu, level, own(cpu)->silent);
	forget(cpu, at);
	call->number++;
	call->vipi = vipi;
	call->nr_targets = call->nr_candidates = call->raises = 0;
	for (__u32 i = 0; i < settings.nr_words; i++) {
		__u64 word = 0;

		if (target == ENTRIES_NO_TARGET)
			bpf_probe_read_kernel(&word, sizeof(word), (void *)address + i * 8);
		else if (target >> 6 == i)
			word = 1ULL << (target & 63);
		*mask_word(cpu, level, i) = word;
		for (__u32 n = 0; n < settings.word_cpus && word; n++, word &= word - 1)
			note_target(cpu, level, i * 64 + lowest_bit(word));
	}
	/* Last: from here on a raise may find it. */
	*(volatile __u64 *)&call->at = at;
}

/* note_long - as note_short(), except that another place will do */
static __always_inline void note_long(__u64 cpu, __u64 at, __u64 vipi, __u64 target, __u32 state,
				      __u64 level)
{
	struct ipimux_shape any = loaded_shape();
	__u64 cell = ipimux_traffic_index(&any, cpu, target, vipi, 0) >> IPIMUX_OUTCOME_SHIFT;
	__u64 place = find_place(cpu, at, level);
	struct entries_send *send = send_at(cpu, place);

	if (state == IPIMUX_COALESCED)
		count_send(target, vipi, IPIMUX_COALESCED);
	else if (!place)
		notes(cpu)->unattributed++;
	if (!place)
		return;
	*(volatile __u64 *)&send->at = state == IPIMUX_COALESCED ? at : at + ENTRIES_FORETOLD;
	*(volatile __u64 *)&send->cell = cell | own(target)->changes;
}

/* settle_all - of a CPU that goes, or comes: then the raises of what it sent were not seen */
__noinline int settle_all(__u64 cpu, __u64 silent)
{
	for (__u64 i = 0; i < ENTRIES_SENDS; i++)
		if (own(cpu)->sends[i].at & ENTRIES_FORETOLD)
			settle_send(cpu, i << ENTRIES_SEND_SHIFT, silent);
	for (__u64 level = 0; level < ENTRIES_LEVELS; level++)
		if (call_at(cpu, level)->at)
			settle_call(cpu, level, silent);
	return 0;
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
	*noted |= ENTRIES_RAISED;
	count_raised(target, call->vipi, certain);
	return 0;
}

/* count_noted_long - as count_noted(), also a send that found its place taken, or was coalesced */
static __always_inline bool count_noted_long(__u64 cpu, __u64 at)
{
	for (__u64 i = 0; i < ENTRIES_PLACES; i++) {
		struct entries_send *send = send_at(cpu, at + (i << ENTRIES_SEND_SHIFT));
		__u64 target = target_in(send->cell), vipi = vipi_in(send->cell);

		if ((send->at | ENTRIES_FORETOLD) != (at | ENTRIES_FORETOLD))
			continue;
		if (!(send->at & ENTRIES_FORETOLD))
			count_otherwise(target, vipi, IPIMUX_COALESCED);
		send->at = 0;
		count_raised(target, vipi, true);
		return true;
	}
	return false;
}

/* set_distance - it is known now: the short ways may be gone */
__noinline int set_distance(__u64 distance)
{
	struct entries_cpu *all = all_cpus();

	for (__u64 cpu = 0; cpu <= settings.cpus_mask; cpu++) {
		struct entries_cpu *one = own(cpu);

		one->kept_distance = distance + ENTRIES_FORETOLD;
		if (!one->unmasking)
			one->distance = one->kept_distance;
	}
	all->learning = 0;
	all->short_masks = all->masks;
	all->short_rows = all->rows;
	return 0;
}

/*
 * learn - how far a raise is from its send, which is mostly the one that began last: so no send may
 * go the short way, which does not say so
 */
static __always_inline __u64 learn(__u64 cpu, __u64 my)
{
	struct entries_cpu *all = all_cpus();
	__u64 at = own(cpu)->last, distance = at - my;

	if (!all->learning) {
		all->learning = 1;
		all->votes = 0;
		all->short_masks = all->short_rows = 0;
		return 0;
	}
	if (!at || distance >= ENTRIES_MAX_DISTANCE)
		return 0;
	all->votes = distance == all->candidate ? all->votes + 1 : 1;
	all->candidate = distance;
	if (all->votes >= ENTRIES_VOTES)
		set_distance(distance);
	return at;
}

/* find_sender - whose raise is it? @target: as that of count_call() */
__noinline int find_sender(__u64 cpu, __u64 my, __u64 target)
{
	__u64 at = my + own(cpu)->distance - ENTRIES_FORETOLD;

	if (is_skipped(own(cpu)))
		return 0;
	if (all_cpus()->learning)
		at = learn(cpu, my);
	if (at && count_noted_long(cpu, at))
		return 0;
	for (__u64 level = 0; level < ENTRIES_LEVELS; level++) {
		if (!at || call_at(cpu, level)->at != at)
			continue;
		count_call(cpu, level, target);
		return 0;
	}
	notes(cpu)->unattributed++;
	/* Somebody traces what is called in between, or does no longer. */
	if (!all_cpus()->learning)
		learn(cpu, my);
	return 0;
}

#endif /* ENTRIES_NOTES_H */
