// SPDX-License-Identifier: GPL-2.0-only
/*
 * Single events as lines: of text, for people, and of JSON, with nothing rounded. The
 * fields are documented in docs/trace.md; VERSION is theirs.
 */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#include "base/array_size.h"
#include "base/plural.h"
#include "print/text.h"
#include "print/view.h"
#include "view/view_audit.h"
#include "view/view_events.h"

#define VERSION 1

/* --- what all formats share --- */

const struct events_format *events_format__find(const char *name)
{
	static const struct events_format * const formats[] = {
		&events_text, &events_json, &events_chrome,
	};

	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		if (!strcmp(formats[i]->name, name))
			return formats[i];
	return NULL;
}

const char *events__via_name(enum events_via via)
{
	static const char * const names[] = {
		[EVENTS_VIA_TRACEPOINT]	= "tracepoint",
		[EVENTS_VIA_FENTRY]	= "fentry",
		[EVENTS_VIA_KPROBE]	= "kprobe",
		[EVENTS_VIA_FTRACE]	= "ftrace",
	};

	return names[via];
}

const char *events__kind_name(const struct ipimux_event *event)
{
	static const char * const names[IPIMUX_NR_KINDS] = {
		[IPIMUX_SEND]	 = "send",
		[IPIMUX_UNMASK]	 = "unmask",
		[IPIMUX_PROCESS] = "process",
		[IPIMUX_MASK]	 = "mask",
	};

	return names[event->kind];
}

const char *events__outcome_name(const struct ipimux_event *event)
{
	static const char * const names[IPIMUX_NR_OUTCOMES] = {
		[IPIMUX_RAISED]			= "raised",
		[IPIMUX_COALESCED]		= "coalesced",
		[IPIMUX_MASKED]			= "masked",
		[IPIMUX_COALESCED_WHILE_MASKED]	= "coalesced while masked",
	};

	switch (event->kind) {
	case IPIMUX_SEND:
		return names[ipimux_event_outcome(event)];
	case IPIMUX_UNMASK:
		return ipimux_event_was_pending(event) ? "kick" : "";
	case IPIMUX_MASK:
		return ipimux_event_was_pending(event) ? "stays pending" : "";
	default:
		return ipimux_event_handled(event) ? "" : "empty";
	}
}

char *events__set_text(char buf[EVENTS_SET_SIZE], const struct machine *machine, __u32 set)
{
	char *end = buf;

	for (unsigned int vipi = 0; vipi < IPIMUX_MAX_VIPIS; vipi++)
		if (set >> vipi & 1)
			end += sprintf(end, "%s%s", end == buf ? "" : ",",
				       machine->vipi_name[vipi]);
	if (end == buf)
		strcpy(buf, "-");
	return buf;
}

void events_summary__print(const struct events_summary *summary, FILE *out)
{
	const char *separator = " (";
	__u64 lost = 0;

	for (unsigned int cpu = 0; cpu < summary->nr_cpus; cpu++)
		lost += summary->lost[cpu];
	fprintf(out, "%" PRIu64 " event%s in %.3f s, %" PRIu64 " lost", (uint64_t)summary->shown,
		plural(summary->shown), summary->duration / 1e9, (uint64_t)lost);
	for (unsigned int cpu = 0; cpu < summary->nr_cpus; cpu++) {
		if (!summary->lost[cpu])
			continue;
		fprintf(out, "%sCPU %u: %" PRIu64, separator, cpu, (uint64_t)summary->lost[cpu]);
		separator = ", ";
	}
	fprintf(out, "%s, %" PRIu64 " missed", lost ? ")" : "", (uint64_t)summary->missed);
	if (summary->late)
		fprintf(out, ", %" PRIu64 " out of order", (uint64_t)summary->late);
	fputc('\n', out);
}

/* print_wait - "CPU 3 CALL_FUNC: raised at 1.234567 by CPU 0 (sh/80), 12.3s before the end" */
static void print_wait(const struct tally_wait *wait, const struct events_summary *summary,
		       const struct events_view *view, FILE *out)
{
	const struct ipimux_event *send = &wait->send;
	char duration[TEXT_SIZE];

	text__duration(duration, 0, summary->tally->last.time - wait->since);
	fprintf(out, "#   CPU %u %s: ", wait->cpu, view->machine->vipi_name[wait->vipi]);
	if (wait->kicked)
		fprintf(out, "kicked at %.6f by its unmask", wait->since / 1000 / 1e6);
	else
		fprintf(out, "%s at %.6f by CPU %u (%s/%u)", events__outcome_name(send),
			wait->since / 1000 / 1e6, send->cpu, send->command, send->pid);
	fprintf(out, ", %s before the end%s\n", duration,
		wait->masked ? ": waits for its unmask" : "");
}

