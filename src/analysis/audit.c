// SPDX-License-Identifier: GPL-2.0-only
/* Does what was set come out as handled or pending? See audit.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/audit.h"
#include "analysis/stuck.h"
#include "counters/margins.h"

/* A deviation that is no more than one event under way is looked at again so often. */
#define LOOK_AGAIN	3
/* And where nothing is found at rest, before that is said of it. */
#define LOOK_FOR_REST	4

/* The state of an audit that is being made. */
struct books {
	struct audit *audit;
	const struct snapshot *difference;
	const struct audit_facts *facts;
	const struct margins *shown;	/* of the difference */
	const struct margins *judged;	/* the same, or up to facts->last */
	const struct counters *counters; /* that these are of */
	struct margins own[2];		/* those of them that nobody else has computed */
	unsigned int nr_cpus, nr_vipis;
	int call_func, irq_work;	/* -1: not known */
	unsigned int first_online;	/* it and those below can have been the first online */
	const struct cpuset *online;	/* when they were closed */
	unsigned int *offlinings;	/* [cpu] */
	bool edges_known;		/* the first snapshot says what was under way */

	/* What is left of the excuses; what was missed, of each law that it can break. */
	__u64 missed;			/* sends: the balance */
	__u64 missed_raises;		/* sends and parent IPIs: the one against the other */
	__u64 missed_processes;		/* sends: raises against processes */
	__u64 missed_kicks;		/* unmasks: masked sends against kicks */
	__u64 missed_handled;		/* processes: handlers against the kernel's own counts */
	__u64 missed_late;		/* of any kind: each can make one thing look late */
	__u64 last_calls;		/* CALL_FUNCs of CPUs that went offline */
	__u64 silent_sends;

	__u64 unseen_here;		/* of the CPU that is looked at: sends that were excused */
};

static int add_entry(struct books *books, struct audit_entry entry)
{
	static const enum audit_verdict verdicts[AUDIT_NR_FINDINGS] = {
		[AUDIT_STILL_PENDING]	= AUDIT_BALANCED,
		[AUDIT_CARRIED_IN]	= AUDIT_BALANCED,
		[AUDIT_NOT_SEEN]	= AUDIT_EXCEPT,
		[AUDIT_GUESSED]		= AUDIT_EXCEPT,
		[AUDIT_NOT_DECIDED]	= AUDIT_EXCEPT,
		[AUDIT_NOT_COMPARED]	= AUDIT_EXCEPT,
		[AUDIT_NO_PROGRESS]	= AUDIT_EXCEPT,
		[AUDIT_WOKEN]		= AUDIT_EXCEPT,
		[AUDIT_UNCOMPARED_RAISES] = AUDIT_EXCEPT,
		[AUDIT_LOST]		= AUDIT_OFF,
		[AUDIT_NEVER_SENT]	= AUDIT_OFF,
		[AUDIT_STUCK]		= AUDIT_OFF,
		[AUDIT_KICKS_LOST]	= AUDIT_OFF,
		[AUDIT_NOT_KICKED]	= AUDIT_OFF,
		[AUDIT_NOT_RUN]		= AUDIT_OFF,
		[AUDIT_RUN_AGAIN]	= AUDIT_OFF,
		[AUDIT_NOT_RAISED]	= AUDIT_OFF,
		[AUDIT_RAISED_AGAIN]	= AUDIT_OFF,
		[AUDIT_LATE_RAISES]	= AUDIT_OFF,
		[AUDIT_STALE_ENABLED]	= AUDIT_OFF,
		[AUDIT_LATE_HANDLERS]	= AUDIT_OFF,
		[AUDIT_EXTRA_PROCESSES]	= AUDIT_OFF,
		[AUDIT_MASK_IGNORED]	= AUDIT_OFF,
		[AUDIT_NO_TURNS]	= AUDIT_OFF,
	};
	struct audit *audit = books->audit;
	struct audit_entry *entries;

	entries = realloc(audit->entries, (audit->nr_entries + 1) * sizeof(*entries));
	if (!entries)
		return -ENOMEM;
	audit->entries = entries;
	entry.verdict = verdicts[entry.finding];
	entries[audit->nr_entries++] = entry;
	return 0;
}

/* A CPU and vIPI, and what there is to judge it by. */
struct cell {
	unsigned int cpu, vipi;
	size_t index;
	const struct margin *shown, *judged;
	__u64 uncertain;
	enum edge_state first, last;
	bool first_known, last_known;	/* the bit, at each edge */
	bool was_pending, is_pending;
	bool is_enabled;		/* at the last */
	bool online;
};

