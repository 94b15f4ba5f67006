// SPDX-License-Identifier: GPL-2.0-only
/* How long vIPIs waited, see latency.h. */
#include "analysis/latency.h"

void waits__merge(struct waits *sum, const struct waits *waits)
{
	for (int kind = 0; kind < IPIMUX_NR_WAIT_KINDS; kind++) {
		sum->kind[kind].timed += waits->kind[kind].timed;
		for (unsigned int bucket = 0; bucket < IPIMUX_NR_BUCKETS; bucket++)
			sum->kind[kind].bucket[bucket] += waits->kind[kind].bucket[bucket];
	}
	sum->untimed += waits->untimed;
}

void waits__add(struct waits *sum, const struct counters *counters, unsigned int cpu,
		unsigned int vipi)
{
	struct waits waits;

	waits__read(&waits, counters, cpu, vipi);
	waits__merge(sum, &waits);
}
