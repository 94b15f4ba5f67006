// SPDX-License-Identifier: GPL-2.0-only
/* The state of an audit that is being made, see audit_own.h. */
#include <errno.h>
#include <stdlib.h>

#include "audit/audit_own.h"

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
		[AUDIT_NOT_WATCHED]	= AUDIT_EXCEPT,
		[AUDIT_NOT_WAITED]	= AUDIT_EXCEPT,
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

int books__add(struct books *books, const struct cell *cell, enum audit_finding finding,
	       __u64 number, enum audit_proof proof)
{
	return add_entry(books, (struct audit_entry){
		.cpu = cell->cpu, .vipi = cell->vipi, .finding = finding, .number = number,
		.proof = proof,
	});
}

int books__add_of_cpu(struct books *books, unsigned int cpu, enum audit_finding finding,
		      __u64 number, enum audit_proof proof)
{
	return add_entry(books, (struct audit_entry){
		.cpu = cpu, .vipi = AUDIT_NO_VIPI, .finding = finding, .number = number,
		.proof = proof,
	});
}

int books__add_excused(struct books *books, unsigned int cpu, enum audit_finding finding,
		       __u64 number, enum audit_reason reason)
{
	if (!number)
		return 0;
	return add_entry(books, (struct audit_entry){
		.cpu = cpu, .vipi = AUDIT_NO_VIPI, .finding = finding, .number = number,
		.proof = AUDIT_BY_BOUND, .reason = reason,
	});
}

bool books__again(struct books *books, unsigned int times)
{
	const struct audit_facts *facts = books->facts;

	if (!facts->last || facts->final || facts->tries >= times)
		return false;
	books->audit->undecided = true;
	return true;
}

__u64 books__excuse(__u64 *pool, __u64 number)
{
	__u64 taken = number < *pool ? number : *pool;

	*pool -= taken;
	return taken;
}

__u64 books__uncertain(const struct books *books, unsigned int cpu, unsigned int vipi)
{
	return counters__doubts(books->counters, cpu, vipi, IPIMUX_UNCERTAIN);
}

struct cell books__look(const struct books *books, unsigned int cpu, unsigned int vipi)
{
	const struct audit_facts *facts = books->facts;
	const struct snapshot *first = facts->first, *last = facts->last;
	size_t i = (size_t)cpu * books->nr_vipis + vipi;
	struct cell cell = {
		.cpu = cpu, .vipi = vipi, .index = i,
		.shown = &books->shown->margin[i], .judged = &books->judged->margin[i],
		.uncertain = books__uncertain(books, cpu, vipi),
		.online = cpuset__has(books->online, cpu),
		.is_enabled = true,
	};

	if (!first || !last)
		return cell;
	cell.first = first->edge[i];
	cell.last = last->edge[i];
	cell.first_known = first->words.known && first->words.still[cpu] >> vipi & 1;
	cell.last_known = last->words.known && last->words.still[cpu] >> vipi & 1;
	cell.was_pending = cell.first_known && cell__has_bit(first->words.pending, &cell);
	cell.is_pending = cell.last_known && cell__has_bit(last->words.pending, &cell);
	if (cell.last_known)
		cell.is_enabled = cell__has_bit(last->words.enabled, &cell);
	return cell;
}

__u64 books__torn(const struct books *books, const struct cell *cell)
{
	return (__u64)books->facts->first->torn[cell->index] +
	       books->facts->last->torn[cell->index];
}

bool books__any_busy(const struct books *books, unsigned int cpu)
{
	for (unsigned int vipi = 0; vipi < books->nr_vipis; vipi++) {
		struct cell cell = books__look(books, cpu, vipi);

		if (cell__is_busy(&cell))
			return true;
	}
	return false;
}

__u64 books__count_ups(const struct books *books, unsigned int cpu)
{
	return counters__ups(books->counters, cpu, books->nr_there);
}

__u64 books__count_downs(const struct books *books, unsigned int cpu)
{
	bool online = cpuset__has(books->online, cpu);
	bool always = online && cpuset__has(&books->facts->online_first, cpu);
	__u64 downs = books->offlinings[cpu] + (books->facts->leaving && !always);

	return downs ? downs : !online;
}

