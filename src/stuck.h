/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vIPIs that are pending for too long, found while a run goes on: between two
 * snapshots a bit stays pending if it was set at both and handled in neither. Pure.
 */
#ifndef STUCK_H
#define STUCK_H

#include "snapshot.h"

/* A vIPI that was raised and is not handled for so long (ns) is stuck. */
#define STUCK_PATIENCE	5000000000ULL

struct stuck {
	unsigned int nr_cpus;	/* as the shape has them */
	unsigned int nr_vipis;
	__u64 *since;		/* [cpu * nr_vipis + vipi] pending since, 0: is not */
	__u32 *found;		/* [cpu] the vIPIs that have been stuck at some time */
};

/* Returns 0 or -ENOMEM. */
int stuck__init(struct stuck *stuck, const struct ipimux_shape *shape);
void stuck__free(struct stuck *stuck);

/*
 * Looks at what happened from @earlier to @later, both of which count since the
 * attach. Neither need be settled. Call for each interval, in their order.
 */
void stuck__watch(struct stuck *stuck, const struct snapshot *later,
		  const struct snapshot *earlier);

/*
 * Was the parent IPI raised for a bit that is pending in these counters? Not if it was
 * masked when it was set, and no kick followed.
 */
bool stuck__was_raised(const struct counters *counters, unsigned int cpu, unsigned int vipi);

#endif /* STUCK_H */
