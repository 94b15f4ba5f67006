// SPDX-License-Identifier: GPL-2.0-only
/*
 * How long vIPIs waited: that each length is in the bucket it belongs to, that figures are no
 * further off than promised, that sums and differences lose nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "counters/latency.h"
#include "unit.h"

#define NR_CPUS		4
#define NR_VIPIS	8

/* The bucket as its definition has it, not as quickly. */
static unsigned int slow_bucket(__u64 ns)
{
	__u64 units = ns >> IPIMUX_BUCKET_UNIT_SHIFT;
	unsigned int shift = 0;

	if (ns >= 1ULL << 37)
		return IPIMUX_NR_BUCKETS - 1;
	for (; units >= 2 * IPIMUX_LINEAR_BUCKETS; shift++)
		units >>= 1;
	return units + shift * IPIMUX_LINEAR_BUCKETS;
}

static void check_bucket(__u64 ns)
{
	unsigned int bucket = ipimux_bucket(ns);

	check(bucket == slow_bucket(ns), "%llu ns: bucket %u, not %u", ns, bucket, slow_bucket(ns));
	check(latency__bucket_start(bucket) <= ns, "%llu ns: bucket %u starts later", ns, bucket);
	if (bucket < IPIMUX_NR_BUCKETS - 1)
		check(ns < latency__bucket_start(bucket + 1), "%llu ns: bucket %u ends",
		      ns, bucket);
}

static void test_buckets(void **state)
{
	uint64_t seed = 1;

	for (__u64 ns = 0; ns < 70000; ns++)
		check_bucket(ns);
	for (unsigned int shift = 0; shift < 63; shift++)
		for (int off = -2; off <= 2; off++)
			check_bucket((1ULL << shift) * 3 / 2 + off + 2);
	for (int i = 0; i < 1000000; i++)
		check_bucket(unit__random(&seed) >> (1 + unit__below(&seed, 63)));
	/* A stamp of a time after the process. */
	assert_int_equal(ipimux_bucket(-1LL), IPIMUX_NR_BUCKETS);
	assert_int_equal(ipimux_bucket(INT64_MIN), IPIMUX_NR_BUCKETS);
	assert_int_equal(sizeof(struct ipimux_waits), 2 * 8 << IPIMUX_SLOT_SHIFT);
	assert_int_equal(offsetof(struct ipimux_waits, untimed), 8 * IPIMUX_SLOT_UNTIMED);
	assert_int_equal(offsetof(struct ipimux_waits, masked), 8 << IPIMUX_SLOT_SHIFT);
}

static void test_every_bucket_is_reached_in_turn(void **state)
{
	for (unsigned int bucket = 0; bucket < IPIMUX_NR_BUCKETS; bucket++)
		assert_int_equal(ipimux_bucket(latency__bucket_start(bucket)), bucket);
}

static void count(struct latency *latency, __u64 ns)
{
	latency->bucket[ipimux_bucket(ns)]++;
	latency->timed++;
}

