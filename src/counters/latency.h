/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How long vIPIs waited: sums over the waits of a difference, and what to say of
 * them. Pure.
 */
#ifndef LATENCY_H
#define LATENCY_H

#include <math.h>

#include "counters/snapshot.h"

/* Waits of one kind by length, see ipimux_bucket(). */
struct latency {
	__u64 timed;		/* how many there are in all buckets */
	__u64 ns;		/* how long they took together; 0 if that is not known */
	__u64 bucket[IPIMUX_NR_BUCKETS];
};

/* What waited on a CPU and vIPI, or on several. */
struct waits {
	struct latency kind[IPIMUX_NR_WAIT_KINDS];
	__u64 untimed;		/* handled, but not timed */
	bool summed;		/* it is known how long they took together */
};

/* Adds what waited on @cpu for @vipi; @counters has waits. */
void waits__add(struct waits *sum, const struct counters *counters, unsigned int cpu,
		unsigned int vipi);

/*
 * Is what was timed on @cpu, or not, in @copy just what it handled, of vIPIs 0..@nr_vipis-1? It was
 * copied from @live just now: nothing was handled since either. True where there are no waits.
 */
bool waits__fit(const struct counters *copy, const struct counters *live, unsigned int cpu,
		unsigned int nr_vipis);

void waits__merge(struct waits *sum, const struct waits *waits);

/*
 * What waited on @cpu for @vipi, out of the table: an accessor, because all of them together
 * would be as large as the table is. @counters has waits.
 */
static inline void waits__read(struct waits *waits, const struct counters *counters,
			       unsigned int cpu, unsigned int vipi)
{
	const struct ipimux_waits *table =
		&counters->waits[ipimux_waits_index(&counters->shape, cpu, vipi)];
	const __u64 *buckets[] = {
		[IPIMUX_WAIT_RAISED] = table->raised, [IPIMUX_WAIT_MASKED] = table->masked,
	};

	waits->untimed = table->untimed;
	for (int kind = 0; kind < IPIMUX_NR_WAIT_KINDS; kind++) {
		waits->kind[kind].timed = 0;
		for (unsigned int bucket = 0; bucket < IPIMUX_NR_BUCKETS; bucket++) {
			waits->kind[kind].bucket[bucket] = buckets[kind][bucket];
			waits->kind[kind].timed += buckets[kind][bucket];
		}
		waits->untimed += buckets[kind][IPIMUX_NR_BUCKETS];
		waits->kind[kind].ns = counters->waited ? counters->waited[
			ipimux_waited_index(&counters->shape, cpu, vipi, kind)] : 0;
	}
	/* The same for all that are added: the table is there, or not. */
	waits->summed = counters->waited;
}

/* Accessors of a histogram, for whoever shows it. */

/* The waits of a bucket are of this length (ns) and longer, and shorter than that of the next. */
static inline __u64 latency__bucket_start(unsigned int bucket)
{
	unsigned int octave = bucket >> IPIMUX_BUCKET_SHIFT;

	if (octave < 2)
		return (__u64)bucket << IPIMUX_BUCKET_UNIT_SHIFT;
	return (IPIMUX_LINEAR_BUCKETS | (bucket & (IPIMUX_LINEAR_BUCKETS - 1))) * 1ULL
		<< (octave - 1 + IPIMUX_BUCKET_UNIT_SHIFT);
}

/*
 * The length that @share (0 to 1) of the waits did not exceed, and with @share 1 the longest, as
 * all that is known of it: it is *@low ns or longer, and shorter than *@high (all ones: no end).
 * Both are 0 if there are none.
 */
static inline void latency__bounds(const struct latency *latency, double share, __u64 *low,
				   __u64 *high)
{
	__u64 rank = ceil(share * latency->timed);
	__u64 seen = 0;

	*low = *high = 0;
	if (!latency->timed)
		return;
	if (!rank)
		rank = 1;
	for (unsigned int bucket = 0; bucket < IPIMUX_NR_BUCKETS - 1; bucket++) {
		seen += latency->bucket[bucket];
		if (seen >= rank) {
			*low = latency__bucket_start(bucket);
			*high = latency__bucket_start(bucket + 1);
			return;
		}
	}
	*low = latency__bucket_start(IPIMUX_NR_BUCKETS - 1);
	*high = ~0ULL;
}

/*
 * The length (ns) that @share (0 to 1) of the waits did not exceed, at most 12.5 % off from
 * 100 ns on: the middle of its bucket. For waits of 137 s and more, 137 s. 0 if there are none.
 */
static inline __u64 latency__quantile(const struct latency *latency, double share)
{
	__u64 low, high;

	latency__bounds(latency, share, &low, &high);
	return high == ~0ULL ? low : (low + high) / 2;
}

/* The mean (ns) of waits that took @latency->ns together; 0 if there are none. */
static inline __u64 latency__mean(const struct latency *latency)
{
	return latency->timed ? latency->ns / latency->timed : 0;
}

/*
 * What no wait exceeded (ns): the upper end of the last bucket with any, and all ones if that is
 * the one of 137 s and more; 0 if there are no waits.
 */
static inline __u64 latency__most(const struct latency *latency)
{
	/* The last bucket has no upper end. */
	if (latency->bucket[IPIMUX_NR_BUCKETS - 1])
		return ~0ULL;
	for (unsigned int bucket = IPIMUX_NR_BUCKETS - 1; bucket > 0; bucket--)
		if (latency->bucket[bucket - 1])
			return latency__bucket_start(bucket);
	return 0;
}

#endif /* LATENCY_H */
