/* SPDX-License-Identifier: GPL-2.0-only */
/* Who sent to a storm, of those that a sample has. Pure. */
#ifndef STORM_SENDERS_H
#define STORM_SENDERS_H

#include "analysis/senders_sample.h"
#include "analysis/storm.h"

/* A sender in a storm: all sends with the same stack, by threads of one name. */
struct storm_sender {
	const struct sender *sender;	/* of those that it sums up, the one that sent most */
	__u64 sends;
	unsigned int nr_processes, nr_threads;
	struct cpuset cpus;
};

/*
 * Who in @sample sent to the storm, the most first; *@total is the sum of all of them.
 * Returns how many there are, of which up to @max are written.
 */
unsigned int storm__rank(const struct storm *storm, const struct senders_sample *sample,
			 struct storm_sender *senders, unsigned int max, __u64 *total);

#endif /* STORM_SENDERS_H */
