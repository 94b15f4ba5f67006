// SPDX-License-Identifier: GPL-2.0-only
/*
 * Storms in words, as JSON Lines (docs/json.md), and as stacks for flame graphs: what storm.h
 * found, and who sends according to a sample. Finds nothing itself.
 */
#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#include "base/plural.h"
#include "base/rate.h"
#include "print/json.h"
#include "print/text.h"
#include "view/renderer.h"
#include "view/view_audit.h"
#include "view/view_latency.h"
#include "view/view_storm.h"

#define LINE_WIDTH	100
/* Of the lines of a report behind the first, as wide as a time of day. */
#define INDENT		10
/* So many senders are worth to be told of in words. */
#define WORDS_SENDERS	5

/* --- what all forms share --- */

/* first_frame - the first of a stack that is not the mux and what traces it */
static unsigned int first_frame(const struct sender *sender, const struct symbols *symbols)
{
	unsigned int first = 0;

	for (unsigned int i = 0; symbols && i < sender->nr_frames; i++) {
		const char *name = symbols__name(symbols, sender->frames[i] - 1);

		if (name && !strncmp(name, "ipi_mux_send", strlen("ipi_mux_send")))
			first = i + 1;
	}
	return first < sender->nr_frames ? first : 0;
}

/* frame_of - the name of a frame, or its address */
static const char *frame_of(char buf[TEXT_SIZE], const struct symbols *symbols, __u64 frame)
{
	/* A frame is where a call returns to; that may be the next function already. */
	const char *name = symbols__name(symbols, frame - 1);

	if (name)
		return name;
	snprintf(buf, TEXT_SIZE, "0x%" PRIx64, (uint64_t)frame);
	return buf;
}

/* context_of - what is to be said about a sender beside its command; "" for a plain task */
static const char *context_of(const struct sender *sender)
{
	bool idle = !sender->key.pid;

	switch (sender->key.context) {
	case SENDERS_INTERRUPT:
		return idle ? "in an interrupt, while idle" :
			      "in an interrupt that came while it ran";
	case SENDERS_SOFTIRQ:
		return idle ? "in a softirq, while idle" : "in a softirq that came while it ran";
	case SENDERS_UNKNOWN:
		return idle ? "idle or in an interrupt, unknown without BTF" :
			      "or an interrupt that came while it ran, unknown without BTF";
	}
	return idle ? "idle" : "";
}

/* ranking_of - those who send to a storm that has begun; NULL without a sample */
static const struct storm_ranking *ranking_of(const struct interval *interval, unsigned int i)
{
	const struct storm_details *details = interval->senders;

	return details->sample ? &details->rankings[i] : NULL;
}

/* goes_on - is it one that the end of the run cuts off? */
static bool goes_on(const struct storm *storm)
{
	return storm->state == STORM_STARTED || storm->state == STORM_GOES_ON;
}

/* --- in words --- */

static void print_stack(struct view *view, const struct sender *sender,
			const struct storm_details *details)
{
	char buf[TEXT_SIZE];

	if (!sender->nr_frames) {
		fputs("                     (no stack: no room was left)\n", view->out);
		return;
	}
	for (unsigned int i = first_frame(sender, details->symbols);
	     i < sender->nr_frames; i++)
		fprintf(view->out, "                     %s\n",
			frame_of(buf, details->symbols, sender->frames[i]));
}

static void print_sender(struct view *view, const struct storm_sender *one, __u64 total,
			 const struct storm_details *details)
{
	const struct senders_key *key = &one->sender->key;
	const char *context = context_of(one->sender);
	char buf[TEXT_SIZE], cpus[256];

	fprintf(view->out, "           %s %% %s", text__percent(buf, 5, one->sends, total),
		one->sender->value.command);
	if (one->nr_processes > 1)
		fprintf(view->out, " (%u processes)", one->nr_processes);
	else if (one->nr_threads > 1)
		fprintf(view->out, " (pid %u, %u threads)", key->tgid, one->nr_threads);
	else if (key->pid != key->tgid)
		fprintf(view->out, " (pid %u, thread %u)", key->tgid, key->pid);
	else if (key->pid)
		fprintf(view->out, " (pid %u)", key->pid);
	cpuset__format(&one->cpus, cpus, sizeof(cpus));
	fprintf(view->out, " on CPU%s %s", plural(cpuset__count(&one->cpus)), cpus);
	if (*context)
		fprintf(view->out, ", %s", context);
	fputc('\n', view->out);
	if (details->symbols)
		print_stack(view, one->sender, details);
}

