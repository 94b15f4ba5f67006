// SPDX-License-Identifier: GPL-2.0-only
/*
 * ipimux-trace trace: the single events, in order of time. It looks into the kernel's
 * buffer from time to time, for being woken up, and writing, take IPIs of their own.
 */
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/ending.h"
#include "base/parse.h"
#include "cmd/cmd.h"
#include "events/flows.h"
#include "events/inorder.h"
#include "loader/loader.h"
#include "print/text.h"
#include "probe/events.h"
#include "session/privileges.h"
#include "session/session.h"
#include "system/output.h"
#include "view/view_events.h"

/* How long until the next look into the buffer; the short one if it fills. */
#define PAUSE_NS	50000000ULL
#define SHORT_PAUSE_NS	10000000ULL
#define FILLS_PERCENT	12

/*
 * An event is held so long for an earlier one of another CPU. One that comes later took
 * longer than this from its clock to the buffer, with interrupts off.
 */
#define WINDOW_NS	20000000ULL

/*
 * Lines are written so soon after they came. Those that are only about our own sends,
 * and what is handled, can wait: else each writing would be the reason of the next.
 */
#define WRITE_NS	200000000ULL
#define WRITE_OWN_NS	2000000000ULL

/* Between two looks at the clock and the signals. */
#define READ_LIMIT	4096

struct options {
	struct session_options session;	/* CPUs only */
	struct events_options events;
	const char *vipi_list;
	const char *file;
	bool force;
	const struct events_format *format;
	unsigned long long duration;	/* ns; 0: until told to stop */
	unsigned long long count;	/* 0: any */
};

struct run {
	const struct options *options;
	struct machine machine;
	struct events *events;
	struct inorder inorder;
	struct flows flows;		/* where the format draws arrows */
	int flow_error;			/* of drawing them */
	struct output *output;
	struct events_view view;
	struct events_start start;
	__u64 shown;
	__u64 *lost;			/* [cpu]: shown as lost */
	unsigned int nr_cpus;
	__u64 write_by;			/* when to write what is not written; 0: nothing is */
	sigset_t signals;
};

enum { OPT_VIPI = 0x100, OPT_FORMAT, OPT_BUFFER, OPT_NO_SELF, OPT_FORCE };

static const struct argp_option option_table[] = {
	{ "cpu", 'c', "LIST", 0, "Show only what these CPUs send or receive, e.g. 0,2-3", 0 },
	{ "vipi", OPT_VIPI, "NAME,...", 0, "Show only these vIPIs, by name or number", 0 },
	{ "count", 'n', "COUNT", 0, "End after COUNT events", 0 },
	{ "format", OPT_FORMAT, "FORMAT", 0, "text (the default), json (JSON Lines), or chrome "
	  "(Trace Event JSON, for Perfetto)", 0 },
	{ "json", 'j', NULL, 0, "The same as --format json", 0 },
	{ "output", 'o', "FILE", 0, "Write to FILE; - is stdout", 0 },
	{ "force", OPT_FORCE, NULL, 0, "Overwrite an existing FILE", 0 },
	{ "no-self", OPT_NO_SELF, NULL, 0, "Leave out what ipimux-trace itself sends", 0 },
	{ "buffer", OPT_BUFFER, "SIZE", 0, "Size of the buffer for events that are not read yet, "
	  "e.g. 64k, 16M (default 2M)", 0 },
	{ "verbose", 'v', NULL, 0, "Show what libbpf and the verifier say", 0 },
	{}
};

static const char doc[] =
	"Shows single events of the IPI multiplexer, in order of time, for DURATION seconds "
	"(default: until Ctrl-C)."
	"\v"
	"Times are seconds since boot (CLOCK_MONOTONIC), as in dmesg and in ftrace with its "
	"mono clock. A send shows its outcome and the thread that was running; * marks "
	"ipimux-trace itself. Where the buffer was full, a line says how many events of which "
	"CPU are missing.\n"
	"\n"
	"Exit status: 0 done, 2 wrong usage, 3 cannot run here.";