static int add(struct books *books, const struct cell *cell, enum audit_finding finding,
	       __u64 number, enum audit_proof proof)
{
	return add_entry(books, (struct audit_entry){
		.cpu = cell->cpu, .vipi = cell->vipi, .finding = finding, .number = number,
		.proof = proof,
	});
}

/* add_excused - what of a CPU is not compared, for a known reason */
static int add_excused(struct books *books, unsigned int cpu, enum audit_finding finding,
		       __u64 number, enum audit_reason reason)
{
	return add_entry(books, (struct audit_entry){
		.cpu = cpu, .vipi = AUDIT_NO_VIPI, .finding = finding, .number = number,
		.proof = AUDIT_BY_BOUND, .reason = reason,
	});
}

static __s64 balance_of(const struct margin *margin)
{
	return margin->received.outcome[IPIMUX_RAISED] + margin->received.outcome[IPIMUX_MASKED] -
	       margin->handled;
}

/* is_busy - is nothing known of @cell at one instant, at the one edge or the other? */
static bool is_busy(const struct cell *cell)
{
	return cell->first == EDGE_BUSY || cell->last == EDGE_BUSY;
}

static bool has_bit(const __u32 *words, const struct cell *cell)
{
	return words && words[cell->cpu] >> cell->vipi & 1;
}

/* uncertain - sends whose outcome is, of all that is judged */
static __u64 uncertain(const struct books *books, unsigned int cpu, unsigned int vipi)
{
	return counters__doubts(books->counters, cpu, vipi, IPIMUX_UNCERTAIN);
}

/* look - what is known of a cell */
static struct cell look(const struct books *books, unsigned int cpu, unsigned int vipi)
{
	const struct audit_facts *facts = books->facts;
	const struct snapshot *first = facts->first, *last = facts->last;
	size_t i = (size_t)cpu * books->nr_vipis + vipi;
	struct cell cell = {
		.cpu = cpu, .vipi = vipi, .index = i,
		.shown = &books->shown->margin[i], .judged = &books->judged->margin[i],
		.uncertain = uncertain(books, cpu, vipi),
		.online = cpuset__has(books->online, cpu),
		.is_enabled = true,
	};

	if (!first || !last)
		return cell;
	cell.first = first->edge[i];
	cell.last = last->edge[i];
	cell.first_known = first->words.known && first->words.still[cpu] >> vipi & 1;
	cell.last_known = last->words.known && last->words.still[cpu] >> vipi & 1;
	cell.was_pending = cell.first_known && has_bit(first->words.pending, &cell);
	cell.is_pending = cell.last_known && has_bit(last->words.pending, &cell);
	if (cell.last_known)
		cell.is_enabled = has_bit(last->words.enabled, &cell);
	return cell;
}

/* again - is it worth while to look at the end once more, for what one event can explain? */
static bool again(struct books *books, unsigned int times)
{
	const struct audit_facts *facts = books->facts;

	if (!facts->last || facts->told || facts->tries >= times)
		return false;
	books->audit->undecided = true;
	return true;
}

/* any_busy - is a vIPI of @cpu busy at an edge? Then the CPU's sums are of different instants. */
static bool any_busy(const struct books *books, unsigned int cpu)
{
	for (unsigned int vipi = 0; vipi < books->nr_vipis; vipi++) {
		struct cell cell = look(books, cpu, vipi);

		if (is_busy(&cell))
			return true;
	}
	return false;
}

/* --- the balance --- */

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
		return add(books, cell, AUDIT_STILL_PENDING, 1, proof);
	if (facts->unhandled && facts->waited >= STUCK_PATIENCE)
		return add(books, cell, has_bit(facts->starved, cell) ||
			   cpuset__has(&facts->without_time, cell->cpu) ? AUDIT_NO_PROGRESS :
			   AUDIT_STUCK, 1, AUDIT_BY_TIME);
	books->audit->undecided = true;
	return add(books, cell, AUDIT_STILL_PENDING, 1, proof);
}

static int add_undecided(struct books *books, const struct cell *cell)
{
	books->audit->not_decided++;
	return add(books, cell, AUDIT_NOT_DECIDED, 1, AUDIT_NO_PROOF);
}

/* check_pending_too - the same where the balance has another explanation, or none */
static int check_pending_too(struct books *books, const struct cell *cell)
{
	return cell->is_pending ? check_pending(books, cell) : 0;
}