/*
 * count_offlinings - how often each CPU went offline: it masks all its vIPIs then
 *
 * Without that event: as often as it came up, unless it did once more, or once less.
 */
static void count_offlinings(struct books *books)
{
	const struct audit_facts *facts = books->facts;
	const struct counters *counters = books->counters;

	for (unsigned int cpu = 0; cpu < books->nr_cpus; cpu++) {
		__u64 times = ~0ULL;

		for (unsigned int vipi = 0; vipi < books->nr_there && counters->masked; vipi++) {
			const __u64 *masks = counters->masked +
				ipimux_masked_index(&counters->shape, cpu, vipi, 0);
			__u64 sum = masks[IPIMUX_MASK_PLAIN] + masks[IPIMUX_MASK_PENDING];

			times = sum < times ? sum : times;
		}
		if (!counters->masked) {
			times = books__count_ups(books, cpu) +
				cpuset__has(&facts->online_first, cpu);
			times -= times && cpuset__has(books->online, cpu);
		}
		books->offlinings[cpu] = times;
		books->audit->offlinings += times;
	}
	books->audit->offlinings += facts->leaving;
}

/*
 * any_came_or_went - in the window, up to its very end, by what CPUs did: between two looks at who
 * is online one may have come and gone again
 */
static bool any_came_or_went(const struct books *books)
{
	for (unsigned int cpu = 0; cpu < books->nr_cpus; cpu++)
		if (books__count_ups(books, cpu))
			return true;
	return books->audit->offlinings ||
	       !cpuset__equal(books->online, &books->facts->online_first);
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

/* find_vipi - -1: not known */
static int find_vipi(const struct books *books, const char *name)
{
	const struct machine *machine = books->facts->machine;

	return machine ? machine__find_vipi(machine, name) : -1;
}

/* was_there - all the time, as far as is known */
static bool was_there(const struct books *books, unsigned int cpu)
{
	return !books->offlinings[cpu] && cpuset__has(books->online, cpu) &&
	       cpuset__has(&books->facts->online_first, cpu);
}

int books__open(struct books *books)
{
	const struct ipimux_shape *shape = &books->difference->counters.shape;
	const struct audit_facts *facts = books->facts;
	const struct snapshot *judged = facts->since ? facts->since : books->difference;
	struct audit *audit = books->audit;
	int err = 0;

	books->window = judged;
	books->counters = &judged->counters;
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

	if (facts->machine)
		books->nr_there = facts->machine->nr_vipis;
	if (!books->nr_there)
		books->nr_there = books->nr_vipis;
	books->call_func = find_vipi(books, "CALL_FUNC");
	books->reschedule = find_vipi(books, "RESCHEDULE");
	books->irq_work = find_vipi(books, "IRQ_WORK");
	/* Recordings of older versions do not. */
	for (size_t i = 0; facts->first && i <= shape->waits_mask; i++)
		books->edges_known |= facts->first->edge[i] != EDGE_NONE;
	books->missed = books->missed_raises = books->missed_processes = judged->missed;
	books->missed_kicks = books->missed_handled = books->missed_late = judged->missed;
	books->online = facts->last ? &facts->last->online : &facts->online;
	count_offlinings(books);
	audit->hotplug = facts->hotplug || any_came_or_went(books);
	/* The first of those that were there all the time. */
	while (books->first_online + 1 < books->nr_cpus && !was_there(books, books->first_online))
		books->first_online++;
	/* Of those that came or went just at an edge, it may have been the next. */
	for (bool next = facts->leaving; next && books->first_online + 1 < books->nr_cpus;
	     next = !was_there(books, books->first_online))
		books->first_online++;
	books->last_calls = (__u64)AUDIT_LAST_CALLS * audit->offlinings;
	books->last_wakes = (__u64)AUDIT_LAST_WAKES * audit->offlinings;
	audit->silent = audit->offlinings && !judged->counters.masked;
	books->silent_sends = (__u64)AUDIT_SILENT_SENDS * audit->offlinings;
	return 0;
}

void books__close(struct books *books)
{
	margins__free(&books->own[0]);
	margins__free(&books->own[1]);
	free(books->offlinings);
}
