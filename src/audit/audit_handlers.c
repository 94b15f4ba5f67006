// SPDX-License-Identifier: GPL-2.0-only
/* Did the handler run for what a process took, once and in time? */
#include "audit/audit_own.h"
#include "audit/stuck.h"

/* check_run - @number handlers less, or more, ran than were taken */
static int check_run(struct books *books, const struct cell *cell, __s64 number)
{
	/* One may not have got as far as where it is counted; more are not on their way. */
	if (number == 1 || number == -1)
		books__again(books, LOOK_AGAIN);
	return books__add(books, cell, number > 0 ? AUDIT_NOT_RUN : AUDIT_RUN_AGAIN,
			  number < 0 ? -number : number, AUDIT_BY_COUNTS);
}

/* check_kernel - did the handler run as often as a process took the vIPI? */
static int check_kernel(struct books *books, const struct cell *cell)
{
	size_t i = (size_t)cell->cpu * IPIMUX_MAX_VIPIS + cell->vipi;
	__u32 handled = cell->judged->handled;
	const struct audit_facts *facts = books->facts;
	const struct kernel_counts *kernel = &books->window->kernel;
	__s32 above_low = handled - kernel->low[i];
	__s32 above_high = handled - kernel->high[i];
	__u32 room = kernel->high[i] - kernel->low[i];
	/* Where each start of a handler was counted, all that is excused here was compared. */
	bool exact = books->counters->started;
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
		books__excuse(&books->missed_handled, uncompared - early);
	}
	if (above_high == 1 && cpuset__has(&facts->without_time, cell->cpu) &&
	    facts->waited >= STUCK_PATIENCE)
		return books__add(books, cell, AUDIT_NO_PROGRESS, 1, AUDIT_BY_TIME);
	if (above_high == 1 && facts->waited < STUCK_PATIENCE) {
		/* It may run still. */
		if (facts->final || facts->hurried)
			return books__add(books, cell, AUDIT_NOT_WAITED, 1, AUDIT_BY_COUNTS);
		books->audit->undecided = true;
	}
	if (above_high > 0)
		return check_run(books, cell, above_high);
	/* What can hide in it is said. */
	if (!(room + uncompared) || !books->edges_known || exact)
		return 0;
	if (room)
		books__again(books, LOOK_AGAIN);
	return books__add(books, cell, AUDIT_NOT_COMPARED, room + uncompared, AUDIT_BY_BOUND);
}

/* check_started - did each that was taken start its handler? Both are counted in one place. */
static int check_started(struct books *books, const struct cell *cell)
{
	const struct counters *counters = books->counters;
	__s64 more;

	if (!counters->started)
		return 0;
	more = cell->judged->handled -
	       counters->started[ipimux_started_index(&counters->shape, cell->cpu, cell->vipi)];
	/* It is to start, once its CPU gets time. */
	if (more == 1 && cpuset__has(&books->facts->without_time, cell->cpu))
		return books__again(books, LOOK_AGAIN) ? 0 :
		       books__add(books, cell, AUDIT_NO_PROGRESS, 1, AUDIT_BY_TIME);
	return more ? check_run(books, cell, more) : 0;
}

int audit_handlers__check(struct books *books, const struct cell *cell)
{
	int err = check_started(books, cell);

	return err || !books->audit->kernel_known ? err : check_kernel(books, cell);
}

/*
 * audit_handlers__check_late - did each process go by its CPU's enabled word, and was each handler
 * started before the next process?
 *
 * An event that was missed makes one handler look late, for each look starts anew from what is
 * there; the enabled word is compared with itself.
 */
int audit_handlers__check_late(struct books *books, unsigned int cpu)
{
	const struct counters *counters = books->counters;
	const __u64 *late;
	__u64 handlers, missed;
	int err = 0;

	if (!counters->late)
		return 0;
	late = counters->late + ipimux_late_index(&counters->shape, cpu, 0);
	if (late[IPIMUX_LATE_ENABLED])
		err = books__add_of_cpu(books, cpu, AUDIT_STALE_ENABLED, late[IPIMUX_LATE_ENABLED],
					AUDIT_BY_WORDS);
	handlers = late[IPIMUX_LATE_HANDLER];
	missed = books__excuse(&books->missed_late, handlers);
	handlers -= missed;
	if (!err)
		err = books__add_excused(books, cpu, AUDIT_NOT_COMPARED, missed,
					 AUDIT_BECAUSE_MISSED);
	if (!err && handlers)
		err = books__add_of_cpu(books, cpu, AUDIT_LATE_HANDLERS, handlers,
					AUDIT_BY_COUNTS);
	return err;
}
