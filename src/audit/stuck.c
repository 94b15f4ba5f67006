// SPDX-License-Identifier: GPL-2.0-only
/* What stays pending for too long, see stuck.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "audit/stuck.h"
#include "counters/typical.h"

#define SENDER_BITS	64

static size_t sender_words(const struct stuck *stuck)
{
	return (stuck->nr_cpus + SENDER_BITS - 1) / SENDER_BITS;
}

int stuck__init(struct stuck *stuck, const struct ipimux_shape *shape, __u64 threshold)
{
	size_t nr_cells;
	int err;

	memset(stuck, 0, sizeof(*stuck));
	stuck->threshold = threshold ? threshold : STUCK_THRESHOLD;
	stuck->nr_cpus = 1U << shape->cpu_shift;
	stuck->nr_vipis = 1U << shape->vipi_shift;
	nr_cells = (size_t)stuck->nr_cpus * stuck->nr_vipis;
	err = margins__init(&stuck->before, shape);
	if (!err)
		err = margins__init(&stuck->now, shape);
	stuck->found = calloc(stuck->nr_cpus, sizeof(*stuck->found));
	stuck->starved = calloc(stuck->nr_cpus, sizeof(*stuck->starved));
	stuck->unwatched = calloc(stuck->nr_cpus, sizeof(*stuck->unwatched));
	stuck->pending = calloc(stuck->nr_cpus, sizeof(*stuck->pending));
	stuck->ran = calloc(stuck->nr_cpus, sizeof(*stuck->ran));
	stuck->starves = calloc(stuck->nr_cpus, sizeof(*stuck->starves));
	/* At most one report for each cell; memory that is not touched costs nothing. */
	stuck->reports = calloc(nr_cells, sizeof(*stuck->reports));
	stuck->cells = calloc(nr_cells, sizeof(*stuck->cells));
	stuck->senders = calloc(nr_cells * sender_words(stuck), sizeof(*stuck->senders));
	if (err || !stuck->found || !stuck->starved || !stuck->unwatched || !stuck->pending ||
	    !stuck->ran || !stuck->starves || !stuck->reports || !stuck->cells || !stuck->senders) {
		stuck__free(stuck);
		return -ENOMEM;
	}
	return 0;
}

void stuck__free(struct stuck *stuck)
{
	margins__free(&stuck->before);
	margins__free(&stuck->now);
	free(stuck->found);
	free(stuck->starved);
	free(stuck->unwatched);
	free(stuck->ran);
	free(stuck->starves);
	free(stuck->pending);
	free(stuck->reports);
	free(stuck->cells);
	free(stuck->senders);
	memset(stuck, 0, sizeof(*stuck));
}

static __s64 balance(const struct margin *margin)
{
	return margin->received.outcome[IPIMUX_RAISED] + margin->received.outcome[IPIMUX_MASKED] -
	       margin->handled;
}

/*
 * rebase - learns of sends that went unseen
 *
 * Each of them, and a bit that was pending at the attach, lowers the balance for good: a
 * clear bit then has a lower one. An event that is counted a moment late lowers it for
 * that moment only, not in snapshot after snapshot.
 */
static void rebase(struct stuck_cell *cell, __s64 balance)
{
	if (balance >= cell->base) {
		cell->nr_below = 0;
		return;
	}
	cell->below[cell->nr_below++] = balance;
	if (cell->nr_below == STUCK_SAMPLES) {
		cell->base = balance__typical(cell->below, STUCK_SAMPLES);
		cell->nr_below = 0;
	}
}

/* find_senders - whose sends may have set the bit between the two snapshots */
static void find_senders(struct stuck *stuck, size_t i, const struct snapshot *later,
			 const struct snapshot *earlier)
{
	__u64 *words = stuck->senders + i * sender_words(stuck);
	const struct ipimux_shape *shape = &later->counters.shape;
	unsigned int cpu = i / stuck->nr_vipis, vipi = i % stuck->nr_vipis;

	memset(words, 0, sender_words(stuck) * sizeof(*words));
	for (unsigned int sender = 0; sender < stuck->nr_cpus; sender++) {
		__u64 at = ipimux_traffic_index(shape, sender, cpu, vipi, 0);
		const __u64 *now = later->counters.traffic + at;
		const __u64 *before = earlier ? earlier->counters.traffic + at : NULL;

		if (now[IPIMUX_RAISED] + now[IPIMUX_MASKED] !=
		    (before ? before[IPIMUX_RAISED] + before[IPIMUX_MASKED] : 0))
			words[sender / SENDER_BITS] |= 1ULL << sender % SENDER_BITS;
	}
}

