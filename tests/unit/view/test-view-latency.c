// SPDX-License-Identifier: GPL-2.0-only
/*
 * The view of how long vIPIs waited: that its figures are those of the waits, that what it
 * adds up adds up, and that it keeps to its width. What figures there are: test-latency.c.
 */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "counters/latency.h"
#include "print/text.h"
#include "unit.h"
#include "view/renderer.h"

#define NR_CPUS		4
#define NR_VIPIS	8

struct scene {
	struct machine machine;
	struct snapshot difference;
	struct view view;
	char *text;
};

static void set_up(struct scene *scene)
{
	memset(scene, 0, sizeof(*scene));
	unit__machine(&scene->machine, NR_CPUS, NR_VIPIS);
	unit__snapshot(&scene->difference, NR_CPUS, NR_VIPIS, false);
	scene->difference.time = 2000000000;
	assert_int_equal(snapshot__add(&scene->difference, COUNTERS_WAITS), 0);
}

static void tear_down(struct scene *scene)
{
	snapshot__free(&scene->difference);
	free(scene->text);
}

static void wait_for(struct scene *scene, unsigned int cpu, unsigned int vipi,
		     enum ipimux_wait_kind kind, __u64 ns, __u64 number)
{
	struct counters *counters = &scene->difference.counters;
	__u64 cell = ipimux_waits_index(&counters->shape, cpu, vipi);

	if (kind == IPIMUX_WAIT_MASKED)
		counters->waits[cell].masked[ipimux_bucket(ns)] += number;
	else
		counters->waits[cell].raised[ipimux_bucket(ns)] += number;
	unit__send(&scene->difference, 0, cpu, vipi,
		   kind == IPIMUX_WAIT_MASKED ? IPIMUX_MASKED : IPIMUX_RAISED, number);
	unit__process(&scene->difference, cpu, 1U << vipi, number);
}

static void show(struct scene *scene, const struct renderer *renderer, bool summary)
{
	struct interval interval;
	struct audit audit = {};
	size_t size;
	FILE *out;

	free(scene->text);
	out = open_memstream(&scene->text, &size);
	view__init(&scene->view, out, &scene->machine);
	unit__interval(&interval, &scene->difference, NULL);
	interval.audit = &audit;
	if (summary)
		assert_int_equal(renderer->summary(&scene->view, &interval), 0);
	else
		assert_int_equal(renderer->interval(&scene->view, &interval), 0);
	interval__free(&interval);
	fclose(out);
}

/* row - the line that starts with @start, up to its end */
static const char *row(const struct scene *scene, const char *start)
{
	static char line[256];

	for (const char *at = scene->text; *at; at += strcspn(at, "\n") + 1) {
		if (strncmp(at, start, strlen(start)))
			continue;
		snprintf(line, sizeof(line), "%.*s", (int)strcspn(at, "\n"), at);
		return line;
	}
	fail_msg("no line starts with '%s' in:\n%s", start, scene->text);
	return NULL;
}

static void check_width(const struct scene *scene, size_t width)
{
	for (const char *at = scene->text; *at; at += strcspn(at, "\n") + 1)
		check(strcspn(at, "\n") <= width, "%.*s", (int)strcspn(at, "\n"), at);
}

static void test_rows(void **state)
{
	struct scene scene;

	set_up(&scene);
	wait_for(&scene, 1, 0, IPIMUX_WAIT_RAISED, 4000, 90);
	wait_for(&scene, 2, 0, IPIMUX_WAIT_RAISED, 2000000, 10);
	wait_for(&scene, 1, 4, IPIMUX_WAIT_MASKED, 3000000000, 1);
	scene.difference.counters.waits[ipimux_waits_index(&scene.difference.counters.shape,
							   1, 0)].untimed = 7;
	show(&scene, &latency_text, false);

	assert_string_equal(row(&scene, "RESCHEDULE"),
			    "RESCHEDULE     raised        100    3.97us    3.97us    2.03ms"
			    "    2.10ms         7");
	assert_string_equal(row(&scene, "CALL_FUNC"),
			    "CALL_FUNC      raised          0         -         -         -"
			    "         -         0");
	assert_string_equal(row(&scene, "CPU 1 "),
			    "CPU 1          raised         90    3.97us    3.97us    3.97us"
			    "    4.10us         7");
	assert_non_null(strstr(scene.text, "\n               masked          1     3.09s     3.09s"
			       "     3.09s     3.22s\n"));
	assert_non_null(strstr(row(&scene, "total"), "raised        100"));
	check_width(&scene, 100);

	tear_down(&scene);
}

