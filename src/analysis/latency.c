// SPDX-License-Identifier: GPL-2.0-only
/* How long vIPIs waited, see latency.h. */
#include <math.h>
#include <stdint.h>

#include "analysis/latency.h"

void waits__add(struct waits *sum, const struct counters *counters, unsigned int cpu,
		unsigned int vipi)
{
	const struct ipimux_waits *waits =
		&counters->waits[ipimux_waits_index(&counters->shape, cpu, vipi)];

	const __u64 *buckets[] = {
		[IPIMUX_WAIT_RAISED] = waits->raised, [IPIMUX_WAIT_MASKED] = waits->masked,
	};

	for (int kind = 0; kind < IPIMUX_NR_WAIT_KINDS; kind++) {
		for (unsigned int bucket = 0; bucket < IPIMUX_NR_BUCKETS; bucket++) {
			sum->kind[kind].bucket[bucket] += buckets[kind][bucket];
			sum->kind[kind].timed += buckets[kind][bucket];
		}
		sum->untimed += buckets[kind][IPIMUX_NR_BUCKETS];
		if (counters->waited)
			sum->kind[kind].ns += counters->waited[
				ipimux_waited_index(&counters->shape, cpu, vipi, kind)];
	}
	sum->untimed += waits->untimed;
	/* The same for all that are added: the table is there, or not. */
	sum->summed = counters->waited;
}

bool waits__fit(const struct counters *copy, const struct counters *live, unsigned int cpu,
		unsigned int nr_vipis)
{
	/* What was copied comes before this. */
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	for (unsigned int vipi = 0; copy->waits && vipi < nr_vipis; vipi++) {
		__u64 handled = counters__handled(copy, cpu, vipi);
		struct waits waits = {};

		waits__add(&waits, copy, cpu, vipi);
		if (waits.kind[IPIMUX_WAIT_RAISED].timed + waits.kind[IPIMUX_WAIT_MASKED].timed +
		    waits.untimed != handled || counters__handled(live, cpu, vipi) != handled)
			return false;
	}
	return true;
}

void waits__merge(struct waits *sum, const struct waits *waits)
{
	for (int kind = 0; kind < IPIMUX_NR_WAIT_KINDS; kind++) {
		sum->kind[kind].timed += waits->kind[kind].timed;
		sum->kind[kind].ns += waits->kind[kind].ns;
		for (unsigned int bucket = 0; bucket < IPIMUX_NR_BUCKETS; bucket++)
			sum->kind[kind].bucket[bucket] += waits->kind[kind].bucket[bucket];
	}
	sum->untimed += waits->untimed;
	sum->summed = waits->summed;
}

__u64 latency__mean(const struct latency *latency)
{
	return latency->timed ? latency->ns / latency->timed : 0;
}

__u64 latency__bucket_start(unsigned int bucket)
{
	unsigned int octave = bucket >> IPIMUX_BUCKET_SHIFT;

	if (octave < 2)
		return (__u64)bucket << IPIMUX_BUCKET_UNIT_SHIFT;
	return (IPIMUX_LINEAR_BUCKETS | (bucket & (IPIMUX_LINEAR_BUCKETS - 1))) * 1ULL
		<< (octave - 1 + IPIMUX_BUCKET_UNIT_SHIFT);
}

void latency__bounds(const struct latency *latency, double share, __u64 *low, __u64 *high)
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
	*high = UINT64_MAX;
}

__u64 latency__quantile(const struct latency *latency, double share)
{
	__u64 low, high;

	latency__bounds(latency, share, &low, &high);
	return high == UINT64_MAX ? low : (low + high) / 2;
}

__u64 latency__most(const struct latency *latency)
{
	/* The last bucket has no upper end. */
	if (latency->bucket[IPIMUX_NR_BUCKETS - 1])
		return UINT64_MAX;
	for (unsigned int bucket = IPIMUX_NR_BUCKETS - 1; bucket > 0; bucket--)
		if (latency->bucket[bucket - 1])
			return latency__bucket_start(bucket);
	return 0;
}
