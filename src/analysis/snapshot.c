// SPDX-License-Identifier: GPL-2.0-only
/* The counters at one instant, see snapshot.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/snapshot.h"

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

struct ipimux_shape counters__shape(unsigned int last_cpu, unsigned int nr_vipis, bool *by_set)
{
	struct ipimux_shape shape = {
		.cpu_shift = log2_up(last_cpu + 1),
		.vipi_shift = log2_up(nr_vipis),
	};

	*by_set = nr_vipis <= IPIMUX_MAX_SET_VIPIS;
	shape.processed_shift = *by_set ? 1U << shape.vipi_shift : IPIMUX_BITS_SHIFT;
	shape.traffic_mask = (1U << (2 * shape.cpu_shift + shape.vipi_shift +
				     IPIMUX_OUTCOME_SHIFT)) - 1;
	shape.processed_mask = (1U << (shape.cpu_shift + shape.processed_shift)) - 1;
	shape.unmasked_mask = (1U << (shape.cpu_shift + shape.vipi_shift +
				      IPIMUX_UNMASK_SHIFT)) - 1;
	shape.masked_mask = (1U << (shape.cpu_shift + shape.vipi_shift + IPIMUX_MASK_SHIFT)) - 1;
	shape.waits_mask = (1U << (shape.cpu_shift + shape.vipi_shift)) - 1;
	return shape;
}

static size_t table_size(__u32 mask)
{
	return ((size_t)mask + 1) * sizeof(__u64);
}

int snapshot__init(struct snapshot *snapshot, const struct ipimux_shape *shape, bool by_set)
{
	size_t nr_cpus = (size_t)1 << shape->cpu_shift;

	memset(snapshot, 0, sizeof(*snapshot));
	snapshot->counters.shape = *shape;
	snapshot->counters.by_set = by_set;
	snapshot->counters.traffic = calloc(1, table_size(shape->traffic_mask));
	snapshot->counters.processed = calloc(1, table_size(shape->processed_mask));
	snapshot->counters.unmasked = calloc(1, table_size(shape->unmasked_mask));
	snapshot->kernel.low = calloc(KERNEL_COUNTS(shape), sizeof(__u32));
	snapshot->kernel.high = calloc(KERNEL_COUNTS(shape), sizeof(__u32));
	snapshot->words.still = calloc(nr_cpus, sizeof(*snapshot->words.still));
	snapshot->words.pending = calloc(nr_cpus, sizeof(__u32));
	snapshot->words.enabled = calloc(nr_cpus, sizeof(__u32));
	snapshot->edge = calloc(shape->waits_mask + 1UL, sizeof(*snapshot->edge));
	snapshot->ran = calloc(nr_cpus, sizeof(__u64));
	if (!snapshot->counters.traffic || !snapshot->counters.processed ||
	    !snapshot->counters.unmasked || !snapshot->kernel.low || !snapshot->kernel.high ||
	    !snapshot->words.still || !snapshot->words.pending || !snapshot->words.enabled ||
	    !snapshot->edge || !snapshot->ran) {
		snapshot__free(snapshot);
		return -ENOMEM;
	}
	return 0;
}

__u64 **counters__table(struct counters *counters, enum counters_table table, size_t *size)
{
	const struct ipimux_shape *shape = &counters->shape;

	switch (table) {
	case COUNTERS_WAITS:
		*size = ((size_t)shape->waits_mask + 1) * (sizeof(struct ipimux_waits) /
							   sizeof(__u64));
		return (__u64 **)&counters->waits;
	case COUNTERS_DOUBTS:
		*size = (size_t)shape->unmasked_mask + 1;
		return &counters->doubts;
	case COUNTERS_MASKED:
		*size = (size_t)shape->masked_mask + 1;
		return &counters->masked;
	case COUNTERS_PARENTS:
		*size = (size_t)1 << shape->cpu_shift;
		return &counters->parents;
	case COUNTERS_LATE:
		*size = (size_t)1 << (shape->cpu_shift + IPIMUX_LATE_SHIFT);
		return &counters->late;
	case COUNTERS_STARTED:
	default:
		*size = (size_t)shape->waits_mask + 1;
		return &counters->started;
	}
}

int snapshot__add(struct snapshot *snapshot, enum counters_table table)
{
	size_t size;
	__u64 **counters = counters__table(&snapshot->counters, table, &size);

	*counters = calloc(size, sizeof(**counters));
	return *counters ? 0 : -ENOMEM;
}

int snapshot__add_all(struct snapshot *snapshot, const struct counters *like)
{
	struct counters there = *like;
	int err = 0;

	for (int table = 0; table < COUNTERS_NR_OPTIONAL && !err; table++) {
		size_t size;

		if (*counters__table(&there, table, &size))
			err = snapshot__add(snapshot, table);
	}
	return err;
}

void snapshot__free(struct snapshot *snapshot)
{
	free(snapshot->counters.traffic);
	free(snapshot->counters.processed);
	free(snapshot->counters.unmasked);
	free(snapshot->counters.waits);
	free(snapshot->counters.doubts);
	free(snapshot->counters.masked);
	free(snapshot->counters.parents);
	free(snapshot->counters.started);
	free(snapshot->counters.late);
	free(snapshot->kernel.low);
	free(snapshot->kernel.high);
	free(snapshot->words.still);
	free(snapshot->words.pending);
	free(snapshot->words.enabled);
	free(snapshot->edge);
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

	for (size_t i = 0; i < count; i++) {
		__u64 value = live[i];

		moved |= value ^ to[i];
		to[i] = value;
	}
	return moved;
}

/* copy_switched - @cpu's masks and unmasks; returns whether any differed */
static bool copy_switched(struct counters *to, const struct counters *live, unsigned int cpu)
{
	__u64 unmasked = ipimux_unmasked_index(&live->shape, cpu, 0, 0);
	__u64 masked = ipimux_masked_index(&live->shape, cpu, 0, 0);
	bool moved = copy_moved(to->unmasked + unmasked, live->unmasked + unmasked,
				(size_t)IPIMUX_NR_UNMASKS << live->shape.vipi_shift);

	if (to->masked && live->masked)
		moved |= copy_moved(to->masked + masked, live->masked + masked,
				    (size_t)1 << (live->shape.vipi_shift + IPIMUX_MASK_SHIFT));
	return moved;
}

