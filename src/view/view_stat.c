// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the multiplexer does, for `stat`. In words a table: what each CPU sent, on the left, and
 * what it was sent, on the right; at most 100 columns wide, with latency 124. As JSON Lines all
 * margins, nothing rounded; the fields are documented in docs/json.md.
 */
#include <jansson.h>
#include <string.h>

#include "base/array_size.h"
#include "print/json.h"
#include "print/text.h"
#include "view/renderer.h"
#include "view/view_audit.h"
#include "view/view_latency.h"

/* --- the table --- */

#define NAME_WIDTH	14

/*
 * The columns, once: heading of an interval, heading of a summary, width. A
 * summary has the same ones as counts.
 */
enum column {
	SENT, RAISED, COALESCED, MASKED, HANDLED, PROCESS, BATCH, EMPTY, UNMASK, KICK,
	NR_COLUMNS
};

#define FIRST_OF_TARGET	HANDLED

static const struct {
	const char *rate_heading;
	const char *count_heading;
	int width;
} columns[NR_COLUMNS] = {
	[SENT]		= { "sent/s",	 "sent",	11 },
	[RAISED]	= { "raised/s",	 "raised",	11 },
	[COALESCED]	= { "coal%",	 "coal%",	 6 },
	[MASKED]	= { "masked",	 "masked",	 7 },
	[HANDLED]	= { "handled/s", "handled",	12 },
	[PROCESS]	= { "process/s", "process",	11 },
	[BATCH]		= { "batch",	 "batch",	 6 },
	[EMPTY]		= { "empty",	 "empty",	 7 },
	[UNMASK]	= { "unmask",	 "unmask",	 7 },
	[KICK]		= { "kick",	 "kick",	 6 },
};

/* Behind the columns where waits were timed, the figures of those that were raised. */
#define LATENCY_WIDTH	8

/*
 * A row. @processes is NULL for a vIPI: a process belongs to no single one.
 * @ns points to the time that makes counts to rates, NULL for counts. @waits is NULL
 * where they were not timed.
 */
struct row {
	const struct margin *margin;
	const struct processes *processes;
	const __u64 *ns;
	const struct waits *waits;
};

static char *quantity(char buf[TEXT_SIZE], int width, __u64 count, const __u64 *ns)
{
	return ns ? text__rate(buf, width, count, *ns) : text__count(buf, width, count);
}

/* cell - the text of a column in a row; returns whether it is nothing worth a look */
static bool cell(char buf[TEXT_SIZE], const struct row *row, enum column column)
{
	const struct margin *margin = row->margin;
	const struct processes *processes = row->processes;
	int width = columns[column].width - 1;
	__u64 sent = sends__total(&margin->sent);
	__u64 value = 0;

	if (!processes && (column == PROCESS || column == BATCH || column == EMPTY)) {
		snprintf(buf, TEXT_SIZE, "%*s", width, "");
		return true;
	}
	switch (column) {
	case SENT:
		quantity(buf, width, value = sent, row->ns);
		break;
	case RAISED:
		quantity(buf, width, value = margin->sent.outcome[IPIMUX_RAISED], row->ns);
		break;
	case COALESCED:
		value = sends__coalesced(&margin->sent);
		text__percent(buf, width, value, sent);
		break;
	case MASKED:
		text__count(buf, width, value = sends__masked(&margin->sent));
		break;
	case HANDLED:
		quantity(buf, width, value = margin->handled, row->ns);
		break;
	case PROCESS:
		quantity(buf, width, value = processes__calls(processes), row->ns);
		break;
	case BATCH:
		/* Of the processes that handled something: empty ones are shown by themselves. */
		value = processes__calls(processes) - processes->batch[0];
		text__mean(buf, width, processes->handled, value);
		break;
	case EMPTY:
		text__count(buf, width, value = processes->batch[0]);
		break;
	case UNMASK:
		text__count(buf, width, value = margin->unmasks);
		break;
	case KICK:
		text__count(buf, width, value = margin->kicks);
		break;
	case NR_COLUMNS:
		break;
	}
	return !value;
}

