// SPDX-License-Identifier: GPL-2.0-only
/*
 * The matrix: that each send is in it once, whatever is folded and left out, that its
 * margins are those of stat, that the busiest are, and that the text and the JSON say
 * the same and fit a line.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"
#include "view/renderer.h"

#define LINE_WIDTH	100

struct scene {
	struct machine machine;
	struct snapshot difference;
	struct matrix matrix;
	struct cpuset cpus;
	struct view view;
	struct margins margins;		/* beside the matrix, to compare with */
	char *text;
};

static void set_up(struct scene *scene, unsigned int nr_cpus, unsigned int nr_vipis)
{
	memset(scene, 0, sizeof(*scene));
	unit__machine(&scene->machine, nr_cpus, nr_vipis);
	unit__snapshot(&scene->difference, nr_cpus, nr_vipis, false);
	scene->difference.time = 2000000000;
	scene->view.machine = &scene->machine;
	assert_int_equal(margins__init(&scene->margins, &scene->difference.counters.shape), 0);
	assert_int_equal(matrix__init(&scene->matrix, &scene->difference.counters.shape), 0);
}

static void tear_down(struct scene *scene)
{
	free(scene->text);
	matrix__free(&scene->matrix);
	margins__free(&scene->margins);
	snapshot__free(&scene->difference);
}

static void add_sends(struct scene *scene, unsigned int nr_cpus, unsigned int number,
		      unsigned int limit, uint64_t *random)
{
	for (unsigned int i = 0; i < number; i++)
		unit__send(&scene->difference, unit__below(random, nr_cpus),
			   unit__below(random, nr_cpus),
			   unit__below(random, scene->machine.nr_vipis),
			   unit__below(random, IPIMUX_NR_OUTCOMES), unit__below(random, limit));
}

static bool same(const struct sends *a, const struct sends *b)
{
	return !memcmp(a, b, sizeof(*a));
}

static void add(struct sends *sum, const struct sends *sends)
{
	for (int o = 0; o < IPIMUX_NR_OUTCOMES; o++)
		sum->outcome[o] += sends->outcome[o];
}

/* check_sums - the cells add up to the totals of each row, of each column, and to the total */
static void check_sums(const struct matrix *matrix)
{
	struct sends by_row = {}, by_column = {};

	for (unsigned int row = 0; row < matrix->senders.nr; row++) {
		struct sends sum = {};

		for (unsigned int column = 0; column < matrix->targets.nr; column++)
			add(&sum, &matrix->cell[row * matrix->targets.nr + column]);
		check(same(&sum, &matrix->senders.total[row]), "row %u", row);
		add(&by_row, &sum);
	}
	for (unsigned int column = 0; column < matrix->targets.nr; column++) {
		struct sends sum = {};

		for (unsigned int row = 0; row < matrix->senders.nr; row++)
			add(&sum, &matrix->cell[row * matrix->targets.nr + column]);
		check(same(&sum, &matrix->targets.total[column]), "column %u", column);
		add(&by_column, &sum);
	}
	assert_true(same(&by_row, &matrix->total));
	assert_true(same(&by_column, &matrix->total));
}

/* margin_of - what stat shows of a CPU, of one vIPI or all */
static struct margin margin_of(const struct scene *scene, unsigned int cpu, int vipi)
{
	const struct margins *margins = &scene->margins;
	struct margin sum = {};

	for (unsigned int v = 0; v < margins->nr_vipis; v++)
		if (vipi < 0 || v == (unsigned int)vipi)
			margin__add(&sum, &margins->margin[cpu * margins->nr_vipis + v]);
	return sum;
}

