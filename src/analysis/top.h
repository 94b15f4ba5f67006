/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The busiest of a difference: its targets, senders, vIPIs or pairs in an order that
 * can be chosen. Numbers only; how they are shown is not its business. Pure.
 */
#ifndef TOP_H
#define TOP_H

#include "counters/margins.h"

enum top_pane { TOP_TARGETS, TOP_SENDERS, TOP_VIPIS, TOP_PAIRS, TOP_NR_PANES };

/* The columns, which are also what rows can be in the order of. */
enum top_column {
	TOP_NAME, TOP_SENDS, TOP_RAISED, TOP_COALESCED, TOP_MASKED, TOP_HANDLED, TOP_NR_COLUMNS
};

#define TOP_ALL_VIPIS	(-1)

struct top_settings {
	enum top_pane pane;
	enum top_column sort;		/* largest first, names smallest first */
	bool reverse;
	int vipi;			/* or TOP_ALL_VIPIS */
	const struct cpuset *cpus;	/* only sends from or to these; NULL: all sends */
};

struct top_row {
	unsigned int sender, target, vipi;	/* those that the pane is about */
	struct sends sends;
	__u64 handled;
	bool handled_known;		/* of the same sends; else there is no such number */
	/*
	 * Who has most of the sends: the sender to a target, the target of a sender or of a
	 * vIPI, the vIPI of a pair. None if @most_sends is 0.
	 */
	unsigned int most;
	__u64 most_sends;
};

struct top {
	struct top_settings settings;
	struct top_row *row;
	unsigned int nr_rows;
	struct top_row total;
	struct processes processes;	/* of the CPUs asked for */
	bool processes_known;		/* not with a single vIPI */

	/* Its own. */
	unsigned int nr_cpus, nr_vipis, room;
	const struct margins *margins;	/* of the interval that is summed up */
	__u64 *parts;
};

/* Room for the tables of @shape, with @nr_vipis vIPIs to show. Returns 0 or -ENOMEM. */
int top__init(struct top *top, const struct ipimux_shape *shape, unsigned int nr_vipis);
void top__free(struct top *top);

/*
 * Replaces the rows by those of @difference, whose margins @margins are, under the settings: of
 * CPUs those online and those with sends, of vIPIs all, of pairs those with sends. Returns 0 or
 * -ENOMEM.
 */
int top__compute(struct top *top, const struct snapshot *difference,
		 const struct margins *margins);

/* Is there such a column, and so such an order, in this pane? */
static inline bool top__has_column(enum top_pane pane, enum top_column column)
{
	/* Who handled a vIPI, nobody knows whose send it was. */
	return column != TOP_HANDLED || pane == TOP_TARGETS || pane == TOP_VIPIS;
}

#endif /* TOP_H */
