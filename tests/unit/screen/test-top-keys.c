// SPDX-License-Identifier: GPL-2.0-only
/*
 * The keys of top: what each changes, that questions take their answers, and that no key
 * whatsoever leads to a setting that is none.
 */
#include <string.h>

#include "screen/screen.h"
#include "unit.h"
#include "screen/top_keys.h"

struct scene {
	struct machine machine;
	struct top_settings settings;
	struct top_keys keys;
};

static void set_up(struct scene *scene)
{
	memset(scene, 0, sizeof(*scene));
	unit__machine(&scene->machine, 4, 8);
	scene->settings = (struct top_settings){ .sort = TOP_SENDS, .vipi = TOP_ALL_VIPIS };
	scene->keys = (struct top_keys){
		.machine = &scene->machine, .settings = &scene->settings, .interval = 1000000000,
	};
}

static void press(struct scene *scene, int key)
{
	top_keys__press(&scene->keys, key, 10, 64);
}

static void type(struct scene *scene, const char *text)
{
	while (*text)
		press(scene, *text++);
}

static void test_panes(void **state)
{
	struct scene scene;

	set_up(&scene);
	for (int i = 1; i <= TOP_NR_PANES; i++) {
		press(&scene, SCREEN_TAB);
		assert_int_equal(scene.settings.pane, i % TOP_NR_PANES);
	}
	press(&scene, SCREEN_BACK_TAB);
	assert_int_equal(scene.settings.pane, TOP_PAIRS);
	scene.keys.first_row = 5;
	press(&scene, '1');
	assert_int_equal(scene.settings.pane, TOP_TARGETS);
	assert_int_equal(scene.keys.first_row, 0);
	/* Senders have nothing to sort by that they do not show. */
	scene.settings.sort = TOP_HANDLED;
	press(&scene, '2');
	assert_int_equal(scene.settings.sort, TOP_SENDS);
	for (int i = 0; i < 2 * TOP_NR_COLUMNS; i++) {
		press(&scene, i % 3 ? '>' : SCREEN_LEFT);
		assert_true(top__has_column(TOP_SENDERS, scene.settings.sort));
	}
}

static void test_interval(void **state)
{
	static const unsigned long long longer[] = { 2000, 5000, 10000, 30000, 60000, 60000 };
	struct scene scene;

	set_up(&scene);
	for (size_t i = 0; i < ARRAY_SIZE(longer); i++) {
		press(&scene, '+');
		assert_int_equal(scene.keys.interval, longer[i] * 1000000);
	}
	for (int i = 0; i < 20; i++)
		press(&scene, '-');
	assert_int_equal(scene.keys.interval, 100000000);
	/* One that is not among the steps. */
	scene.keys.interval = 3000000000;
	press(&scene, '-');
	assert_int_equal(scene.keys.interval, 2000000000);
}

static void test_vipi(void **state)
{
	struct scene scene;

	set_up(&scene);
	type(&scene, "vcall_funx\bc\n");
	assert_int_equal(scene.settings.vipi, 1);
	assert_string_equal(scene.keys.message, "");
	type(&scene, "v9\n");
	assert_int_equal(scene.settings.vipi, 1);
	assert_memory_equal(scene.keys.message, "no vIPI '9': RESCHEDULE, CALL_FUNC", 34);
	press(&scene, 'r');
	assert_string_equal(scene.keys.message, "");
	type(&scene, "v4\033");
	assert_int_equal(scene.settings.vipi, 1);
	type(&scene, "v\n");
	assert_int_equal(scene.settings.vipi, TOP_ALL_VIPIS);
}

static void test_cpus(void **state)
{
	struct scene scene;

	set_up(&scene);
	type(&scene, "c0,2-3\n");
	assert_ptr_equal(scene.settings.cpus, &scene.keys.cpus);
	assert_int_equal(cpuset__count(scene.settings.cpus), 3);
	type(&scene, "c4\n");
	assert_string_equal(scene.keys.message, "this machine has CPUs 0-3");
	type(&scene, "c1-\n");
	assert_string_equal(scene.keys.message, "'1-' is not a list of CPUs, e.g. 0,2-3");
	assert_int_equal(cpuset__count(scene.settings.cpus), 3);
	press(&scene, 'a');
	assert_null(scene.settings.cpus);
	/* More than there is room for. */
	press(&scene, 'c');
	for (int i = 0; i < 1000; i++)
		press(&scene, '1');
	assert_int_equal(strlen(scene.keys.answer), sizeof(scene.keys.answer) - 1);
	press(&scene, SCREEN_ENTER);
	assert_null(scene.settings.cpus);
}

static void test_scroll(void **state)
{
	struct scene scene;

	set_up(&scene);
	press(&scene, SCREEN_UP);
	assert_int_equal(scene.keys.first_row, 0);
	press(&scene, SCREEN_DOWN);
	press(&scene, SCREEN_PAGE_DOWN);
	assert_int_equal(scene.keys.first_row, 11);
	press(&scene, SCREEN_PAGE_UP);
	assert_int_equal(scene.keys.first_row, 1);
	press(&scene, SCREEN_LAST);
	assert_int_equal(scene.keys.first_row, 65);
	press(&scene, SCREEN_HOME);
	assert_int_equal(scene.keys.first_row, 0);
}

static void test_switches(void **state)
{
	struct scene scene;

	set_up(&scene);
	press(&scene, ' ');
	assert_true(scene.keys.paused);
	press(&scene, 'p');
	assert_false(scene.keys.paused);
	press(&scene, '?');
	assert_true(scene.keys.help);
	/* Whatever leaves the help does nothing else. */
	press(&scene, 'q');
	assert_false(scene.keys.help);
	assert_false(scene.keys.quit);
	press(&scene, 'q');
	assert_true(scene.keys.quit);
	/* Not while somebody is asked. */
	set_up(&scene);
	type(&scene, "vq");
	assert_false(scene.keys.quit);
}

static void test_any_keys(void **state)
{
	uint64_t random = 51;
	struct scene scene;

	set_up(&scene);
	for (int i = 0; i < 100000; i++) {
		press(&scene, unit__below(&random, 3) ? (int)unit__below(&random, 128) :
		      SCREEN_UP + (int)unit__below(&random, 16));
		assert_true(scene.settings.pane < TOP_NR_PANES);
		assert_true(top__has_column(scene.settings.pane, scene.settings.sort));
		assert_true(scene.settings.vipi >= -1 && scene.settings.vipi < 8);
		assert_true(!scene.settings.cpus || cpuset__last(scene.settings.cpus) < 4);
		assert_true(scene.keys.interval >= 100000000);
		assert_true(scene.keys.interval <= 60000000000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_panes),
		cmocka_unit_test(test_interval),
		cmocka_unit_test(test_vipi),
		cmocka_unit_test(test_cpus),
		cmocka_unit_test(test_scroll),
		cmocka_unit_test(test_switches),
		cmocka_unit_test(test_any_keys),
	};

	return UNIT_RUN("top-keys", tests);
}