static void print_senders(struct view *view, const struct storm_details *details,
			  const struct storm_ranking *ranking)
{
	const struct senders_sample *sample = details->sample;
	__u64 total, shown = 0;
	unsigned int nr;

	if (!sample) {
		fprintf(view->out, "          the senders are not known: %s\n", details->no_sample);
		return;
	}
	total = ranking->total;
	nr = ranking->nr;
	fprintf(view->out, "          who sends, in %.2f s: %" PRIu64 " send%s\n",
		sample->time / 1e9, (uint64_t)total, plural(total));
	if (details->no_symbols)
		fprintf(view->out, "          no stacks: %s\n", details->no_symbols);
	for (unsigned int i = 0; i < nr && i < WORDS_SENDERS; i++) {
		print_sender(view, &ranking->senders[i], total, details);
		shown += ranking->senders[i].sends;
	}
	if (nr > WORDS_SENDERS) {
		char buf[TEXT_SIZE];

		fprintf(view->out, "           %s %% %u more, by command and stack\n",
			text__percent(buf, 5, total - shown, total), nr - WORDS_SENDERS);
	}
	if (sample->no_room || sample->missed)
		fprintf(view->out, "          sends outside of the sample: %" PRIu64
			" without room, %" PRIu64 " missed\n",
			(uint64_t)sample->no_room, (uint64_t)sample->missed);
}

/* print_what - "CALL_FUNC to CPUs 1-3": what belongs to the storm */
static void print_what(struct view *view, const struct storm *storm)
{
	const char *separator = "";
	char list[256];

	for (unsigned int vipi = 0; vipi < view->machine->nr_vipis; vipi++) {
		if (!(storm->vipis >> vipi & 1))
			continue;
		fprintf(view->out, "%s%s", separator, view->machine->vipi_name[vipi]);
		separator = ", ";
	}
	cpuset__format(&storm->targets, list, sizeof(list));
	if (cpuset__last(&storm->targets) < 0)
		fputs(" to many CPUs, each of them below the limit", view->out);
	else
		fprintf(view->out, " to CPU%s %s",
			plural(cpuset__count(&storm->targets)), list);
}

/* print_excess - at @column, or in a line of its own; returns the column behind it */
static int print_excess(struct view *view, const struct storm_excess *excess, __u64 ns,
			int column)
{
	char what[96];
	int width;

	if (excess->sender != STORM_ALL)
		snprintf(what, sizeof(what), "CPU %u to CPU %u", excess->sender, excess->target);
	else if (excess->target != STORM_ALL)
		snprintf(what, sizeof(what), "to CPU %u", excess->target);
	else
		snprintf(what, sizeof(what), "%s", view->machine->vipi_name[excess->vipi]);
	width = snprintf(NULL, 0, "%s %.0f/s, ", what, rate(excess->sends, ns));
	if (column + width > LINE_WIDTH) {
		fprintf(view->out, "\n%*s", INDENT, "");
		column = INDENT;
	}
	fprintf(view->out, "%s %.0f/s", what, rate(excess->sends, ns));
	return column + width;
}

/* print_absorbed - "4200 sends, 12.3 % coalesced", and if that is not certain */
static void print_absorbed(struct view *view, const struct storm *storm)
{
	char buf[TEXT_SIZE];

	fprintf(view->out, "%" PRIu64 " send%s, %s %% coalesced",
		(uint64_t)storm->sends, plural(storm->sends),
		text__percent(buf, 0, storm->coalesced, storm->sends));
	if (storm->uncertain)
		fprintf(view->out, " (via %s: the outcome of %" PRIu64 " is uncertain)", storm->via,
			(uint64_t)storm->uncertain);
}

