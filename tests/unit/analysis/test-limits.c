// SPDX-License-Identifier: GPL-2.0-only
/*
 * Limits: that what is no limit is refused, that each is judged exactly at its edge, of the
 * CPUs and vIPIs that it is for, and that rates are those of the busiest window.
 */
#include <errno.h>
#include <string.h>

#include "analysis/limits.h"
#include "unit.h"

#define NR_CPUS		4
#define NR_VIPIS	8
#define SECOND		1000000000ULL

static void test_parse(void **state)
{
	static const struct {
		enum limit_kind kind;
		const char *text;
		int err;
		const char *vipi;
		__u64 number;
	} cases[] = {
		{ LIMIT_RATE, "2000", 0, "", 2000 },
		{ LIMIT_RATE, "2000/s", 0, "", 2000 },
		{ LIMIT_RATE, "0", 0, "", 0 },
		{ LIMIT_RATE, "RESCHEDULE=5/s", 0, "RESCHEDULE", 5 },
		{ LIMIT_RATE, "a=b=5", 0, "a=b", 5 },
		{ LIMIT_RATE, "=5", -EINVAL, NULL, 0 },
		{ LIMIT_RATE, "TIMER=", -EINVAL, NULL, 0 },
		{ LIMIT_RATE, "", -EINVAL, NULL, 0 },
		{ LIMIT_RATE, "5/m", -EINVAL, NULL, 0 },
		{ LIMIT_RATE, "-5", -EINVAL, NULL, 0 },
		{ LIMIT_RATE, "5%", -EINVAL, NULL, 0 },
		{ LIMIT_RATE, "1.5", -EINVAL, NULL, 0 },
		{ LIMIT_RATE, "0x10", -EINVAL, NULL, 0 },
		{ LIMIT_RATE, "1000000000000", 0, "", 1000000000000 },
		{ LIMIT_RATE, "1000000000001", -EINVAL, NULL, 0 },
		{ LIMIT_RATE, "99999999999999999999", -EINVAL, NULL, 0 },
		{ LIMIT_RATE, "a-name-of-31-characters--------=1", 0,
		  "a-name-of-31-characters--------", 1 },
		{ LIMIT_RATE, "a-name-of-32-characters---------=1", -EINVAL, NULL, 0 },
		{ LIMIT_COALESCED, "50", 0, "", 50000 },
		{ LIMIT_COALESCED, "TIMER=50.125%", 0, "TIMER", 50125 },
		{ LIMIT_COALESCED, "0%", 0, "", 0 },
		{ LIMIT_COALESCED, "100%", 0, "", 100000 },
		{ LIMIT_COALESCED, "100.1%", -EINVAL, NULL, 0 },
		{ LIMIT_COALESCED, "nan", -EINVAL, NULL, 0 },
		{ LIMIT_COALESCED, "5/s", -EINVAL, NULL, 0 },
		{ LIMIT_LATENCY, "p99=200us", 0, "", 200000 },
		{ LIMIT_LATENCY, "max=1.5ms", 0, "", 1500000 },
		{ LIMIT_LATENCY, "TIMER=p50=7ns", 0, "TIMER", 7 },
		{ LIMIT_LATENCY, "p90=2s", 0, "", 2 * SECOND },
		{ LIMIT_LATENCY, "200us", -EINVAL, NULL, 0 },
		{ LIMIT_LATENCY, "p99=200", -EINVAL, NULL, 0 },
		{ LIMIT_LATENCY, "p99=0us", -EINVAL, NULL, 0 },
		{ LIMIT_LATENCY, "p95=200us", -EINVAL, NULL, 0 },
		{ LIMIT_LATENCY, "p9=200us", -EINVAL, NULL, 0 },
		{ LIMIT_LATENCY, "p99=200h", -EINVAL, NULL, 0 },
		{ LIMIT_LATENCY, "p99=1e300s", -EINVAL, NULL, 0 },
		{ LIMIT_LATENCY, "TIMER=200us", -EINVAL, NULL, 0 },
		{ LIMIT_LATENCY, "=p99=200us", -EINVAL, NULL, 0 },
		{ LIMIT_EMPTY, "100", 0, "", 100 },
		{ LIMIT_EMPTY, "0.5%", 0, "", 500 },
		{ LIMIT_EMPTY, "TIMER=5", -EINVAL, NULL, 0 },
		{ LIMIT_EMPTY, "0.5", -EINVAL, NULL, 0 },
		{ LIMIT_SENDS, "1", 0, "", 1 },
		{ LIMIT_SENDS, "TIMER=12", 0, "TIMER", 12 },
		{ LIMIT_SENDS, "0", -EINVAL, NULL, 0 },
		{ LIMIT_SENDS, "5/s", -EINVAL, NULL, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct limits limits = {};
		const struct limit *limit = limits.limit;
		int err = limits__add(&limits, cases[i].kind, cases[i].text);

		check(err == cases[i].err && limits.nr_limits == !err, "'%s': %d, %u",
		      cases[i].text, err, limits.nr_limits);
		if (err)
			continue;
		check(!strcmp(limit->vipi_name, cases[i].vipi) &&
		      limit->number == cases[i].number, "'%s': '%s', %llu", cases[i].text,
		      limit->vipi_name, limit->number);
		assert_int_equal(limit->vipi, LIMIT_ALL_VIPIS);
	}
}

static void test_parse_many(void **state)
{
	struct limits limits = {};
	struct machine machine;
	char text[32];

	unit__machine(&machine, NR_CPUS, NR_VIPIS);
	assert_int_equal(limits__add(&limits, LIMIT_LATENCY, "timer=p90=1us"), 0);
	assert_int_equal(limits.limit[0].figure, LIMIT_P90);
	/* In its place... */
	assert_int_equal(limits__add(&limits, LIMIT_LATENCY, "TIMER=p90=2us"), 0);
	assert_int_equal(limits.nr_limits, 1);
	assert_int_equal(limits.limit[0].number, 2000);
	/* ...and beside it. */
	assert_int_equal(limits__add(&limits, LIMIT_LATENCY, "TIMER=p99=2us"), 0);
	assert_int_equal(limits__add(&limits, LIMIT_LATENCY, "p90=2us"), 0);
	assert_int_equal(limits__add(&limits, LIMIT_RATE, "3=1"), 0);
	assert_int_equal(limits.nr_limits, 4);
	assert_null(limits__resolve(&limits, &machine));
	assert_int_equal(limits.limit[1].vipi, 5);
	assert_int_equal(limits.limit[2].vipi, LIMIT_ALL_VIPIS);
	assert_int_equal(limits.limit[3].vipi, 3);

	for (unsigned int i = limits.nr_limits; i < LIMITS_MAX; i++) {
		snprintf(text, sizeof(text), "name%u=1", i);
		assert_int_equal(limits__add(&limits, LIMIT_SENDS, text), 0);
	}
	assert_int_equal(limits__add(&limits, LIMIT_SENDS, "1"), -ENOSPC);
	assert_int_equal(limits__add(&limits, LIMIT_SENDS, "name9=7"), 0);
	assert_int_equal(limits.limit[9].number, 7);
	assert_string_equal(limits__resolve(&limits, &machine), "name4");
}

/* A run of one interval in which something happened, and what limits make of it. */
struct scene {
	struct snapshot run;
	struct limits limits;
};

static void set_up(struct scene *scene, bool by_bit)
{
	*scene = (struct scene){ .limits.window = SECOND };
	unit__snapshot(&scene->run, NR_CPUS, NR_VIPIS, by_bit);
	assert_int_equal(snapshot__add(&scene->run, COUNTERS_WAITS), 0);
	scene->run.time = 2 * SECOND;
	/* To CPU 2: 10 TIMERs, 9 of them coalesced, and 30 others; to CPU 1: 20. */
	unit__send(&scene->run, 0, 2, 5, IPIMUX_RAISED, 1);
	unit__send(&scene->run, 0, 2, 5, IPIMUX_COALESCED, 6);
	unit__send(&scene->run, 3, 2, 5, IPIMUX_COALESCED_WHILE_MASKED, 3);
	unit__send(&scene->run, 1, 2, 0, IPIMUX_RAISED, 29);
	unit__send(&scene->run, 1, 2, 0, IPIMUX_MASKED, 1);
	unit__send(&scene->run, 2, 1, 1, IPIMUX_RAISED, 19);
	unit__send(&scene->run, 2, 1, 1, IPIMUX_COALESCED, 1);
	/* 100 processes, 3 of them empty, 2 of these on CPU 1. */
	unit__process(&scene->run, 1, 0, 2);
	unit__process(&scene->run, 1, 1 << 1, 19);
	unit__process(&scene->run, 2, 0, 1);
	unit__process(&scene->run, 2, 1 << 0 | 1 << 5, 78);
}

static void watch(struct limits *limits, const struct snapshot *difference)
{
	struct margins margins;

	assert_int_equal(margins__init(&margins, &difference->counters.shape), 0);
	margins__compute(&margins, &difference->counters);
	limits__watch(limits, difference, &margins);
	margins__free(&margins);
}

static void judge_run(struct limits *limits, const struct snapshot *run)
{
	struct margins margins;

	assert_int_equal(margins__init(&margins, &run->counters.shape), 0);
	margins__compute(&margins, &run->counters);
	limits__judge(limits, run, &margins);
	margins__free(&margins);
}

/* judge - one limit, of a run that came in one interval */
static struct verdict judge(struct scene *scene, enum limit_kind kind, const char *text)
{
	struct machine machine;
	struct verdict verdict;

	unit__machine(&machine, NR_CPUS, NR_VIPIS);
	scene->limits.nr_limits = 0;
	scene->limits.elapsed = scene->limits.ns = scene->limits.ns_before = 0;
	assert_int_equal(limits__add(&scene->limits, kind, text), 0);
	assert_null(limits__resolve(&scene->limits, &machine));
	assert_int_equal(limits__init(&scene->limits, &scene->run.counters.shape), 0);
	watch(&scene->limits, &scene->run);
	judge_run(&scene->limits, &scene->run);
	verdict = scene->limits.verdict[0];
	limits__free(&scene->limits);
	return verdict;
}

static void tear_down(struct scene *scene)
{
	snapshot__free(&scene->run);
}

static void test_edges(void **state)
{
	static const struct {
		enum limit_kind kind;
		const char *text;
		enum limit_result result;
		unsigned int cpu, vipi;
		__u64 part, whole, cell_part, cell_whole;
	} cases[] = {
		{ LIMIT_RATE, "20", LIMIT_KEPT, 2, 0, 40, 40, 30, 0 },
		{ LIMIT_RATE, "19", LIMIT_EXCEEDED, 2, 0, 40, 40, 30, 0 },
		{ LIMIT_RATE, "TIMER=5", LIMIT_KEPT, 2, 5, 10, 10, 10, 0 },
		{ LIMIT_RATE, "TIMER=4", LIMIT_EXCEEDED, 2, 5, 10, 10, 10, 0 },
		{ LIMIT_RATE, "CALL_FUNC=9", LIMIT_EXCEEDED, 1, 1, 20, 20, 20, 0 },
		{ LIMIT_RATE, "CPU_STOP=0", LIMIT_KEPT, 0, 2, 0, 0, 0, 0 },
		{ LIMIT_COALESCED, "16.667%", LIMIT_KEPT, 2, 5, 10, 60, 9, 10 },
		{ LIMIT_COALESCED, "16.666%", LIMIT_EXCEEDED, 2, 5, 10, 60, 9, 10 },
		{ LIMIT_COALESCED, "TIMER=90", LIMIT_KEPT, 2, 5, 9, 10, 9, 10 },
		{ LIMIT_COALESCED, "TIMER=89.999", LIMIT_EXCEEDED, 2, 5, 9, 10, 9, 10 },
		{ LIMIT_COALESCED, "CALL_FUNC=4.999", LIMIT_EXCEEDED, 1, 1, 1, 20, 1, 20 },
		{ LIMIT_COALESCED, "RESCHEDULE=0", LIMIT_KEPT, 2, 0, 0, 30, 0, 30 },
		{ LIMIT_COALESCED, "CPU_STOP=0", LIMIT_NOTHING, 0, 0, 0, 0, 0, 0 },
		{ LIMIT_EMPTY, "3", LIMIT_KEPT, 1, LIMIT_ALL_VIPIS, 3, 100, 2, 21 },
		{ LIMIT_EMPTY, "2", LIMIT_EXCEEDED, 1, LIMIT_ALL_VIPIS, 3, 100, 2, 21 },
		{ LIMIT_EMPTY, "3%", LIMIT_KEPT, 1, LIMIT_ALL_VIPIS, 3, 100, 2, 21 },
		{ LIMIT_EMPTY, "2.999%", LIMIT_EXCEEDED, 1, LIMIT_ALL_VIPIS, 3, 100, 2, 21 },
		{ LIMIT_SENDS, "60", LIMIT_KEPT, 2, 0, 60, 60, 30, 30 },
		{ LIMIT_SENDS, "61", LIMIT_EXCEEDED, 2, 0, 60, 60, 30, 30 },
		{ LIMIT_SENDS, "TIMER=10", LIMIT_KEPT, 2, 5, 10, 10, 10, 10 },
		{ LIMIT_SENDS, "TIMER=11", LIMIT_EXCEEDED, 2, 5, 10, 10, 10, 10 },
		{ LIMIT_SENDS, "CPU_STOP=1", LIMIT_EXCEEDED, 0, 0, 0, 0, 0, 0 },
		{ LIMIT_LATENCY, "p99=1ns", LIMIT_NOTHING, 0, 0, 0, 0, 0, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct verdict verdict;
		struct scene scene;

		set_up(&scene, i % 2);
		verdict = judge(&scene, cases[i].kind, cases[i].text);
		check(verdict.result == cases[i].result, "%zu '%s': %d", i, cases[i].text,
		      verdict.result);
		check(verdict.part == cases[i].part && verdict.whole == cases[i].whole,
		      "%zu '%s': %llu of %llu", i, cases[i].text, verdict.part, verdict.whole);
		check(verdict.cell_part == cases[i].cell_part &&
		      verdict.cell_whole == cases[i].cell_whole, "%zu '%s': %llu of %llu", i,
		      cases[i].text, verdict.cell_part, verdict.cell_whole);
		if (verdict.part)
			check(verdict.cpu == cases[i].cpu && verdict.vipi == cases[i].vipi,
			      "%zu '%s': CPU %u vIPI %u", i, cases[i].text, verdict.cpu,
			      verdict.vipi);
		tear_down(&scene);
	}
}

/* What may have been coalesced, for all one knows, exceeds nothing. */
static void test_uncertain(void **state)
{
	struct verdict verdict;
	struct scene scene;
	__u64 *doubts;

	set_up(&scene, true);
	assert_int_equal(snapshot__add(&scene.run, COUNTERS_DOUBTS), 0);
	doubts = &scene.run.counters.doubts[ipimux_doubts_index(&scene.run.counters.shape, 2, 5,
								IPIMUX_UNCERTAIN)];
	/* 9 of 10 coalesced. */
	assert_int_equal(judge(&scene, LIMIT_COALESCED, "TIMER=89.999").result, LIMIT_EXCEEDED);
	*doubts = 1;
	verdict = judge(&scene, LIMIT_COALESCED, "TIMER=89.999");
	assert_int_equal(verdict.result, LIMIT_KEPT);
	assert_int_equal(verdict.part, 9);
	assert_int_equal(verdict.uncertain, 1);
	assert_int_equal(judge(&scene, LIMIT_COALESCED, "TIMER=79.999").result, LIMIT_EXCEEDED);
	assert_int_equal(judge(&scene, LIMIT_COALESCED, "CALL_FUNC=4.999").result, LIMIT_EXCEEDED);
	*doubts = 10;
	assert_int_equal(judge(&scene, LIMIT_COALESCED, "TIMER=0").result, LIMIT_KEPT);
	/* It was sent. */
	assert_int_equal(judge(&scene, LIMIT_SENDS, "TIMER=10").result, LIMIT_KEPT);
	tear_down(&scene);
}

static void test_nothing_happened(void **state)
{
	struct scene scene;

	set_up(&scene, false);
	snapshot__free(&scene.run);
	unit__snapshot(&scene.run, NR_CPUS, NR_VIPIS, false);
	scene.run.time = SECOND;
	assert_int_equal(judge(&scene, LIMIT_EMPTY, "0%").result, LIMIT_NOTHING);
	assert_int_equal(judge(&scene, LIMIT_EMPTY, "0").result, LIMIT_KEPT);
	assert_int_equal(judge(&scene, LIMIT_COALESCED, "0").result, LIMIT_NOTHING);
	assert_int_equal(judge(&scene, LIMIT_RATE, "0").result, LIMIT_KEPT);
	assert_int_equal(judge(&scene, LIMIT_SENDS, "1").result, LIMIT_EXCEEDED);
	assert_int_equal(judge(&scene, LIMIT_LATENCY, "max=1s").result, LIMIT_NOT_TIMED);
	scene.run.time = 0;
	assert_int_equal(judge(&scene, LIMIT_RATE, "0").result, LIMIT_NOTHING);
	tear_down(&scene);
}

/* Only what is sent to the CPUs asked for. */
static void test_cpus(void **state)
{
	struct cpuset cpus = {};
	struct verdict verdict;
	struct scene scene;

	set_up(&scene, false);
	cpuset__add(&cpus, 1);
	cpuset__add(&cpus, 3);
	scene.limits.cpus = &cpus;
	verdict = judge(&scene, LIMIT_RATE, "9");
	assert_int_equal(verdict.cpu, 1);
	assert_int_equal(verdict.result, LIMIT_EXCEEDED);
	assert_int_equal(cpuset__count(&verdict.exceeded), 1);
	assert_int_equal(judge(&scene, LIMIT_COALESCED, "0").part, 1);
	assert_int_equal(judge(&scene, LIMIT_SENDS, "1").part, 20);
	assert_int_equal(judge(&scene, LIMIT_EMPTY, "1").part, 2);
	tear_down(&scene);
}

static void add_waits(struct snapshot *run, unsigned int cpu, unsigned int vipi, __u64 ns,
		      __u64 number)
{
	size_t index = ipimux_waits_index(&run->counters.shape, cpu, vipi);

	run->counters.waits[index].raised[ipimux_bucket(ns)] += number;
}

/* A figure exceeds a limit if its bucket lies above it, not if the limit is in the bucket. */
static void test_latency(void **state)
{
	struct verdict verdict;
	struct scene scene;
	unsigned int bucket = ipimux_bucket(1000000);
	__u64 low = latency__bucket_start(bucket), high = latency__bucket_start(bucket + 1);
	char text[64];

	set_up(&scene, false);
	add_waits(&scene.run, 1, 1, 1000, 90);
	add_waits(&scene.run, 2, 5, 1000, 8);
	add_waits(&scene.run, 2, 5, 1000000, 2);

	snprintf(text, sizeof(text), "p99=%lluns", low);
	verdict = judge(&scene, LIMIT_LATENCY, text);
	assert_int_equal(verdict.result, LIMIT_KEPT);
	assert_int_equal(verdict.part, 0);
	snprintf(text, sizeof(text), "p99=%lluns", low - 1);
	verdict = judge(&scene, LIMIT_LATENCY, text);
	assert_int_equal(verdict.result, LIMIT_EXCEEDED);
	assert_int_equal(verdict.low, low);
	assert_int_equal(verdict.high, high);
	assert_int_equal(verdict.cpu, 2);
	assert_int_equal(verdict.vipi, 5);
	assert_int_equal(verdict.part, 2);
	assert_int_equal(verdict.whole, 100);
	assert_int_equal(verdict.cell_part, 2);
	assert_int_equal(verdict.cell_whole, 10);

	assert_int_equal(judge(&scene, LIMIT_LATENCY, "p90=2us").result, LIMIT_KEPT);
	assert_int_equal(judge(&scene, LIMIT_LATENCY, "TIMER=p90=2us").result, LIMIT_EXCEEDED);
	assert_int_equal(judge(&scene, LIMIT_LATENCY, "TIMER=p50=2us").result, LIMIT_KEPT);
	assert_int_equal(judge(&scene, LIMIT_LATENCY, "CALL_FUNC=max=2us").result, LIMIT_KEPT);
	assert_int_equal(judge(&scene, LIMIT_LATENCY, "max=2us").result, LIMIT_EXCEEDED);

	/* The last bucket has no end. */
	add_waits(&scene.run, 3, 0, 200 * SECOND, 1);
	verdict = judge(&scene, LIMIT_LATENCY, "max=100s");
	assert_int_equal(verdict.result, LIMIT_EXCEEDED);
	assert_true(verdict.high == UINT64_MAX);
	assert_int_equal(verdict.cpu, 3);
	tear_down(&scene);
}

/* interval - @sends of vIPI @vipi to CPU @cpu in @ns */
static void interval(struct limits *limits, unsigned int cpu, unsigned int vipi, __u64 sends,
		     __u64 ns, struct snapshot *run)
{
	struct snapshot difference;

	unit__snapshot(&difference, NR_CPUS, NR_VIPIS, false);
	unit__send(&difference, 0, cpu, vipi, IPIMUX_RAISED, sends);
	unit__send(run, 0, cpu, vipi, IPIMUX_RAISED, sends);
	difference.time = ns;
	run->time += ns;
	watch(limits, &difference);
	snapshot__free(&difference);
}

static void test_windows(void **state)
{
	/* Sends to CPU 1 in intervals of so many ms, and the busiest window. */
	static const struct {
		const char *what;
		struct {
			unsigned int sends, ms;
		} intervals[8];
		unsigned int sends, ms, start;
	} cases[] = {
		{ "one", { { 7, 1000 } }, 7, 1000, 0 },
		{ "quarters", { { 1, 250 }, { 2, 250 }, { 3, 250 }, { 4, 250 } }, 10, 1000, 0 },
		{ "the second", { { 1, 1000 }, { 9, 1000 }, { 2, 1000 } }, 9, 1000, 1000 },
		{ "a short run", { { 5, 100 } }, 5, 100, 0 },
		{ "a rest is no window", { { 5, 1000 }, { 9, 10 } }, 14, 1010, 0 },
		{ "a rest, and others", { { 8, 1000 }, { 5, 1000 }, { 2, 10 } }, 8, 1000, 0 },
		{ "a rest that counts", { { 8, 1000 }, { 5, 1000 }, { 4, 10 } }, 9, 1010, 1000 },
		{ "late", { { 6, 1500 }, { 5, 1000 } }, 5, 1000, 1500 },
		{ "nothing", { { 0, 1000 }, { 0, 1000 } }, 0, 1000, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct limits limits = { .window = SECOND };
		const struct verdict *verdict = limits.verdict;
		struct snapshot run;

		unit__snapshot(&run, NR_CPUS, NR_VIPIS, false);
		assert_int_equal(limits__add(&limits, LIMIT_RATE, "1000"), 0);
		assert_int_equal(limits__init(&limits, &run.counters.shape), 0);
		for (size_t n = 0; n < 8 && cases[i].intervals[n].ms; n++)
			interval(&limits, 1, 4, cases[i].intervals[n].sends,
				 cases[i].intervals[n].ms * 1000000ULL, &run);
		judge_run(&limits, &run);
		/* "a rest that counts" has 9 in 1.01 s, which is more than 8 in 1 s. */
		check(verdict->part == cases[i].sends &&
		      verdict->ns == cases[i].ms * 1000000ULL &&
		      verdict->start == cases[i].start * 1000000ULL,
		      "%s: %llu in %llu from %llu on", cases[i].what, verdict->part, verdict->ns,
		      verdict->start);
		check(!verdict->part || (verdict->cpu == 1 && verdict->vipi == 4),
		      "%s: CPU %u vIPI %u", cases[i].what, verdict->cpu, verdict->vipi);
		assert_int_equal(verdict->result, LIMIT_KEPT);
		limits__free(&limits);
		snapshot__free(&run);
	}
}

/* All CPUs that exceed it are known, in whichever window they do. */
static void test_exceeded(void **state)
{
	struct limits limits = { .window = SECOND };
	const struct verdict *verdict = limits.verdict;
	struct snapshot run;

	unit__snapshot(&run, NR_CPUS, NR_VIPIS, false);
	assert_int_equal(limits__add(&limits, LIMIT_RATE, "9"), 0);
	assert_int_equal(limits__init(&limits, &run.counters.shape), 0);
	interval(&limits, 1, 4, 10, SECOND, &run);
	interval(&limits, 2, 3, 9, SECOND, &run);
	interval(&limits, 3, 3, 12, SECOND, &run);
	interval(&limits, 1, 4, 30, 10 * SECOND, &run);
	judge_run(&limits, &run);
	assert_int_equal(verdict->result, LIMIT_EXCEEDED);
	assert_int_equal(cpuset__count(&verdict->exceeded), 2);
	assert_true(cpuset__has(&verdict->exceeded, 1) && cpuset__has(&verdict->exceeded, 3));
	assert_int_equal(verdict->cpu, 3);
	assert_int_equal(verdict->start, 2 * SECOND);
	assert_int_equal(verdict->whole, 12);
	limits__free(&limits);
	snapshot__free(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_parse_many),
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_uncertain),
		cmocka_unit_test(test_nothing_happened),
		cmocka_unit_test(test_cpus),
		cmocka_unit_test(test_latency),
		cmocka_unit_test(test_windows),
		cmocka_unit_test(test_exceeded),
	};

	return UNIT_RUN("limits", tests);
}
