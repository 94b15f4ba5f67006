// SPDX-License-Identifier: GPL-2.0-only
/*
 * The counters at one instant: that no two of them share a place, what two copies
 * differ by, and what is left of what was set. How they are copied while they move is
 * test-copy.c's.
 */
#include <stdlib.h>
#include <string.h>

#include "unit.h"

static const unsigned int cpu_counts[] = { 1, 2, 3, 4, 5, 64, 512 };
static const unsigned int vipi_counts[] = { 1, 5, 8, 9, 32 };

static unsigned int round_up(unsigned int value)
{
	unsigned int power = 1;

	while (power < value)
		power *= 2;
	return power;
}

/*
 * Numbers below @nr that show whether two parts of an index overlap: all of them
 * if they are few, else those around the powers of two. Returns how many.
 */
static unsigned int choose(unsigned int chosen[64], unsigned int nr)
{
	unsigned int count = 0;

	if (nr <= 64) {
		for (; count < nr; count++)
			chosen[count] = count;
		return count;
	}
	chosen[count++] = 0;
	for (unsigned int power = 1; power < nr; power *= 2) {
		if (power > 4)
			chosen[count++] = power - 1;
		chosen[count++] = power;
	}
	chosen[count++] = nr - 1;
	return count;
}

/* take - marks @index as used; it must be below @size and not have been used */
static void take(unsigned char *used, __u64 size, __u64 index, const char *table,
		 unsigned int nr_cpus, unsigned int nr_vipis)
{
	check(index < size, "%s index %llu of %llu, %u CPUs, %u vIPIs", table,
	      (unsigned long long)index, (unsigned long long)size, nr_cpus, nr_vipis);
	check(!(used[index / 8] >> index % 8 & 1), "%s index %llu twice, %u CPUs, %u vIPIs",
	      table, (unsigned long long)index, nr_cpus, nr_vipis);
	used[index / 8] |= 1 << index % 8;
}

static void check_shape(unsigned int nr_cpus, unsigned int nr_vipis, bool by_set)
{
	unsigned int cpus = round_up(nr_cpus), vipis = round_up(nr_vipis);
	unsigned int chosen[64], nr_chosen = choose(chosen, nr_cpus);
	__u64 traffic_size, processed_size, unmasked_size, slots;
	unsigned char *used;
	struct ipimux_shape shape = counters__shape(nr_cpus - 1, nr_vipis, by_set);

	traffic_size = (__u64)shape.traffic_mask + 1;
	processed_size = (__u64)shape.processed_mask + 1;
	unmasked_size = (__u64)shape.unmasked_mask + 1;

	/* Powers of two, but not sized for a maximum. */
	assert_int_equal(1U << shape.cpu_shift, cpus);
	assert_int_equal(1U << shape.vipi_shift, vipis);
	assert_int_equal(traffic_size, (__u64)cpus * cpus * vipis * IPIMUX_NR_OUTCOMES);
	assert_int_equal(processed_size, (__u64)cpus * (by_set ? 1 << vipis : 128));
	assert_int_equal(unmasked_size, (__u64)cpus * vipis * IPIMUX_NR_UNMASKS);

	used = calloc(1, traffic_size / 8 + 1);
	for (unsigned int sender = 0; sender < nr_chosen; sender++)
		for (unsigned int target = 0; target < nr_chosen; target++)
			for (unsigned int vipi = 0; vipi < nr_vipis; vipi++)
				for (unsigned int o = 0; o < IPIMUX_NR_OUTCOMES; o++)
					take(used, traffic_size,
					     ipimux_traffic_index(&shape, chosen[sender],
								  chosen[target], vipi, o),
					     "traffic", nr_cpus, nr_vipis);
	free(used);

	used = calloc(1, processed_size / 8 + 1);
	slots = by_set ? 1U << nr_vipis : IPIMUX_BITS_SOME + 1;
	for (unsigned int cpu = 0; cpu < nr_cpus; cpu++)
		for (__u64 slot = 0; slot < slots; slot++)
			take(used, processed_size, ipimux_processed_index(&shape, cpu, slot),
			     "processed", nr_cpus, nr_vipis);
	free(used);

	used = calloc(1, unmasked_size / 8 + 1);
	for (unsigned int cpu = 0; cpu < nr_cpus; cpu++)
		for (unsigned int vipi = 0; vipi < nr_vipis; vipi++)
			for (unsigned int kick = 0; kick < IPIMUX_NR_UNMASKS; kick++)
				take(used, unmasked_size,
				     ipimux_unmasked_index(&shape, cpu, vipi, kick),
				     "unmasked", nr_cpus, nr_vipis);
	free(used);
}

