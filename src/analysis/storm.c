// SPDX-License-Identifier: GPL-2.0-only
/* What exceeds a rate of sends, and for how long: see storm.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/storm.h"

int storms__init(struct storms *storms, const struct ipimux_shape *shape, __u64 rate)
{
	memset(storms, 0, sizeof(*storms));
	storms->rate = rate;
	storms->nr_cpus = 1U << shape->cpu_shift;
	storms->nr_vipis = 1U << shape->vipi_shift;
	/* Each has a target or a vIPI that no other one has; and those that have just ended. */
	storms->nr_storms = 2 * (storms->nr_cpus + storms->nr_vipis);
	storms->storms = calloc(storms->nr_storms, sizeof(*storms->storms));
	/* Memory that is not touched costs nothing. */
	storms->starts = calloc(storms->nr_storms, sizeof(*storms->starts));
	if (!storms->storms || !storms->starts) {
		storms__free(storms);
		return -ENOMEM;
	}
	return 0;
}

void storms__free(struct storms *storms)
{
	free(storms->storms);
	free(storms->starts);
	memset(storms, 0, sizeof(*storms));
}

bool storm__has(const struct storm *storm, unsigned int target, unsigned int vipi)
{
	return storm->vipis >> vipi & 1 &&
	       (cpuset__last(&storm->targets) < 0 || cpuset__has(&storm->targets, target));
}

void storm__add_waits(const struct storm *storm, struct waits *sum,
		      const struct counters *counters)
{
	const struct ipimux_shape *shape = &counters->shape;

	for (unsigned int cpu = 0; cpu >> shape->cpu_shift == 0; cpu++)
		for (unsigned int vipi = 0; vipi >> shape->vipi_shift == 0; vipi++)
			if (storm__has(storm, cpu, vipi))
				waits__add(sum, counters, cpu, vipi);
}

static bool is_going(const struct storm *storm)
{
	return storm->state == STORM_STARTED || storm->state == STORM_GOES_ON;
}

bool storms__any(const struct storms *storms, enum storm_state state)
{
	for (unsigned int i = 0; i < storms->nr_storms; i++)
		if (storms->storms[i].state == state)
			return true;
	return false;
}

/* --- sums over the interval --- */

/* received - by a target, if what is sent to it counts */
static const struct sends *received(const struct storms *storms, unsigned int target,
				    unsigned int vipi)
{
	static const struct sends none;

	if (storms->cpus && !cpuset__has(storms->cpus, target))
		return &none;
	return &storms->margins->margin[target * storms->nr_vipis + vipi].received;
}

static __u64 sends_to(const struct storms *storms, unsigned int target)
{
	__u64 sum = 0;

	for (unsigned int vipi = 0; vipi < storms->nr_vipis; vipi++)
		sum += sends__total(received(storms, target, vipi));
	return sum;
}

static __u64 sends_of(const struct storms *storms, unsigned int vipi)
{
	__u64 sum = 0;

	for (unsigned int target = 0; target < storms->nr_cpus; target++)
		sum += sends__total(received(storms, target, vipi));
	return sum;
}

static __u64 sends_between(const struct storms *storms, const struct snapshot *difference,
			   unsigned int sender, unsigned int target, __u32 vipis)
{
	const struct counters *counters = &difference->counters;
	__u64 sum = 0;

	for (unsigned int vipi = 0; vipi < storms->nr_vipis; vipi++) {
		const __u64 *cell = counters->traffic +
				    ipimux_traffic_index(&counters->shape, sender, target, vipi, 0);

		if (vipis >> vipi & 1)
			for (int outcome = 0; outcome < IPIMUX_NR_OUTCOMES; outcome++)
				sum += cell[outcome];
	}
	return sum;
}

/* exceeds - are @sends in @ns more than @rate a second? */
static bool exceeds(__u64 sends, __u64 ns, __u64 rate)
{
	return ns && sends * 1e9 / ns > rate;
}

/* --- storms --- */

/* carry_on - what the interval brought to a storm that was there before it */
static void carry_on(const struct storms *storms, struct storm *storm,
		     const struct snapshot *difference, const struct snapshot *later)
{
	__u64 sends = 0, coalesced = 0, uncertain = 0;
	bool above = false;

	for (unsigned int target = 0; target < storms->nr_cpus; target++) {
		__u64 before = sends;

		for (unsigned int vipi = 0; vipi < storms->nr_vipis; vipi++) {
			if (!storm__has(storm, target, vipi))
				continue;
			sends += sends__total(received(storms, target, vipi));
			coalesced += sends__coalesced(received(storms, target, vipi));
			uncertain += counters__doubts(&difference->counters, target, vipi,
						      IPIMUX_UNCERTAIN);
		}
		if (exceeds(sends - before, storms->rate_ns, storms->rate / 2))
			above = true;
	}
	if (cpuset__last(&storm->targets) < 0)
		above = exceeds(sends, storms->rate_ns, storms->rate / 2);

	storm->quiet_sends += sends;
	storm->quiet_coalesced += coalesced;
	storm->quiet_uncertain += uncertain;
	storm->via = counters__via(&difference->counters);
	if (!above) {
		if (++storm->nr_quiet == STORM_QUIET)
			storm->state = STORM_ENDED;
		return;
	}
	storm->nr_quiet = 0;
	storm->end = later->time;
	storm->end_wall = later->wall_time;
	storm->sends += storm->quiet_sends;
	storm->coalesced += storm->quiet_coalesced;
	storm->uncertain += storm->quiet_uncertain;
	storm->quiet_sends = storm->quiet_coalesced = storm->quiet_uncertain = 0;
	if (!storm->highest_ns || (double)sends * storm->highest_ns >
				  (double)storm->highest * difference->time) {
		storm->highest = sends;
		storm->highest_ns = difference->time;
	}
}

