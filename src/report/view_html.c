// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the HTML page keeps of a run, see view_html.h. Its counts are those of the differences,
 * none is derived. How they get into the page: view_html_write.c.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/container_of.h"
#include "report/view_html.h"
#include "view/renderer.h"

__u64 view_html__quantity(const struct margin *margin, unsigned int quantity)
{
	if (quantity < VIEW_HTML_RECEIVED)
		return margin->sent.outcome[quantity - VIEW_HTML_SENT];
	if (quantity < VIEW_HTML_HANDLED)
		return margin->received.outcome[quantity - VIEW_HTML_RECEIVED];
	return margin->handled;
}

unsigned int view_html__nr_series(const struct view_html *html)
{
	return html->nr_cpus * html->nr_vipis * VIEW_HTML_QUANTITIES;
}

/* points_for - as many as the page has room for, fewer where there are very many CPUs; even */
static unsigned int points_for(unsigned int nr_cpus)
{
	unsigned int points = nr_cpus <= 64 ? VIEW_HTML_POINTS : VIEW_HTML_POINTS * 64 / nr_cpus;

	return points < 60 ? 60 : points & ~1U;
}

int view_html__init(struct view_html *html, const struct snapshot *first)
{
	const struct ipimux_shape *shape = &first->counters.shape;

	*html = (struct view_html){
		.view = html->view, .source = html->source,
		.nr_cpus = 1U << shape->cpu_shift, .nr_vipis = 1U << shape->vipi_shift,
		.start = first->time, .wall_start = first->wall_time, .per_point = 1,
	};
	html->max_points = points_for(html->nr_cpus);
	html->time = calloc(html->max_points, sizeof(*html->time));
	html->missed = calloc(html->max_points, sizeof(*html->missed));
	html->series = calloc(view_html__nr_series(html), sizeof(*html->series));
	html->events = calloc(VIEW_HTML_EVENTS, sizeof(*html->events));
	if (!html->time || !html->missed || !html->series || !html->events)
		return -ENOMEM;
	return 0;
}

void view_html__free(struct view_html *html)
{
	for (unsigned int i = 0; html->series && i < view_html__nr_series(html); i++)
		free(html->series[i]);
	free(html->series);
	free(html->time);
	free(html->missed);
	free(html->events);
	memset(html, 0, sizeof(*html));
}

/* --- over time --- */

static void halve(__u64 *points, unsigned int nr)
{
	for (unsigned int i = 0; i < nr / 2; i++)
		points[i] = points[2 * i] + points[2 * i + 1];
	memset(points + nr / 2, 0, (nr - nr / 2) * sizeof(*points));
}

/* next_point - where the next interval goes, which may be where the last one went */
static unsigned int next_point(struct view_html *html)
{
	if (html->nr_points && html->in_last < html->per_point) {
		html->in_last++;
		return html->nr_points - 1;
	}
	if (html->nr_points == html->max_points) {
		halve(html->time, html->nr_points);
		halve(html->missed, html->nr_points);
		for (unsigned int i = 0; i < view_html__nr_series(html); i++)
			if (html->series[i])
				halve(html->series[i], html->nr_points);
		html->nr_points /= 2;
		html->per_point *= 2;
	}
	html->in_last = 1;
	return html->nr_points++;
}

int view_html__interval(struct view_html *html, const struct interval *interval)
{
	const struct snapshot *difference = interval->difference;
	const struct margins *margins = &interval->margins;
	unsigned int point = next_point(html);

	html->intervals++;
	html->time[point] += difference->time;
	html->missed[point] += difference->missed;
	for (unsigned int i = 0; i < view_html__nr_series(html); i++) {
		const struct margin *margin = &margins->margin[i / VIEW_HTML_QUANTITIES];
		__u64 count = view_html__quantity(margin, i % VIEW_HTML_QUANTITIES);

		if (!count)
			continue;
		if (!html->series[i])
			html->series[i] = calloc(html->max_points, sizeof(**html->series));
		if (!html->series[i])
			return -ENOMEM;
		html->series[i][point] += count;
	}
	return 0;
}

/* --- as a renderer --- */

static struct view_html *html_of(struct view *view)
{
	return container_of(view, struct view_html, view);
}

static int start_page(struct view *view, const struct interval *interval)
{
	return view_html__init(html_of(view), interval->later);
}

static int take_interval(struct view *view, const struct interval *interval)
{
	struct view_html *html = html_of(view);
	int err = view_html__interval(html, interval);

	view_html__watch_online(html, interval);
	view_html__watch_storms(html, interval);
	return err;
}

static int take_stuck(struct view *view, const struct interval *interval)
{
	view_html__watch_stuck(html_of(view), interval);
	return 0;
}

static int write_page(struct view *view, const struct interval *interval)
{
	return view_html__write(html_of(view), view->out, interval);
}

const struct renderer report_html = {
	.needs = INTERVAL_MARGINS | INTERVAL_STORMS,
	.start = start_page, .interval = take_interval, .report = take_stuck,
	.summary = write_page,
};
