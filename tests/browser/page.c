// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes a page of a run that never was, and the summary of the same run as JSON Lines, for a
 * browser to be tested with: many CPUs, many intervals, names that would like to be markup.
 *
 *	page CPUS INTERVALS PAGE SUMMARY
 */
#include <stdlib.h>
#include <string.h>

#include "unit.h"
#include "report/view_html.h"
#include "view/renderer.h"

#define SECOND	1000000000ULL

/* busy - some of it moves with time, one CPU is flooded, and most pairs never talk */
static void busy(struct snapshot *snapshot, unsigned int nr_cpus, unsigned int interval,
		 uint64_t *random)
{
	unsigned int target = nr_cpus / 3;

	for (unsigned int i = 0; i < nr_cpus * 4; i++) {
		unsigned int sender = unit__below(random, nr_cpus);
		unsigned int vipi = unit__below(random, 8) ? unit__below(random, 2) : 4;
		__u64 raised = unit__below(random, 40) + unit__below(random, 1 + interval % 50);
		enum ipimux_outcome absorbed = IPIMUX_COALESCED;

		if (i % 4)
			target = (sender + 1 + unit__below(random, 4)) % nr_cpus;
		else
			raised *= 12;
		if (!unit__below(random, 200)) {
			unit__send(snapshot, sender, target, vipi, IPIMUX_MASKED, 1);
			unit__unmask(snapshot, target, vipi, IPIMUX_UNMASK_KICK, 1);
			unit__process(snapshot, target, 1U << vipi, 1);
			absorbed = IPIMUX_COALESCED_WHILE_MASKED;
		}
		unit__send(snapshot, sender, target, vipi, IPIMUX_RAISED, raised);
		unit__send(snapshot, sender, target, vipi, absorbed, raised * (sender % 5) / 3);
		unit__process(snapshot, target, 1U << vipi, raised);
	}
}

static void copy(struct snapshot *to, const struct snapshot *from)
{
	static const struct snapshot nothing;
	struct snapshot zero = nothing;

	/* A difference to nothing is a copy. */
	assert_int_equal(snapshot__init(&zero, &from->counters.shape, from->counters.by_set), 0);
	snapshot__subtract(to, from, &zero);
	to->online = from->online;
	snapshot__free(&zero);
}

static FILE *create(const char *name)
{
	FILE *file = fopen(name, "w");

	if (!file) {
		perror(name);
		exit(2);
	}
	return file;
}

static void write_run(struct view_html *html, const struct snapshot *later,
		      const struct snapshot *first, const char *page, const char *summary)
{
	struct audit_facts facts = { .online = later->online };
	struct interval run;
	struct audit audit;
	struct view view;
	FILE *out;

	assert_int_equal(interval__init(&run, &first->counters.shape, 8, INTERVAL_MARGINS,
					NULL), 0);
	assert_int_equal(snapshot__init(&run.own, &first->counters.shape, true), 0);
	interval__fill_whole(&run, later, first);
	assert_int_equal(audit__run(&audit, run.difference, &facts), 0);
	run.audit = &audit;

	out = create(page);
	html->source = "</script><script>alert(1)</script>.jsonl";
	assert_int_equal(view_html__write(html, out, &run), 0);
	assert_int_equal(fclose(out), 0);

	out = create(summary);
	view__init(&view, out, html->view.machine);
	view.zeros = true;
	assert_int_equal(stat_json.summary(&view, &run), 0);
	assert_int_equal(fclose(out), 0);
	audit__free(&audit);
	interval__free(&run);
}

int main(int argc, char **argv)
{
	unsigned int nr_cpus = argc == 5 ? atoi(argv[1]) : 0;
	unsigned int intervals = argc == 5 ? atoi(argv[2]) : 0;
	struct snapshot first, earlier, later;
	struct interval shown;
	struct machine machine;
	struct view_html html = { .view.machine = &machine };
	struct view_html_event stuck = { .kind = "stuck", .vipi = 7 };
	struct view_html_event storm = {
		.kind = "storm", .cpu = 1, .vipi = 0,
		.text = "CPU 1 RESCHEDULE: 20000/s, sent by \"</script><b>a command</b>\"",
	};
	uint64_t random = 1;

	if (!nr_cpus || !intervals) {
		fprintf(stderr, "usage: page CPUS INTERVALS PAGE SUMMARY\n");
		return 2;
	}
	unit__machine(&machine, nr_cpus, 8);
	strcpy(machine.vipi_name[7], "<img src=x onerror=alert(2)>");
	unit__snapshot(&first, nr_cpus, 8, false);
	unit__snapshot(&earlier, nr_cpus, 8, false);
	unit__snapshot(&later, nr_cpus, 8, false);
	first.time = earlier.time = later.time = 100 * SECOND;
	first.wall_time = earlier.wall_time = later.wall_time = 1750000000 * SECOND;
	assert_int_equal(view_html__init(&html, &first), 0);
	assert_int_equal(interval__init(&shown, &first.counters.shape, 8, INTERVAL_MARGINS,
					NULL), 0);
	assert_int_equal(snapshot__init(&shown.own, &first.counters.shape, true), 0);

	for (unsigned int interval = 0; interval < intervals; interval++) {
		copy(&earlier, &later);
		busy(&later, nr_cpus, interval, &random);
		later.time += SECOND + interval % 7 * 1000;
		later.wall_time += SECOND + interval % 7 * 1000;
		interval__fill(&shown, &later, &earlier);
		assert_int_equal(view_html__interval(&html, &shown), 0);
		view_html__watch_online(&html, &shown);
	}
	storm.from = first.time + (later.time - first.time) / 4;
	storm.to = first.time + (later.time - first.time) / 3;
	view_html__event(&html, &storm);
	stuck.from = first.time + (later.time - first.time) / 2;
	stuck.to = stuck.from + 5 * SECOND;
	stuck.cpu = nr_cpus - 1;
	snprintf(stuck.text, sizeof(stuck.text),
		 "CPU %d %s: raised, and not handled for 5 s or more", stuck.cpu,
		 machine.vipi_name[7]);
	view_html__event(&html, &stuck);
	write_run(&html, &later, &first, argv[3], argv[4]);

	view_html__free(&html);
	snapshot__free(&first);
	snapshot__free(&earlier);
	snapshot__free(&later);
	interval__free(&shown);
	return 0;
}
