// SPDX-License-Identifier: GPL-2.0-only
/* The counters at one instant, see snapshot.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "counters/snapshot.h"

/* Tries to find a target's counters at rest; each takes well under 10 us. */
#define COPY_TRIES	200

/* Room for the kernel's counts of all CPUs of a shape. */
#define KERNEL_COUNTS(shape)	((size_t)IPIMUX_MAX_VIPIS << (shape)->cpu_shift)

/* log2_up - the smallest n with 1 << n >= @value */
static unsigned int log2_up(unsigned int value)
{
	unsigned int n = 0;

	while (1U << n < value)
		n++;
	return n;
}

struct ipimux_shape counters__shape(unsigned int last_cpu, unsigned int nr_vipis, bool by_set)
{
	struct ipimux_shape shape = {
		.cpu_shift = log2_up(last_cpu + 1),
		.vipi_shift = log2_up(nr_vipis),
	};

	shape.processed_shift = by_set ? 1U << shape.vipi_shift : IPIMUX_BITS_SHIFT;
	shape.traffic_mask = (1U << (2 * shape.cpu_shift + shape.vipi_shift +
				     IPIMUX_OUTCOME_SHIFT)) - 1;
	shape.processed_mask = (1U << (shape.cpu_shift + shape.processed_shift)) - 1;
	shape.unmasked_mask = (1U << (shape.cpu_shift + shape.vipi_shift +
				      IPIMUX_UNMASK_SHIFT)) - 1;
	shape.masked_mask = (1U << (shape.cpu_shift + shape.vipi_shift + IPIMUX_MASK_SHIFT)) - 1;
	shape.waits_mask = (1U << (shape.cpu_shift + shape.vipi_shift)) - 1;
	return shape;
}

int snapshot__init(struct snapshot *snapshot, const struct ipimux_shape *shape, bool by_set)
{
	size_t nr_cpus = (size_t)1 << shape->cpu_shift;
	int err = 0;

	memset(snapshot, 0, sizeof(*snapshot));
	snapshot->counters.shape = *shape;
	snapshot->counters.by_set = by_set;
	for (int table = 0; table < COUNTERS_NR_TABLES && !err; table++)
		if (tables[table].when == COUNTED_ALWAYS)
			err = snapshot__add(snapshot, table);
	snapshot->kernel.low = calloc(KERNEL_COUNTS(shape), sizeof(__u32));
	snapshot->kernel.high = calloc(KERNEL_COUNTS(shape), sizeof(__u32));
	snapshot->words.still = calloc(nr_cpus, sizeof(*snapshot->words.still));
	snapshot->words.pending = calloc(nr_cpus, sizeof(__u32));
	snapshot->words.enabled = calloc(nr_cpus, sizeof(__u32));
	snapshot->edge = calloc(shape->waits_mask + 1UL, sizeof(*snapshot->edge));
	snapshot->arrivals = calloc(nr_cpus, sizeof(*snapshot->arrivals));
	snapshot->torn = calloc(shape->waits_mask + 1UL, sizeof(*snapshot->torn));
	snapshot->ran = calloc(nr_cpus, sizeof(__u64));
	if (err || !snapshot->kernel.low || !snapshot->kernel.high ||
	    !snapshot->words.still || !snapshot->words.pending || !snapshot->words.enabled ||
	    !snapshot->edge || !snapshot->arrivals || !snapshot->torn || !snapshot->ran) {
		snapshot__free(snapshot);
		return -ENOMEM;
	}
	return 0;
}

void counters__add_part(struct counters *counters, enum counters_table table)
{
	__u64 *host = counters->table[tables[table].host];

	counters->table[table] = host ? host + tables[table].first : NULL;
}

int snapshot__add(struct snapshot *snapshot, enum counters_table table)
{
	struct counters *counters = &snapshot->counters;

	if (tables[table].within) {
		counters__add_part(counters, table);
		return 0;
	}
	counters->table[table] = calloc(table__size(&tables[table], &counters->shape),
					sizeof(__u64));
	return counters->table[table] ? 0 : -ENOMEM;
}

