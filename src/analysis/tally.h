/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counts the events of a trace, for an audit: as the BPF programs would, from where the words of a
 * CPU are known, and with what waited for how long. docs/trace.md has the argument. Pure.
 */
#ifndef TALLY_H
#define TALLY_H

#include "audit/audit.h"
#include "events/ftrace.h"

/*
 * Two events of different CPUs that are this far apart (ns) happened in the order of their times:
 * the clock is read up to so long after the atomic operation, with interrupts off.
 */
#define TALLY_ORDER_NS	20000

/* In so long (ns) without any event the machine may have stood still: nobody waited. */
#define TALLY_SILENCE_NS	1000000000ULL

/* A bit at the end of the trace that was set and not handled. */
struct tally_wait {
	unsigned int cpu, vipi;
	__u64 since;			/* the time of what set it, or of the kick */
	bool masked;			/* and it is disabled: it waits for its unmask */
	bool kicked;			/* a kick raised the parent IPI, not the send */
	bool before;			/* it was set before the trace: since is its start */
	struct ipimux_event send;	/* that set it, else */
};

struct tally {
	unsigned int nr_cpus, nr_vipis;
	size_t start;			/* the event from which on all is there, and judged */
	bool any_known;			/* there is a CPU of which something is */
	__u64 missed;			/* events, of all CPUs... */
	bool missed_unknown;		/* ...and nobody knows how many more */

	struct audit_facts facts;	/* with the two snapshots below... */
	struct snapshot first, last;	/* ...from @start on: the second is the difference, too */
	__u32 *stuck, *unwatched;	/* [cpu], the audit's */
	struct tally_wait *waits;	/* in the order of CPUs and vIPIs */
	unsigned int nr_waits;

	/* Its own. */
	struct tally_cpu *cpus;
	struct tally_bit *bits;		/* [cpu * nr_vipis + vipi] */
};

/*
 * Counts @nr_events, of which each is not from before the one in front of it, of a machine with
 * CPUs 0..@nr_cpus-1 and vIPIs 0..@nr_vipis-1, both at least 1. @ftrace: what else the trace says.
 * @unreadable: events that could not be read. Returns 0 or -ENOMEM. Free it in any case.
 */
int tally__count(struct tally *tally, const struct ipimux_event *events, size_t nr_events,
		 const struct ftrace *ftrace, __u64 unreadable, const struct machine *machine);
void tally__free(struct tally *tally);

#endif /* TALLY_H */