static void test_shape(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(cpu_counts); i++)
		for (size_t j = 0; j < ARRAY_SIZE(vipi_counts); j++) {
			check_shape(cpu_counts[i], vipi_counts[j], false);
			if (vipi_counts[j] <= IPIMUX_MAX_SET_VIPIS)
				check_shape(cpu_counts[i], vipi_counts[j], true);
		}
}

/* The largest machine there is a cpuset for must not overflow a mask. */
static void test_shape_largest(void **state)
{
	struct ipimux_shape shape = counters__shape(CPUSET_MAX - 1, IPIMUX_MAX_VIPIS, false);

	assert_int_equal(shape.traffic_mask, (1ULL << 31) - 1);
	assert_int_equal(ipimux_traffic_index(&shape, CPUSET_MAX - 1, CPUSET_MAX - 1,
					      IPIMUX_MAX_VIPIS - 1,
					      IPIMUX_COALESCED_WHILE_MASKED),
			 (1ULL << 31) - 1);
}

/* Whatever a broken kernel passes, the programs must not write out of bounds. */
static void test_index_in_bounds(void **state)
{
	uint64_t random = 2;

	for (int i = 0; i < 20000; i++) {
		unsigned int cpus = cpu_counts[unit__below(&random, ARRAY_SIZE(cpu_counts))];
		unsigned int vipis = vipi_counts[unit__below(&random, ARRAY_SIZE(vipi_counts))];
		uint64_t a = unit__random(&random), b = unit__random(&random);
		uint64_t c = unit__random(&random);
		struct ipimux_shape shape = counters__shape(cpus - 1, vipis,
							    vipis <= IPIMUX_MAX_SET_VIPIS && i & 1);

		assert_true(ipimux_traffic_index(&shape, a, b, c, a) <= shape.traffic_mask);
		assert_true(ipimux_processed_index(&shape, a, b) <= shape.processed_mask);
		assert_true(ipimux_unmasked_index(&shape, a, b, c) <= shape.unmasked_mask);
	}
}

static void test_subtract(void **state)
{
	struct snapshot earlier, later, sum, difference;
	uint64_t random = 3;

	for (int by_bit = 0; by_bit < 2; by_bit++) {
		const struct ipimux_shape *shape = &sum.counters.shape;

		unit__snapshot(&earlier, 3, 5, by_bit);
		unit__snapshot(&later, 3, 5, by_bit);
		unit__snapshot(&sum, 3, 5, by_bit);
		unit__snapshot(&difference, 3, 5, by_bit);
		/* Any values: a counter may even wrap in between. */
		unit__fill(&earlier, &random);
		unit__fill(&later, &random);
		unit__fill(&difference, &random);
		earlier.time = 1000000000;
		later.time = 1000000000 + 250000001;
		earlier.wall_time = 77;
		later.wall_time = 1750000000123456789;
		earlier.missed = 3;
		later.missed = 10;
		memset(&difference.online, 0xff, sizeof(difference.online));
		assert_int_equal(cpuset__parse(&earlier.online, "0,2"), 0);
		assert_int_equal(cpuset__parse(&later.online, "0-1"), 0);

		snapshot__subtract(&difference, &later, &earlier);
		for (size_t i = 0; i <= shape->traffic_mask; i++)
			sum.counters.traffic[i] = earlier.counters.traffic[i] +
						  difference.counters.traffic[i];
		for (size_t i = 0; i <= shape->processed_mask; i++)
			sum.counters.processed[i] = earlier.counters.processed[i] +
						    difference.counters.processed[i];
		for (size_t i = 0; i <= shape->unmasked_mask; i++)
			sum.counters.unmasked[i] = earlier.counters.unmasked[i] +
						   difference.counters.unmasked[i];
		assert_true(unit__same(&sum, &later));
		assert_int_equal(difference.time, 250000001);
		assert_int_equal(difference.wall_time, later.wall_time);
		assert_int_equal(difference.missed, 7);
		/* Online at either end. */
		assert_int_equal(cpuset__count(&difference.online), 3);
		assert_int_equal(cpuset__last(&difference.online), 2);

		snapshot__subtract(&difference, &later, &later);
		snapshot__free(&sum);
		unit__snapshot(&sum, 3, 5, by_bit);
		assert_true(unit__same(&sum, &difference));

		snapshot__free(&earlier);
		snapshot__free(&later);
		snapshot__free(&sum);
		snapshot__free(&difference);
	}
}

