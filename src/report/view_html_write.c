// SPDX-License-Identifier: GPL-2.0-only
/*
 * The HTML page, written. What it looks like is in html/; here is the data that goes into it, one
 * block of JSON, see docs/report.md. What is in view_html is only read.
 */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/printable.h"
#include "base/version.h"
#include "report-page.h"	/* generated from html/: page_head, page_tail */
#include "print/json.h"
#include "report/view_html.h"
#include "view/view_audit.h"

#define FLAGS (JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(17))

/* --- the data --- */

/* source_value - the name of a file is its owner's choice, and need be no text */
static json_t *source_value(const char *source)
{
	char *name = source ? strdup(source) : NULL;
	json_t *value = source ? NULL : json_null();

	if (name) {
		make_printable(name);
		value = json_string(name);
	}
	free(name);
	return value;
}

static json_t *count_array(const __u64 *counts, unsigned int nr)
{
	json_t *array = json_array();

	for (unsigned int i = 0; i < nr; i++)
		json_array_append_new(array, json_integer(counts[i]));
	return array;
}

/* margins_array - [CPU, vIPI, quantities..., unmasks, kicks] of the whole run, where not all 0 */
static json_t *margins_array(const struct interval *interval)
{
	const struct margins *margins = &interval->margins;
	json_t *array = json_array();

	for (unsigned int i = 0; i < margins->nr_cpus * margins->nr_vipis; i++) {
		unsigned int cpu = i / margins->nr_vipis;
		const struct margin *margin = &margins->margin[i];
		__u64 any = margin->unmasks;
		json_t *row;

		for (unsigned int quantity = 0; quantity < VIEW_HTML_QUANTITIES; quantity++)
			any |= view_html__quantity(margin, quantity);
		if (!any || !cpuset__has(&interval->shown, cpu))
			continue;
		row = json_pack("[ii]", cpu, i % margins->nr_vipis);
		for (unsigned int quantity = 0; quantity < VIEW_HTML_QUANTITIES; quantity++) {
			__u64 number = view_html__quantity(margin, quantity);

			json_array_append_new(row, json_integer(number));
		}
		json_array_append_new(row, json_integer(margin->unmasks));
		json_array_append_new(row, json_integer(margin->kicks));
		json_array_append_new(array, row);
	}
	return array;
}

/*
 * cpu_array - [CPU, [process calls that handled 0, 1, ... vIPIs]], and behind that, if there are
 * any, how many handled some, where nobody knows how many
 */
static json_t *cpu_array(const struct view_html *html, unsigned int cpu,
			 const struct processes *processes)
{
	json_t *array = json_pack("[io]", cpu, count_array(processes->batch,
							   html->view.machine->nr_vipis + 1));

	if (processes->some)
		json_array_append_new(array, json_integer(processes->some));
	return array;
}

static json_t *cpus_array(const struct view_html *html, const struct interval *interval)
{
	json_t *array = json_array();

	for (unsigned int cpu = 0; cpu < html->nr_cpus; cpu++)
		if (cpuset__has(&interval->shown, cpu))
			json_array_append_new(array, cpu_array(html, cpu,
				&interval->margins.processes[cpu]));
	return array;
}

static json_t *vipis_array(const struct machine *machine)
{
	json_t *array = json_array();

	for (unsigned int vipi = 0; vipi < machine->nr_vipis; vipi++)
		json_array_append_new(array, json_string(machine->vipi_name[vipi]));
	return array;
}

/* since_start - in seconds; what began before the run began with it, what goes on ends with it */
static double since_start(const struct view_html *html, __u64 time, __u64 length)
{
	if (time < html->start)
		return 0;
	return (time - html->start < length ? time - html->start : length) / 1e9;
}

static json_t *number_or_null(int number)
{
	return number < 0 ? json_null() : json_integer(number);
}

