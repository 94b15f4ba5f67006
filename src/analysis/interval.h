/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All that follows from the two snapshots at the ends of an interval, or of a whole run: computed
 * once, in one pass, by whoever runs a command. Whoever shows an interval only reads it. Pure.
 */
#ifndef INTERVAL_H
#define INTERVAL_H

#include "analysis/matrix.h"
#include "analysis/storm.h"
#include "analysis/storm_senders.h"
#include "audit/audit.h"
#include "audit/stuck.h"
#include "counters/latency.h"
#include "counters/margins.h"
#include "counters/snapshot.h"

/* What of it a command needs, as it declares; nothing else is computed. */
enum interval_needs {
	INTERVAL_DIFFERENCE	= 1 << 0,	/* implied by the others */
	INTERVAL_MARGINS	= 1 << 1,
	INTERVAL_WAITS		= 1 << 2,	/* with margins */
	INTERVAL_MATRIX		= 1 << 3,
	INTERVAL_STORMS		= 1 << 4,	/* with margins */
};

/* Sums over the waits of the CPUs that are shown. */
struct interval_waits {
	bool timed;			/* waits were measured; else all of these are 0 */
	struct waits *cpu;		/* [cpu] over its vIPIs */
	struct waits *vipi;		/* [vipi] over the CPUs */
	struct waits all;
};

struct interval {
	/* Its ends; before the first one, both are the first snapshot. */
	const struct snapshot *earlier, *later;
	bool last;			/* no other follows */

	const struct snapshot *difference;	/* of the two */
	__u64 uncertain, mispredicted;		/* sends with that doubt, fentry only */

	/* INTERVAL_MARGINS */
	struct margins margins;
	struct cpuset shown;		/* those asked for, and online or with any event */
	struct margin *cpu;		/* [cpu] over its vIPIs */
	struct margin all;		/* over all CPUs, shown or not */
	struct margin vipi[IPIMUX_MAX_VIPIS];	/* these three: over the CPUs shown */
	struct margin total;
	struct processes processes;

	struct interval_waits waits;	/* INTERVAL_WAITS */
	struct matrix matrix;		/* INTERVAL_MATRIX; its settings are the command's */
	struct storms storms;		/* INTERVAL_STORMS; its limit is the command's */

	/* What others find; NULL: it is not looked for. */
	const struct stuck *stuck;
	const struct snapshot *look;	/* what stuck->reports are of: @later, or one in between */
	const struct storm_details *senders;
	const struct audit *audit;	/* of a whole run */

	const struct cpuset *cpus;	/* those asked for; NULL: all */

	/* Its own. */
	__u32 needs;
	unsigned int nr_vipis;
	struct snapshot own;
};

/*
 * Room for intervals of tables of @shape, of which @nr_vipis vIPIs exist. @needs: enum
 * interval_needs. @cpus, which must last: those asked for, NULL: all. Returns 0 or -ENOMEM; free
 * it in any case.
 */
int interval__init(struct interval *interval, const struct ipimux_shape *shape,
		   unsigned int nr_vipis, __u32 needs, const struct cpuset *cpus);
void interval__free(struct interval *interval);

/*
 * Computes what is needed of the interval from @earlier to @later. interval->own must have room
 * for their difference, if that is needed.
 */
void interval__fill(struct interval *interval, const struct snapshot *later,
		    const struct snapshot *earlier);

/*
 * The same of a whole run, and its margins in any case, because its audit needs them. Storms are
 * of intervals that follow one another: a whole run has none.
 */
void interval__fill_whole(struct interval *interval, const struct snapshot *later,
			  const struct snapshot *first);

/* The same of a @difference that somebody else has made. */
void interval__sum(struct interval *interval, const struct snapshot *difference);

#endif /* INTERVAL_H */
