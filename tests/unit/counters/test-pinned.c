// SPDX-License-Identifier: GPL-2.0-only
/*
 * What counters that are left running say of themselves: that it is believed only where
 * it fits, and that the snapshot of the attach comes back as it was.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "counters/pinned.h"
#include "unit.h"

static void names(void **state)
{
	static const char *const good[] = { "a", "default", "boot-1", "A_b-9", "_x",
					    "1234567890123456789012345678901" };
	static const char *const bad[] = { "", "-x", "a/b", "..", ".", "a.b", "a b", "\xc3\xa4",
					   "12345678901234567890123456789012" };

	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		check(pinned__is_name(good[i]), "'%s'", good[i]);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		check(!pinned__is_name(bad[i]), "'%s'", bad[i]);
}

/* describe - counters of such a machine, and what they say of themselves */
static void describe(struct pinned_description *description, struct machine *machine,
		     unsigned int nr_cpus, unsigned int nr_vipis, bool by_bit)
{
	struct snapshot snapshot;

	unit__machine(machine, nr_cpus, nr_vipis);
	for (unsigned int vipi = 0; vipi < nr_vipis; vipi++)
		machine->virq[vipi] = vipi + 2;
	unit__snapshot(&snapshot, nr_cpus, nr_vipis, by_bit);
	pinned__describe(description, machine, &snapshot.counters, 3);
	snapshot__free(&snapshot);
}

static void fits(void **state)
{
	static const unsigned int nr_cpus[] = { 1, 4, 5, 64 }, nr_vipis[] = { 1, 8, 9, 32 };

	for (size_t i = 0; i < ARRAY_SIZE(nr_cpus) * ARRAY_SIZE(nr_vipis) * 2; i++) {
		unsigned int cpus = nr_cpus[i / 2 % ARRAY_SIZE(nr_cpus)];
		unsigned int vipis = nr_vipis[i / 2 / ARRAY_SIZE(nr_cpus)];
		struct pinned_description description;
		struct ipimux_shape shape;
		struct machine machine;

		describe(&description, &machine, cpus, vipis, i % 2);
		check(!pinned__check(&description, sizeof(description), &machine, &shape),
		      "%u CPUs, %u vIPIs, by bit %zu", cpus, vipis, i % 2);
		assert_memory_equal(&shape, &description.shape, sizeof(shape));
		/* As it is in memory that is mapped: to the end of its page. */
		assert_int_equal(pinned__check(&description, 4096, &machine, &shape), 0);
	}
}

/* What each change of a description makes of it. */
static void fits_not(void **state)
{
	struct pinned_description good, bad;
	struct machine machine, other;
	struct ipimux_shape shape;

#define check_bad(err, change) do {							\
		bad = good;								\
		change;									\
		check(pinned__check(&bad, sizeof(bad), &machine, &shape) == (err), "");	\
	} while (0)

	describe(&good, &machine, 4, 8, false);
	check_bad(0, (void)0);
	check_bad(-EBADMSG, memset(&bad, 0, sizeof(bad)));
	check_bad(-EBADMSG, bad.magic++);
	check_bad(-EPROTO, bad.layout++);
	check_bad(-EBADMSG, bad.size--);
	check_bad(-EXDEV, bad.nr_vipis--);
	check_bad(-EXDEV, bad.virq[7]++);
	check_bad(-EXDEV, bad.virq[31]++);
	check_bad(-EXDEV, cpuset__add(&bad.possible, 4));
	check_bad(-EXDEV, cpuset__add(&bad.possible, CPUSET_MAX - 1));
	check_bad(-EBADMSG, bad.by_set = 0);
	check_bad(-EBADMSG, bad.timed = 3);
	check_bad(-EBADMSG, bad.timed = 512);
	/* Nobody's index goes by a mask that somebody wrote. */
	check_bad(-EBADMSG, bad.shape.cpu_shift++);
	check_bad(-EBADMSG, bad.shape.traffic_mask = -1);
	check_bad(-EBADMSG, bad.shape.processed_mask = -1);
	check_bad(-EBADMSG, bad.shape.waits_mask = -1);
	/* Another layout may be of any size, except what says so. */
	bad = good;
	bad.layout++;
	assert_int_equal(pinned__check(&bad, offsetof(struct pinned_description, nr_links),
				       &machine, &shape), -EPROTO);
	assert_int_equal(pinned__check(&good, sizeof(good) - 1, &machine, &shape), -EBADMSG);
	assert_int_equal(pinned__check(&good, 8, &machine, &shape), -EBADMSG);
	unit__machine(&other, 2, 8);
	assert_int_equal(pinned__check(&good, sizeof(good), &other, &shape), -EXDEV);
}

