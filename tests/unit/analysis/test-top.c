// SPDX-License-Identifier: GPL-2.0-only
/*
 * The busiest of a difference and the page they are shown on: that the rows are what was
 * sent, in the order asked for, and that no page, however small, shows half a number.
 */
#include <stdlib.h>
#include <string.h>

#include "unit.h"
#include "view/view_top.h"

struct scene {
	struct machine machine;
	struct snapshot difference, now;
	struct interval shown;
	struct stuck stuck;
	struct top top;
	struct cpuset cpus;
	struct view_top view;
	struct page page;
};

static void set_up(struct scene *scene, unsigned int nr_cpus, unsigned int nr_vipis)
{
	memset(scene, 0, sizeof(*scene));
	unit__machine(&scene->machine, nr_cpus, nr_vipis);
	unit__snapshot(&scene->difference, nr_cpus, nr_vipis, false);
	unit__snapshot(&scene->now, nr_cpus, nr_vipis, false);
	scene->difference.time = 2000000000;
	assert_int_equal(top__init(&scene->top, &scene->difference.counters.shape, nr_vipis), 0);
	assert_int_equal(stuck__init(&scene->stuck, &scene->difference.counters.shape, 0), 0);
	scene->view = (struct view_top){
		.machine = &scene->machine, .top = &scene->top, .shown = &scene->shown,
		.now = &scene->now, .interval = 2000000000, .answer = "",
	};
	unit__interval(&scene->shown, &scene->difference, NULL);
	scene->shown.stuck = &scene->stuck;
}

static void tear_down(struct scene *scene)
{
	page__free(&scene->page);
	top__free(&scene->top);
	interval__free(&scene->shown);
	stuck__free(&scene->stuck);
	snapshot__free(&scene->difference);
	snapshot__free(&scene->now);
}

static int compute(struct scene *scene)
{
	interval__sum(&scene->shown, &scene->difference);
	return top__compute(&scene->top, &scene->difference, &scene->shown.margins);
}

static void add_events(struct scene *scene, unsigned int nr_cpus, unsigned int limit,
		       uint64_t *random)
{
	for (unsigned int i = 0; i < 20 * nr_cpus; i++) {
		unsigned int target = unit__below(random, nr_cpus);
		unsigned int vipi = unit__below(random, scene->machine.nr_vipis);

		unit__send(&scene->difference, unit__below(random, nr_cpus), target, vipi,
			   unit__below(random, IPIMUX_NR_OUTCOMES), unit__below(random, limit));
		unit__process(&scene->difference, target, 1U << vipi, unit__below(random, limit));
	}
}

/* --- the rows --- */

static bool wanted(const struct scene *scene, unsigned int cpu)
{
	return !scene->top.settings.cpus || cpuset__has(scene->top.settings.cpus, cpu);
}

/* is_part - does the row stand for the sends from one CPU to another one of a vIPI? */
static bool is_part(const struct scene *scene, const struct top_row *row, unsigned int sender,
		    unsigned int target, unsigned int vipi)
{
	const struct top_settings *settings = &scene->top.settings;

	if (!wanted(scene, sender) && !wanted(scene, target))
		return false;
	if (settings->vipi >= 0 && vipi != (unsigned int)settings->vipi)
		return false;
	switch (settings->pane) {
	case TOP_TARGETS:
		return target == row->target;
	case TOP_SENDERS:
		return sender == row->sender;
	case TOP_VIPIS:
		return vipi == row->vipi;
	default:
		return sender == row->sender && target == row->target;
	}
}

/* check_row - are its sends, and who has most of them, what a count of all cells says? */
static void check_row(const struct scene *scene, const struct top_row *row, unsigned int nr_cpus)
{
	const struct counters *counters = &scene->difference.counters;
	enum top_pane pane = scene->top.settings.pane;
	__u64 parts[64] = {}, most = 0;
	struct sends sum = {};

	for (unsigned int sender = 0; sender < nr_cpus; sender++) {
		for (unsigned int target = 0; target < nr_cpus; target++) {
			for (unsigned int vipi = 0; vipi < scene->machine.nr_vipis; vipi++) {
				unsigned int part = pane == TOP_TARGETS ? sender :
						    pane == TOP_PAIRS ? vipi : target;

				if (!is_part(scene, row, sender, target, vipi))
					continue;
				for (int o = 0; o < IPIMUX_NR_OUTCOMES; o++) {
					__u64 number = counters->traffic[ipimux_traffic_index(
						&counters->shape, sender, target, vipi, o)];

					sum.outcome[o] += number;
					parts[part] += number;
				}
			}
		}
	}
	assert_memory_equal(&sum, &row->sends, sizeof(sum));
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (parts[i] > most)
			most = parts[i];
	assert_int_equal(row->most_sends, most);
	if (!most)
		return;
	assert_int_equal(parts[row->most], most);
	/* Of equals the first. */
	for (unsigned int i = 0; i < row->most; i++)
		assert_true(parts[i] < most);
}

