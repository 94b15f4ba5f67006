// SPDX-License-Identifier: GPL-2.0-only
/* Who sent to a storm, see storm_senders.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/storm_senders.h"

static int compare(__u64 a, __u64 b)
{
	return (a > b) - (a < b);
}

/* by_kind - an order that puts together what is one sender */
static int by_kind(const void *a, const void *b)
{
	const struct sender *x = *(const struct sender *const *)a;
	const struct sender *y = *(const struct sender *const *)b;
	int order = memcmp(x->value.command, y->value.command, SENDERS_COMMAND_SIZE);

	if (!order)
		order = compare(x->key.stack, y->key.stack);
	return order ? order : compare(x->key.context, y->key.context);
}

/* by_thread - the same, and then by process and thread */
static int by_thread(const void *a, const void *b)
{
	const struct sender *x = *(const struct sender *const *)a;
	const struct sender *y = *(const struct sender *const *)b;
	int order = by_kind(a, b);

	if (!order)
		order = compare(x->key.tgid, y->key.tgid);
	return order ? order : compare(x->key.pid, y->key.pid);
}

static int by_sends(const void *a, const void *b)
{
	const struct storm_sender *x = a, *y = b;
	int order = compare(y->sends, x->sends);

	return order ? order : by_thread(&x->sender, &y->sender);
}

/* sum_up - those from @from up to @end, all of one kind */
static struct storm_sender sum_up(const struct sender **from, const struct sender **end)
{
	struct storm_sender sum = { .sender = *from };

	for (const struct sender **one = from; one < end; one++) {
		bool first = one == from;

		sum.sends += (*one)->value.sends;
		sum.nr_processes += first || one[0]->key.tgid != one[-1]->key.tgid;
		sum.nr_threads += first || by_thread(&one[0], &one[-1]);
		cpuset__add(&sum.cpus, (*one)->key.cpu);
		if ((*one)->value.sends > sum.sender->value.sends)
			sum.sender = *one;
	}
	return sum;
}

unsigned int storm__rank(const struct storm *storm, const struct senders_sample *sample,
			 struct storm_sender *senders, unsigned int max, __u64 *total)
{
	const struct sender **all = calloc(sample->nr_senders + 1, sizeof(*all));
	struct storm_sender *sums = calloc(sample->nr_senders + 1, sizeof(*sums));
	unsigned int nr = 0, nr_sums = 0, end;

	*total = 0;
	for (unsigned int i = 0; all && sums && i < sample->nr_senders; i++) {
		const struct sender *sender = &sample->senders[i];

		if (storm__has(storm, sender->key.target, sender->key.vipi))
			all[nr++] = sender;
	}
	if (nr)
		qsort(all, nr, sizeof(*all), by_thread);
	for (unsigned int i = 0; i < nr; i = end) {
		for (end = i + 1; end < nr && !by_kind(&all[i], &all[end]); end++)
			;
		sums[nr_sums] = sum_up(&all[i], &all[end]);
		*total += sums[nr_sums++].sends;
	}
	if (nr_sums)
		qsort(sums, nr_sums, sizeof(*sums), by_sends);
	for (unsigned int i = 0; i < nr_sums && i < max; i++)
		senders[i] = sums[i];
	free(all);
	free(sums);
	return nr_sums;
}

int storm_details__rank(struct storm_details *details, const struct storms *storms)
{
	details->rankings = calloc(storms->nr_storms, sizeof(*details->rankings));
	if (!details->rankings)
		return -ENOMEM;
	for (unsigned int i = 0; i < storms->nr_storms; i++) {
		struct storm_ranking *ranking = &details->rankings[i];

		if (storms->storms[i].state == STORM_STARTED)
			ranking->nr = storm__rank(&storms->storms[i], details->sample,
						  ranking->senders, STORM_SENDERS,
						  &ranking->total);
	}
	return 0;
}

void storm_details__free(struct storm_details *details)
{
	free(details->rankings);
	details->rankings = NULL;
}
