/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vIPIs that stay pending and enabled on an online CPU, found while a run goes on: set
 * at each snapshot for so long, and handled at none between. Each is reported once, and
 * again when it is handled at last. Pure; prints nothing.
 *
 * What shows that one is pending: the multiplexer's words, where they can be read; else a
 * send that coalesced on it while it was enabled and not handled since, which also shows
 * what was set before the run; else the balance.
 */
#ifndef STUCK_H
#define STUCK_H

#include "counters/margins.h"
#include "counters/snapshot.h"

/* A vIPI that was raised and is not handled for so long (ns) is reported... */
#define STUCK_THRESHOLD	1000000000ULL
/* ...and for so long, it makes the audit off. */
#define STUCK_PATIENCE	5000000000ULL

/* So many snapshots in a row must tell of sends that went unseen, see rebase(). */
#define STUCK_SAMPLES	9

enum stuck_event {
	STUCK_FOUND,	/* pending for the threshold or longer */
	STUCK_HANDLED,	/* one that was reported is handled */
	STUCK_OFFLINE,	/* one that was reported, its CPU went: nobody waits for it there */
	STUCK_STARVED,	/* pending for that long, but its CPU made no progress meanwhile */
};

/*
 * A CPU to which the kernel accounts less than this share of an interval, idle or not, got no
 * time in it; of a shorter interval (ns) it tells nothing, as it counts in hundredths of a second.
 */
#define STUCK_LEAST_SHARE	4	/* a quarter */
#define STUCK_LEAST_INTERVAL	100000000ULL

/* Times of two clocks, as a snapshot has them. */
struct stuck_time {
	__u64 time;	/* CLOCK_MONOTONIC, ns */
	__u64 wall_time;
};

struct stuck_report {
	enum stuck_event event;
	unsigned int cpu;
	unsigned int vipi;
	/* It became pending and enabled after the one (0: before the run) and by the other. */
	struct stuck_time after, by;
	__u64 least, most;	/* ns it has been so, at least and at most (0: not known) */
	__u64 coalesced_least, coalesced_most;	/* sends absorbed by it since */
	bool kicked;		/* a kick raised the parent IPI, not the send */
	struct cpuset senders;	/* who may have set it; one of them did */
};

/* A CPU's vIPI. */
struct stuck_cell {
	__s64 base;		/* its balance while it is clear */
	__s64 below[STUCK_SAMPLES];	/* balances below that, in a row */
	unsigned int nr_below;
	bool pending;
	bool shown;			/* by its word, or by a send that coalesced on it */
	bool reported;
	bool starved;			/* that was said of it */
	/* While it is pending, and enabled: */
	__u64 since;			/* as by.time, whether its CPU made progress or not... */
	__u64 begun;			/* ...and whether looks came late or not */
	__u64 proved;			/* its CPU has made progress ever since, in looks in time */
	bool kept;			/* for so long that no unmask takes it back */
	struct stuck_time after, by;
	__u64 masked, kicks;	/* before it was set */
	__u64 coalesced_before, coalesced_after;	/* at the ends of that interval */
};

struct stuck {
	__u64 threshold;	/* ns */
	const struct cpuset *cpus;	/* report only these, NULL: all */
	unsigned int nr_cpus;	/* as the shape has them */
	unsigned int nr_vipis;
	__u32 *found;		/* [cpu] the vIPIs stuck for STUCK_PATIENCE at some time */
	__u32 *starved;		/* [cpu] those pending for that long on a CPU without time... */
	__u32 *unwatched;	/* [cpu] ...or while looks came late */
	__u32 *pending;		/* [cpu] those shown to be pending at the last snapshot */

	/* What the last interval brought. */
	struct stuck_report *reports;
	unsigned int nr_reports;
	__u64 nr_found;		/* so far */
	__u64 nr_ended;		/* of these: handled, or their CPU went */

	/* Its own. */
	__u64 judged;		/* time up to which progress is judged; 0: none yet */
	__u64 *ran;		/* [cpu] what each had got of time then */
	bool *starves;		/* [cpu] it made no progress in the interval before that */
	struct stuck_cell *cells;	/* [cpu * nr_vipis + vipi] */
	__u64 *senders;		/* [the same][cpu / 64]: who may have set it */
	struct margins before, now;
	bool started;
};

/* @threshold: ns, 0 for the default. Returns 0 or -ENOMEM. */
int stuck__init(struct stuck *stuck, const struct ipimux_shape *shape, __u64 threshold);
void stuck__free(struct stuck *stuck);

/*
 * Looks at what happened from @earlier to @later, both of which count since the
 * attach. Neither need be settled. Call for each interval, in their order. Where @later
 * came late by more than half of what is asked for, the machine may have stood still: no CPU
 * can be blamed for not having answered in that time.
 */
void stuck__watch(struct stuck *stuck, const struct snapshot *later,
		  const struct snapshot *earlier);

/*
 * Did the kernel account time to @cpu between the two, idle or not? Where that is not known,
 * it did.
 */
bool stuck__made_progress(const struct snapshot *later, const struct snapshot *earlier,
			  unsigned int cpu);

/*
 * The rule for a bit that is pending: was the parent IPI raised for it? Not if it was
 * masked when it was set, and no kick followed. Numbers are of masked sends and of kicks
 * since any time when it was clear.
 */
static inline bool stuck__was_raised(__u64 masked, __u64 kicks)
{
	return masked <= kicks;
}

#endif /* STUCK_H */
