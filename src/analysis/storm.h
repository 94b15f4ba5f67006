/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Storms: targets, vIPIs or pairs of a sender and a target that have more sends a second
 * than a limit. Differences in, storms out: what has just begun, goes on, has just ended.
 * Pure; knows nothing of who sends, except the CPU.
 */
#ifndef STORM_H
#define STORM_H

#include "counters/latency.h"
#include "counters/margins.h"
#include "counters/snapshot.h"

/* Sends a second. See docs/storms.md on how to choose it. */
#define STORM_RATE	10000

/* So many intervals in a row below half of the limit end a storm. */
#define STORM_QUIET	2

enum storm_state { STORM_FREE, STORM_STARTED, STORM_GOES_ON, STORM_ENDED };

/*
 * All that storms from the same senders with the same vIPIs is one storm, with as many
 * targets as it has. One without any is a vIPI that exceeds the limit in all, while no
 * single target does.
 */
struct storm {
	enum storm_state state;
	struct cpuset targets;
	struct cpuset senders;
	__u32 vipis;
	__u64 start, start_wall;	/* of the interval in which it began, ns */
	__u64 end, end_wall;		/* of the last one above half of the limit */
	__u64 sends, coalesced;		/* from @start to @end: of its vIPIs, to its targets... */
	__u64 uncertain;		/* ...and of how many of those the outcome is uncertain */
	const char *via;		/* how it was watched: see counters__via() */
	__u64 highest, highest_ns;	/* sends in its busiest interval, and how long that was */
	unsigned int nr_quiet;
	__u64 quiet_sends, quiet_coalesced, quiet_uncertain;	/* since @end */
};

/* What no single one of is meant, in an excess. */
#define STORM_ALL	(~0U)

/* Sends that exceed the limit: to a target, of a vIPI, or from a sender to a target. */
struct storm_excess {
	unsigned int sender, target, vipi;
	__u64 sends;			/* in the interval */
};

/* As many are told of. */
#define STORM_EXCESS	8

/* What there is to tell of the interval in which a storm began. */
struct storm_start {
	unsigned int nr_excess;		/* so many there are, of which STORM_EXCESS are here */
	struct storm_excess excess[STORM_EXCESS];
	bool timed;
	struct waits waits;		/* of its vIPIs on its targets, if they were timed */
};

struct storms {
	__u64 rate;
	const struct cpuset *cpus;	/* only what is sent to these, NULL: to all */
	unsigned int nr_storms;		/* room; look at each one's state */
	struct storm *storms;
	struct storm_start *starts;	/* of each storm that is STORM_STARTED */
	__u64 nr_started;		/* so far */

	/* Its own. */
	unsigned int nr_cpus, nr_vipis;
	const struct margins *margins;	/* of the last interval */
	__u64 usual_ns;			/* how long that was */
	__u64 rate_ns;			/* and what it is taken for when rates are compared */
};

/* @rate: sends a second. Returns 0 or -ENOMEM. */
int storms__init(struct storms *storms, const struct ipimux_shape *shape, __u64 rate);
void storms__free(struct storms *storms);

/* Looks at the interval of @difference, whose margins are @margins, and which ended with @later. */
void storms__watch(struct storms *storms, const struct snapshot *difference,
		   const struct margins *margins, const struct snapshot *later);

/* Is any storm in this state? */
bool storms__any(const struct storms *storms, enum storm_state state);

/*
 * What of @storm exceeded the limit in @difference, which must be what was watched last:
 * targets first, then vIPIs, then pairs, the most first in each. Returns how many there
 * are, of which up to @max are written.
 */
unsigned int storms__excess(const struct storms *storms, const struct storm *storm,
			    const struct snapshot *difference, struct storm_excess *excess,
			    unsigned int max);

/* Is a send of @vipi to @target one of this storm? */
bool storm__has(const struct storm *storm, unsigned int target, unsigned int vipi);

/* Adds how long the vIPIs of this storm waited on its targets; @counters has waits. */
void storm__add_waits(const struct storm *storm, struct waits *sum,
		      const struct counters *counters);

#endif /* STORM_H */
