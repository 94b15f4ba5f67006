// SPDX-License-Identifier: GPL-2.0-only
/*
 * The counters at the edge of a run: an instant of each CPU at which nothing is half counted, and
 * what is known of that. See probe.h, and docs/audit.md for the argument.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "counters/latency.h"
#include "counters/typical.h"
#include "probe/probe_own.h"
#include "ways/noted.h"

/*
 * How often, and how far apart, the balance is sampled to find its typical value. A host may
 * take a CPU's time away between a send and its counting, for some ms: less than a
 * third of this.
 */
#define SETTLE_SAMPLES	15

/*
 * First, so many, a third as far apart, before a grace period and after it: where all of them are
 * the same, so is what is found. An event that is half counted in one is not in the next, unless
 * the host stops its CPU: then the grace period waits for it.
 */
#define QUICK_SAMPLES	3
#define QUICK_PAUSE_NS	(SETTLE_PAUSE_NS / 3)

/* So many times more, until it is found to be the same again. */
#define SETTLE_ROUNDS	5

/* Tries to read a target's counters at their typical balance. */
#define SETTLE_TRIES	200

/* Tries to read a CPU's words while its counters stand still. */
#define EDGE_TRIES	20

/*
 * So long a CPU that does not settle is tried again at an edge, SETTLE_PAUSE_NS apart: a host may
 * take the time away from a CPU that has changed its word and not counted that.
 */
#define EDGE_PATIENCE_NS	200000000

/* How many of these until nobody waits any more for waits that fit them, or for no parent IPI. */
#define SETTLE_WAITS	20

/* is_typical - are all balances of @cpu in this copy the typical ones? */
static bool is_typical(const struct probe *probe, const struct counters *copy,
		       unsigned int cpu, const __s64 *typical)
{
	for (unsigned int vipi = 0; vipi < probe->nr_vipis; vipi++)
		if (counters__balance(copy, cpu, vipi) != typical[vipi])
			return false;
	return true;
}

/* What is found out of each CPU and vIPI at an edge, [cpu * nr_vipis + vipi]. */
struct settling {
	struct samples balances;
	struct samples clears;	/* balances, less one where the word says that it is pending */
	struct samples turns;	/* unmasks less masks, less one where it says that it is enabled */
	__u64 *events;		/* counted before the last grace period */

	/* Of each CPU, [cpu]: the same of the parent IPIs on their way to it. */
	struct samples arrivals;
	bool arrived;		/* all of these were found */
	bool *whole;		/* its last copy is of one instant */
	bool *settled;		/* that copy fits what was found */
	unsigned int *nr_settled;	/* how many did, except in the parent IPIs */
	int err;		/* 0 or -ENOMEM, of what is noted before a grace period */
};

/* clear_balance - that of a clear bit, if @cpu's counters and words are of one instant */
static __s64 clear_balance(const struct snapshot *snapshot, unsigned int cpu, unsigned int vipi)
{
	return counters__balance(&snapshot->counters, cpu, vipi) -
	       (snapshot->words.pending[cpu] >> vipi & 1);
}

/*
 * copy_whole - copies @cpu's counters; returns whether they are of one instant
 *
 * Where they are not, those of a vIPI are by no more than was counted of it meanwhile.
 */
static bool copy_whole(struct probe *probe, struct snapshot *snapshot, unsigned int cpu)
{
	bool whole = !probe__copy_cpu(probe, snapshot, cpu);

	if (!whole)
		probe__refresh(probe, cpu, cpu);
	for (unsigned int vipi = 0; vipi < probe->nr_vipis; vipi++) {
		size_t at = (size_t)cpu << snapshot->counters.shape.vipi_shift | vipi;
		__u64 moved = whole ? 0 : counters__moved(&snapshot->counters, &probe->live, cpu,
							  vipi);

		/* It may be one less for a moment, where an outcome is taken back. */
		if ((__s64)moved < 0)
			moved = 1;
		snapshot->torn[at] = moved < UINT32_MAX ? moved : UINT32_MAX;
	}
	return whole;
}

