// SPDX-License-Identifier: GPL-2.0-only
/*
 * Numbers for people: that each fills its column exactly, whatever its size, and
 * is the number it stands for, rounded; and when there are colours.
 */
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "print/text.h"
#include "unit.h"

static const __u64 second = 1000000000;

/*
 * number_of - what a text says, and in @unit what its last digit is worth
 *
 * Fails if the text is not one right-aligned number of @width.
 */
static double number_of(const char *text, int width, double *unit)
{
	static const char prefixes[] = "kMGTPE";
	const char *prefix, *dot;
	double number;
	char *end;

	check((int)strlen(text) == width, "width %d: '%s'", width, text);
	number = strtod(text, &end);
	check(end != text, "'%s'", text);
	dot = strchr(text, '.');
	*unit = dot ? pow(10, -(end - dot - 1)) : 1;
	prefix = *end ? strchr(prefixes, *end) : NULL;
	if (prefix) {
		double scale = pow(1000, prefix - prefixes + 1);

		number *= scale;
		*unit *= scale;
		end++;
	}
	check(!*end, "'%s'", text);
	return number;
}

/* check_number - @text is @width wide, and @expected rounded to the last digit it shows */
static void check_number(const char *text, int width, double expected)
{
	double unit, number = number_of(text, width, &unit);

	check(fabs(number - expected) <= unit / 2 + expected * 1e-9, "%.3f is not '%s'",
	      expected, text);
	/* Nor were digits given away: 0.1G for 123.4M. (1.0k has two, also for 999.96.) */
	check(unit <= 1 || unit / expected < 0.101, "%.3f is just '%s'", expected, text);
}

/* Every magnitude there is, and the values around it. */
static size_t magnitudes(__u64 values[1000])
{
	static const __u64 edges[] = {
		9994, 9995, 9996, 99949, 99950, 99951, 999949, 999950, 999951, 999999,
	};
	size_t nr = 0;

	for (__u64 power = 1;; power *= 10) {
		values[nr++] = power - 1;
		values[nr++] = power;
		values[nr++] = power + power / 2;
		if (power == 10000000000000000000ULL)
			break;
	}
	for (int shift = 0; shift < 64; shift++) {
		values[nr++] = (1ULL << shift) - 1;
		values[nr++] = 1ULL << shift;
	}
	/* Where rounding adds a digit. */
	for (size_t i = 0; i < ARRAY_SIZE(edges); i++)
		for (__u64 scale = 1; scale <= 1000000000000; scale *= 1000)
			values[nr++] = edges[i] * scale;
	values[nr++] = UINT64_MAX - 1;
	values[nr++] = UINT64_MAX;
	return nr;
}

static void test_count(void **state)
{
	static const struct {
		__u64 count;
		int width;
		const char *text;
	} counts[] = {
		{ 0, 5, "    0" },
		{ 7, 10, "         7" },
		{ 9999, 4, "9999" },
		{ 10000, 4, " 10k" },
		{ 12345, 4, " 12k" },
		{ 12345, 5, "12345" },
		{ 1234567, 5, " 1.2M" },
		{ 12345678, 5, "12.3M" },
		{ 123456789, 5, " 123M" },
		{ 123456789, 6, "123.5M" },
		{ 123456789, 9, "123456789" },
		{ 999949, 6, "999949" },
		{ 999950, 5, " 1.0M" },
		{ 9999949, 6, " 10.0M" },
		{ 999949999, 6, "999.9M" },
		{ 999950000, 6, "  1.0G" },
		{ UINT64_MAX, 20, "18446744073709551615" },
		{ UINT64_MAX, 19, "              18.4E" },
		{ UINT64_MAX, 5, "18.4E" },
		{ UINT64_MAX, 4, " 18E" },
	};
	char buf[TEXT_SIZE];

	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		check(text__count(buf, counts[i].width, counts[i].count) == buf, "%zu", i);
		check(!strcmp(buf, counts[i].text), "%llu: '%s', not '%s'",
		      (unsigned long long)counts[i].count, buf, counts[i].text);
	}
}

static void check_counts(int width)
{
	__u64 values[1000];
	size_t nr = magnitudes(values);
	char buf[TEXT_SIZE];

	for (size_t i = 0; i < nr; i++)
		check_number(text__count(buf, width, values[i]), width, values[i]);
}

static void test_count_magnitudes(void **state)
{
	for (int width = 5; width <= 22; width++)
		check_counts(width);
}

/* The narrowest there may be. */
static void test_count_width_4(void **state)
{
	check_counts(4);
}