static json_t *events_array(const struct view_html *html, __u64 length)
{
	json_t *array = json_array();

	for (unsigned int i = 0; i < html->nr_events; i++) {
		const struct view_html_event *event = &html->events[i];

		json_array_append_new(array, json_pack("{s:f, s:f, s:s, s:o, s:o, s:s}",
			"t0", since_start(html, event->from, length),
			"t1", since_start(html, event->to, length),
			"kind", event->kind,
			"cpu", number_or_null(event->cpu), "vipi", number_or_null(event->vipi),
			"text", event->text));
	}
	return array;
}

/* audit_value - as in JSON Lines, and with the words of the table for each finding */
static json_t *audit_value(const struct view_html *html, const struct audit *audit)
{
	json_t *object = view_audit__json(html->view.machine, audit);
	json_t *entries = json_object_get(object, "entries");
	char text[VIEW_VERDICT_SIZE];

	view_audit__verdict(text, sizeof(text), audit);
	json_object_set_new(object, "verdict_text", json_string(text));
	json_object_set_new(object, "via", json_string(audit->via));
	for (unsigned int i = 0; i < audit->nr_entries; i++) {
		view_audit__finding(text, sizeof(text), &audit->entries[i]);
		json_object_set_new(json_array_get(entries, i), "text", json_string(text));
	}
	return object;
}

static json_t *buckets_array(const struct latency *latency)
{
	json_t *array = json_array();

	for (unsigned int bucket = 0; bucket < IPIMUX_NR_BUCKETS; bucket++)
		if (latency->bucket[bucket])
			json_array_append_new(array, json_pack("[iI]", bucket,
				(json_int_t)latency->bucket[bucket]));
	return array;
}

/* waits_object - of a CPU: by vIPI, what waited for it as [bucket, number] */
static json_t *waits_object(const struct view *view, const struct counters *counters,
			    unsigned int cpu)
{
	json_t *object = json_object();
	char key[16];

	for (unsigned int vipi = 0; vipi < view->machine->nr_vipis; vipi++) {
		struct waits waits;

		waits__read(&waits, counters, cpu, vipi);
		snprintf(key, sizeof(key), "%u", vipi);
		json_object_set_new(object, key, json_pack("{s:o, s:o, s:I}",
			"raised", buckets_array(&waits.kind[IPIMUX_WAIT_RAISED]),
			"masked", buckets_array(&waits.kind[IPIMUX_WAIT_MASKED]),
			"untimed", (json_int_t)waits.untimed));
	}
	return object;
}

/* latency_value - {"buckets": [where each starts, ns], "cpus": {cpu: waits_object}}, or null */
static json_t *latency_value(const struct view *view, const struct interval *interval)
{
	const struct counters *counters = &interval->difference->counters;
	json_t *buckets, *cpus;
	char key[16];

	if (!counters->waits)
		return json_null();
	buckets = json_array();
	for (unsigned int bucket = 0; bucket < IPIMUX_NR_BUCKETS; bucket++)
		json_array_append_new(buckets, json_integer(latency__bucket_start(bucket)));
	cpus = json_object();
	for (unsigned int cpu = 0; cpu < interval->margins.nr_cpus; cpu++) {
		if (!cpuset__has(&interval->shown, cpu))
			continue;
		snprintf(key, sizeof(key), "%u", cpu);
		json_object_set_new(cpus, key, waits_object(view, counters, cpu));
	}
	return json_pack("{s:o, s:o}", "buckets", buckets, "cpus", cpus);
}

