// SPDX-License-Identifier: GPL-2.0-only
/*
 * The JSON: that, read back, it holds the events that happened, as the scene counted
 * them, and all that was found about them.
 */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "scene.h"

static __u64 number_in(const json_t *object, const char *key)
{
	const json_t *number = json_object_get(object, key);

	check(json_is_integer(number), "no number \"%s\"", key);
	return json_integer_value(number);
}

/* count_in - one that may be left out if it is 0, and without --all is */
static __u64 count_in(const struct scene *scene, const json_t *object, const char *key)
{
	const json_t *number = json_object_get(object, key);

	if (!number) {
		check(!scene->view.zeros, "--all, and no \"%s\"", key);
		return 0;
	}
	check(json_integer_value(number) || scene->view.zeros, "\"%s\" is 0", key);
	return number_in(object, key);
}

/* load - the one line that the view wrote, as JSON; the caller's to free */
static json_t *load(struct scene *scene, enum how how)
{
	json_error_t error;
	json_t *object;

	scene__show(scene, how, false);
	assert_int_equal(scene->nr_lines, 1);
	object = json_loads(scene->lines[0], JSON_REJECT_DUPLICATES, &error);
	check(object, "%s", error.text);
	return object;
}

static void check_json_sends(const struct scene *scene, const json_t *object,
			     const struct sends *sends)
{
	static const char * const outcomes[IPIMUX_NR_OUTCOMES] = {
		"raised", "coalesced", "masked", "coalesced_while_masked",
	};

	unsigned int nr = 0;

	for (int o = 0; o < IPIMUX_NR_OUTCOMES; o++) {
		check(count_in(scene, object, outcomes[o]) == sends->outcome[o], "%s: %llu",
		      outcomes[o], (unsigned long long)sends->outcome[o]);
		nr += sends->outcome[o] || scene->view.zeros;
	}
	assert_int_equal(json_object_size(object), nr);
	/* Nothing in it: then it is not there. */
	check(nr || !object, "an empty object of sends");
}

static void check_json_margin(const struct scene *scene, const json_t *object,
			      const struct margin *margin)
{
	check_json_sends(scene, json_object_get(object, "sent"), &margin->sent);
	check_json_sends(scene, json_object_get(object, "received"), &margin->received);
	assert_int_equal(count_in(scene, object, "handled"), margin->handled);
	assert_int_equal(count_in(scene, object, "unmasks"), margin->unmasks);
	assert_int_equal(count_in(scene, object, "kicks"), margin->kicks);
}

/* check_json_sets - each set that was handled, as often as the table has it */
static void check_json_sets(const struct scene *scene, const json_t *sets, unsigned int cpu)
{
	const struct counters *counters = &scene->difference.counters;
	unsigned int nr_sets = 0;

	if (!counters->by_set) {
		assert_null(sets);
		return;
	}
	for (unsigned int set = 0; set >> counters->shape.processed_shift == 0; set++) {
		__u64 number = counters->processed[ipimux_processed_index(&counters->shape, cpu,
									  set)];
		char key[8];

		if (!number)
			continue;
		snprintf(key, sizeof(key), "%u", set);
		check(number_in(sets, key) == number, "set %s", key);
		nr_sets++;
	}
	assert_int_equal(json_object_size(sets), nr_sets);
}