/* --- options --- */

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;
	struct session_options *session = &options->session;
	unsigned long long size;

	switch (key) {
	case 'c':
		if (cpuset__parse(&session->cpus, arg) || cpuset__last(&session->cpus) < 0)
			argp_error(state, "'%s' is not a list of CPUs, e.g. 0,2-3", arg);
		session->cpu_list = arg;
		options->events.cpus = &session->cpus;
		break;
	case OPT_VIPI:
		options->vipi_list = arg;
		break;
	case 'n':
		if (parse_count(arg, &options->count))
			argp_error(state, "COUNT '%s' is not a positive number", arg);
		break;
	case 'j':
		options->format = &events_json;
		break;
	case OPT_FORMAT:
		options->format = events_format__find(arg);
		if (!options->format)
			argp_error(state, "FORMAT '%s' is not text, json or chrome", arg);
		break;
	case 'o':
		options->file = arg;
		break;
	case OPT_FORCE:
		options->force = true;
		break;
	case OPT_NO_SELF:
		options->events.no_self = true;
		break;
	case OPT_BUFFER:
		if (parse_size(arg, &size) || size < EVENTS_BUFFER_MIN || size > EVENTS_BUFFER_MAX)
			argp_error(state, "SIZE '%s' is not a size from 4k to 1024M", arg);
		options->events.buffer = size;
		break;
	case 'v':
		options->events.verbose = true;
		break;
	case ARGP_KEY_ARG:
		if (state->arg_num > 0)
			argp_error(state, "'%s' is one argument too many", arg);
		if (parse_seconds(arg, &options->duration))
			argp_error(state, "DURATION '%s' is not a positive number of seconds", arg);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

/* --- the run --- */

/* wait_for_signal - for @ns at most; true if one came that ends the run */
static bool wait_for_signal(const struct run *run, __u64 ns)
{
	return ending__wait(&run->signals, clock__now(CLOCK_MONOTONIC) + ns) > 0;
}

static int take(void *context, const struct ipimux_event *event)
{
	struct run *run = context;

	return inorder__add(&run->inorder, event);
}

static struct failure *write_out(struct run *run)
{
	run->write_by = 0;
	return output__flush(run->output);
}

static bool enough(const struct run *run)
{
	return run->options->count && run->shown == run->options->count;
}

/* draw_flow - see flows__init() */
static void draw_flow(void *context, const struct flow *flow)
{
	struct run *run = context;
	int err = run->options->format->flow(&run->view, flow);

	if (err)
		run->flow_error = err;
}

static int show_lost(struct run *run, unsigned int cpu, __u64 count, __u64 time)
{
	const struct events_format *format = run->options->format;
	__u64 at = time ? time : run->flows.latest ? run->flows.latest : run->start.monotonic;

	run->lost[cpu] += count;
	if (format->flow) {
		flows__gap(&run->flows, cpu, at);
		at = flows__place(&run->flows, cpu, at);
	}
	return format->lost(&run->view, cpu, count, time, at);
}

static int show_event(struct run *run, const struct ipimux_event *event)
{
	const struct events_format *format = run->options->format;
	struct ipimux_event placed = *event;
	int err;

	if (format->flow)
		placed.time = flows__place(&run->flows, event->cpu, event->time);
	err = format->event(&run->view, event, placed.time);
	if (!err && format->flow)
		err = flows__event(&run->flows, &placed);
	return err ? err : run->flow_error;
}

/* show - all events from before @until, and the gaps between them */
static int show(struct run *run, __u64 until)
{
	struct ipimux_event event;
	int err = 0;
	__u64 lost;

	while (!err && !enough(run) && inorder__next(&run->inorder, until, &event, &lost)) {
		bool own = event.self || event.kind == IPIMUX_PROCESS;
		__u64 by = event.time + (own && !lost ? WRITE_OWN_NS : WRITE_NS);

		if (lost)
			err = show_lost(run, event.cpu, lost, event.time);
		if (!err)
			err = show_event(run, &event);
		run->shown++;
		if (!run->write_by || by < run->write_by)
			run->write_by = by;
	}
	return err;
}

/* read_events - reads what is there, and shows what nothing earlier can come to */
static struct failure *read_events(struct run *run, bool *left)
{
	__u64 time = clock__now(CLOCK_MONOTONIC);
	int read = events__read(run->events, READ_LIMIT, take, run, left);

	if (read < 0)
		return failure__of(read);
	/* What is left is about as old as the latest that was read, or younger. */
	if (*left)
		time = run->inorder.latest;
	return failure__of(show(run, time > WINDOW_NS ? time - WINDOW_NS : 0));
}

static struct failure *follow(struct run *run)
{
	__u64 end = run->options->duration ?
		    run->start.monotonic + run->options->duration : UINT64_MAX;

	for (;;) {
		bool fills = events__fill(run->events) > FILLS_PERCENT;
		__u64 time, pause;
		bool left;
		struct failure *failure = read_events(run, &left);

		if (failure || enough(run))
			return failure;
		time = clock__now(CLOCK_MONOTONIC);
		/* For Perfetto there is no hurry: it wants all of it. */
		if (run->write_by && time >= run->write_by &&
		    run->options->format != &events_chrome) {
			failure = write_out(run);
			if (failure)
				return failure;
		}
		if (time >= end)
			return NULL;
		pause = fills ? SHORT_PAUSE_NS : PAUSE_NS;
		if (pause > end - time)
			pause = end - time;
		if (wait_for_signal(run, left && fills ? 0 : pause))
			return NULL;
	}
}

/* finish - shows what is in the buffer, and what was lost behind the last event */
static struct failure *finish(struct run *run)
{
	struct events_summary summary = {
		.duration = clock__now(CLOCK_MONOTONIC) - run->start.monotonic,
		.lost = run->lost, .nr_cpus = run->nr_cpus,
	};
	static const struct timespec window = { .tv_nsec = WINDOW_NS };
	struct failure *failure = NULL;
	bool left = true;
	int err = 0;

	events__detach(run->events);
	/* For the programs that are running still. */
	nanosleep(&window, NULL);
	while (!failure && left && !enough(run))
		failure = read_events(run, &left);
	if (failure)
		return failure;
	err = show(run, UINT64_MAX);
	for (unsigned int cpu = 0; !err && !enough(run) && cpu < run->nr_cpus; cpu++) {
		__u64 lost = inorder__lost_behind(&run->inorder, cpu,
						  events__lost(run->events, cpu));

		if (lost)
			err = show_lost(run, cpu, lost, 0);
	}
	summary.shown = run->shown;
	summary.late = run->inorder.late;
	if (!err)
		err = events__read_missed(run->events, &summary.missed);
	if (!err && run->options->format->last)
		err = run->options->format->last(&run->view);
	if (!err && run->options->format->flow)
		flows__end(&run->flows);
	if (!err)
		err = run->flow_error;
	if (!err)
		err = run->options->format->end(&run->view, &summary);
	failure = err ? failure__of(err) : write_out(run);
	if (!failure) {
		/* Nobody may read it. */
		ending__listen();
		fputs("ipimux-trace: ", stderr);
		events_summary__print(&summary, stderr);
		ending__defer();
	}
	return failure;
}

/* begin - all that can fail, until events come; from then on the file is that of this trace */
static struct failure *begin(struct run *run)
{
	int err;

	run->nr_cpus = cpuset__last(&run->machine.possible) + 1;
	run->view.machine = &run->machine;
	run->view.out = output__stream(run->output);
	run->view.colour = output__is_standard(run->output) && text__colour_wanted(stdout);
	run->lost = calloc(run->nr_cpus, sizeof(*run->lost));
	if (!run->lost)
		return failure__of(-ENOMEM);
	err = inorder__init(&run->inorder, run->nr_cpus);
	if (!err && run->options->format->flow)
		err = flows__init(&run->flows, run->nr_cpus, run->machine.nr_vipis,
				  run->start.monotonic, draw_flow, run);
	if (!err)
		err = run->options->format->start(&run->view, &run->start);
	/* Whoever reads it knows now that the stream is on. */
	return err ? failure__of(err) : output__show(run->output);
}

/* --- the start --- */

static struct failure *find_vipis(const struct machine *machine, const char *list, __u32 *vipis)
{
	const char *unknown = machine__find_vipis(machine, list, vipis);
	char name[256];

	if (!unknown)
		return NULL;
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(unknown, ","), unknown);
	return session__no_vipi(machine, name);
}

