// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the subcommands share: which times and counts a user may type, and how an
 * error is said. Everything else must be refused, not guessed.
 */
/* Before cmocka.h, which takes the name fail() for a macro. */
#include "base/clock.h"
#include "base/fail.h"
#include "base/parse.h"
#include "base/printable.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#define UNWRITTEN 0x5a5a5a5a5a5a5a5aULL

/* parse_seconds(), in ns, or parse_count() */
typedef int parse_function(const char *text, unsigned long long *value);

struct taken {
	const char *text;
	unsigned long long value;
};

static void check_taken(parse_function *parse, const struct taken *cases, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		unsigned long long value = UNWRITTEN;

		/* An error that somebody else left behind is none of this text's. */
		errno = ERANGE;
		check(parse(cases[i].text, &value) == 0, "'%s'", cases[i].text);
		check(value == cases[i].value, "'%s' gave %llu", cases[i].text, value);
	}
}

static void check_refused(parse_function *parse, const char * const texts[], size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		unsigned long long value = UNWRITTEN;
		int err = parse(texts[i], &value);

		check(err == -EINVAL, "'%s' gave %d, %llu", texts[i], err, value);
		check(value == UNWRITTEN, "'%s' wrote %llu", texts[i], value);
	}
}

static void test_seconds(void **state)
{
	static const struct taken times[] = {
		{ "1", 1000000000 },
		{ "01", 1000000000 },
		{ "1.", 1000000000 },
		{ "0.25", 250000000 },
		{ ".5", 500000000 },
		{ "1e3", 1000000000000 },
		{ "5e-1", 500000000 },
		{ "0.1", 100000000 },
		{ "0.3", 300000000 },
		{ "1.000000001", 1000000001 },
		{ "0.000001", 1000 },
		{ "0.0000015", 1500 },
		/* A hair less than that in binary: to be rounded, not cut off. */
		{ "0.000065", 65000 },
		{ "86400", 86400000000000 },
		/* Ten years of 365.25 days. */
		{ "315576000", 315576000000000000 },
	};

	check_taken(parse_seconds, times, ARRAY_SIZE(times));
}

static void test_seconds_error(void **state)
{
	static const char * const texts[] = {
		"", " ", " 1", "1 ", "\n1", "1\n", "1s", "1 s", "1ms", "1,5", "1.2.3", "one",
		"0", "0.0", ".0", "00", ".", "e3", ".e3", "1e", "1e+", "-1", "+1", "-0", "--1",
		"0x10", "0X1p3", "0x", "00x1", "1p3",
		"nan", "NAN", "nan(1)", "inf", "INF", "infinity", "-inf",
		"1e-9", "0.0000009", "1e-400",
		"315576001", "1e18", "1e308", "1e400", "99999999999999999999999999999999999999",
		"\xff", "1\xff", "\xd9\xa1",
	};

	check_refused(parse_seconds, texts, ARRAY_SIZE(texts));
}

static void test_count(void **state)
{
	static const struct taken counts[] = {
		{ "1", 1 },
		{ "010", 10 },
		{ "4294967296", 4294967296 },
		{ "18446744073709551615", UINT64_MAX },
	};

	check_taken(parse_count, counts, ARRAY_SIZE(counts));
}

static void test_count_error(void **state)
{
	static const char * const texts[] = {
		"", " ", " 1", "1 ", "\t1", "1\n", "1s", "1k", "1.0", "1.", ".5", "0.25", "1e3",
		"0", "00", "-1", "-0", "+1", "0x10", "nan", "inf", "a",
		"18446744073709551616", "18446744073709551617", "99999999999999999999999999",
		"-18446744073709551615", "\xff",
	};

	check_refused(parse_count, texts, ARRAY_SIZE(texts));
}

/* Each byte by itself. */
static void test_bytes(void **state)
{
	for (unsigned int i = 1; i < 256; i++) {
		char text[] = { 'a', i, 'b', '\0' };
		bool good = i >= ' ' && i <= '~';

		assert_int_equal(is_printable(text), good);
		make_printable(text);
		check(text[0] == 'a' && text[1] == (good ? (char)i : '?') && text[2] == 'b',
		      "byte %u", i);
		assert_true(is_printable(text));
	}
}

static void test_size(void **state)
{
	static const struct taken sizes[] = {
		{ "1", 1 }, { "4096", 4096 }, { "64k", 65536 }, { "64M", 67108864 },
		{ "1G", 1073741824 }, { "010M", 10485760 },
		{ "17179869183G", 18446744072635809792ULL },
	};
	static const char * const texts[] = {
		"", " ", "M", "k", "0", "0M", "1m", "1K", "1g", "1T", "1MB", "1 M", " 1M", "1M ",
		"M1", "1MM", "-1M", "+1M", "1.5M", "1e3", "0x10", "17179869184G",
		"18446744073709551616", "99999999999999999999999999M", "\xff",
	};

	check_taken(parse_size, sizes, ARRAY_SIZE(sizes));
	check_refused(parse_size, texts, ARRAY_SIZE(texts));
}

