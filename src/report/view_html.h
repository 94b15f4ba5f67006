/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A whole run as one HTML page that needs nothing else: it is shown the intervals one
 * after the other and keeps of them only what the page draws. Pure.
 */
#ifndef VIEW_HTML_H
#define VIEW_HTML_H

#include "print/view.h"

/* More points in time than a screen has room for are added up, two by two. */
#define VIEW_HTML_POINTS	600

/* What may happen again and again is listed so often, then only counted. */
#define VIEW_HTML_EVENTS	1000

/* What is kept over time of each CPU and vIPI; the page knows them by these numbers. */
enum view_html_quantity {
	VIEW_HTML_SENT,						/* by outcome */
	VIEW_HTML_RECEIVED = VIEW_HTML_SENT + IPIMUX_NR_OUTCOMES,	/* by outcome */
	VIEW_HTML_HANDLED = VIEW_HTML_RECEIVED + IPIMUX_NR_OUTCOMES,
	VIEW_HTML_QUANTITIES
};

/* Something on the time line of a run. */
struct view_html_event {
	__u64 from, to;		/* CLOCK_MONOTONIC, ns; cut to the run */
	const char *kind;	/* "storm", "stuck", "hotplug": lives as long as the page */
	int cpu, vipi;		/* which it is about, -1: of no single one */
	char text[320];		/* for people */
};

struct view_html {
	struct view view;	/* .out: where the page goes at the end */
	const char *source;	/* names the recording; NULL: there is none */

	/* Its own. */
	unsigned int nr_cpus, nr_vipis;	/* as the shape has them */
	__u64 start;		/* CLOCK_MONOTONIC, ns */
	__u64 wall_start;
	unsigned int max_points;
	unsigned int nr_points;
	__u64 intervals;
	__u64 per_point;	/* intervals added up in each point, but perhaps the last */
	__u64 in_last;		/* in that */
	__u64 *time;		/* [point] ns */
	__u64 *missed;		/* [point] */
	/* [(cpu * nr_vipis + vipi) * VIEW_HTML_QUANTITIES + quantity][point]; NULL: all 0 */
	__u64 **series;
	unsigned int nr_events;
	__u64 events_left_out;
	struct view_html_event *events;
};

/*
 * A page of the run that begins with @first, in @html, whose view and source are left as they
 * are. Returns 0 or -ENOMEM; free it in any case.
 */
int view_html__init(struct view_html *html, const struct snapshot *first);
void view_html__free(struct view_html *html);

/* Takes in the counts of the next interval. Returns 0 or -ENOMEM. */
int view_html__interval(struct view_html *html, const struct interval *interval);

/*
 * Put on the time line what an interval brought: what was found stuck and what is so no longer;
 * the storms that ended, and in the last interval those that go on; which CPUs came or went.
 */
void view_html__watch_stuck(struct view_html *html, const struct interval *interval);
void view_html__watch_storms(struct view_html *html, const struct interval *interval);
void view_html__watch_online(struct view_html *html, const struct interval *interval);

/* Puts a copy of @event on the time line. */
void view_html__event(struct view_html *html, const struct view_html_event *event);

/* Writes the page of the whole run. Returns 0 or -ENOMEM; errors of writing are left in @out. */
int view_html__write(struct view_html *html, FILE *out, const struct interval *interval);

/* Of a margin, the quantity of that number. */
__u64 view_html__quantity(const struct margin *margin, unsigned int quantity);

/* How many series there may be. */
unsigned int view_html__nr_series(const struct view_html *html);

#endif /* VIEW_HTML_H */