/* take_excuse - as many of @number as @pool has; what is left in it is less by that */
static __u64 take_excuse(__u64 *pool, __u64 number)
{
	__u64 taken = number < *pool ? number : *pool;

	*pool -= taken;
	return taken;
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
	return add(books, cell, AUDIT_CARRIED_IN, 1, proof);
}

static int add_unseen(struct books *books, const struct cell *cell, __u64 number,
		      enum audit_reason reason)
{
	int err = number ? add(books, cell, AUDIT_NOT_SEEN, number, AUDIT_BY_BOUND) : 0;

	if (!err && number)
		books->audit->entries[books->audit->nr_entries - 1].reason = reason;
	books->audit->unseen += number;
	books->unseen_here += number;
	return err;
}

/*
 * check_unseen - what was handled and not seen sent: is there an excuse for all of it?
 *
 * A CPU that goes offline sends its last CALL_FUNCs, to the first one online, and IRQ_WORK to
 * itself, from where no tracepoint may be called.
 */
static int check_unseen(struct books *books, const struct cell *cell, __u64 number,
			enum audit_proof proof)
{
	__u64 own = books->offlinings[cell->cpu];
	__u64 offline = 0, silent = 0, missed, left = number;
	bool carried;
	int err;

	if (books->irq_work < 0 || (int)cell->vipi == books->irq_work)
		offline = take_excuse(&own, left);
	if ((books->call_func < 0 || (int)cell->vipi == books->call_func) &&
	    cell->cpu <= books->first_online)
		offline += take_excuse(&books->last_calls, left - offline);
	left -= offline;
	if (books->audit->silent)
		silent = take_excuse(&books->silent_sends, left);
	left -= silent;
	/* Where nobody could read the bit at the start, one may have been carried in. */
	carried = left && !cell->first_known && cell->first != EDGE_BUSY;
	if (left - carried > books->missed) {
		again(books, LOOK_AGAIN);
		close_cell(books, cell, false, -(__s64)number);
		return add(books, cell, AUDIT_NEVER_SENT, number, proof);
	}
	take_excuse(&books->missed, left - carried);
	/* Or it was missed: which of the two is not known either. */
	if (books->audit->missed)
		carried = false;
	missed = left - carried;
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
	bool shown_pending = !cell->last_known && has_bit(books->facts->pending, cell);
	bool handled_since;
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
		err = add(books, cell, AUDIT_GUESSED, left < 0 ? -left : left, AUDIT_BY_BOUND);
		return err ? err : check_pending_too(books, cell);
	}
	if (left == 1 && !cell->last_known) {
		close_cell(books, cell, false, 0);
		handled_since = books->facts->unhandled && was_raised(cell) &&
				!has_bit(books->facts->unhandled, cell);
		/* Handled since, and yet not: it was set once and not taken. */
		if (cell->last == EDGE_QUIET && handled_since && !again(books, LOOK_AGAIN))
			return add(books, cell, AUDIT_LOST, 1, AUDIT_BY_REST);
		/* Or it is set again most of the time: which of the two, traffic does not show. */
		if (cell->last == EDGE_TYPICAL && handled_since && !again(books, LOOK_AGAIN))
			return add_undecided(books, cell);
		return check_pending(books, cell);
	}
	if (left > 0) {
		again(books, LOOK_AGAIN);
		close_cell(books, cell, false, left);
		return add(books, cell, AUDIT_LOST, left, proof);
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
	__s64 bound = cpuset__count(books->online) + 2 + cell->uncertain;
	int err;

	if (cell->last == EDGE_BUSY)
		again(books, LOOK_FOR_REST);
	if (balance > bound)
		return add(books, cell, AUDIT_LOST, balance - bound, AUDIT_BY_BOUND);
	if (balance < -bound)
		return check_unseen(books, cell, -balance - bound, AUDIT_BY_BOUND);
	close_cell(books, cell, false, 0);
	err = add_undecided(books, cell);
	return err ? err : check_pending_too(books, cell);
}

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
	masked += cell->was_pending && !has_bit(books->facts->first->words.enabled, cell);
	without = masked > margin->kicks + waits ? masked - margin->kicks - waits : 0;
	if (books->edges_known && !is_busy(cell)) {
		/* As many of them need not have been masked. */
		guessed = take_excuse(&left, without);
		without -= guessed;
		missed = take_excuse(&books->missed_kicks, without);
		without -= missed;
		if (guessed)
			err = add_excused(books, cell->cpu, AUDIT_UNCOMPARED_RAISES, guessed,
					  AUDIT_NO_REASON);
		if (!err && missed)
			err = add_excused(books, cell->cpu, AUDIT_UNCOMPARED_RAISES, missed,
					  AUDIT_BECAUSE_MISSED);
		if (without) {
			again(books, LOOK_AGAIN);
			return err ? err : add(books, cell, AUDIT_NOT_KICKED, without,
					       AUDIT_BY_COUNTS);
		}
	}
	/* Counts that are of different instants differ. */
	if (err || is_busy(cell) || margin->kicks <= margin->handled + 1)
		return err;
	return add(books, cell, AUDIT_KICKS_LOST, margin->kicks - margin->handled,
		   AUDIT_BY_COUNTS);
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
 * check_stuck - was it handled in time, whatever came of it in the end?
 *
 * The balance may have told already. A CPU that gets no time at the end takes nothing back of what
 * was stuck before.
 */