/* The mean is exact, and a column of its own where it is known how long waits took together. */
static void test_mean(void **state)
{
	struct counters *counters;
	struct scene scene;
	json_t *object, *waits;

	set_up(&scene);
	counters = &scene.difference.counters;
	wait_for(&scene, 1, 0, IPIMUX_WAIT_RAISED, 4000, 90);
	wait_for(&scene, 2, 0, IPIMUX_WAIT_RAISED, 2000000, 10);
	wait_for(&scene, 1, 4, IPIMUX_WAIT_MASKED, 3000000000, 1);
	show(&scene, &latency_text, false);
	assert_null(strstr(scene.text, "mean"));
	show(&scene, &latency_json, false);
	assert_null(strstr(scene.text, "sum_ns"));

	assert_int_equal(snapshot__add(&scene.difference, COUNTERS_WAITED), 0);
	counters->waited[ipimux_waited_index(&counters->shape, 1, 0, IPIMUX_WAIT_RAISED)] =
		90 * 4000;
	counters->waited[ipimux_waited_index(&counters->shape, 2, 0, IPIMUX_WAIT_RAISED)] =
		10 * 2000000;
	counters->waited[ipimux_waited_index(&counters->shape, 1, 4, IPIMUX_WAIT_MASKED)] =
		3000000000;
	show(&scene, &latency_text, false);
	assert_non_null(strstr(scene.text, " waited      timed      mean       p50       p90"));
	assert_string_equal(row(&scene, "RESCHEDULE"),
			    "RESCHEDULE     raised        100     204us    3.97us    3.97us"
			    "    2.03ms    2.10ms         0");
	assert_string_equal(row(&scene, "CALL_FUNC"),
			    "CALL_FUNC      raised          0         -         -         -"
			    "         -         -         0");
	assert_non_null(strstr(row(&scene, "CPU 1 "), "raised         90    4.00us    3.97us"));
	assert_non_null(strstr(scene.text,
			       "\n               masked          1     3.00s     3.09s"));
	check_width(&scene, 100);

	show(&scene, &latency_json, false);
	object = json_loads(scene.text, 0, NULL);
	assert_non_null(object);
	waits = json_object_get(json_object_get(json_object_get(json_object_get(
		json_object_get(object, "cpus"), "1"), "vipis"), "RESCHEDULE"), "waits");
	assert_int_equal(json_integer_value(json_object_get(
		json_object_get(waits, "raised"), "sum_ns")), 90 * 4000);
	json_decref(object);
	tear_down(&scene);
}

static void test_bars(void **state)
{
	struct scene scene;

	set_up(&scene);
	wait_for(&scene, 1, 0, IPIMUX_WAIT_RAISED, 300, 1);
	wait_for(&scene, 1, 0, IPIMUX_WAIT_RAISED, 1100, 1000000);
	wait_for(&scene, 2, 6, IPIMUX_WAIT_MASKED, 1ULL << 40, 3);
	show(&scene, &latency_text, true);

	/* From the first with any to the last; the longest bar is 50 wide, the least shows. */
	assert_non_null(strstr(scene.text,
		"RESCHEDULE, raised\n"
		"     256ns to    512ns         1 |#\n"
		"     512ns to   1.02us         0 |\n"
		"    1.02us to   2.05us   1000000 |##################################################\n"
		"\n"));
	assert_non_null(strstr(scene.text,
		"CPU_BACKTRACE, masked\n"
		"      137s to     ever         3 |##################################################\n"
		"\n"));
	assert_null(strstr(scene.text, "CALL_FUNC, "));
	assert_non_null(strstr(scene.text, ">137s"));
	assert_non_null(strstr(scene.text, "audit: balanced"));
	check_width(&scene, 100);
	tear_down(&scene);
}