static void test_free_twice(void **state)
{
	struct snapshot snapshot = {};

	snapshot__free(&snapshot);
	unit__snapshot(&snapshot, 4, 8, false);
	snapshot__free(&snapshot);
	snapshot__free(&snapshot);
	assert_null(snapshot.counters.traffic);
}

static void test_balance(void **state)
{
	for (int by_bit = 0; by_bit < 2; by_bit++) {
		struct snapshot snapshot;
		const struct counters *counters = &snapshot.counters;

		unit__snapshot(&snapshot, 4, 8, by_bit);
		for (unsigned int cpu = 0; cpu < 4; cpu++)
			for (unsigned int vipi = 0; vipi < 8; vipi++)
				assert_int_equal(counters__balance(counters, cpu, vipi), 0);

		/* All senders count, and just the two outcomes that set the bit. */
		unit__send(&snapshot, 0, 3, 7, IPIMUX_RAISED, 10);
		unit__send(&snapshot, 3, 3, 7, IPIMUX_RAISED, 20);
		unit__send(&snapshot, 1, 3, 7, IPIMUX_MASKED, 5);
		unit__send(&snapshot, 1, 3, 7, IPIMUX_COALESCED, 1000);
		unit__send(&snapshot, 2, 3, 7, IPIMUX_COALESCED_WHILE_MASKED, 1000);
		assert_int_equal(counters__balance(counters, 3, 7), 35);
		/* Not those of other targets, vIPIs. */
		unit__send(&snapshot, 3, 0, 7, IPIMUX_RAISED, 100);
		unit__send(&snapshot, 3, 3, 6, IPIMUX_MASKED, 200);
		assert_int_equal(counters__balance(counters, 3, 7), 35);
		assert_int_equal(counters__balance(counters, 0, 7), 100);
		assert_int_equal(counters__balance(counters, 3, 6), 200);

		/* Handled alone or among others. */
		unit__process(&snapshot, 3, 0, 1000);
		unit__process(&snapshot, 3, 1 << 7, 30);
		unit__process(&snapshot, 3, 1 << 7 | 1 << 6, 4);
		unit__process(&snapshot, 3, 0xff, 1);
		unit__process(&snapshot, 2, 0xff, 9);
		assert_int_equal(counters__balance(counters, 3, 7), 0);
		assert_int_equal(counters__balance(counters, 3, 6), 195);
		assert_int_equal(counters__balance(counters, 3, 0), -1);
		assert_int_equal(counters__balance(counters, 2, 0), -9);
		assert_int_equal(counters__balance(counters, 1, 7), 0);

		/* Far from home it is still a difference, not a large number. */
		unit__process(&snapshot, 3, 1 << 5, 1ULL << 40);
		assert_true(counters__balance(counters, 3, 5) == -(1LL << 40) - 1);
		snapshot__free(&snapshot);
	}
}

