/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How the topics are shown: for each one renderer in words and one in JSON, a column of the same
 * table each. A renderer only reads the interval that it is given. Each of its functions returns 0
 * or -ENOMEM; text that cannot be written shows as an error of view->out. What it leaves out
 * is not shown.
 */
#ifndef RENDERER_H
#define RENDERER_H

#include "print/view.h"

struct renderer {
	/* What must be computed of an interval, enum interval_needs. */
	__u32 needs;

	/* How many CPUs fit on an axis of a matrix just now. NULL: any number. */
	unsigned int (*room)(const struct view *view);

	/* Nothing was measured: interval->later is the first snapshot. */
	int (*start)(struct view *view, const struct interval *interval);

	/* An interval that has just ended. */
	int (*interval)(struct view *view, const struct interval *interval);

	/* interval->stuck was looked for at interval->look: whenever the run looks. */
	int (*report)(struct view *view, const struct interval *interval);

	/* The whole run, and its audit. */
	int (*summary)(struct view *view, const struct interval *interval);
};

/* A table: a row per CPU, the vIPIs if asked for, the total. Rates a second, then counts. */
extern const struct renderer stat_text, stat_json;

/* How long vIPIs waited, by vIPI and by CPU; in the summary drawn as bars, too. */
extern const struct renderer latency_text, latency_json;

/* Who sent to whom: a row a sender, a column a target. Rates a second, then counts. */
extern const struct renderer matrix_text, matrix_json;

/* What is stuck: a line at the start, what each look brings, a summary. */
extern const struct renderer stuck_text, stuck_json;

/* Storms that begin and end, and who sends to them. */
extern const struct renderer storm_text, storm_json;

/* The page of `report`; its view is that of a struct view_html. */
extern const struct renderer report_html;

/*
 * What several topics show: what is stuck, and, as JSON, all that was counted. For use in the
 * table of a topic.
 */
int view_stuck__text(struct view *view, const struct interval *interval);
int view_stuck__json(struct view *view, const struct interval *interval);
int view_stat__json_interval(struct view *view, const struct interval *interval);
int view_stat__json_summary(struct view *view, const struct interval *interval);

/* The most CPUs that a matrix can have on an axis in so many columns of text. */
unsigned int view_matrix__room(unsigned int columns);

#endif /* RENDERER_H */
