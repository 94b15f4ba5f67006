// SPDX-License-Identifier: GPL-2.0-only
/* Is what was set handled, or pending? The balance of a CPU and vIPI, and what waits too long. */
#include "audit/audit_own.h"
#include "audit/stuck.h"

static __s64 balance_of(const struct margin *margin)
{
	return margin->received.outcome[IPIMUX_RAISED] + margin->received.outcome[IPIMUX_MASKED] -
	       margin->handled;
}

/*
 * was_raised - was the parent IPI raised for a bit that is pending at the end?
 *
 * One that waits for its unmask is fine; so is one of a CPU that went offline.
 */
static bool was_raised(const struct cell *cell)
{
	return cell->online && cell->is_enabled &&
	       (cell->last_known ||
		stuck__was_raised(cell->judged->received.outcome[IPIMUX_MASKED],
				  cell->judged->kicks));
}

/* check_pending - what a bit means that is pending at the end */
static int check_pending(struct books *books, const struct cell *cell)
{
	const struct audit_facts *facts = books->facts;
	enum audit_proof proof = cell->last_known ? AUDIT_BY_WORDS : AUDIT_BY_REST;

	if (!was_raised(cell) ||
	    (facts->unhandled && !(facts->unhandled[cell->cpu] >> cell->vipi & 1)))
		return books__add(books, cell, AUDIT_STILL_PENDING, 1, proof);
	if (facts->unhandled && facts->waited >= STUCK_PATIENCE)
		return books__add(books, cell, cpuset__has(&facts->without_time, cell->cpu) ?
				  AUDIT_NO_PROGRESS : AUDIT_STUCK, 1, AUDIT_BY_TIME);
	if (facts->final || facts->hurried)
		return books__add(books, cell, AUDIT_NOT_WAITED, 1, proof);
	books->audit->undecided = true;
	return books__add(books, cell, AUDIT_STILL_PENDING, 1, proof);
}

static int add_undecided(struct books *books, const struct cell *cell, __u64 at_most)
{
	books->audit->not_decided++;
	return books__add(books, cell, AUDIT_NOT_DECIDED, at_most, AUDIT_NO_PROOF);
}

/* check_pending_too - the same where the balance has another explanation, or none */
static int check_pending_too(struct books *books, const struct cell *cell)
{
	return cell->is_pending ? check_pending(books, cell) : 0;
}

/*
 * close_cell - what is pending at the end of the run, so that what is shown of it adds up
 *
 * @carried: that the bit was pending at the start follows from the counts. @lost: as many bits
 * were set and not handled, or, if less than none, handled and not set. What is judged may be
 * up to later than the end.
 */
static void close_cell(struct books *books, const struct cell *cell, bool carried, __s64 lost)
{
	__s64 pending = balance_of(cell->shown) + cell->was_pending + carried - lost;

	if (pending == 0 || pending == 1)
		books->audit->still_pending += pending;
	else
		books->audit->under_way += pending;
}

/* carry_in - the bit was pending at the start, and it was handled since */
static int carry_in(struct books *books, const struct cell *cell, enum audit_proof proof)
{
	books->audit->carried_in++;
	return books__add(books, cell, AUDIT_CARRIED_IN, 1, proof);
}

static int add_unseen(struct books *books, const struct cell *cell, __u64 number,
		      enum audit_reason reason)
{
	int err = number ? books__add(books, cell, AUDIT_NOT_SEEN, number, AUDIT_BY_BOUND) : 0;

	if (!err && number)
		books->audit->entries[books->audit->nr_entries - 1].reason = reason;
	books->audit->unseen += number;
	books->unseen_here += number;
	return err;
}

/*
 * check_unseen - what was handled and not seen sent: is there an excuse for all of it?
 *
 * A CPU that goes offline sends a last CALL_FUNC, to the first one online, a wake-up to any, and
 * IRQ_WORK to itself, from where no tracepoint may be called.
 */
