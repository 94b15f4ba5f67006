// SPDX-License-Identifier: GPL-2.0-only
/* Which of some samples to believe, see typical.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "counters/typical.h"

__s64 balance__typical(const __s64 *samples, unsigned int nr)
{
	__s64 typical = samples[nr - 1];
	bool found = false;

	for (unsigned int i = 0; i < nr; i++) {
		unsigned int same = 0;

		for (unsigned int j = 0; j < nr; j++)
			same += samples[j] == samples[i];
		if (same * 3 >= nr && (!found || samples[i] < typical)) {
			typical = samples[i];
			found = true;
		}
	}
	return typical;
}

__s64 balance__commonest(const __s64 *samples, unsigned int nr)
{
	unsigned int most = 0;
	__s64 value = 0;

	for (unsigned int i = 0; i < nr; i++) {
		unsigned int same = 0;

		for (unsigned int j = 0; j < nr; j++)
			same += samples[j] == samples[i];
		if (same > most) {
			most = same;
			value = samples[i];
		}
	}
	return value;
}

int samples__init(struct samples *samples, unsigned int nr_cells, unsigned int most)
{
	samples->nr_cells = nr_cells;
	samples->most = most;
	samples->sample = calloc((size_t)nr_cells * most, sizeof(*samples->sample));
	samples->nr = calloc(nr_cells, sizeof(*samples->nr));
	samples->value = calloc(nr_cells, sizeof(*samples->value));
	samples->found = calloc(nr_cells, sizeof(*samples->found));
	return samples->sample && samples->nr && samples->value && samples->found ? 0 : -ENOMEM;
}

void samples__free(struct samples *samples)
{
	free(samples->sample);
	free(samples->nr);
	free(samples->value);
	free(samples->found);
}

void samples__begin(struct samples *samples)
{
	memset(samples->nr, 0, samples->nr_cells * sizeof(*samples->nr));
	samples->even = true;
}

void samples__add(struct samples *samples, unsigned int cell, __s64 sample)
{
	__s64 *of_cell = samples->sample + (size_t)cell * samples->most;

	samples->even &= !samples->nr[cell] || *of_cell == sample;
	of_cell[samples->nr[cell]++] = sample;
}

bool samples__end(struct samples *samples,
		  __s64 (*believe)(const __s64 *samples, unsigned int nr))
{
	bool all = true;

	for (unsigned int cell = 0; cell < samples->nr_cells; cell++) {
		const __s64 *sample = samples->sample + (size_t)cell * samples->most;
		__s64 before = samples->value[cell];

		if (samples->nr[cell])
			samples->value[cell] = believe(sample, samples->nr[cell]);
		samples->found[cell] = samples->nr[cell] && samples->value[cell] == before;
		all &= samples->found[cell];
	}
	return all;
}
