// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sets of CPUs: what is a list of CPUs and what is not, and that a set comes
 * back from its text. The lists come from /sys, but also from whoever types -c.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cpuset.h"
#include "unit.h"

static struct cpuset set_of(const unsigned int *cpus, size_t nr)
{
	struct cpuset set = {};

	for (size_t i = 0; i < nr; i++)
		cpuset__add(&set, cpus[i]);
	return set;
}

static void test_parse(void **state)
{
	static const struct {
		const char *text;
		unsigned int nr;
		unsigned int cpus[8];
	} lists[] = {
		{ "", 0, {} },
		{ "\n", 0, {} },
		{ " \t\n", 0, {} },
		{ "0", 1, { 0 } },
		{ "007", 1, { 7 } },
		{ "0-3", 4, { 0, 1, 2, 3 } },
		{ "2-2", 1, { 2 } },
		{ "0,2-3", 3, { 0, 2, 3 } },
		{ "3,0", 2, { 0, 3 } },
		{ "1,1,0-1", 2, { 0, 1 } },
		{ "62-65", 4, { 62, 63, 64, 65 } },
		{ "4095", 1, { 4095 } },
		{ "0,4094-4095\n", 3, { 0, 4094, 4095 } },
		{ "5 ", 1, { 5 } },
		{ "5\n\n \t", 1, { 5 } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		struct cpuset expected = set_of(lists[i].cpus, lists[i].nr);
		struct cpuset set;

		/* What was in the set before must not shine through. */
		memset(&set, 0xff, sizeof(set));
		check(cpuset__parse(&set, lists[i].text) == 0, "'%s'", lists[i].text);
		check(cpuset__equal(&set, &expected), "'%s'", lists[i].text);
		check(cpuset__count(&set) == lists[i].nr, "'%s'", lists[i].text);
	}
}

static void test_parse_all(void **state)
{
	struct cpuset set = {};

	assert_int_equal(cpuset__parse(&set, "0-4095\n"), 0);
	assert_int_equal(cpuset__count(&set), CPUSET_MAX);
	assert_int_equal(cpuset__last(&set), CPUSET_MAX - 1);
}

static void test_parse_error(void **state)
{
	static const struct {
		const char *text;
		int err;
	} lists[] = {
		{ "a", -EINVAL },
		{ "-", -EINVAL },
		{ "-1", -EINVAL },
		{ "+1", -EINVAL },
		{ "1-", -EINVAL },
		{ "1--2", -EINVAL },
		{ "1-2-3", -EINVAL },
		{ "3-1", -EINVAL },
		{ "0,3-1", -EINVAL },
		{ ",", -EINVAL },
		{ ",0", -EINVAL },
		{ "0,", -EINVAL },
		{ "0,\n", -EINVAL },
		{ "0,,2", -EINVAL },
		{ "0, 2", -EINVAL },
		{ "0 ,2", -EINVAL },
		{ " 0", -EINVAL },
		{ "0 2", -EINVAL },
		{ "0\n2", -EINVAL },
		{ "0\nx", -EINVAL },
		{ "1- 2", -EINVAL },
		{ "0x1", -EINVAL },
		{ "1.5", -EINVAL },
		{ "0-3:1/2", -EINVAL },
		{ "0;1", -EINVAL },
		{ "\xff", -EINVAL },
		{ "0\xa0", -EINVAL },
		{ "4096", -ERANGE },
		{ "0,4096", -ERANGE },
		{ "0-4096", -ERANGE },
		{ "4096-1", -ERANGE },
		{ "99999999999999999999", -ERANGE },
		{ "1-99999999999999999999", -ERANGE },
		{ "18446744073709551616", -ERANGE },
		{ "18446744073709551617", -ERANGE },
		{ "4294967296", -ERANGE },
	};

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		struct cpuset before, set;
		int err;

		memset(&before, 0x5a, sizeof(before));
		set = before;
		err = cpuset__parse(&set, lists[i].text);
		check(err == lists[i].err, "'%s' gave %d", lists[i].text, err);
		check(!memcmp(&set, &before, sizeof(set)), "'%s' wrote the set", lists[i].text);
	}
}

static void test_has(void **state)
{
	/* The ends of words. */
	static const unsigned int cpus[] = { 0, 63, 64, 127, 4032, 4095 };
	struct cpuset set = {};

	for (unsigned int cpu = 0; cpu < CPUSET_MAX + 100; cpu++)
		assert_false(cpuset__has(&set, cpu));
	assert_int_equal(cpuset__last(&set), -1);
	assert_int_equal(cpuset__count(&set), 0);

	for (size_t i = 0; i < ARRAY_SIZE(cpus); i++) {
		assert_false(cpuset__has(&set, cpus[i]));
		cpuset__add(&set, cpus[i]);
		cpuset__add(&set, cpus[i]);
		assert_true(cpuset__has(&set, cpus[i]));
		assert_int_equal(cpuset__last(&set), cpus[i]);
		assert_int_equal(cpuset__count(&set), i + 1);
	}
	assert_false(cpuset__has(&set, CPUSET_MAX));
	assert_false(cpuset__has(&set, UINT32_MAX));
}

