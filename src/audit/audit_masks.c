// SPDX-License-Identifier: GPL-2.0-only
/* Do masks and unmasks take turns, and does each kick lead to a process? */
#include "audit/audit_own.h"

/*
 * check_kicks - did each kick lead to a process, before the next?
 *
 * A kick finds its bit pending, so between two of them it must have been handled; the
 * last may still be on its way. Interrupts are on between two unmasks of a vIPI:
 * CPUs unmask when they come up.
 */
static int check_kicks(struct books *books, const struct cell *cell)
{
	const struct margin *margin = cell->judged;
	const struct counters *counters = books->counters;
	__u64 masked = margin->received.outcome[IPIMUX_MASKED], found = 0;
	/* One that waits for its unmask, or may. */
	bool waits = !cell->last_known || (cell->is_pending && !cell->is_enabled);
	__u64 left = cell->uncertain, without, guessed, missed;
	int err = 0;

	/*
	 * What is set while it is masked stays pending until the unmask, which finds it: while it
	 * is masked nothing handles it, and no other send sets it. So does what is pending when it
	 * is masked. A send at that moment may be both, so they are not added up.
	 */
	if (counters->masked)
		found = counters->masked[ipimux_masked_index(&counters->shape, cell->cpu,
							     cell->vipi, IPIMUX_MASK_PENDING)];
	masked = found > masked ? found : masked;
	/* One that was pending and masked at the start has its kick in the run, or waits, too. */
	masked += cell->was_pending && !cell__has_bit(books->facts->first->words.enabled, cell);
	without = masked > margin->kicks + waits ? masked - margin->kicks - waits : 0;
	if (books->edges_known && !cell__is_busy(cell)) {
		/* As many of them need not have been masked. */
		guessed = books__excuse(&left, without);
		without -= guessed;
		missed = books__excuse(&books->missed_kicks, without);
		without -= missed;
		err = books__add_excused(books, cell->cpu, AUDIT_UNCOMPARED_RAISES, guessed,
					 AUDIT_NO_REASON);
		if (!err)
			err = books__add_excused(books, cell->cpu, AUDIT_UNCOMPARED_RAISES, missed,
						 AUDIT_BECAUSE_MISSED);
		if (without) {
			books__again(books, LOOK_AGAIN);
			return err ? err : books__add(books, cell, AUDIT_NOT_KICKED, without,
						      AUDIT_BY_COUNTS);
		}
	}
	/* Counts that are of different instants differ. */
	if (err || cell__is_busy(cell) || margin->kicks <= margin->handled + 1)
		return err;
	return books__add(books, cell, AUDIT_KICKS_LOST, margin->kicks - margin->handled,
			  AUDIT_BY_COUNTS);
}

/* check_turns - do masks and unmasks take turns, and is nothing handled in between? */
static int check_turns(struct books *books, const struct cell *cell)
{
	const struct audit_facts *facts = books->facts;
	const struct counters *counters = books->counters;
	const __u64 *masks;
	__s64 change;
	__u64 handled;
	int err = 0;

	if (!counters->masked)
		return 0;
	masks = counters->masked + ipimux_masked_index(&counters->shape, cell->cpu, cell->vipi, 0);
	handled = masks[IPIMUX_MASK_HANDLED] + masks[IPIMUX_MASK_WRONG];
	change = counters__turns(counters, cell->cpu, cell->vipi);
	if (handled)
		err = books__add(books, cell, AUDIT_MASK_IGNORED, handled, AUDIT_BY_COUNTS);
	/* Counts that are of different instants differ. */
	if (cell__is_busy(cell))
		return err;
	if (cell->first_known && cell->last_known) {
		/* The enabled word itself tells how far it changed. */
		change -= (__s64)cell->is_enabled -
			  cell__has_bit(facts->first->words.enabled, cell);
		/* A word that has changed is counted a moment later, as that of pending bits. */
		if (change)
			books__again(books, LOOK_AGAIN);
		if (change < 0 && !handled && !err && cell->is_enabled)
			return books__add(books, cell, AUDIT_MASK_IGNORED, -change, AUDIT_BY_WORDS);
	} else if (change == 1 || change == -1) {
		change = 0;
	}
	if (!err && change)
		err = books__add(books, cell, AUDIT_NO_TURNS, change < 0 ? -change : change,
				 AUDIT_BY_COUNTS);
	return err;
}

int audit_masks__check(struct books *books, const struct cell *cell)
{
	int err = check_kicks(books, cell);

	return err ? err : check_turns(books, cell);
}