static int check_stuck(struct books *books, const struct cell *cell)
{
	if (was_told(books, cell, AUDIT_STUCK))
		return 0;
	if (has_bit(books->facts->stuck, cell))
		return add(books, cell, AUDIT_STUCK, 1, AUDIT_BY_TIME);
	if (has_bit(books->facts->starved, cell) && !was_told(books, cell, AUDIT_NO_PROGRESS))
		return add(books, cell, AUDIT_NO_PROGRESS, 1, AUDIT_BY_TIME);
	return 0;
}

/* --- masks --- */

/* check_masks - do masks and unmasks take turns, and is nothing handled in between? */
static int check_masks(struct books *books, const struct cell *cell,
		       const struct counters *counters)
{
	const struct audit_facts *facts = books->facts;
	const __u64 *masks;
	__s64 change;
	__u64 handled;
	int err = 0;

	if (!counters->masked)
		return 0;
	masks = counters->masked + ipimux_masked_index(&counters->shape, cell->cpu, cell->vipi, 0);
	handled = masks[IPIMUX_MASK_HANDLED] + masks[IPIMUX_MASK_WRONG];
	change = cell->judged->unmasks - masks[IPIMUX_MASK_PLAIN] - masks[IPIMUX_MASK_PENDING];
	if (handled)
		err = add(books, cell, AUDIT_MASK_IGNORED, handled, AUDIT_BY_COUNTS);
	/* Counts that are of different instants differ. */
	if (is_busy(cell))
		return err;
	if (cell->first_known && cell->last_known) {
		/* The enabled word itself tells how far it changed. */
		change -= (__s64)cell->is_enabled - has_bit(facts->first->words.enabled, cell);
		/* A word that has changed is counted a moment later, as that of pending bits. */
		if (change)
			again(books, LOOK_AGAIN);
		if (change < 0 && !handled && !err && cell->is_enabled)
			return add(books, cell, AUDIT_MASK_IGNORED, -change, AUDIT_BY_WORDS);
	} else if (change == 1 || change == -1) {
		change = 0;
	}
	if (!err && change)
		err = add(books, cell, AUDIT_NO_TURNS, change < 0 ? -change : change,
			  AUDIT_BY_COUNTS);
	return err;
}

/* --- handlers --- */

/* check_run - @number handlers less, or more, ran than were taken */
static int check_run(struct books *books, const struct cell *cell, __s64 number)
{
	/* One may not have got as far as where it is counted; more are not on their way. */
	if (number == 1 || number == -1)
		again(books, LOOK_AGAIN);
	return add(books, cell, number > 0 ? AUDIT_NOT_RUN : AUDIT_RUN_AGAIN,
		   number < 0 ? -number : number, AUDIT_BY_COUNTS);
}

