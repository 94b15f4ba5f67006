/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Views of single events: events and gaps in order of time in, text out. They ask
 * nobody for more. Commands are printable, as probe/events.h makes them.
 */
#ifndef VIEW_EVENTS_H
#define VIEW_EVENTS_H

#include <stdbool.h>
#include <stdio.h>

#include "analysis/tally.h"
#include "events/flows.h"
#include "events/via.h"
#include "machine/machine.h"
#include "bpf/events.h"

struct events_start {
	__u64 monotonic;	/* ns, the clock of all events, which come later */
	__u64 wall;		/* ns, Unix time of the same moment */
	enum events_via via;	/* by ftrace: the clock is its own, and no wall time is known */
};

struct events_summary {
	__u64 duration;		/* ns */
	__u64 shown;		/* events */
	__u64 late;		/* of these, shown behind a later one */
	__u64 missed;		/* skipped by the kernel */
	const __u64 *lost;	/* [cpu]: found no room in the buffer */
	unsigned int nr_cpus;

	/* What ftrace has traced: what waited at the end, and the verdict. NULL: a live trace. */
	const struct tally *tally;
	const struct audit *audit;
};

struct chrome;

struct events_view {
	FILE *out;
	const struct machine *machine;
	bool colour;
	struct chrome *chrome;		/* view_chrome's own */
};

/*
 * One way to show events. Each function returns 0 or -errno. @at is where on the track of its CPU
 * something goes, by the clock of events (flows__place()); only who draws tracks looks at it.
 */
struct events_format {
	const char *name;
	int (*start)(struct events_view *view, const struct events_start *start);
	int (*event)(struct events_view *view, const struct ipimux_event *event, __u64 at);
	/*
	 * @count events of @cpu were lost, before the one at @time; 0: behind the last one.
	 */
	int (*lost)(struct events_view *view, unsigned int cpu, __u64 count, __u64 time, __u64 at);
	/* An arrow, from the place of a send to that of a process. NULL: it draws none. */
	int (*flow)(struct events_view *view, const struct flow *flow);
	/* No event comes any more, though arrows may. NULL: it need not know. */
	int (*last)(struct events_view *view);
	int (*end)(struct events_view *view, const struct events_summary *summary);
};

extern const struct events_format events_text, events_json, events_chrome;

/* The format of this name, or NULL. */
const struct events_format *events_format__find(const char *name);

/* Frees what a view that was started holds. */
void events_view__free(struct events_view *view);

/* The summary as a line for people. */
void events_summary__print(const struct events_summary *summary, FILE *out);

/* What waited at the end, and the audit, in words, on @out. */
void events_summary__print_audit(const struct events_summary *summary,
				 const struct events_view *view, FILE *out);

/* The same of the audit, as the object that a summary has; null for a live trace. */
struct json_t *events_summary__json_audit(const struct events_summary *summary,
					  const struct events_view *view);

/* What all formats say in the same words. */
const char *events__via_name(enum events_via via);
const char *events__kind_name(const struct ipimux_event *event);
const char *events__outcome_name(const struct ipimux_event *event);
/* "RESCHEDULE,TIMER"; "-" for none. Returns @buf. */
#define EVENTS_SET_SIZE (IPIMUX_MAX_VIPIS * MACHINE_NAME_SIZE)
char *events__set_text(char buf[EVENTS_SET_SIZE], const struct machine *machine, __u32 set);

#endif /* VIEW_EVENTS_H */