/* The machine's clock, whatever that of this process says; the clock on the wall is one. */
static void test_clock(void **state)
{
	unsigned long long before = clock__now(CLOCK_MONOTONIC);
	unsigned long long wall = clock__now(CLOCK_REALTIME), later;

	clock__set_offset(-1000000000LL * 3600);
	later = clock__now(CLOCK_MONOTONIC);
	assert_true(later - before >= 3600000000000);
	assert_true(later - before < 3660000000000);
	assert_true(clock__now(CLOCK_REALTIME) - wall < 60000000000);
	assert_true(clock__left(later + 1000000000000) > 900000000000);
	assert_true(clock__left(later + 1000000000000) <= 1000000000000);
	assert_int_equal(clock__left(before), 0);
	clock__set_offset(0);
}

static void test_printable(void **state)
{
	static const struct {
		const char *text, *printable;
	} cases[] = {
		{ "", "" },
		{ "a\033[1mb\n  99 %% z;", "a?[1mb?  99 %% z;" },
		{ "\177\r\t\b", "????" },
		{ "z\xc3\xbcrich \xe2\x82\xac \xf0\x9f\x90\xa7",
		  "z\xc3\xbcrich \xe2\x82\xac \xf0\x9f\x90\xa7" },
		/* Cut off; only its end; too long for what it is; beyond the last. */
		{ "z\xc3", "z?" },
		{ "\xe2\x82x", "?" "?x" },
		{ "\xbcz", "?z" },
		{ "\xc0\x8a\xe0\x80\x8a", "?????" },
		{ "\xf4\x90\x80\x80\xf8\x88\x80\x80\x80\xff\xfe", "???????????" },
		/* A half of a character, and CSI as C1 has it. */
		{ "\xed\xa0\x80", "???" },
		{ "\xc2\x9b" "2J\x9b" "2J", "?" "?2J?2J" },
		/* A line that is read from the right, the end of a paragraph, the byte order. */
		{ "a\xe2\x80\xae" "b\xe2\x80\xa9\xef\xbb\xbf", "a???b??????" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[64];

		assert_int_equal(is_printable(cases[i].text),
				 !strcmp(cases[i].text, cases[i].printable));
		strcpy(text, cases[i].text);
		make_printable(text);
		check(!strcmp(text, cases[i].printable), "%zu: '%s'", i, text);
		assert_true(is_printable(text));
	}
}

/* A name of the kernel's, which need not have an end, nor end where a character does. */
static void test_array(void **state)
{
	char array[4] = { 'a', '\n', '\xc3', '\xbc' };

	make_printable_array(array, sizeof(array));
	assert_string_equal(array, "a?" "?");
}

static void test_fail(void **state)
{
	static const enum exit_status statuses[] = { EXIT_EXCEEDED, EXIT_USAGE, EXIT_CANNOT };

	for (size_t i = 0; i < ARRAY_SIZE(statuses); i++) {
		FILE *real = stderr;
		char *said = NULL;
		size_t size;
		int status;

		stderr = open_memstream(&said, &size);
		assert_non_null(stderr);
		/* In brackets it is the function, not cmocka's macro. */
		status = (fail)(statuses[i], "no %s in %d %%", "mux", 7);
		fclose(stderr);
		stderr = real;

		assert_int_equal(status, statuses[i]);
		assert_string_equal(said, "ipimux-trace: no mux in 7 %\n");
		free(said);
	}
}

/* The name of a file goes to the terminal, too, whatever its length. */
static void test_fail_printable(void **state)
{
	static char name[3000], expected[3100];
	FILE *real = stderr;
	char *said = NULL;
	size_t size;

	memset(name, 'x', sizeof(name) - 1);
	memcpy(name, "a\033[2J\nb", 7);
	snprintf(expected, sizeof(expected), "ipimux-trace: no a?[2J?%s!\n", name + 6);
	stderr = open_memstream(&said, &size);
	assert_non_null(stderr);
	(fail)(EXIT_CANNOT, "no %s!", name);
	fclose(stderr);
	stderr = real;
	assert_string_equal(said, expected);
	free(said);
}

/* Scripts of users depend on these numbers. */
static void test_exit_statuses(void **state)
{
	assert_int_equal(EXIT_DONE, 0);
	assert_int_equal(EXIT_EXCEEDED, 1);
	assert_int_equal(EXIT_USAGE, 2);
	assert_int_equal(EXIT_CANNOT, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seconds),
		cmocka_unit_test(test_seconds_error),
		cmocka_unit_test(test_count),
		cmocka_unit_test(test_count_error),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_clock),
		cmocka_unit_test(test_printable),
		cmocka_unit_test(test_array),
		cmocka_unit_test(test_fail_printable),
		cmocka_unit_test(test_fail),
		cmocka_unit_test(test_exit_statuses),
	};

	return UNIT_RUN("cmd", tests);
}