static void check_json_cpu(const struct scene *scene, const json_t *object, unsigned int cpu)
{
	const struct processes *processes = &scene->happened.processes[cpu];
	const json_t *batches = json_object_get(object, "batches");
	const json_t *vipis = json_object_get(object, "vipis");
	struct margin sum = scene__sum_of_cpu(scene, cpu);
	unsigned int nr_batches = 0, nr_vipis = 0;
	__u64 calls = 0;

	/* Each CPU that is shown is there. */
	assert_true(json_is_object(object));
	check_json_margin(scene, object, &sum);
	for (unsigned int batch = 0; batch <= IPIMUX_MAX_VIPIS; batch++) {
		char key[8];

		snprintf(key, sizeof(key), "%u", batch);
		calls += processes->batch[batch];
		if (!processes->batch[batch])
			continue;
		check(number_in(batches, key) == processes->batch[batch], "batch %s", key);
		nr_batches++;
	}
	assert_int_equal(json_object_size(batches), nr_batches);
	check_json_sets(scene, json_object_get(object, "sets"), cpu);
	assert_int_equal(count_in(scene, object, "processes"), calls);
	assert_int_equal(count_in(scene, object, "empty"), processes->batch[0]);

	for (unsigned int vipi = 0; vipi < scene->machine.nr_vipis; vipi++) {
		const struct margin *margin = &scene->happened.margin[cpu][vipi];
		static const struct margin nothing;
		const json_t *of_vipi = json_object_get(vipis, scene->machine.vipi_name[vipi]);
		bool any = memcmp(margin, &nothing, sizeof(nothing)) || scene->view.zeros;

		check(any == !!of_vipi, "CPU %u, vIPI %u", cpu, vipi);
		nr_vipis += any;
		check_json_margin(scene, of_vipi, margin);
	}
	assert_int_equal(json_object_size(vipis), nr_vipis);
	check(nr_vipis || !vipis, "an empty object of vIPIs");
}

static unsigned int vipi_of(const struct scene *scene, const char *name)
{
	for (unsigned int vipi = 0; vipi < scene->machine.nr_vipis; vipi++)
		if (name && !strcmp(scene->machine.vipi_name[vipi], name))
			return vipi;
	fail_msg("no vIPI '%s'", name);
	return 0;
}

/*
 * check_json_traffic - is every send in the list, once? With a filter: every one
 * from or to a CPU that was asked for.
 */
static void check_json_traffic(const struct scene *scene, const json_t *traffic)
{
	const struct counters *counters = &scene->difference.counters;
	const struct cpuset *cpus = scene->only;
	struct happened sums = {};
	size_t i, expected = 0;
	const json_t *entry;

	json_array_foreach(traffic, i, entry) {
		unsigned int sender = json_integer_value(json_array_get(entry, 0));
		unsigned int target = json_integer_value(json_array_get(entry, 1));
		unsigned int vipi = vipi_of(scene, json_string_value(json_array_get(entry, 2)));

		assert_int_equal(json_array_size(entry), 7);
		assert_true(sender < MAX_CPUS && target < MAX_CPUS);
		assert_true(!cpus || cpuset__has(cpus, sender) || cpuset__has(cpus, target));
		for (int o = 0; o < IPIMUX_NR_OUTCOMES; o++) {
			__u64 number = json_integer_value(json_array_get(entry, 3 + o));

			check(number == counters->traffic[ipimux_traffic_index(&counters->shape,
									       sender, target,
									       vipi, o)],
			      "%u to %u, %d", sender, target, o);
			sums.margin[sender][vipi].sent.outcome[o] += number;
			sums.margin[target][vipi].received.outcome[o] += number;
		}
	}
	for (unsigned int cpu = 0; cpu < MAX_CPUS; cpu++) {
		if (cpus && !cpuset__has(cpus, cpu))
			continue;
		for (unsigned int vipi = 0; vipi < IPIMUX_MAX_VIPIS; vipi++) {
			const struct margin *margin = &scene->happened.margin[cpu][vipi];
			const struct margin *sum = &sums.margin[cpu][vipi];

			check(!memcmp(&sum->sent, &margin->sent, sizeof(sum->sent)),
			      "sent by %u, vIPI %u", cpu, vipi);
			check(!memcmp(&sum->received, &margin->received, sizeof(sum->received)),
			      "received by %u, vIPI %u", cpu, vipi);
		}
	}
	/* None of the entries is all zeros, or there would be 4096 CPUs' of them. */
	for (size_t cell = 0; cell <= counters->shape.traffic_mask; cell += IPIMUX_NR_OUTCOMES)
		expected += counters->traffic[cell] || counters->traffic[cell + 1] ||
			    counters->traffic[cell + 2] || counters->traffic[cell + 3];
	if (!cpus)
		assert_int_equal(json_array_size(traffic), expected);
}

