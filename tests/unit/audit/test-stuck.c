// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is stuck: that a bit which stays pending for too long is found, whatever the length
 * of the intervals, with who set it and since when; that it is reported once, and once more
 * when it is handled; and that nothing else is.
 */
#include <stdlib.h>
#include <string.h>

#include "audit/stuck.h"
#include "unit.h"
#include "view/renderer.h"

#define NR_CPUS		4
#define NR_VIPIS	8
#define CPU		2
#define VIPI		5
#define SECOND		1000000000ULL

/* What happens in an interval, by a letter each. */
static void happen(struct snapshot *now, const char *events)
{
	for (; *events; events++) {
		switch (*events) {
		case 'r':
			unit__send(now, 0, CPU, VIPI, IPIMUX_RAISED, 1);
			break;
		case 'c':
			unit__send(now, 1, CPU, VIPI, IPIMUX_COALESCED, 1);
			break;
		case 'm':
			unit__send(now, 1, CPU, VIPI, IPIMUX_MASKED, 1);
			break;
		case 'M':
			unit__send(now, 1, CPU, VIPI, IPIMUX_COALESCED_WHILE_MASKED, 1);
			break;
		case 'u':
			unit__unmask(now, CPU, VIPI, IPIMUX_UNMASK_PLAIN, 1);
			break;
		case 'k':
			unit__unmask(now, CPU, VIPI, IPIMUX_UNMASK_KICK, 1);
			break;
		case 'h':
			unit__process(now, CPU, 1 << VIPI, 1);
			break;
		case 'o':
			unit__process(now, CPU, 1 << 1, 1);
			break;
		case '-':
			memset(&now->online, 0, sizeof(now->online));
			break;
		case '+':
			for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
				cpuset__add(&now->online, cpu);
			break;
		}
	}
}

/* copy - a snapshot is never changed once it is taken */
static void copy(struct snapshot *to, const struct snapshot *from)
{
	const struct ipimux_shape *shape = &from->counters.shape;

	to->time = from->time;
	to->wall_time = from->wall_time;
	to->online = from->online;
	memcpy(to->counters.traffic, from->counters.traffic,
	       ((size_t)shape->traffic_mask + 1) * sizeof(__u64));
	memcpy(to->counters.processed, from->counters.processed,
	       ((size_t)shape->processed_mask + 1) * sizeof(__u64));
	memcpy(to->counters.unmasked, from->counters.unmasked,
	       ((size_t)shape->unmasked_mask + 1) * sizeof(__u64));
}

