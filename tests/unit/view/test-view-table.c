// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table: that every cell is the number its heading says, and that rows add up to
 * the total. What is expected is counted by the scene, event by event, not taken from
 * the margins. How it looks is test-view-layout.c's, the audit below it
 * test-view-audit.c's.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "scene.h"

enum column { SENT, RAISED, COALESCED, MASKED, HANDLED, PROCESS, BATCH, EMPTY, UNMASK, KICK,
	      NR_COLUMNS };

static const char * const headings[NR_COLUMNS] = {
	"sent", "raised", "coal%", "masked", "handled", "process", "batch", "empty", "unmask",
	"kick",
};

/* Those that are a rate in an interval. */
static const bool is_rate[NR_COLUMNS] = {
	[SENT] = true, [RAISED] = true, [HANDLED] = true, [PROCESS] = true,
};

/*
 * cell - what stands in a row under a heading, without the space around it
 *
 * A cell ends where its heading does and begins where the one before it ended.
 */
static void cell(char buf[32], const struct scene *scene, const char *row, enum column column)
{
	const char *heading = scene__row(scene, "CPU");
	size_t start = strcspn(row, " "), end = strcspn(heading, " ");

	for (unsigned int i = 0; i <= column; i++) {
		if (i)
			start = end;
		end += strspn(heading + end, " ");
		end += strcspn(heading + end, " ");
	}
	assert_true(strlen(row) >= end);
	while (start < end && row[start] == ' ')
		start++;
	check(end - start < 32, "'%s' %d", row, column);
	memcpy(buf, row + start, end - start);
	buf[end - start] = '\0';
}

/* check_row - are the cells of the row @name what happened? @processes may be NULL. */
static void check_row(const struct scene *scene, const char *name, const struct margin *margin,
		      const struct processes *processes, bool rates)
{
	const char *row = scene__row(scene, name);
	const __u64 *sent = margin->sent.outcome;
	__u64 coalesced = sent[IPIMUX_COALESCED] + sent[IPIMUX_COALESCED_WHILE_MASKED];
	__u64 total = sent[IPIMUX_RAISED] + sent[IPIMUX_MASKED] + coalesced;
	__u64 values[NR_COLUMNS] = {
		[SENT] = total,
		[RAISED] = sent[IPIMUX_RAISED],
		[MASKED] = sent[IPIMUX_MASKED] + sent[IPIMUX_COALESCED_WHILE_MASKED],
		[HANDLED] = margin->handled,
		[UNMASK] = margin->unmasks,
		[KICK] = margin->kicks,
	};
	__u64 calls = 0;

	check(row, "no row %s", name);
	for (unsigned int batch = 0; processes && batch <= IPIMUX_MAX_VIPIS; batch++)
		calls += processes->batch[batch];
	values[PROCESS] = calls;
	values[EMPTY] = processes ? processes->batch[0] : 0;

	for (enum column column = 0; column < NR_COLUMNS; column++) {
		bool of_processes = column == PROCESS || column == BATCH || column == EMPTY;
		char is[32], expected[32] = "-";

		if (!processes && of_processes)
			*expected = '\0';
		else if (column == COALESCED && total)
			snprintf(expected, sizeof(expected), "%.1f", 100.0 * coalesced / total);
		else if (column == BATCH && calls != values[EMPTY])
			snprintf(expected, sizeof(expected), "%.2f",
				 (double)margin->handled / (calls - values[EMPTY]));
		else if (rates && is_rate[column])
			snprintf(expected, sizeof(expected), "%.1f",
				 values[column] * 1e9 / scene->difference.time);
		else if (column != COALESCED && column != BATCH)
			snprintf(expected, sizeof(expected), "%llu",
				 (unsigned long long)values[column]);
		cell(is, scene, row, column);
		check(!strcmp(is, expected), "%s of %s: '%s', not '%s'", headings[column], name,
		      is, expected);
	}
}