static __u64 handled_by(const struct scene *scene, unsigned int cpu, int vipi)
{
	__u64 sum = 0;

	for (unsigned int v = 0; v < scene->machine.nr_vipis; v++)
		if (vipi < 0 || v == (unsigned int)vipi)
			sum += counters__handled(&scene->difference.counters, cpu, v);
	return sum;
}

static void check_handled(const struct scene *scene, const struct top_row *row,
			  unsigned int nr_cpus)
{
	const struct top_settings *settings = &scene->top.settings;
	__u64 expected = 0;

	if (settings->pane == TOP_TARGETS) {
		assert_int_equal(row->handled_known, wanted(scene, row->target));
		expected = handled_by(scene, row->target, settings->vipi);
	} else if (settings->pane == TOP_VIPIS) {
		assert_int_equal(row->handled_known, !settings->cpus);
		for (unsigned int cpu = 0; cpu < nr_cpus; cpu++)
			expected += handled_by(scene, cpu, row->vipi);
	} else {
		assert_false(row->handled_known);
	}
	assert_int_equal(row->handled, row->handled_known ? expected : 0);
}

static double share(const struct sends *sends)
{
	return sends__total(sends) ? (double)sends__coalesced(sends) / sends__total(sends) : -1;
}

/* check_order - is no row before one that should be before it? */
static void check_order(const struct top *top)
{
	int sign = top->settings.reverse ? -1 : 1;

	for (unsigned int i = 1; i < top->nr_rows; i++) {
		const struct top_row *a = &top->row[i - 1], *b = &top->row[i];
		__u64 name_a = ((__u64)a->vipi << 32) + (a->sender << 16) + a->target;
		__u64 name_b = ((__u64)b->vipi << 32) + (b->sender << 16) + b->target;
		double difference = 0;

		switch (top->settings.sort) {
		case TOP_SENDS:
			difference = (double)sends__total(&a->sends) - sends__total(&b->sends);
			break;
		case TOP_RAISED:
			difference = (double)a->sends.outcome[IPIMUX_RAISED] -
				     b->sends.outcome[IPIMUX_RAISED];
			break;
		case TOP_COALESCED:
			difference = share(&a->sends) - share(&b->sends);
			break;
		case TOP_MASKED:
			difference = (double)sends__masked(&a->sends) - sends__masked(&b->sends);
			break;
		case TOP_HANDLED:
			difference = (double)a->handled - b->handled;
			break;
		default:
			assert_true(sign > 0 ? name_a < name_b : name_a > name_b);
			continue;
		}
		check(sign * difference > -1e-12, "order %d, row %u", top->settings.sort, i);
		/* Of equals the first by name. */
		check(difference || name_a < name_b, "row %u", i);
	}
}

static void test_rows(void **state)
{
	uint64_t random = 41;

	for (int round = 0; round < 100; round++) {
		unsigned int nr_cpus = 1 + unit__below(&random, 9);
		struct top_settings *settings;
		struct sends sum = {};
		struct scene scene;

		set_up(&scene, nr_cpus, round % 3 ? 8 : 9);
		settings = &scene.top.settings;
		/* Few enough that some are equal. */
		add_events(&scene, nr_cpus, 2 + unit__below(&random, 2) * 1000, &random);
		settings->pane = round % TOP_NR_PANES;
		settings->sort = unit__below(&random, TOP_NR_COLUMNS);
		settings->reverse = unit__below(&random, 2);
		if (!unit__below(&random, 3))
			settings->vipi = unit__below(&random, 8);
		cpuset__add(&scene.cpus, unit__below(&random, nr_cpus));
		if (!unit__below(&random, 3))
			settings->cpus = &scene.cpus;

		assert_int_equal(compute(&scene), 0);
		check_order(&scene.top);
		for (unsigned int i = 0; i < scene.top.nr_rows; i++) {
			check_row(&scene, &scene.top.row[i], nr_cpus);
			check_handled(&scene, &scene.top.row[i], nr_cpus);
			for (int o = 0; o < IPIMUX_NR_OUTCOMES; o++)
				sum.outcome[o] += scene.top.row[i].sends.outcome[o];
		}
		/* Whatever the pane, the rows add up to the total: none is left out. */
		assert_memory_equal(&sum, &scene.top.total.sends, sizeof(sum));
		tear_down(&scene);
	}
}

