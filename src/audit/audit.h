/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The laws that the counters of a correct mux obey, checked for each CPU and vIPI:
 *
 *	raised + masked = handled + still pending
 *	what is raised is handled soon
 *	a kick is handled before the next
 *	masks and unmasks take turns, and nothing is handled between the two
 *	handled = what the kernel itself counted as handled
 *
 * and for each CPU:
 *
 *	processes <= raised + kicks
 *	with --verify: parent IPIs raised = raised sends + kicks, each before the next send,
 *	and handlers started = handled, each before the next process
 *
 * Each finding says what proves it, each excuse is bounded and named. docs/audit.md has the
 * argument. Pure.
 */
#ifndef AUDIT_H
#define AUDIT_H

#include "counters/margins.h"
#include "counters/snapshot.h"
#include "machine/machine.h"

/* From the best to the worst, the last two apart. */
enum audit_verdict {
	AUDIT_BALANCED,	/* every CPU and vIPI is proved */
	AUDIT_EXCEPT,	/* and what is not is named, with why and how many, or events were missed */
	AUDIT_OFF,	/* the mux, or what is known of it, is wrong: proved */
	AUDIT_NONE,	/* not judged: there is no end to audit, and nothing wrong so far */
};

/* What there is to say about a CPU and vIPI. With each, what @number counts: */
enum audit_finding {
	AUDIT_STILL_PENDING,	/* 1: pending at the end, and may be */
	AUDIT_CARRIED_IN,	/* 1: pending before the window, handled in it */
	AUDIT_NOT_SEEN,		/* handled, but not seen sent, for a known reason */
	AUDIT_GUESSED,		/* set or handled too many, no more than outcomes are uncertain */
	AUDIT_NOT_DECIDED,	/* no instant at which nothing was half counted: at most so many */
	AUDIT_NOT_COMPARED,	/* handled while the kernel's own counts were read */
	AUDIT_NO_PROGRESS,	/* 1: pending, but its CPU got no time to handle it */
	AUDIT_NOT_WATCHED,	/* 1: pending, but the tool got no time to look */
	AUDIT_NOT_WAITED,	/* 1: pending at the end, or not run, and not waited for */
	AUDIT_WOKEN,		/* processes of a CPU that came up, without a raise */
	AUDIT_UNCOMPARED_RAISES, /* parent IPIs more or less, for a known reason, --verify */
	AUDIT_LOST,		/* set, but never handled */
	AUDIT_NEVER_SENT,	/* handled, but not sent */
	AUDIT_STUCK,		/* 1: raised, and not handled for STUCK_PATIENCE */
	AUDIT_KICKS_LOST,	/* kicks that no handling followed */
	AUDIT_NOT_KICKED,	/* masked sends that no kick followed, and that are not pending */
	AUDIT_NOT_RUN,		/* taken by a process, but the handler did not run */
	AUDIT_RUN_AGAIN,	/* times the handler ran without being taken by a process */
	AUDIT_NOT_RAISED,	/* raised sends and kicks that raised no parent IPI */
	AUDIT_RAISED_AGAIN,	/* parent IPIs raised for none of these */
	AUDIT_LATE_RAISES,	/* sends that found an earlier one of their CPU not raised yet */
	AUDIT_STALE_ENABLED,	/* processes by another enabled word than their CPU's */
	AUDIT_LATE_HANDLERS,	/* processes that found a handler of the one before not started */
	AUDIT_EXTRA_PROCESSES,	/* processes that no raise can have led to */
	AUDIT_MASK_IGNORED,	/* handled between a mask and its unmask */
	AUDIT_NO_TURNS,		/* masks, or unmasks, without the other between them */
	AUDIT_NR_FINDINGS
};

/* What a finding rests on. */
enum audit_proof {
	AUDIT_BY_COUNTS,	/* two counts of one thing that differ, or more than can be */
	AUDIT_BY_WORDS,		/* the multiplexer's words, and counts at rest */
	AUDIT_BY_REST,		/* counts at rest */
	AUDIT_BY_TIME,		/* nothing happened for so long */
	AUDIT_BY_BOUND,		/* an excuse: no more of these than there can be */
	AUDIT_NO_PROOF,		/* what is not decided */
	AUDIT_NR_PROOFS
};

/* Why something was not seen. */
enum audit_reason {
	AUDIT_NO_REASON,
	AUDIT_BECAUSE_MISSED,	/* the kernel skipped the event */
	AUDIT_BECAUSE_OFFLINE,	/* the last send of a CPU that went offline, see docs/audit.md */
	AUDIT_BECAUSE_SILENT,	/* the kernel shows nothing of CPUs that are not online */
};

/* Findings about a CPU and none of its vIPIs have this one. */
#define AUDIT_NO_VIPI	(~0U)

/*
 * What the idle task of a CPU that goes offline sends from where no tracepoint may be called: a
 * call to the first CPU online, behind the report to RCU, that the CPU is dead; if a grace period
 * waits for that CPU, a wake-up of RCU's thread, before the report; and IRQ_WORK to itself. The
 * wake-up is a call to the first CPU online in Linux 6.1.y and 6.12 (swake_up_one_online()), and
 * goes to any CPU, as a call or a reschedule, in 7.2.
 */