/* print_latency - how long what belongs to the storm waited, if that was measured */
static void print_latency(struct view *view, const struct storm_start *start)
{
	const struct latency *latency = &start->waits.kind[IPIMUX_WAIT_RAISED];
	char buf[TEXT_SIZE];

	if (!start->timed || !latency->timed)
		return;
	fprintf(view->out, "          waited in the last interval: half up to %s",
		text__duration(buf, 0, latency__quantile(latency, 0.50)));
	fprintf(view->out, ", 99 %% up to %s",
		text__duration(buf, 0, latency__quantile(latency, 0.99)));
	fprintf(view->out, ", all below %s\n", text__duration(buf, 0, latency__most(latency)));
}

static void print_started(struct view *view, const struct interval *interval, unsigned int i)
{
	const struct storms *storms = &interval->storms;
	const struct storm_start *start = &storms->starts[i];
	const struct storm *storm = &storms->storms[i];
	char clock[TEXT_SIZE];
	int column;

	fprintf(view->out, "%s  %sstorm%s: ", text__clock(clock, storm->end_wall, 0),
		text__style(view->colour, TEXT_BAD), text__style(view->colour, TEXT_PLAIN));
	print_what(view, storm);
	column = INDENT;
	fprintf(view->out, "\n%*s", INDENT, "");
	column += fprintf(view->out, "above %" PRIu64 "/s: ", (uint64_t)storms->rate);
	for (unsigned int n = 0; n < start->nr_excess && n < STORM_EXCESS; n++) {
		fputs(n ? ", " : "", view->out);
		column = print_excess(view, &start->excess[n], interval->difference->time, column);
	}
	if (start->nr_excess > STORM_EXCESS)
		fprintf(view->out, " and %u more", start->nr_excess - STORM_EXCESS);
	fprintf(view->out, "\n          since %s: ", text__clock(clock, storm->start_wall, 3));
	print_absorbed(view, storm);
	fputc('\n', view->out);
	print_latency(view, start);
	print_senders(view, interval->senders, ranking_of(interval, i));
}

/* print_end - how long, how many; of one that has ended, or that the run's end cuts off */
static void print_end(struct view *view, const struct storm *storm, __u64 wall_time,
		      const char *how)
{
	char clock[TEXT_SIZE];

	fprintf(view->out, "%s  %sstorm%s %s: ", text__clock(clock, wall_time, 0),
		text__style(view->colour, TEXT_HEADING), text__style(view->colour, TEXT_PLAIN),
		how);
	print_what(view, storm);
	fprintf(view->out, "\n          from %s", text__clock(clock, storm->start_wall, 3));
	fprintf(view->out, " to %s, %.3f s: ", text__clock(clock, storm->end_wall, 3),
		(storm->end - storm->start) / 1e9);
	print_absorbed(view, storm);
	fprintf(view->out, ", at most %.0f/s\n", rate(storm->highest, storm->highest_ns));
}

static int text_start(struct view *view, const struct interval *interval)
{
	char clock[TEXT_SIZE];

	fprintf(view->out, "%s  watching for more than %" PRIu64 " sends a second to a CPU, of a "
		"vIPI or from CPU to CPU\n", text__clock(clock, interval->later->wall_time, 0),
		(uint64_t)interval->storms.rate);
	return 0;
}

static int text_interval(struct view *view, const struct interval *interval)
{
	__u64 now = interval->later->wall_time;

	for (unsigned int i = 0; i < interval->storms.nr_storms; i++) {
		const struct storm *storm = &interval->storms.storms[i];

		if (storm->state == STORM_STARTED)
			print_started(view, interval, i);
		else if (storm->state == STORM_ENDED)
			print_end(view, storm, now, "over");
	}
	/* Before the audit, which may take its time. */
	for (unsigned int i = 0; interval->last && i < interval->storms.nr_storms; i++)
		if (goes_on(&interval->storms.storms[i]))
			print_end(view, &interval->storms.storms[i], now, "still going on");
	return 0;
}