/* read_cpu - copies @cpu's counters, and reads its words; returns whether all is of one instant */
static bool read_cpu(struct probe *probe, struct snapshot *snapshot, unsigned int cpu)
{
	bool whole = copy_whole(probe, snapshot, cpu);

	probe__read_words(probe, &snapshot->words, cpu, cpu);
	snapshot->words.still[cpu] = probe__still(probe, snapshot, cpu);
	return whole;
}

/* turns_of - unmasks less masks, if the vIPI is disabled and all is of one instant */
static __s64 turns_of(const struct snapshot *snapshot, unsigned int cpu, unsigned int vipi)
{
	return counters__turns(&snapshot->counters, cpu, vipi) -
	       (snapshot->words.enabled[cpu] >> vipi & 1);
}

/* sample_cpu - what the copy of @cpu's counters has, and with the words that were read with it */
static void sample_cpu(const struct probe *probe, const struct snapshot *snapshot,
		       unsigned int cpu, struct settling *settling)
{
	for (unsigned int vipi = 0; vipi < probe->nr_vipis; vipi++) {
		unsigned int cell = cpu * probe->nr_vipis + vipi;

		samples__add(&settling->balances, cell,
			     counters__balance(&snapshot->counters, cpu, vipi));
		if (!snapshot->words.known || !(snapshot->words.still[cpu] >> vipi & 1))
			continue;
		samples__add(&settling->clears, cell, clear_balance(snapshot, cpu, vipi));
		if (snapshot->counters.masked)
			samples__add(&settling->turns, cell, turns_of(snapshot, cpu, vipi));
	}
	samples__add(&settling->arrivals, cpu, counters__arriving(&snapshot->counters, cpu));
}

/* sample_all - one of each CPU and vIPI */
static void sample_all(struct probe *probe, struct snapshot *snapshot, struct settling *settling)
{
	bool refreshed = false;

	/* Of pinned counters all are copied at a time. */
	if (probe->pins) {
		probe__copy_all(probe, snapshot);
		probe__read_words(probe, &snapshot->words, 0, probe->nr_cpus - 1);
		refreshed = !pins__refresh(probe->pins);
	}
	for (unsigned int cpu = 0; cpu < probe->nr_cpus; cpu++) {
		if (!probe->pins)
			read_cpu(probe, snapshot, cpu);
		else
			snapshot->words.still[cpu] = !refreshed ? 0 :
				counters__still(&snapshot->counters, &probe->live, cpu);
		sample_cpu(probe, snapshot, cpu, settling);
	}
}

/*
 * sample_round - @nr samples, @ns apart; returns whether all is as it was in the round before
 *
 * A word changes a moment before that is counted: a send just there has its bit set and not
 * counted, a process has cleared it and not counted that. So the balance less the bit is
 * sampled as the balance is; what it mostly is, it is where nothing is under way. So are
 * unmasks less masks, less the enabled bit.
 */
static bool sample_round(struct probe *probe, struct snapshot *snapshot, struct settling *settling,
			 unsigned int nr, long ns)
{
	const struct timespec pause = { .tv_nsec = ns };
	bool known, same;

	samples__begin(&settling->balances);
	samples__begin(&settling->clears);
	samples__begin(&settling->turns);
	samples__begin(&settling->arrivals);
	for (unsigned int i = 0; i < nr; i++) {
		nanosleep(&pause, NULL);
		sample_all(probe, snapshot, settling);
	}
	known = snapshot->words.known;
	same = samples__end(&settling->balances, balance__typical);
	same &= samples__end(&settling->clears, balance__commonest) || !known;
	same &= samples__end(&settling->turns, balance__commonest) || !known ||
		!snapshot->counters.masked;
	/* Where parent IPIs meet, their number goes up: nobody waits for it to be the same. */
	settling->arrived = samples__end(&settling->arrivals, balance__typical);
	return same;
}

