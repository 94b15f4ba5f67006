/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How long vIPIs waited: sums over the waits of a difference, and what to say of
 * them. Pure.
 */
#ifndef LATENCY_H
#define LATENCY_H

#include "analysis/snapshot.h"

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

/* The mean of waits that took @latency->ns together; 0 if there are none. */
__u64 latency__mean(const struct latency *latency);

/*
 * The length (ns) that @share (0 to 1) of the waits did not exceed, at most 12.5 % off from
 * 100 ns on: the middle of its bucket. For waits of 137 s and more, 137 s. 0 if there are none.
 */
__u64 latency__quantile(const struct latency *latency, double share);

/*
 * The same, and with @share 1 the longest, as all that is known of it: it is *@low ns or
 * longer, and shorter than *@high (all ones: no end). Both are 0 if there are none.
 */
void latency__bounds(const struct latency *latency, double share, __u64 *low, __u64 *high);

/*
 * What no wait exceeded (ns): the upper end of the last bucket with any, and all ones if that is
 * the one of 137 s and more; 0 if there are no waits.
 */
__u64 latency__most(const struct latency *latency);

/* The waits of a bucket are of this length (ns) and longer, and shorter than that of the next. */
__u64 latency__bucket_start(unsigned int bucket);

#endif /* LATENCY_H */
