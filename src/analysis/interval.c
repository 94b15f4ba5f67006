// SPDX-License-Identifier: GPL-2.0-only
/* What follows from two snapshots, see interval.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/interval.h"

int interval__init(struct interval *interval, const struct ipimux_shape *shape,
		   unsigned int nr_vipis, __u32 needs, const struct cpuset *cpus)
{
	unsigned int nr_cpus = 1U << shape->cpu_shift;
	struct interval_waits *waits = &interval->waits;
	int err;

	if (needs & (INTERVAL_WAITS | INTERVAL_STORMS))
		needs |= INTERVAL_MARGINS;
	if (needs)
		needs |= INTERVAL_DIFFERENCE;
	*interval = (struct interval){ .needs = needs, .nr_vipis = nr_vipis, .cpus = cpus };
	/* Always, for the whole run; memory that is not touched costs nothing. */
	err = margins__init(&interval->margins, shape);
	interval->cpu = calloc(nr_cpus, sizeof(*interval->cpu));
	if (!interval->cpu)
		err = -ENOMEM;
	if (!err && needs & INTERVAL_WAITS) {
		waits->cpu = calloc(nr_cpus, sizeof(*waits->cpu));
		waits->vipi = calloc(nr_vipis, sizeof(*waits->vipi));
		if (!waits->cpu || !waits->vipi)
			err = -ENOMEM;
	}
	if (!err && needs & INTERVAL_MATRIX)
		err = matrix__init(&interval->matrix, shape);
	if (!err && needs & INTERVAL_STORMS)
		err = storms__init(&interval->storms, shape, STORM_RATE);
	interval->matrix.settings.cpus = interval->storms.cpus = cpus;
	return err;
}

void interval__free(struct interval *interval)
{
	margins__free(&interval->margins);
	free(interval->cpu);
	free(interval->waits.cpu);
	free(interval->waits.vipi);
	matrix__free(&interval->matrix);
	storms__free(&interval->storms);
	snapshot__free(&interval->own);
	memset(interval, 0, sizeof(*interval));
}

/* is_shown - was it asked for, and is there anything to show of it? */
static bool is_shown(const struct interval *interval, unsigned int cpu)
{
	const struct margin *margin = &interval->cpu[cpu];

	if (interval->cpus && !cpuset__has(interval->cpus, cpu))
		return false;
	/* Sent to while offline, say: a row, or the total would be a riddle. */
	return cpuset__has(&interval->difference->online, cpu) || sends__total(&margin->sent) ||
	       sends__total(&margin->received) || margin->unmasks ||
	       processes__calls(&interval->margins.processes[cpu]);
}

static void sum_margins(struct interval *interval)
{
	const struct margins *margins = &interval->margins;

	margins__compute(&interval->margins, &interval->difference->counters);
	memset(&interval->shown, 0, sizeof(interval->shown));
	memset(interval->cpu, 0, margins->nr_cpus * sizeof(*interval->cpu));
	memset(interval->vipi, 0, sizeof(interval->vipi));
	interval->all = interval->total = (struct margin){};
	interval->processes = (struct processes){};
	for (unsigned int cpu = 0; cpu < margins->nr_cpus; cpu++) {
		const struct margin *margin = &margins->margin[cpu * margins->nr_vipis];

		for (unsigned int vipi = 0; vipi < margins->nr_vipis; vipi++)
			margin__add(&interval->cpu[cpu], &margin[vipi]);
		margin__add(&interval->all, &interval->cpu[cpu]);
		if (!is_shown(interval, cpu))
			continue;
		cpuset__add(&interval->shown, cpu);
		for (unsigned int vipi = 0; vipi < margins->nr_vipis; vipi++)
			margin__add(&interval->vipi[vipi], &margin[vipi]);
		margin__add(&interval->total, &interval->cpu[cpu]);
		processes__add(&interval->processes, &margins->processes[cpu]);
	}
}

static void sum_waits(struct interval *interval)
{
	const struct counters *counters = &interval->difference->counters;
	unsigned int nr_cpus = interval->margins.nr_cpus, nr_vipis = interval->nr_vipis;
	struct interval_waits *waits = &interval->waits;

	waits->timed = counters->waits != NULL;
	if (!waits->timed)
		return;
	memset(waits->cpu, 0, nr_cpus * sizeof(*waits->cpu));
	memset(waits->vipi, 0, nr_vipis * sizeof(*waits->vipi));
	memset(&waits->all, 0, sizeof(waits->all));
	/* Also where no CPU is shown. */
	for (unsigned int vipi = 0; vipi < nr_vipis; vipi++)
		waits->vipi[vipi].summed = counters->waited;
	for (unsigned int cpu = 0; cpu < nr_cpus; cpu++) {
		if (!cpuset__has(&interval->shown, cpu))
			continue;
		for (unsigned int vipi = 0; vipi < nr_vipis; vipi++) {
			struct waits cell;

			waits__read(&cell, counters, cpu, vipi);
			waits__merge(&waits->cpu[cpu], &cell);
			waits__merge(&waits->vipi[vipi], &cell);
		}
	}
	for (unsigned int vipi = 0; vipi < nr_vipis; vipi++)
		waits__merge(&waits->all, &waits->vipi[vipi]);
}

static void sum(struct interval *interval, const struct snapshot *difference, __u32 needs)
{
	interval->difference = difference;
	interval->uncertain = counters__all_doubts(&difference->counters, IPIMUX_UNCERTAIN);
	interval->mispredicted = counters__all_doubts(&difference->counters, IPIMUX_MISPREDICTED);
	if (needs & INTERVAL_MARGINS)
		sum_margins(interval);
	if (needs & INTERVAL_WAITS)
		sum_waits(interval);
	if (needs & INTERVAL_MATRIX)
		matrix__compute(&interval->matrix, difference);
}

void interval__fill(struct interval *interval, const struct snapshot *later,
		    const struct snapshot *earlier)
{
	interval->later = interval->look = later;
	interval->earlier = earlier;
	if (!interval->needs)
		return;
	snapshot__subtract(&interval->own, later, earlier);
	sum(interval, &interval->own, interval->needs);
	if (interval->needs & INTERVAL_STORMS)
		storms__watch(&interval->storms, interval->difference, &interval->margins, later);
}

void interval__sum(struct interval *interval, const struct snapshot *difference)
{
	sum(interval, difference, interval->needs);
}

void interval__fill_whole(struct interval *interval, const struct snapshot *later,
			  const struct snapshot *first)
{
	interval->later = interval->look = later;
	interval->earlier = first;
	snapshot__subtract(&interval->own, later, first);
	sum(interval, &interval->own, interval->needs | INTERVAL_MARGINS);
}
