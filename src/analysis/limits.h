/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Limits that a run keeps or exceeds: how they are written, and what of a run exceeds them
 * most, by CPU and vIPI. Pure; says nothing in words.
 */
#ifndef LIMITS_H
#define LIMITS_H

#include "counters/latency.h"
#include "counters/margins.h"
#include "machine/machine.h"

enum limit_kind {
	LIMIT_RATE,		/* at most so many sends a second to a CPU */
	LIMIT_COALESCED,	/* at most this share of the sends coalesced */
	LIMIT_LATENCY,		/* a figure of the waits is at most so many ns */
	LIMIT_EMPTY,		/* at most so many empty processes, or this share of them */
	LIMIT_SENDS,		/* at least so many sends */
};

enum limit_figure { LIMIT_P50, LIMIT_P90, LIMIT_P99, LIMIT_MAX };

/* Shares are in thousandths of a per cent, so that they are compared without rounding. */
#define LIMIT_SHARE_ALL	100000ULL

#define LIMIT_ALL_VIPIS	(~0U)

struct limit {
	enum limit_kind kind;
	enum limit_figure figure;		/* of LIMIT_LATENCY */
	bool share;				/* of LIMIT_EMPTY: @number is a share */
	char vipi_name[MACHINE_NAME_SIZE];	/* as it was given; "": all */
	unsigned int vipi;			/* or LIMIT_ALL_VIPIS; see limits__resolve() */
	__u64 number;
};

enum limit_result {
	LIMIT_KEPT,
	LIMIT_EXCEEDED,
	LIMIT_NOTHING,		/* there was nothing to hold against it */
	LIMIT_NOT_TIMED,	/* the run has no waits */
	LIMIT_BROKE_OFF,	/* the run was not measured to its end */
};

/* What a run makes of a limit; which fields count depends on its kind. */
struct verdict {
	enum limit_result result;

	/*
	 * The CPU and vIPI that did most to it (where @part is 0: any); of LIMIT_EMPTY the
	 * CPU only. All are targets.
	 */
	unsigned int cpu, vipi;

	/*
	 * LIMIT_RATE: the sends to that CPU in its busiest window (@whole: in the run).
	 * LIMIT_COALESCED, LIMIT_EMPTY: coalesced sends, empty processes, of all of them.
	 * LIMIT_LATENCY: the waits that were surely longer, of those that were timed.
	 * LIMIT_SENDS: the sends.
	 */
	__u64 part, whole;

	/* The same of only that CPU and vIPI. */
	__u64 cell_part, cell_whole;

	__u64 start, ns;	/* LIMIT_RATE: that window, from the start of the run */
	struct cpuset exceeded;	/* LIMIT_RATE: all CPUs that were sent more */
	__u64 low, high;	/* LIMIT_LATENCY: the figure, see latency__bounds() */
	__u64 untimed;		/* LIMIT_LATENCY: handled, but not timed */
	const char *via;	/* how it was watched: see counters__via() */
	__u64 uncertain;	/* LIMIT_COALESCED: sends that may not have been, for all we know */
};

#define LIMITS_MAX 64

/* The busiest window of a CPU. */
struct limit_peak {
	__u64 sends, ns, start;
	unsigned int vipi;	/* with the most sends of it, */
	__u64 vipi_sends;	/* and how many */
};

struct limits {
	unsigned int nr_limits;
	struct limit limit[LIMITS_MAX];
	struct verdict verdict[LIMITS_MAX];	/* after limits__judge() */
	__u64 window;			/* ns that a rate is of, or longer */
	const struct cpuset *cpus;	/* only what is sent to these, NULL: to all */

	/* Its own. */
	unsigned int nr_cpus, nr_vipis;
	const struct margins *margins;	/* of what is watched, or judged */
	__u64 *sends;			/* [cpu * nr_vipis + vipi], in this window, */
	__u64 *sends_before;		/* and in the one before */
	__u64 elapsed, ns, ns_before;
	struct limit_peak *peaks;	/* [limit * nr_cpus + cpu] */
};

/*
 * Takes a limit as it is written, "[VIPI=]2000/s", "[VIPI=]50%", "[VIPI=]p99=200us", "5%" or
 * "100", "[VIPI=]1", in the place of one for the same before. Returns 0, -EINVAL if it is no
 * such limit, or -ENOSPC if there are too many.
 */
int limits__add(struct limits *limits, enum limit_kind kind, const char *text);

/* Finds its vIPIs on this machine. Returns NULL, or the name that is none. */
const char *limits__resolve(struct limits *limits, const struct machine *machine);

/* Prepares for a run with counters of @shape. Returns 0 or -ENOMEM. */
int limits__init(struct limits *limits, const struct ipimux_shape *shape);
void limits__free(struct limits *limits);

/* Looks at an interval, of which @margins are. Call for each, in their order. */
void limits__watch(struct limits *limits, const struct snapshot *difference,
		   const struct margins *margins);

/* Judges all limits, after the last interval. @difference, @margins: those of the whole run. */
void limits__judge(struct limits *limits, const struct snapshot *difference,
		   const struct margins *margins);

/* What a figure is called where it is written, "p99". */
static inline const char *limit__figure_name(enum limit_figure figure)
{
	static const char * const names[] = {
		[LIMIT_P50] = "p50", [LIMIT_P90] = "p90", [LIMIT_P99] = "p99", [LIMIT_MAX] = "max",
	};

	return names[figure];
}

#endif /* LIMITS_H */
