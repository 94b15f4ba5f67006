// SPDX-License-Identifier: GPL-2.0-only
/*
 * How long vIPIs waited: a table by vIPI and by CPU, and bars of how the waits spread, at most 100
 * columns wide; and the same figures as JSON.
 */
#include <jansson.h>
#include <stdint.h>

#include "print/json.h"
#include "print/text.h"
#include "view/renderer.h"
#include "view/view_audit.h"
#include "view/view_latency.h"

#define NAME_WIDTH	14
#define BAR_WIDTH	50

static const char * const kind_names[IPIMUX_NR_WAIT_KINDS] = {
	[IPIMUX_WAIT_RAISED]	= "raised",
	[IPIMUX_WAIT_MASKED]	= "masked",
};

/* print_heading - without a mean where it is not known how long waits took together */
static void print_heading(struct view *view, const char *corner, const struct counters *counters)
{
	fprintf(view->out, "%s%-*s %-6s %10s%s %9s %9s %9s %9s %9s%s\n",
		text__style(view->colour, TEXT_HEADING), NAME_WIDTH, corner, "waited", "timed",
		counters->waited ? "      mean" : "", "p50", "p90", "p99", "max <", "not timed",
		text__style(view->colour, TEXT_PLAIN));
}

static void print_time(struct view *view, __u64 ns, bool any)
{
	char buf[TEXT_SIZE];

	fprintf(view->out, " %s", any ? text__duration(buf, 9, ns) : "        -");
}

/* print_waits - a row for each kind that occurred, at least one; the name on the first */
static void print_waits(struct view *view, const char *name, const struct waits *waits)
{
	char buf[TEXT_SIZE];

	for (int kind = 0; kind < IPIMUX_NR_WAIT_KINDS; kind++) {
		const struct latency *latency = &waits->kind[kind];
		bool faint = view->colour && !latency->timed;

		if (!latency->timed && kind != IPIMUX_WAIT_RAISED)
			continue;
		fprintf(view->out, "%s%-*.*s %-6s %s", text__style(faint, TEXT_FAINT),
			NAME_WIDTH, NAME_WIDTH, name, kind_names[kind],
			text__count(buf, 10, latency->timed));
		if (waits->summed)
			print_time(view, latency__mean(latency), latency->timed);
		print_time(view, latency__quantile(latency, 0.50), latency->timed);
		print_time(view, latency__quantile(latency, 0.90), latency->timed);
		print_time(view, latency__quantile(latency, 0.99), latency->timed);
		print_time(view, latency__most(latency), latency->timed);
		/* Of what was not timed it is not known how it waited. */
		if (kind == IPIMUX_WAIT_RAISED)
			fprintf(view->out, " %s", text__count(buf, 9, waits->untimed));
		fprintf(view->out, "%s\n", text__style(faint, TEXT_PLAIN));
		name = "";
	}
}

static void print_rows(struct view *view, const struct interval *interval)
{
	const struct machine *machine = view->machine;
	const struct interval_waits *waits = &interval->waits;
	char name[MACHINE_NAME_SIZE];

	for (unsigned int vipi = 0; vipi < machine->nr_vipis; vipi++)
		print_waits(view, machine->vipi_name[vipi], &waits->vipi[vipi]);
	for (unsigned int cpu = 0; cpu < interval->margins.nr_cpus; cpu++) {
		if (!cpuset__has(&interval->shown, cpu))
			continue;
		snprintf(name, sizeof(name), "CPU %u", cpu);
		print_waits(view, name, &waits->cpu[cpu]);
	}
	print_waits(view, "total", &waits->all);
}

static int text_interval(struct view *view, const struct interval *interval)
{
	char clock[TEXT_SIZE];

	print_heading(view, text__clock(clock, interval->difference->wall_time, 0),
		      &interval->difference->counters);
	print_rows(view, interval);
	view__doubts(view, interval);
	fputc('\n', view->out);
	return 0;
}