int snapshot__add_all(struct snapshot *snapshot, const struct counters *like)
{
	int err = 0;

	snapshot->counters.by_kprobe = like->by_kprobe;
	snapshot->counters.timed_one_in = like->timed_one_in;
	for (int table = 0; table < COUNTERS_NR_TABLES && !err; table++)
		if (like->table[table] && !snapshot->counters.table[table])
			err = snapshot__add(snapshot, table);
	return err;
}

void snapshot__free(struct snapshot *snapshot)
{
	for (int table = 0; table < COUNTERS_NR_TABLES; table++)
		if (!tables[table].within)
			free(snapshot->counters.table[table]);
	free(snapshot->kernel.low);
	free(snapshot->kernel.high);
	free(snapshot->words.still);
	free(snapshot->words.pending);
	free(snapshot->words.enabled);
	free(snapshot->edge);
	free(snapshot->arrivals);
	free(snapshot->torn);
	free(snapshot->ran);
	memset(snapshot, 0, sizeof(*snapshot));
}

/*
 * copy_moved - copies @count counters, each read once
 *
 * Returns whether any differed from what the copy held before.
 */
static bool copy_moved(__u64 *to, const __u64 *from, size_t count)
{
	const volatile __u64 *live = from;
	__u64 moved = 0;

	/* What a snapshot costs is mostly this. */
#pragma GCC unroll 8
	for (size_t i = 0; i < count; i++) {
		__u64 value = live[i];

		moved |= value ^ to[i];
		to[i] = value;
	}
	return moved;
}

/* What is copied of a table, again and again. */
struct part {
	__u64 *to;
	const __u64 *live;
	struct table_slabs slabs;
};

/* find_parts - of the tables that are copied then and that both have; returns how many they are */
static unsigned int find_parts(struct part parts[COUNTERS_NR_TABLES], enum table_copied copied,
			       struct counters *to, const struct counters *live, unsigned int cpu)
{
	unsigned int nr = 0;

	for (int table = 0; table < COUNTERS_NR_TABLES; table++) {
		struct part *part = &parts[nr];

		if (tables[table].copied != copied || tables[table].within ||
		    !to->table[table] || !live->table[table])
			continue;
		part->to = to->table[table];
		part->live = live->table[table];
		part->slabs = table__slabs(&tables[table], &live->shape, cpu);
		nr++;
	}
	return nr;
}

/* copy_parts - returns whether any differed from what the copy held before */
static bool copy_parts(const struct part *parts, unsigned int nr)
{
	bool moved = false;

	for (const struct part *part = parts; part < parts + nr; part++) {
		size_t at = part->slabs.start;

		for (unsigned int i = 0; i < part->slabs.nr; i++, at += part->slabs.stride)
			moved |= copy_moved(part->to + at, part->live + at, part->slabs.size);
	}
	return moved;
}

/* copy_step - all that is copied then, once; returns as copy_parts() */
static bool copy_step(enum table_copied copied, struct counters *to, const struct counters *live,
		      unsigned int cpu)
{
	struct part parts[COUNTERS_NR_TABLES];

	return copy_parts(parts, find_parts(parts, copied, to, live, cpu));
}

int counters__copy_cpu(struct counters *to, const struct counters *live, unsigned int cpu)
{
	struct part together[COUNTERS_NR_TABLES];
	unsigned int nr = find_parts(together, COPIED_TOGETHER, to, live, cpu);
	int err = -EAGAIN;

	/*
	 * Counters only grow: where a pass finds the values that the one before
	 * it found (or an older copy, or the zeros they started from), those
	 * were the values of all of them at the instant when it began.
	 */
	for (int try = 0; try < COPY_TRIES && err; try++) {
		if (!copy_parts(together, nr))
			err = 0;
		/* All reads of a pass come before those of the next. */
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
	}
	/*
	 * Last, so that what is timed is among what was handled; doubts are counted before the
	 * sends that they are about, and what --verify counts happens after the rest.
	 */
	copy_step(COPIED_AFTER, to, live, cpu);
	return err;
}

int counters__copy_copied(struct counters *to, const struct counters *copy, unsigned int cpu)
{
	bool moved;

	moved = copy_step(COPIED_TOGETHER, to, copy, cpu);
	copy_step(COPIED_AFTER, to, copy, cpu);
	return moved ? -EAGAIN : 0;
}