static int text_summary(struct view *view, const struct interval *interval)
{
	const struct storms *storms = &interval->storms;

	fprintf(view->out, "summary of %.3f s: %" PRIu64 " storm%s above %" PRIu64 "/s\n",
		interval->difference->time / 1e9, (uint64_t)storms->nr_started,
		plural(storms->nr_started), (uint64_t)storms->rate);
	view_audit__print(view, interval->audit);
	return 0;
}

const struct renderer storm_text = {
	.needs = INTERVAL_STORMS,
	.start = text_start, .interval = text_interval, .report = view_stuck__text,
	.summary = text_summary,
};

/* --- JSON --- */

static json_t *excess_array(const struct view *view, const struct storm_start *start, __u64 ns)
{
	const struct storm_excess *excess = start->excess;
	json_t *array = json_array();

	for (unsigned int i = 0; i < start->nr_excess && i < STORM_EXCESS; i++) {
		json_t *object = json_pack("{s:f}", "rate", rate(excess[i].sends, ns));

		if (excess[i].sender != STORM_ALL)
			json_object_set_new(object, "sender", json_integer(excess[i].sender));
		if (excess[i].target != STORM_ALL)
			json_object_set_new(object, "target", json_integer(excess[i].target));
		if (excess[i].vipi != STORM_ALL)
			json_object_set_new(object, "vipi",
				json_string(view->machine->vipi_name[excess[i].vipi]));
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *stack_array(const struct sender *sender, const struct symbols *symbols)
{
	json_t *array = json_array();
	char buf[TEXT_SIZE];

	if (!symbols)
		return array;
	for (unsigned int i = first_frame(sender, symbols); i < sender->nr_frames; i++)
		json_array_append_new(array,
			json_string(frame_of(buf, symbols, sender->frames[i])));
	return array;
}

static json_t *senders_array(const struct storm_details *details,
			     const struct storm_ranking *ranking)
{
	static const char * const contexts[] = {
		[SENDERS_TASK] = "task", [SENDERS_SOFTIRQ] = "softirq",
		[SENDERS_INTERRUPT] = "interrupt", [SENDERS_UNKNOWN] = "unknown",
	};
	const struct storm_sender *senders = ranking->senders;
	json_t *array = json_array();

	for (unsigned int i = 0; i < ranking->nr && i < STORM_SENDERS; i++) {
		const struct sender *sender = senders[i].sender;

		json_array_append_new(array, json_pack(
			"{s:s, s:i, s:i, s:i, s:i, s:o, s:s, s:I, s:o}",
			"command", sender->value.command,
			"pid", sender->key.tgid,
			"thread", sender->key.pid,
			"processes", senders[i].nr_processes,
			"threads", senders[i].nr_threads,
			"cpus", json__cpus(&senders[i].cpus),
			"context", contexts[sender->key.context],
			"sends", (json_int_t)senders[i].sends,
			"stack", stack_array(sender, details->symbols)));
	}
	return array;
}

/* add_details - who sends; or why that is not known */
static void add_details(json_t *object, const struct storm_details *details,
			const struct storm_ranking *ranking)
{
	const struct senders_sample *sample = details->sample;

	if (!sample) {
		json_object_set_new(object, "no_sample", json_string(details->no_sample));
		return;
	}
	json_object_set_new(object, "sample", json_pack("{s:f, s:I, s:I, s:I, s:o}",
		"interval", sample->time / 1e9,
		"sends", (json_int_t)ranking->total,
		"no_room", (json_int_t)sample->no_room,
		"missed", (json_int_t)sample->missed,
		"senders", senders_array(details, ranking)));
	if (details->no_symbols)
		json_object_set_new(object, "no_symbols", json_string(details->no_symbols));
}

static int json_start(struct view *view, const struct interval *interval)
{
	return json__print(view->out, json_pack("{s:i, s:s, s:f, s:I}",
						"version", VIEW_JSON_VERSION,
						"type", "watching",
						"time", interval->later->wall_time / 1e9,
						"rate", (json_int_t)interval->storms.rate));
}

/* storm_object - of the storm with that number; @event: "started", "ended", "unfinished" */
static json_t *storm_object(struct view *view, const struct interval *interval, unsigned int i,
			    const char *event)
{
	const struct storm *storm = &interval->storms.storms[i];
	json_t *object = json_pack("{s:i, s:s, s:f, s:s, s:I}",
				   "version", VIEW_JSON_VERSION,
				   "type", "storm",
				   "time", interval->later->wall_time / 1e9,
				   "event", event,
				   "rate", (json_int_t)interval->storms.rate);
	json_t *vipis = json_array();

	for (unsigned int vipi = 0; vipi < view->machine->nr_vipis; vipi++)
		if (storm->vipis >> vipi & 1)
			json_array_append_new(vipis, json_string(view->machine->vipi_name[vipi]));
	json_object_set_new(object, "vipis", vipis);
	json_object_set_new(object, "targets", json__cpus(&storm->targets));
	json_object_set_new(object, "start", json_real(storm->start_wall / 1e9));
	json_object_set_new(object, "end", json_real(storm->end_wall / 1e9));
	json_object_set_new(object, "interval", json_real((storm->end - storm->start) / 1e9));
	json_object_set_new(object, "sends", json_integer(storm->sends));
	json_object_set_new(object, "coalesced", json_integer(storm->coalesced));
	if (interval->later->counters.doubts)
		json_object_set_new(object, "uncertain", json_integer(storm->uncertain));
	json_object_set_new(object, "highest", json_real(rate(storm->highest,
								  storm->highest_ns)));
	return object;
}

/* add_start - what there is to tell of one that has just begun */
static void add_start(struct view *view, json_t *object, const struct interval *interval,
		      unsigned int i)
{
	const struct storm_start *start = &interval->storms.starts[i];

	json_object_set_new(object, "above",
			    excess_array(view, start, interval->difference->time));
	if (start->timed)
		json_object_set_new(object, "waits", view_latency__json(&start->waits, true));
	add_details(object, interval->senders, ranking_of(interval, i));
}

static int json_interval(struct view *view, const struct interval *interval)
{
	int err = 0;

	for (unsigned int i = 0; i < interval->storms.nr_storms && !err; i++) {
		bool started = interval->storms.storms[i].state == STORM_STARTED;
		json_t *object;

		if (!started && interval->storms.storms[i].state != STORM_ENDED)
			continue;
		object = storm_object(view, interval, i, started ? "started" : "ended");
		if (started)
			add_start(view, object, interval, i);
		err = json__print(view->out, object);
	}
	for (unsigned int i = 0; interval->last && i < interval->storms.nr_storms && !err; i++)
		if (goes_on(&interval->storms.storms[i]))
			err = json__print(view->out, storm_object(view, interval, i,
								  "unfinished"));
	return err;
}

/* The summary has what was counted in the whole run. */
const struct renderer storm_json = {
	.needs = INTERVAL_STORMS,
	.start = json_start, .interval = json_interval, .report = view_stuck__json,
	.summary = view_stat__json_summary,
};

/* --- for flame graphs --- */

/* print_part - a name, without the character that separates names */
static void print_part(FILE *out, const char *name)
{
	for (; *name; name++)
		fputc(*name == ';' ? '_' : *name, out);
}

void view_storm__folded(FILE *out, const struct storm_details *details)
{
	const struct senders_sample *sample = details->sample;

	for (unsigned int i = 0; sample && i < sample->nr_senders; i++) {
		const struct sender *sender = &sample->senders[i];
		unsigned int first = first_frame(sender, details->symbols);
		char buf[TEXT_SIZE];

		print_part(out, sender->value.command);
		if (!details->symbols || !sender->nr_frames)
			fputs(";[unknown]", out);
		for (unsigned int frame = sender->nr_frames; details->symbols && frame > first;
		     frame--) {
			const char *name = frame_of(buf, details->symbols,
							     sender->frames[frame - 1]);

			fputc(';', out);
			print_part(out, name);
		}
		fprintf(out, " %" PRIu64 "\n", (uint64_t)sender->value.sends);
	}
}
