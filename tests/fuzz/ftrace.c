// SPDX-License-Identifier: GPL-2.0-only
/*
 * For libFuzzer: whatever a text of ftrace holds, its events are such that the multiplexer can have
 * had them, and counting and judging them does no harm.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/tally.h"
#include "base/printable.h"
#include "events/ftrace.h"
#include "view/view_events.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_EVENTS	512
#define MAX_LINE	300

/* Tables grow with the square of these. */
#define MAX_CPUS	64

static void check(int good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

static void check_event(const struct ipimux_event *event, const struct ftrace *ftrace)
{
	check(event->kind < IPIMUX_NR_KINDS && event->vipi < ftrace->nr_vipis + 1, "a kind");
	check(event->cpu < ftrace->nr_cpus && event->target < FTRACE_MAX_CPUS, "a CPU");
	check(event->kind != IPIMUX_SEND || event->target < ftrace->nr_cpus, "a target");
	check(memchr(event->command, '\0', sizeof(event->command)) && is_printable(event->command),
	      "a command that cannot be shown");
	check(ftrace->nr_vipis <= IPIMUX_MAX_VIPIS, "vIPIs");
}

static int compare(const void *left, const void *right)
{
	const struct ipimux_event *a = left, *b = right;

	return a->time < b->time ? -1 : a->time > b->time;
}

/* What follows from them, and all that is said of it. */
static void judge(struct ipimux_event *events, size_t nr, const struct ftrace *ftrace)
{
	struct machine machine = { .nr_vipis = ftrace->nr_vipis };
	struct events_summary summary = {};
	struct events_view view = { .machine = &machine };
	struct tally tally;
	struct audit audit;
	FILE *out = fopen("/dev/null", "w");

	for (unsigned int cpu = 0; cpu < ftrace->nr_cpus; cpu++)
		cpuset__add(&machine.possible, cpu);
	machine__name_vipis(&machine);
	qsort(events, nr, sizeof(*events), compare);
	check(out && !tally__count(&tally, events, nr, ftrace, 0, &machine), "no memory");
	check(!audit__run(&audit, &tally.last, &tally.facts), "no memory");
	check(audit.verdict != AUDIT_BALANCED || tally.whole, "balanced, and not all is known");
	check(tally.nr_waits <= ftrace->nr_cpus * ftrace->nr_vipis, "more waits than bits");
	view.out = out;
	summary.tally = &tally;
	summary.audit = &audit;
	events_summary__print_audit(&summary, &view, out);
	fclose(out);
	audit__free(&audit);
	tally__free(&tally);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ipimux_event events[MAX_EVENTS];
	const char *text = (const char *)data, *end = text + size;
	struct ftrace ftrace = {};
	size_t nr = 0;

	while (text < end && nr < MAX_EVENTS) {
		const char *next = memchr(text, '\n', end - text);
		size_t length = (next ? next : end) - text;
		struct ipimux_event event;
		char line[MAX_LINE + 1];

		if (length > MAX_LINE)
			length = MAX_LINE;
		memcpy(line, text, length);
		line[length] = '\0';
		text = next ? next + 1 : end;
		switch (ftrace__line(&ftrace, line, &event)) {
		case FTRACE_EVENT:
			check_event(&event, &ftrace);
			events[nr++] = event;
			break;
		case FTRACE_UNREADABLE:
			check(ftrace.why && *ftrace.why, "no reason");
			break;
		case FTRACE_OTHER:
			break;
		}
	}
	if (nr && ftrace.nr_cpus <= MAX_CPUS)
		judge(events, nr, &ftrace);
	return 0;
}
