/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The laws that the counters of a correct mux obey, checked for each CPU and vIPI:
 *
 *	raised + masked = handled + still pending
 *	what is raised is handled soon
 *	a kick is handled before the next
 *	handled = what the kernel itself counted as handled
 *
 * Pure.
 */
#ifndef AUDIT_H
#define AUDIT_H

#include "analysis/snapshot.h"
#include "analysis/stuck.h"

enum audit_verdict {
	AUDIT_BALANCED,
	AUDIT_UNSEEN,	/* handled more than was seen sent, and it is known why */
	AUDIT_OFF,	/* the mux, or what is known of it, is wrong */
	AUDIT_NONE,	/* there is no end to audit, and nothing wrong so far */
};

/* What there is to say about a CPU and vIPI. With each, what @number counts: */
enum audit_finding {
	AUDIT_STILL_PENDING,	/* 1: pending at the end */
	AUDIT_CARRIED_IN,	/* 1: pending before the window, handled in it */
	AUDIT_NOT_SEEN,		/* handled, but not seen sent, for a known reason */
	AUDIT_LOST,		/* set, but never handled */
	AUDIT_NEVER_SENT,	/* handled, but not sent */
	AUDIT_STUCK,		/* 1: raised, and not handled for STUCK_PATIENCE */
	AUDIT_KICKS_LOST,	/* kicks that no handling followed */
	AUDIT_NOT_RUN,		/* taken by a process, but the handler did not run */
	AUDIT_RUN_AGAIN,	/* times the handler ran without being taken by a process */
	AUDIT_GUESSED,		/* set or handled too many, no more than outcomes are uncertain */
	AUDIT_NR_FINDINGS
};

struct audit_entry {
	unsigned int cpu;
	unsigned int vipi;
	enum audit_finding finding;
	__u64 number;
	enum audit_verdict verdict;
};

struct audit {
	enum audit_verdict verdict;	/* the worst of the entries, or AUDIT_NONE */
	bool cut_off;		/* the window has no settled end: see audit_facts */
	__u64 raised;
	__u64 masked;
	__u64 handled;
	__u64 still_pending;	/* number of bits */
	__u64 carried_in;	/* number of bits, where no send can be unseen */
	__u64 missed;		/* events that the kernel skipped... */
	bool missed_unknown;	/* ...which nobody can say: then 0 */
	__u64 unseen;		/* handled, but not seen sent, for a known reason */
	bool outside;		/* watched by fentry: outcomes may be uncertain */
	__u64 uncertain;	/* sends whose outcome is */
	__s64 guessed;		/* how much more was set than handled where that explains it */
	bool hotplug;		/* CPUs came or went in the window */
	bool kernel_known;	/* the kernel's own counts were there to compare with */
	__u64 kernel_room;	/* handled while those were read: so far they may differ */
	bool undecided;		/* an entry may come to another verdict if waited for */
	bool kernel_late;	/* so may one if the kernel's counts are read again */
	unsigned int nr_entries;
	struct audit_entry *entries;	/* at most four for a CPU and vIPI */
};

/* What the counters do not tell about the window. */
struct audit_facts {
	bool hotplug;		/* CPUs came or went in it */
	bool cut_off;		/* its end is not settled: only what was stuck can be told */
	struct cpuset online;	/* at its end */
	__u64 waited;		/* ns since its end */
	const __u32 *unhandled;	/* [cpu] vIPIs not handled since then; NULL: none looked */
	const __u32 *stuck;	/* [cpu] vIPIs that were stuck at some time; NULL: none looked */
};

/*
 * Audits the difference of two settled snapshots, or, if it is cut off, of which the
 * later is not: then nothing need balance, and only raised, masked, handled and missed
 * are counted. With hotplug a CPU may have handled what was not seen sent: one that goes
 * offline sends from where the kernel silences all tracepoints. Where outcomes are uncertain,
 * a balance that is off by no more than that is explained. Returns 0 or -ENOMEM. Free with
 * audit__free().
 */
int audit__run(struct audit *audit, const struct snapshot *difference,
	       const struct audit_facts *facts);
void audit__free(struct audit *audit);

/*
 * Which of @nr samples of a balance to take for the edge of a window: the lowest
 * that was seen in a third of them. A send whose bit was set but not counted yet
 * lowers the balance for an instant, so the lowest sample would not do; of the
 * two values of a busy bit the lower one is that of the bit being clear.
 */
__s64 audit__typical(const __s64 *samples, unsigned int nr);

#endif /* AUDIT_H */
