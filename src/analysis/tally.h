/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counts the events of a trace, for an audit: as the BPF programs would, with what waited for how
 * long. docs/trace.md has the argument. Pure.
 */
#ifndef TALLY_H
#define TALLY_H

#include "audit/audit.h"
#include "events/ftrace.h"

/*
 * Two events of different CPUs that are this far apart (ns) are taken to have happened in the order
 * of their times. Behind the atomic operation of a process or an unmask the clock is read with
 * interrupts off; behind that of a send an interrupt may come first, and then the words tell.
 */
#define TALLY_ORDER_NS	20000

/* Of a time without any event, in which the machine may have stood still, so much counts (ns). */
#define TALLY_SILENCE_NS	1000000000ULL

/* What happened so shortly before the end (ns) may lack the event that belongs to it. */
#define TALLY_END_NS	1000000

/* A bit at the end of the trace that was set and not handled. */
struct tally_wait {
	unsigned int cpu, vipi;
	__u64 since;			/* the time of what set it, or of the kick */
	bool masked;			/* and it is disabled: it waits for its unmask */
	bool kicked;			/* a kick raised the parent IPI, not the send */
	struct ipimux_event send;	/* that set it */
};

struct tally {
	unsigned int nr_cpus, nr_vipis;
	bool whole;			/* from each CPU's first unmask on, nothing is missing */
	__u64 missed;			/* events that are, of all CPUs... */
	bool missed_unknown;		/* ...and nobody knows how many more */

	struct audit_facts facts;	/* with the two snapshots below... */
	struct snapshot first, last;	/* ...of which the second is the difference, too */
	__u32 *stuck;			/* [cpu], the audit's */
	struct tally_wait *waits;	/* in the order of CPUs and vIPIs */
	unsigned int nr_waits;

	/* Its own. */
	bool processes;			/* there were any, so far */
	struct tally_cpu *cpus;
	struct tally_bit *bits;		/* [cpu * nr_vipis + vipi] */
};

/*
 * Counts @nr_events, of which each is not from before the one in front of it, of a machine with
 * CPUs 0..@ftrace->nr_cpus-1 and as many vIPIs as @ftrace has, both at least 1. @ftrace: what else
 * the trace says. @unreadable: events that could not be read. What is not whole is not to be
 * balanced: facts.cut_off. Returns 0 or -ENOMEM. Free it in any case.
 */
int tally__count(struct tally *tally, const struct ipimux_event *events, size_t nr_events,
		 const struct ftrace *ftrace, __u64 unreadable, const struct machine *machine);
void tally__free(struct tally *tally);

#endif /* TALLY_H */
