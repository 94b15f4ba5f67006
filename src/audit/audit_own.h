/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the laws of an audit share: the state of one that is being made, what is left of its
 * excuses, and what is known of a CPU and vIPI. audit.c opens the books (audit_books.c), goes
 * through the laws and closes them.
 */
#ifndef AUDIT_OWN_H
#define AUDIT_OWN_H

#include "audit/audit.h"

/* A deviation that is no more than one event under way is looked at again so often. */
#define LOOK_AGAIN	3
/* And where nothing is found at rest, before that is said of it. */
#define LOOK_FOR_REST	AUDIT_LOOKS

/* The state of an audit that is being made. */
struct books {
	struct audit *audit;
	const struct snapshot *difference;
	const struct audit_facts *facts;
	const struct margins *shown;	/* of the difference */
	const struct margins *judged;	/* the same, or up to facts->last */
	const struct snapshot *window;	/* that these are of... */
	const struct counters *counters; /* ...and its counters */
	struct margins own[2];		/* those of them that nobody else has computed */
	unsigned int nr_cpus, nr_vipis;	/* as the shape has them */
	unsigned int nr_there;		/* vIPIs that the machine has */
	int call_func, reschedule, irq_work;	/* -1: not known */
	unsigned int first_online;	/* it and those below can have been the first online */
	const struct cpuset *online;	/* when they were closed */
	unsigned int *offlinings;	/* [cpu] */
	bool edges_known;		/* the first snapshot says what was under way */

	/* What is left of the excuses; what was missed, of each law that it can break. */
	__u64 missed;			/* sends: the balance */
	__u64 missed_raises;		/* sends and parent IPIs: the one against the other */
	__u64 missed_processes;		/* sends: raises against processes */
	__u64 missed_kicks;		/* unmasks: masked sends against kicks */
	__u64 missed_handled;		/* processes: handlers against the kernel's own counts */
	__u64 missed_late;		/* of any kind: each can make one thing look late */
	__u64 last_calls;		/* CALL_FUNCs of CPUs that went offline... */
	__u64 last_wakes;		/* ...and their wake-ups of RCU's thread */
	__u64 silent_sends;
	__u64 regained;			/* of these three, where a bit may have been carried in */
	__u64 own_works;		/* of the CPU that is looked at: its last IRQ_WORKs */

	__u64 unseen_here;		/* of the CPU that is looked at: sends that were excused */
};

/* A CPU and vIPI, and what there is to judge it by. */
struct cell {
	unsigned int cpu, vipi;
	size_t index;
	const struct margin *shown, *judged;
	__u64 uncertain;
	enum edge_state first, last;
	bool first_known, last_known;	/* the bit, at each edge */
	bool was_pending, is_pending;
	bool is_enabled;		/* at the last */
	bool online;
};

/* Opens them on the snapshots of @books->difference and @books->facts. Returns 0 or -ENOMEM. */
int books__open(struct books *books);
void books__close(struct books *books);

/* What is known of a CPU and vIPI. */
struct cell books__look(const struct books *books, unsigned int cpu, unsigned int vipi);

/* Entries: of a CPU and vIPI; of a CPU; of a CPU, an excuse, if @number is not 0. 0 or -ENOMEM. */
int books__add(struct books *books, const struct cell *cell, enum audit_finding finding,
	       __u64 number, enum audit_proof proof);
int books__add_of_cpu(struct books *books, unsigned int cpu, enum audit_finding finding,
		      __u64 number, enum audit_proof proof);
int books__add_excused(struct books *books, unsigned int cpu, enum audit_finding finding,
		       __u64 number, enum audit_reason reason);

/*
 * Is it worth while to look at the end once more, for what one event can explain? Asks for that,
 * unless it was done so many @times.
 */
bool books__again(struct books *books, unsigned int times);

/* As many of @number as @pool has; what is left in it is less by that. */
__u64 books__excuse(__u64 *pool, __u64 number);

/* Sends whose outcome is uncertain, of all that is judged. */
__u64 books__uncertain(const struct books *books, unsigned int cpu, unsigned int vipi);

/* Events of it counted while the CPU's counters were copied at the edges, at most. */
__u64 books__torn(const struct books *books, const struct cell *cell);

/* Is a vIPI of @cpu busy at an edge? Then the CPU's sums are of different instants. */
bool books__any_busy(const struct books *books, unsigned int cpu);

/* How often a CPU came up: it unmasks all its vIPIs then. */
__u64 books__count_ups(const struct books *books, unsigned int cpu);

/*
 * How often it went, and may have sent for the last time: also where it was gone at an edge, as its
 * masks may have been before the start, or be behind the end.
 */
__u64 books__count_downs(const struct books *books, unsigned int cpu);

/* Is nothing known of @cell at one instant, at the one edge or the other? */
static inline bool cell__is_busy(const struct cell *cell)
{
	return cell->first == EDGE_BUSY || cell->last == EDGE_BUSY;
}

/* Does one of [cpu] words, or none, have its bit set? */
static inline bool cell__has_bit(const __u32 *words, const struct cell *cell)
{
	return words && words[cell->cpu] >> cell->vipi & 1;
}

/* The laws. Each returns 0 or -ENOMEM. Of a CPU and vIPI: */
int audit_balance__check(struct books *books, const struct cell *cell);
int audit_balance__check_stuck(struct books *books, const struct cell *cell);
int audit_masks__check(struct books *books, const struct cell *cell);
int audit_handlers__check(struct books *books, const struct cell *cell);
/* Of a CPU: */
int audit_handlers__check_late(struct books *books, unsigned int cpu);
int audit_raises__check(struct books *books, unsigned int cpu);

#endif /* AUDIT_OWN_H */