/* check_kernel - did the handler run as often as a process took the vIPI? */
static int check_kernel(struct books *books, const struct cell *cell,
			const struct snapshot *judged)
{
	size_t i = (size_t)cell->cpu * IPIMUX_MAX_VIPIS + cell->vipi;
	__u32 handled = cell->judged->handled;
	const struct kernel_counts *kernel = &judged->kernel;
	__s32 above_low = handled - kernel->low[i];
	__s32 above_high = handled - kernel->high[i];
	__u32 room = kernel->high[i] - kernel->low[i];
	/* Where each start of a handler was counted, all that is excused here was compared. */
	bool exact = judged->counters.started;
	__u64 uncompared = 0, early;

	books->audit->kernel_room += room;
	/*
	 * At the start one may have been taken and not yet counted by the kernel: behind
	 * the slow handler of another vIPI, or on a CPU that a hypervisor has stopped.
	 */
	if (above_low < 0) {
		early = cell->first != EDGE_QUIET;
		uncompared = -(__s64)above_low;
		if (uncompared > books->missed_handled + early)
			return check_run(books, cell, above_low);
		take_excuse(&books->missed_handled, uncompared - early);
	}
	if (above_high > 0) {
		if (above_high == 1)
			books->audit->undecided |= !books->facts->told &&
						   books->facts->waited < STUCK_PATIENCE;
		return check_run(books, cell, above_high);
	}
	/* What can hide in it is said. */
	if (!(room + uncompared) || !books->edges_known || exact)
		return 0;
	if (room)
		again(books, LOOK_AGAIN);
	return add(books, cell, AUDIT_NOT_COMPARED, room + uncompared, AUDIT_BY_BOUND);
}

/* check_started - did each that was taken start its handler? Both are counted in one place. */
static int check_started(struct books *books, const struct cell *cell,
			 const struct counters *counters)
{
	__s64 more;

	if (!counters->started)
		return 0;
	more = cell->judged->handled -
	       counters->started[ipimux_started_index(&counters->shape, cell->cpu, cell->vipi)];
	return more ? check_run(books, cell, more) : 0;
}

/* check_vipi - all that there is to say about one on a CPU */
static int check_vipi(struct books *books, unsigned int cpu, unsigned int vipi,
		      const struct snapshot *judged)
{
	struct cell cell = look(books, cpu, vipi);
	struct audit *audit = books->audit;
	int err;

	audit->raised += cell.shown->received.outcome[IPIMUX_RAISED];
	audit->masked += cell.shown->received.outcome[IPIMUX_MASKED];
	audit->handled += cell.shown->handled;
	if (books->facts->cut_off)
		return check_stuck(books, &cell);
	audit->uncertain += counters__doubts(&books->difference->counters, cpu, vipi,
					     IPIMUX_UNCERTAIN);
	err = is_busy(&cell) ? check_busy(books, &cell) : check_balance(books, &cell);
	if (!err)
		err = check_stuck(books, &cell);
	if (!err)
		err = check_kicks(books, &cell);
	if (!err)
		err = check_masks(books, &cell, &judged->counters);
	if (!err)
		err = check_started(books, &cell, &judged->counters);
	if (!err && audit->kernel_known)
		err = check_kernel(books, &cell, judged);
	return err;
}

/* --- the parent IPI --- */

/* at_rest - was nothing under way to a CPU at the start? */
static bool at_rest(const struct books *books, unsigned int cpu)
{
	const struct snapshot *first = books->facts->first;

	for (unsigned int vipi = 0; vipi < books->nr_vipis; vipi++)
		if (first->edge[(size_t)cpu * books->nr_vipis + vipi] != EDGE_QUIET)
			return false;
	return first->words.known &&
	       !(first->words.pending[cpu] & first->words.enabled[cpu]);
}

/*
 * was_raised_before - did something show that a parent IPI was on its way to @cpu at the start?
 *
 * A bit that was pending and enabled, by its word, or, if that is not known, by what was handled.
 */
static bool was_raised_before(const struct books *books, unsigned int cpu)
{
	const struct words *words = &books->facts->first->words;
	const struct audit *audit = books->audit;

	if (words->known)
		return words->pending[cpu] & words->enabled[cpu];
	for (unsigned int i = 0; i < audit->nr_entries; i++)
		if (audit->entries[i].cpu == cpu &&
		    audit->entries[i].finding == AUDIT_CARRIED_IN)
			return true;
	return false;
}

/* ups - how often a CPU came up: it unmasks all its vIPIs then */
static __u64 count_ups(const struct books *books, unsigned int cpu, unsigned int nr_vipis)
{
	const struct margin *margin = books->judged->margin + (size_t)cpu * books->nr_vipis;
	__u64 ups = ~0ULL;

	for (unsigned int vipi = 0; vipi < nr_vipis; vipi++)
		if (margin[vipi].unmasks < ups)
			ups = margin[vipi].unmasks;
	return ups;
}

/*
 * silent_raises - how many parent IPIs a CPU may have raised unseen, each time that it came or went
 *
 * Of one that did so just at the edges the masks or unmasks may be outside of the run.
 */
