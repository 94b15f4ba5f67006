// SPDX-License-Identifier: GPL-2.0-only
/* The full-screen view, see view_top.h. */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/array_size.h"
#include "view/view_top.h"

/* The lines above the rows, and those below. */
enum { TITLE, TOTALS, PROCESSES, STUCK, PANES, HEADING, FIRST_ROW };

#define LINES_BELOW	1

#define NAME_WIDTH	15

static const struct {
	const char *heading;
	int width;
} columns[TOP_NR_COLUMNS] = {
	[TOP_SENDS]	= { "sends/s",	 10 },
	[TOP_RAISED]	= { "raised/s",	 11 },
	[TOP_COALESCED]	= { "coal%",	  7 },
	[TOP_MASKED]	= { "masked/s",	 10 },
	[TOP_HANDLED]	= { "handled/s", 11 },
};

static const struct {
	const char *title;
	const char *name;	/* heading of the rows' names */
	const char *most;	/* heading of who has most of it */
} panes[TOP_NR_PANES] = {
	[TOP_TARGETS]	= { "1 targets", "target",	 "most from" },
	[TOP_SENDERS]	= { "2 senders", "sender",	 "most to" },
	[TOP_VIPIS]	= { "3 vIPIs",	 "vIPI",	 "most to" },
	[TOP_PAIRS]	= { "4 pairs",	 "from -> to",	 "most of" },
};

static const char * const help[] = {
	"keys",
	"  1 2 3 4, Tab      targets, senders, vIPIs, pairs",
	"  < >, left right   the column to sort by",
	"  r                 reverse the order",
	"  up down, PgUp PgDn, Home End   scroll",
	"  v                 only one vIPI",
	"  c                 only sends from or to these CPUs",
	"  a                 all vIPIs and CPUs again",
	"  space, p          pause, and continue; counting never pauses",
	"  + -               the interval",
	"  Ctrl-L            redraw the screen",
	"  q, Ctrl-C         quit; prints the audit of the whole run",
	"columns",
	"  sends     one for each target CPU; raised: how many raised the parent IPI",
	"  coal%     share of sends that found their bit already pending",
	"  masked    sends to a disabled vIPI",
	"  handled   vIPIs handled; - where only some of their sends are shown",
	"  most      who has most of the sends of the row, and their share",
};

const char *view_top__column(enum top_column column)
{
	return column == TOP_NAME ? "name" : columns[column].heading;
}

unsigned int view_top__rows(const struct page *page)
{
	return page->lines > FIRST_ROW + LINES_BELOW ? page->lines - FIRST_ROW - LINES_BELOW : 0;
}

/* --- above the rows --- */

static void draw_title(struct page *page, const struct view_top *view)
{
	time_t seconds = view->shown->difference->wall_time / 1000000000;
	char clock[sizeof("00:00:00")];
	struct tm tm;

	strftime(clock, sizeof(clock), "%H:%M:%S", localtime_r(&seconds, &tm));
	page__set_style(page, TITLE, TEXT_HEADING);
	page__add(page, TITLE, "ipimux-trace top  %s",
		  view->shown->difference->time ? clock : "--:--:--");
	page__add(page, TITLE, "  every %g s", view->interval / 1e9);
	if (view->paused)
		page__add(page, TITLE, "  PAUSED");
	if (view->shown->difference->time)
		page__add(page, TITLE, "  (this one %.3f s)", view->shown->difference->time / 1e9);
	page__add(page, TITLE, "  %u CPUs online", cpuset__count(&view->now->online));
}

/* rate - events a second, without space in front */
static const char *rate(char buf[TEXT_SIZE], __u64 count, const struct view_top *view)
{
	text__rate(buf, 8, count, view->shown->difference->time);
	return buf + strspn(buf, " ");
}

