// SPDX-License-Identifier: GPL-2.0-only
/* Sums over the tables, see margins.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "counters/margins.h"

int margins__init(struct margins *margins, const struct ipimux_shape *shape)
{
	margins->nr_cpus = 1U << shape->cpu_shift;
	margins->nr_vipis = 1U << shape->vipi_shift;
	margins->margin = calloc((size_t)margins->nr_cpus * margins->nr_vipis,
				 sizeof(*margins->margin));
	margins->processes = calloc(margins->nr_cpus, sizeof(*margins->processes));
	if (!margins->margin || !margins->processes) {
		margins__free(margins);
		return -ENOMEM;
	}
	return 0;
}

void margins__free(struct margins *margins)
{
	free(margins->margin);
	free(margins->processes);
	memset(margins, 0, sizeof(*margins));
}

static void compute_traffic(struct margins *margins, const struct counters *counters)
{
	const __u64 *cell = counters->traffic;

	/* In the order of the table: sender, target, vIPI, outcome. */
	for (unsigned int sender = 0; sender < margins->nr_cpus; sender++) {
		struct margin *from = &margins->margin[sender * margins->nr_vipis];

		for (unsigned int target = 0; target < margins->nr_cpus; target++) {
			struct margin *to = &margins->margin[target * margins->nr_vipis];

			for (unsigned int vipi = 0; vipi < margins->nr_vipis; vipi++) {
				for (int o = 0; o < IPIMUX_NR_OUTCOMES; o++, cell++) {
					from[vipi].sent.outcome[o] += *cell;
					to[vipi].received.outcome[o] += *cell;
				}
			}
		}
	}
}

static void compute_processed(struct margins *margins, const struct counters *counters,
			      unsigned int cpu)
{
	const __u64 *slab = counters->processed + ipimux_processed_index(&counters->shape, cpu, 0);
	struct margin *margin = &margins->margin[cpu * margins->nr_vipis];
	struct processes *processes = &margins->processes[cpu];

	if (!counters->by_set) {
		for (unsigned int vipi = 0; vipi < margins->nr_vipis; vipi++) {
			margin[vipi].handled = slab[IPIMUX_BITS_HANDLED + vipi];
			processes->handled += margin[vipi].handled;
		}
		processes->some = slab[IPIMUX_BITS_SOME];
		for (unsigned int batch = 0; batch <= IPIMUX_MAX_VIPIS; batch++)
			processes->batch[batch] = slab[IPIMUX_BITS_BATCH + batch];
		return;
	}
	for (unsigned int set = 0; set >> counters->shape.processed_shift == 0; set++) {
		if (!slab[set])
			continue;
		processes->batch[__builtin_popcount(set)] += slab[set];
		processes->handled += __builtin_popcount(set) * slab[set];
		for (unsigned int vipi = 0; vipi < margins->nr_vipis; vipi++)
			if (set >> vipi & 1)
				margin[vipi].handled += slab[set];
	}
}

void margins__compute(struct margins *margins, const struct counters *counters)
{
	memset(margins->margin, 0, (size_t)margins->nr_cpus * margins->nr_vipis *
				   sizeof(*margins->margin));
	memset(margins->processes, 0, margins->nr_cpus * sizeof(*margins->processes));

	compute_traffic(margins, counters);
	for (unsigned int cpu = 0; cpu < margins->nr_cpus; cpu++) {
		compute_processed(margins, counters, cpu);
		for (unsigned int vipi = 0; vipi < margins->nr_vipis; vipi++) {
			struct margin *margin = &margins->margin[cpu * margins->nr_vipis + vipi];
			const __u64 *unmasks = counters->unmasked +
				ipimux_unmasked_index(&counters->shape, cpu, vipi, 0);

			margin->kicks = unmasks[IPIMUX_UNMASK_KICK];
			margin->unmasks = unmasks[IPIMUX_UNMASK_PLAIN] + margin->kicks;
		}
	}
}

void margin__add(struct margin *sum, const struct margin *margin)
{
	for (int o = 0; o < IPIMUX_NR_OUTCOMES; o++) {
		sum->sent.outcome[o] += margin->sent.outcome[o];
		sum->received.outcome[o] += margin->received.outcome[o];
	}
	sum->handled += margin->handled;
	sum->unmasks += margin->unmasks;
	sum->kicks += margin->kicks;
}

void processes__add(struct processes *sum, const struct processes *processes)
{
	for (unsigned int batch = 0; batch <= IPIMUX_MAX_VIPIS; batch++)
		sum->batch[batch] += processes->batch[batch];
	sum->some += processes->some;
	sum->handled += processes->handled;
}
