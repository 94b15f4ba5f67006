// SPDX-License-Identifier: GPL-2.0-only
/* Storms in words, and as stacks for flame graphs: see view_storm.h. */
#include <inttypes.h>
#include <string.h>

#include "view/view_storm.h"

#define LINE_WIDTH	100
/* Of the lines of a report behind the first, as wide as a time of day. */
#define INDENT		10

static double rate(__u64 sends, __u64 ns)
{
	return ns ? sends * 1e9 / ns : 0;
}

static const char *plural(__u64 number)
{
	return number == 1 ? "" : "s";
}

/* --- what both forms share --- */

unsigned int view_storm__first_frame(const struct sender *sender, const struct symbols *symbols)
{
	unsigned int first = 0;

	for (unsigned int i = 0; symbols && i < sender->nr_frames; i++) {
		const char *name = symbols__name(symbols, sender->frames[i] - 1);

		if (name && !strncmp(name, "ipi_mux_send", strlen("ipi_mux_send")))
			first = i + 1;
	}
	return first < sender->nr_frames ? first : 0;
}

const char *view_storm__frame(char buf[TEXT_SIZE], const struct symbols *symbols, __u64 frame)
{
	/* A frame is where a call returns to; that may be the next function already. */
	const char *name = symbols__name(symbols, frame - 1);

	if (name)
		return name;
	snprintf(buf, TEXT_SIZE, "0x%" PRIx64, (uint64_t)frame);
	return buf;
}

const char *view_storm__context(const struct sender *sender)
{
	bool idle = !sender->key.pid;

	switch (sender->key.context) {
	case SENDERS_INTERRUPT:
		return idle ? "in an interrupt, while idle" :
			      "in an interrupt that came while it ran";
	case SENDERS_SOFTIRQ:
		return idle ? "in a softirq, while idle" : "in a softirq that came while it ran";
	case SENDERS_UNKNOWN:
		return idle ? "idle or in an interrupt, no BTF to tell" :
			      "or an interrupt that came while it ran, no BTF to tell";
	}
	return idle ? "idle" : "";
}

/* --- in words --- */

static void print_stack(struct view *view, const struct sender *sender,
			const struct storm_details *details)
{
	char buf[TEXT_SIZE];

	if (!sender->nr_frames) {
		fputs("                     (no stack: there was no room for it)\n", view->out);
		return;
	}
	for (unsigned int i = view_storm__first_frame(sender, details->symbols);
	     i < sender->nr_frames; i++)
		fprintf(view->out, "                     %s\n",
			view_storm__frame(buf, details->symbols, sender->frames[i]));
}

