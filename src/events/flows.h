/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which process handled what which send set: the arrows of a trace. Draws one only
 * where there is no doubt; what is in doubt, and why, is in docs/trace.md. Pure.
 */
#ifndef FLOWS_H
#define FLOWS_H

#include <stdbool.h>
#include <linux/types.h>

#include "bpf/events.h"

struct flow {
	unsigned int sender, target, vipi;
	__u64 sent, processed;		/* CLOCK_MONOTONIC, ns */
};

/* How many arrows of one bit can be in doubt at a time. */
#define FLOWS_DOUBTED	8

/* What is known of one vIPI of one CPU. */
struct flows_bit {
	bool known;			/* the balance is that of the kernel */
	__u64 began;			/* when it became that */
	int balance;			/* times set less times handled, as seen */
	__u64 last;			/* time of its last event, or when it became unknown */
	bool open;			/* @flow was sent, while the balance was 0 */
	struct flow flow;
	__u64 handled;			/* time of its last process; 0: none was seen */
	bool by_arrow;			/* which handled @flow, for all we know */
	unsigned int nr_doubted;	/* its arrows that can still be refuted */
	__u64 doubted[FLOWS_DOUBTED];	/* their numbers */
};

struct flows {
	unsigned int nr_cpus, nr_vipis;
	struct flows_bit *bits;		/* [cpu * nr_vipis + vipi] */
	__u64 *last;			/* [cpu]: the time of its last event */
	__u64 *placed;			/* [cpu]: where the last thing on its track is */
	__u64 latest;			/* the latest of those */
	struct flows_arrow *arrows;	/* drawn, but not told of yet */
	__u64 told, drawn;		/* the first and the last of them, plus one, by number */
	size_t room;
	void (*found)(void *context, const struct flow *flow);
	void *context;
};

/* An arrow is held back, as whether there was a gap is known only behind it. */
struct flows_arrow {
	struct flow flow;
	bool refuted;
};

/*
 * For CPUs 0..@nr_cpus-1 from @start on. Calls @found once for each arrow, most of them
 * at the end, in order of their processes. Returns 0 or -ENOMEM.
 */
int flows__init(struct flows *flows, unsigned int nr_cpus, unsigned int nr_vipis, __u64 start,
		void (*found)(void *context, const struct flow *flow), void *context);
void flows__free(struct flows *flows);

/*
 * Where on @cpu's track something of @time goes: behind what is there, because two in the same ns
 * could not be told apart. An arrow has to hit what it belongs to: so events come to
 * flows__event() with the times of their places.
 */
__u64 flows__place(struct flows *flows, unsigned int cpu, __u64 time);

/* The next event, in order of time. Returns 0 or -ENOMEM. */
int flows__event(struct flows *flows, const struct ipimux_event *event);

/* Events of @cpu were lost, between its last one and @time. */
void flows__gap(struct flows *flows, unsigned int cpu, __u64 time);

/* No event comes any more. */
void flows__end(struct flows *flows);

#endif /* FLOWS_H */