static void print_waits(struct view *view, const struct waits *waits)
{
	const struct latency *latency = &waits->kind[IPIMUX_WAIT_RAISED];
	const __u64 figures[] = {
		latency__quantile(latency, 0.50), latency__quantile(latency, 0.99),
		latency__most(latency),
	};
	char buf[TEXT_SIZE];

	for (size_t i = 0; i < ARRAY_SIZE(figures); i++)
		fprintf(view->out, " %s%s%s",
			text__style(view->colour && !latency->timed, TEXT_FAINT),
			latency->timed ? text__duration(buf, LATENCY_WIDTH - 1, figures[i]) :
					 "      -",
			text__style(view->colour && !latency->timed, TEXT_PLAIN));
}

static void print_row(struct view *view, const char *name, const struct row *row)
{
	char buf[TEXT_SIZE];

	fprintf(view->out, "%-*.*s", NAME_WIDTH, NAME_WIDTH, name);
	for (enum column column = 0; column < NR_COLUMNS; column++) {
		bool faint = cell(buf, row, column);

		if (column == FIRST_OF_TARGET)
			fputc(' ', view->out);
		fprintf(view->out, " %s%s%s", text__style(view->colour && faint, TEXT_FAINT), buf,
			text__style(view->colour && faint, TEXT_PLAIN));
	}
	if (row->waits)
		print_waits(view, row->waits);
	fputc('\n', view->out);
}

/* print_group - "---- as sender ----", as wide as the columns from @first up to @end */
static void print_group(struct view *view, const char *title, enum column first, enum column end)
{
	static const char dashes[] = "--------------------------------------------------";
	int width = -1;
	int left;

	for (enum column column = first; column < end; column++)
		width += columns[column].width;
	width -= strlen(title) + 2;
	left = width / 2;
	fprintf(view->out, " %.*s %s %.*s", left, dashes, title, width - left, dashes);
}

static void print_heading(struct view *view, const struct interval *interval, const char *corner,
			  bool rates)
{
	fprintf(view->out, "%s%-*s", text__style(view->colour, TEXT_HEADING), NAME_WIDTH, corner);
	print_group(view, "as sender", 0, FIRST_OF_TARGET);
	fputc(' ', view->out);
	print_group(view, "as target", FIRST_OF_TARGET, NR_COLUMNS);
	if (interval->waits.timed)
		fprintf(view->out, " ------- waited --------");
	fprintf(view->out, "\n%-*s", NAME_WIDTH, "CPU");
	for (enum column column = 0; column < NR_COLUMNS; column++)
		fprintf(view->out, "%s%*s", column == FIRST_OF_TARGET ? " " : "",
			columns[column].width,
			rates ? columns[column].rate_heading : columns[column].count_heading);
	if (interval->waits.timed)
		fprintf(view->out, "%*s%*s%*s", LATENCY_WIDTH, "p50", LATENCY_WIDTH, "p99",
			LATENCY_WIDTH, "max <");
	fprintf(view->out, "%s\n", text__style(view->colour, TEXT_PLAIN));
}

static void print_rows(struct view *view, const struct interval *interval, const __u64 *ns)
{
	/* Where no CPU is shown, there are no waits of any either. */
	const struct interval_waits *waits = interval->waits.timed &&
		cpuset__last(&interval->shown) >= 0 ? &interval->waits : NULL;
	struct row row = { .ns = ns };
	char name[MACHINE_NAME_SIZE];

	for (unsigned int cpu = 0; cpu < interval->margins.nr_cpus; cpu++) {
		if (!cpuset__has(&interval->shown, cpu))
			continue;
		snprintf(name, sizeof(name), "%u", cpu);
		row.margin = &interval->cpu[cpu];
		row.processes = &interval->margins.processes[cpu];
		row.waits = waits ? &waits->cpu[cpu] : NULL;
		print_row(view, name, &row);
	}
	row.processes = NULL;
	for (unsigned int vipi = 0; view->per_vipi && vipi < view->machine->nr_vipis; vipi++) {
		row.margin = &interval->vipi[vipi];
		row.waits = waits ? &waits->vipi[vipi] : NULL;
		print_row(view, view->machine->vipi_name[vipi], &row);
	}
	row.margin = &interval->total;
	row.processes = &interval->processes;
	row.waits = waits ? &waits->all : NULL;
	print_row(view, "total", &row);
}