/* A number that fits is not scaled. */
static void test_count_unscaled(void **state)
{
	__u64 values[1000];
	size_t nr = magnitudes(values);
	char buf[TEXT_SIZE], exact[TEXT_SIZE];

	for (size_t i = 0; i < nr; i++) {
		snprintf(exact, sizeof(exact), "%llu", (unsigned long long)values[i]);
		for (int width = strlen(exact); width <= 22; width++) {
			text__count(buf, width, values[i]);
			check(!strcmp(buf + width - strlen(exact), exact), "'%s'", buf);
			check(strspn(buf, " ") >= width - strlen(exact), "'%s'", buf);
		}
	}
}

/* A number of one thing over that of another, and what is to stand there. */
struct quotient {
	__u64 part, whole;
	const char *text;
};

static void check_quotients(char *(*format)(char *buf, int width, __u64 part, __u64 whole),
			    int width, const struct quotient *cases, size_t nr)
{
	char buf[TEXT_SIZE];

	for (size_t i = 0; i < nr; i++) {
		check(format(buf, width, cases[i].part, cases[i].whole) == buf, "%zu", i);
		check(!strcmp(buf, cases[i].text), "%llu by %llu: '%s', not '%s'",
		      (unsigned long long)cases[i].part, (unsigned long long)cases[i].whole,
		      buf, cases[i].text);
	}
}

static void test_rate(void **state)
{
	static const struct quotient rates[] = {
		{ 0, 1000000000, "       0.0" },
		{ 0, 0, "         -" },
		{ 5, 0, "         -" },
		{ UINT64_MAX, 0, "         -" },
		{ 1, 1000000000, "       1.0" },
		{ 1, 3000000000, "       0.3" },
		{ 100, 250000000, "     400.0" },
		{ 1, 100000000000, "       0.0" },
		{ 1234567, 1000000000, " 1234567.0" },
		{ 99999999, 1000000000, "99999999.0" },
		/* 99999999.96 would round to one digit more. */
		{ 9999999996, 100000000000, "    100.0M" },
		{ 100000000, 1000000000, "    100.0M" },
		{ 999949999, 1000000000, "    999.9M" },
		{ 999950000, 1000000000, "      1.0G" },
		{ UINT64_MAX, 1000000000, "     18.4E" },
		/* There is no prefix above. */
		{ UINT64_MAX, 1000000, "  18446.7E" },
	};

	check_quotients(text__rate, 10, rates, ARRAY_SIZE(rates));
}

/* Rates of up to 2^64 a second, over a millisecond to ten years. */
static void test_rate_magnitudes(void **state)
{
	static const __u64 times[] = {
		1000000, 999999999, 1000000000, 1000000001, 60000000000, 315576000000000000,
	};
	__u64 values[1000];
	size_t nr = magnitudes(values);
	char buf[TEXT_SIZE];

	for (size_t i = 0; i < nr; i++) {
		for (size_t j = 0; j < ARRAY_SIZE(times); j++) {
			double rate = (double)values[i] * second / times[j];

			if (rate > UINT64_MAX)
				continue;
			for (int width = 5; width <= 22; width++)
				check_number(text__rate(buf, width, values[i], times[j]), width,
					     rate);
		}
	}
}

static void test_percent(void **state)
{
	static const struct quotient percents[] = {
		{ 0, 0, "    -" },
		{ 5, 0, "    -" },
		{ 0, 5, "  0.0" },
		{ 5, 5, "100.0" },
		{ 1, 3, " 33.3" },
		{ 2, 3, " 66.7" },
		{ 1, 1000, "  0.1" },
		{ 1, 100000, "  0.0" },
		{ 999, 1000, " 99.9" },
		{ 9999, 10000, "100.0" },
		{ UINT64_MAX, UINT64_MAX, "100.0" },
		{ UINT64_MAX / 2, UINT64_MAX, " 50.0" },
		{ 1, UINT64_MAX, "  0.0" },
	};

	check_quotients(text__percent, 5, percents, ARRAY_SIZE(percents));
}

static void test_mean(void **state)
{
	static const struct quotient means[] = {
		{ 0, 0, "    -" },
		{ 5, 0, "    -" },
		{ 0, 5, " 0.00" },
		{ 5, 5, " 1.00" },
		{ 5, 3, " 1.67" },
		{ 320, 10, "32.00" },
		{ 31999, 1000, "32.00" },
		{ UINT64_MAX, UINT64_MAX, " 1.00" },
		{ UINT64_MAX, UINT64_MAX / 32, "32.00" },
	};

	check_quotients(text__mean, 5, means, ARRAY_SIZE(means));
}

/* As the others: what does not fit is scaled. */
static void test_mean_magnitudes(void **state)
{
	__u64 values[1000];
	size_t nr = magnitudes(values);
	char buf[TEXT_SIZE];

	for (size_t i = 0; i < nr; i++)
		for (int width = 5; width <= 12; width++)
			check_number(text__mean(buf, width, values[i], 1), width, values[i]);
}

