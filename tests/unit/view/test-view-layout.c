// SPDX-License-Identifier: GPL-2.0-only
/*
 * How the table looks, whatever the numbers in it: a line of 100 columns, rows as long
 * as the heading, colours that change nothing else.
 */
#include <stdlib.h>
#include <string.h>

#include "scene.h"

/* strip - takes the escape sequences out of a text; returns how many there were */
static unsigned int strip(char *text)
{
	unsigned int nr = 0;
	char *to = text;

	while (*text) {
		if (*text != '\033') {
			*to++ = *text++;
			continue;
		}
		text = strchr(text, 'm');
		assert_non_null(text);
		text++;
		nr++;
	}
	*to = '\0';
	return nr;
}

/* check_styles - each style that begins ends before the next one does */
static void check_styles(const char *text)
{
	bool on = false;

	while ((text = strchr(text, '\033'))) {
		bool ends = !strncmp(text, "\033[0m", 4);

		check(on == ends, "'%.40s'", text + 1);
		on = !ends;
		text++;
	}
	assert_false(on);
}

/* Colours change nothing but the colour, and none is left on. */
static void test_colour(void **state)
{
	uint64_t random = 18;
	struct scene scene;

	scene__set_up(&scene, 4, 8, false);
	scene.view.per_vipi = true;
	scene__add_events(&scene, 3, 100, &random);
	for (enum how how = TABLE_INTERVAL; how <= TABLE_SUMMARY; how++) {
		char *plain;

		scene.view.colour = false;
		scene__show_raw(&scene, how, false);
		plain = strdup(scene.text);
		assert_null(strchr(plain, '\033'));

		scene.view.colour = true;
		scene__show_raw(&scene, how, false);
		check_styles(scene.text);
		assert_true(strip(scene.text) > 2);
		assert_string_equal(scene.text, plain);
		free(plain);
	}
	scene__tear_down(&scene);
}

/* check_table_width - no line too long, and all rows as long as the heading */
static void check_table_width(struct scene *scene, enum how how)
{
	const char *heading;
	unsigned int i = how == TABLE_SUMMARY;

	scene__show_raw(scene, how, false);
	strip(scene->text);
	scene__split(scene);
	heading = scene__row(scene, "CPU");
	for (; *scene->lines[i]; i++) {
		check(strlen(scene->lines[i]) <= LINE_WIDTH, "%zu columns: '%s'",
		      strlen(scene->lines[i]), scene->lines[i]);
		check(strlen(scene->lines[i]) == strlen(heading), "not aligned: '%s'",
		      scene->lines[i]);
	}
	assert_true(i > 3);
}

/* Numbers of every magnitude; those of all cells together are still below 2^64. */
static void test_width(void **state)
{
	for (int shift = 0; shift < 62; shift++) {
		__u64 number = (1ULL << shift) + (1ULL << shift) / 3;
		struct scene scene;

		scene__set_up(&scene, 8, 32, false);
		scene.view.per_vipi = true;
		scene.view.colour = shift % 2;
		scene__send(&scene, 0, 0, 0, shift % IPIMUX_NR_OUTCOMES, number);
		scene__send(&scene, 1, 7, 31, IPIMUX_MASKED, number);
		scene__process(&scene, 7, 0, number);
		scene__process(&scene, 7, UINT32_MAX, number / 64);
		scene__unmask(&scene, 7, 3, IPIMUX_UNMASK_KICK, number);
		scene__unmask(&scene, 7, 4, IPIMUX_UNMASK_PLAIN, number);
		for (__u64 time = 1000000; time < 100000000000; time *= 10) {
			scene.difference.time = time;
			check_table_width(&scene, TABLE_INTERVAL);
		}
		check_table_width(&scene, TABLE_SUMMARY);
		scene__tear_down(&scene);
	}
}

static void test_width_largest(void **state)
{
	struct scene scene;

	scene__set_up(&scene, 1, 8, false);
	scene.view.per_vipi = true;
	/* The counters of a CPU at their end. */
	scene__send(&scene, 0, 0, 0, IPIMUX_MASKED, UINT64_MAX);
	scene__process(&scene, 0, 1, 5);
	scene__process(&scene, 0, 0, UINT64_MAX - 5);
	scene__unmask(&scene, 0, 7, IPIMUX_UNMASK_KICK, UINT64_MAX);
	check_table_width(&scene, TABLE_SUMMARY);
	scene.difference.time = 1000000000;
	check_table_width(&scene, TABLE_INTERVAL);
	scene__tear_down(&scene);
}

/* 512 CPUs: three digits of a name, and many rows. */
static void test_width_many_cpus(void **state)
{
	struct scene scene;

	scene__set_up(&scene, 512, 1, false);
	unit__send(&scene.difference, 511, 511, 0, IPIMUX_RAISED, 123456789);
	check_table_width(&scene, TABLE_INTERVAL);
	assert_non_null(scene__row(&scene, "511"));
	scene__tear_down(&scene);
}

/* A name of a kernel to come, as long as machine.h allows. */
static void test_width_long_name(void **state)
{
	struct scene scene;

	scene__set_up(&scene, 2, 5, false);
	scene.view.per_vipi = true;
	memset(scene.machine.vipi_name[3], 'x', MACHINE_NAME_SIZE - 1);
	scene__send(&scene, 0, 1, 3, IPIMUX_RAISED, 12345);
	check_table_width(&scene, TABLE_SUMMARY);
	scene__tear_down(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_colour),
		cmocka_unit_test(test_width),
		cmocka_unit_test(test_width_largest),
		cmocka_unit_test(test_width_many_cpus),
		cmocka_unit_test(test_width_long_name),
	};

	return UNIT_RUN("view-layout", tests);
}
