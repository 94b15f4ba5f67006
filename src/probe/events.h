/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The stream of single events from the kernel: filtered there, bounded, never waking anybody. From
 * the tracepoints, or from the multiplexer's functions (fentry, kprobes): then the outcome of a
 * send may be uncertain. Knows libbpf; neither orders the events nor shows them.
 */
#ifndef EVENTS_H
#define EVENTS_H

#include "base/failure.h"
#include "events/via.h"
#include "machine/machine.h"
#include "ways/flags.h"
#include "bpf/events.h"

struct events;

struct events_options {
	const struct cpuset *cpus;	/* senders or targets; NULL: all */
	__u32 vipis;			/* a set; 0: all */
	bool no_self;			/* not what this process sends */
	size_t buffer;			/* bytes, rounded up to what the kernel can have */
	unsigned int flags;		/* PROBE_VIA_... */
	bool verbose;
};

#define EVENTS_BUFFER_MIN	4096
#define EVENTS_BUFFER_MAX	(1UL << 30)

/* Loads the programs for @machine. *@events is to be freed. */
struct failure *events__load(struct events **events, const struct machine *machine,
			     const struct events_options *options);

/* Where they are seen. */
enum events_via events__via(const struct events *events);

/* Why they are seen by kprobes, where that was chosen here. NULL where it was not. */
const struct failure *events__dearer(const struct events *events);

/* Attaches the programs. This takes some ms each, and nothing is passed on meanwhile. */
struct failure *events__attach(struct events *events);

/* Starts the stream, of all kinds of events at once. */
void events__begin(struct events *events);

/* Ends it. What is in the buffer can still be read. */
void events__detach(struct events *events);

/* Also ends it. NULL is fine. */
void events__free(struct events *events);

/*
 * Takes up to @limit events from the buffer, in the order in which they found room
 * there, their commands made printable. *@left: more are there, or one that is not
 * complete yet. Returns their number, -errno, or what @take returned if that is negative.
 */
int events__read(struct events *events, unsigned int limit,
		 int (*take)(void *context, const struct ipimux_event *event), void *context,
		 bool *left);

/* How full the buffer is, in per cent. */
unsigned int events__fill(const struct events *events);

/* How many events of @cpu found no room, up to now. */
__u64 events__lost(const struct events *events, unsigned int cpu);

/* How many the kernel skipped, see loader__read_missed(). Returns 0 or -errno. */
int events__read_missed(const struct events *events, __u64 *missed);

#endif /* EVENTS_H */