/* begin - it was set between the two; @earlier is NULL if that was before the run */
static void begin(struct stuck *stuck, size_t i, const struct snapshot *later,
		  const struct snapshot *earlier)
{
	struct stuck_cell *cell = &stuck->cells[i];
	const struct margin *now = &stuck->now.margin[i], *before = &stuck->before.margin[i];

	cell->pending = true;
	cell->since = cell->begun = cell->proved = later->time;
	cell->kept = false;
	cell->after = (struct stuck_time){};
	cell->by = (struct stuck_time){ later->time, later->wall_time };
	cell->masked = cell->kicks = cell->coalesced_before = 0;
	cell->coalesced_after = sends__coalesced(&now->received);
	if (earlier) {
		cell->after = (struct stuck_time){ earlier->time, earlier->wall_time };
		cell->masked = before->received.outcome[IPIMUX_MASKED];
		cell->kicks = before->kicks;
		cell->coalesced_before = sends__coalesced(&before->received);
	}
	find_senders(stuck, i, later, earlier);
}

/* add_report - @least_end and @most_end: when it was pending still, and not any more */
static void add_report(struct stuck *stuck, size_t i, enum stuck_event event,
		       const struct snapshot *least_end, const struct snapshot *most_end)
{
	struct stuck_report *report = &stuck->reports[stuck->nr_reports++];
	const __u64 *words = stuck->senders + i * sender_words(stuck);
	const struct stuck_cell *cell = &stuck->cells[i];
	const struct margin *now = &stuck->now.margin[i], *before = &stuck->before.margin[i];
	const struct margin *least = least_end == most_end ? now : before;

	*report = (struct stuck_report){
		.event = event,
		.cpu = i / stuck->nr_vipis,
		.vipi = i % stuck->nr_vipis,
		.after = cell->after,
		.by = cell->by,
		.least = least_end->time - cell->by.time,
		.most = cell->after.time ? most_end->time - cell->after.time : 0,
		.coalesced_least = sends__coalesced(&least->received) - cell->coalesced_after,
		.coalesced_most = sends__coalesced(&now->received) - cell->coalesced_before,
		.kicked = before->kicks > cell->kicks || now->kicks > cell->kicks,
	};
	for (unsigned int sender = 0; sender < stuck->nr_cpus; sender++)
		if (words[sender / SENDER_BITS] >> sender % SENDER_BITS & 1)
			cpuset__add(&report->senders, sender);
	if (event == STUCK_FOUND)
		stuck->nr_found++;
	else if (event != STUCK_STARVED)
		stuck->nr_ended++;
}

/* end - it is not what it was at @earlier; says so if it was reported */
static void end(struct stuck *stuck, size_t i, enum stuck_event event,
		const struct snapshot *later, const struct snapshot *earlier)
{
	struct stuck_cell *cell = &stuck->cells[i];

	if (cell->reported)
		add_report(stuck, i, event, earlier, later);
	cell->pending = cell->shown = cell->reported = cell->starved = false;
}

static bool is_wanted(const struct stuck *stuck, size_t i)
{
	return !stuck->cpus || cpuset__has(stuck->cpus, i / stuck->nr_vipis);
}

/* note - what the audit is to say of it: pending for long enough, with time or without */
static void note(struct stuck *stuck, size_t i, const struct snapshot *later)
{
	struct stuck_cell *cell = &stuck->cells[i];
	__u32 *set = NULL;

	cell->kept |= later->time - cell->proved >= STUCK_THRESHOLD;
	if (later->time - cell->proved >= STUCK_PATIENCE)
		set = stuck->found;
	else if (later->time - cell->since >= STUCK_PATIENCE)
		set = stuck->starved;
	else if (later->time - cell->begun >= STUCK_PATIENCE)
		set = stuck->unwatched;
	if (set)
		set[i / stuck->nr_vipis] |= 1U << i % stuck->nr_vipis;
}

