// SPDX-License-Identifier: GPL-2.0-only
/* How long vIPIs waited, see latency.h. */
#include "counters/latency.h"

bool waits__fit(const struct counters *copy, const struct counters *live, unsigned int cpu,
		unsigned int nr_vipis)
{
	/* What was copied comes before this. */
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	for (unsigned int vipi = 0; copy->waits && vipi < nr_vipis; vipi++) {
		__u64 handled = counters__handled(copy, cpu, vipi);
		struct waits waits;

		waits__read(&waits, copy, cpu, vipi);
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

void waits__add(struct waits *sum, const struct counters *counters, unsigned int cpu,
		unsigned int vipi)
{
	struct waits waits;

	waits__read(&waits, counters, cpu, vipi);
	waits__merge(sum, &waits);
}
