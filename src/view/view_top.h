/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The full-screen view: the busiest of a difference and what is set, in; a page of text,
 * out. It asks nobody for more, and knows no terminal. Pure.
 */
#ifndef VIEW_TOP_H
#define VIEW_TOP_H

#include "analysis/interval.h"
#include "analysis/top.h"
#include "machine/machine.h"
#include "print/page.h"

/* A smaller page has no room for anything but saying so. */
#define VIEW_TOP_LINES		9
#define VIEW_TOP_COLUMNS	44

struct view_top {
	const struct machine *machine;
	const struct top *top;			/* computed from @shown */
	const struct interval *shown;		/* with the stuck of now */
	const struct snapshot *now;		/* the last snapshot, of which nothing is paused */
	__u64 missed;				/* in the whole run... */
	bool missed_unknown;			/* ...which is not known */
	__u64 interval;				/* ns, what is set */
	unsigned int first_row;			/* the first that is shown */
	bool paused;
	bool help;
	const char *question;			/* somebody is asked for this; NULL: nobody is */
	const char *answer;			/* what was typed so far */
	const char *message;			/* instead of the last line; or NULL */
};

/* Fills @page, all of it. */
void view_top__draw(struct page *page, const struct view_top *view);

/* How many rows a page has room for. */
unsigned int view_top__rows(const struct page *page);

/* What the pane and column are called. */
const char *view_top__column(enum top_column column);

#endif /* VIEW_TOP_H */