static int text_interval(struct view *view, const struct interval *interval)
{
	const struct snapshot *difference = interval->difference;
	char clock[TEXT_SIZE];

	print_heading(view, interval, text__clock(clock, difference->wall_time, 0), true);
	print_rows(view, interval, &difference->time);
	view__doubts(view, interval);
	fputc('\n', view->out);
	return 0;
}

static int text_summary(struct view *view, const struct interval *interval)
{
	fprintf(view->out, "summary of %.3f s\n", interval->difference->time / 1e9);
	print_heading(view, interval, "", false);
	print_rows(view, interval, NULL);
	view__sampled(view, interval);
	fputc('\n', view->out);
	view_audit__print(view, interval->audit);
	return 0;
}

const struct renderer stat_text = {
	.needs = INTERVAL_MARGINS | INTERVAL_WAITS,
	.interval = text_interval, .report = view_stuck__text, .summary = text_summary,
};

/* --- JSON --- */

static json_t *sends_object(const struct sends *sends, bool zeros)
{
	json_t *object = json_object();

	json__add_count(object, "raised", sends->outcome[IPIMUX_RAISED], zeros);
	json__add_count(object, "coalesced", sends->outcome[IPIMUX_COALESCED], zeros);
	json__add_count(object, "masked", sends->outcome[IPIMUX_MASKED], zeros);
	json__add_count(object, "coalesced_while_masked",
			sends->outcome[IPIMUX_COALESCED_WHILE_MASKED], zeros);
	return object;
}

static json_t *margin_object(const struct margin *margin, bool zeros)
{
	json_t *object = json_object();

	json__add_counts(object, "sent", sends_object(&margin->sent, zeros), zeros);
	json__add_counts(object, "received", sends_object(&margin->received, zeros), zeros);
	json__add_count(object, "handled", margin->handled, zeros);
	json__add_count(object, "unmasks", margin->unmasks, zeros);
	json__add_count(object, "kicks", margin->kicks, zeros);
	return object;
}

/* batches_object - {"0": empty ones, "1": ..., ..., "some": ...}, only those that occurred */
static json_t *batches_object(const struct processes *processes)
{
	json_t *object = json_object();
	char key[8];

	for (unsigned int batch = 0; batch <= IPIMUX_MAX_VIPIS; batch++) {
		if (!processes->batch[batch])
			continue;
		snprintf(key, sizeof(key), "%u", batch);
		json_object_set_new(object, key, json_integer(processes->batch[batch]));
	}
	json__add_count(object, "some", processes->some, false);
	return object;
}

/* sets_object - {"3": ..., ...}: process calls by the set they handled, those that occurred */
static json_t *sets_object(const struct counters *counters, unsigned int cpu)
{
	const __u64 *slab = counters->processed + ipimux_processed_index(&counters->shape, cpu, 0);
	json_t *object = json_object();
	char key[8];

	for (unsigned int set = 0; set >> counters->shape.processed_shift == 0; set++) {
		if (!slab[set])
			continue;
		snprintf(key, sizeof(key), "%u", set);
		json_object_set_new(object, key, json_integer(slab[set]));
	}
	return object;
}

/* vipi_object - the margin of a vIPI on a CPU, and what waited there, if that was measured */
static json_t *vipi_object(const struct interval *interval, unsigned int cpu, unsigned int vipi,
			   bool zeros)
{
	const struct counters *counters = &interval->difference->counters;
	const struct margins *margins = &interval->margins;
	json_t *object = margin_object(&margins->margin[cpu * margins->nr_vipis + vipi], zeros);
	struct waits waits;

	if (counters->waits) {
		waits__read(&waits, counters, cpu, vipi);
		json__add_counts(object, "waits", view_latency__json(&waits, zeros), zeros);
	}
	if (counters->doubts)
		json__add_count(object, "uncertain",
				counters__doubts(counters, cpu, vipi, IPIMUX_UNCERTAIN), zeros);
	return object;
}