#define AUDIT_LAST_CALLS	1
#define AUDIT_LAST_WAKES	1
#define AUDIT_LAST_WORKS	1

/*
 * Where the kernel has no ipi_mux_mask event, a CPU on its way offline sends unseen; and where
 * it has, what it raises on its way is. What was seen of that (tests/vm/audit/soak.t: 10 sends of
 * four such CPUs) with room.
 */
#define AUDIT_SILENT_SENDS	20

/* So often, at most, an audit asks for another look at the end, whoever waits for it. */
#define AUDIT_LOOKS	4

struct audit_entry {
	unsigned int cpu;
	unsigned int vipi;
	enum audit_finding finding;
	__u64 number;
	enum audit_verdict verdict;
	enum audit_proof proof;
	enum audit_reason reason;
};

struct audit {
	enum audit_verdict verdict;	/* the worst of the entries, or AUDIT_NONE */
	bool cut_off;		/* the window has no settled end: see audit_facts */
	__u64 raised;
	__u64 masked;
	__u64 handled;
	__u64 still_pending;	/* number of bits */
	__u64 carried_in;	/* number of bits */
	__s64 under_way;	/* set and not handled, or the reverse, where that is not decided */
	__u64 missed;		/* events that the kernel skipped... */
	bool missed_unknown;	/* ...which nobody can say: then 0 */
	__u64 unseen;		/* handled, but not seen sent, for a known reason */
	bool outside;		/* watched from outside: outcomes may be uncertain */
	const char *via;	/* how it was watched: see counters__via() */
	__u64 uncertain;	/* sends whose outcome is */
	__s64 guessed;		/* how much more was set than handled where that explains it */
	bool hotplug;		/* CPUs came or went in the window */
	unsigned int offlinings;	/* how often one went, at most: see leaving below */
	bool silent;		/* the kernel shows nothing of CPUs that are not online */
	bool words_known;	/* the multiplexer's words were read at both edges */
	bool verified;		/* handlers, or raises, were compared, too: --verify */
	bool raises_compared;	/* raises were: not every kernel shows where */
	bool traced;		/* the counts are of a trace: there is nothing to compare with */
	bool kernel_known;	/* the kernel's own counts were there to compare with */
	__u64 kernel_room;	/* handled while those were read: so far they may differ */
	__u64 not_decided;	/* CPUs and vIPIs that were never quiet */
	bool undecided;		/* an entry may come to another verdict if waited for */
	unsigned int nr_entries;
	struct audit_entry *entries;	/* in the order of CPUs and vIPIs */
};

/* On which CPUs the kernel shows that they raise a parent IPI. */
enum audit_parents {
	AUDIT_PARENTS_UNKNOWN,	/* recorded by a version that did not say */
	AUDIT_PARENTS_ONLINE,	/* those online: at a tracepoint */
	AUDIT_PARENTS_ALL,	/* those on their way, too: at a function */
};

/* What the counters do not tell about the window. */
struct audit_facts {
	bool hotplug;		/* CPUs came or went in it */
	unsigned int leaving;	/* at how many of its two edges CPUs came or went just then */
	bool cut_off;		/* its end is not settled: only what was stuck can be told */
	struct cpuset online_first;	/* at its start */
	struct cpuset online;	/* at its end */
	__u64 waited;		/* ns since its end */
	const __u32 *unhandled;	/* [cpu] vIPIs not handled since then; NULL: none looked */
	const __u32 *stuck;	/* [cpu] vIPIs that were stuck at some time; NULL: none looked */
	const __u32 *pending;	/* [cpu] vIPIs that coalesced sends show to be pending at its end */
	const __u32 *starved;	/* [cpu] vIPIs that waited so long for a CPU that got no time */
	const __u32 *unwatched;	/* [cpu] those that did while the tool itself got no time */
	struct cpuset without_time;	/* CPUs that got none from its end to @last */
	enum audit_parents parents;	/* where the parent IPIs are seen that are counted */
	const struct machine *machine;	/* which vIPI carries what; NULL: not known */

	/*
	 * The snapshots at its edges, of which @last may be a later one than that of the
	 * difference: the books are closed when they can be. @since: from the one to the
	 * other. NULL: nothing is known of the edges, as in recordings of older versions.
	 */
	const struct snapshot *first, *last, *since;
	const struct margins *margins;	/* of the difference; NULL: to be computed */
	unsigned int tries;	/* how many such @last there were before */
	bool hurried;		/* nobody waits for what is pending any longer */
	bool final;		/* there is no @last after this one: a recording */
	bool traced;		/* all is from the events of a trace */
};

/*
 * Audits the difference of two settled snapshots, or, if it is cut off, of which the
 * later is not: then nothing need balance, and only raised, masked, handled and missed
 * are counted. Where outcomes are uncertain, a balance that is off by no more than that is
 * explained. Returns 0 or -ENOMEM. Free with audit__free().
 */
int audit__run(struct audit *audit, const struct snapshot *difference,
	       const struct audit_facts *facts);
void audit__free(struct audit *audit);

#endif /* AUDIT_H */