static void test_columns_of_stat(void **state)
{
	struct scene scene;
	const char *line;

	set_up(&scene);
	wait_for(&scene, 3, 2, IPIMUX_WAIT_RAISED, 50000, 40);
	wait_for(&scene, 3, 2, IPIMUX_WAIT_MASKED, 1, 1);
	show(&scene, &stat_text, false);
	line = row(&scene, "3 ");
	assert_string_equal(line + strlen(line) - 24, "  51.2us  51.2us  53.2us");
	line = row(&scene, "total ");
	assert_string_equal(line + strlen(line) - 24, "  51.2us  51.2us  53.2us");
	line = row(&scene, "0 ");
	assert_string_equal(line + strlen(line) - 24, "       -       -       -");
	line = row(&scene, "CPU ");
	assert_string_equal(line + strlen(line) - 24, "     p50     p99   max <");
	check_width(&scene, 124);
	tear_down(&scene);
}

static void test_json(void **state)
{
	struct scene scene;
	json_t *object, *waits;

	set_up(&scene);
	wait_for(&scene, 1, 0, IPIMUX_WAIT_RAISED, 4000, 90);
	wait_for(&scene, 1, 0, IPIMUX_WAIT_RAISED, 5000, 10);
	wait_for(&scene, 1, 0, IPIMUX_WAIT_MASKED, 1ULL << 40, 2);
	show(&scene, &stat_json, false);
	object = json_loads(scene.text, 0, NULL);
	assert_non_null(object);
	waits = json_object_get(json_object_get(json_object_get(json_object_get(
		json_object_get(object, "cpus"), "1"), "vipis"), "RESCHEDULE"), "waits");
	assert_int_equal(json_integer_value(json_object_get(waits, "untimed")), 0);
	assert_int_equal(json_integer_value(json_object_get(json_object_get(
		json_object_get(waits, "raised"), "buckets"), "3840")), 90);
	assert_int_equal(json_integer_value(json_object_get(json_object_get(
		json_object_get(waits, "raised"), "buckets"), "4608")), 10);
	assert_int_equal(json_integer_value(json_object_get(
		json_object_get(waits, "raised"), "timed")), 100);
	assert_int_equal(json_integer_value(json_object_get(
		json_object_get(waits, "raised"), "most")), 5120);
	assert_true(json_is_null(json_object_get(json_object_get(waits, "masked"), "most")));
	assert_null(json_object_get(object, "timed_one_in"));
	json_decref(object);

	/* Not measured is not none. */
	free(scene.difference.counters.waits);
	scene.difference.counters.waits = NULL;
	show(&scene, &stat_json, false);
	assert_null(strstr(scene.text, "waits"));
	tear_down(&scene);
}

/* Of how many waits one was timed is said once for a run, and in each object. */
static void test_one_in(void **state)
{
	struct scene scene;
	json_t *object;

	set_up(&scene);
	wait_for(&scene, 1, 0, IPIMUX_WAIT_RAISED, 4000, 90);
	show(&scene, &latency_text, true);
	assert_null(strstr(scene.text, "one wait in"));
	scene.difference.counters.timed_one_in = 16;
	show(&scene, &latency_text, true);
	row(&scene, "one wait in 16 was timed");
	show(&scene, &stat_text, true);
	row(&scene, "one wait in 16 was timed");
	show(&scene, &latency_text, false);
	assert_null(strstr(scene.text, "one wait in"));
	show(&scene, &stat_json, false);
	object = json_loads(scene.text, 0, NULL);
	assert_int_equal(json_integer_value(json_object_get(object, "timed_one_in")), 16);
	json_decref(object);
	tear_down(&scene);
}

static void test_durations(void **state)
{
	static const struct {
		__u64 ns;
		const char *text;
	} cases[] = {
		{ 0, "0ns" }, { 999, "999ns" }, { 1000, "1.00us" }, { 9994, "9.99us" },
		{ 9995, "10.0us" }, { 99949, "99.9us" }, { 99950, "100us" }, { 999499, "999us" },
		{ 999500, "1.00ms" }, { 1000000000, "1.00s" }, { 999500000000, "1000s" },
		{ ~0ULL, ">137s" },
	};
	char buf[TEXT_SIZE];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		text__duration(buf, 0, cases[i].ns);
		check(!strcmp(buf, cases[i].text), "%llu: %s, not %s", cases[i].ns, buf,
		      cases[i].text);
		assert_int_equal(strlen(text__duration(buf, 9, cases[i].ns)), 9);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_mean), cmocka_unit_test(test_bars),
		cmocka_unit_test(test_columns_of_stat),
		cmocka_unit_test(test_json), cmocka_unit_test(test_one_in),
		cmocka_unit_test(test_durations),
	};

	return UNIT_RUN("view-latency", tests);
}