__u64 counters__all_doubts(const struct counters *counters, enum ipimux_doubt doubt)
{
	__u64 sum = 0;

	for (unsigned int cpu = 0; cpu >> counters->shape.cpu_shift == 0; cpu++)
		for (unsigned int vipi = 0; vipi >> counters->shape.vipi_shift == 0; vipi++)
			sum += counters__doubts(counters, cpu, vipi, doubt);
	return sum;
}

__u64 counters__handled(const struct counters *counters, unsigned int cpu, unsigned int vipi)
{
	const __u64 *slab = counters->processed +
			    ipimux_processed_index(&counters->shape, cpu, 0);
	__u64 sum = 0;

	if (!counters->by_set)
		return slab[IPIMUX_BITS_HANDLED + vipi];
	for (unsigned int set = 0; set >> counters->shape.processed_shift == 0; set++)
		if (set >> vipi & 1)
			sum += slab[set];
	return sum;
}

__u64 counters__events(const struct counters *counters, unsigned int cpu, unsigned int vipi)
{
	const struct ipimux_shape *shape = &counters->shape;
	__u64 events = counters__handled(counters, cpu, vipi);

	for (unsigned int sender = 0; sender >> shape->cpu_shift == 0; sender++) {
		const volatile __u64 *sends = counters->traffic +
			ipimux_traffic_index(shape, sender, cpu, vipi, 0);

		for (int outcome = 0; outcome < IPIMUX_NR_OUTCOMES; outcome++)
			events += sends[outcome];
		/* An outcome may turn into raised: that is an event, too. */
		if (counters->doubts)
			events += sends[IPIMUX_RAISED];
	}
	for (int kick = 0; kick < IPIMUX_NR_UNMASKS; kick++)
		events += *(const volatile __u64 *)(counters->unmasked +
			ipimux_unmasked_index(shape, cpu, vipi, kick));
	for (int how = IPIMUX_MASK_PLAIN; counters->masked && how <= IPIMUX_MASK_PENDING; how++)
		events += *(const volatile __u64 *)(counters->masked +
			ipimux_masked_index(shape, cpu, vipi, how));
	return events;
}

__u64 counters__ups(const struct counters *counters, unsigned int cpu, unsigned int nr_vipis)
{
	__u64 ups = nr_vipis ? ~0ULL : 0;

	for (unsigned int vipi = 0; vipi < nr_vipis; vipi++) {
		const volatile __u64 *unmasks = counters->unmasked +
			ipimux_unmasked_index(&counters->shape, cpu, vipi, 0);
		__u64 sum = unmasks[IPIMUX_UNMASK_PLAIN] + unmasks[IPIMUX_UNMASK_KICK];

		ups = sum < ups ? sum : ups;
	}
	return ups;
}

__u32 counters__still(const struct counters *copy, const struct counters *live, unsigned int cpu)
{
	__u32 still = 0;

	for (unsigned int vipi = 0; vipi >> copy->shape.vipi_shift == 0; vipi++)
		if (!counters__moved(copy, live, cpu, vipi))
			still |= 1U << vipi;
	return still;
}

__u64 counters__moved(const struct counters *copy, const struct counters *live, unsigned int cpu,
		      unsigned int vipi)
{
	/* What was read before comes before this. */
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return counters__events(live, cpu, vipi) - counters__events(copy, cpu, vipi);
}

__u64 counters__calls(const struct counters *counters, unsigned int cpu)
{
	const __u64 *slab = counters->processed +
			    ipimux_processed_index(&counters->shape, cpu, 0);
	__u64 calls = 0;

	if (!counters->by_set)
		for (unsigned int batch = 0; batch <= IPIMUX_MAX_VIPIS; batch++)
			calls += slab[IPIMUX_BITS_BATCH + batch];
	if (!counters->by_set)
		calls += slab[IPIMUX_BITS_SOME];
	for (unsigned int set = 0; counters->by_set && set >> counters->shape.processed_shift == 0;
	     set++)
		calls += slab[set];
	return calls;
}