/* note_events - how much was counted so far, and what is not counted: before a grace period */
static void note_events(const struct probe *probe, const struct snapshot *snapshot,
			struct settling *settling)
{
	if (probe->noted && !settling->err)
		settling->err = noted__note(probe->noted);
	for (unsigned int cpu = 0; cpu < probe->nr_cpus; cpu++)
		for (unsigned int vipi = 0; vipi < probe->nr_vipis; vipi++)
			settling->events[cpu * probe->nr_vipis + vipi] =
				counters__events(&snapshot->counters, cpu, vipi);
}

/* is_even - did nothing at all change in the last round? */
static bool is_even(const struct settling *settling)
{
	return settling->balances.even && settling->clears.even && settling->turns.even &&
	       settling->arrivals.even;
}

/* find_quickly - what find_typical() finds, where the machine is that quiet */
static bool find_quickly(struct probe *probe, struct snapshot *snapshot, struct settling *settling)
{
	sample_round(probe, snapshot, settling, QUICK_SAMPLES, QUICK_PAUSE_NS);
	if (!is_even(settling))
		return false;
	note_events(probe, snapshot, settling);
	probe__grace_period();
	return sample_round(probe, snapshot, settling, QUICK_SAMPLES, QUICK_PAUSE_NS) &&
	       is_even(settling) && settling->arrived;
}

/*
 * find_typical - what is under way nowhere
 *
 * Twice the same, and in between a grace period: a hypervisor may stop a CPU between a send and its
 * counting for longer than any number of rounds takes.
 */
static void find_typical(struct probe *probe, struct snapshot *snapshot, struct settling *settling)
{
	sample_round(probe, snapshot, settling, SETTLE_SAMPLES, SETTLE_PAUSE_NS);
	for (int round = 0; round < SETTLE_ROUNDS; round++) {
		note_events(probe, snapshot, settling);
		probe__grace_period();
		if (sample_round(probe, snapshot, settling, SETTLE_SAMPLES, SETTLE_PAUSE_NS))
			return;
	}
}

/*
 * is_settled - do the words of @cpu fit its counts? A vIPI whose do not is none at rest
 *
 * Nobody can wait for one of which is not known what would fit.
 */
static bool is_settled(const struct probe *probe, struct snapshot *snapshot, unsigned int cpu,
		       const struct settling *settling)
{
	bool settled = true;

	for (unsigned int vipi = 0; vipi < probe->nr_vipis; vipi++) {
		unsigned int cell = cpu * probe->nr_vipis + vipi;

		if (settling->clears.found[cell] &&
		    clear_balance(snapshot, cpu, vipi) == settling->clears.value[cell] &&
		    snapshot->words.still[cpu] >> vipi & 1)
			continue;
		snapshot->words.still[cpu] &= ~(1U << vipi);
		settled &= !settling->clears.found[cell];
	}
	return settled;
}

/*
 * none_arrives - is no parent IPI on its way to @cpu in this copy?
 *
 * As many were sent and not processed as mostly are: all of these met another one. One that is on
 * its way makes them one more.
 */
static bool none_arrives(const struct snapshot *snapshot, unsigned int cpu,
			 const struct settling *settling)
{
	return settling->arrivals.found[cpu] &&
	       counters__arriving(&snapshot->counters, cpu) == settling->arrivals.value[cpu];
}

/* is_best - there is no reason to look for another copy of @cpu's counters, of all that fit */
static bool is_best(const struct snapshot *snapshot, unsigned int cpu,
		    const struct settling *settling)
{
	return !settling->arrivals.found[cpu] || none_arrives(snapshot, cpu, settling);
}

/* is_good - is this settled copy of @cpu's counters the one to take? A better one may not come */
static bool is_good(const struct snapshot *snapshot, unsigned int cpu, struct settling *settling)
{
	return is_best(snapshot, cpu, settling) || ++settling->nr_settled[cpu] >= SETTLE_WAITS;
}

/*
 * settle_cpu_counts - copies @cpu's counters at an instant of typical balances, and, because waits
 * are copied after them, one when nothing was just being handled
 */
