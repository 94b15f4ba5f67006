// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shows what ftrace has traced, see cmd_trace.c: reads all of it, for only then is known how many
 * CPUs there are; then shows the events that are wanted, and audits all.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/tally.h"
#include "base/plural.h"
#include "cmd/trace_lines.h"
#include "cmd/trace_options.h"
#include "events/ftrace.h"
#include "print/view.h"
#include "recording/lines.h"
#include "view/view_audit.h"

/* No line of ftrace's is longer, but a console may have anything. */
#define LINE_MAX_LENGTH	65536
#define EVENT_MAX_LENGTH	1024

/* Of a compressed file: zstd may have to remember so many bytes. */
#define MAX_WINDOW	(128ULL << 20)

/*
 * The kernel's own times, of its buffer, count from its last reset, and may be from before: then
 * they are negative. While events are put in order all times are ahead by so much (ns).
 */
#define AHEAD	(1ULL << 63)

/* Lines are in order of time; if it goes back by more than so much, another clock has begun. */
#define OTHER_START_NS	1000000000ULL

/* What cannot be read of the events that a file has. */
struct unreadable {
	__u64 number;
	unsigned long long line;	/* the first of them */
	const char *why;
};

struct reading {
	const struct trace_options *options;
	const char *name;		/* of what is read, for people */
	int fd;
	struct lines lines;

	struct ftrace ftrace;
	struct inorder inorder;
	struct unreadable unreadable;
	struct ipimux_event *events;	/* in order; lost: how many before each */
	size_t nr_events;
};

/* --- reading --- */

static struct failure *no_file(const struct reading *reading, int err)
{
	return failure__new(failure__kind_of(err), err, "cannot read %s: %s", reading->name,
			    strerror(-err));
}

/* take_line - what one line has */
static int take_line(struct reading *reading, const struct line *line)
{
	struct unreadable *unreadable = &reading->unreadable;
	size_t length = line->length < EVENT_MAX_LENGTH ? line->length : EVENT_MAX_LENGTH;
	char text[EVENT_MAX_LENGTH + 1];
	struct ipimux_event event;

	/* A serial line's noise has zeros. */
	for (size_t i = 0; i < length; i++)
		text[i] = line->text[i] ? line->text[i] : ' ';
	text[length] = '\0';
	switch (ftrace__line(&reading->ftrace, text, &event)) {
	case FTRACE_OTHER:
		return 0;
	case FTRACE_EVENT:
		event.time += AHEAD;
		if (event.time + OTHER_START_NS < reading->inorder.latest)
			return -ETIME;
		return inorder__add(&reading->inorder, &event);
	case FTRACE_UNREADABLE:
		break;
	}
	if (!unreadable->number++) {
		unreadable->line = reading->lines.number;
		unreadable->why = line->whole && length == line->length ? reading->ftrace.why :
								       "it is cut off";
	}
	return 0;
}

static struct failure *read_lines(struct reading *reading)
{
	struct line line;
	int got = 0, err = 0;

	while (!err && (got = lines__next(&reading->lines, LINE_MAX_LENGTH, &line)) > 0)
		err = take_line(reading, &line);
	if (err == -ETIME)
		return failure__new(FAILURE_BROKEN, ETIME, "%s: in line %llu time goes back: if "
				    "the machine has started again, give one start at a time",
				    reading->name, reading->lines.number);
	if (err)
		return failure__of(err);
	if (got == -EMSGSIZE)
		return failure__new(FAILURE_BROKEN, -got, "%s: line %llu is longer than any of "
				    "ftrace's: no text of ftrace", reading->name,
				    reading->lines.number);
	return got < 0 ? no_file(reading, got) : NULL;
}

/* put_in_order - all events, with what was lost before each; none from before time 0 */
static int put_in_order(struct reading *reading)
{
	size_t room = reading->inorder.end - reading->inorder.first;
	__u64 lost, from;

	reading->events = calloc(room ? room : 1, sizeof(*reading->events));
	if (!reading->events)
		return -ENOMEM;
	while (inorder__next(&reading->inorder, UINT64_MAX,
			     &reading->events[reading->nr_events], &lost))
		reading->events[reading->nr_events++].lost = lost;
	from = reading->events->time < AHEAD ? reading->events->time : AHEAD;
	for (size_t i = 0; i < reading->nr_events; i++)
		reading->events[i].time -= from;
	return 0;
}

static struct failure *read_all(struct reading *reading)
{
	const char *name = reading->options->ftrace;
	bool is_stdin = !strcmp(name, "-");
	const struct unreadable *unreadable = &reading->unreadable;
	struct failure *failure;
	int err;

	reading->name = is_stdin ? "stdin" : name;
	reading->fd = is_stdin ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC);
	if (reading->fd < 0)
		return no_file(reading, -errno);
	err = stream__open_input(&reading->lines.stream, reading->fd, MAX_WINDOW);
	if (err)
		return no_file(reading, err);
	err = inorder__init(&reading->inorder, FTRACE_MAX_CPUS);
	failure = err ? failure__of(err) : read_lines(reading);
	if (failure)
		return failure;
	if (!reading->inorder.end && unreadable->number)
		return failure__new(FAILURE_BROKEN, 0, "%s: no event of the multiplexer that can "
				    "be read; line %llu has one, but %s", reading->name,
				    unreadable->line, unreadable->why);
	if (!reading->inorder.end)
		return failure__new(FAILURE_BROKEN, 0, "%s: no event of the multiplexer. It takes "
				    "the text of tracefs' trace, of trace-cmd report, or of a "
				    "console to which the kernel printed its buffer", reading->name);
	return failure__of(put_in_order(reading));
}