/* print_bars - how the waits of a kind spread, by powers of two; all rows from first to last */
static void print_bars(struct view *view, const char *name, const char *kind,
		       const struct latency *latency)
{
	enum { NR_ROWS = (IPIMUX_NR_BUCKETS - 1) / IPIMUX_LINEAR_BUCKETS + 1 };
	__u64 rows[NR_ROWS] = {}, most = 0;
	int first = NR_ROWS, last = 0;
	char from[TEXT_SIZE], to[TEXT_SIZE], count[TEXT_SIZE];

	for (unsigned int bucket = 0; bucket < IPIMUX_NR_BUCKETS; bucket++)
		rows[bucket / IPIMUX_LINEAR_BUCKETS] += latency->bucket[bucket];
	for (int row = 0; row < NR_ROWS; row++) {
		if (!rows[row])
			continue;
		first = row < first ? row : first;
		last = row;
		most = rows[row] > most ? rows[row] : most;
	}
	fprintf(view->out, "%s%s, %s%s\n", text__style(view->colour, TEXT_HEADING), name, kind,
		text__style(view->colour, TEXT_PLAIN));
	for (int row = first; row <= last; row++) {
		/* One that has any shows at least a bit of a bar. */
		int width = rows[row] ? 1 + rows[row] * (BAR_WIDTH - 1.0) / most : 0;
		__u64 end = latency__bucket_start((row + 1) * IPIMUX_LINEAR_BUCKETS);

		fprintf(view->out, "  %s to %s %s |%.*s\n",
			text__duration(from, 8, latency__bucket_start(row * IPIMUX_LINEAR_BUCKETS)),
			row == NR_ROWS - 1 ? "    ever" : text__duration(to, 8, end),
			text__count(count, 9, rows[row]), width,
			"##################################################");
	}
	fputc('\n', view->out);
}

static int text_summary(struct view *view, const struct interval *interval)
{
	fprintf(view->out, "summary of %.3f s\n", interval->difference->time / 1e9);
	print_heading(view, "", &interval->difference->counters);
	print_rows(view, interval);
	view__sampled(view, interval);
	fputc('\n', view->out);

	for (unsigned int vipi = 0; vipi < view->machine->nr_vipis; vipi++) {
		const struct waits *waits = &interval->waits.vipi[vipi];

		for (int kind = 0; kind < IPIMUX_NR_WAIT_KINDS; kind++)
			if (waits->kind[kind].timed)
				print_bars(view, view->machine->vipi_name[vipi], kind_names[kind],
					   &waits->kind[kind]);
	}
	view_audit__print(view, interval->audit);
	return 0;
}

const struct renderer latency_text = {
	.needs = INTERVAL_MARGINS | INTERVAL_WAITS,
	.interval = text_interval, .report = view_stuck__text, .summary = text_summary,
};

/* --- JSON --- */

/*
 * latency_object - the waits of a kind: how many, how long together if that is @summed, figures in
 * ns, and {"start of bucket": ...}
 */
static json_t *latency_object(const struct latency *latency, bool summed)
{
	json_t *buckets = json_object();
	__u64 most = latency__most(latency);
	char key[24];

	for (unsigned int bucket = 0; bucket < IPIMUX_NR_BUCKETS; bucket++) {
		if (!latency->bucket[bucket])
			continue;
		snprintf(key, sizeof(key), "%llu",
			 (unsigned long long)latency__bucket_start(bucket));
		json_object_set_new(buckets, key, json_integer(latency->bucket[bucket]));
	}
	return json_pack("{s:I, s:o*, s:I, s:I, s:o, s:o}",
			 "timed", (json_int_t)latency->timed,
			 "sum_ns", summed ? json_integer(latency->ns) : NULL,
			 "p50", (json_int_t)latency__quantile(latency, 0.50),
			 "p99", (json_int_t)latency__quantile(latency, 0.99),
			 "most", most == UINT64_MAX ? json_null() : json_integer(most),
			 "buckets", buckets);
}

json_t *view_latency__json(const struct waits *waits, bool zeros)
{
	json_t *object = json_object();

	if (waits->kind[IPIMUX_WAIT_RAISED].timed)
		json_object_set_new(object, "raised",
				    latency_object(&waits->kind[IPIMUX_WAIT_RAISED],
						   waits->summed));
	if (waits->kind[IPIMUX_WAIT_MASKED].timed)
		json_object_set_new(object, "masked",
				    latency_object(&waits->kind[IPIMUX_WAIT_MASKED],
						   waits->summed));
	json__add_count(object, "untimed", waits->untimed, zeros);
	return object;
}

/* The object of `stat` has all waits of each CPU and vIPI. */
const struct renderer latency_json = {
	.needs = INTERVAL_MARGINS,
	.interval = view_stat__json_interval, .report = view_stuck__json,
	.summary = view_stat__json_summary,
};
