// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is computed of an interval: each sum is that of the events it stands for, counted here one
 * by one; of the CPUs that are shown only, where it says so; and nothing that nobody needs.
 */
#include <stdlib.h>
#include <string.h>

#include "scene.h"

#define NR_CPUS		6
#define NR_VIPIS	5	/* of the 8 that the tables have room for */

static void add_waits(struct scene *scene, uint64_t *random)
{
	struct counters *counters = &scene->difference.counters;

	assert_int_equal(snapshot__add(&scene->difference, COUNTERS_WAITS), 0);
	for (int i = 0; i < 200; i++) {
		unsigned int cpu = unit__below(random, NR_CPUS);
		unsigned int vipi = unit__below(random, NR_VIPIS);
		struct ipimux_waits *waits =
			&counters->waits[ipimux_waits_index(&counters->shape, cpu, vipi)];

		waits->raised[unit__below(random, IPIMUX_NR_BUCKETS + 1)] += i;
		waits->masked[unit__below(random, IPIMUX_NR_BUCKETS + 1)] += 1;
		waits->untimed += i % 3;
	}
}

static bool same(const struct margin *a, const struct margin *b)
{
	return !memcmp(a, b, sizeof(*a));
}

static void check_margins(const struct scene *scene, const struct interval *interval)
{
	struct margin all = {}, total = {}, vipis[NR_VIPIS] = {};
	struct processes processes = {};

	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
		struct margin sum = scene__sum_of_cpu(scene, cpu);

		check(same(&sum, &interval->cpu[cpu]), "CPU %u", cpu);
		margin__add(&all, &sum);
		if (!cpuset__has(&interval->shown, cpu))
			continue;
		margin__add(&total, &sum);
		processes__add(&processes, &scene->happened.processes[cpu]);
		for (unsigned int vipi = 0; vipi < NR_VIPIS; vipi++)
			margin__add(&vipis[vipi], &scene->happened.margin[cpu][vipi]);
	}
	assert_true(same(&all, &interval->all));
	assert_true(same(&total, &interval->total));
	assert_memory_equal(&processes, &interval->processes, sizeof(processes));
	for (unsigned int vipi = 0; vipi < NR_VIPIS; vipi++)
		check(same(&vipis[vipi], &interval->vipi[vipi]), "vIPI %u", vipi);
}

static void check_waits(const struct scene *scene, const struct interval *interval)
{
	const struct counters *counters = &scene->difference.counters;
	struct waits all = {}, vipis[NR_VIPIS] = {};

	assert_true(interval->waits.timed);
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
		struct waits sum = {};

		for (unsigned int vipi = 0; vipi < NR_VIPIS; vipi++) {
			struct waits cell;

			waits__read(&cell, counters, cpu, vipi);
			if (!cpuset__has(&interval->shown, cpu))
				continue;
			waits__merge(&sum, &cell);
			waits__merge(&all, &cell);
			waits__merge(&vipis[vipi], &cell);
		}
		assert_memory_equal(&sum, &interval->waits.cpu[cpu], sizeof(sum));
	}
	assert_memory_equal(&all, &interval->waits.all, sizeof(all));
	assert_memory_equal(vipis, interval->waits.vipi, sizeof(vipis));
}

/* All CPUs, and some; again and again in the same room. */
static void test_sums(void **state)
{
	static const char * const lists[] = { NULL, "0-5", "1,4", "5" };
	uint64_t random = 71;

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		struct interval interval;
		struct scene scene;

		scene__set_up(&scene, NR_CPUS, NR_VIPIS, i % 2);
		if (lists[i])
			assert_int_equal(cpuset__parse(&scene.cpus, lists[i]), 0);
		add_waits(&scene, &random);
		assert_int_equal(interval__init(&interval, &scene.difference.counters.shape,
						NR_VIPIS, INTERVAL_WAITS,
						lists[i] ? &scene.cpus : NULL), 0);
		for (int round = 0; round < 3; round++) {
			scene__add_events(&scene, NR_CPUS, 1000, &random);
			interval__sum(&interval, &scene.difference);
			assert_true(interval.difference == &scene.difference);
			assert_true(cpuset__equal(&interval.shown, lists[i] ? &scene.cpus :
						  &scene.difference.online));
			check_margins(&scene, &interval);
			check_waits(&scene, &interval);
		}
		interval__free(&interval);
		scene__tear_down(&scene);
	}
}

