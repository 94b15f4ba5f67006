// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is stuck, in words and as JSON: one report each, for all commands that watch.
 * Finds nothing, see stuck.h.
 */
#include <inttypes.h>
#include <jansson.h>

#include "base/plural.h"
#include "print/json.h"
#include "print/text.h"
#include "view/renderer.h"
#include "view/view_audit.h"

/* --- in words --- */

/* print_span - "for 1.02 to 1.27 s" without the "for" */
static void print_span(FILE *out, const struct stuck_report *report)
{
	if (report->most)
		fprintf(out, "%.2f to %.2f s", report->least / 1e9, report->most / 1e9);
	else
		fprintf(out, "%.2f s or more", report->least / 1e9);
}

static void print_found(struct view *view, const struct stuck_report *report)
{
	bool one = cpuset__count(&report->senders) == 1;
	char clock[TEXT_SIZE], cpus[256];
	__u64 least = report->coalesced_least;
	__u64 most = report->coalesced_most;

	fprintf(view->out, " has been pending, enabled and not handled for ");
	print_span(view->out, report);
	fputs("\n         ", view->out);
	if (report->after.time)
		fprintf(view->out, " set between %s",
			text__clock(clock, report->after.wall_time, 3));
	else
		fprintf(view->out, " set before the start");
	fprintf(view->out, "%s%s", report->after.time ? " and " : ", seen at ",
		text__clock(clock, report->by.wall_time, 3));
	cpuset__format(&report->senders, cpus, sizeof(cpus));
	if (cpuset__last(&report->senders) >= 0)
		fprintf(view->out, " by %s %s", one ? "CPU" : "one of CPUs", cpus);
	else
		fputs(", the sender is not known", view->out);
	if (report->kicked)
		fputs(", kicked by an unmask", view->out);
	if (least == most)
		fprintf(view->out, "; %" PRIu64 " send%s coalesced on it since", (uint64_t)most,
			plural(most));
	else
		fprintf(view->out, "; %" PRIu64 " to %" PRIu64 " sends coalesced on it since",
			(uint64_t)least, (uint64_t)most);
	fputc('\n', view->out);
}

static void print_report(struct view *view, const struct stuck_report *report, const char *clock)
{
	bool found = report->event == STUCK_FOUND;

	fprintf(view->out, "%s  %sstuck%s: CPU %u %s", clock,
		text__style(view->colour, found ? TEXT_BAD : TEXT_HEADING),
		text__style(view->colour, TEXT_PLAIN), report->cpu,
		view->machine->vipi_name[report->vipi]);
	if (found) {
		print_found(view, report);
		return;
	}
	if (report->event == STUCK_STARVED) {
		fprintf(view->out, " has been pending for %.2f s or more, while CPU %u made no "
			"progress\n", report->least / 1e9, report->cpu);
		return;
	}
	fputs(report->event == STUCK_HANDLED ? " was handled at last, after " :
	      ": the CPU went offline with it, after ", view->out);
	print_span(view->out, report);
	fputc('\n', view->out);
}

int view_stuck__text(struct view *view, const struct interval *interval)
{
	const struct stuck *stuck = interval->stuck;
	char clock[TEXT_SIZE];

	text__clock(clock, interval->look->wall_time, 0);
	for (unsigned int i = 0; i < stuck->nr_reports; i++)
		print_report(view, &stuck->reports[i], clock);
	return 0;
}

static int text_start(struct view *view, const struct interval *interval)
{
	char clock[TEXT_SIZE];

	fprintf(view->out, "%s  watching for vIPIs that are stuck for %.2f s or more\n",
		text__clock(clock, interval->later->wall_time, 0),
		interval->stuck->threshold / 1e9);
	return 0;
}

static int text_summary(struct view *view, const struct interval *interval)
{
	const struct stuck *stuck = interval->stuck;

	fprintf(view->out, "summary of %.3f s: %" PRIu64 " vIPI%s stuck for %.2f s or more",
		interval->difference->time / 1e9, (uint64_t)stuck->nr_found,
		plural(stuck->nr_found), stuck->threshold / 1e9);
	if (stuck->nr_found)
		fprintf(view->out, ", %" PRIu64 " of them still stuck",
			(uint64_t)(stuck->nr_found - stuck->nr_ended));
	fputc('\n', view->out);
	view_audit__print(view, interval->audit);
	return 0;
}

const struct renderer stuck_text = {
	.start = text_start, .report = view_stuck__text, .summary = text_summary,
};

/* --- JSON --- */

static json_t *seconds_or_null(__u64 ns)
{
	return ns ? json_real(ns / 1e9) : json_null();
}

static int print_json(struct view *view, const struct stuck_report *report,
		      const struct snapshot *look)
{
	static const char * const events[] = {
		[STUCK_FOUND] = "found", [STUCK_HANDLED] = "handled", [STUCK_OFFLINE] = "offline",
		[STUCK_STARVED] = "no_progress",
	};

	return json__print(view->out, json_pack(
		"{s:i, s:s, s:f, s:s, s:i, s:s, s:o, s:f, s:[fo], s:o, s:b, s:[II]}",
		"version", VIEW_JSON_VERSION,
		"type", "stuck",
		"time", look->wall_time / 1e9,
		"event", events[report->event],
		"cpu", report->cpu,
		"vipi", view->machine->vipi_name[report->vipi],
		"after", seconds_or_null(report->after.wall_time),
		"by", report->by.wall_time / 1e9,
		"pending", report->least / 1e9, seconds_or_null(report->most),
		"senders", json__cpus(&report->senders),
		"kicked", report->kicked,
		"coalesced", (json_int_t)report->coalesced_least,
		(json_int_t)report->coalesced_most));
}

int view_stuck__json(struct view *view, const struct interval *interval)
{
	const struct stuck *stuck = interval->stuck;
	int err = 0;

	for (unsigned int i = 0; i < stuck->nr_reports && !err; i++)
		err = print_json(view, &stuck->reports[i], interval->look);
	return err;
}

static int json_start(struct view *view, const struct interval *interval)
{
	return json__print(view->out, json_pack("{s:i, s:s, s:f, s:f}",
						"version", VIEW_JSON_VERSION,
						"type", "watching",
						"time", interval->later->wall_time / 1e9,
						"threshold", interval->stuck->threshold / 1e9));
}

/* The summary has what was counted in the whole run. */
const struct renderer stuck_json = {
	.start = json_start, .report = view_stuck__json, .summary = view_stat__json_summary,
};