/* cpus_object - {"0": {...}, ...}: the margin, processes and vIPIs of each CPU that is shown */
static json_t *cpus_object(const struct view *view, const struct interval *interval)
{
	const struct counters *counters = &interval->difference->counters;
	const struct margins *margins = &interval->margins;
	json_t *cpus = json_object();
	bool zeros = view->zeros;
	char key[16];

	for (unsigned int cpu = 0; cpu < margins->nr_cpus; cpu++) {
		const struct processes *processes = &margins->processes[cpu];
		json_t *object, *vipis;

		if (!cpuset__has(&interval->shown, cpu))
			continue;
		object = margin_object(&interval->cpu[cpu], zeros);
		json__add_count(object, "processes", processes__calls(processes), zeros);
		json__add_count(object, "empty", processes->batch[0], zeros);
		json__add_counts(object, "batches", batches_object(processes), zeros);
		if (counters->by_set)
			json__add_counts(object, "sets", sets_object(counters, cpu), zeros);

		vipis = json_object();
		for (unsigned int vipi = 0; vipi < view->machine->nr_vipis; vipi++)
			json__add_counts(vipis, view->machine->vipi_name[vipi],
					 vipi_object(interval, cpu, vipi, zeros), zeros);
		json__add_counts(object, "vipis", vipis, zeros);
		snprintf(key, sizeof(key), "%u", cpu);
		json_object_set_new(cpus, key, object);
	}
	return cpus;
}

/* traffic_array - [sender, target, vIPI, raised, coalesced, ...] where not all 0 */
static json_t *traffic_array(const struct view *view, const struct interval *interval)
{
	const struct counters *counters = &interval->difference->counters;
	unsigned int nr_cpus = interval->margins.nr_cpus;
	json_t *array = json_array();

	for (unsigned int sender = 0; sender < nr_cpus; sender++) {
		for (unsigned int target = 0; target < nr_cpus; target++) {
			if (interval->cpus && !cpuset__has(interval->cpus, sender) &&
			    !cpuset__has(interval->cpus, target))
				continue;
			for (unsigned int vipi = 0; vipi < view->machine->nr_vipis; vipi++) {
				const __u64 *cell = counters->traffic +
					ipimux_traffic_index(&counters->shape, sender, target,
							     vipi, 0);

				if (!(cell[0] | cell[1] | cell[2] | cell[3]))
					continue;
				json_array_append_new(array, json_pack("[iisIIII]",
					sender, target, view->machine->vipi_name[vipi],
					(json_int_t)cell[0], (json_int_t)cell[1],
					(json_int_t)cell[2], (json_int_t)cell[3]));
			}
		}
	}
	return array;
}

static json_t *interval_object(struct view *view, const struct interval *interval,
			       const char *type)
{
	const struct snapshot *difference = interval->difference;
	const struct counters *counters = &difference->counters;
	json_t *object = json_pack("{s:i, s:s, s:f, s:f, s:o, s:o, s:o, s:o}",
				   "version", VIEW_JSON_VERSION,
				   "type", type,
				   "time", difference->wall_time / 1e9,
				   "interval", difference->time / 1e9,
				   "missed", json__missed(difference->missed,
							  difference->missed_unknown),
				   "online", json__cpus(&difference->online),
				   "cpus", cpus_object(view, interval),
				   "traffic", traffic_array(view, interval));

	json__add_via(object, interval);
	if (counters->waits && counters->timed_one_in > 1)
		json_object_set_new(object, "timed_one_in", json_integer(counters->timed_one_in));
	return object;
}

int view_stat__json_interval(struct view *view, const struct interval *interval)
{
	return json__print(view->out, interval_object(view, interval, "interval"));
}

int view_stat__json_summary(struct view *view, const struct interval *interval)
{
	return view_audit__json_summary(view, interval_object(view, interval, "summary"),
					interval->audit);
}

const struct renderer stat_json = {
	.needs = INTERVAL_MARGINS,
	.interval = view_stat__json_interval, .report = view_stuck__json,
	.summary = view_stat__json_summary,
};