static __u64 silent_raises(const struct books *books, unsigned int cpu, unsigned int nr_vipis)
{
	const struct audit_facts *facts = books->facts;
	__u64 came = count_ups(books, cpu, nr_vipis), went = books->offlinings[cpu];

	if (!came)
		came = !cpuset__has(&facts->online_first, cpu);
	if (!went)
		went = !cpuset__has(books->online, cpu);
	return AUDIT_SILENT_SENDS * (came + went);
}

static int add_of_cpu(struct books *books, unsigned int cpu, enum audit_finding finding,
		      __u64 number, enum audit_proof proof)
{
	return add_entry(books, (struct audit_entry){
		.cpu = cpu, .vipi = AUDIT_NO_VIPI, .finding = finding, .number = number,
		.proof = proof,
	});
}

/*
 * check_processes - is there a raise for each process?
 *
 * A parent IPI leads to one process at most: two that meet in the hardware, to one together.
 * One may have been on its way at the start; and firmware may leave one to a CPU that it
 * starts.
 */
static int check_processes(struct books *books, unsigned int cpu, unsigned int nr_vipis)
{
	const struct margin *margin = books->judged->margin + (size_t)cpu * books->nr_vipis;
	/* What was sent unseen was raised unseen. */
	__u64 allowed = books->unseen_here, early = !at_rest(books, cpu);
	__u64 extra, guessed, woken, missed, raised = 0, doubts = 0;
	int err = 0;

	for (unsigned int vipi = 0; vipi < nr_vipis; vipi++) {
		raised += margin[vipi].received.outcome[IPIMUX_RAISED] + margin[vipi].kicks;
		doubts += uncertain(books, cpu, vipi);
	}
	extra = processes__calls(&books->judged->processes[cpu]);
	extra = extra > raised + allowed ? extra - raised - allowed : 0;
	early = take_excuse(&early, extra);
	extra -= early;
	guessed = take_excuse(&doubts, extra);
	extra -= guessed;
	woken = count_ups(books, cpu, nr_vipis);
	woken = extra < woken ? extra : woken;
	extra -= woken;
	missed = take_excuse(&books->missed_processes, extra);
	extra -= missed;
	if (early && !was_raised_before(books, cpu))
		err = add_excused(books, cpu, AUDIT_UNCOMPARED_RAISES, early, AUDIT_NO_REASON);
	if (!err && woken)
		err = add_of_cpu(books, cpu, AUDIT_WOKEN, woken, AUDIT_BY_BOUND);
	if (!err && guessed)
		err = add_excused(books, cpu, AUDIT_UNCOMPARED_RAISES, guessed, AUDIT_NO_REASON);
	if (!err && missed)
		err = add_excused(books, cpu, AUDIT_UNCOMPARED_RAISES, missed,
				  AUDIT_BECAUSE_MISSED);
	if (!err && extra) {
		again(books, LOOK_AGAIN);
		err = add_of_cpu(books, cpu, AUDIT_EXTRA_PROCESSES, extra, AUDIT_BY_COUNTS);
	}
	return err;
}

/* add_late - raises that look late for a known reason, unless check_raises() has said as much */
static int add_late(struct books *books, unsigned int cpu, __u64 number, enum audit_reason reason)
{
	const struct audit *audit = books->audit;

	for (unsigned int i = 0; i < audit->nr_entries; i++)
		if (audit->entries[i].cpu == cpu && audit->entries[i].number >= number &&
		    audit->entries[i].finding == AUDIT_UNCOMPARED_RAISES)
			number = 0;
	return number ? add_excused(books, cpu, AUDIT_UNCOMPARED_RAISES, number, reason) : 0;
}

/*
 * check_late - did each process go by its CPU's enabled word, was each handler started before the
 * next process, and each parent IPI raised before the next send of a task?
 *
 * A CPU that is not online may raise unseen. A raise that is unseen, or an event that was missed,
 * makes one handler or one raise look late, for each look starts anew from what is there; the
 * enabled word is compared with itself.
 */
