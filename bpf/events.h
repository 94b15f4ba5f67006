/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the BPF programs that pass on single events and user space agree on: an event,
 * and which ones are wanted. The counters are bpf/ipimux.h's.
 *
 * Before it is included, __u32 and __u64 must be known, as there.
 */
#ifndef IPIMUX_EVENTS_H
#define IPIMUX_EVENTS_H

#include "ipimux.h"

enum ipimux_kind {
	IPIMUX_SEND,
	IPIMUX_UNMASK,
	IPIMUX_PROCESS,
	IPIMUX_MASK,
	IPIMUX_NR_KINDS
};

/* What is passed on, at a time: a number that user space sets. */
enum passing {
	PASSING_NONE,
	PASSING_ALL,
	PASSING_PROCESSES,	/* no sends any more, but what has become of those before */
};

#define IPIMUX_COMMAND_SIZE	16

/*
 * An event as it comes through the ring buffer. Only a send has what follows from
 * @pid on; the others come without, IPIMUX_SHORT_EVENT bytes long.
 */
struct ipimux_event {
	__u64 time;		/* CLOCK_MONOTONIC, ns */
	__u64 lost;		/* events of @cpu that found no room, before this one */
	__u32 pending;		/* as the tracepoint has it: before the OR, before the clear... */
	__u32 enabled;		/* ...and not for an unmask or a mask; fentry: only its own bit */
	__u16 cpu;		/* where it happened */
	__u16 target;		/* of a send */
	__u8 kind;		/* enum ipimux_kind */
	__u8 vipi;		/* of all but a process */
	__u8 self;		/* sent by the tracer's own process */
	__u8 uncertain;		/* of a send: whether that is what came of it, see docs/stock.md */

	__u32 pid;		/* of the thread that was running */
	char command[IPIMUX_COMMAND_SIZE];
};

#define IPIMUX_SHORT_EVENT	__builtin_offsetof(struct ipimux_event, pid)

/*
 * lost[cpu][kind]: events that found no room.
 */
#define IPIMUX_LOST_SHIFT	2

/* CPUs 0..4095, as in src/base/cpuset.h. */
#define IPIMUX_FILTER_WORDS	64

/* Which events are wanted, set before the programs are loaded. */
struct ipimux_filter {
	__u64 cpus[IPIMUX_FILTER_WORDS];	/* if by_cpu: as the sender or as the target */
	__u32 vipis;		/* a set; a process that handled none of it is not wanted */
	__u32 lost_mask;	/* number of counters in lost, less one */
	__u32 self;		/* the tracer's own process */
	__u8 by_cpu;
	__u8 all_vipis;		/* an empty process is wanted, too */
	__u8 no_self;
};

static inline __u64 ipimux_lost_index(__u32 lost_mask, __u64 cpu, __u64 kind)
{
	return (cpu << IPIMUX_LOST_SHIFT | kind) & lost_mask;
}

static inline __u32 ipimux_event_handled(const struct ipimux_event *event)
{
	return event->pending & event->enabled;
}

static inline __u32 ipimux_event_was_pending(const struct ipimux_event *event)
{
	return event->pending >> event->vipi & 1;
}

/* What a send found, as in bpf/ipimux.h. */
static inline enum ipimux_outcome ipimux_event_outcome(const struct ipimux_event *event)
{
	__u32 disabled = ~event->enabled >> event->vipi & 1;

	return (enum ipimux_outcome)(disabled << 1 | ipimux_event_was_pending(event));
}

#endif /* IPIMUX_EVENTS_H */