static void test_union(void **state)
{
	struct cpuset set = set_of((unsigned int[]){ 1, 64 }, 2);
	struct cpuset other = set_of((unsigned int[]){ 1, 4095 }, 2);
	struct cpuset expected = set_of((unsigned int[]){ 1, 64, 4095 }, 3);
	struct cpuset unchanged = other;

	assert_false(cpuset__equal(&set, &other));
	cpuset__union(&set, &other);
	assert_true(cpuset__equal(&set, &expected));
	assert_true(cpuset__equal(&other, &unchanged));
	cpuset__union(&set, &set);
	assert_true(cpuset__equal(&set, &expected));
}

static void test_format(void **state)
{
	/* What the text is, whatever way the set was written down. */
	static const struct {
		const char *text;
		const char *canonical;
	} lists[] = {
		{ "", "" },
		{ "0", "0" },
		{ "0,1", "0-1" },
		{ "3,2,0", "0,2-3" },
		{ "0-0", "0" },
		{ "4095", "4095" },
		{ "0-4095", "0-4095" },
		{ "63-64,4094,4095", "63-64,4094-4095" },
	};
	char buf[64];

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		struct cpuset set;

		assert_int_equal(cpuset__parse(&set, lists[i].text), 0);
		assert_int_equal(cpuset__format(&set, buf, sizeof(buf)),
				 strlen(lists[i].canonical));
		assert_string_equal(buf, lists[i].canonical);
	}
}

/* Without room for all of it, it is no list that looks like one, and has nothing halved. */
static void test_format_no_room(void **state)
{
	static const char whole[] = "0,2-3,100-199,300,302,304,4095";
	static const struct {
		size_t size;
		const char *text;
	} cases[] = {
		{ 1, "" }, { 8, "" }, { 9, "107 CPUs" }, { 16, "107 CPUs" },
		{ 17, "0,... (107 CPUs)" }, { 20, "0,... (107 CPUs)" },
		{ 21, "0,2-3,... (107 CPUs)" }, { 28, "0,2-3,... (107 CPUs)" },
		{ 29, "0,2-3,100-199,... (107 CPUs)" }, { 30, "0,2-3,100-199,... (107 CPUs)" },
		{ 31, whole }, { 32, whole },
	};
	struct cpuset set;

	assert_int_equal(cpuset__parse(&set, whole), 0);
	/* Size 0 may come without a buffer, as with snprintf(). */
	assert_int_equal(cpuset__format(&set, NULL, 0), strlen(whole));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		/* Exactly so much, so that the sanitizer sees one too many. */
		char *buf = malloc(cases[i].size);

		assert_int_equal(cpuset__format(&set, buf, cases[i].size), strlen(whole));
		check(!strcmp(buf, cases[i].text), "size %zu: '%s'", cases[i].size, buf);
		free(buf);
	}
}

/* The list of 512 CPUs of which none is the other's neighbour, in each size. */
static void test_format_odd(void **state)
{
	static char whole[CPUSET_LIST_SIZE];
	struct cpuset set = {};
	size_t length;

	for (unsigned int cpu = 1; cpu < 1024; cpu += 2)
		cpuset__add(&set, cpu);
	length = cpuset__format(&set, whole, sizeof(whole));
	assert_int_equal(length, strlen(whole));
	for (size_t size = 0; size <= length + 2; size++) {
		char *buf = malloc(size), *rest;

		assert_int_equal(cpuset__format(&set, buf, size), length);
		if (size > length) {
			assert_string_equal(buf, whole);
		} else if (size > strlen("1,... (512 CPUs)")) {
			rest = strstr(buf, ",... (512 CPUs)");
			check(rest && !strcmp(rest, ",... (512 CPUs)"), "%s", buf);
			/* What is before that is a part of the list, and a whole number. */
			check(!strncmp(buf, whole, rest - buf) && whole[rest - buf] == ',', "%s",
			      buf);
			/* And no room is left that had been enough for one more. */
			check(strlen(buf) + strlen(",1023") >= size, "size %zu: %s", size, buf);
		} else if (size) {
			check(!strcmp(buf, size > strlen("512 CPUs") ? "512 CPUs" : ""), "%s", buf);
		}
		free(buf);
	}
}

static void test_round_trip(void **state)
{
	uint64_t random = 1;

	for (int i = 0; i < 200; i++) {
		static char buf[CPUSET_LIST_SIZE];
		struct cpuset set = {}, again;
		unsigned int density = 1 + unit__below(&random, 20);
		unsigned int limit = 1 + unit__below(&random, CPUSET_MAX);

		for (unsigned int cpu = 0; cpu < limit; cpu++)
			if (!unit__below(&random, density))
				cpuset__add(&set, cpu);
		check(cpuset__format(&set, buf, sizeof(buf)) < sizeof(buf), "set %d", i);
		check(cpuset__parse(&again, buf) == 0, "'%s'", buf);
		check(cpuset__equal(&set, &again), "'%s'", buf);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_parse_all),
		cmocka_unit_test(test_parse_error),
		cmocka_unit_test(test_has),
		cmocka_unit_test(test_union),
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_format_no_room),
		cmocka_unit_test(test_format_odd),
		cmocka_unit_test(test_round_trip),
	};

	return UNIT_RUN("cpuset", tests);
}