/* new_storm - one without anything in it yet; there is always room */
static struct storm *new_storm(struct storms *storms, const struct snapshot *difference,
			       const struct snapshot *later)
{
	struct storm *storm = storms->storms;

	while (storm->state != STORM_FREE)
		storm++;
	*storm = (struct storm){
		.state = STORM_STARTED,
		.start = later->time - difference->time,
		.start_wall = later->wall_time - difference->time,
	};
	storms->nr_started++;
	return storm;
}

/* add_senders - those who send to @target; who hardly does is left out */
static void add_senders(const struct storms *storms, struct storm *storm,
			const struct snapshot *difference, unsigned int target, __u32 vipis)
{
	__u64 total = 0;
	unsigned int nr = 0;

	for (unsigned int sender = 0; sender < storms->nr_cpus; sender++) {
		__u64 sends = sends_between(storms, difference, sender, target, vipis);

		total += sends;
		nr += sends != 0;
	}
	for (unsigned int sender = 0; sender < storms->nr_cpus; sender++)
		if (2 * nr * sends_between(storms, difference, sender, target, vipis) > total)
			cpuset__add(&storm->senders, sender);
}

/* find_storm - the one whose senders and vIPIs make half or more of what @target gets */
static struct storm *find_storm(const struct storms *storms, const struct snapshot *difference,
				unsigned int target)
{
	__u64 all = sends_to(storms, target);

	for (unsigned int i = 0; i < storms->nr_storms; i++) {
		struct storm *storm = &storms->storms[i];
		__u64 its = 0;

		if (!is_going(storm))
			continue;
		for (unsigned int sender = 0; sender < storms->nr_cpus; sender++)
			if (cpuset__has(&storm->senders, sender))
				its += sends_between(storms, difference, sender, target,
						     storm->vipis);
		if (2 * its >= all)
			return storm;
	}
	return NULL;
}

/* is_target - is it already part of a storm? */
static bool is_target(const struct storms *storms, unsigned int target)
{
	for (unsigned int i = 0; i < storms->nr_storms; i++)
		if (is_going(&storms->storms[i]) &&
		    cpuset__has(&storms->storms[i].targets, target))
			return true;
	return false;
}

/* watch_target - puts a target above the limit into a storm */
static void watch_target(struct storms *storms, const struct snapshot *difference,
			 const struct snapshot *later, unsigned int target)
{
	struct storm *storm = find_storm(storms, difference, target);
	__u64 all = sends_to(storms, target);
	__u32 vipis = 0;

	for (unsigned int vipi = 0; vipi < storms->nr_vipis; vipi++)
		if (4 * sends__total(received(storms, target, vipi)) >= all)
			vipis |= 1U << vipi;
	if (storm && storm->state == STORM_GOES_ON) {
		/* One without targets has them all. */
		if (cpuset__last(&storm->targets) >= 0)
			cpuset__add(&storm->targets, target);
		return;
	}
	if (!storm)
		storm = new_storm(storms, difference, later);
	storm->vipis |= vipis;
	cpuset__add(&storm->targets, target);
	add_senders(storms, storm, difference, target, vipis);
}

/* watch_vipi - makes a storm of a vIPI above the limit, unless one explains it */
static void watch_vipi(struct storms *storms, const struct snapshot *difference,
		       const struct snapshot *later, unsigned int vipi)
{
	__u64 all = sends_of(storms, vipi), explained = 0;
	struct storm *storm;

	for (unsigned int target = 0; target < storms->nr_cpus; target++) {
		for (unsigned int i = 0; i < storms->nr_storms; i++) {
			storm = &storms->storms[i];
			if (is_going(storm) && storm__has(storm, target, vipi)) {
				explained += sends__total(received(storms, target, vipi));
				break;
			}
		}
	}
	if (2 * explained >= all)
		return;
	storm = new_storm(storms, difference, later);
	storm->vipis = 1U << vipi;
	for (unsigned int target = 0; target < storms->nr_cpus; target++) {
		/* One about to exceed it by itself. */
		if (2 * sends__total(received(storms, target, vipi)) > all &&
		    !is_target(storms, target))
			cpuset__add(&storm->targets, target);
		add_senders(storms, storm, difference, target, storm->vipis);
	}
}