static int check_late(struct books *books, unsigned int cpu, unsigned int nr_vipis,
		      const struct counters *counters)
{
	const __u64 *late;
	__u64 handlers, raises, silent, missed;
	int err = 0;

	if (!counters->late)
		return 0;
	late = counters->late + ipimux_late_index(&counters->shape, cpu, 0);
	if (late[IPIMUX_LATE_ENABLED])
		err = add_of_cpu(books, cpu, AUDIT_STALE_ENABLED, late[IPIMUX_LATE_ENABLED],
				 AUDIT_BY_WORDS);
	handlers = late[IPIMUX_LATE_HANDLER];
	missed = take_excuse(&books->missed_late, handlers);
	handlers -= missed;
	if (!err && missed)
		err = add_excused(books, cpu, AUDIT_NOT_COMPARED, missed, AUDIT_BECAUSE_MISSED);
	if (!err && handlers)
		err = add_of_cpu(books, cpu, AUDIT_LATE_HANDLERS, handlers, AUDIT_BY_COUNTS);
	raises = late[IPIMUX_LATE_RAISE];
	silent = silent_raises(books, cpu, nr_vipis);
	silent = raises < silent ? raises : silent;
	raises -= silent;
	if (!err)
		err = add_late(books, cpu, silent, AUDIT_BECAUSE_SILENT);
	missed = take_excuse(&books->missed_late, raises);
	raises -= missed;
	if (!err)
		err = add_late(books, cpu, missed, AUDIT_BECAUSE_MISSED);
	if (!err && raises)
		err = add_of_cpu(books, cpu, AUDIT_LATE_RAISES, raises, AUDIT_BY_COUNTS);
	return err;
}

/* check_raises - did each raised send and each kick raise the parent IPI, once? */
static int check_raises(struct books *books, unsigned int cpu, unsigned int nr_vipis,
			const struct counters *counters)
{
	const struct margin *margin = books->judged->margin + (size_t)cpu * books->nr_vipis;
	__u64 number;
	__s64 more = 0;

	if (!counters->parents)
		return 0;
	for (unsigned int vipi = 0; vipi < nr_vipis; vipi++)
		more += margin[vipi].sent.outcome[IPIMUX_RAISED] + margin[vipi].kicks;
	more -= counters->parents[ipimux_parents_index(&counters->shape, cpu)];
	if (!more)
		return 0;
	/* The kernel may show no raise on a CPU that is not online, but its send. */
	if (more > 0 && more <= (__s64)silent_raises(books, cpu, nr_vipis))
		return add_excused(books, cpu, AUDIT_UNCOMPARED_RAISES, more,
				   AUDIT_BECAUSE_SILENT);
	/* Others show those of its last sends, too, of which no event tells. */
	if (more < 0 && -more <= (__s64)(AUDIT_LAST_CALLS + 1) * books->offlinings[cpu])
		return add_excused(books, cpu, AUDIT_UNCOMPARED_RAISES, -more,
				   AUDIT_BECAUSE_OFFLINE);
	number = more < 0 ? -more : more;
	if (number <= books->missed_raises) {
		take_excuse(&books->missed_raises, number);
		return add_excused(books, cpu, AUDIT_UNCOMPARED_RAISES, number,
				   AUDIT_BECAUSE_MISSED);
	}
	/* Counted, and about to be raised: one for each that is interrupted there. */
	again(books, LOOK_AGAIN);
	return add_of_cpu(books, cpu, more > 0 ? AUDIT_NOT_RAISED : AUDIT_RAISED_AGAIN, number,
			  AUDIT_BY_COUNTS);
}

/* --- all of it --- */

/*
 * count_offlinings - how often each CPU went offline: it masks all its vIPIs then
 *
 * Without that event: as often as it came up, unless it did once more, or once less.
 */
static void count_offlinings(struct books *books, const struct counters *counters,
			     unsigned int nr_vipis)
{
	const struct audit_facts *facts = books->facts;

	for (unsigned int cpu = 0; cpu < books->nr_cpus; cpu++) {
		__u64 times = ~0ULL;

		for (unsigned int vipi = 0; vipi < nr_vipis && counters->masked; vipi++) {
			const __u64 *masks = counters->masked +
				ipimux_masked_index(&counters->shape, cpu, vipi, 0);
			__u64 sum = masks[IPIMUX_MASK_PLAIN] + masks[IPIMUX_MASK_PENDING];

			times = sum < times ? sum : times;
		}
		if (!counters->masked) {
			times = count_ups(books, cpu, nr_vipis) +
				cpuset__has(&facts->online_first, cpu);
			times -= times && cpuset__has(books->online, cpu);
		}
		books->offlinings[cpu] = times;
		books->audit->offlinings += times;
	}
	books->audit->offlinings += facts->leaving;
}

/* compute - the margins of @snapshot, in @margins; or *@err */
static const struct margins *compute(struct margins *margins, const struct snapshot *snapshot,
				     int *err)
{
	*err = margins__init(margins, &snapshot->counters.shape);
	if (!*err)
		margins__compute(margins, &snapshot->counters);
	return margins;
}