static void check_json(const struct scene *scene, const json_t *object, unsigned int nr_cpus)
{
	const json_t *cpus = json_object_get(object, "cpus");
	unsigned int shown = 0;

	assert_int_equal(number_in(object, "version"), 1);
	assert_int_equal(number_in(object, "missed"), scene->difference.missed);
	for (unsigned int cpu = 0; cpu < nr_cpus; cpu++) {
		char key[16];

		snprintf(key, sizeof(key), "%u", cpu);
		if (scene->only && !cpuset__has(scene->only, cpu)) {
			assert_null(json_object_get(cpus, key));
			continue;
		}
		check_json_cpu(scene, json_object_get(cpus, key), cpu);
		shown++;
	}
	assert_int_equal(json_object_size(cpus), shown);
	check_json_traffic(scene, json_object_get(object, "traffic"));
}

static void test_json(void **state)
{
	uint64_t random = 19;

	for (int round = 0; round < 8; round++) {
		unsigned int nr_cpus = 1 + round % MAX_CPUS;
		struct scene scene;
		json_t *object;

		scene__set_up(&scene, nr_cpus, round % 2 ? 8 : 9, false);
		scene.view.zeros = round / 2 % 2;
		scene.difference.missed = round;
		/* Beyond what a double can hold. */
		scene__add_events(&scene, nr_cpus, 1 << 30, &random);
		scene__send(&scene, 0, 0, 0, IPIMUX_RAISED, (1ULL << 53) + 1);
		scene__process(&scene, 0, 1, (1ULL << 53) + 1);
		object = load(&scene, round % 2 ? JSON_INTERVAL : JSON_SUMMARY);
		assert_string_equal(json_string_value(json_object_get(object, "type")),
				    round % 2 ? "interval" : "summary");
		check_json(&scene, object, nr_cpus);
		json_decref(object);
		scene__tear_down(&scene);
	}
}

/* The sums of the JSON are the margins', so no view tells another story. */
static void test_json_margins(void **state)
{
	struct margins margins;
	struct margin of_json = {}, of_margins = {};
	uint64_t random = 20;
	struct scene scene;
	const json_t *cpu;
	const char *key;
	json_t *object;

	scene__set_up(&scene, 8, 8, true);
	scene__add_events(&scene, 8, 1000, &random);
	object = load(&scene, JSON_INTERVAL);
	json_object_foreach(json_object_get(object, "cpus"), key, cpu) {
		of_json.handled += count_in(&scene, cpu, "handled");
		of_json.unmasks += count_in(&scene, cpu, "unmasks");
		of_json.kicks += count_in(&scene, cpu, "kicks");
		of_json.sent.outcome[IPIMUX_MASKED] +=
			count_in(&scene, json_object_get(cpu, "sent"), "masked");
		of_json.received.outcome[IPIMUX_MASKED] +=
			count_in(&scene, json_object_get(cpu, "received"), "masked");
	}
	assert_int_equal(margins__init(&margins, &scene.difference.counters.shape), 0);
	margins__compute(&margins, &scene.difference.counters);
	for (unsigned int i = 0; i < margins.nr_cpus * margins.nr_vipis; i++)
		margin__add(&of_margins, &margins.margin[i]);
	margins__free(&margins);
	assert_int_equal(of_json.handled, of_margins.handled);
	assert_int_equal(of_json.unmasks, of_margins.unmasks);
	assert_int_equal(of_json.kicks, of_margins.kicks);
	assert_int_equal(of_json.sent.outcome[IPIMUX_MASKED],
			 of_margins.sent.outcome[IPIMUX_MASKED]);
	assert_int_equal(of_json.received.outcome[IPIMUX_MASKED],
			 of_margins.sent.outcome[IPIMUX_MASKED]);
	assert_true(of_json.handled > 0);
	json_decref(object);
	scene__tear_down(&scene);
}