/*
 * copy_verified - what was seen of @cpu below and above the mux: after the rest, because it
 * happens after that
 */
static void copy_verified(struct counters *to, const struct counters *live, unsigned int cpu)
{
	__u64 parents = ipimux_parents_index(&live->shape, cpu);
	__u64 late = ipimux_late_index(&live->shape, cpu, 0);
	__u64 started = ipimux_started_index(&live->shape, cpu, 0);

	if (to->parents && live->parents)
		copy_moved(to->parents + parents, live->parents + parents, 1);
	if (to->late && live->late)
		copy_moved(to->late + late, live->late + late, IPIMUX_NR_LATE);
	if (to->started && live->started)
		copy_moved(to->started + started, live->started + started,
			   (size_t)1 << live->shape.vipi_shift);
}

/* copy_balance - the sends to @cpu and what it processed; returns whether any differed */
static bool copy_balance(struct counters *to, const struct counters *live, unsigned int cpu)
{
	const struct ipimux_shape *shape = &live->shape;
	size_t per_pair = (size_t)IPIMUX_NR_OUTCOMES << shape->vipi_shift;
	__u64 processed = ipimux_processed_index(shape, cpu, 0);
	bool moved = false;

	for (unsigned int sender = 0; sender >> shape->cpu_shift == 0; sender++) {
		__u64 pair = ipimux_traffic_index(shape, sender, cpu, 0, 0);

		moved |= copy_moved(to->traffic + pair, live->traffic + pair, per_pair);
	}
	moved |= copy_moved(to->processed + processed, live->processed + processed,
			    (size_t)1 << shape->processed_shift);
	return moved;
}

/* copy_waits - last, so that what is timed is among what was handled */
static void copy_waits(struct counters *to, const struct counters *live, unsigned int cpu)
{
	__u64 waits = ipimux_waits_index(&live->shape, cpu, 0);

	if (to->waits && live->waits)
		copy_moved((__u64 *)(to->waits + waits), (const __u64 *)(live->waits + waits),
			   (sizeof(*live->waits) / sizeof(__u64)) << live->shape.vipi_shift);
}

/* copy_doubts - they are counted before the sends that they are about */
static void copy_doubts(struct counters *to, const struct counters *live, unsigned int cpu)
{
	__u64 doubts = ipimux_doubts_index(&live->shape, cpu, 0, 0);

	if (to->doubts && live->doubts)
		copy_moved(to->doubts + doubts, live->doubts + doubts,
			   (size_t)IPIMUX_NR_DOUBTS << live->shape.vipi_shift);
}

