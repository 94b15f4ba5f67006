// SPDX-License-Identifier: GPL-2.0-only
/*
 * Single events in the Trace Event Format, which Perfetto and chrome://tracing open: a
 * track for each CPU, arrows from the sends that set a bit to their processing.
 *
 * Arrows end in slices only, so an event is drawn as one, of a nominal length: how long
 * it took is not known. What belongs to a CPU is held back until its next event, so that
 * none reaches into the next.
 */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>

#include "base/plural.h"
#include "view/view_events.h"

/* As long as an event is drawn, at most. */
#define NOMINAL_NS	100

/* All tracks are threads of one process. Thread 0 has a meaning of its own to viewers. */
#define PROCESS		1
#define TRACK(cpu)	((int)(cpu) + 1)

/* As many digits as a double always has: us to the ns, for traces of up to 100 days. */
#define FLAGS (JSON_COMPACT | JSON_REAL_PRECISION(16))

struct track {
	bool named;
	__u64 last;			/* where its last event was drawn, ns; 0: nowhere */
	json_t *slice;			/* which that is, if it is a slice: not printed yet */
};

struct chrome {
	bool first;			/* nothing printed yet */
	unsigned int nr_tracks;
	struct track *tracks;		/* [cpu] */
	json_int_t nr_flows;
	__u64 start, wall_start;	/* what timestamps count from, by two clocks; ns */
	enum events_via via;
};

static int print_object(struct events_view *view, json_t *object)
{
	struct chrome *chrome = view->chrome;

	if (!object)
		return -ENOMEM;
	fputs(chrome->first ? "\n" : ",\n", view->out);
	chrome->first = false;
	/* A full disk shows when the stream is flushed. */
	json_dumpf(object, view->out, FLAGS);
	json_decref(object);
	return 0;
}

static double us(__u64 ns)
{
	return ns / 1e3;
}

/*
 * timestamp - since the start of the trace: readers make doubles of what is in us, and one of
 * the time since a boot of months ago has no room for ns
 */
static double timestamp(const struct chrome *chrome, __u64 ns)
{
	return ns < chrome->start ? -us(chrome->start - ns) : us(ns - chrome->start);
}

/* chrome_flow - an arrow: its start in the slice of the send, its end in that of the process */
static int chrome_flow(struct events_view *view, const struct flow *flow)
{
	struct chrome *chrome = view->chrome;
	const char *name = view->machine->vipi_name[flow->vipi];
	json_int_t id = ++chrome->nr_flows;
	int err;

	err = print_object(view, json_pack("{s:s, s:s, s:s, s:I, s:i, s:i, s:f}",
					   "ph", "s", "name", name, "cat", "ipi", "id", id,
					   "pid", PROCESS, "tid", TRACK(flow->sender),
					   "ts", timestamp(chrome, flow->sent)));
	if (!err)
		err = print_object(view, json_pack("{s:s, s:s, s:s, s:s, s:I, s:i, s:i, s:f}",
						   "ph", "f", "bp", "e", "name", name,
						   "cat", "ipi", "id", id, "pid", PROCESS,
						   "tid", TRACK(flow->target),
						   "ts", timestamp(chrome, flow->processed)));
	return err;
}

static int chrome_start(struct events_view *view, const struct events_start *start)
{
	unsigned int nr_cpus = cpuset__last(&view->machine->possible) + 1;
	struct chrome *chrome = calloc(1, sizeof(*chrome));

	if (!chrome)
		return -ENOMEM;
	view->chrome = chrome;
	*chrome = (struct chrome){
		.first = true, .nr_tracks = nr_cpus,
		.start = start->monotonic, .wall_start = start->wall,
		.via = start->via,
	};
	chrome->tracks = calloc(nr_cpus, sizeof(*chrome->tracks));
	if (!chrome->tracks)
		return -ENOMEM;
	fputs("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[", view->out);
	return print_object(view, json_pack("{s:s, s:s, s:i, s:{s:s}}", "ph", "M",
					    "name", "process_name", "pid", PROCESS,
					    "args", "name", "IPI multiplexer"));
}

void events_view__free(struct events_view *view)
{
	struct chrome *chrome = view->chrome;

	if (!chrome)
		return;
	for (unsigned int cpu = 0; chrome->tracks && cpu < chrome->nr_tracks; cpu++)
		json_decref(chrome->tracks[cpu].slice);
	free(chrome->tracks);
	free(chrome);
	view->chrome = NULL;
}

/* finish_slice - prints the last slice of a track, which ends before @next */
static int finish_slice(struct events_view *view, struct track *track, __u64 next)
{
	__u64 length = next - track->last < NOMINAL_NS ? next - track->last : NOMINAL_NS;
	json_t *slice = track->slice;

	if (!slice)
		return 0;
	track->slice = NULL;
	json_object_set_new(slice, "dur", json_real(us(length)));
	return print_object(view, slice);
}

static int name_track(struct events_view *view, struct track *track, unsigned int cpu)
{
	char name[16];
	int err;

	if (track->named)
		return 0;
	track->named = true;
	snprintf(name, sizeof(name), "CPU %u", cpu);
	err = print_object(view, json_pack("{s:s, s:s, s:i, s:i, s:{s:s}}", "ph", "M",
					   "name", "thread_name", "pid", PROCESS,
					   "tid", TRACK(cpu), "args", "name", name));
	return err ? err :
	       print_object(view, json_pack("{s:s, s:s, s:i, s:i, s:{s:i}}", "ph", "M",
					    "name", "thread_sort_index", "pid", PROCESS,
					    "tid", TRACK(cpu), "args", "sort_index", cpu));
}