/* blame - reports it if it has been pending for long enough */
static void blame(struct stuck *stuck, size_t i, const struct snapshot *later)
{
	struct stuck_cell *cell = &stuck->cells[i];
	const struct margin *now = &stuck->now.margin[i];
	__u64 least = later->time - cell->by.time;

	/* What is shown is enabled. */
	if (!cell->shown &&
	    !stuck__was_raised(now->received.outcome[IPIMUX_MASKED] - cell->masked,
			       now->kicks - cell->kicks))
		return;
	if (least < stuck->threshold && !cell->reported && !cell->starved &&
	    later->time - cell->since >= stuck->threshold && is_wanted(stuck, i)) {
		add_report(stuck, i, STUCK_STARVED, later, later);
		stuck->reports[stuck->nr_reports - 1].least = later->time - cell->since;
		cell->starved = true;
	}
	if (least >= stuck->threshold && !cell->reported && is_wanted(stuck, i)) {
		add_report(stuck, i, STUCK_FOUND, later, later);
		cell->reported = true;
	}
	note(stuck, i, later);
}

bool stuck__made_progress(const struct snapshot *later, const struct snapshot *earlier,
			  unsigned int cpu)
{
	return !later->ran_known || !earlier->ran_known ||
	       later->time - earlier->time < STUCK_LEAST_INTERVAL ||
	       (later->ran[cpu] - earlier->ran[cpu]) * STUCK_LEAST_SHARE >=
	       later->time - earlier->time;
}

/* is_read - were the multiplexer's words read, while the vIPI's counters stood still? */
static bool is_read(const struct snapshot *snapshot, unsigned int cpu, unsigned int vipi)
{
	return snapshot->words.known && snapshot->words.still[cpu] >> vipi & 1;
}

/*
 * is_shown - does its word, or a send that coalesced on it, show that it is pending and enabled?
 *
 * A send that coalesced did so on a bit that was pending then; it is still, if no process took
 * it since the snapshot before. With a send besides that set it, it was not pending all the
 * time, and the balance tells.
 */
static bool is_shown(const struct stuck *stuck, size_t i, const struct snapshot *later)
{
	const struct margin *now = &stuck->now.margin[i], *before = &stuck->before.margin[i];
	const __u64 *sent = now->received.outcome, *sent_before = before->received.outcome;
	unsigned int cpu = i / stuck->nr_vipis, vipi = i % stuck->nr_vipis;
	bool handled = now->handled != before->handled;
	bool set = sent[IPIMUX_RAISED] != sent_before[IPIMUX_RAISED] ||
		   sent[IPIMUX_MASKED] != sent_before[IPIMUX_MASKED];

	if (is_read(later, cpu, vipi))
		return later->words.pending[cpu] & later->words.enabled[cpu] & 1U << vipi;
	if (handled || set)
		return false;
	return stuck->cells[i].shown || sent[IPIMUX_COALESCED] != sent_before[IPIMUX_COALESCED];
}

/* is_clear - its word says that it is not pending */
static bool is_clear(const struct snapshot *later, unsigned int cpu, unsigned int vipi)
{
	return is_read(later, cpu, vipi) && !(later->words.pending[cpu] >> vipi & 1);
}

/*
 * account - how much of the time from @earlier to @later counts against a cell that is pending
 *
 * An unmask takes nothing back of a second or more. (That is a constant: what the audit says does
 * not depend on what is reported.)
 */
static void account(struct stuck *stuck, size_t i, const struct snapshot *later,
		    const struct snapshot *earlier)
{
	struct stuck_cell *cell = &stuck->cells[i];
	unsigned int cpu = i / stuck->nr_vipis, vipi = i % stuck->nr_vipis;
	bool unmasked = stuck->now.margin[i].unmasks != stuck->before.margin[i].unmasks;
	bool masked = is_read(later, cpu, vipi) && !(later->words.enabled[cpu] >> vipi & 1);
	bool starves = stuck->starves[cpu];

	/* Not enabled until now, or not even now. */
	if (masked || (unmasked && !cell->kept)) {
		cell->since = cell->begun = cell->proved = later->time;
		cell->kept = false;
		if (!cell->reported)
			cell->after = (struct stuck_time){ earlier->time, earlier->wall_time };
	}
	/* There was nobody to handle it, or nobody knows. */
	if (starves || later->late > STUCK_THRESHOLD / 2)
		cell->proved = later->time;
	if (later->late > STUCK_THRESHOLD / 2)
		cell->since = later->time;
	if (!cell->reported &&
	    (masked || unmasked || starves || later->late > stuck->threshold / 2))
		cell->by = (struct stuck_time){ later->time, later->wall_time };
}