static int check_unseen(struct books *books, const struct cell *cell, __u64 number,
			enum audit_proof proof)
{
	bool is_call = books->call_func < 0 || (int)cell->vipi == books->call_func;
	bool wakes = is_call || books->reschedule < 0 || (int)cell->vipi == books->reschedule;
	__u64 offline = 0, silent = 0, missed, left = number;
	bool carried;
	int err;

	if (books->irq_work < 0 || (int)cell->vipi == books->irq_work)
		offline = books__excuse(&books->own_works, left);
	if (is_call && cell->cpu <= books->first_online)
		offline += books__excuse(&books->last_calls, left - offline);
	if (wakes)
		offline += books__excuse(&books->last_wakes, left - offline);
	left -= offline;
	if (books->audit->silent)
		silent = books__excuse(&books->silent_sends, left);
	left -= silent;
	/* Where nobody could read the bit at the start, one may have been carried in. */
	carried = left && !cell->first_known && cell->first != EDGE_BUSY;
	/* What was excused elsewhere may have been carried in there: then that excuse is left. */
	if (left - carried > books->missed && (is_call || wakes)) {
		__u64 more = books__excuse(&books->regained, left - carried - books->missed);

		offline += more;
		left -= more;
	}
	if (left - carried > books->missed) {
		books__again(books, LOOK_AGAIN);
		close_cell(books, cell, false, -(__s64)number);
		return books__add(books, cell, AUDIT_NEVER_SENT, number, proof);
	}
	books__excuse(&books->missed, left - carried);
	/* Or it was missed: which of the two is not known either. */
	if (books->audit->missed)
		carried = false;
	missed = left - carried;
	books->regained += (offline || silent) && !carried && !cell->first_known &&
			   cell->first != EDGE_BUSY;
	close_cell(books, cell, carried, -(__s64)(number - carried));
	err = carried ? carry_in(books, cell, proof) : 0;
	if (!err)
		err = add_unseen(books, cell, offline, AUDIT_BECAUSE_OFFLINE);
	if (!err)
		err = add_unseen(books, cell, silent, AUDIT_BECAUSE_SILENT);
	if (!err)
		err = add_unseen(books, cell, missed, AUDIT_BECAUSE_MISSED);
	return err ? err : check_pending_too(books, cell);
}

/*
 * check_balance - are as many bits handled as were set?
 *
 * What is known of the bit at the edges is taken out of the balance. What is left is then
 * zero; or one, if the bit is pending at the end and nobody could read that; or minus one, if
 * it was at the start and nobody could. Too few handled is never excused: processes are not
 * missed, because nothing interrupts them. Too few sends are, as far as they can have gone
 * unseen.
 */
static int check_balance(struct books *books, const struct cell *cell)
{
	__s64 left = balance_of(cell->judged) + cell->was_pending - cell->is_pending;
	enum audit_proof proof = cell->first_known && cell->last_known ? AUDIT_BY_WORDS :
								      AUDIT_BY_REST;
	bool shown_pending = !cell->last_known && cell__has_bit(books->facts->pending, cell);
	bool starves = cpuset__has(&books->facts->without_time, cell->cpu), handled_since;
	int err;

	/* Coalesced sends have shown that the bit is pending: so it was, when they came. */
	if (shown_pending && !left && !cell->first_known) {
		books->audit->carried_in++;
		close_cell(books, cell, true, 0);
		return check_pending(books, cell);
	}
	if (!left) {
		close_cell(books, cell, false, 0);
		books->audit->carried_in += cell->was_pending && !cell->judged->handled;
		err = cell->was_pending && cell->judged->handled ? carry_in(books, cell, proof) : 0;
		return err || !cell->is_pending ? err : check_pending(books, cell);
	}
	/* Of one more or less nobody can tell whether it is real. */
	if (cell->uncertain && left <= (__s64)cell->uncertain &&
	    -left <= (__s64)cell->uncertain) {
		books->audit->guessed += left;
		close_cell(books, cell, false, left);
		err = books__add(books, cell, AUDIT_GUESSED, left < 0 ? -left : left,
				 AUDIT_BY_BOUND);
		return err ? err : check_pending_too(books, cell);
	}
	if (left == 1 && !cell->last_known) {
		close_cell(books, cell, false, 0);
		handled_since = books->facts->unhandled && was_raised(cell) &&
				!cell__has_bit(books->facts->unhandled, cell);
		/* Handled since, and yet not: it was set once and not taken. */
		if (cell->last == EDGE_QUIET && handled_since && !starves &&
		    !books__again(books, LOOK_AGAIN))
			return books__add(books, cell, AUDIT_LOST, 1, AUDIT_BY_REST);
		/* Or it is set again, most of the time or on a CPU without time: nobody knows. */
		if ((cell->last == EDGE_TYPICAL || starves) && handled_since &&
		    !books__again(books, LOOK_AGAIN))
			return add_undecided(books, cell, 1);
		return check_pending(books, cell);
	}
	if (left > 0) {
		books__again(books, LOOK_AGAIN);
		close_cell(books, cell, false, left);
		return books__add(books, cell, AUDIT_LOST, left, proof);
	}
	return check_unseen(books, cell, -left, proof);
}