/* Where nothing happened: a row for each CPU online and each vIPI, none for a pair. */
static void test_silence(void **state)
{
	static const unsigned int rows[TOP_NR_PANES] = { 3, 3, 8, 0 };
	struct scene scene;

	set_up(&scene, 4, 8);
	assert_int_equal(cpuset__parse(&scene.difference.online, "0-1,3"), 0);
	for (enum top_pane pane = 0; pane < TOP_NR_PANES; pane++) {
		scene.top.settings.pane = pane;
		assert_int_equal(compute(&scene), 0);
		assert_int_equal(scene.top.nr_rows, rows[pane]);
	}
	tear_down(&scene);
}

/* --- the page --- */

static void draw(struct scene *scene, unsigned int lines, unsigned int columns)
{
	assert_int_equal(compute(scene), 0);
	assert_int_equal(page__resize(&scene->page, lines, columns), 0);
	view_top__draw(&scene->page, &scene->view);
}

/* has - the first line with @text, or NULL */
static const char *has(const struct scene *scene, const char *text)
{
	for (unsigned int line = 0; line < scene->page.lines; line++)
		if (strstr(page__text(&scene->page, line), text))
			return page__text(&scene->page, line);
	return NULL;
}

static void test_numbers(void **state)
{
	struct scene scene;
	const char *line;

	set_up(&scene, 4, 8);
	unit__send(&scene.difference, 1, 2, 1, IPIMUX_RAISED, 300);
	unit__send(&scene.difference, 0, 2, 0, IPIMUX_COALESCED, 100);
	unit__send(&scene.difference, 0, 3, 1, IPIMUX_MASKED, 50);
	unit__process(&scene.difference, 2, 3, 150);
	scene.view.missed = 7;
	draw(&scene, 20, 100);
	assert_non_null(has(&scene, "total: 225.0 sends/s  150.0 raised/s  22.2 coal%"
			    "  25.0 masked/s  150.0 handled/s"));
	assert_non_null(has(&scene, "7 events missed since the start  75.0 process/s  batch 2.00"
			    "  0.0 empty/s"));
	line = has(&scene, "CPU 2 ");
	assert_non_null(line);
	assert_string_equal(line, "CPU 2               200.0      150.0   25.0       0.0      150.0"
			    "  CPU 1 75.0%");
	assert_ptr_equal(line, page__text(&scene.page, 6));
	/* Senders and pairs handle nothing. */
	scene.top.settings.pane = TOP_PAIRS;
	draw(&scene, 20, 100);
	assert_non_null(has(&scene, "   1 -> 2           150.0      150.0    0.0       0.0"
			    "  CALL_FUNC 100.0%"));
	assert_null(has(&scene, " handled/s  most"));
	tear_down(&scene);
}

/* Before the first interval there is no time to divide by. */
static void test_no_time(void **state)
{
	struct scene scene;

	set_up(&scene, 2, 8);
	scene.difference.time = 0;
	draw(&scene, 20, 100);
	assert_non_null(has(&scene, "--:--:--"));
	assert_non_null(has(&scene, "total: - sends/s"));
	tear_down(&scene);
}

static void test_words(void **state)
{
	struct scene scene;

	set_up(&scene, 4, 8);
	assert_int_equal(cpuset__parse(&scene.cpus, "1,3"), 0);
	scene.top.settings.cpus = &scene.cpus;
	scene.top.settings.vipi = 4;
	scene.top.settings.sort = TOP_RAISED;
	scene.view.paused = true;
	draw(&scene, 20, 100);
	assert_non_null(has(&scene, "PAUSED"));
	assert_non_null(has(&scene, "every 2 s"));
	assert_non_null(has(&scene, "vIPI IRQ_WORK"));
	assert_non_null(has(&scene, "CPUs 1,3"));
	assert_non_null(has(&scene, " *raised/s"));
	assert_non_null(has(&scene, "stuck: none"));
	assert_int_equal(scene.page.cursor, -1);

	scene.top.settings.reverse = true;
	scene.view.question = "vIPI";
	scene.view.answer = "CALL";
	draw(&scene, 20, 100);
	assert_non_null(has(&scene, " ^raised/s"));
	assert_int_equal(scene.page.cursor, 19);
	assert_string_equal(page__text(&scene.page, 19), "vIPI: CALL");

	scene.view.question = NULL;
	scene.view.message = "no vIPI";
	draw(&scene, 20, 100);
	assert_string_equal(page__text(&scene.page, 19), "no vIPI");
	tear_down(&scene);
}

