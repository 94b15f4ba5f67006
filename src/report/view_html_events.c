// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is on the time line of the HTML page beside the rates, see view_html.h: which CPUs came
 * and went, what was stuck, what stormed. Finds nothing itself.
 */
#include <stdint.h>
#include <string.h>

#include "base/rate.h"
#include "report/view_html.h"

/* The end of what goes on. */
#define OPEN	UINT64_MAX

void view_html__event(struct view_html *html, const struct view_html_event *event)
{
	if (html->nr_events < VIEW_HTML_EVENTS)
		html->events[html->nr_events++] = *event;
	else
		html->events_left_out++;
}

void view_html__watch_online(struct view_html *html, const struct interval *interval)
{
	const struct snapshot *later = interval->later, *earlier = interval->earlier;

	for (unsigned int cpu = 0; cpu < html->nr_cpus; cpu++) {
		bool is_there = cpuset__has(&later->online, cpu);
		struct view_html_event event = {
			.from = earlier->time, .to = later->time,
			.kind = "hotplug", .cpu = cpu, .vipi = -1,
		};

		if (is_there == cpuset__has(&earlier->online, cpu))
			continue;
		snprintf(event.text, sizeof(event.text), "CPU %u went %sline", cpu,
			 is_there ? "on" : "off");
		view_html__event(html, &event);
	}
}

/* stuck_end - what was reported as stuck is so no longer */
static void stuck_end(struct view_html *html, const struct stuck_report *report, __u64 time)
{
	for (unsigned int i = html->nr_events; i-- > 0;) {
		struct view_html_event *event = &html->events[i];
		size_t length = strlen(event->text);

		if (event->to != OPEN || event->cpu != (int)report->cpu ||
		    event->vipi != (int)report->vipi)
			continue;
		event->to = time;
		snprintf(event->text + length, sizeof(event->text) - length,
			 ", %s after %.3f s or more",
			 report->event == STUCK_HANDLED ? "handled" : "its CPU went offline",
			 report->least / 1e9);
		return;
	}
}

void view_html__watch_stuck(struct view_html *html, const struct interval *interval)
{
	const struct stuck *stuck = interval->stuck;

	for (unsigned int i = 0; i < stuck->nr_reports; i++) {
		const struct stuck_report *report = &stuck->reports[i];
		struct view_html_event event = {
			.from = report->after.time, .to = OPEN,
			.kind = "stuck", .cpu = report->cpu, .vipi = report->vipi,
		};
		char senders[64];
		bool one = cpuset__count(&report->senders) == 1;

		if (report->event != STUCK_FOUND) {
			stuck_end(html, report, interval->look->time);
			continue;
		}
		cpuset__format(&report->senders, senders, sizeof(senders));
		snprintf(event.text, sizeof(event.text),
			 "CPU %u %s: pending, enabled and not handled; %s%s",
			 report->cpu, html->view.machine->vipi_name[report->vipi],
			 !*senders ? "the sender is not known" : one ? "set by CPU " :
			 "set by one of CPUs ", senders);
		view_html__event(html, &event);
	}
}

/* vipi_names - "RESCHEDULE, CALL_FUNC", or as many as there is room for, and how many there are */
static void vipi_names(char *buf, size_t size, const struct machine *machine, __u32 vipis)
{
	char rest[32];
	size_t length = 0, rest_length;

	buf[0] = '\0';
	rest_length = snprintf(rest, sizeof(rest), ", ... (%d vIPIs)",
			       __builtin_popcount(vipis));
	for (unsigned int vipi = 0; vipi < machine->nr_vipis; vipi++) {
		const char *name = machine->vipi_name[vipi];

		if (!(vipis >> vipi & 1))
			continue;
		/* Each but the last must leave room for what to say of the others. */
		if (length + strlen(", ") + strlen(name) +
		    (vipis >> vipi == 1 ? 0 : rest_length) >= size) {
			snprintf(buf + length, size - length, "%s", rest);
			return;
		}
		length += snprintf(buf + length, size - length, "%s%s", length ? ", " : "", name);
	}
}

/* cpus_text - "CPU 1", "CPUs 1,3", "CPUs 1,3,... (33 CPUs)"; of none: @none */
static void cpus_text(char *buf, size_t size, const struct cpuset *cpus, const char *none)
{
	unsigned int nr = cpuset__count(cpus);
	int length = snprintf(buf, size, "%s", !nr ? none : nr == 1 ? "CPU " : "CPUs ");

	if (nr)
		cpuset__format(cpus, buf + length, size - length);
}

static void storm_event(struct view_html *html, const struct storm *storm)
{
	struct view_html_event event = {
		.from = storm->start, .to = storm->end, .kind = "storm", .cpu = -1, .vipi = -1,
	};
	char targets[64], senders[64], names[96];

	cpus_text(senders, sizeof(senders), &storm->senders, "many CPUs");
	cpus_text(targets, sizeof(targets), &storm->targets,
		  "many CPUs, each of them below the limit,");
	vipi_names(names, sizeof(names), html->view.machine, storm->vipis);
	snprintf(event.text, sizeof(event.text),
		 "%s to %s from %s: %llu sends, %.1f %% coalesced, up to %.0f/s", names,
		 targets, senders, (unsigned long long)storm->sends,
		 percent(storm->coalesced, storm->sends),
		 rate(storm->highest, storm->highest_ns));
	view_html__event(html, &event);
}

void view_html__watch_storms(struct view_html *html, const struct interval *interval)
{
	const struct storms *storms = &interval->storms;

	for (unsigned int i = 0; i < storms->nr_storms; i++) {
		const struct storm *storm = &storms->storms[i];

		if (storm->state == STORM_ENDED || (interval->last && storm->state != STORM_FREE))
			storm_event(html, storm);
	}
}