/* 64 idle CPUs: an interval is small, and still names each of them. */
static void test_json_idle(void **state)
{
	struct snapshot difference;
	struct interval interval;
	struct machine machine;
	struct view view;
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	json_t *object;

	unit__snapshot(&difference, 64, 8, false);
	unit__machine(&machine, 64, 8);
	unit__interval(&interval, &difference, NULL);
	view__init(&view, out, &machine);
	assert_int_equal(view_stat__json_interval(&view, &interval), 0);
	fclose(out);
	check(size < 5000, "%zu bytes", size);
	object = json_loads(text, 0, NULL);
	assert_int_equal(json_object_size(json_object_get(object, "cpus")), 64);
	json_decref(object);
	free(text);
	interval__free(&interval);
	snapshot__free(&difference);
}

static void test_json_filter(void **state)
{
	static const char * const lists[] = { "2", "0,3", "0-3" };
	uint64_t random = 21;
	struct scene scene;

	scene__set_up(&scene, 4, 8, false);
	scene.only = &scene.cpus;
	scene__add_events(&scene, 4, 100, &random);
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		json_t *object;

		assert_int_equal(cpuset__parse(&scene.cpus, lists[i]), 0);
		object = load(&scene, JSON_INTERVAL);
		check_json(&scene, object, 4);
		json_decref(object);
	}
	scene__tear_down(&scene);
}

/* What is not known is null, and not 0. */
static void test_json_missed_unknown(void **state)
{
	struct scene scene;
	json_t *object;

	scene__set_up(&scene, 4, 8, false);
	scene.difference.missed_unknown = true;
	object = load(&scene, JSON_SUMMARY);
	assert_true(json_is_null(json_object_get(object, "missed")));
	assert_true(json_is_null(json_object_get(json_object_get(object, "audit"), "missed")));
	json_decref(object);
	scene__tear_down(&scene);
}

static void test_json_online(void **state)
{
	static const unsigned int cpus[] = { 0, 1, 3 };
	struct scene scene;
	const json_t *online;
	json_t *object;

	scene__set_up(&scene, 4, 5, false);
	assert_int_equal(cpuset__parse(&scene.difference.online, "0-1,3"), 0);
	object = load(&scene, JSON_INTERVAL);
	online = json_object_get(object, "online");
	assert_int_equal(json_array_size(online), ARRAY_SIZE(cpus));
	for (size_t i = 0; i < ARRAY_SIZE(cpus); i++)
		assert_int_equal(json_integer_value(json_array_get(online, i)), cpus[i]);
	assert_null(json_object_get(json_object_get(object, "cpus"), "2"));
	assert_int_equal(json_array_size(json_object_get(object, "traffic")), 0);
	json_decref(object);

	/* Offline, but sent to. */
	scene__send(&scene, 0, 2, 4, IPIMUX_MASKED, 1);
	object = load(&scene, JSON_INTERVAL);
	check_json(&scene, object, 4);
	json_decref(object);
	scene__tear_down(&scene);
}

/* A time in ns survives as seconds; that of the wall as well as a double can. */
static void test_json_time(void **state)
{
	static const __u64 times[] = { 1, 999, 1000000001, 123456789012345, 2592000000000001 };
	struct scene scene;

	scene__set_up(&scene, 1, 1, false);
	for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
		json_t *object;
		double time;

		scene.difference.time = times[i];
		object = load(&scene, JSON_INTERVAL);
		time = json_number_value(json_object_get(object, "interval"));
		check((__u64)llround(time * 1e9) == times[i], "%llu ns: %.17g",
		      (unsigned long long)times[i], time);
		time = json_number_value(json_object_get(object, "time"));
		check(fabs(time - WALL_TIME / 1e9) < 1e-6, "%.17g", time);
		json_decref(object);
	}
	scene__tear_down(&scene);
}

