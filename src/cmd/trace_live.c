// SPDX-License-Identifier: GPL-2.0-only
/*
 * A trace of this kernel, see cmd_trace.c. It looks into the kernel's buffer from time to time, for
 * being woken up, and writing, take IPIs of their own.
 */
#include <signal.h>
#include <stdint.h>
#include <time.h>

#include "base/clock.h"
#include "base/ending.h"
#include "cmd/trace_lines.h"
#include "cmd/trace_options.h"
#include "loader/loader.h"
#include "session/privileges.h"

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

struct run {
	const struct trace_options *options;
	struct machine machine;
	struct events *events;
	struct trace_lines lines;
	__u64 write_by;			/* when to write what is not written; 0: nothing is */
	__u64 missed;			/* before it began */
	sigset_t signals;
};

/* wait_for_signal - for @ns at most; true if one came that ends the run */
static bool wait_for_signal(const struct run *run, __u64 ns)
{
	return ending__wait(&run->signals, clock__now(CLOCK_MONOTONIC) + ns) > 0;
}

static int take(void *context, const struct ipimux_event *event)
{
	struct run *run = context;

	/* A call that was under way then: from outside its time is that of its begin. */
	if (event->time < run->lines.start.monotonic)
		return 0;
	return inorder__add(&run->lines.inorder, event);
}

static struct failure *write_out(struct run *run)
{
	run->write_by = 0;
	return output__flush(run->lines.output);
}

/* show - all events from before @until, and the gaps between them */
static int show(struct run *run, __u64 until)
{
	struct trace_lines *lines = &run->lines;
	struct ipimux_event event;
	int err = 0;
	__u64 lost;

	while (!err && !trace_lines__enough(lines) &&
	       inorder__next(&lines->inorder, until, &event, &lost)) {
		bool own = event.self || event.kind == IPIMUX_PROCESS;
		__u64 by = event.time + (own && !lost ? WRITE_OWN_NS : WRITE_NS);

		err = trace_lines__event(lines, &event, lost);
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
		time = run->lines.inorder.latest;
	return failure__of(show(run, time > WINDOW_NS ? time - WINDOW_NS : 0));
}

static struct failure *follow(struct run *run)
{
	__u64 end = run->options->duration ?
		    run->lines.start.monotonic + run->options->duration : UINT64_MAX;

	for (;;) {
		bool fills = events__fill(run->events) > FILLS_PERCENT;
		__u64 time, pause;
		bool left;
		struct failure *failure = read_events(run, &left);

		if (failure || trace_lines__enough(&run->lines))
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
	struct trace_lines *lines = &run->lines;
	struct events_summary summary = {
		.duration = clock__now(CLOCK_MONOTONIC) - lines->start.monotonic,
	};
	static const struct timespec window = { .tv_nsec = WINDOW_NS };
	struct failure *failure = NULL;
	bool left = true;
	/* While one program goes after the other, it would mean something else. */
	int err = events__read_missed(run->events, &summary.missed);

	summary.missed -= run->missed < summary.missed ? run->missed : summary.missed;
	if (err)
		return failure__of(err);
	events__detach(run->events);
	/* For the programs that are running still. */
	nanosleep(&window, NULL);
	while (!failure && left && !trace_lines__enough(lines))
		failure = read_events(run, &left);
	if (failure)
		return failure;
	err = show(run, UINT64_MAX);
	for (unsigned int cpu = 0; !err && !trace_lines__enough(lines) && cpu < lines->nr_cpus;
	     cpu++) {
		__u64 lost = inorder__lost_behind(&lines->inorder, cpu,
						  events__lost(run->events, cpu));

		if (lost)
			err = trace_lines__lost(lines, cpu, lost, 0);
	}
	return err ? failure__of(err) : trace_lines__end(lines, &summary);
}

static struct failure *start(struct run *run, struct trace_options *options)
{
	struct failure *failure = loader__check_descriptors(LOADER_DESCRIPTORS);

	if (!failure)
		failure = machine__read(&run->machine);
	if (!failure)
		failure = session__check_cpus(&run->machine, &options->session);
	if (!failure)
		failure = trace_options__find_vipis(options, &run->machine,
						    &options->events.vipis);
	if (!failure)
		failure = events__load(&run->events, &run->machine, &options->events);
	if (!failure)
		failure = output__open(&run->lines.output, options->file ? options->file : "-",
				       OUTPUT_VIEW, options->force);
	if (!failure)
		failure = events__attach(run->events);
	if (failure)
		return failure;
	if (events__dearer(run->events))
		fprintf(stderr, "ipimux-trace: the multiplexer is watched by kprobes, which cost "
			"more than fentry. %s\n", events__dearer(run->events)->text);
	/* Before any event. */
	run->lines.start = (struct events_start){
		.monotonic = clock__now(CLOCK_MONOTONIC), .wall = clock__now(CLOCK_REALTIME),
		.via = events__via(run->events),
	};
	failure = failure__of(events__read_missed(run->events, &run->missed));
	events__begin(run->events);
	return failure;
}

struct failure *trace_live__run(struct trace_options *options)
{
	struct run run = {
		.options = options,
		.lines = { .format = options->format, .count = options->count },
	};
	struct failure *failure;

	run.lines.machine = &run.machine;

	/* Before anything is attached, so that no signal can cut the end off. */
	ending__signals(&run.signals);
	ending__prepare();

	failure = start(&run, options);
	if (!failure)
		failure = trace_lines__begin(&run.lines);
	privileges__drop(0);
	if (!failure)
		failure = follow(&run);
	if (!failure)
		failure = finish(&run);
	if (!failure) {
		failure = output__close(run.lines.output, true);
		run.lines.output = NULL;
	}
	trace_lines__free(&run.lines);
	events__free(run.events);
	return failure;
}