void events_summary__print_audit(const struct events_summary *summary,
				 const struct events_view *view, FILE *out)
{
	struct view audit_view;

	if (summary->tally->nr_waits)
		fprintf(out, "# pending at the end:\n");
	for (unsigned int i = 0; i < summary->tally->nr_waits; i++)
		print_wait(&summary->tally->waits[i], summary, view, out);
	view__init(&audit_view, out, view->machine);
	audit_view.colour = view->colour && out == view->out;
	view_audit__print(&audit_view, summary->audit);
}

json_t *events_summary__json_audit(const struct events_summary *summary,
				   const struct events_view *view)
{
	return summary->audit ? view_audit__json(view->machine, summary->audit) : json_null();
}

/* --- text --- */

#define OUTCOME_WIDTH	22

static int text_start(struct events_view *view, const struct events_start *start)
{
	fprintf(view->out, "%s# %11s %3s  %-7s  %-14s  %-5s  %-22s  %s%s\n",
		text__style(view->colour, TEXT_HEADING), "seconds", "CPU", "event", "vIPI", "to",
		"outcome", "by", text__style(view->colour, TEXT_PLAIN));
	return 0;
}

static int text_event(struct events_view *view, const struct ipimux_event *event, __u64 at)
{
	bool send = event->kind == IPIMUX_SEND;
	int length = OUTCOME_WIDTH - (int)strlen(events__outcome_name(event));
	char vipis[EVENTS_SET_SIZE];
	char target[16] = "";

	events__set_text(vipis, view->machine, event->kind == IPIMUX_PROCESS ?
			 ipimux_event_handled(event) : 1U << event->vipi);
	if (send)
		snprintf(target, sizeof(target), "-> %u", event->target);
	fprintf(view->out, "%13.6f %3u  %-7s  ", event->time / 1000 / 1e6, event->cpu,
		events__kind_name(event));
	if (send)
		fprintf(view->out, "%-14s  %-5s  %s%-*s  %s/%u%s\n", vipis, target,
			events__outcome_name(event), length, event->uncertain ? "?" : "",
			event->command, event->pid, event->self ? " *" : "");
	else if (*events__outcome_name(event))
		fprintf(view->out, "%-14s  %-5s  %s\n", vipis, "", events__outcome_name(event));
	else
		fprintf(view->out, "%s\n", vipis);
	return 0;
}

static int text_lost(struct events_view *view, unsigned int cpu, __u64 count, __u64 time,
		     __u64 at)
{
	fprintf(view->out, "%sCPU %u: %" PRIu64 " event%s lost here%s\n",
		text__style(view->colour, TEXT_BAD), cpu, (uint64_t)count, plural(count),
		text__style(view->colour, TEXT_PLAIN));
	return 0;
}

static int text_end(struct events_view *view, const struct events_summary *summary)
{
	if (summary->audit)
		events_summary__print_audit(summary, view, view->out);
	return 0;
}

const struct events_format events_text = {
	.name = "text", .start = text_start, .event = text_event, .lost = text_lost,
	.end = text_end,
};

/* --- JSON Lines --- */

static int print_line(struct events_view *view, json_t *object)
{
	int err = object ? 0 : -ENOMEM;

	/* A full disk shows when the stream is flushed. */
	if (object && !json_dumpf(object, view->out, JSON_COMPACT | JSON_REAL_PRECISION(17)))
		fputc('\n', view->out);
	json_decref(object);
	return err;
}

static json_t *set_array(const struct machine *machine, __u32 set)
{
	json_t *array = json_array();

	for (unsigned int vipi = 0; vipi < IPIMUX_MAX_VIPIS; vipi++)
		if (set >> vipi & 1)
			json_array_append_new(array, json_string(machine->vipi_name[vipi]));
	return array;
}

static int json_start(struct events_view *view, const struct events_start *start)
{
	json_t *time = start->via == EVENTS_VIA_FTRACE ? json_null() : json_real(start->wall / 1e9);

	return print_line(view, json_pack("{s:i, s:s, s:s, s:I, s:o}",
					  "version", VERSION, "type", "start",
					  "via", events__via_name(start->via),
					  "ns", (json_int_t)start->monotonic, "time", time));
}