static bool settle_cpu_counts(struct probe *probe, struct snapshot *snapshot, unsigned int cpu,
			      struct settling *settling)
{
	const __s64 *typical = settling->balances.value + cpu * probe->nr_vipis;
	int nr_typical = 0;

	for (int try = 0; try < SETTLE_TRIES; try++) {
		settling->whole[cpu] = copy_whole(probe, snapshot, cpu);
		if (!settling->whole[cpu] ||
		    !is_typical(probe, &snapshot->counters, cpu, typical))
			continue;
		if ((waits__fit(&snapshot->counters, &probe->live, cpu, probe->nr_vipis) &&
		     is_best(snapshot, cpu, settling)) || ++nr_typical == SETTLE_WAITS)
			return true;
	}
	return false;
}

/* settle_cpu_words - copies @cpu's counters, and its words, at an instant at which they fit */
static bool settle_cpu_words(struct probe *probe, struct snapshot *snapshot, unsigned int cpu,
			     struct settling *settling)
{
	for (unsigned int try = 0; try < EDGE_TRIES; try++) {
		settling->whole[cpu] = read_cpu(probe, snapshot, cpu);
		if (is_settled(probe, snapshot, cpu, settling) && settling->whole[cpu] &&
		    is_good(snapshot, cpu, settling))
			return true;
	}
	return false;
}

/* settle_all - what @settle does, of all CPUs, those for which it fails again and again for @ns */
static void settle_all(struct probe *probe, struct snapshot *snapshot, struct settling *settling,
		       bool (*settle)(struct probe *, struct snapshot *, unsigned int cpu,
				      struct settling *), __u64 ns)
{
	static const struct timespec pause = { .tv_nsec = SETTLE_PAUSE_NS };
	__u64 until = clock__now(CLOCK_MONOTONIC) + ns;
	bool all;

	memset(settling->settled, 0, probe->nr_cpus * sizeof(*settling->settled));
	memset(settling->nr_settled, 0, probe->nr_cpus * sizeof(*settling->nr_settled));
	for (;;) {
		all = true;
		for (unsigned int cpu = 0; cpu < probe->nr_cpus; cpu++) {
			if (!settling->settled[cpu])
				settling->settled[cpu] = settle(probe, snapshot, cpu, settling);
			all &= settling->settled[cpu];
		}
		if (all || clock__now(CLOCK_MONOTONIC) >= until)
			return;
		nanosleep(&pause, NULL);
	}
}

/*
 * undo_half_counted - takes a mask or an unmask that is not counted yet out of @cpu's enabled word
 *
 * The host may stop the CPU just there, for longer than anybody waits. To whom begins to count here
 * the change is still to come, as its count is. (At the end of a run it may as well be one that
 * nothing will count: whoever audits looks again.)
 */
static void undo_half_counted(const struct probe *probe, struct snapshot *snapshot,
			      unsigned int cpu, const struct settling *settling)
{
	const struct samples *turns = &settling->turns;

	for (unsigned int vipi = 0; vipi < probe->nr_vipis; vipi++) {
		unsigned int cell = cpu * probe->nr_vipis + vipi;
		__s64 enabled;

		if (!turns->found[cell] || !(snapshot->words.still[cpu] >> vipi & 1))
			continue;
		enabled = counters__turns(&snapshot->counters, cpu, vipi) - turns->value[cell];
		if (enabled == 0)
			snapshot->words.enabled[cpu] &= ~(1U << vipi);
		else if (enabled == 1)
			snapshot->words.enabled[cpu] |= 1U << vipi;
	}
}

/*
 * judge_cpu - what is known of @cpu's counters, as they were copied at last
 *
 * What has not moved since before the last grace period was at rest then, and is. Of counters
 * that moved while they were copied nothing is known.
 */
