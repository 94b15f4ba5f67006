/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who sends to whom, in a difference: sender by target, folded to the busiest where
 * there are too many to look at. Sums only; how they are shown is not its business. Pure.
 */
#ifndef MATRIX_H
#define MATRIX_H

#include "counters/margins.h"

/* In place of a CPU: all those that are not among the busiest. */
#define MATRIX_OTHERS	(~0U)

/* For a vIPI: all of them. */
#define MATRIX_ALL_VIPIS	(-1)

struct matrix_settings {
	int vipi;			/* or MATRIX_ALL_VIPIS */
	const struct cpuset *cpus;	/* only sends from or to these; NULL: all sends */
	/* The most CPUs on an axis beside the others; 0: as many as there is room for... */
	unsigned int top;
	/* ...which is so many, the others included; 0: for all. */
	unsigned int room;
};

/* The rows (senders) or the columns (targets), in the order of their CPUs. */
struct matrix_axis {
	unsigned int nr;		/* the others included, who are the last */
	unsigned int nr_others;		/* CPUs folded into the others; 0: there are none */
	unsigned int *cpu;		/* [nr] */
	struct sends *total;		/* [nr] */

	/* Its own, for each CPU. */
	__u64 *weight;
	unsigned int *place;
};

struct matrix {
	struct matrix_settings settings;
	struct matrix_axis senders, targets;
	struct sends *cell;		/* [sender * targets.nr + target], places on the axes */
	struct sends total;
	__u64 largest;			/* sends that a cell has, those of the others aside */
	unsigned int nr_cpus;
};

/* Room for a matrix of tables of @shape. Returns 0 or -ENOMEM. */
int matrix__init(struct matrix *matrix, const struct ipimux_shape *shape);
void matrix__free(struct matrix *matrix);

/*
 * Replaces what the matrix holds by the sends of @difference that its settings let
 * through: each is in one cell, in one total of each axis and in the total. Without a
 * list of CPUs both axes have those online and those with sends; with one, those of the
 * list and whoever they exchange sends with.
 */
void matrix__compute(struct matrix *matrix, const struct snapshot *difference);

/*
 * Adds the sends of one CPU to another one, of one vIPI or all, to @sum. For whoever
 * wants single pairs and not a matrix.
 */
void matrix__add_pair(struct sends *sum, const struct counters *counters, unsigned int sender,
		      unsigned int target, int vipi);

#endif /* MATRIX_H */