static int json_event(struct events_view *view, const struct ipimux_event *event, __u64 at)
{
	json_t *object = json_pack("{s:s, s:I, s:i}", "type", events__kind_name(event),
				   "ns", (json_int_t)event->time, "cpu", event->cpu);
	int err = object ? 0 : -ENOMEM;

	if (event->kind == IPIMUX_PROCESS)
		err = err ?: json_object_set_new(object, "vipis",
						 set_array(view->machine,
							   ipimux_event_handled(event)));
	else
		err = err ?: json_object_set_new(object, "vipi",
				json_string(view->machine->vipi_name[event->vipi]));
	if (event->kind == IPIMUX_UNMASK)
		err = err ?: json_object_set_new(object, "kick",
						 json_boolean(ipimux_event_was_pending(event)));
	else if (event->kind == IPIMUX_MASK)
		err = err ?: json_object_set_new(object, "stays_pending",
						 json_boolean(ipimux_event_was_pending(event)));
	else
		err = err ?: json_object_set_new(object, "enabled", json_integer(event->enabled));
	err = err ?: json_object_set_new(object, "pending", json_integer(event->pending));
	if (!err && event->kind == IPIMUX_SEND) {
		json_t *send = json_pack("{s:i, s:s, s:s, s:I, s:b}", "target", event->target,
					 "outcome", events__outcome_name(event),
					 "command", event->command,
					 "pid", (json_int_t)event->pid, "self", event->self);

		err = send ? json_object_update(object, send) : -ENOMEM;
		json_decref(send);
		if (event->uncertain)
			err = err ?: json_object_set_new(object, "uncertain", json_true());
	}
	if (err) {
		json_decref(object);
		return -ENOMEM;
	}
	return print_line(view, object);
}

static int json_lost(struct events_view *view, unsigned int cpu, __u64 count, __u64 time,
		     __u64 at)
{
	return print_line(view, json_pack("{s:s, s:o, s:i, s:I}", "type", "lost",
					  "ns", time ? json_integer(time) : json_null(),
					  "cpu", cpu, "count", (json_int_t)count));
}

/* json_wait - what waited at the end */
static int json_wait(struct events_view *view, const struct tally_wait *wait)
{
	const struct ipimux_event *send = &wait->send;
	json_t *object = json_pack("{s:s, s:i, s:s, s:I, s:s, s:b}", "type", "pending",
				   "cpu", wait->cpu,
				   "vipi", view->machine->vipi_name[wait->vipi],
				   "since", (json_int_t)wait->since,
				   "by", wait->kicked ? "kick" : "send",
				   "masked", wait->masked);

	if (object && !wait->kicked) {
		json_t *sender = json_pack("{s:i, s:s, s:I}", "sender", send->cpu,
					   "command", send->command,
					   "pid", (json_int_t)send->pid);
		int err = sender ? json_object_update(object, sender) : -ENOMEM;

		json_decref(sender);
		if (err) {
			json_decref(object);
			return -ENOMEM;
		}
	}
	return print_line(view, object);
}

static int json_end(struct events_view *view, const struct events_summary *summary)
{
	json_t *object, *lost = json_object();
	char key[16];
	int err = 0;

	for (unsigned int i = 0; summary->tally && i < summary->tally->nr_waits && !err; i++)
		err = json_wait(view, &summary->tally->waits[i]);

	for (unsigned int cpu = 0; cpu < summary->nr_cpus; cpu++) {
		if (!summary->lost[cpu])
			continue;
		snprintf(key, sizeof(key), "%u", cpu);
		json_object_set_new(lost, key, json_integer(summary->lost[cpu]));
	}
	object = json_pack("{s:s, s:f, s:I, s:o, s:I, s:I}", "type", "summary",
			   "interval", summary->duration / 1e9,
			   "shown", (json_int_t)summary->shown,
			   "lost", lost,
			   "missed", (json_int_t)summary->missed,
			   "out_of_order", (json_int_t)summary->late);
	if (object && summary->audit)
		err = err ?: json_object_set_new(object, "audit",
						 events_summary__json_audit(summary, view));
	if (err) {
		json_decref(object);
		return -ENOMEM;
	}
	return print_line(view, object);
}

const struct events_format events_json = {
	.name = "json", .start = json_start, .event = json_event, .lost = json_lost,
	.end = json_end,
};
