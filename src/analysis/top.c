// SPDX-License-Identifier: GPL-2.0-only
/* The busiest of a difference, see top.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/matrix.h"
#include "analysis/top.h"

int top__init(struct top *top, const struct ipimux_shape *shape, unsigned int nr_vipis)
{
	*top = (struct top){
		.settings = { .sort = TOP_SENDS, .vipi = TOP_ALL_VIPIS },
		.nr_cpus = 1U << shape->cpu_shift, .nr_vipis = nr_vipis,
	};
	/* The most of anything that a row can be made of. */
	top->parts = calloc(top->nr_cpus > IPIMUX_MAX_VIPIS ? top->nr_cpus : IPIMUX_MAX_VIPIS,
			    sizeof(*top->parts));
	return top->parts ? 0 : -ENOMEM;
}

void top__free(struct top *top)
{
	free(top->row);
	free(top->parts);
	memset(top, 0, sizeof(*top));
}

/* --- sums --- */

static bool wanted(const struct top *top, unsigned int cpu)
{
	return !top->settings.cpus || cpuset__has(top->settings.cpus, cpu);
}

/* add_pair - adds one CPU's sends to another one to @row, if the CPU filter lets them through */
static void add_pair(const struct top *top, struct top_row *row, const struct counters *counters,
		     unsigned int sender, unsigned int target, int vipi, unsigned int part)
{
	struct sends sends = {};
	__u64 number;

	if (!wanted(top, sender) && !wanted(top, target))
		return;
	matrix__add_pair(&sends, counters, sender, target, vipi);
	for (int o = 0; o < IPIMUX_NR_OUTCOMES; o++)
		row->sends.outcome[o] += sends.outcome[o];
	number = top->parts[part] += sends__total(&sends);
	if (number > row->most_sends || (number == row->most_sends && part < row->most)) {
		row->most_sends = number;
		row->most = part;
	}
}

static void start_row(const struct top *top, struct top_row *row, unsigned int nr_parts)
{
	memset(row, 0, sizeof(*row));
	memset(top->parts, 0, nr_parts * sizeof(*top->parts));
}

static __u64 handled(const struct top *top, unsigned int cpu, int vipi)
{
	const struct margin *margin = &top->margins->margin[cpu * top->margins->nr_vipis];
	__u64 sum = 0;

	if (vipi >= 0)
		return margin[vipi].handled;
	for (unsigned int v = 0; v < top->margins->nr_vipis; v++)
		sum += margin[v].handled;
	return sum;
}

static void sum_target(const struct top *top, struct top_row *row,
		       const struct counters *counters, unsigned int target)
{
	start_row(top, row, top->nr_cpus);
	row->target = target;
	for (unsigned int sender = 0; sender < top->nr_cpus; sender++)
		add_pair(top, row, counters, sender, target, top->settings.vipi, sender);
	/* Of another CPU only some of the sends to it are shown. */
	row->handled_known = wanted(top, target);
	row->handled = row->handled_known ? handled(top, target, top->settings.vipi) : 0;
}

static void sum_sender(const struct top *top, struct top_row *row,
		       const struct counters *counters, unsigned int sender)
{
	start_row(top, row, top->nr_cpus);
	row->sender = sender;
	for (unsigned int target = 0; target < top->nr_cpus; target++)
		add_pair(top, row, counters, sender, target, top->settings.vipi, target);
}

static void sum_vipi(const struct top *top, struct top_row *row,
		     const struct counters *counters, int vipi)
{
	start_row(top, row, top->nr_cpus);
	row->vipi = vipi;
	row->handled_known = !top->settings.cpus;
	for (unsigned int target = 0; target < top->nr_cpus; target++) {
		for (unsigned int sender = 0; sender < top->nr_cpus; sender++)
			add_pair(top, row, counters, sender, target, vipi, target);
		if (row->handled_known)
			row->handled += handled(top, target, vipi);
	}
}

static void sum_pair(const struct top *top, struct top_row *row, const struct counters *counters,
		     unsigned int sender, unsigned int target)
{
	int vipi = top->settings.vipi;

	start_row(top, row, top->nr_vipis);
	row->sender = sender;
	row->target = target;
	for (unsigned int v = vipi < 0 ? 0 : vipi; v < (vipi < 0 ? top->nr_vipis : vipi + 1U); v++)
		add_pair(top, row, counters, sender, target, v, v);
}

static void sum_processes(struct top *top)
{
	memset(&top->processes, 0, sizeof(top->processes));
	for (unsigned int cpu = 0; cpu < top->nr_cpus; cpu++)
		if (wanted(top, cpu))
			processes__add(&top->processes, &top->margins->processes[cpu]);
	top->processes_known = top->settings.vipi < 0;
}

/* --- rows --- */