static void watch_cell(struct stuck *stuck, size_t i, const struct snapshot *later,
		       const struct snapshot *earlier)
{
	struct stuck_cell *cell = &stuck->cells[i];
	const struct margin *now = &stuck->now.margin[i], *before = &stuck->before.margin[i];
	unsigned int cpu = i / stuck->nr_vipis, vipi = i % stuck->nr_vipis;
	bool online = cpuset__has(&later->online, cpu);
	bool shown = is_shown(stuck, i, later);
	bool pending;

	stuck->pending[cpu] &= ~(1U << vipi);
	stuck->pending[cpu] |= (__u32)(shown && online) << vipi;
	rebase(cell, balance(now));
	/* Where a guess may have been wrong, the balance shows nothing new any more. */
	pending = balance(now) > cell->base;
	if (pending && !cell->pending)
		pending = !counters__doubts(&later->counters, cpu, vipi, IPIMUX_UNCERTAIN);
	pending = (pending && !is_clear(later, cpu, vipi)) || shown;
	if (cell->pending) {
		if (now->handled != before->handled || !pending)
			end(stuck, i, STUCK_HANDLED, later, earlier);
		else if (!online)
			end(stuck, i, STUCK_OFFLINE, later, earlier);
	}
	if (!pending || !online)
		return;
	if (!cell->pending) {
		/* Nothing has set it since the snapshot before: then it was before that. */
		bool before_that = shown && now->handled == before->handled &&
				   balance(now) == balance(before) &&
				   !is_read(earlier, cpu, vipi);

		begin(stuck, i, later, before_that ? NULL : earlier);
	} else {
		account(stuck, i, later, earlier);
	}
	cell->shown = shown;
	blame(stuck, i, later);
}

/* judge_progress - which CPUs got no time, once enough of it went by to tell */
static void judge_progress(struct stuck *stuck, const struct snapshot *later,
			   const struct snapshot *earlier)
{
	struct snapshot then = { .time = stuck->judged, .ran = stuck->ran, .ran_known = true };

	/* Where it is not known, it did. */
	if (!later->ran_known) {
		memset(stuck->starves, false, stuck->nr_cpus * sizeof(*stuck->starves));
		stuck->judged = 0;
	}
	if (!stuck->judged && earlier->ran_known) {
		then.time = stuck->judged = earlier->time;
		memcpy(stuck->ran, earlier->ran, stuck->nr_cpus * sizeof(*stuck->ran));
	}
	if (!stuck->judged || !later->ran_known ||
	    later->time - stuck->judged < STUCK_LEAST_INTERVAL)
		return;
	for (unsigned int cpu = 0; cpu < stuck->nr_cpus; cpu++)
		stuck->starves[cpu] = !stuck__made_progress(later, &then, cpu);
	stuck->judged = later->time;
	memcpy(stuck->ran, later->ran, stuck->nr_cpus * sizeof(*stuck->ran));
}

/* start - what the first snapshot has pending was set before it */
static void start(struct stuck *stuck, const struct snapshot *first)
{
	margins__compute(&stuck->now, &first->counters);
	/* is_shown() looks for what came since the one before: there is none. */
	margins__compute(&stuck->before, &first->counters);
	for (size_t i = 0; i < (size_t)stuck->nr_cpus * stuck->nr_vipis; i++) {
		unsigned int cpu = i / stuck->nr_vipis, vipi = i % stuck->nr_vipis;
		bool shown = is_shown(stuck, i, first);
		bool set = balance(&stuck->now.margin[i]) > 0 && !is_clear(first, cpu, vipi);

		if ((set || shown) && cpuset__has(&first->online, cpu)) {
			begin(stuck, i, first, NULL);
			stuck->cells[i].shown = shown;
		}
	}
	stuck->started = true;
}

void stuck__watch(struct stuck *stuck, const struct snapshot *later,
		  const struct snapshot *earlier)
{
	struct margins swap;

	if (!stuck->started)
		start(stuck, earlier);
	swap = stuck->before;
	stuck->before = stuck->now;
	stuck->now = swap;
	margins__compute(&stuck->now, &later->counters);
	judge_progress(stuck, later, earlier);

	stuck->nr_reports = 0;
	for (size_t i = 0; i < (size_t)stuck->nr_cpus * stuck->nr_vipis; i++)
		watch_cell(stuck, i, later, earlier);
}