static void test_stuck(void **state)
{
	struct scene scene;

	set_up(&scene, 4, 8);
	scene.now.time = 100000000000;
	scene.stuck.nr_found = 2;
	scene.stuck.nr_ended = 1;
	scene.stuck.cells[2 * scene.stuck.nr_vipis + 1].reported = true;
	scene.stuck.cells[2 * scene.stuck.nr_vipis + 1].by.time = 93000000000;
	draw(&scene, 20, 100);
	assert_non_null(has(&scene, "STUCK: 1  CPU 2 CALL_FUNC for 7 s"));
	assert_int_equal(page__style(&scene.page, 3), TEXT_BAD);
	/* It was handled after all. */
	scene.stuck.nr_ended = 2;
	scene.stuck.cells[2 * scene.stuck.nr_vipis + 1].reported = false;
	draw(&scene, 20, 100);
	assert_non_null(has(&scene, "stuck: none now, 2 before"));
	tear_down(&scene);
}

static void test_scroll(void **state)
{
	struct scene scene;

	set_up(&scene, 64, 8);
	scene.top.settings.sort = TOP_NAME;
	scene.view.first_row = 10;
	draw(&scene, 17, 100);
	assert_int_equal(view_top__rows(&scene.page), 10);
	assert_non_null(has(&scene, "CPU 10 "));
	assert_non_null(has(&scene, "CPU 19 "));
	assert_null(has(&scene, "CPU 9 "));
	assert_null(has(&scene, "CPU 20 "));
	assert_non_null(has(&scene, "rows 11-20 of 64"));
	scene.view.first_row = 60;
	draw(&scene, 17, 100);
	assert_non_null(has(&scene, "rows 61-64 of 64"));
	tear_down(&scene);
}

/* check_lines - does each line end where the same one of a wider page has a space? */
static void check_lines(struct scene *scene, const struct page *wide, unsigned int lines,
			unsigned int columns)
{
	for (unsigned int line = 0; line < lines; line++) {
		const char *text = page__text(&scene->page, line);
		const char *whole = page__text(wide, line);
		size_t length = strlen(text);

		check(length <= columns, "line %u of %u columns: '%s'", line, columns, text);
		check(!strncmp(text, whole, length) && strchr(" ", whole[length]),
		      "line %u of %u columns: '%s' of '%s'", line, columns, text, whole);
	}
}

/* Any size, any pane, a busy machine: no crash, nothing cut in two, nothing past the edge. */
static void test_sizes(void **state)
{
	size_t stride = unit__stride();
	struct page wide = {};
	uint64_t random = 42;
	struct scene scene;

	set_up(&scene, 64, 8);
	add_events(&scene, 64, 1U << 31, &random);
	scene.stuck.nr_found = 8;
	for (unsigned int vipi = 0; vipi < 8; vipi++)
		scene.stuck.cells[5 * scene.stuck.nr_vipis + vipi].reported = true;
	for (enum top_pane pane = 0; pane < TOP_NR_PANES; pane++) {
		unsigned int lines = 1 + unit__below(&random, 60);

		scene.top.settings.pane = pane;
		assert_int_equal(compute(&scene), 0);
		assert_int_equal(page__resize(&wide, lines, 400), 0);
		if (lines < VIEW_TOP_LINES)
			lines = VIEW_TOP_LINES;
		assert_int_equal(page__resize(&wide, lines, 400), 0);
		view_top__draw(&wide, &scene.view);
		for (unsigned int columns = 1; columns < 200; columns += stride) {
			draw(&scene, lines, columns);
			if (columns >= VIEW_TOP_COLUMNS)
				check_lines(&scene, &wide, lines, columns);
			else
				assert_null(strpbrk(page__text(&scene.page, lines - 1), "?"));
		}
		/* Names, sends and raised are always there. */
		draw(&scene, lines, VIEW_TOP_COLUMNS);
		assert_non_null(has(&scene, "raised/s  coal%"));
	}
	for (unsigned int lines = 1; lines < VIEW_TOP_LINES; lines++) {
		draw(&scene, lines, 30);
		assert_string_equal(page__text(&scene.page, 0), "too small: needs 44 x 9");
		draw(&scene, lines, 5);
		assert_string_equal(page__text(&scene.page, 0), "too s");
		assert_int_equal(view_top__rows(&scene.page), lines > 7 ? lines - 7 : 0);
	}
	page__free(&wide);
	tear_down(&scene);
}

static void test_help(void **state)
{
	struct scene scene;

	set_up(&scene, 4, 8);
	scene.view.help = true;
	for (unsigned int lines = VIEW_TOP_LINES; lines < 40; lines++) {
		draw(&scene, lines, 80);
		assert_non_null(has(&scene, "keys"));
		assert_non_null(has(&scene, "any key: back"));
	}
	assert_non_null(has(&scene, "q, Ctrl-C"));
	tear_down(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_silence),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_no_time),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_stuck),
		cmocka_unit_test(test_scroll),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_help),
	};

	return UNIT_RUN("top", tests);
}