static void test_json_audit(void **state)
{
	const json_t *audit, *entry;
	struct scene scene;
	json_t *object;

	scene__set_up(&scene, 4, 8, false);
	scene.difference.missed = 3;
	scene__send(&scene, 0, 1, 1, IPIMUX_RAISED, 10);
	scene__send(&scene, 3, 1, 1, IPIMUX_MASKED, 5);
	scene__process(&scene, 1, 1 << 1, 15);
	unit__unbalance(&scene.difference, 0, 0, 1);
	unit__unbalance(&scene.difference, 2, 4, 2);
	unit__unbalance(&scene.difference, 3, 7, -4);
	object = load(&scene, JSON_SUMMARY);
	audit = json_object_get(object, "audit");
	assert_string_equal(json_string_value(json_object_get(audit, "verdict")), "off");
	assert_int_equal(number_in(audit, "raised"), 13);
	assert_int_equal(number_in(audit, "masked"), 5);
	assert_int_equal(number_in(audit, "handled"), 19);
	assert_int_equal(number_in(audit, "still_pending"), 1);
	assert_int_equal(number_in(audit, "carried_in"), 0);
	assert_int_equal(number_in(audit, "unseen"), 4);
	assert_int_equal(number_in(audit, "missed"), 3);
	assert_true(json_is_false(json_object_get(audit, "hotplug")));
	assert_true(json_is_null(json_object_get(audit, "kernel_room")));

	assert_int_equal(json_array_size(json_object_get(audit, "entries")), 3);
	entry = json_array_get(json_object_get(audit, "entries"), 1);
	assert_int_equal(number_in(entry, "cpu"), 2);
	assert_string_equal(json_string_value(json_object_get(entry, "vipi")), "IRQ_WORK");
	assert_string_equal(json_string_value(json_object_get(entry, "finding")), "lost");
	assert_int_equal(number_in(entry, "number"), 2);
	assert_string_equal(json_string_value(json_object_get(entry, "verdict")), "off");
	entry = json_array_get(json_object_get(audit, "entries"), 2);
	assert_string_equal(json_string_value(json_object_get(entry, "finding")), "not_seen");
	assert_int_equal(number_in(entry, "number"), 4);
	assert_string_equal(json_string_value(json_object_get(entry, "verdict")), "except");
	json_decref(object);

	/* An interval has none: what is pending at its edges is not settled. */
	object = load(&scene, JSON_INTERVAL);
	assert_null(json_object_get(object, "audit"));
	json_decref(object);
	scene__tear_down(&scene);
}

static void test_json_audit_cut_off(void **state)
{
	const json_t *audit;
	struct scene scene;
	json_t *object;

	scene__set_up(&scene, 4, 8, false);
	scene.cut_off = true;
	scene__send(&scene, 0, 1, 1, IPIMUX_RAISED, 10);
	scene__send(&scene, 0, 1, 1, IPIMUX_MASKED, 2);
	scene__process(&scene, 1, 1 << 1, 4);
	object = load(&scene, JSON_SUMMARY);
	audit = json_object_get(object, "audit");
	assert_string_equal(json_string_value(json_object_get(audit, "verdict")), "not_judged");
	assert_int_equal(number_in(audit, "raised"), 10);
	assert_int_equal(number_in(audit, "masked"), 2);
	assert_int_equal(number_in(audit, "handled"), 4);
	assert_int_equal(json_object_size(audit), 6);
	json_decref(object);
	scene__tear_down(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_json_margins),
		cmocka_unit_test(test_json_idle),
		cmocka_unit_test(test_json_filter),
		cmocka_unit_test(test_json_missed_unknown),
		cmocka_unit_test(test_json_online),
		cmocka_unit_test(test_json_time),
		cmocka_unit_test(test_json_audit),
		cmocka_unit_test(test_json_audit_cut_off),
	};

	return UNIT_RUN("view-json", tests);
}
