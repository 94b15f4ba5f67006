// SPDX-License-Identifier: GPL-2.0-only
/* Is there a parent IPI for each raised send and kick, and one of these for each process? */
#include "audit/audit_own.h"

/* So many parent IPIs may be on their way to a CPU at a time: one waits, one is taken. */
#define MOST_EARLY	2

/* at_rest - was no parent IPI on its way to a CPU at the start that had not to be? */
static bool at_rest(const struct books *books, unsigned int cpu)
{
	const struct snapshot *first = books->facts->first;

	/* One that was raised for a bit that is pending: nobody knows without the words. */
	if (!first->words.known)
		return false;
	if (first->arrivals[cpu] != EDGE_NONE)
		return first->arrivals[cpu] != EDGE_BUSY;
	/* Recordings of older versions do not say. */
	for (unsigned int vipi = 0; vipi < books->nr_vipis; vipi++)
		if (first->edge[(size_t)cpu * books->nr_vipis + vipi] != EDGE_QUIET)
			return false;
	return true;
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

/*
 * check_processes - is there a raise for each process?
 *
 * A parent IPI leads to one process at most: two that meet in the hardware, to one together.
 * Two may have been on their way at the start, of which one is taken and not processed yet; and
 * firmware may leave one to a CPU that it starts.
 */
static int check_processes(struct books *books, unsigned int cpu)
{
	const struct margin *margin = books->judged->margin + (size_t)cpu * books->nr_vipis;
	/* What was sent unseen was raised unseen. */
	__u64 allowed = books->unseen_here;
	bool raised_before = was_raised_before(books, cpu);
	__u64 early = raised_before || !at_rest(books, cpu) ? MOST_EARLY : 0;
	__u64 extra, guessed, woken, missed, raised = 0, doubts = 0;
	int err;

	for (unsigned int vipi = 0; vipi < books->nr_there; vipi++) {
		raised += margin[vipi].received.outcome[IPIMUX_RAISED] + margin[vipi].kicks;
		doubts += books__uncertain(books, cpu, vipi);
	}
	extra = processes__calls(&books->judged->processes[cpu]);
	extra = extra > raised + allowed ? extra - raised - allowed : 0;
	early = books__excuse(&early, extra);
	extra -= early;
	guessed = books__excuse(&doubts, extra);
	extra -= guessed;
	woken = books__count_ups(books, cpu);
	woken = extra < woken ? extra : woken;
	extra -= woken;
	missed = books__excuse(&books->missed_processes, extra);
	extra -= missed;
	/* One that shows is none that is excused. */
	early -= early && raised_before;
	err = books__add_excused(books, cpu, AUDIT_UNCOMPARED_RAISES, early,
				 AUDIT_NO_REASON);
	if (!err && woken)
		err = books__add_of_cpu(books, cpu, AUDIT_WOKEN, woken, AUDIT_BY_BOUND);
	if (!err)
		err = books__add_excused(books, cpu, AUDIT_UNCOMPARED_RAISES, guessed,
					 AUDIT_NO_REASON);
	if (!err)
		err = books__add_excused(books, cpu, AUDIT_UNCOMPARED_RAISES, missed,
					 AUDIT_BECAUSE_MISSED);
	if (!err && extra) {
		books__again(books, LOOK_AGAIN);
		err = books__add_of_cpu(books, cpu, AUDIT_EXTRA_PROCESSES, extra, AUDIT_BY_COUNTS);
	}
	return err;
}

/*
 * silent_raises - how many parent IPIs a CPU may have raised unseen, each time that it came or went
 *
 * Of one that did so just at the edges the masks or unmasks may be outside of the run.
 */
static __u64 silent_raises(const struct books *books, unsigned int cpu)
{
	const struct audit_facts *facts = books->facts;
	__u64 came = books__count_ups(books, cpu);

	if (facts->parents == AUDIT_PARENTS_ALL)
		return 0;
	if (!came)
		came = !cpuset__has(&facts->online_first, cpu);
	return AUDIT_SILENT_SENDS * (came + books__count_downs(books, cpu));
}

/* last_raises - how many parent IPIs it may have raised for sends that no event tells of */
static __u64 last_raises(const struct books *books, unsigned int cpu)
{
	__u64 each = AUDIT_LAST_CALLS + AUDIT_LAST_WAKES + AUDIT_LAST_WORKS +
		     (books->audit->silent ? AUDIT_SILENT_SENDS : 0);

	return books->facts->parents == AUDIT_PARENTS_ONLINE ? 0 :
	       each * books__count_downs(books, cpu);
}

/* check_raises - did each raised send and each kick raise the parent IPI, once? */
static int check_raises(struct books *books, unsigned int cpu)
{
	const struct margin *margin = books->judged->margin + (size_t)cpu * books->nr_vipis;
	const struct counters *counters = books->counters;
	enum audit_reason reason;
	__u64 number, pool, excused, missed;
	__s64 more = 0;
	int err;

	if (!counters->parents)
		return 0;
	for (unsigned int vipi = 0; vipi < books->nr_there; vipi++)
		more += margin[vipi].sent.outcome[IPIMUX_RAISED] + margin[vipi].kicks;
	more -= counters->parents[ipimux_parents_index(&counters->shape, cpu)];
	number = more < 0 ? -more : more;
	/*
	 * A tracepoint shows no raise on a CPU that is not online, but its send; a function shows
	 * those of its last sends, too, of which no event tells.
	 */
	reason = more > 0 ? AUDIT_BECAUSE_SILENT : AUDIT_BECAUSE_OFFLINE;
	pool = more > 0 ? silent_raises(books, cpu) : last_raises(books, cpu);
	excused = books__excuse(&pool, number);
	number -= excused;
	missed = books__excuse(&books->missed_raises, number);
	number -= missed;
	err = books__add_excused(books, cpu, AUDIT_UNCOMPARED_RAISES, excused, reason);
	if (!err)
		err = books__add_excused(books, cpu, AUDIT_UNCOMPARED_RAISES, missed,
					 AUDIT_BECAUSE_MISSED);
	if (err || !number)
		return err;
	/* Counted, and about to be raised: one for each that is interrupted there. */
	books__again(books, LOOK_AGAIN);
	return books__add_of_cpu(books, cpu, more > 0 ? AUDIT_NOT_RAISED : AUDIT_RAISED_AGAIN,
				 number, AUDIT_BY_COUNTS);
}

/* add_late - raises that look late for a known reason, unless check_raises() has said as much */
static int add_late(struct books *books, unsigned int cpu, __u64 number, enum audit_reason reason)
{
	const struct audit *audit = books->audit;

	for (unsigned int i = 0; i < audit->nr_entries; i++)
		if (audit->entries[i].cpu == cpu && audit->entries[i].number >= number &&
		    audit->entries[i].finding == AUDIT_UNCOMPARED_RAISES)
			number = 0;
	return books__add_excused(books, cpu, AUDIT_UNCOMPARED_RAISES, number, reason);
}

/*
 * check_late - was each parent IPI raised before the next send of a task?
 *
 * A CPU that is not online may raise unseen. A raise that is unseen, or an event that was missed,
 * makes one raise look late, for each look starts anew from what is there.
 */
static int check_late(struct books *books, unsigned int cpu)
{
	const struct counters *counters = books->counters;
	__u64 raises, silent, missed;
	int err;

	if (!counters->late)
		return 0;
	raises = counters->late[ipimux_late_index(&counters->shape, cpu, IPIMUX_LATE_RAISE)];
	silent = silent_raises(books, cpu);
	silent = raises < silent ? raises : silent;
	raises -= silent;
	err = add_late(books, cpu, silent, AUDIT_BECAUSE_SILENT);
	missed = books__excuse(&books->missed_late, raises);
	raises -= missed;
	if (!err)
		err = add_late(books, cpu, missed, AUDIT_BECAUSE_MISSED);
	if (!err && raises)
		err = books__add_of_cpu(books, cpu, AUDIT_LATE_RAISES, raises, AUDIT_BY_COUNTS);
	return err;
}

int audit_raises__check(struct books *books, unsigned int cpu)
{
	int err = 0;

	if (books->edges_known && !books__any_busy(books, cpu))
		err = check_processes(books, cpu);
	if (!err)
		err = check_raises(books, cpu);
	return err ? err : check_late(books, cpu);
}