int counters__copy_cpu(struct counters *to, const struct counters *live, unsigned int cpu)
{
	int err = -EAGAIN;

	/*
	 * Counters only grow: where a pass finds the values that the one before
	 * it found (or an older copy, or the zeros they started from), those
	 * were the values of all of them at the instant when it began.
	 */
	for (int try = 0; try < COPY_TRIES && err; try++) {
		bool moved = copy_switched(to, live, cpu);

		moved |= copy_balance(to, live, cpu);
		if (!moved)
			err = 0;
		/* All reads of a pass come before those of the next. */
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
	}
	copy_waits(to, live, cpu);
	copy_doubts(to, live, cpu);
	copy_verified(to, live, cpu);
	return err;
}

int counters__copy_copied(struct counters *to, const struct counters *copy, unsigned int cpu)
{
	bool moved;

	moved = copy_switched(to, copy, cpu);
	moved |= copy_balance(to, copy, cpu);
	copy_waits(to, copy, cpu);
	copy_doubts(to, copy, cpu);
	copy_verified(to, copy, cpu);
	return moved ? -EAGAIN : 0;
}

__u64 counters__doubts(const struct counters *counters, unsigned int cpu, unsigned int vipi,
		       enum ipimux_doubt doubt)
{
	return counters->doubts ?
	       counters->doubts[ipimux_doubts_index(&counters->shape, cpu, vipi, doubt)] : 0;
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
	}
	for (int kick = 0; kick < IPIMUX_NR_UNMASKS; kick++)
		events += *(const volatile __u64 *)(counters->unmasked +
			ipimux_unmasked_index(shape, cpu, vipi, kick));
	for (int how = IPIMUX_MASK_PLAIN; counters->masked && how <= IPIMUX_MASK_PENDING; how++)
		events += *(const volatile __u64 *)(counters->masked +
			ipimux_masked_index(shape, cpu, vipi, how));
	return events;
}

__u32 counters__still(const struct counters *copy, const struct counters *live, unsigned int cpu)
{
	__u32 still = 0;

	/* What was read before comes before this. */
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	for (unsigned int vipi = 0; vipi >> copy->shape.vipi_shift == 0; vipi++)
		if (counters__events(copy, cpu, vipi) == counters__events(live, cpu, vipi))
			still |= 1U << vipi;
	return still;
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

static void subtract(__u64 *difference, const __u64 *later, const __u64 *earlier, __u32 mask)
{
	for (size_t i = 0; i <= mask; i++)
		difference[i] = later[i] - earlier[i];
}

/* subtract_optional - a table that is one number after another, where all three have it */
static void subtract_optional(struct snapshot *difference, const struct snapshot *later,
			      const struct snapshot *earlier, enum counters_table table)
{
	struct counters to = difference->counters, from = later->counters,
			before = earlier->counters;
	size_t size;
	__u64 *result = *counters__table(&to, table, &size);
	const __u64 *now = *counters__table(&from, table, &size);
	const __u64 *then = *counters__table(&before, table, &size);

	if (result && now && then)
		subtract(result, now, then, size - 1);
}

static void subtract_waits(struct ipimux_waits *difference, const struct ipimux_waits *later,
			   const struct ipimux_waits *earlier, __u32 mask)
{
	for (size_t i = 0; i <= mask; i++) {
		subtract(difference[i].raised, later[i].raised, earlier[i].raised,
			 IPIMUX_NR_BUCKETS);
		subtract(difference[i].masked, later[i].masked, earlier[i].masked,
			 IPIMUX_NR_BUCKETS);
		difference[i].untimed = later[i].untimed - earlier[i].untimed;
	}
}

void snapshot__subtract(struct snapshot *difference, const struct snapshot *later,
			const struct snapshot *earlier)
{
	const struct ipimux_shape *shape = &later->counters.shape;

	difference->time = later->time - earlier->time;
	difference->wall_time = later->wall_time;
	difference->missed_unknown = later->missed_unknown || earlier->missed_unknown;
	difference->missed = difference->missed_unknown ? 0 : later->missed - earlier->missed;
	difference->online = later->online;
	cpuset__union(&difference->online, &earlier->online);
	subtract(difference->counters.traffic, later->counters.traffic,
		 earlier->counters.traffic, shape->traffic_mask);
	subtract(difference->counters.processed, later->counters.processed,
		 earlier->counters.processed, shape->processed_mask);
	subtract(difference->counters.unmasked, later->counters.unmasked,
		 earlier->counters.unmasked, shape->unmasked_mask);
	if (difference->counters.waits && later->counters.waits && earlier->counters.waits)
		subtract_waits(difference->counters.waits, later->counters.waits,
			       earlier->counters.waits, shape->waits_mask);
	for (int table = COUNTERS_DOUBTS; table < COUNTERS_NR_OPTIONAL; table++)
		subtract_optional(difference, later, earlier, table);
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
