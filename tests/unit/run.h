/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests of the audit share: a run of a machine of four CPUs, all of which is known at its
 * edges, with what was counted in between.
 */
#ifndef RUN_H
#define RUN_H

#include "unit.h"

#define NR_CPUS		4
#define NR_VIPIS	8
/* Whose counts, and what is found of it, are looked at. */
#define CPU		2
#define VIPI		6
#define BIT		(1U << VIPI)

/* A run: its edges, and what was counted in between. */
struct run {
	struct snapshot first, last, difference;
	struct machine machine;
	__u32 stuck[NR_CPUS], unhandled[NR_CPUS], pending[NR_CPUS], starved[NR_CPUS],
	      unwatched[NR_CPUS];
	struct audit_facts facts;
};

/* At rest, and nothing happened; a recording's, so that nobody looks again or waits. */
void run__set_up(struct run *run);
void run__tear_down(struct run *run);

/* Sends and processes of CPU and VIPI. */
void run__count(struct run *run, unsigned int raised, unsigned int masked, unsigned int handled);

/* So many sends of these with an outcome that is uncertain. */
void run__doubt(struct snapshot *snapshot, __u64 sends);

/* So many masks, of a vIPI that is not pending. */
void run__mask(struct snapshot *snapshot, unsigned int cpu, unsigned int vipi, __u64 masks);

/* More raises than processes, as where two of them meet in the hardware. */
void run__merge(struct run *run, unsigned int cpu);

/* Audits, and says what it found of CPU and VIPI: -1 nothing, else the worst. */
int run__judge(struct run *run, struct audit *audit);

#endif /* RUN_H */