static void draw_totals(struct page *page, const struct view_top *view)
{
	const struct top_row *total = &view->top->total;
	const struct processes *processes = &view->top->processes;
	const struct sends *sends = &total->sends;
	char buf[TEXT_SIZE];

	page__add(page, TOTALS, "total: %s sends/s", rate(buf, sends__total(sends), view));
	page__add(page, TOTALS, "  %s raised/s", rate(buf, sends->outcome[IPIMUX_RAISED], view));
	page__add(page, TOTALS, "  %s coal%%",
		  text__percent(buf, 1, sends__coalesced(sends), sends__total(sends)));
	page__add(page, TOTALS, "  %s masked/s", rate(buf, sends__masked(sends), view));
	if (total->handled_known)
		page__add(page, TOTALS, "  %s handled/s", rate(buf, total->handled, view));

	if (view->missed_unknown)
		page__add(page, PROCESSES, "events missed: not known");
	else
		page__add(page, PROCESSES, "%" PRIu64 " events missed since the start",
			  (uint64_t)view->missed);
	if (view->shown->difference->counters.doubts)
		page__add(page, PROCESSES, ", via %s: %" PRIu64 " uncertain",
			  counters__via(&view->shown->difference->counters),
			  (uint64_t)view->shown->uncertain);
	if (!view->top->processes_known)
		return;
	page__add(page, PROCESSES, "  %s process/s", rate(buf, processes__calls(processes), view));
	text__mean(buf, 6, processes->handled,
		   processes__calls(processes) - processes->batch[0]);
	page__add(page, PROCESSES, "  batch %s", buf + strspn(buf, " "));
	page__add(page, PROCESSES, "  %s empty/s", rate(buf, processes->batch[0], view));
}

/* draw_stuck - what is stuck now, and since when at least; else whether something was */
static void draw_stuck(struct page *page, const struct view_top *view)
{
	const struct stuck *stuck = view->shown->stuck;
	__u64 number = stuck->nr_found - stuck->nr_ended;

	if (!number) {
		page__add(page, STUCK, "stuck: none");
		if (stuck->nr_found)
			page__add(page, STUCK, " now, %" PRIu64 " before",
				  (uint64_t)stuck->nr_found);
		return;
	}
	page__set_style(page, STUCK, TEXT_BAD);
	page__add(page, STUCK, "STUCK: %" PRIu64, (uint64_t)number);
	for (unsigned int cpu = 0; cpu < stuck->nr_cpus; cpu++) {
		for (unsigned int vipi = 0; vipi < view->machine->nr_vipis; vipi++) {
			const struct stuck_cell *cell =
				&stuck->cells[cpu * stuck->nr_vipis + vipi];

			__u64 ns = view->now->time - cell->by.time;

			if (cell->reported)
				page__add(page, STUCK, "  CPU %u %s for %" PRIu64 " s", cpu,
					  view->machine->vipi_name[vipi],
					  (uint64_t)(ns / 1000000000));
		}
	}
}

static void draw_panes(struct page *page, const struct view_top *view)
{
	const struct top_settings *settings = &view->top->settings;
	char list[32];

	for (enum top_pane pane = 0; pane < TOP_NR_PANES; pane++)
		page__add(page, PANES, pane == settings->pane ? "[%s]" : " %s ",
			  panes[pane].title);
	if (settings->vipi >= 0)
		page__add(page, PANES, "  vIPI %s", view->machine->vipi_name[settings->vipi]);
	if (!settings->cpus)
		return;
	if (cpuset__format(settings->cpus, list, sizeof(list)) < sizeof(list))
		page__add(page, PANES, "  CPUs %s", list);
	else
		page__add(page, PANES, "  %u CPUs", cpuset__count(settings->cpus));
}

/* --- the rows --- */

static void draw_heading(struct page *page, const struct view_top *view)
{
	const struct top_settings *settings = &view->top->settings;
	const char *arrow = settings->reverse ? "^" : "*";

	page__set_style(page, HEADING, TEXT_HEADING);
	page__add(page, HEADING, "%s%-*s", settings->sort == TOP_NAME ? arrow : "",
		  NAME_WIDTH - (settings->sort == TOP_NAME), panes[settings->pane].name);
	for (enum top_column column = TOP_SENDS; column < TOP_NR_COLUMNS; column++) {
		char name[16];

		if (!top__has_column(settings->pane, column))
			continue;
		snprintf(name, sizeof(name), "%s%s", settings->sort == column ? arrow : "",
			 columns[column].heading);
		page__add(page, HEADING, "%*s", columns[column].width, name);
	}
	page__add(page, HEADING, "  %s", panes[settings->pane].most);
}

