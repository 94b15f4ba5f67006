// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which samples to believe, of those that a run's edges are found by.
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

static void test_commonest(void **state)
{
	static const struct {
		unsigned int nr;
		__s64 samples[8];
		__s64 commonest;
	} cases[] = {
		{ 0, {}, 0 },
		{ 1, { 7 }, 7 },
		{ 3, { -1, 4, -1 }, -1 },
		/* The lowest is nothing special here. */
		{ 6, { 0, 1, 1, 0, 1, 1 }, 1 },
		{ 4, { 2, 1, 1, 2 }, 2 },
		{ 4, { 9, 8, 7, 6 }, 9 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		__s64 value = balance__commonest(cases[i].samples, cases[i].nr);

		check(value == cases[i].commonest, "case %zu: %lld", i, (long long)value);
	}
}

/* What is believed is found when a second round says so, of each cell by itself. */
static void test_rounds(void **state)
{
	enum { CELLS = 3, MOST = 4 };
	/* Of each round: how many samples each cell has, what they are, and what is found then. */
	static const struct {
		unsigned int nr[CELLS];
		__s64 value[CELLS];
		bool found[CELLS];
	} rounds[] = {
		{ { 4, 4, 4 }, { 5, -5, 1 }, { false, false, false } },
		{ { 4, 4, 1 }, { 5, -5, 2 }, { true, true, false } },
		/* A cell that has none keeps what it had, and nothing is found of it. */
		{ { 4, 0, 4 }, { 5, -5, 2 }, { true, false, true } },
		{ { 1, 1, 1 }, { 5, -5, 2 }, { true, true, true } },
		{ { 4, 4, 4 }, { 5, -4, 2 }, { true, false, true } },
	};
	struct samples samples = {};

	assert_int_equal(samples__init(&samples, CELLS, MOST), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rounds); i++) {
		bool all = true;

		samples__begin(&samples);
		for (unsigned int cell = 0; cell < CELLS; cell++)
			for (unsigned int nr = 0; nr < rounds[i].nr[cell]; nr++)
				samples__add(&samples, cell, rounds[i].value[cell]);
		for (unsigned int cell = 0; cell < CELLS; cell++)
			all &= rounds[i].found[cell];
		check(samples__end(&samples, balance__commonest) == all, "round %zu", i);
		for (unsigned int cell = 0; cell < CELLS; cell++)
			check(samples.value[cell] == rounds[i].value[cell] &&
			      samples.found[cell] == rounds[i].found[cell],
			      "round %zu, cell %u: %lld, %d", i, cell,
			      (long long)samples.value[cell], samples.found[cell]);
	}
	samples__free(&samples);
}

/* A round is even if no cell had two values in it; what they were before says nothing. */
static void test_even(void **state)
{
	static const __s64 cells[][2] = { { 1, 1 }, { 2, 2 }, { 1, 2 }, { 3, 3 }, { -1, 0 } };
	struct samples samples = {};

	assert_int_equal(samples__init(&samples, 2, 2), 0);
	samples__begin(&samples);
	assert_true(samples.even);
	for (size_t i = 0; i < ARRAY_SIZE(cells); i++) {
		samples__begin(&samples);
		samples__add(&samples, 0, 7);
		samples__add(&samples, 1, cells[i][0]);
		samples__add(&samples, 0, 7);
		samples__add(&samples, 1, cells[i][1]);
		check(samples.even == (cells[i][0] == cells[i][1]), "case %zu: %d", i,
		      samples.even);
	}
	samples__free(&samples);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_typical),
		cmocka_unit_test(test_typical_any_order),
		cmocka_unit_test(test_commonest),
		cmocka_unit_test(test_rounds),
		cmocka_unit_test(test_even),
	};

	return UNIT_RUN("typical", tests);
}
