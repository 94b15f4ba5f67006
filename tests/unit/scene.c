// SPDX-License-Identifier: GPL-2.0-only
/* What the tests of the views share, see scene.h. Tests nothing itself. */
#include <stdlib.h>
#include <string.h>

#include "scene.h"

void scene__set_up(struct scene *scene, unsigned int nr_cpus, unsigned int nr_vipis, bool by_bit)
{
	memset(scene, 0, sizeof(*scene));
	unit__machine(&scene->machine, nr_cpus, nr_vipis);
	unit__snapshot(&scene->difference, nr_cpus, nr_vipis, by_bit);
	scene->difference.time = 2000000000;
	scene->difference.wall_time = WALL_TIME;
	scene->view.machine = &scene->machine;
}

void scene__tear_down(struct scene *scene)
{
	free(scene->text);
	snapshot__free(&scene->difference);
}

void scene__send(struct scene *scene, unsigned int sender, unsigned int target, unsigned int vipi,
		 enum ipimux_outcome outcome, __u64 number)
{
	unit__send(&scene->difference, sender, target, vipi, outcome, number);
	scene->happened.margin[sender][vipi].sent.outcome[outcome] += number;
	scene->happened.margin[target][vipi].received.outcome[outcome] += number;
}

void scene__process(struct scene *scene, unsigned int cpu, __u32 set, __u64 number)
{
	unit__process(&scene->difference, cpu, set, number);
	for (unsigned int vipi = 0; vipi < IPIMUX_MAX_VIPIS; vipi++)
		if (set >> vipi & 1)
			scene->happened.margin[cpu][vipi].handled += number;
	scene->happened.processes[cpu].batch[__builtin_popcount(set)] += number;
	scene->happened.processes[cpu].handled += __builtin_popcount(set) * number;
}

void scene__unmask(struct scene *scene, unsigned int cpu, unsigned int vipi,
		   enum ipimux_unmask what, __u64 number)
{
	unit__unmask(&scene->difference, cpu, vipi, what, number);
	scene->happened.margin[cpu][vipi].unmasks += number;
	if (what == IPIMUX_UNMASK_KICK)
		scene->happened.margin[cpu][vipi].kicks += number;
}

void scene__add_events(struct scene *scene, unsigned int nr_cpus, unsigned int limit,
		       uint64_t *random)
{
	for (int i = 0; i < 200; i++) {
		unsigned int cpu = unit__below(random, nr_cpus);
		unsigned int target = unit__below(random, nr_cpus);
		unsigned int vipi = unit__below(random, scene->machine.nr_vipis);
		unsigned int outcome = unit__below(random, IPIMUX_NR_OUTCOMES);
		__u32 set = unit__random(random) & ((1ULL << scene->machine.nr_vipis) - 1);
		__u64 number = unit__below(random, limit);

		scene__send(scene, cpu, target, vipi, outcome, number);
		scene__process(scene, cpu, unit__below(random, 4) ? set : 0, number / 2);
		scene__unmask(scene, cpu, vipi, outcome & 1, number / 4);
	}
}

void scene__split(struct scene *scene)
{
	char *at = scene->text, *end;

	scene->nr_lines = 0;
	for (; *at; at = end + 1) {
		end = strchr(at, '\n');
		assert_non_null(end);
		*end = '\0';
		assert_true(scene->nr_lines < MAX_LINES);
		scene->lines[scene->nr_lines++] = at;
	}
}

void scene__show_raw(struct scene *scene, enum how how, bool hotplug)
{
	struct audit_facts facts = { .hotplug = hotplug, .online = scene->difference.online,
				     .online_first = scene->difference.online };
	struct interval interval;
	struct audit audit;
	size_t size;

	/* Whatever is pending has been for a long time. */
	facts.unhandled = scene->unhandled;
	facts.stuck = scene->stuck;
	facts.cut_off = scene->cut_off;
	facts.waited = scene->unhandled ? STUCK_PATIENCE : 0;
	free(scene->text);
	scene->view.out = open_memstream(&scene->text, &size);
	assert_non_null(scene->view.out);
	assert_int_equal(audit__run(&audit, &scene->difference, &facts), 0);
	unit__interval(&interval, &scene->difference, scene->only);
	interval.audit = &audit;
	switch (how) {
	case TABLE_INTERVAL:
		assert_int_equal(stat_text.interval(&scene->view, &interval), 0);
		break;
	case LATENCY_INTERVAL:
		assert_int_equal(latency_text.interval(&scene->view, &interval), 0);
		break;
	case TABLE_SUMMARY:
		assert_int_equal(stat_text.summary(&scene->view, &interval), 0);
		break;
	case JSON_INTERVAL:
		assert_int_equal(stat_json.interval(&scene->view, &interval), 0);
		break;
	case JSON_SUMMARY:
		assert_int_equal(stat_json.summary(&scene->view, &interval), 0);
		break;
	}
	interval__free(&interval);
	audit__free(&audit);
	assert_int_equal(fclose(scene->view.out), 0);
	assert_int_equal(strlen(scene->text), size);
}

void scene__show(struct scene *scene, enum how how, bool hotplug)
{
	scene__show_raw(scene, how, hotplug);
	scene__split(scene);
}

const char *scene__line(const struct scene *scene, const char *start)
{
	for (unsigned int i = 0; i < scene->nr_lines; i++)
		if (!strncmp(scene->lines[i], start, strlen(start)))
			return scene->lines[i];
	return NULL;
}

const char *scene__row(const struct scene *scene, const char *name)
{
	char start[MACHINE_NAME_SIZE + 1];

	snprintf(start, sizeof(start), "%s ", name);
	return scene__line(scene, start);
}

struct margin scene__sum_of_cpu(const struct scene *scene, unsigned int cpu)
{
	struct margin sum = {};

	for (unsigned int vipi = 0; vipi < scene->machine.nr_vipis; vipi++)
		margin__add(&sum, &scene->happened.margin[cpu][vipi]);
	return sum;
}