/* check_axis - are its CPUs the busiest, in order, with stat's numbers, and the rest the others? */
static void check_axis(const struct scene *scene, const struct matrix_axis *axis, bool senders,
		       unsigned int nr_cpus)
{
	int vipi = scene->matrix.settings.vipi;
	struct sends others = {};
	__u64 least = ~0ULL;
	unsigned int i = 0;

	for (unsigned int j = 0; j < axis->nr; j++) {
		__u64 number = sends__total(&axis->total[j]);

		if (axis->cpu[j] != MATRIX_OTHERS && number < least)
			least = number;
	}
	for (unsigned int cpu = 0; cpu < nr_cpus; cpu++) {
		struct margin margin = margin_of(scene, cpu, vipi);
		struct sends *sends = senders ? &margin.sent : &margin.received;

		if (i < axis->nr && axis->cpu[i] == cpu) {
			check(same(sends, &axis->total[i]), "CPU %u", cpu);
			i++;
			continue;
		}
		add(&others, sends);
		assert_true(axis->nr_others && sends__total(sends) <= least);
	}
	assert_int_equal(i + axis->nr_others, nr_cpus);
	assert_int_equal(axis->nr, i + !!axis->nr_others);
	if (axis->nr_others) {
		assert_true(axis->cpu[i] == MATRIX_OTHERS);
		assert_true(same(&others, &axis->total[i]));
		assert_int_equal(i, scene->matrix.settings.top);
	}
}

static void test_stat(void **state)
{
	uint64_t random = 31;

	for (int round = 0; round < 60; round++) {
		unsigned int nr_cpus = 1 + unit__below(&random, 64);
		struct scene scene;

		set_up(&scene, nr_cpus, round % 3 ? 8 : 9);
		add_sends(&scene, nr_cpus, 500, 1 << 30, &random);
		/* Beyond what a double can hold. */
		unit__send(&scene.difference, 0, nr_cpus - 1, 2, IPIMUX_COALESCED,
			   (1ULL << 53) + 1);
		scene.matrix.settings.vipi = round % 2 ? (int)unit__below(&random, 8) : -1;
		scene.matrix.settings.top = unit__below(&random, 20);
		matrix__compute(&scene.matrix, &scene.difference);
		margins__compute(&scene.margins, &scene.difference.counters);
		check_sums(&scene.matrix);
		check_axis(&scene, &scene.matrix.senders, true, nr_cpus);
		check_axis(&scene, &scene.matrix.targets, false, nr_cpus);
		tear_down(&scene);
	}
}

static void test_filter(void **state)
{
	struct sends total = {};
	uint64_t random = 32;
	struct scene scene;

	set_up(&scene, 16, 8);
	add_sends(&scene, 16, 300, 1000, &random);
	assert_int_equal(cpuset__parse(&scene.cpus, "3,7-8"), 0);
	scene.matrix.settings.cpus = &scene.cpus;
	matrix__compute(&scene.matrix, &scene.difference);
	margins__compute(&scene.margins, &scene.difference.counters);
	check_sums(&scene.matrix);
	for (unsigned int sender = 0; sender < 16; sender++)
		for (unsigned int target = 0; target < 16; target++)
			if (cpuset__has(&scene.cpus, sender) || cpuset__has(&scene.cpus, target))
				matrix__add_pair(&total, &scene.difference.counters, sender, target,
						 -1);
	assert_true(same(&total, &scene.matrix.total));
	for (unsigned int row = 0; row < scene.matrix.senders.nr; row++) {
		unsigned int sender = scene.matrix.senders.cpu[row];
		struct margin margin = margin_of(&scene, sender, -1);

		/* Of a CPU that was asked for, everything. */
		if (cpuset__has(&scene.cpus, sender))
			assert_true(same(&margin.sent, &scene.matrix.senders.total[row]));
		for (unsigned int column = 0; column < scene.matrix.targets.nr; column++) {
			unsigned int target = scene.matrix.targets.cpu[column];
			struct sends sends = {};

			matrix__add_pair(&sends, &scene.difference.counters, sender, target, -1);
			if (!cpuset__has(&scene.cpus, sender) && !cpuset__has(&scene.cpus, target))
				memset(&sends, 0, sizeof(sends));
			check(same(&sends, &scene.matrix.cell[row * scene.matrix.targets.nr +
							      column]), "%u to %u", sender, target);
		}
	}
	tear_down(&scene);
}

/* Offline and silent: no row. Offline and sent to: one, on both axes. */
static void test_offline(void **state)
{
	struct scene scene;

	set_up(&scene, 4, 8);
	assert_int_equal(cpuset__parse(&scene.difference.online, "0-1"), 0);
	unit__send(&scene.difference, 0, 3, 1, IPIMUX_MASKED, 1);
	matrix__compute(&scene.matrix, &scene.difference);
	assert_int_equal(scene.matrix.senders.nr, 3);
	assert_int_equal(scene.matrix.targets.nr, 3);
	assert_int_equal(scene.matrix.senders.cpu[2], 3);
	check_sums(&scene.matrix);
	tear_down(&scene);
}

