/* SPDX-License-Identifier: GPL-2.0-only */
/* Who sent to a storm, of those that a sample has; and all that is known of them. Pure. */
#ifndef STORM_SENDERS_H
#define STORM_SENDERS_H

#include "analysis/storm.h"
#include "events/senders_sample.h"
#include "machine/symbols.h"

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

/* As many are told of to programs, and to people the first few. */
#define STORM_SENDERS	50

/* Those of one storm. */
struct storm_ranking {
	unsigned int nr;		/* so many there are, of which STORM_SENDERS are here */
	struct storm_sender senders[STORM_SENDERS];
	__u64 total;			/* the sends of all of them */
};

/* Who sends. There may be no sample, or no names for its stacks: then it says why. */
struct storm_details {
	const struct senders_sample *sample;
	const char *no_sample;
	const struct symbols *symbols;
	const char *no_symbols;
	struct storm_ranking *rankings;	/* of each storm that is STORM_STARTED; with the sample */
};

/* Ranks who in details->sample sent to the storms that have begun. Returns 0 or -ENOMEM. */
int storm_details__rank(struct storm_details *details, const struct storms *storms);

/* Forgets the rankings. */
void storm_details__free(struct storm_details *details);

#endif /* STORM_SENDERS_H */
