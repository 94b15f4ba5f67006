/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shows events that come in order of time, and the gaps between them: what a live trace and one
 * that ftrace has made share.
 */
#ifndef TRACE_LINES_H
#define TRACE_LINES_H

#include "base/failure.h"
#include "events/flows.h"
#include "events/inorder.h"
#include "machine/machine.h"
#include "system/output.h"
#include "view/view_events.h"

struct trace_lines {
	const struct events_format *format;	/* as asked for... */
	unsigned long long count;		/* ...and how many; 0: any */
	struct events_start start;

	const struct machine *machine;
	unsigned int nr_cpus;
	struct output *output;
	struct events_view view;
	struct inorder inorder;
	__u64 shown;
	__u64 *lost;			/* [cpu]: shown as lost */

	/* Its own. */
	struct flows flows;		/* where the format draws arrows */
	int flow_error;			/* of drawing them */
};

/* All that can fail, until events come; @machine, @output and @start are there. */
struct failure *trace_lines__begin(struct trace_lines *lines);

/* Were as many shown as are wanted? */
bool trace_lines__enough(const struct trace_lines *lines);

/* An event, behind @lost of its CPU that are not there. Returns 0 or -errno. */
int trace_lines__event(struct trace_lines *lines, const struct ipimux_event *event, __u64 lost);

/* @count events of @cpu were lost, before @time; 0: behind the last one. Returns 0 or -errno. */
int trace_lines__lost(struct trace_lines *lines, unsigned int cpu, __u64 count, __u64 time);

/*
 * No more come: writes the end, with the rest of @summary, and says that on stderr, too. Fails as
 * output__flush().
 */
struct failure *trace_lines__end(struct trace_lines *lines, struct events_summary *summary);

/* Frees all of it, except the output, which is closed. */
void trace_lines__free(struct trace_lines *lines);

#endif /* TRACE_LINES_H */
