// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is stuck: that a bit which stays pending for five seconds is found, whatever
 * the length of the intervals, and that nothing else is.
 */
#include <string.h>

#include "stuck.h"
#include "unit.h"

#define NR_CPUS		4
#define NR_VIPIS	8
#define CPU		2
#define VIPI		5
#define SECOND		1000000000ULL

/* What happens in an interval, by a letter each. */
static void happen(struct snapshot *now, const char *events)
{
	for (; *events; events++) {
		switch (*events) {
		case 'r':
			unit__send(now, 0, CPU, VIPI, IPIMUX_RAISED, 1);
			break;
		case 'c':
			unit__send(now, 1, CPU, VIPI, IPIMUX_COALESCED, 1);
			break;
		case 'm':
			unit__send(now, 1, CPU, VIPI, IPIMUX_MASKED, 1);
			break;
		case 'k':
			unit__unmask(now, CPU, VIPI, IPIMUX_UNMASK_KICK, 1);
			break;
		case 'h':
			unit__process(now, CPU, 1 << VIPI, 1);
			break;
		case 'o':
			unit__process(now, CPU, 1 << 1, 1);
			break;
		case '-':
			memset(&now->online, 0, sizeof(now->online));
			break;
		case '+':
			for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
				cpuset__add(&now->online, cpu);
			break;
		}
	}
}

/* copy - a snapshot is never changed once it is taken */
static void copy(struct snapshot *to, const struct snapshot *from)
{
	const struct ipimux_shape *shape = &from->counters.shape;

	to->time = from->time;
	to->online = from->online;
	memcpy(to->counters.traffic, from->counters.traffic,
	       ((size_t)shape->traffic_mask + 1) * sizeof(__u64));
	memcpy(to->counters.processed, from->counters.processed,
	       ((size_t)shape->processed_mask + 1) * sizeof(__u64));
	memcpy(to->counters.unmasked, from->counters.unmasked,
	       ((size_t)shape->unmasked_mask + 1) * sizeof(__u64));
}

static void test_watch(void **state)
{
	static const struct {
		const char *what;
		__u64 interval;
		const char *events[12];
		bool found;
	} cases[] = {
		{ "nothing", SECOND, { "", "", "", "", "", "", "", "" }, false },
		{ "raised and handled", SECOND, { "rh", "rh", "rh", "rh", "rh", "rh" }, false },
		/* Pending at each end, but another one each time. */
		{ "never the same", SECOND, { "r", "hr", "hr", "hr", "hr", "hr", "hr" }, false },
		{ "5 s", SECOND, { "r", "", "", "", "", "" }, true },
		{ "4 s", SECOND, { "r", "", "", "", "", "h" }, false },
		{ "twice 4 s", SECOND, { "r", "", "", "", "", "hr", "", "", "", "", "h" }, false },
		{ "it came to its end", SECOND, { "r", "", "", "", "", "", "h", "rh" }, true },
		{ "with sends on top, and others handled", SECOND,
		  { "r", "c", "co", "c", "cco", "c" }, true },
		{ "long intervals", 10 * SECOND, { "r", "" }, true },
		{ "long, but it was handled", 10 * SECOND, { "r", "hr", "h" }, false },
		{ "short intervals", SECOND / 2,
		  { "r", "", "", "", "", "", "", "", "", "", "" }, true },
		{ "short intervals, 4.5 s", SECOND / 2,
		  { "r", "", "", "", "", "", "", "", "", "", "h" }, false },
		{ "masked", SECOND, { "m", "", "", "", "", "", "" }, false },
		{ "masked, then kicked", SECOND, { "mk", "", "", "", "", "" }, true },
		{ "kicked late", SECOND, { "m", "", "", "", "", "k", "", "h" }, false },
		{ "masked again", SECOND, { "mkh", "m", "", "", "", "", "" }, false },
		{ "offline", SECOND, { "r-", "", "", "", "", "", "" }, false },
		{ "offline for a moment", SECOND, { "r", "", "-", "+", "", "", "", "h" }, false },
		{ "since it is back", SECOND, { "r", "", "-", "+", "", "", "", "", "" }, true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct snapshot now, earlier;
		struct stuck stuck;

		unit__snapshot(&now, NR_CPUS, NR_VIPIS, i % 2);
		unit__snapshot(&earlier, NR_CPUS, NR_VIPIS, i % 2);
		assert_int_equal(stuck__init(&stuck, &now.counters.shape), 0);
		now.time = 1000 * SECOND;
		copy(&earlier, &now);
		for (size_t n = 0; n < ARRAY_SIZE(cases[i].events) && cases[i].events[n]; n++) {
			happen(&now, cases[i].events[n]);
			now.time += cases[i].interval;
			stuck__watch(&stuck, &now, &earlier);
			copy(&earlier, &now);
		}
		for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
			check(stuck.found[cpu] == (cases[i].found && cpu == CPU ? 1U << VIPI : 0),
			      "%s: CPU %u has 0x%x", cases[i].what, cpu, stuck.found[cpu]);
		stuck__free(&stuck);
		snapshot__free(&now);
		snapshot__free(&earlier);
	}
}

static void test_free_twice(void **state)
{
	struct snapshot now;
	struct stuck stuck;

	unit__snapshot(&now, 1, 1, false);
	assert_int_equal(stuck__init(&stuck, &now.counters.shape), 0);
	stuck__free(&stuck);
	assert_null(stuck.since);
	stuck__free(&stuck);
	snapshot__free(&now);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_watch),
		cmocka_unit_test(test_free_twice),
	};

	return UNIT_RUN("stuck", tests);
}