static struct failure *start(struct run *run, struct options *options)
{
	struct failure *failure = loader__check_descriptors(LOADER_DESCRIPTORS);

	if (!failure)
		failure = machine__read(&run->machine);
	if (!failure)
		failure = session__check_cpus(&run->machine, &options->session);
	if (!failure && options->vipi_list)
		failure = find_vipis(&run->machine, options->vipi_list, &options->events.vipis);
	if (!failure)
		failure = events__load(&run->events, &run->machine, &options->events);
	if (!failure)
		failure = output__open(&run->output, options->file ? options->file : "-",
				       OUTPUT_VIEW, options->force);
	if (!failure)
		failure = events__attach(run->events);
	if (failure)
		return failure;
	/* Before any event. */
	run->start = (struct events_start){
		.monotonic = clock__now(CLOCK_MONOTONIC), .wall = clock__now(CLOCK_REALTIME),
	};
	events__begin(run->events);
	return NULL;
}

int cmd_trace(int argc, char **argv)
{
	struct options options = { .events.buffer = 2 << 20, .format = &events_text };
	const struct argp argp = { option_table, parse_option, "[DURATION]", doc,
				   NULL, NULL, NULL };
	struct run run = { .options = &options };
	struct failure *failure;

	argp_parse(&argp, argc, argv, 0, NULL, &options);

	/* Before anything is attached, so that no signal can cut the end off. */
	ending__signals(&run.signals);
	ending__prepare();
	signal(SIGPIPE, SIG_IGN);

	failure = start(&run, &options);
	if (!failure)
		failure = begin(&run);
	privileges__drop(0);
	if (!failure)
		failure = follow(&run);
	if (!failure)
		failure = finish(&run);
	if (!failure) {
		failure = output__close(run.output, true);
		run.output = NULL;
	}
	output__close(run.output, false);
	events_view__free(&run.view);
	flows__free(&run.flows);
	inorder__free(&run.inorder);
	events__free(run.events);
	free(run.lost);
	return failure__report(failure, EXIT_DONE);
}
