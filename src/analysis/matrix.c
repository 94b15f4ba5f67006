// SPDX-License-Identifier: GPL-2.0-only
/* Who sends to whom, see matrix.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/matrix.h"

static int init_axis(struct matrix_axis *axis, unsigned int nr_cpus)
{
	axis->cpu = calloc(nr_cpus, sizeof(*axis->cpu));
	axis->total = calloc(nr_cpus, sizeof(*axis->total));
	axis->weight = calloc(nr_cpus, sizeof(*axis->weight));
	axis->place = calloc(nr_cpus, sizeof(*axis->place));
	return axis->cpu && axis->total && axis->weight && axis->place ? 0 : -ENOMEM;
}

static void free_axis(struct matrix_axis *axis)
{
	free(axis->cpu);
	free(axis->total);
	free(axis->weight);
	free(axis->place);
}

int matrix__init(struct matrix *matrix, const struct ipimux_shape *shape)
{
	unsigned int nr_cpus = 1U << shape->cpu_shift;
	int err;

	*matrix = (struct matrix){ .settings.vipi = MATRIX_ALL_VIPIS, .nr_cpus = nr_cpus };
	err = init_axis(&matrix->senders, nr_cpus);
	if (!err)
		err = init_axis(&matrix->targets, nr_cpus);
	matrix->cell = calloc((size_t)nr_cpus * nr_cpus, sizeof(*matrix->cell));
	if (err || !matrix->cell) {
		matrix__free(matrix);
		return -ENOMEM;
	}
	return 0;
}

void matrix__free(struct matrix *matrix)
{
	free_axis(&matrix->senders);
	free_axis(&matrix->targets);
	free(matrix->cell);
	memset(matrix, 0, sizeof(*matrix));
}

void matrix__add_pair(struct sends *sum, const struct counters *counters, unsigned int sender,
		      unsigned int target, int vipi)
{
	const struct ipimux_shape *shape = &counters->shape;
	unsigned int first = vipi < 0 ? 0 : vipi;
	unsigned int end = vipi < 0 ? 1U << shape->vipi_shift : first + 1;

	for (unsigned int v = first; v < end; v++) {
		const __u64 *sends = counters->traffic +
				     ipimux_traffic_index(shape, sender, target, v, 0);

		for (int o = 0; o < IPIMUX_NR_OUTCOMES; o++)
			sum->outcome[o] += sends[o];
	}
}

static void add_sends(struct sends *sum, const struct sends *sends)
{
	for (int o = 0; o < IPIMUX_NR_OUTCOMES; o++)
		sum->outcome[o] += sends->outcome[o];
}

/* pair - the sends from one CPU to another one that the settings let through */
static struct sends pair(const struct matrix *matrix, const struct counters *counters,
			 unsigned int sender, unsigned int target)
{
	const struct cpuset *cpus = matrix->settings.cpus;
	struct sends sends = {};

	if (!cpus || cpuset__has(cpus, sender) || cpuset__has(cpus, target))
		matrix__add_pair(&sends, counters, sender, target, matrix->settings.vipi);
	return sends;
}

static void weigh(struct matrix *matrix, const struct counters *counters)
{
	memset(matrix->senders.weight, 0, matrix->nr_cpus * sizeof(*matrix->senders.weight));
	memset(matrix->targets.weight, 0, matrix->nr_cpus * sizeof(*matrix->targets.weight));
	for (unsigned int sender = 0; sender < matrix->nr_cpus; sender++) {
		for (unsigned int target = 0; target < matrix->nr_cpus; target++) {
			struct sends sends = pair(matrix, counters, sender, target);
			__u64 number = sends__total(&sends);

			matrix->senders.weight[sender] += number;
			matrix->targets.weight[target] += number;
		}
	}
}

static int compare_cpus(const void *a, const void *b)
{
	unsigned int left = *(const unsigned int *)a, right = *(const unsigned int *)b;

	return (left > right) - (left < right);
}