static void test_watch(void **state)
{
	static const struct {
		const char *what;
		__u64 interval;
		const char *events[12];
		bool found;
	} cases[] = {
		{ "nothing", SECOND, { "", "", "", "", "", "", "", "" }, false },
		{ "raised and handled", SECOND, { "rh", "rh", "rh", "rh", "rh", "rh" }, false },
		/* Pending at each end, but another one each time. */
		{ "never the same", SECOND, { "r", "hr", "hr", "hr", "hr", "hr", "hr" }, false },
		{ "5 s", SECOND, { "r", "", "", "", "", "" }, true },
		{ "4 s", SECOND, { "r", "", "", "", "", "h" }, false },
		{ "twice 4 s", SECOND, { "r", "", "", "", "", "hr", "", "", "", "", "h" }, false },
		{ "it came to its end", SECOND, { "r", "", "", "", "", "", "h", "rh" }, true },
		{ "with sends on top, and others handled", SECOND,
		  { "r", "c", "co", "c", "cco", "c" }, true },
		{ "long intervals", 10 * SECOND, { "r", "" }, true },
		{ "long, but it was handled", 10 * SECOND, { "r", "hr", "h" }, false },
		{ "short intervals", SECOND / 2,
		  { "r", "", "", "", "", "", "", "", "", "", "" }, true },
		{ "short intervals, 4.5 s", SECOND / 2,
		  { "r", "", "", "", "", "", "", "", "", "", "h" }, false },
		{ "masked", SECOND, { "m", "", "", "", "", "", "" }, false },
		{ "masked, then kicked", SECOND, { "mk", "", "", "", "", "" }, true },
		{ "kicked late", SECOND, { "m", "", "", "", "", "k", "", "h" }, false },
		{ "masked again", SECOND, { "mkh", "m", "", "", "", "", "" }, false },
		{ "offline", SECOND, { "r-", "", "", "", "", "", "" }, false },
		{ "offline for a moment", SECOND, { "r", "", "-", "+", "", "", "", "h" }, false },
		{ "since it is back", SECOND, { "r", "", "-", "+", "", "", "", "", "" }, true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct snapshot now, earlier;
		struct stuck stuck;

		unit__snapshot(&now, NR_CPUS, NR_VIPIS, i % 2);
		unit__snapshot(&earlier, NR_CPUS, NR_VIPIS, i % 2);
		assert_int_equal(stuck__init(&stuck, &now.counters.shape, 0), 0);
		now.time = 1000 * SECOND;
		copy(&earlier, &now);
		for (size_t n = 0; n < ARRAY_SIZE(cases[i].events) && cases[i].events[n]; n++) {
			happen(&now, cases[i].events[n]);
			now.time += cases[i].interval;
			stuck__watch(&stuck, &now, &earlier);
			copy(&earlier, &now);
		}
		for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
			check(stuck.found[cpu] == (cases[i].found && cpu == CPU ? 1U << VIPI : 0),
			      "%s: CPU %u has 0x%x", cases[i].what, cpu, stuck.found[cpu]);
		stuck__free(&stuck);
		snapshot__free(&now);
		snapshot__free(&earlier);
	}
}

/* What is reported, interval by interval, with a threshold of a second. */
static void test_reports(void **state)
{
	static const struct {
		const char *what;
		__u64 interval;		/* ms */
		/* Events of each interval; "|" alone: a stall. */
		const char *events[24];
		/* F found, H handled, O offline; by the number of the interval, from 1 */
		const char *reports;
	} cases[] = {
		{ "found once", 250, { "r", "", "", "", "", "", "", "" }, "5F" },
		{ "one short", 250, { "r", "", "", "", "h", "" }, "" },
		{ "handled at last", 250, { "r", "", "", "", "", "", "", "h", "" }, "5F 8H" },
		{ "handled and set again", 250,
		  { "r", "", "", "", "", "hr", "", "", "", "h" }, "5F 6H" },
		{ "and stuck again", 250,
		  { "r", "", "", "", "", "hr", "", "", "", "", "h" }, "5F 6H 10F 11H" },
		{ "handled when it is due", 250, { "r", "", "", "", "hr", "h" }, "" },
		{ "its CPU goes", 250, { "r", "", "", "", "", "-", "", "+h", "" }, "5F 6O" },
		{ "its CPU went before", 250, { "r", "", "-", "", "", "", "", "+kh", "" }, "" },
		/* Down and up between two snapshots: enabled only since. */
		{ "unmasked again", 250, { "r", "", "", "u", "", "", "", "h" }, "" },
		{ "unmasked, then stuck", 250, { "r", "", "", "u", "", "", "", "", "" }, "8F" },
		{ "masked", 250, { "m", "M", "M", "", "", "", "", "", "" }, "" },
		{ "kicked", 250, { "m", "M", "M", "k", "", "", "", "", "" }, "8F" },
		/* Kicks of before say nothing of what is masked now. */
		{ "kicked often, then masked", 250,
		  { "rkh", "rkh", "rkh", "m", "", "", "", "", "", "" }, "" },
		{ "masked once, and handled", 250, { "mh", "r", "", "", "", "" }, "6F" },
		{ "a stall", 250, { "r", "", "", "|", "", "", "", "h" }, "" },
		{ "a stall, then stuck", 250, { "r", "", "", "|", "", "", "", "" }, "8F" },
		{ "seconds", 1000, { "r", "", "h" }, "2F 3H" },
		/* A send that is counted late: its handling is seen before. */
		{ "counted late", 250, { "h", "r", "", "", "", "", "", "" }, "" },
		/* Each takes a bit from the balance for good, and is learnt of. */
		{ "unseen, then stuck", 250, { "h", "", "", "", "", "", "", "", "",
		  "r", "", "", "", "" }, "14F" },
		{ "many unseen, and busy", 250, { "hhh", "r", "h", "r", "h", "r", "h", "r", "h",
		  "r", "h", "r", "", "", "", "" }, "16F" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct snapshot now, earlier;
		struct stuck stuck;
		char reports[128] = "";

		unit__snapshot(&now, NR_CPUS, NR_VIPIS, i % 2);
		unit__snapshot(&earlier, NR_CPUS, NR_VIPIS, i % 2);
		assert_int_equal(stuck__init(&stuck, &now.counters.shape, 0), 0);
		now.time = 1000 * SECOND;
		copy(&earlier, &now);
		for (size_t n = 0; n < ARRAY_SIZE(cases[i].events) && cases[i].events[n]; n++) {
			happen(&now, cases[i].events[n]);
			now.time += cases[i].interval * 1000000;
			now.late = *cases[i].events[n] == '|' ? 2 * SECOND : 0;
			stuck__watch(&stuck, &now, &earlier);
			copy(&earlier, &now);
			for (unsigned int r = 0; r < stuck.nr_reports; r++) {
				size_t length = strlen(reports);

				assert_int_equal(stuck.reports[r].cpu, CPU);
				assert_int_equal(stuck.reports[r].vipi, VIPI);
				snprintf(reports + length, sizeof(reports) - length, "%s%zu%c",
					 length ? " " : "", n + 1, "FHO"[stuck.reports[r].event]);
			}
		}
		check(!strcmp(reports, cases[i].reports), "%s: '%s', not '%s'", cases[i].what,
		      reports, cases[i].reports);
		stuck__free(&stuck);
		snapshot__free(&now);
		snapshot__free(&earlier);
	}
}

/* Since when, by whom, and how much it absorbed. */
static void test_report(void **state)
{
	static const __u64 start = 1000 * SECOND, wall = 5000 * SECOND;
	/* Sends of another vIPI, and to another CPU, are nobody's. */
	static const char *const events[] = { "", "crc", "", "cc", "", "", "u", "chc" };
	struct snapshot now, earlier;
	const struct stuck_report *report;
	struct stuck stuck;

	unit__snapshot(&now, NR_CPUS, NR_VIPIS, false);
	unit__snapshot(&earlier, NR_CPUS, NR_VIPIS, false);
	assert_int_equal(stuck__init(&stuck, &now.counters.shape, 0), 0);
	report = stuck.reports;
	now.time = start;
	now.wall_time = wall;
	copy(&earlier, &now);
	for (size_t n = 0; n < ARRAY_SIZE(events); n++) {
		happen(&now, events[n]);
		if (n == 1) {
			unit__send(&now, 3, CPU, VIPI, IPIMUX_MASKED, 1);
			unit__process(&now, CPU, 1 << VIPI, 1);
			unit__send(&now, 2, CPU, VIPI + 1, IPIMUX_RAISED, 1);
			unit__process(&now, CPU, 1 << (VIPI + 1), 1);
			unit__send(&now, 2, CPU - 1, VIPI, IPIMUX_RAISED, 1);
			unit__process(&now, CPU - 1, 1 << VIPI, 1);
			unit__unmask(&now, CPU, VIPI, IPIMUX_UNMASK_KICK, 1);
		}
		now.time += SECOND / 4;
		now.wall_time += SECOND / 4;
		stuck__watch(&stuck, &now, &earlier);
		copy(&earlier, &now);
		if (n == 5) {
			assert_int_equal(stuck.nr_reports, 1);
			assert_int_equal(report->event, STUCK_FOUND);
			assert_int_equal(report->least, SECOND);
			assert_int_equal(report->most, SECOND + SECOND / 4);
			assert_int_equal(report->coalesced_least, 2);
			assert_int_equal(report->coalesced_most, 4);
			assert_int_equal(stuck.nr_found, 1);
			assert_int_equal(stuck.nr_ended, 0);
		} else if (n == 7) {
			assert_int_equal(stuck.nr_reports, 1);
			assert_int_equal(report->event, STUCK_HANDLED);
			/* It was handled between two snapshots. */
			assert_int_equal(report->least, SECOND + SECOND / 4);
			assert_int_equal(report->most, SECOND + 3 * (SECOND / 4));
			assert_int_equal(report->coalesced_least, 2);
			assert_int_equal(report->coalesced_most, 6);
			assert_int_equal(stuck.nr_ended, 1);
		} else {
			assert_int_equal(stuck.nr_reports, 0);
			continue;
		}
		assert_int_equal(report->after.time, start + SECOND / 4);
		assert_int_equal(report->after.wall_time, wall + SECOND / 4);
		assert_int_equal(report->by.time, start + SECOND / 2);
		assert_int_equal(report->by.wall_time, wall + SECOND / 2);
		assert_true(report->kicked);
		/* The one that was handled, or the one that was not: who knows. */
		assert_int_equal(cpuset__count(&report->senders), 2);
		assert_true(cpuset__has(&report->senders, 0));
		assert_true(cpuset__has(&report->senders, 3));
	}
	stuck__free(&stuck);
	snapshot__free(&now);
	snapshot__free(&earlier);
}

/* Pending at the first snapshot already: since when is not known, who sent it is. */
static void test_before_the_start(void **state)
{
	struct snapshot now, earlier;
	struct cpuset only = {};
	struct stuck stuck;

	unit__snapshot(&now, NR_CPUS, NR_VIPIS, false);
	unit__snapshot(&earlier, NR_CPUS, NR_VIPIS, false);
	assert_int_equal(stuck__init(&stuck, &now.counters.shape, 2 * SECOND), 0);
	/* Of another CPU nothing is said, though it is the same there. */
	cpuset__add(&only, CPU);
	stuck.cpus = &only;
	unit__send(&now, 0, CPU + 1, VIPI, IPIMUX_RAISED, 1);
	now.time = 1000 * SECOND;
	happen(&now, "r");
	copy(&earlier, &now);
	for (int i = 0; i < 3; i++) {
		now.time += SECOND;
		stuck__watch(&stuck, &now, &earlier);
		copy(&earlier, &now);
		assert_int_equal(stuck.nr_reports, i == 1);
		if (!stuck.nr_reports)
			continue;
		assert_int_equal(stuck.reports[0].after.time, 0);
		assert_int_equal(stuck.reports[0].by.time, 1000 * SECOND);
		assert_int_equal(stuck.reports[0].least, 2 * SECOND);
		assert_int_equal(stuck.reports[0].most, 0);
		assert_int_equal(cpuset__count(&stuck.reports[0].senders), 1);
		assert_true(cpuset__has(&stuck.reports[0].senders, 0));
	}
	stuck__free(&stuck);
	snapshot__free(&now);
	snapshot__free(&earlier);
}

/*
 * A mux that is right, whose events are counted a moment late now and then, on a machine
 * whose CPUs go and come and send unseen: never a report, however long it runs.
 */
static void test_healthy(void **state)
{
	uint64_t random = 12;

	for (int round = 0; round < 20; round++) {
		struct snapshot now, earlier;
		bool pending = false, late = false;
		struct stuck stuck;

		unit__snapshot(&now, NR_CPUS, NR_VIPIS, round % 2);
		unit__snapshot(&earlier, NR_CPUS, NR_VIPIS, round % 2);
		assert_int_equal(stuck__init(&stuck, &now.counters.shape, 0), 0);
		now.time = 1000 * SECOND;
		copy(&earlier, &now);
		for (int n = 0; n < 2000; n++) {
			if (late)
				happen(&now, "r");
			late = false;
			if (pending)
				happen(&now, "h");
			pending = false;
			for (unsigned int burst = unit__below(&random, 4); burst; burst--)
				happen(&now, "rch");
			if (!unit__below(&random, 200))
				happen(&now, "h");
			if (!unit__below(&random, 100))
				happen(&now, "-");
			else if (!cpuset__has(&now.online, CPU) && !unit__below(&random, 4))
				happen(&now, "+u");
			/* At the snapshot: pending, handled before its send is counted, quiet. */
			if (!unit__below(&random, 3)) {
				happen(&now, "r");
				pending = true;
			} else if (!unit__below(&random, 50)) {
				happen(&now, "h");
				late = true;
			}
			now.time += SECOND / 4;
			stuck__watch(&stuck, &now, &earlier);
			check(!stuck.nr_reports, "round %d, interval %d", round, n);
			copy(&earlier, &now);
		}
		assert_int_equal(stuck.nr_found, 0);
		stuck__free(&stuck);
		snapshot__free(&now);
		snapshot__free(&earlier);
	}
}

/* say - what the view makes of a report */
static char *say(const struct stuck_report *report, bool json)
{
	struct stuck_report reports[] = { *report };
	struct stuck stuck = { .reports = reports, .nr_reports = 1 };
	struct machine machine;
	struct snapshot later;
	struct interval interval = {};
	struct view view;
	size_t size;
	char *text;
	FILE *out = open_memstream(&text, &size);

	unit__machine(&machine, NR_CPUS, NR_VIPIS);
	unit__snapshot(&later, NR_CPUS, NR_VIPIS, false);
	later.wall_time = 5000 * SECOND;
	view__init(&view, out, &machine);
	interval.stuck = &stuck;
	interval.look = &later;
	assert_int_equal((json ? &stuck_json : &stuck_text)->report(&view, &interval), 0);
	snapshot__free(&later);
	fclose(out);
	return text;
}

static void check_says(const struct stuck_report *report, bool json, const char *part)
{
	char *text = say(report, json);

	check(strstr(text, part), "no '%s' in: %s", part, text);
	free(text);
}

static void test_words(void **state)
{
	struct stuck_report report = {
		.event = STUCK_FOUND, .cpu = CPU, .vipi = VIPI,
		.after = { SECOND, 4998 * SECOND + SECOND / 2 },
		.by = { 2 * SECOND, 4999 * SECOND },
		.least = SECOND, .most = SECOND + SECOND / 2,
		.coalesced_least = 1, .coalesced_most = 1,
	};

	check_says(&report, false, "stuck: CPU 2 TIMER has been pending, enabled and not handled "
		   "for 1.00 to 1.50 s\n");
	check_says(&report, false, ", the sender is not known; 1 send coalesced on it since\n");
	cpuset__add(&report.senders, 3);
	check_says(&report, false, ":18.500 and ");
	check_says(&report, false, ":19.000 by CPU 3; 1 send coalesced");
	check_says(&report, true, "\"event\":\"found\",\"cpu\":2,\"vipi\":\"TIMER\","
		   "\"after\":4998.5,\"by\":4999.0,\"pending\":[1.0,1.5],\"senders\":[3],"
		   "\"kicked\":false,\"coalesced\":[1,1]}\n");
	cpuset__add(&report.senders, 0);
	report.coalesced_most = 7;
	report.kicked = true;
	check_says(&report, false, " by one of CPUs 0,3, kicked by an unmask; "
		   "1 to 7 sends coalesced on it since\n");
	report.after = (struct stuck_time){};
	report.most = 0;
	check_says(&report, false, "not handled for 1.00 s or more\n");
	check_says(&report, false, " set before the start, seen at ");
	check_says(&report, true, "\"after\":null,\"by\":4999.0,\"pending\":[1.0,null]");
	report.event = STUCK_HANDLED;
	check_says(&report, false, "CPU 2 TIMER was handled at last, after 1.00 s or more\n");
	check_says(&report, true, "\"event\":\"handled\"");
	report.event = STUCK_OFFLINE;
	check_says(&report, false, "CPU 2 TIMER: the CPU went offline with it, after 1.00 s");
	check_says(&report, true, "\"event\":\"offline\"");
}

static void test_free_twice(void **state)
{
	struct snapshot now;
	struct stuck stuck;

	unit__snapshot(&now, 1, 1, false);
	assert_int_equal(stuck__init(&stuck, &now.counters.shape, 0), 0);
	stuck__free(&stuck);
	assert_null(stuck.cells);
	stuck__free(&stuck);
	snapshot__free(&now);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_watch),
		cmocka_unit_test(test_reports),
		cmocka_unit_test(test_report),
		cmocka_unit_test(test_before_the_start),
		cmocka_unit_test(test_healthy),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_free_twice),
	};

	return UNIT_RUN("stuck", tests);
}