/* --- text --- */

enum how { INTERVAL, SUMMARY, JSON_INTERVAL, JSON_SUMMARY };

static void show(struct scene *scene, enum how how)
{
	struct audit_facts facts = { .online = scene->difference.online };
	struct interval interval;
	struct audit audit;
	size_t size;

	free(scene->text);
	matrix__compute(&scene->matrix, &scene->difference);
	unit__interval(&interval, &scene->difference, NULL);
	interval.matrix = scene->matrix;
	interval.audit = &audit;
	scene->view.out = open_memstream(&scene->text, &size);
	assert_non_null(scene->view.out);
	assert_int_equal(audit__run(&audit, &scene->difference, &facts), 0);
	if (how == INTERVAL)
		assert_int_equal(matrix_text.interval(&scene->view, &interval), 0);
	else if (how == SUMMARY)
		assert_int_equal(matrix_text.summary(&scene->view, &interval), 0);
	else if (how == JSON_INTERVAL)
		assert_int_equal(matrix_json.interval(&scene->view, &interval), 0);
	else
		assert_int_equal(matrix_json.summary(&scene->view, &interval), 0);
	interval.matrix = (struct matrix){};
	interval__free(&interval);
	audit__free(&audit);
	assert_int_equal(fclose(scene->view.out), 0);
}

static void check_width(const struct scene *scene)
{
	for (const char *at = scene->text; *at; at += strcspn(at, "\n") + 1)
		check(strcspn(at, "\n") <= LINE_WIDTH, "%.150s", at);
}

/* next_row - the fields of the line that starts with @name, after *@at */
static unsigned int next_row(const char **at, const char *name, char fields[][32],
			     unsigned int max)
{
	char line[512], *rest = line, *field;
	unsigned int nr = 0;

	for (; **at; *at += strcspn(*at, "\n") + 1) {
		const char *start = *at + strspn(*at, " ");

		if (strncmp(start, name, strlen(name)) || !strchr(" \n", start[strlen(name)]))
			continue;
		snprintf(line, sizeof(line), "%.*s", (int)strcspn(*at, "\n"), *at);
		*at += strcspn(*at, "\n") + 1;
		while ((field = strsep(&rest, " ")))
			if (*field && nr < max)
				snprintf(fields[nr++], 32, "%s", field);
		return nr;
	}
	return 0;
}

static void check_cell(const struct scene *scene, const char *text, const struct sends *sends,
		       bool rates)
{
	__u64 number = sends__total(sends);
	char expected[32] = ".";

	if (number && rates)
		snprintf(expected, sizeof(expected), "%.1f", number * 1e9 / scene->difference.time);
	else if (number)
		snprintf(expected, sizeof(expected), "%llu", (unsigned long long)number);
	assert_string_equal(text, expected);
}

/* Every cell and total of the text is the number of the matrix; small, so nothing is scaled. */
static void test_text(void **state)
{
	uint64_t random = 33;

	for (int round = 0; round < 20; round++) {
		bool rates = round % 2;
		const struct matrix *matrix;
		char fields[20][32];
		struct scene scene;
		const char *at;

		set_up(&scene, 6, 8);
		add_sends(&scene, 6, 25, 100, &random);
		scene.matrix.settings.top = round % 8;
		show(&scene, rates ? INTERVAL : SUMMARY);
		matrix = &scene.matrix;
		at = scene.text;
		assert_int_equal(next_row(&at, "sender", fields, 20), matrix->targets.nr + 2);
		for (unsigned int row = 0; row <= matrix->senders.nr; row++) {
			bool total = row == matrix->senders.nr;
			const struct sends *cells = total ? matrix->targets.total :
						    matrix->cell + row * matrix->targets.nr;
			char name[16];

			snprintf(name, sizeof(name), "%u", total ? 0 : matrix->senders.cpu[row]);
			if (total || matrix->senders.cpu[row] == MATRIX_OTHERS)
				strcpy(name, total ? "total" : "others");
			assert_int_equal(next_row(&at, name, fields, 20), matrix->targets.nr + 2);
			for (unsigned int i = 0; i < matrix->targets.nr; i++)
				check_cell(&scene, fields[i + 1], &cells[i], rates);
			check_cell(&scene, fields[matrix->targets.nr + 1],
				   total ? &matrix->total : &matrix->senders.total[row], rates);
		}
		assert_null(strchr(scene.text, '\033'));
		tear_down(&scene);
	}
}

