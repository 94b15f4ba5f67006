/* SPDX-License-Identifier: GPL-2.0-only */
/* Which of some samples of a balance to believe. Pure. */
#ifndef TYPICAL_H
#define TYPICAL_H

#include <stdbool.h>
#include <linux/types.h>

/*
 * Which of @nr samples of a balance to take for the edge of a window: the lowest
 * that was seen in a third of them. A send whose bit was set but not counted yet
 * lowers the balance for an instant, so the lowest sample would not do; of the
 * two values of a busy bit the lower one is that of the bit being clear.
 */
__s64 balance__typical(const __s64 *samples, unsigned int nr);

/* Of @nr samples the value that there is most of, the first of several; of none, 0. */
__s64 balance__commonest(const __s64 *samples, unsigned int nr);

/*
 * Rounds of samples, of a number of cells: what to believe of each, and whether it is the same in
 * two rounds, one after the other.
 */
struct samples {
	unsigned int nr_cells, most;	/* @most samples of a cell in a round */
	__s64 *sample;		/* [cell * most + i] of this round */
	unsigned int *nr;	/* [cell] how many there are */
	__s64 *value;		/* [cell] what to believe of them */
	bool *found;		/* [cell] which is what it was in the round before */
	bool even;		/* all samples of this round were the same, of each cell */
};

/* Returns 0 or -ENOMEM; samples__free() is right after both, and for zeros. */
int samples__init(struct samples *samples, unsigned int nr_cells, unsigned int most);
void samples__free(struct samples *samples);

/* Begins a round. */
void samples__begin(struct samples *samples);
/* Adds one of @cell, of which there are less than @most. */
void samples__add(struct samples *samples, unsigned int cell, __s64 sample);
/*
 * Ends a round: @believe says what to believe of a cell's samples. Of a cell that has none nothing
 * is found. Returns whether it is found of all cells.
 */
bool samples__end(struct samples *samples,
		  __s64 (*believe)(const __s64 *samples, unsigned int nr));

#endif /* TYPICAL_H */