__s64 counters__arriving(const struct counters *counters, unsigned int cpu)
{
	const struct ipimux_shape *shape = &counters->shape;
	__u64 sent = 0;

	for (unsigned int vipi = 0; vipi >> shape->vipi_shift == 0; vipi++) {
		for (unsigned int sender = 0; sender >> shape->cpu_shift == 0; sender++)
			sent += counters->traffic[ipimux_traffic_index(shape, sender, cpu, vipi,
								       IPIMUX_RAISED)];
		sent += counters->unmasked[ipimux_unmasked_index(shape, cpu, vipi,
								 IPIMUX_UNMASK_KICK)];
	}
	return sent - counters__calls(counters, cpu);
}

__s64 counters__balance(const struct counters *counters, unsigned int cpu, unsigned int vipi)
{
	const struct ipimux_shape *shape = &counters->shape;
	__u64 set = 0;

	for (unsigned int sender = 0; sender >> shape->cpu_shift == 0; sender++) {
		const __u64 *sends = counters->traffic +
				     ipimux_traffic_index(shape, sender, cpu, vipi, 0);

		set += sends[IPIMUX_RAISED] + sends[IPIMUX_MASKED];
	}
	return set - counters__handled(counters, cpu, vipi);
}

__s64 counters__turns(const struct counters *counters, unsigned int cpu, unsigned int vipi)
{
	const __u64 *unmasks = counters->unmasked +
			       ipimux_unmasked_index(&counters->shape, cpu, vipi, 0);
	const __u64 *masks = counters->masked +
			     ipimux_masked_index(&counters->shape, cpu, vipi, 0);

	return unmasks[IPIMUX_UNMASK_PLAIN] + unmasks[IPIMUX_UNMASK_KICK] -
	       masks[IPIMUX_MASK_PLAIN] - masks[IPIMUX_MASK_PENDING];
}

/*
 * never_less - what was counted and is taken back, because another outcome shows, is not less than
 * nothing: of sends it is one raised less, so that their number stays
 */
static void never_less(__u64 *result, size_t size, enum counters_table table)
{
	for (size_t i = 0; i < size; i++) {
		__u64 *raised = result + (i & ~(size_t)(IPIMUX_NR_OUTCOMES - 1));

		if ((__s64)result[i] >= 0)
			continue;
		if (table == COUNTERS_TRAFFIC && (__s64)*raised > 0)
			*raised += result[i];
		result[i] = 0;
	}
	/* Raised comes first of its cell, and may be less now. */
	for (size_t i = 0; table == COUNTERS_TRAFFIC && i < size; i += IPIMUX_NR_OUTCOMES)
		if ((__s64)result[i] < 0)
			result[i] = 0;
}

/* subtract - a table that all three have, counter by counter */
static void subtract(struct counters *difference, const struct counters *later,
		     const struct counters *earlier, enum counters_table table)
{
	__u64 *result = difference->table[table];
	const __u64 *now = later->table[table], *then = earlier->table[table];
	size_t size = table__size(&tables[table], &later->shape);

	if (tables[table].within || !result || !now || !then)
		return;
	for (size_t i = 0; i < size; i++)
		result[i] = now[i] - then[i];
	if (later->doubts && tables[table].unit == UNIT_EVENTS)
		never_less(result, size, table);
}

void snapshot__subtract(struct snapshot *difference, const struct snapshot *later,
			const struct snapshot *earlier)
{
	difference->time = later->time - earlier->time;
	difference->wall_time = later->wall_time;
	difference->missed_unknown = later->missed_unknown || earlier->missed_unknown;
	difference->missed = difference->missed_unknown ? 0 : later->missed - earlier->missed;
	difference->online = later->online;
	cpuset__union(&difference->online, &earlier->online);
	for (int table = 0; table < COUNTERS_NR_TABLES; table++)
		subtract(&difference->counters, &later->counters, &earlier->counters, table);
	snapshot__subtract_kernel(difference, later, earlier);
}

void snapshot__subtract_kernel(struct snapshot *difference, const struct snapshot *later,
			       const struct snapshot *earlier)
{
	difference->kernel.known = later->kernel.known && earlier->kernel.known;
	if (!difference->kernel.known)
		return;
	for (size_t i = 0; i < KERNEL_COUNTS(&later->counters.shape); i++) {
		difference->kernel.low[i] = later->kernel.low[i] - earlier->kernel.high[i];
		difference->kernel.high[i] = later->kernel.high[i] - earlier->kernel.low[i];
	}
}