/* compare_weights - the busiest first; of equals the lower CPU */
static int compare_weights(const void *a, const void *b, void *weights)
{
	const __u64 *weight = weights;
	__u64 left = weight[*(const unsigned int *)a], right = weight[*(const unsigned int *)b];

	return left != right ? (left < right) - (left > right) : compare_cpus(a, b);
}

/* fold - leaves the busiest of the axis and the others */
static void fold(struct matrix_axis *axis, unsigned int top)
{
	axis->nr_others = axis->nr - top;
	qsort_r(axis->cpu, axis->nr, sizeof(*axis->cpu), compare_weights, axis->weight);
	qsort(axis->cpu, top, sizeof(*axis->cpu), compare_cpus);
	for (unsigned int i = top; i < axis->nr; i++)
		axis->place[axis->cpu[i]] = top;
	axis->cpu[top] = MATRIX_OTHERS;
	axis->nr = top + 1;
}

/* lay_out - chooses the axis' CPUs, at most @top beside the others; @other: the axis across */
static void lay_out(struct matrix *matrix, struct matrix_axis *axis,
		    const struct matrix_axis *other, const struct cpuset *online,
		    unsigned int top)
{
	const struct cpuset *cpus = matrix->settings.cpus;

	axis->nr = 0;
	axis->nr_others = 0;
	for (unsigned int cpu = 0; cpu < matrix->nr_cpus; cpu++) {
		bool wanted = !cpus || cpuset__has(cpus, cpu);
		bool there = cpuset__has(online, cpu) || other->weight[cpu];

		if (axis->weight[cpu] || (wanted && there))
			axis->cpu[axis->nr++] = cpu;
	}
	if (top && axis->nr > top)
		fold(axis, top);
	for (unsigned int i = 0; i < axis->nr; i++)
		if (axis->cpu[i] != MATRIX_OTHERS)
			axis->place[axis->cpu[i]] = i;
	memset(axis->total, 0, axis->nr * sizeof(*axis->total));
}

static void lay_out_both(struct matrix *matrix, const struct cpuset *online, unsigned int top)
{
	lay_out(matrix, &matrix->senders, &matrix->targets, online, top);
	lay_out(matrix, &matrix->targets, &matrix->senders, online, top);
}

void matrix__compute(struct matrix *matrix, const struct snapshot *difference)
{
	const struct matrix_settings *settings = &matrix->settings;
	struct matrix_axis *senders = &matrix->senders, *targets = &matrix->targets;

	weigh(matrix, &difference->counters);
	lay_out_both(matrix, &difference->online, settings->top);
	/* One is for the others. */
	if (!settings->top && settings->room &&
	    (senders->nr > settings->room || targets->nr > settings->room))
		lay_out_both(matrix, &difference->online, settings->room - 1);
	memset(matrix->cell, 0, (size_t)senders->nr * targets->nr * sizeof(*matrix->cell));
	memset(&matrix->total, 0, sizeof(matrix->total));
	matrix->largest = 0;

	for (unsigned int sender = 0; sender < matrix->nr_cpus; sender++) {
		if (!senders->weight[sender])
			continue;
		for (unsigned int target = 0; target < matrix->nr_cpus; target++) {
			struct sends sends = pair(matrix, &difference->counters, sender, target);
			unsigned int row = senders->place[sender];
			unsigned int column = targets->place[target];
			__u64 number = sends__total(&sends);

			if (!number)
				continue;
			/* A cell of nobody else is that of one pair. */
			if (number > matrix->largest && senders->cpu[row] != MATRIX_OTHERS &&
			    targets->cpu[column] != MATRIX_OTHERS)
				matrix->largest = number;
			add_sends(&matrix->cell[(size_t)row * targets->nr + column], &sends);
			add_sends(&senders->total[row], &sends);
			add_sends(&targets->total[column], &sends);
			add_sends(&matrix->total, &sends);
		}
	}
}