/* move_on - to @at on @cpu's track, which is behind what is there. Names the track first */
static int move_on(struct events_view *view, unsigned int cpu, __u64 at)
{
	struct track *track = &view->chrome->tracks[cpu];
	int err = name_track(view, track, cpu);

	if (!err)
		err = finish_slice(view, track, at);
	track->last = at;
	return err;
}

static json_t *send_arguments(const struct ipimux_event *event)
{
	json_t *object = json_pack("{s:I, s:i, s:s, s:s, s:I, s:b}",
				   "ns", (json_int_t)event->time, "target", event->target,
				   "outcome", events__outcome_name(event),
				   "command", event->command,
				   "pid", (json_int_t)event->pid, "self", event->self);

	if (object && event->uncertain)
		json_object_set_new(object, "uncertain", json_true());
	return object;
}

static json_t *other_arguments(const struct ipimux_event *event)
{
	return json_pack("{s:I, s:s}", "ns", (json_int_t)event->time,
			 "outcome", events__outcome_name(event));
}

static int chrome_event(struct events_view *view, const struct ipimux_event *event, __u64 at)
{
	struct chrome *chrome = view->chrome;
	bool send = event->kind == IPIMUX_SEND, process = event->kind == IPIMUX_PROCESS;
	char name[EVENTS_SET_SIZE + 16];
	char vipis[EVENTS_SET_SIZE];
	json_t *object;
	int err;

	if (event->cpu >= chrome->nr_tracks)
		return 0;
	err = move_on(view, event->cpu, at);
	if (err)
		return err;

	events__set_text(vipis, view->machine,
			 process ? ipimux_event_handled(event) : 1U << event->vipi);
	if (event->kind == IPIMUX_UNMASK && ipimux_event_was_pending(event))
		snprintf(name, sizeof(name), "kick %s", vipis);
	else
		snprintf(name, sizeof(name), "%s %s", events__kind_name(event), vipis);
	object = json_pack("{s:s, s:s, s:s, s:i, s:i, s:f, s:o}",
			   "ph", send || process ? "X" : "i", "name", name,
			   "cat", events__kind_name(event), "pid", PROCESS,
			   "tid", TRACK(event->cpu),
			   "ts", timestamp(chrome, at),
			   "args", send ? send_arguments(event) : other_arguments(event));
	if (!object)
		return -ENOMEM;
	if (send || process)
		chrome->tracks[event->cpu].slice = object;
	else
		err = json_object_set_new(object, "s", json_string("t")) ? -ENOMEM :
		      print_object(view, object);
	return err;
}

static int chrome_lost(struct events_view *view, unsigned int cpu, __u64 count, __u64 time,
		       __u64 at)
{
	struct chrome *chrome = view->chrome;
	char name[64];
	int err;

	if (cpu >= chrome->nr_tracks)
		return 0;
	err = move_on(view, cpu, at);
	if (err)
		return err;
	snprintf(name, sizeof(name), "%" PRIu64 " event%s lost here", (uint64_t)count,
		 plural(count));
	return print_object(view, json_pack("{s:s, s:s, s:s, s:s, s:i, s:i, s:f, s:{s:I}}",
					    "ph", "i", "s", "t", "name", name, "cat", "lost",
					    "pid", PROCESS, "tid", TRACK(cpu),
					    "ts", timestamp(chrome, at),
					    "args", "count", (json_int_t)count));
}

static int chrome_last(struct events_view *view)
{
	struct chrome *chrome = view->chrome;
	int err = 0;

	for (unsigned int cpu = 0; !err && cpu < chrome->nr_tracks; cpu++)
		err = finish_slice(view, &chrome->tracks[cpu], UINT64_MAX);
	return err;
}

static int chrome_end(struct events_view *view, const struct events_summary *summary)
{
	struct chrome *chrome = view->chrome;
	json_t *object, *lost = json_object();
	bool by_ftrace = chrome->via == EVENTS_VIA_FTRACE;
	char key[16];

	for (unsigned int cpu = 0; cpu < summary->nr_cpus; cpu++) {
		if (!summary->lost[cpu])
			continue;
		snprintf(key, sizeof(key), "%u", cpu);
		json_object_set_new(lost, key, json_integer(summary->lost[cpu]));
	}
	object = json_pack("{s:s, s:s, s:I, s:o, s:I, s:o, s:I, s:I, s:o}",
			   "via", events__via_name(chrome->via),
			   "clock", by_ftrace ? "ftrace" : "CLOCK_MONOTONIC",
			   "origin_ns", (json_int_t)chrome->start,
			   "origin_unix_ns", by_ftrace ? json_null() :
						json_integer(chrome->wall_start),
			   "shown", (json_int_t)summary->shown,
			   "lost", lost, "missed", (json_int_t)summary->missed,
			   "arrows", chrome->nr_flows,
			   "audit", events_summary__json_audit(summary, view));
	if (!object)
		return -ENOMEM;
	fputs("\n],\"otherData\":", view->out);
	json_dumpf(object, view->out, FLAGS);
	fputs("}\n", view->out);
	json_decref(object);
	return 0;
}

const struct events_format events_chrome = {
	.name = "chrome", .start = chrome_start, .event = chrome_event, .lost = chrome_lost,
	.flow = chrome_flow, .last = chrome_last, .end = chrome_end,
};