static json_t *run_object(struct view_html *html, const struct interval *interval)
{
	const struct snapshot *difference = interval->difference;
	const struct view *view = &html->view;

	return json_pack("{s:s, s:o, s:f, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o,"
			 " s:o, s:o, s:I, s:o}",
			 "tool", "ipimux-trace " IPIMUX_VERSION,
			 "source", source_value(html->source),
			 "start", html->wall_start / 1e9,
			 "duration", (json_int_t)difference->time,
			 "missed", (json_int_t)difference->missed,
			 "intervals", (json_int_t)html->intervals,
			 "per_point", (json_int_t)html->per_point,
			 "times", count_array(html->time, html->nr_points),
			 "missed_at", count_array(html->missed, html->nr_points),
			 "possible", json__cpu_list(&view->machine->possible),
			 "only", interval->cpus ? json__cpu_list(interval->cpus) : json_null(),
			 "vipis", vipis_array(view->machine),
			 "cpus", cpus_array(html, interval),
			 "margins", margins_array(interval),
			 "audit", audit_value(html, interval->audit),
			 "events", events_array(html, difference->time),
			 "events_left_out", (json_int_t)html->events_left_out,
			 "latency", latency_value(view, interval));
}

/* --- the page --- */

/* write_escaped - JSON that no "</script" or "<!--" in a name can end */
static int write_escaped(const char *text, size_t size, void *data)
{
	FILE *out = data;

	for (size_t i = 0; i < size; i++) {
		if (text[i] == '<')
			fputs("\\u003c", out);
		else
			fputc(text[i], out);
	}
	return 0;
}

static void write_counts(FILE *out, const __u64 *counts, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++)
		fprintf(out, "%s%llu", i ? "," : "", (unsigned long long)counts[i]);
}

/* write_traffic - [sender, target, vIPI, by outcome...] of the whole run, where not all 0 */
static void write_traffic(const struct interval *interval, FILE *out)
{
	const struct counters *counters = &interval->difference->counters;
	const struct margins *margins = &interval->margins;
	const char *comma = "";

	for (unsigned int i = 0; i < margins->nr_cpus * margins->nr_cpus * margins->nr_vipis; i++) {
		unsigned int vipi = i % margins->nr_vipis;
		unsigned int target = i / margins->nr_vipis % margins->nr_cpus;
		unsigned int sender = i / margins->nr_vipis / margins->nr_cpus;
		const __u64 *cell = counters->traffic +
			ipimux_traffic_index(&counters->shape, sender, target, vipi, 0);

		if (!(cell[0] | cell[1] | cell[2] | cell[3]))
			continue;
		if (interval->cpus && !cpuset__has(interval->cpus, sender) &&
		    !cpuset__has(interval->cpus, target))
			continue;
		fprintf(out, "%s\n[%u,%u,%u,", comma, sender, target, vipi);
		write_counts(out, cell, IPIMUX_NR_OUTCOMES);
		fputc(']', out);
		comma = ",";
	}
}

/* write_series - [CPU, vIPI, quantity, [count in each point]], where not all 0 */
static void write_series(const struct view_html *html, FILE *out,
			 const struct interval *interval)
{
	const char *comma = "";

	for (unsigned int i = 0; i < view_html__nr_series(html); i++) {
		unsigned int cpu = i / VIEW_HTML_QUANTITIES / html->nr_vipis;

		if (!html->series[i] || !cpuset__has(&interval->shown, cpu))
			continue;
		fprintf(out, "%s\n[%u,%u,%u,[", comma, cpu,
			i / VIEW_HTML_QUANTITIES % html->nr_vipis, i % VIEW_HTML_QUANTITIES);
		write_counts(out, html->series[i], html->nr_points);
		fputs("]]", out);
		comma = ",";
	}
}

int view_html__write(struct view_html *html, FILE *out, const struct interval *interval)
{
	json_t *run = run_object(html, interval);
	int err;

	if (!run)
		return -ENOMEM;
	fwrite(page_head, sizeof(page_head), 1, out);
	fputs("{\"run\":", out);
	err = json_dump_callback(run, write_escaped, out, FLAGS) ? -ENOMEM : 0;
	json_decref(run);
	fputs(",\"traffic\":[", out);
	write_traffic(interval, out);
	fputs("],\"series\":[", out);
	write_series(html, out, interval);
	fputs("]}", out);
	fwrite(page_tail, sizeof(page_tail), 1, out);
	return err;
}