/*
 * check_busy - the same where no instant was found at which nothing was half counted
 *
 * At each edge the bit, a process and one send of each CPU may be under way: what is beyond
 * that is proved all the same.
 */
static int check_busy(struct books *books, const struct cell *cell)
{
	__s64 balance = balance_of(cell->judged);
	/* Of a send and a process the one half may be outside of the run, or the other. */
	__s64 bound = cpuset__count(books->online) + 2 + cell->uncertain + books__torn(books, cell);
	int err;

	if (cell->last == EDGE_BUSY)
		books__again(books, LOOK_FOR_REST);
	if (balance > bound)
		close_cell(books, cell, false, balance - bound);
	if (balance > bound)
		return books__add(books, cell, AUDIT_LOST, balance - bound, AUDIT_BY_BOUND);
	if (balance < -bound)
		return check_unseen(books, cell, -balance - bound, AUDIT_BY_BOUND);
	close_cell(books, cell, false, 0);
	/* What deviates the one way may be made up for by what is under way the other way. */
	err = add_undecided(books, cell, bound + (balance < 0 ? -balance : balance));
	return err ? err : check_pending_too(books, cell);
}

int audit_balance__check(struct books *books, const struct cell *cell)
{
	return cell__is_busy(cell) ? check_busy(books, cell) : check_balance(books, cell);
}

/* was_told - is the last entry one that says @finding of @cell? */
static bool was_told(const struct books *books, const struct cell *cell, enum audit_finding finding)
{
	const struct audit *audit = books->audit;
	const struct audit_entry *last = audit->nr_entries ?
					 &audit->entries[audit->nr_entries - 1] : NULL;

	return last && last->cpu == cell->cpu && last->vipi == cell->vipi &&
	       last->finding == finding;
}

/*
 * audit_balance__check_stuck - was it handled in time, whatever came of it in the end?
 *
 * The balance may have told already. A CPU that gets no time at the end takes nothing back of what
 * was stuck before.
 */
int audit_balance__check_stuck(struct books *books, const struct cell *cell)
{
	if (was_told(books, cell, AUDIT_STUCK))
		return 0;
	if (cell__has_bit(books->facts->stuck, cell))
		return books__add(books, cell, AUDIT_STUCK, 1, AUDIT_BY_TIME);
	if (cell__has_bit(books->facts->starved, cell) && !was_told(books, cell, AUDIT_NO_PROGRESS))
		return books__add(books, cell, AUDIT_NO_PROGRESS, 1, AUDIT_BY_TIME);
	if (cell__has_bit(books->facts->unwatched, cell))
		return books__add(books, cell, AUDIT_NOT_WATCHED, 1, AUDIT_BY_TIME);
	return 0;
}
