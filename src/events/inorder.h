/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Puts events of several CPUs in order of time, and finds the gaps in them. Pure:
 * whoever calls says up to when all events have come.
 */
#ifndef INORDER_H
#define INORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

#include "bpf/events.h"

struct inorder_event {
	struct ipimux_event event;
	__u64 number;			/* in order of arrival */
};

struct inorder {
	unsigned int nr_cpus;
	__u64 *told;			/* [cpu]: lost events that have been told of */
	struct inorder_event *held;	/* from @first on: not given out yet */
	size_t first, end, room;
	bool sorted;
	__u64 arrived;
	__u64 latest;			/* time of the latest event that came */
	__u64 given;			/* time of the latest that was given out */
	__u64 late;			/* events that came after a later one was given out */
};

/* For events of CPUs 0..@nr_cpus-1. Returns 0 or -ENOMEM. */
int inorder__init(struct inorder *inorder, unsigned int nr_cpus);
void inorder__free(struct inorder *inorder);

/* An event that came; those of one CPU come in their order. Returns 0 or -ENOMEM. */
int inorder__add(struct inorder *inorder, const struct ipimux_event *event);

/*
 * Gives out the earliest event, if it is from before @until. *@lost is how many events of
 * its CPU were lost just before it. Returns false if there is none.
 */
bool inorder__next(struct inorder *inorder, __u64 until, struct ipimux_event *event,
		   __u64 *lost);

/*
 * After the last event: how many of @cpu were lost behind it, when @total were lost in
 * all. Tells it once.
 */
__u64 inorder__lost_behind(struct inorder *inorder, unsigned int cpu, __u64 total);

#endif /* INORDER_H */