static int open_books(struct books *books, const struct snapshot *judged)
{
	const struct ipimux_shape *shape = &books->difference->counters.shape;
	const struct audit_facts *facts = books->facts;
	struct audit *audit = books->audit;
	unsigned int nr_vipis;
	int err = 0;

	books->shown = facts->margins;
	if (!books->shown)
		books->shown = compute(&books->own[0], books->difference, &err);
	books->judged = books->shown;
	if (judged != books->difference && !err)
		books->judged = compute(&books->own[1], judged, &err);
	books->nr_cpus = 1U << shape->cpu_shift;
	books->nr_vipis = 1U << shape->vipi_shift;
	books->offlinings = calloc(books->nr_cpus, sizeof(*books->offlinings));
	if (err || !books->offlinings)
		return -ENOMEM;

	nr_vipis = facts->machine ? facts->machine->nr_vipis : books->nr_vipis;
	books->call_func = facts->machine ? machine__find_vipi(facts->machine, "CALL_FUNC") : -1;
	books->irq_work = facts->machine ? machine__find_vipi(facts->machine, "IRQ_WORK") : -1;
	/* Recordings of older versions do not. */
	for (size_t i = 0; facts->first && i <= shape->waits_mask; i++)
		books->edges_known |= facts->first->edge[i] != EDGE_NONE;
	books->missed = books->missed_raises = books->missed_processes = judged->missed;
	books->missed_kicks = books->missed_handled = books->missed_late = judged->missed;
	books->online = facts->last ? &facts->last->online : &facts->online;
	if (audit->hotplug)
		count_offlinings(books, &judged->counters, nr_vipis);
	/* The first of those that were there all the time. */
	while (books->first_online + 1 < books->nr_cpus &&
	       (books->offlinings[books->first_online] ||
		!cpuset__has(books->online, books->first_online)))
		books->first_online++;
	books->last_calls = (__u64)AUDIT_LAST_CALLS * audit->offlinings;
	audit->silent = audit->offlinings && !judged->counters.masked;
	books->silent_sends = (__u64)AUDIT_SILENT_SENDS * audit->offlinings;
	return 0;
}

static void close_books(struct books *books)
{
	margins__free(&books->own[0]);
	margins__free(&books->own[1]);
	free(books->offlinings);
}

int audit__run(struct audit *audit, const struct snapshot *difference,
	       const struct audit_facts *facts)
{
	const struct snapshot *judged = facts->since ? facts->since : difference;
	struct books books = {
		.audit = audit, .difference = difference, .facts = facts,
		.counters = &judged->counters,
	};
	unsigned int nr_vipis;
	int err;

	memset(audit, 0, sizeof(*audit));
	audit->missed = difference->missed;
	audit->missed_unknown = difference->missed_unknown;
	audit->hotplug = facts->hotplug;
	audit->cut_off = facts->cut_off;
	audit->outside = difference->counters.doubts != NULL;
	audit->kernel_known = judged->kernel.known && !facts->cut_off;
	audit->words_known = facts->first && facts->last && facts->first->words.known &&
			     facts->last->words.known;
	audit->verified = judged->counters.started || judged->counters.parents;

	err = open_books(&books, judged);
	nr_vipis = facts->machine ? facts->machine->nr_vipis : books.nr_vipis;
	for (unsigned int cpu = 0; cpu < books.nr_cpus && !err; cpu++) {
		books.unseen_here = 0;
		for (unsigned int vipi = 0; vipi < books.nr_vipis && !err; vipi++)
			err = check_vipi(&books, cpu, vipi, judged);
		if (!err && books.edges_known && !facts->cut_off && !any_busy(&books, cpu))
			err = check_processes(&books, cpu, nr_vipis);
		if (!err && !facts->cut_off)
			err = check_raises(&books, cpu, nr_vipis, &judged->counters);
		if (!err && !facts->cut_off)
			err = check_late(&books, cpu, nr_vipis, &judged->counters);
	}
	for (unsigned int i = 0; i < audit->nr_entries; i++)
		if (audit->entries[i].verdict > audit->verdict)
			audit->verdict = audit->entries[i].verdict;
	if (audit->cut_off && audit->verdict != AUDIT_OFF)
		audit->verdict = AUDIT_NONE;

	close_books(&books);
	if (err)
		audit__free(audit);
	return err;
}

void audit__free(struct audit *audit)
{
	free(audit->entries);
	memset(audit, 0, sizeof(*audit));
}