/* A line below the matrix of an interval, if some outcomes are uncertain. */
static void test_doubts(void **state)
{
	static const char words[] = "\nvia fentry: the outcome of 4 sends is uncertain\n\n";
	struct scene scene;

	set_up(&scene, 4, 8);
	assert_int_equal(snapshot__add(&scene.difference, COUNTERS_DOUBTS), 0);
	show(&scene, INTERVAL);
	assert_null(strstr(scene.text, "via fentry"));
	scene.difference.counters.doubts[ipimux_doubts_index(&scene.difference.counters.shape, 1, 2,
							     IPIMUX_UNCERTAIN)] = 4;
	show(&scene, INTERVAL);
	check(strstr(scene.text, words) && !strstr(scene.text, words)[strlen(words)], "%s",
	      scene.text);
	tear_down(&scene);
}

/* Below a row with coalesced sends, and no other, their share. */
static void test_coalesced(void **state)
{
	char fields[8][32];
	struct scene scene;
	const char *at;

	set_up(&scene, 3, 8);
	unit__send(&scene.difference, 0, 1, 1, IPIMUX_RAISED, 3);
	unit__send(&scene.difference, 0, 1, 0, IPIMUX_COALESCED, 1);
	unit__send(&scene.difference, 0, 2, 1, IPIMUX_MASKED, 3);
	unit__send(&scene.difference, 0, 2, 1, IPIMUX_COALESCED_WHILE_MASKED, 1);
	unit__send(&scene.difference, 2, 1, 1, IPIMUX_RAISED, 8);
	show(&scene, INTERVAL);
	at = scene.text;
	assert_int_equal(next_row(&at, "coal%", fields, 8), 4);
	assert_string_equal(fields[1], "25.0");
	assert_string_equal(fields[2], "25.0");
	assert_string_equal(fields[3], "25.0");
	assert_int_equal(next_row(&at, "coal%", fields, 8), 4);
	assert_string_equal(fields[1], "8.3");
	assert_string_equal(fields[2], "25.0");
	assert_string_equal(fields[3], "12.5");
	assert_int_equal(next_row(&at, "coal%", fields, 8), 0);
	tear_down(&scene);
}

/* 64 CPUs, and the largest numbers there are, in 100 columns; also at the width of others. */
static void test_width(void **state)
{
	static const unsigned int widths[] = { 40, 80, 100 };
	uint64_t random = 34;
	struct scene scene;

	set_up(&scene, 64, 8);
	add_sends(&scene, 64, 20000, 1U << 31, &random);
	unit__send(&scene.difference, 63, 62, 0, IPIMUX_COALESCED, ~0ULL / 4);
	for (size_t i = 0; i < ARRAY_SIZE(widths); i++) {
		size_t longest = 0;

		scene.matrix.settings.top = view_matrix__room(widths[i]) - 1;
		for (enum how how = INTERVAL; how <= SUMMARY; how++) {
			show(&scene, how);
			check_width(&scene);
			/* The title aside, which has what it has to say. */
			for (const char *at = strstr(scene.text, "sender  "); *at && *at != '\n';
			     at += strcspn(at, "\n") + 1)
				if (strcspn(at, "\n") > longest)
					longest = strcspn(at, "\n");
		}
		check(longest <= widths[i] && longest + 7 > widths[i], "%zu in %u", longest,
		      widths[i]);
		assert_int_equal(scene.matrix.senders.nr, view_matrix__room(widths[i]));
		assert_non_null(strstr(scene.text, "others: "));
	}
	assert_true(view_matrix__room(0) >= 2);
	tear_down(&scene);
}