/* check_table - is every row there, and right, for CPUs 0..@nr_cpus-1 or those asked for? */
static void check_table(const struct scene *scene, unsigned int nr_cpus, bool rates)
{
	struct margin total = {}, of_vipi[IPIMUX_MAX_VIPIS] = {};
	struct processes processes = {};
	char name[16];

	for (unsigned int cpu = 0; cpu < nr_cpus; cpu++) {
		struct margin sum = scene__sum_of_cpu(scene, cpu);

		snprintf(name, sizeof(name), "%u", cpu);
		if (scene->only && !cpuset__has(scene->only, cpu)) {
			check(!scene__row(scene, name), "row of %s", name);
			continue;
		}
		check_row(scene, name, &sum, &scene->happened.processes[cpu], rates);
		margin__add(&total, &sum);
		processes__add(&processes, &scene->happened.processes[cpu]);
		for (unsigned int vipi = 0; vipi < scene->machine.nr_vipis; vipi++)
			margin__add(&of_vipi[vipi], &scene->happened.margin[cpu][vipi]);
	}
	check_row(scene, "total", &total, &processes, rates);
	for (unsigned int vipi = 0; vipi < scene->machine.nr_vipis; vipi++) {
		if (scene->view.per_vipi)
			check_row(scene, scene->machine.vipi_name[vipi], &of_vipi[vipi], NULL,
				  rates);
		else
			assert_null(scene__row(scene, scene->machine.vipi_name[vipi]));
	}
}

static void test_summary(void **state)
{
	uint64_t random = 14;

	for (int round = 0; round < 8; round++) {
		unsigned int nr_cpus = 1 + round % MAX_CPUS;
		struct scene scene;

		scene__set_up(&scene, nr_cpus, round % 2 ? 8 : 5, round / 2 % 2);
		scene.view.per_vipi = round / 4 % 2;
		/* Small enough that nothing is scaled. */
		scene__add_events(&scene, nr_cpus, 300, &random);
		scene__show(&scene, TABLE_SUMMARY, false);
		assert_string_equal(scene.lines[0], "summary of 2.000 s");
		check_table(&scene, nr_cpus, false);
		scene__tear_down(&scene);
	}
}

static void test_interval(void **state)
{
	static const __u64 times[] = { 1000000000, 2000000000, 250000000, 3000000001 };
	uint64_t random = 15;
	struct scene scene;

	setenv("TZ", "UTC0", 1);
	tzset();
	scene__set_up(&scene, 4, 8, false);
	scene.view.per_vipi = true;
	scene__add_events(&scene, 4, 100, &random);
	for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
		scene.difference.time = times[i];
		scene__show(&scene, TABLE_INTERVAL, false);
		check(!strncmp(scene.lines[0], "15:06:40 ", 9), "'%s'", scene.lines[0]);
		check_table(&scene, 4, true);
		/* An empty line, so that the next one stands apart. */
		assert_string_equal(scene.lines[scene.nr_lines - 1], "");
	}
	scene__tear_down(&scene);
}

/* The headings of both, in their order; with "/s" there where it is a rate. */
static void test_headings(void **state)
{
	struct scene scene;

	scene__set_up(&scene, 2, 5, false);
	for (int rates = 0; rates < 2; rates++) {
		const char *at;

		scene__show(&scene, rates ? TABLE_INTERVAL : TABLE_SUMMARY, false);
		at = scene__row(&scene, "CPU");
		assert_non_null(at);
		at += 3;
		for (enum column column = 0; column < NR_COLUMNS; column++) {
			char expected[16];

			snprintf(expected, sizeof(expected), "%s%s", headings[column],
				 rates && is_rate[column] ? "/s" : "");
			at += strspn(at, " ");
			check(strcspn(at, " ") == strlen(expected) &&
			      !strncmp(at, expected, strlen(expected)), "'%s', not '%s'", at,
			      expected);
			at += strlen(expected);
		}
		assert_string_equal(at, "");
	}
	scene__tear_down(&scene);
}

/* As a reader with a pencil: each column of the rows, added up, is that of the total. */
static void test_adds_up(void **state)
{
	uint64_t random = 16;
	struct scene scene;

	scene__set_up(&scene, 5, 8, false);
	scene.view.per_vipi = true;
	scene__add_events(&scene, 5, 300, &random);
	scene__show(&scene, TABLE_SUMMARY, false);
	for (enum column column = 0; column < NR_COLUMNS; column++) {
		unsigned long long of_cpus = 0, of_vipis = 0;
		char buf[32], name[16];

		if (column == COALESCED || column == BATCH)
			continue;
		for (unsigned int cpu = 0; cpu < 5; cpu++) {
			snprintf(name, sizeof(name), "%u", cpu);
			cell(buf, &scene, scene__row(&scene, name), column);
			of_cpus += strtoull(buf, NULL, 10);
		}
		for (unsigned int vipi = 0; vipi < 8; vipi++) {
			cell(buf, &scene, scene__row(&scene, scene.machine.vipi_name[vipi]),
			     column);
			of_vipis += strtoull(buf, NULL, 10);
		}
		cell(buf, &scene, scene__row(&scene, "total"), column);
		check(strtoull(buf, NULL, 10) == of_cpus, "%s: %llu, not %s", headings[column],
		      of_cpus, buf);
		/* A process belongs to no single vIPI. */
		if (column != PROCESS && column != EMPTY)
			check(of_vipis == of_cpus, "%s: %llu, not %llu", headings[column],
			      of_vipis, of_cpus);
		assert_true(of_cpus > 0);
	}
	scene__tear_down(&scene);
}