static void edge(void **state)
{
	uint64_t random = 1;

	for (int i = 0; i < 32; i++) {
		bool by_bit = i & 1, stored = i & 2, wanted = i & 4, outside = i & 8, hotplug;
		bool masks = i & 16;
		struct snapshot before, after;
		size_t size;
		char *bytes;

		unit__snapshot(&before, 5, 8, by_bit);
		unit__snapshot(&after, 5, 8, by_bit);
		if (stored)
			assert_int_equal(snapshot__add(&before, COUNTERS_WAITS), 0);
		if (wanted)
			assert_int_equal(snapshot__add(&after, COUNTERS_WAITS), 0);
		if (outside) {
			assert_int_equal(snapshot__add(&before, COUNTERS_DOUBTS), 0);
			assert_int_equal(snapshot__add(&after, COUNTERS_DOUBTS), 0);
		}
		if (masks) {
			assert_int_equal(snapshot__add(&before, COUNTERS_MASKED), 0);
			assert_int_equal(snapshot__add(&after, COUNTERS_MASKED), 0);
		}
		unit__fill(&before, &random);
		for (unsigned int n = 0; n < 8 * IPIMUX_MAX_VIPIS; n++) {
			before.kernel.low[n] = unit__random(&random);
			before.kernel.high[n] = unit__random(&random);
		}
		if (stored)
			before.counters.waits[37].masked[5] = 77;
		if (outside)
			before.counters.doubts[41] = 55;
		if (masks)
			before.counters.masked[42] = 56;
		before.time = 123456789012345;
		before.missed = 3;
		before.kernel.known = before.words.known = true;
		for (unsigned int cpu = 0; cpu < 8; cpu++) {
			before.words.still[cpu] = unit__random(&random);
			before.words.pending[cpu] = unit__random(&random);
			before.words.enabled[cpu] = unit__random(&random);
		}
		for (unsigned int n = 0; n <= before.counters.shape.waits_mask; n++)
			before.edge[n] = unit__random(&random);
		for (unsigned int cpu = 0; cpu < 8; cpu++) {
			before.arrivals[cpu] = unit__random(&random);
		}
		for (unsigned int n = 0; n <= before.counters.shape.waits_mask; n++)
			before.torn[n] = unit__random(&random);
		memset(&after.online, 0, sizeof(after.online));
		size = pinned__edge_size(&before.counters);
		/* To the byte, so that the sanitizer sees one too many. */
		bytes = malloc(size);
		pinned__store_edge(bytes, &before, by_bit);
		pinned__load_edge(bytes, &after, stored, &hotplug);
		free(bytes);

		assert_true(unit__same(&before, &after));
		assert_memory_equal(before.kernel.low, after.kernel.low, 8 * 32 * 4);
		assert_memory_equal(before.kernel.high, after.kernel.high, 8 * 32 * 4);
		assert_true(after.kernel.known);
		assert_true(after.words.known);
		assert_memory_equal(before.words.still, after.words.still, 8 * 4);
		assert_memory_equal(before.words.pending, after.words.pending, 8 * 4);
		assert_memory_equal(before.words.enabled, after.words.enabled, 8 * 4);
		assert_memory_equal(before.edge, after.edge,
				    before.counters.shape.waits_mask + 1UL);
		assert_memory_equal(before.arrivals, after.arrivals, 8);
		assert_memory_equal(before.torn, after.torn,
				    (before.counters.shape.waits_mask + 1UL) * 4);
		assert_int_equal(after.time, 123456789012345);
		assert_int_equal(after.missed, 3);
		assert_int_equal(hotplug, by_bit);
		assert_true(cpuset__equal(&before.online, &after.online));
		if (outside)
			assert_int_equal(after.counters.doubts[41], 55);
		if (masks)
			assert_int_equal(after.counters.masked[42], 56);
		if (wanted)
			assert_int_equal(after.counters.waits[37].masked[5], stored ? 77 : 0);
		snapshot__free(&before);
		snapshot__free(&after);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names), cmocka_unit_test(fits), cmocka_unit_test(fits_not),
		cmocka_unit_test(edge),
	};

	return UNIT_RUN("pinned", tests);
}