static void test_colour_wanted(void **state)
{
	/* Both ends of a pseudoterminal are terminals. */
	int fd = posix_openpt(O_RDWR | O_NOCTTY);
	FILE *terminal, *file = tmpfile();

	assert_non_null(file);
	assert_true(fd >= 0);
	terminal = fdopen(fd, "w");
	assert_non_null(terminal);

	unsetenv("NO_COLOR");
	setenv("TERM", "xterm", 1);
	assert_true(text__colour_wanted(terminal));
	assert_false(text__colour_wanted(file));

	setenv("NO_COLOR", "1", 1);
	assert_false(text__colour_wanted(terminal));
	setenv("NO_COLOR", "0", 1);
	assert_false(text__colour_wanted(terminal));
	/* As no-color.org has it: set, and not empty. */
	setenv("NO_COLOR", "", 1);
	assert_true(text__colour_wanted(terminal));
	unsetenv("NO_COLOR");

	setenv("TERM", "dumb", 1);
	assert_false(text__colour_wanted(terminal));
	unsetenv("TERM");
	assert_false(text__colour_wanted(terminal));
	fclose(terminal);
	fclose(file);
}

static void test_colour_wanted_memory(void **state)
{
	char *text;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	/* A stream without a file descriptor. */
	setenv("TERM", "xterm", 1);
	assert_false(text__colour_wanted(file));
	fclose(file);
	free(text);
}

static void test_style(void **state)
{
	for (enum text_style style = TEXT_PLAIN; style <= TEXT_BAD; style++) {
		const char *sequence = text__style(true, style);

		assert_string_equal(text__style(false, style), "");
		check(!strncmp(sequence, "\033[", 2), "style %d", style);
		check(sequence[strlen(sequence) - 1] == 'm', "style %d", style);
		for (enum text_style other = TEXT_PLAIN; other < style; other++)
			assert_string_not_equal(sequence, text__style(true, other));
	}
	assert_string_equal(text__style(true, TEXT_PLAIN), "\033[0m");
}

static void test_heat(void **state)
{
	static const unsigned int colours[] = { 8, 256 };

	assert_string_equal(text__heat(0, 5, 10), "");
	for (size_t i = 0; i < ARRAY_SIZE(colours); i++) {
		const char *hottest = text__heat(colours[i], 1024, 1024);

		assert_string_equal(text__heat(colours[i], 0, 1024), "");
		assert_string_equal(text__heat(colours[i], 513, 1024), hottest);
		assert_string_not_equal(text__heat(colours[i], 512, 1024), hottest);
		assert_string_equal(text__heat(colours[i], 512, 1024),
				    text__heat(colours[i], 257, 1024));
		assert_string_not_equal(text__heat(colours[i], 1, 1024), hottest);
		/* The smallest and the largest there are. */
		assert_string_equal(text__heat(colours[i], 1, 1), hottest);
		assert_string_equal(text__heat(colours[i], ~0ULL, ~0ULL), hottest);
	}
}

static void test_colours(void **state)
{
	FILE *terminal = fopen("/dev/ptmx", "r+");

	unsetenv("NO_COLOR");
	unsetenv("COLORTERM");
	if (!terminal || !isatty(fileno(terminal)))
		skip();
	setenv("TERM", "xterm", 1);
	assert_int_equal(text__colours(terminal), 8);
	setenv("TERM", "tmux-256color", 1);
	assert_int_equal(text__colours(terminal), 256);
	setenv("TERM", "xterm", 1);
	setenv("COLORTERM", "truecolor", 1);
	assert_int_equal(text__colours(terminal), 256);
	setenv("NO_COLOR", "1", 1);
	assert_int_equal(text__colours(terminal), 0);
	unsetenv("NO_COLOR");
	unsetenv("COLORTERM");
	fclose(terminal);
}

static void test_columns(void **state)
{
	FILE *file = tmpfile();

	assert_non_null(file);
	assert_int_equal(text__columns(file), 100);
	fclose(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_count),
		cmocka_unit_test(test_count_magnitudes),
		cmocka_unit_test(test_count_width_4),
		cmocka_unit_test(test_count_unscaled),
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_rate_magnitudes),
		cmocka_unit_test(test_percent),
		cmocka_unit_test(test_mean),
		cmocka_unit_test(test_mean_magnitudes),
		cmocka_unit_test(test_colour_wanted),
		cmocka_unit_test(test_colour_wanted_memory),
		cmocka_unit_test(test_style),
		cmocka_unit_test(test_heat),
		cmocka_unit_test(test_colours),
		cmocka_unit_test(test_columns),
	};

	return UNIT_RUN("text", tests);
}
