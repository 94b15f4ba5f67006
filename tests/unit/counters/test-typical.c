// SPDX-License-Identifier: GPL-2.0-only
/*
 * The typical one among samples of a balance, which a run's edges are taken at.
 */
#include <stdlib.h>
#include <string.h>

#include "counters/typical.h"
#include "unit.h"

static void test_typical(void **state)
{
	static const struct {
		const char *what;
		unsigned int nr;
		__s64 samples[12];
		__s64 typical;
	} cases[] = {
		{ "one", 1, { 7 }, 7 },
		{ "one, below zero", 1, { -7 }, -7 },
		{ "still", 5, { 3, 3, 3, 3, 3 }, 3 },
		{ "still at -1", 5, { -1, -1, -1, -1, -1 }, -1 },
		{ "flicker", 6, { 0, 1, 0, 1, 1, 1 }, 0 },
		{ "flicker, mostly pending", 9, { 1, 1, 0, 1, 1, 0, 1, 1, 0 }, 0 },
		{ "clear just once in four", 4, { 1, 1, 0, 1 }, 1 },
		{ "pending just once", 6, { 0, 0, 1, 0, 0, 0 }, 0 },
		{ "flicker around a bit carried in", 6, { -1, 0, -1, 0, 0, -1 }, -1 },
		{ "rare excursions down", 10, { 0, 0, -1, 0, 0, 1, 0, -1, 0, 0 }, 0 },
		{ "excursions from a flicker", 12, { 1, 0, -1, 1, 0, 1, 0, 1, -1, 0, 1, 0 }, 0 },
		{ "the lowest is no third", 6, { -5, 2, 2, 3, 3, 3 }, 2 },
		{ "exactly a third", 3, { 2, 1, 2 }, 1 },
		{ "exactly a third, last", 6, { 9, 9, 9, 9, 4, 4 }, 4 },
		{ "just below a third", 7, { 9, 4, 9, 9, 4, 9, 9 }, 9 },
		{ "large", 3, { 1LL << 62, -(1LL << 62), 1LL << 62 }, -(1LL << 62) },
		/* Nothing is typical: then the latest, as good as any. */
		{ "all different", 5, { 5, 1, 4, 2, 3 }, 3 },
		{ "all different, falling", 4, { 4, 3, 2, 1 }, 1 },
		{ "all different, rising", 4, { 1, 2, 3, 4 }, 4 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		__s64 typical;
		/* Exactly @nr samples, so that the sanitizer sees one too many. */
		size_t size = cases[i].nr * sizeof(*cases[i].samples);
		__s64 *samples = malloc(size);

		memcpy(samples, cases[i].samples, size);
		typical = balance__typical(samples, cases[i].nr);
		free(samples);
		check(typical == cases[i].typical, "%s: %lld", cases[i].what,
		      (long long)typical);
	}
}

/* The order in which samples come in says nothing, where one of them is typical. */
static void test_typical_any_order(void **state)
{
	__s64 samples[] = { 0, 0, 0, 1, 1, 1, 1, -1, -1 };
	uint64_t random = 11;

	for (int i = 0; i < 1000; i++) {
		unsigned int a = unit__below(&random, ARRAY_SIZE(samples));
		unsigned int b = unit__below(&random, ARRAY_SIZE(samples));
		__s64 swap = samples[a];

		samples[a] = samples[b];
		samples[b] = swap;
		assert_int_equal(balance__typical(samples, ARRAY_SIZE(samples)), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_typical),
		cmocka_unit_test(test_typical_any_order),
	};

	return UNIT_RUN("typical", tests);
}
