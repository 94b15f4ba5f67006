/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sums over the tables of a difference: everything that is printed is one of
 * these. Pure.
 */
#ifndef MARGINS_H
#define MARGINS_H

#include "counters/snapshot.h"

/* Sends by outcome, indexed by enum ipimux_outcome. */
struct sends {
	__u64 outcome[IPIMUX_NR_OUTCOMES];
};

/* What one CPU did with one vIPI; or a sum of such. All are counts of events. */
struct margin {
	struct sends sent;	/* as the sender */
	struct sends received;	/* as the target */
	__u64 handled;
	__u64 unmasks;		/* kicks included */
	__u64 kicks;
};

/* The process calls of one CPU, or of several, by how many vIPIs they handled... */
struct processes {
	__u64 batch[IPIMUX_MAX_VIPIS + 1];
	__u64 some;	/* ...or some, and it is not known how many */
	__u64 handled;	/* vIPIs, by all of them */
};

struct margins {
	unsigned int nr_cpus;	/* sizes of the tables; powers of two, so there */
	unsigned int nr_vipis;	/* may be rows for CPUs and vIPIs that are none */
	struct margin *margin;	/* [cpu * nr_vipis + vipi] */
	struct processes *processes;	/* [cpu] */
};

/* Room for the margins of tables of @shape. Returns 0 or -ENOMEM. */
int margins__init(struct margins *margins, const struct ipimux_shape *shape);
void margins__free(struct margins *margins);

/* Replaces @margins by those of @counters, which has the shape it was made for. */
void margins__compute(struct margins *margins, const struct counters *counters);

void margin__add(struct margin *sum, const struct margin *margin);
void processes__add(struct processes *sum, const struct processes *processes);

/*
 * Accessors: what a row of these is worth, without going through a table. Whoever shows them
 * needs no more of them than that.
 */
static inline __u64 sends__total(const struct sends *sends)
{
	return sends->outcome[IPIMUX_RAISED] + sends->outcome[IPIMUX_COALESCED] +
	       sends->outcome[IPIMUX_MASKED] + sends->outcome[IPIMUX_COALESCED_WHILE_MASKED];
}

/* Both ways a send was absorbed: coalesced, and coalesced while masked. */
static inline __u64 sends__coalesced(const struct sends *sends)
{
	return sends->outcome[IPIMUX_COALESCED] + sends->outcome[IPIMUX_COALESCED_WHILE_MASKED];
}

/* Both ways a send met a disabled vIPI: masked, and coalesced while masked. */
static inline __u64 sends__masked(const struct sends *sends)
{
	return sends->outcome[IPIMUX_MASKED] + sends->outcome[IPIMUX_COALESCED_WHILE_MASKED];
}

static inline __u64 processes__calls(const struct processes *processes)
{
	__u64 calls = processes->some;

	for (unsigned int batch = 0; batch <= IPIMUX_MAX_VIPIS; batch++)
		calls += processes->batch[batch];
	return calls;
}

#endif /* MARGINS_H */