/* Parent IPIs that a CPU was sent, and processes: none to others, and none that raised nothing. */
static void test_arriving(void **state)
{
	for (int by_bit = 0; by_bit < 2; by_bit++) {
		struct snapshot live, copy;
		const struct counters *counters = &live.counters;

		unit__snapshot(&live, 4, 8, by_bit);
		unit__snapshot(&copy, 4, 8, by_bit);
		unit__send(&live, 0, 3, 7, IPIMUX_RAISED, 10);
		unit__send(&live, 3, 3, 6, IPIMUX_RAISED, 20);
		unit__send(&live, 3, 2, 6, IPIMUX_RAISED, 100);
		unit__send(&live, 1, 3, 7, IPIMUX_MASKED, 5);
		unit__send(&live, 1, 3, 7, IPIMUX_COALESCED, 1000);
		unit__unmask(&live, 3, 5, IPIMUX_UNMASK_KICK, 2);
		unit__unmask(&live, 3, 5, IPIMUX_UNMASK_PLAIN, 1000);
		assert_int_equal(counters__arriving(counters, 3), 32);
		assert_int_equal(counters__calls(counters, 3), 0);
		/* Each is one, whatever it takes. */
		unit__process(&live, 3, 0, 3);
		unit__process(&live, 3, 1 << 7 | 1 << 6, 9);
		unit__process(&live, 2, 1 << 6, 100);
		assert_int_equal(counters__calls(counters, 3), 12);
		assert_int_equal(counters__arriving(counters, 3), 20);
		assert_int_equal(counters__arriving(counters, 2), 0);
		unit__process(&live, 3, 0, 21);
		assert_int_equal(counters__arriving(counters, 3), -1);

		/* What came after the copy. */
		assert_int_equal(counters__moved(&copy.counters, counters, 3, 7),
				 10 + 5 + 1000 + 9);
		assert_int_equal(counters__moved(&copy.counters, counters, 3, 5), 2 + 1000);
		assert_int_equal(counters__moved(&copy.counters, counters, 3, 4), 0);
		assert_int_equal(counters__moved(counters, counters, 3, 7), 0);
		snapshot__free(&live);
		snapshot__free(&copy);
	}
}

/* The shapes at the edges: one CPU, one vIPI, and the last of 32. */
static void test_balance_edges(void **state)
{
	struct snapshot snapshot;

	unit__snapshot(&snapshot, 1, 1, false);
	unit__send(&snapshot, 0, 0, 0, IPIMUX_MASKED, 3);
	unit__process(&snapshot, 0, 1, 2);
	unit__process(&snapshot, 0, 0, 50);
	assert_int_equal(counters__balance(&snapshot.counters, 0, 0), 1);
	snapshot__free(&snapshot);

	unit__snapshot(&snapshot, 5, 32, false);
	unit__send(&snapshot, 4, 4, 31, IPIMUX_RAISED, 3);
	unit__process(&snapshot, 4, 1U << 31, 1);
	unit__process(&snapshot, 4, UINT32_MAX, 1);
	assert_int_equal(counters__balance(&snapshot.counters, 4, 31), 1);
	assert_int_equal(counters__balance(&snapshot.counters, 4, 0), -1);
	snapshot__free(&snapshot);
}

/* Masks and unmasks of all kinds; what was handled meanwhile is none. */
static void test_turns(void **state)
{
	struct snapshot snapshot;
	const struct counters *counters = &snapshot.counters;
	__u64 *masks;

	unit__snapshot(&snapshot, 4, 8, false);
	assert_int_equal(snapshot__add(&snapshot, COUNTERS_MASKED), 0);
	masks = counters->masked + ipimux_masked_index(&counters->shape, 3, 7, 0);
	assert_int_equal(counters__turns(counters, 3, 7), 0);
	masks[IPIMUX_MASK_PLAIN] = 10;
	masks[IPIMUX_MASK_PENDING] = 3;
	assert_int_equal(counters__turns(counters, 3, 7), -13);
	masks[IPIMUX_MASK_HANDLED] = masks[IPIMUX_MASK_WRONG] = 1000;
	unit__unmask(&snapshot, 3, 7, IPIMUX_UNMASK_PLAIN, 5);
	unit__unmask(&snapshot, 3, 7, IPIMUX_UNMASK_KICK, 9);
	assert_int_equal(counters__turns(counters, 3, 7), 1);
	assert_int_equal(counters__turns(counters, 3, 6), 0);
	assert_int_equal(counters__turns(counters, 2, 7), 0);
	snapshot__free(&snapshot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shape),
		cmocka_unit_test(test_shape_largest),
		cmocka_unit_test(test_index_in_bounds),
		cmocka_unit_test(test_subtract),
		cmocka_unit_test(test_free_twice),
		cmocka_unit_test(test_balance),
		cmocka_unit_test(test_arriving),
		cmocka_unit_test(test_balance_edges),
		cmocka_unit_test(test_turns),
	};

	return UNIT_RUN("snapshot", tests);
}