/* Offline and silent: not shown. Offline, and sent to or unmasked: shown. */
static void test_shown(void **state)
{
	struct interval interval;
	struct cpuset expected;
	struct scene scene;

	scene__set_up(&scene, NR_CPUS, NR_VIPIS, false);
	assert_int_equal(cpuset__parse(&scene.difference.online, "0-1"), 0);
	scene__send(&scene, 0, 3, 1, IPIMUX_MASKED, 1);
	scene__unmask(&scene, 5, 1, IPIMUX_UNMASK_PLAIN, 1);
	unit__interval(&interval, &scene.difference, NULL);
	assert_int_equal(cpuset__parse(&expected, "0-1,3,5"), 0);
	assert_true(cpuset__equal(&interval.shown, &expected));
	interval__free(&interval);
	scene__tear_down(&scene);
}

/* From two snapshots, what is needed and nothing else; of a whole run the margins, always. */
static void test_needs(void **state)
{
	static const __u32 needs[] = {
		0, INTERVAL_DIFFERENCE, INTERVAL_MARGINS, INTERVAL_MATRIX, INTERVAL_STORMS,
	};
	struct snapshot earlier, later;

	unit__snapshot(&earlier, NR_CPUS, NR_VIPIS, false);
	unit__snapshot(&later, NR_CPUS, NR_VIPIS, false);
	earlier.time = 5;
	later.time = 1000000005;
	unit__send(&earlier, 0, 1, 2, IPIMUX_RAISED, 3);
	unit__send(&later, 0, 1, 2, IPIMUX_RAISED, 20003);
	for (size_t i = 0; i < ARRAY_SIZE(needs); i++) {
		struct interval interval;

		assert_int_equal(interval__init(&interval, &later.counters.shape, NR_VIPIS,
						needs[i], NULL), 0);
		assert_int_equal(snapshot__init(&interval.own, &later.counters.shape, true), 0);
		interval__fill(&interval, &later, &earlier);
		assert_true(interval.later == &later && interval.look == &later &&
			    interval.earlier == &earlier);
		assert_int_equal(interval.difference != NULL, needs[i] != 0);
		if (needs[i])
			assert_int_equal(interval.difference->time, 1000000000);
		check((sends__total(&interval.total.sent) == 20000) ==
		      (needs[i] == INTERVAL_MARGINS || needs[i] == INTERVAL_STORMS), "%zu", i);
		check((interval.matrix.largest == 20000) == (needs[i] == INTERVAL_MATRIX), "%zu",
		      i);
		check(storms__any(&interval.storms, STORM_STARTED) ==
		      (needs[i] == INTERVAL_STORMS), "%zu", i);
		interval__fill_whole(&interval, &later, &earlier);
		assert_int_equal(sends__total(&interval.total.sent), 20000);
		/* It was watched already. */
		check(storms__any(&interval.storms, STORM_STARTED) ==
		      (needs[i] == INTERVAL_STORMS), "%zu", i);
		interval__free(&interval);
		interval__free(&interval);
	}
	snapshot__free(&earlier);
	snapshot__free(&later);
}

/* As many as there is room for, unless it is said how many; the others need room, too. */
static void test_room(void **state)
{
	struct interval interval;
	struct snapshot difference;

	unit__snapshot(&difference, 16, 8, false);
	unit__send(&difference, 3, 4, 0, IPIMUX_RAISED, 7);
	assert_int_equal(interval__init(&interval, &difference.counters.shape, 8, INTERVAL_MATRIX,
					NULL), 0);
	for (unsigned int room = 0; room <= 17; room++) {
		unsigned int nr = !room || room > 16 ? 16 : room;

		if (room == 1)
			continue;
		interval.matrix.settings.room = room;
		interval.matrix.settings.top = 0;
		interval__sum(&interval, &difference);
		check(interval.matrix.senders.nr == nr && interval.matrix.targets.nr == nr &&
		      interval.matrix.senders.nr_others == (nr < 16 ? 17 - nr : 0), "%u", room);
		interval.matrix.settings.top = 5;
		interval__sum(&interval, &difference);
		check(interval.matrix.senders.nr == 6, "%u", room);
		assert_int_equal(interval.matrix.largest, 7);
	}
	interval__free(&interval);
	snapshot__free(&difference);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sums),
		cmocka_unit_test(test_shown),
		cmocka_unit_test(test_needs),
		cmocka_unit_test(test_room),
	};

	return UNIT_RUN("interval", tests);
}