static int add_row(struct top *top, const struct top_row *row)
{
	if (top->nr_rows == top->room) {
		unsigned int room = top->room ? 2 * top->room : 64;
		struct top_row *rows = realloc(top->row, room * sizeof(*rows));

		if (!rows)
			return -ENOMEM;
		top->row = rows;
		top->room = room;
	}
	top->row[top->nr_rows++] = *row;
	return 0;
}

/* add_cpus - a row for each CPU as target or sender */
static int add_cpus(struct top *top, const struct snapshot *difference, bool senders)
{
	int err = 0;

	for (unsigned int cpu = 0; cpu < top->nr_cpus && !err; cpu++) {
		struct top_row row;

		if (senders)
			sum_sender(top, &row, &difference->counters, cpu);
		else
			sum_target(top, &row, &difference->counters, cpu);
		if (sends__total(&row.sends) || row.handled ||
		    (wanted(top, cpu) && cpuset__has(&difference->online, cpu)))
			err = add_row(top, &row);
	}
	return err;
}

static int add_vipis(struct top *top, const struct snapshot *difference)
{
	int err = 0;

	for (unsigned int vipi = 0; vipi < top->nr_vipis && !err; vipi++) {
		struct top_row row;

		if (top->settings.vipi >= 0 && vipi != (unsigned int)top->settings.vipi)
			continue;
		sum_vipi(top, &row, &difference->counters, vipi);
		err = add_row(top, &row);
	}
	return err;
}

static int add_pairs(struct top *top, const struct snapshot *difference)
{
	int err = 0;

	for (unsigned int sender = 0; sender < top->nr_cpus; sender++) {
		for (unsigned int target = 0; target < top->nr_cpus && !err; target++) {
			struct top_row row;

			sum_pair(top, &row, &difference->counters, sender, target);
			if (sends__total(&row.sends))
				err = add_row(top, &row);
		}
	}
	return err;
}

/* --- order --- */

static int compare_numbers(__u64 a, __u64 b)
{
	return (a > b) - (a < b);
}

/* compare_shares - of what was coalesced; nothing sent is less than nothing coalesced */
static int compare_shares(const struct sends *a, const struct sends *b)
{
	unsigned __int128 left = (unsigned __int128)sends__coalesced(a) * sends__total(b);
	unsigned __int128 right = (unsigned __int128)sends__coalesced(b) * sends__total(a);

	if (!sends__total(a) || !sends__total(b))
		return compare_numbers(!!sends__total(a), !!sends__total(b));
	return (left > right) - (left < right);
}

static int compare_names(const struct top_row *a, const struct top_row *b)
{
	/* What a pane is not about is 0 in all of its rows. */
	if (a->vipi != b->vipi)
		return compare_numbers(a->vipi, b->vipi);
	if (a->sender != b->sender)
		return compare_numbers(a->sender, b->sender);
	return compare_numbers(a->target, b->target);
}

static int compare_columns(const struct top_row *a, const struct top_row *b,
			   enum top_column column)
{
	switch (column) {
	case TOP_SENDS:
		return compare_numbers(sends__total(&b->sends), sends__total(&a->sends));
	case TOP_RAISED:
		return compare_numbers(b->sends.outcome[IPIMUX_RAISED],
				       a->sends.outcome[IPIMUX_RAISED]);
	case TOP_COALESCED:
		return compare_shares(&b->sends, &a->sends);
	case TOP_MASKED:
		return compare_numbers(sends__masked(&b->sends), sends__masked(&a->sends));
	case TOP_HANDLED:
		return compare_numbers(b->handled, a->handled);
	case TOP_NAME:
	case TOP_NR_COLUMNS:
		break;
	}
	return compare_names(a, b);
}

static int compare_rows(const void *a, const void *b, void *data)
{
	const struct top_settings *settings = data;
	int order = compare_columns(a, b, settings->sort);

	if (settings->reverse)
		order = -order;
	/* Equals keep their places from one interval to the next. */
	return order ? order : compare_names(a, b);
}

int top__compute(struct top *top, const struct snapshot *difference,
		 const struct margins *margins)
{
	const struct counters *counters = &difference->counters;
	int err = 0;

	top->margins = margins;
	sum_processes(top);
	top->nr_rows = 0;
	/* The total is the sum over a vIPI, or over all. */
	sum_vipi(top, &top->total, counters, top->settings.vipi);

	switch (top->settings.pane) {
	case TOP_TARGETS:
	case TOP_SENDERS:
		err = add_cpus(top, difference, top->settings.pane == TOP_SENDERS);
		break;
	case TOP_VIPIS:
		err = add_vipis(top, difference);
		break;
	case TOP_PAIRS:
		err = add_pairs(top, difference);
		break;
	case TOP_NR_PANES:
		break;
	}
	if (top->nr_rows)
		qsort_r(top->row, top->nr_rows, sizeof(*top->row), compare_rows, &top->settings);
	return err;
}