static void print_sender(struct view *view, const struct storm_sender *one, __u64 total,
			 const struct storm_details *details)
{
	const struct senders_key *key = &one->sender->key;
	const char *context = view_storm__context(one->sender);
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

static void print_senders(struct view *view, const struct storm *storm,
			  const struct storm_details *details)
{
	const struct senders_sample *sample = details->sample;
	struct storm_sender senders[VIEW_STORM_SENDERS];
	__u64 total, shown = 0;
	unsigned int nr;

	if (!sample) {
		fprintf(view->out, "          who sends is not known: %s\n", details->no_sample);
		return;
	}
	nr = storm__rank(storm, sample, senders, VIEW_STORM_SENDERS, &total);
	fprintf(view->out, "          who sends, in %.2f s: %" PRIu64 " send%s\n",
		sample->time / 1e9, (uint64_t)total, plural(total));
	if (details->no_symbols)
		fprintf(view->out, "          no stacks: %s\n", details->no_symbols);
	for (unsigned int i = 0; i < nr && i < VIEW_STORM_SENDERS; i++) {
		print_sender(view, &senders[i], total, details);
		shown += senders[i].sends;
	}
	if (nr > VIEW_STORM_SENDERS) {
		char buf[TEXT_SIZE];

		fprintf(view->out, "           %s %% %u more, by command and stack\n",
			text__percent(buf, 5, total - shown, total), nr - VIEW_STORM_SENDERS);
	}
	if (sample->no_room || sample->missed)
		fprintf(view->out, "          sends that are not in the sample: %" PRIu64
			" for which it had no room, %" PRIu64 " missed\n",
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
		fprintf(view->out, " to CPU%s %s", plural(cpuset__count(&storm->targets)), list);
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
		fprintf(view->out, " (via fentry: of %" PRIu64 " the outcome is uncertain)",
			(uint64_t)storm->uncertain);
}

/* print_latency - how long what belongs to the storm waited, if that was measured */
static void print_latency(struct view *view, const struct storm *storm,
			  const struct snapshot *difference)
{
	struct waits waits = {};
	const struct latency *latency;
	char buf[TEXT_SIZE];

	if (!difference->counters.waits)
		return;
	storm__add_waits(storm, &waits, &difference->counters);
	latency = &waits.kind[IPIMUX_WAIT_RAISED];
	if (!latency->timed)
		return;
	fprintf(view->out, "          waited in the last interval: half up to %s",
		text__duration(buf, 0, latency__quantile(latency, 0.50)));
	fprintf(view->out, ", 99 %% up to %s",
		text__duration(buf, 0, latency__quantile(latency, 0.99)));
	fprintf(view->out, ", all below %s\n", text__duration(buf, 0, latency__most(latency)));
}

static void print_started(struct view *view, const struct storms *storms,
			  const struct storm *storm, const struct snapshot *difference,
			  const struct storm_details *details)
{
	struct storm_excess excess[VIEW_STORM_EXCESS];
	unsigned int nr = storms__excess(storms, storm, difference, excess, VIEW_STORM_EXCESS);
	char clock[TEXT_SIZE];
	int column;

	fprintf(view->out, "%s  %sstorm%s: ", text__clock(clock, storm->end_wall, 0),
		text__style(view->colour, TEXT_BAD), text__style(view->colour, TEXT_PLAIN));
	print_what(view, storm);
	column = INDENT;
	fprintf(view->out, "\n%*s", INDENT, "");
	column += fprintf(view->out, "above %" PRIu64 "/s: ", (uint64_t)storms->rate);
	for (unsigned int i = 0; i < nr && i < VIEW_STORM_EXCESS; i++) {
		fputs(i ? ", " : "", view->out);
		column = print_excess(view, &excess[i], difference->time, column);
	}
	if (nr > VIEW_STORM_EXCESS)
		fprintf(view->out, " and %u more", nr - VIEW_STORM_EXCESS);
	fprintf(view->out, "\n          since %s: ", text__clock(clock, storm->start_wall, 3));
	print_absorbed(view, storm);
	fputc('\n', view->out);
	print_latency(view, storm, difference);
	print_senders(view, storm, details);
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

int view_storm__start(struct view *view, const struct storms *storms,
		      const struct snapshot *first, bool json)
{
	char clock[TEXT_SIZE];

	if (json)
		return view_storm__json(view, storms, NULL, "watching", NULL, first, NULL);
	fprintf(view->out, "%s  watching for more than %" PRIu64 " sends a second to a CPU, of a "
		"vIPI or from CPU to CPU\n", text__clock(clock, first->wall_time, 0),
		(uint64_t)storms->rate);
	return 0;
}

int view_storm__reports(struct view *view, const struct storms *storms,
			const struct snapshot *difference, const struct snapshot *later,
			const struct storm_details *details, bool json)
{
	int err = 0;

	for (unsigned int i = 0; i < storms->nr_storms && !err; i++) {
		const struct storm *storm = &storms->storms[i];
		bool started = storm->state == STORM_STARTED;

		if (!started && storm->state != STORM_ENDED)
			continue;
		if (json)
			err = view_storm__json(view, storms, storm, started ? "started" : "ended",
					       difference, later, started ? details : NULL);
		else if (started)
			print_started(view, storms, storm, difference, details);
		else
			print_end(view, storm, later->wall_time, "over");
	}
	return err;
}

int view_storm__unfinished(struct view *view, const struct storms *storms,
			   const struct snapshot *later, bool json)
{
	int err = 0;

	for (unsigned int i = 0; i < storms->nr_storms && !err; i++) {
		const struct storm *storm = &storms->storms[i];

		if (storm->state != STORM_STARTED && storm->state != STORM_GOES_ON)
			continue;
		if (json)
			err = view_storm__json(view, storms, storm, "unfinished", NULL, later,
					       NULL);
		else
			print_end(view, storm, later->wall_time, "still going on");
	}
	return err;
}

void view_storm__summary(struct view *view, const struct storms *storms,
			 const struct snapshot *difference, const struct audit *audit)
{
	fprintf(view->out, "summary of %.3f s: %" PRIu64 " storm%s above %" PRIu64 "/s\n",
		difference->time / 1e9, (uint64_t)storms->nr_started, plural(storms->nr_started),
		(uint64_t)storms->rate);
	view_audit__print(view, audit);
}

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
		unsigned int first = view_storm__first_frame(sender, details->symbols);
		char buf[TEXT_SIZE];
		__u64 sends = 0;

		for (int outcome = 0; outcome < IPIMUX_NR_OUTCOMES; outcome++)
			sends += sender->value.sends[outcome];
		print_part(out, sender->value.command);
		if (!details->symbols || !sender->nr_frames)
			fputs(";[unknown]", out);
		for (unsigned int frame = sender->nr_frames; details->symbols && frame > first;
		     frame--) {
			const char *name = view_storm__frame(buf, details->symbols,
							     sender->frames[frame - 1]);

			fputc(';', out);
			print_part(out, name);
		}
		fprintf(out, " %" PRIu64 "\n", (uint64_t)sends);
	}
}