static void describe_machine(const struct reading *reading, struct machine *machine)
{
	*machine = (struct machine){ .nr_vipis = reading->ftrace.nr_vipis };
	for (unsigned int cpu = 0; cpu < reading->ftrace.nr_cpus; cpu++)
		cpuset__add(&machine->possible, cpu);
	machine__name_vipis(machine);
}

/* --- showing --- */

/* is_wanted - as the BPF programs decide, see bpf/passing.h */
static bool is_wanted(const struct trace_options *options, __u32 vipis,
		      const struct ipimux_event *event)
{
	const struct cpuset *cpus = options->events.cpus;
	__u32 set = event->kind == IPIMUX_PROCESS ? ipimux_event_handled(event) :
						    1U << event->vipi;

	if (vipis && !(vipis & set))
		return false;
	return !cpus || cpuset__has(cpus, event->cpu) ||
	       (event->kind == IPIMUX_SEND && cpuset__has(cpus, event->target));
}

static struct failure *show(const struct reading *reading, struct trace_lines *lines,
			    struct events_summary *summary)
{
	const struct ftrace *ftrace = &reading->ftrace;
	__u64 untold[FTRACE_MAX_CPUS] = {};
	__u32 vipis = 0;
	struct failure *failure = trace_options__find_vipis(reading->options, lines->machine,
							    &vipis);
	int err = 0;

	if (!failure)
		failure = trace_lines__begin(lines);
	if (failure)
		return failure;
	for (size_t i = 0; i < reading->nr_events && !err; i++) {
		const struct ipimux_event *event = &reading->events[i];

		untold[event->cpu] += event->lost;
		if (trace_lines__enough(lines) || !is_wanted(reading->options, vipis, event))
			continue;
		err = trace_lines__event(lines, event, untold[event->cpu]);
		untold[event->cpu] = 0;
	}
	/* Of lost events nobody knows whether they are wanted. */
	for (unsigned int cpu = 0; cpu < ftrace->nr_cpus && !err; cpu++) {
		__u64 rest = ftrace->lost[cpu] - lines->lost[cpu];

		if (rest)
			err = trace_lines__lost(lines, cpu, rest, 0);
	}
	return err ? failure__of(err) : trace_lines__end(lines, summary);
}

static void say_unreadable(const struct reading *reading)
{
	const struct unreadable *unreadable = &reading->unreadable;

	if (unreadable->number)
		fprintf(stderr, "ipimux-trace: %s: %" PRIu64 " event%s cannot be read, at first in "
			"line %llu: %s\n", reading->name, (uint64_t)unreadable->number,
			plural(unreadable->number), unreadable->line, unreadable->why);
}

static struct failure *judge_and_show(struct reading *reading, enum exit_status *status)
{
	const struct trace_options *options = reading->options;
	struct trace_lines lines = { .format = options->format, .count = options->count };
	struct machine machine;
	struct tally tally;
	struct audit audit = {};
	struct failure *failure;
	int err;

	describe_machine(reading, &machine);
	lines.machine = &machine;
	err = tally__count(&tally, reading->events, reading->nr_events, &reading->ftrace,
			   reading->unreadable.number, &machine);
	if (!err)
		err = audit__run(&audit, &tally.last, &tally.facts);
	failure = failure__of(err);
	if (!failure)
		failure = session__check_cpus(&machine, &options->session);
	if (!failure)
		failure = output__open(&lines.output, options->file ? options->file : "-",
				       OUTPUT_VIEW, options->force);
	if (!failure) {
		struct events_summary summary = {
			.duration = tally.last.time - reading->events->time,
			.missed = reading->unreadable.number,
			.tally = &tally, .audit = &audit,
		};

		lines.start = (struct events_start){ .monotonic = reading->events->time,
						     .via = EVENTS_VIA_FTRACE };
		failure = show(reading, &lines, &summary);
	}
	if (!failure) {
		say_unreadable(reading);
		failure = output__close(lines.output, true);
		lines.output = NULL;
		*status = audit.verdict == AUDIT_OFF ? EXIT_EXCEEDED : EXIT_DONE;
	}
	trace_lines__free(&lines);
	audit__free(&audit);
	tally__free(&tally);
	return failure;
}

struct failure *trace_ftrace__run(const struct trace_options *options, enum exit_status *status)
{
	struct reading reading = { .options = options };
	struct failure *failure = read_all(&reading);

	if (!failure)
		failure = judge_and_show(&reading, status);
	lines__free(&reading.lines);
	inorder__free(&reading.inorder);
	free(reading.events);
	if (reading.fd > STDIN_FILENO)
		close(reading.fd);
	return failure;
}
