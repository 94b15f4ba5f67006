// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of `stat`: what each CPU sent, on the left, and what it was sent, on
 * the right; and the audit in words. At most 100 columns wide, with latency 124.
 */
#include <inttypes.h>
#include <string.h>

#include "analysis/latency.h"
#include "view/text.h"
#include "view/view.h"

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
		text__mean(buf, width, processes__handled(processes), value);
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

	for (size_t i = 0; i < sizeof(figures) / sizeof(*figures); i++)
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

static void print_heading(struct view *view, const struct snapshot *difference,
			  const char *corner, bool rates)
{
	fprintf(view->out, "%s%-*s", text__style(view->colour, TEXT_HEADING), NAME_WIDTH, corner);
	print_group(view, "as sender", 0, FIRST_OF_TARGET);
	fputc(' ', view->out);
	print_group(view, "as target", FIRST_OF_TARGET, NR_COLUMNS);
	if (difference->counters.waits)
		fprintf(view->out, " ------- waited --------");
	fprintf(view->out, "\n%-*s", NAME_WIDTH, "CPU");
	for (enum column column = 0; column < NR_COLUMNS; column++)
		fprintf(view->out, "%s%*s", column == FIRST_OF_TARGET ? " " : "",
			columns[column].width,
			rates ? columns[column].rate_heading : columns[column].count_heading);
	if (difference->counters.waits)
		fprintf(view->out, "%*s%*s%*s", LATENCY_WIDTH, "p50", LATENCY_WIDTH, "p99",
			LATENCY_WIDTH, "max <");
	fprintf(view->out, "%s\n", text__style(view->colour, TEXT_PLAIN));
}

/* add_waits - to the sums of a vIPI and of a CPU, where waits were timed */
static void add_waits(struct row *row, struct waits *by_vipi, struct waits *by_cpu,
		      const struct snapshot *difference, unsigned int cpu, unsigned int vipi)
{
	if (!difference->counters.waits)
		return;
	waits__add(by_vipi, &difference->counters, cpu, vipi);
	waits__add(by_cpu, &difference->counters, cpu, vipi);
	row->waits = by_cpu;
}

static void print_rows(struct view *view, const struct snapshot *difference, const __u64 *ns)
{
	const struct margins *margins = &view->margins;
	struct margin by_vipi[IPIMUX_MAX_VIPIS] = {};
	struct waits waits_by_vipi[IPIMUX_MAX_VIPIS] = {}, all_waits = {};
	struct margin total = {};
	struct processes processes = {};
	struct row row = { .ns = ns };
	char name[MACHINE_NAME_SIZE];

	for (unsigned int cpu = 0; cpu < margins->nr_cpus; cpu++) {
		struct margin margin = view__cpu_margin(view, cpu);
		struct waits waits = {};

		if (!view__shows_cpu(view, difference, cpu))
			continue;
		for (unsigned int vipi = 0; vipi < view->machine->nr_vipis; vipi++) {
			margin__add(&by_vipi[vipi],
				    &margins->margin[cpu * margins->nr_vipis + vipi]);
			add_waits(&row, &waits_by_vipi[vipi], &waits, difference, cpu, vipi);
		}
		snprintf(name, sizeof(name), "%u", cpu);
		row.margin = &margin;
		row.processes = &margins->processes[cpu];
		print_row(view, name, &row);

		margin__add(&total, &margin);
		processes__add(&processes, row.processes);
	}
	row.processes = NULL;
	for (unsigned int vipi = 0; vipi < view->machine->nr_vipis; vipi++) {
		row.margin = &by_vipi[vipi];
		if (row.waits) {
			row.waits = &waits_by_vipi[vipi];
			waits__merge(&all_waits, row.waits);
		}
		if (view->per_vipi)
			print_row(view, view->machine->vipi_name[vipi], &row);
	}
	row.margin = &total;
	row.processes = &processes;
	if (row.waits)
		row.waits = &all_waits;
	print_row(view, "total", &row);
}

void view_table__doubts(struct view *view, const struct snapshot *difference)
{
	__u64 uncertain = counters__all_doubts(&difference->counters, IPIMUX_UNCERTAIN);

	if (uncertain)
		fprintf(view->out, "via fentry: of %" PRIu64 " sends the outcome is uncertain\n",
			(uint64_t)uncertain);
}

int view_table__interval(struct view *view, const struct snapshot *difference)
{
	char clock[TEXT_SIZE];

	margins__compute(&view->margins, &difference->counters);
	print_heading(view, difference, text__clock(clock, difference->wall_time, 0), true);
	print_rows(view, difference, &difference->time);
	view_table__doubts(view, difference);
	fputc('\n', view->out);
	return 0;
}

int view_table__summary(struct view *view, const struct snapshot *difference,
			 const struct audit *audit)
{
	margins__compute(&view->margins, &difference->counters);
	fprintf(view->out, "summary of %.3f s\n", difference->time / 1e9);
	print_heading(view, difference, "", false);
	print_rows(view, difference, NULL);
	fputc('\n', view->out);
	view_audit__print(view, audit);
	return 0;
}