static void judge_cpu(const struct probe *probe, struct snapshot *snapshot, unsigned int cpu,
		      const struct settling *settling)
{
	const struct words *words = &snapshot->words;

	for (unsigned int vipi = 0; vipi < probe->nr_vipis; vipi++) {
		unsigned int cell = cpu * probe->nr_vipis + vipi;
		size_t at = ((size_t)cpu << snapshot->counters.shape.vipi_shift) | vipi;
		const struct counters *counters = &snapshot->counters;
		bool unread = words->known && !(words->still[cpu] >> vipi & 1);

		if (counters__events(counters, cpu, vipi) == settling->events[cell] && !unread)
			snapshot->edge[at] = EDGE_QUIET;
		else if (!settling->balances.found[cell] || unread || snapshot->torn[at] ||
			 (!words->known &&
			  counters__balance(counters, cpu, vipi) != settling->balances.value[cell]))
			snapshot->edge[at] = EDGE_BUSY;
		else
			snapshot->edge[at] = EDGE_TYPICAL;
	}
	snapshot->arrivals[cpu] = settling->whole[cpu] && none_arrives(snapshot, cpu, settling) ?
				  EDGE_TYPICAL : EDGE_BUSY;
}

static int init_settling(const struct probe *probe, struct settling *settling)
{
	unsigned int nr_cells = probe->nr_cpus * probe->nr_vipis;

	settling->events = calloc(nr_cells, sizeof(*settling->events));
	settling->whole = calloc(probe->nr_cpus, sizeof(*settling->whole));
	settling->settled = calloc(probe->nr_cpus, sizeof(*settling->settled));
	settling->nr_settled = calloc(probe->nr_cpus, sizeof(*settling->nr_settled));
	if (samples__init(&settling->balances, nr_cells, SETTLE_SAMPLES) ||
	    samples__init(&settling->clears, nr_cells, SETTLE_SAMPLES) ||
	    samples__init(&settling->turns, nr_cells, SETTLE_SAMPLES) ||
	    samples__init(&settling->arrivals, probe->nr_cpus, SETTLE_SAMPLES))
		return -ENOMEM;
	return settling->events && settling->whole && settling->settled && settling->nr_settled ?
	       0 : -ENOMEM;
}

static void free_settling(struct settling *settling)
{
	samples__free(&settling->balances);
	samples__free(&settling->clears);
	samples__free(&settling->turns);
	samples__free(&settling->arrivals);
	free(settling->events);
	free(settling->whole);
	free(settling->settled);
	free(settling->nr_settled);
}

struct failure *probe__snapshot_settled(struct probe *probe, struct snapshot *snapshot, bool first)
{
	struct settling settling = {};
	struct failure *failure = failure__of(init_settling(probe, &settling));
	__u64 missed = 0;

	if (failure)
		goto free;
	if (!find_quickly(probe, snapshot, &settling))
		find_typical(probe, snapshot, &settling);
	failure = failure__of(settling.err);
	if (failure)
		goto free;
	/* A grace period is over: what is the same is nothing that is under way. */
	if (probe->noted)
		noted__keep_same(probe->noted);
	/*
	 * A raise may be missed just after the last copy, and its send be the first of the run:
	 * then the run has to have the missed event, too.
	 */
	if (first)
		failure = probe__read_missed(probe, snapshot);
	if (failure)
		goto free;
	missed = snapshot->missed;
	/* Where the words are known, they say better than a balance when a CPU is settled. */
	settle_all(probe, snapshot, &settling, settle_cpu_counts,
		   snapshot->words.known ? 0 : EDGE_PATIENCE_NS);
	if (snapshot->words.known)
		settle_all(probe, snapshot, &settling, settle_cpu_words, EDGE_PATIENCE_NS);
	failure = failure__of(probe__settle_compared(probe, snapshot));
	if (failure)
		goto free;
	for (unsigned int cpu = 0; cpu < probe->nr_cpus; cpu++) {
		if (first)
			undo_half_counted(probe, snapshot, cpu, &settling);
		judge_cpu(probe, snapshot, cpu, &settling);
	}
	if (probe->noted)
		failure = failure__of(noted__settle(probe->noted, &snapshot->counters, true));
	if (failure)
		goto free;
	failure = probe__stamp(probe, snapshot);
	if (first)
		snapshot->missed = missed;
free:
	free_settling(&settling);
	return failure;
}
