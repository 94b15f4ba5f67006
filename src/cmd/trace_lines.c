// SPDX-License-Identifier: GPL-2.0-only
/* Shows events that come in order of time, see trace_lines.h. */
#include <errno.h>
#include <stdlib.h>

#include "base/ending.h"
#include "cmd/trace_lines.h"
#include "print/text.h"

bool trace_lines__enough(const struct trace_lines *lines)
{
	return lines->count && lines->shown == lines->count;
}

/*
 * draws - arrows? Not from outside: what a send has done may be uncertain, and its time is from
 * before, by no one knows how much
 */
static bool draws(const struct trace_lines *lines)
{
	return lines->start.via != EVENTS_VIA_FENTRY && lines->start.via != EVENTS_VIA_KPROBE;
}

/* draw_flow - see flows__init() */
static void draw_flow(void *context, const struct flow *flow)
{
	struct trace_lines *lines = context;
	int err = lines->format->flow(&lines->view, flow);

	if (err)
		lines->flow_error = err;
}

struct failure *trace_lines__begin(struct trace_lines *lines)
{
	int err;

	lines->nr_cpus = cpuset__last(&lines->machine->possible) + 1;
	lines->view.machine = lines->machine;
	lines->view.out = output__stream(lines->output);
	lines->view.colour = output__is_standard(lines->output) && text__colour_wanted(stdout);
	lines->lost = calloc(lines->nr_cpus, sizeof(*lines->lost));
	if (!lines->lost)
		return failure__of(-ENOMEM);
	err = inorder__init(&lines->inorder, lines->nr_cpus);
	if (!err && lines->format->flow)
		err = flows__init(&lines->flows, lines->nr_cpus, lines->machine->nr_vipis,
				  lines->start.monotonic, draw_flow, lines);
	if (!err)
		err = lines->format->start(&lines->view, &lines->start);
	/* Whoever reads it knows now that the stream is on. */
	return err ? failure__of(err) : output__show(lines->output);
}

int trace_lines__lost(struct trace_lines *lines, unsigned int cpu, __u64 count, __u64 time)
{
	const struct events_format *format = lines->format;
	__u64 at = time ? time : lines->flows.latest ? lines->flows.latest :
		   lines->start.monotonic;

	lines->lost[cpu] += count;
	if (format->flow) {
		flows__gap(&lines->flows, cpu, at);
		at = flows__place(&lines->flows, cpu, at);
	}
	return format->lost(&lines->view, cpu, count, time, at);
}

int trace_lines__event(struct trace_lines *lines, const struct ipimux_event *event, __u64 lost)
{
	const struct events_format *format = lines->format;
	struct ipimux_event placed = *event;
	int err = lost ? trace_lines__lost(lines, event->cpu, lost, event->time) : 0;

	if (format->flow)
		placed.time = flows__place(&lines->flows, event->cpu, event->time);
	if (!err)
		err = format->event(&lines->view, event, placed.time);
	if (!err && format->flow && draws(lines))
		err = flows__event(&lines->flows, &placed);
	lines->shown++;
	return err ? err : lines->flow_error;
}

struct failure *trace_lines__end(struct trace_lines *lines, struct events_summary *summary)
{
	const struct events_format *format = lines->format;
	struct failure *failure;
	int err = 0;

	summary->shown = lines->shown;
	summary->late = lines->inorder.late;
	summary->lost = lines->lost;
	summary->nr_cpus = lines->nr_cpus;
	if (format->last)
		err = format->last(&lines->view);
	if (!err && format->flow)
		flows__end(&lines->flows);
	if (!err)
		err = lines->flow_error;
	if (!err)
		err = format->end(&lines->view, summary);
	failure = err ? failure__of(err) : output__flush(lines->output);
	if (!failure) {
		/* Nobody may read it. */
		ending__listen();
		fputs("ipimux-trace: ", stderr);
		events_summary__print(summary, stderr);
		ending__defer();
	}
	return failure;
}

void trace_lines__free(struct trace_lines *lines)
{
	output__close(lines->output, false);
	lines->output = NULL;
	events_view__free(&lines->view);
	flows__free(&lines->flows);
	inorder__free(&lines->inorder);
	free(lines->lost);
	lines->lost = NULL;
}