static int ascending(const void *a, const void *b)
{
	const __u64 *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Of lengths from 100 ns to 100 s, the figure of each share is at most 12.5 % off. */
static void test_quantiles(void **state)
{
	enum { NR = 5000 };
	static const double shares[] = { 0.001, 0.25, 0.50, 0.90, 0.99, 0.999, 1 };
	static __u64 lengths[NR];
	uint64_t seed = 7;

	for (int round = 0; round < 20; round++) {
		struct latency latency = {};

		for (int i = 0; i < NR; i++) {
			__u64 limit = 1ULL << (4 + unit__below(&seed, 33));

			lengths[i] = 100 + unit__random(&seed) % limit;
			count(&latency, lengths[i]);
		}
		qsort(lengths, NR, sizeof(*lengths), ascending);
		for (size_t i = 0; i < ARRAY_SIZE(shares); i++) {
			__u64 rank = shares[i] * NR + 0.999999;
			double exact = lengths[rank - 1];
			double shown = latency__quantile(&latency, shares[i]);

			check(shown >= exact * 0.875 && shown <= exact * 1.125,
			      "%g of %d: %g, not %g", shares[i], NR, shown, exact);
		}
		check(latency__most(&latency) > lengths[NR - 1] &&
		      latency__most(&latency) <= lengths[NR - 1] * 1.26 + 32,
		      "most %llu of %llu", latency__most(&latency), lengths[NR - 1]);
	}
}

static void test_few(void **state)
{
	struct latency latency = {};

	assert_int_equal(latency__quantile(&latency, 0.5), 0);
	assert_int_equal(latency__most(&latency), 0);

	count(&latency, 5000);
	assert_int_equal(latency__quantile(&latency, 0), latency__quantile(&latency, 1));
	assert_in_range(latency__quantile(&latency, 0.5), 4688, 5312);
	assert_in_range(latency__most(&latency), 5001, 5632);

	/* Beyond the last bucket nothing is made up. */
	count(&latency, 1ULL << 40);
	assert_int_equal(latency__quantile(&latency, 1), 1ULL << 37);
	assert_true(latency__most(&latency) == UINT64_MAX);
}

/* A snapshot with waits; each CPU, vIPI, kind and bucket has a number of its own. */
static void fill(struct snapshot *snapshot, __u64 factor)
{
	unit__snapshot(snapshot, NR_CPUS, NR_VIPIS, false);
	assert_int_equal(snapshot__add(snapshot, COUNTERS_WAITS), 0);
	assert_int_equal(snapshot__add(snapshot, COUNTERS_WAITED), 0);
	for (unsigned int cell = 0; cell <= snapshot->counters.shape.waits_mask; cell++) {
		struct ipimux_waits *waits = &snapshot->counters.waits[cell];

		for (unsigned int bucket = 0; bucket <= IPIMUX_NR_BUCKETS; bucket++) {
			waits->raised[bucket] = factor * (cell + bucket + 1);
			waits->masked[bucket] = factor * (cell + 3 * bucket + 2);
		}
		waits->untimed = factor * (cell + 100);
		waits->raised_ns = factor * (1000 * cell + 7);
		waits->masked_ns = factor * (3000 * cell + 9);
		/* Of how they are timed nothing may show. */
		waits->sets = waits->stamp[0] = waits->expected = unit__random(&(uint64_t){ cell });
	}
}

static void check_waits(const struct waits *waits, unsigned int cell, __u64 factor)
{
	__u64 raised = 0, masked = 0;

	for (unsigned int bucket = 0; bucket < IPIMUX_NR_BUCKETS; bucket++) {
		assert_int_equal(waits->kind[IPIMUX_WAIT_RAISED].bucket[bucket],
				 factor * (cell + bucket + 1));
		raised += factor * (cell + bucket + 1);
		masked += factor * (cell + 3 * bucket + 2);
	}
	assert_int_equal(waits->kind[IPIMUX_WAIT_RAISED].timed, raised);
	assert_int_equal(waits->kind[IPIMUX_WAIT_MASKED].timed, masked);
	assert_true(waits->summed);
	assert_int_equal(waits->kind[IPIMUX_WAIT_RAISED].ns, factor * (1000 * cell + 7));
	assert_int_equal(waits->kind[IPIMUX_WAIT_MASKED].ns, factor * (3000 * cell + 9));
	/* Those with a stamp that is later than the process are not timed. */
	assert_int_equal(waits->untimed,
			 factor * (cell + 100 + cell + IPIMUX_NR_BUCKETS + 1 +
				   cell + 3 * IPIMUX_NR_BUCKETS + 2));
}

static void test_difference(void **state)
{
	struct snapshot earlier, later, difference;
	struct waits sum = {};

	fill(&earlier, 3);
	fill(&later, 10);
	fill(&difference, 0);
	snapshot__subtract(&difference, &later, &earlier);
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
		for (unsigned int vipi = 0; vipi < NR_VIPIS; vipi++) {
			struct waits waits = {};

			waits__add(&waits, &difference.counters, cpu, vipi);
			check_waits(&waits, cpu * NR_VIPIS + vipi, 7);
			waits__merge(&sum, &waits);
		}
	}
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
		for (unsigned int vipi = 0; vipi < NR_VIPIS; vipi++)
			waits__add(&sum, &difference.counters, cpu, vipi);
	assert_int_equal(sum.kind[0].timed % 2, 0);
	assert_true(sum.summed);
	assert_int_equal(sum.kind[0].ns, 2 * 7 * (1000 * 496 + 32 * 7));
	assert_int_equal(sum.kind[1].ns, 2 * 7 * (3000 * 496 + 32 * 9));
	assert_int_equal(sum.untimed, 2 * 7 * (32 * (100 + 4 * IPIMUX_NR_BUCKETS + 3) + 3 * 496));
	snapshot__free(&earlier);
	snapshot__free(&later);
	snapshot__free(&difference);
}