/* Nothing happened: a row of zeros for each CPU online, and no division by them. */
static void test_nothing(void **state)
{
	struct scene scene;

	scene__set_up(&scene, 3, 5, false);
	scene__show(&scene, TABLE_SUMMARY, false);
	check_table(&scene, 3, false);
	/* The tables have room for a fourth, which is none. */
	assert_null(scene__row(&scene, "3"));
	assert_non_null(scene__line(&scene, "audit: balanced"));
	scene__show(&scene, TABLE_INTERVAL, false);
	check_table(&scene, 3, true);
	scene__tear_down(&scene);
}

/* An interval in which no time passed has no rates; a count in their place is a lie. */
static void test_interval_without_time(void **state)
{
	struct scene scene;
	char buf[32];

	scene__set_up(&scene, 1, 5, false);
	scene.difference.time = 0;
	scene__send(&scene, 0, 0, 1, IPIMUX_RAISED, 77);
	scene__show(&scene, TABLE_INTERVAL, false);
	cell(buf, &scene, scene__row(&scene, "0"), SENT);
	assert_string_equal(buf, "-");
	scene__tear_down(&scene);
}

/* A CPU that is offline has a row if something happened to it, whatever that is. */
static void test_offline(void **state)
{
	for (int what = 0; what < 6; what++) {
		struct scene scene;

		scene__set_up(&scene, 4, 5, false);
		assert_int_equal(cpuset__parse(&scene.difference.online, "0-1,3"), 0);
		scene__send(&scene, 0, 1, 1, IPIMUX_RAISED, 5);
		scene__process(&scene, 1, 1 << 1, 5);
		switch (what) {
		case 1:
			scene__send(&scene, 0, 2, 4, IPIMUX_MASKED, 1);
			break;
		case 2:
			scene__send(&scene, 2, 0, 4, IPIMUX_COALESCED, 1);
			break;
		case 3:
			scene__process(&scene, 2, 0, 1);
			break;
		case 4:
			scene__unmask(&scene, 2, 3, IPIMUX_UNMASK_PLAIN, 1);
			break;
		case 5:
			scene__unmask(&scene, 2, 4, IPIMUX_UNMASK_KICK, 1);
		}
		scene__show(&scene, TABLE_SUMMARY, false);
		if (what) {
			check_table(&scene, 4, false);
		} else {
			assert_null(scene__row(&scene, "2"));
			assert_non_null(scene__row(&scene, "3"));
		}
		scene__tear_down(&scene);
	}
}

static void test_filter(void **state)
{
	static const char * const lists[] = { "2", "0,3", "1-2", "0-3", "1,3-7" };
	uint64_t random = 17;
	struct scene scene;

	scene__set_up(&scene, 4, 8, false);
	scene.view.per_vipi = true;
	scene.only = &scene.cpus;
	/* Asked for, it still has no row while it is offline and at rest. */
	scene__add_events(&scene, 3, 100, &random);
	assert_int_equal(cpuset__parse(&scene.difference.online, "0-2"), 0);
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		assert_int_equal(cpuset__parse(&scene.cpus, lists[i]), 0);
		scene__show(&scene, TABLE_SUMMARY, false);
		check_table(&scene, 3, false);
		assert_null(scene__row(&scene, "3"));
		scene__show(&scene, TABLE_INTERVAL, false);
		check_table(&scene, 3, true);
	}
	scene__tear_down(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_summary),
		cmocka_unit_test(test_interval),
		cmocka_unit_test(test_headings),
		cmocka_unit_test(test_adds_up),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_interval_without_time),
		cmocka_unit_test(test_offline),
		cmocka_unit_test(test_filter),
	};

	return UNIT_RUN("view-table", tests);
}
