/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For entries.bpf.c, the long way: how sends are noted where the short way does not do, what comes
 * of those that are over, and whose a raise is, that of a send or of a call. Knows no program.
 */
#ifndef ENTRIES_NOTES_H
#define ENTRIES_NOTES_H

#include "entries_mux.h"
#include "entries_calls.h"

/* --- sends --- */

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

/* note_rare - a call with targets as those of note_call() */
static __always_inline void note_rare(__u64 cpu, __u64 at, __u64 vipi, __u64 mask, __u64 target,
				      __u64 level)
{
	if (call_at(cpu, level)->at)
		settle_call(cpu, level, own(cpu)->silent);
	forget(cpu, at);
	note_call(cpu, at, vipi, mask + all_cpus()->self, target, level);
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