/* What is copied of a CPU is all of its waits, and none of another's. */
static void test_copy(void **state)
{
	struct snapshot live, copy;

	fill(&live, 1);
	fill(&copy, 0);
	assert_int_equal(counters__copy_cpu(&copy.counters, &live.counters, 2), 0);
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
		for (unsigned int vipi = 0; vipi < NR_VIPIS; vipi++) {
			struct waits waits = {};

			waits__add(&waits, &copy.counters, cpu, vipi);
			check_waits(&waits, cpu * NR_VIPIS + vipi, cpu == 2);
		}
	}
	snapshot__free(&live);
	snapshot__free(&copy);
}

/* The exact mean, and nothing where it is not known. */
static void test_mean(void **state)
{
	struct latency latency = {};
	struct snapshot snapshot;
	struct waits waits = {};

	assert_int_equal(latency__mean(&latency), 0);
	for (__u64 ns = 1000; ns <= 5000; ns += 1000) {
		count(&latency, ns);
		latency.ns += ns;
	}
	assert_int_equal(latency__mean(&latency), 3000);

	/* The slots are those that a table of its own seems to have. */
	fill(&snapshot, 1);
	for (unsigned int cell = 0; cell < NR_CPUS * NR_VIPIS; cell++) {
		const struct ipimux_shape *shape = &snapshot.counters.shape;
		unsigned int cpu = cell / NR_VIPIS, vipi = cell % NR_VIPIS;

		assert_int_equal(snapshot.counters.waited[ipimux_waited_index(shape, cpu, vipi, 0)],
				 snapshot.counters.waits[cell].raised_ns);
		assert_int_equal(snapshot.counters.waited[ipimux_waited_index(shape, cpu, vipi, 1)],
				 snapshot.counters.waits[cell].masked_ns);
	}
	/* An older recording has none, whatever is in the slots. */
	snapshot.counters.waited = NULL;
	waits__add(&waits, &snapshot.counters, 1, 2);
	assert_false(waits.summed);
	assert_int_equal(waits.kind[IPIMUX_WAIT_RAISED].ns, 0);
	snapshot__free(&snapshot);
}

/* A copy fits where all that was handled was timed, or not, and nothing was handled since. */
static void test_fit(void **state)
{
	struct snapshot live, copy;
	struct ipimux_waits *waits;

	unit__snapshot(&live, NR_CPUS, NR_VIPIS, false);
	unit__snapshot(&copy, NR_CPUS, NR_VIPIS, false);
	unit__process(&live, 1, 1U << 3, 5);
	counters__copy_cpu(&copy.counters, &live.counters, 1);
	/* Nothing is timed. */
	assert_true(waits__fit(&copy.counters, &live.counters, 1, NR_VIPIS));

	assert_int_equal(snapshot__add(&live, COUNTERS_WAITS), 0);
	assert_int_equal(snapshot__add(&copy, COUNTERS_WAITS), 0);
	waits = &live.counters.waits[ipimux_waits_index(&live.counters.shape, 1, 3)];
	waits->raised[7] = 2;
	waits->masked[IPIMUX_NR_BUCKETS] = 1;
	waits->untimed = 1;
	counters__copy_cpu(&copy.counters, &live.counters, 1);
	assert_false(waits__fit(&copy.counters, &live.counters, 1, NR_VIPIS));
	/* Other CPUs, and vIPIs that the machine has not, do not matter. */
	assert_true(waits__fit(&copy.counters, &live.counters, 0, NR_VIPIS));
	assert_true(waits__fit(&copy.counters, &live.counters, 1, 3));
	waits->masked[9] = 1;
	counters__copy_cpu(&copy.counters, &live.counters, 1);
	assert_true(waits__fit(&copy.counters, &live.counters, 1, NR_VIPIS));
	unit__process(&live, 1, 1U << 3, 1);
	assert_false(waits__fit(&copy.counters, &live.counters, 1, NR_VIPIS));
	snapshot__free(&live);
	snapshot__free(&copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_buckets),
		cmocka_unit_test(test_every_bucket_is_reached_in_turn),
		cmocka_unit_test(test_quantiles),
		cmocka_unit_test(test_few),
		cmocka_unit_test(test_difference),
		cmocka_unit_test(test_copy),
		cmocka_unit_test(test_mean),
		cmocka_unit_test(test_fit),
	};

	return UNIT_RUN("latency", tests);
}