static void format_cell(char buf[TEXT_SIZE], const struct top_row *row, enum top_column column,
			__u64 ns)
{
	int width = columns[column].width - 1;

	switch (column) {
	case TOP_SENDS:
		text__rate(buf, width, sends__total(&row->sends), ns);
		break;
	case TOP_RAISED:
		text__rate(buf, width, row->sends.outcome[IPIMUX_RAISED], ns);
		break;
	case TOP_COALESCED:
		text__percent(buf, width, sends__coalesced(&row->sends),
			      sends__total(&row->sends));
		break;
	case TOP_MASKED:
		text__rate(buf, width, sends__masked(&row->sends), ns);
		break;
	case TOP_HANDLED:
		if (row->handled_known)
			text__rate(buf, width, row->handled, ns);
		else
			snprintf(buf, TEXT_SIZE, "%*s", width, "-");
		break;
	case TOP_NAME:
	case TOP_NR_COLUMNS:
		break;
	}
}

static void draw_row(struct page *page, const struct view_top *view, unsigned int line,
		     const struct top_row *row)
{
	enum top_pane pane = view->top->settings.pane;
	__u64 sends = sends__total(&row->sends);
	char name[MACHINE_NAME_SIZE], buf[TEXT_SIZE];

	if (pane == TOP_VIPIS)
		snprintf(name, sizeof(name), "%s", view->machine->vipi_name[row->vipi]);
	else if (pane == TOP_PAIRS)
		snprintf(name, sizeof(name), "%4u -> %u", row->sender, row->target);
	else
		snprintf(name, sizeof(name), "CPU %u",
			 pane == TOP_SENDERS ? row->sender : row->target);
	page__add(page, line, "%-*.*s", NAME_WIDTH, NAME_WIDTH, name);
	for (enum top_column column = TOP_SENDS; column < TOP_NR_COLUMNS; column++) {
		if (!top__has_column(pane, column))
			continue;
		format_cell(buf, row, column, view->shown->difference->time);
		page__add(page, line, " %s", buf);
	}
	if (!sends) {
		page__set_style(page, line, TEXT_FAINT);
		return;
	}
	text__percent(buf, 1, row->most_sends, sends);
	if (pane == TOP_PAIRS)
		page__add(page, line, "  %s %s%%", view->machine->vipi_name[row->most], buf);
	else
		page__add(page, line, "  CPU %u %s%%", row->most, buf);
}

static void draw_rows(struct page *page, const struct view_top *view)
{
	unsigned int room = view_top__rows(page);

	for (unsigned int i = 0; i < room && view->first_row + i < view->top->nr_rows; i++)
		draw_row(page, view, FIRST_ROW + i, &view->top->row[view->first_row + i]);
}

/* --- all of it --- */

static void draw_last_line(struct page *page, const struct view_top *view)
{
	unsigned int last = page->lines - 1, room = view_top__rows(page);

	if (view->question) {
		page__add(page, last, "%s: %s", view->question, view->answer);
		page->cursor = last;
	} else if (view->message) {
		page__set_style(page, last, TEXT_BAD);
		page__add_cut(page, last, view->message);
	} else if (view->help) {
		page__add(page, last, "any key: back");
	} else {
		page__add(page, last, "? help  q quit  < > sort  space pause");
		if (view->top->nr_rows > room)
			page__add(page, last, "  rows %u-%u of %u", view->first_row + 1,
				  view->first_row + room < view->top->nr_rows ?
				  view->first_row + room : view->top->nr_rows,
				  view->top->nr_rows);
	}
}

static void draw_help(struct page *page)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(help); i++) {
		/* The last line says how to leave. */
		if (i + 1 >= page->lines)
			return;
		page__add_cut(page, i, help[i]);
		if (*help[i] != ' ')
			page__set_style(page, i, TEXT_HEADING);
	}
}

void view_top__draw(struct page *page, const struct view_top *view)
{
	page__clear(page);
	if (page->lines < VIEW_TOP_LINES || page->columns < VIEW_TOP_COLUMNS) {
		page__add_cut(page, 0, "too small");
		page__add(page, 0, ": needs %u x %u", VIEW_TOP_COLUMNS, VIEW_TOP_LINES);
		return;
	}
	if (view->help) {
		draw_help(page);
	} else {
		draw_title(page, view);
		draw_totals(page, view);
		draw_stuck(page, view);
		draw_panes(page, view);
		draw_heading(page, view);
		draw_rows(page, view);
	}
	draw_last_line(page, view);
}