/* Only cells are hot, and without the escape sequences the text is the same. */
static void test_colour(void **state)
{
	uint64_t random = 35;
	struct scene scene;
	char *plain, *to;

	set_up(&scene, 8, 8);
	add_sends(&scene, 8, 60, 1000, &random);
	scene.matrix.settings.top = 5;
	show(&scene, SUMMARY);
	plain = strdup(scene.text);
	scene.view.colour = true;
	scene.view.colours = 256;
	show(&scene, SUMMARY);
	assert_non_null(strstr(scene.text, ";48;5;220m"));
	to = scene.text;
	for (const char *at = scene.text; *at; at++) {
		if (*at == '\033')
			at += strcspn(at, "m");
		else
			*to++ = *at;
	}
	*to = '\0';
	assert_string_equal(scene.text, plain);
	free(plain);
	tear_down(&scene);
}

/* --- JSON --- */

static void add_numbers(struct sends *sum, const json_t *array, size_t first)
{
	assert_int_equal(json_array_size(array), first + IPIMUX_NR_OUTCOMES);
	for (size_t o = 0; o < IPIMUX_NR_OUTCOMES; o++)
		sum->outcome[o] += json_integer_value(json_array_get(array, first + o));
}

/* check_json_axis - its sums over the pairs are what it says, and what the matrix has */
static void check_json_axis(const json_t *object, const struct matrix_axis *axis, const char *key,
			    size_t place)
{
	assert_int_equal(json_object_size(json_object_get(object, key)), axis->nr);
	for (unsigned int i = 0; i < axis->nr; i++) {
		struct sends said = {}, sum = {};
		const json_t *pair;
		char name[16];
		size_t j;

		snprintf(name, sizeof(name), "%u", axis->cpu[i]);
		if (axis->cpu[i] == MATRIX_OTHERS)
			strcpy(name, "others");
		json_array_foreach(json_object_get(object, "pairs"), j, pair) {
			const json_t *cpu = json_array_get(pair, place);

			if (axis->cpu[i] == MATRIX_OTHERS ? json_is_string(cpu) :
			    json_is_integer(cpu) && json_integer_value(cpu) == axis->cpu[i])
				add_numbers(&sum, pair, 2);
		}
		add_numbers(&said, json_object_get(json_object_get(object, key), name), 0);
		check(same(&said, &sum) && same(&said, &axis->total[i]), "%s %s", key, name);
	}
}

static void test_json(void **state)
{
	uint64_t random = 36;

	for (int round = 0; round < 10; round++) {
		struct sends total = {};
		struct scene scene;
		json_error_t error;
		json_t *object;

		set_up(&scene, 7, 8);
		add_sends(&scene, 7, 60, 1 << 30, &random);
		unit__send(&scene.difference, 0, 1, 1, IPIMUX_COALESCED, (1ULL << 53) + 1);
		scene.matrix.settings.top = round % 5;
		scene.matrix.settings.vipi = round % 3 ? 1 : -1;
		show(&scene, round % 2 ? JSON_INTERVAL : JSON_SUMMARY);
		object = json_loads(scene.text, JSON_REJECT_DUPLICATES, &error);
		check(object, "%s", error.text);
		check_json_axis(object, &scene.matrix.senders, "senders", 0);
		check_json_axis(object, &scene.matrix.targets, "targets", 1);
		add_numbers(&total, json_object_get(object, "total"), 0);
		assert_true(same(&total, &scene.matrix.total));
		assert_string_equal(json_string_value(json_object_get(object, "type")),
				    round % 2 ? "interval" : "summary");
		assert_int_equal(!json_object_get(object, "audit"), round % 2);
		if (round % 3)
			assert_string_equal(json_string_value(json_object_get(object, "vipi")),
					    "CALL_FUNC");
		else
			assert_true(json_is_null(json_object_get(object, "vipi")));
		json_decref(object);
		tear_down(&scene);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stat),
		cmocka_unit_test(test_filter),
		cmocka_unit_test(test_offline),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_doubts),
		cmocka_unit_test(test_coalesced),
		cmocka_unit_test(test_width),
		cmocka_unit_test(test_colour),
		cmocka_unit_test(test_json),
	};

	return UNIT_RUN("matrix", tests);
}