/* tell_start - what there is to tell of a storm that has just begun */
static void tell_start(const struct storms *storms, const struct storm *storm,
		       const struct snapshot *difference)
{
	struct storm_start *start = &storms->starts[storm - storms->storms];

	start->nr_excess = storms__excess(storms, storm, difference, start->excess, STORM_EXCESS);
	start->timed = difference->counters.waits != NULL;
	memset(&start->waits, 0, sizeof(start->waits));
	if (start->timed)
		storm__add_waits(storm, &start->waits, &difference->counters);
}

void storms__watch(struct storms *storms, const struct snapshot *difference,
		   const struct margins *margins, const struct snapshot *later)
{
	/*
	 * The end of a run may cut an interval so short that a moment's burst would be a
	 * storm: it counts as half of the one before it.
	 */
	storms->rate_ns = difference->time > storms->usual_ns / 2 ? difference->time :
								    storms->usual_ns / 2;
	storms->usual_ns = difference->time;
	storms->margins = margins;
	for (unsigned int i = 0; i < storms->nr_storms; i++) {
		struct storm *storm = &storms->storms[i];

		if (storm->state == STORM_ENDED)
			storm->state = STORM_FREE;
		if (!is_going(storm))
			continue;
		storm->state = STORM_GOES_ON;
		carry_on(storms, storm, difference, later);
	}

	for (unsigned int target = 0; target < storms->nr_cpus; target++)
		if (exceeds(sends_to(storms, target), storms->rate_ns, storms->rate) &&
		    !is_target(storms, target))
			watch_target(storms, difference, later, target);
	for (unsigned int vipi = 0; vipi < storms->nr_vipis; vipi++)
		if (exceeds(sends_of(storms, vipi), storms->rate_ns, storms->rate))
			watch_vipi(storms, difference, later, vipi);

	/* Their first interval counts, too. */
	for (unsigned int i = 0; i < storms->nr_storms; i++) {
		if (storms->storms[i].state != STORM_STARTED)
			continue;
		carry_on(storms, &storms->storms[i], difference, later);
		tell_start(storms, &storms->storms[i], difference);
	}
}

/* --- what there is to tell --- */

static int compare_excess(const void *a, const void *b)
{
	const struct storm_excess *x = a, *y = b;

	return (x->sends < y->sends) - (x->sends > y->sends);
}

/* add_excess - the @nr-th, if there is room; keeps the largest from @first on if there is none */
static unsigned int add_excess(struct storm_excess *excess, unsigned int max, unsigned int first,
			       unsigned int nr, struct storm_excess one)
{
	unsigned int least = first;

	if (nr < max) {
		excess[nr] = one;
		return nr + 1;
	}
	for (unsigned int i = first; i < max; i++)
		if (excess[i].sends < excess[least].sends)
			least = i;
	if (least < max && excess[least].sends < one.sends)
		excess[least] = one;
	return nr + 1;
}

static void sort_excess(struct storm_excess *excess, unsigned int max, unsigned int first,
			unsigned int nr)
{
	if (nr > max)
		nr = max;
	if (first < nr)
		qsort(excess + first, nr - first, sizeof(*excess), compare_excess);
}

unsigned int storms__excess(const struct storms *storms, const struct storm *storm,
			    const struct snapshot *difference, struct storm_excess *excess,
			    unsigned int max)
{
	unsigned int nr = 0, first;
	__u64 sends;

	for (unsigned int target = 0; target < storms->nr_cpus; target++) {
		sends = sends_to(storms, target);
		if (cpuset__has(&storm->targets, target) &&
		    exceeds(sends, storms->rate_ns, storms->rate))
			nr = add_excess(excess, max, 0, nr, (struct storm_excess){
					STORM_ALL, target, STORM_ALL, sends });
	}
	sort_excess(excess, max, 0, nr);

	first = nr;
	for (unsigned int vipi = 0; vipi < storms->nr_vipis; vipi++) {
		sends = sends_of(storms, vipi);
		if (storm->vipis >> vipi & 1 && exceeds(sends, storms->rate_ns, storms->rate))
			nr = add_excess(excess, max, first, nr, (struct storm_excess){
					STORM_ALL, STORM_ALL, vipi, sends });
	}
	sort_excess(excess, max, first, nr);

	first = nr;
	for (unsigned int target = 0; target < storms->nr_cpus; target++) {
		if (!cpuset__has(&storm->targets, target))
			continue;
		for (unsigned int sender = 0; sender < storms->nr_cpus; sender++) {
			sends = sends_between(storms, difference, sender, target, ~0U);
			if (exceeds(sends, storms->rate_ns, storms->rate))
				nr = add_excess(excess, max, first, nr, (struct storm_excess){
						sender, target, STORM_ALL, sends });
		}
	}
	sort_excess(excess, max, first, nr);
	return nr;
}
