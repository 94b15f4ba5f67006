// SPDX-License-Identifier: GPL-2.0-only
/* Numbers and colours for people, see text.h. */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/rate.h"
#include "print/text.h"

#define DEFAULT_COLUMNS	100
#define NR_SHADES	8

/* scaled - @value with a unit prefix, so that it has at most @width places */
static char *scaled(char buf[TEXT_SIZE], int width, double value)
{
	static const char prefixes[] = "kMGTPE";
	const char *prefix = prefixes;

	value /= 1000;
	/* 999.95 would round to 1000.0. */
	while (value >= 999.95 && prefix[1]) {
		value /= 1000;
		prefix++;
	}
	if (snprintf(buf, TEXT_SIZE, "%*.1f%c", width - 1, value, *prefix) <= width)
		return buf;
	/* Without the decimal, 999.5 would round to 1000. */
	if (value >= 999.5 && prefix[1])
		snprintf(buf, TEXT_SIZE, "%*.1f%c", width - 1, value / 1000, prefix[1]);
	else
		snprintf(buf, TEXT_SIZE, "%*.0f%c", width - 1, value, *prefix);
	return buf;
}

/* nothing - where there is nothing to divide by */
static char *nothing(char buf[TEXT_SIZE], int width)
{
	snprintf(buf, TEXT_SIZE, "%*s", width, "-");
	return buf;
}

char *text__count(char buf[TEXT_SIZE], int width, __u64 count)
{
	if (snprintf(buf, TEXT_SIZE, "%*llu", width, (unsigned long long)count) > width)
		return scaled(buf, width, count);
	return buf;
}

char *text__rate(char buf[TEXT_SIZE], int width, __u64 count, __u64 ns)
{
	if (!ns)
		return nothing(buf, width);
	if (snprintf(buf, TEXT_SIZE, "%*.1f", width, rate(count, ns)) > width)
		return scaled(buf, width, rate(count, ns));
	return buf;
}

char *text__percent(char buf[TEXT_SIZE], int width, __u64 part, __u64 whole)
{
	if (!whole)
		return nothing(buf, width);
	snprintf(buf, TEXT_SIZE, "%*.1f", width, percent(part, whole));
	return buf;
}

char *text__mean(char buf[TEXT_SIZE], int width, __u64 sum, __u64 number)
{
	double mean;

	if (!number)
		return nothing(buf, width);
	mean = (double)sum / number;
	for (int decimals = 2; decimals >= 0; decimals--)
		if (snprintf(buf, TEXT_SIZE, "%*.*f", width, decimals, mean) <= width)
			return buf;
	return scaled(buf, width, mean);
}

char *text__duration(char buf[TEXT_SIZE], int width, __u64 ns)
{
	static const char * const units[] = { "us", "ms", "s" };
	double value = ns / 1e3;
	char text[TEXT_SIZE];
	int unit = 0;

	if (ns == ~0ULL) {
		snprintf(buf, TEXT_SIZE, "%*s", width, ">137s");
		return buf;
	}
	/* 999.5 would round to 1000. */
	for (; value >= 999.5 && unit < 2; unit++)
		value /= 1000;
	if (ns < 1000)
		snprintf(text, sizeof(text), "%lluns", (unsigned long long)ns);
	else
		snprintf(text, sizeof(text), "%.*f%s",
			 value < 9.995 ? 2 : value < 99.95 ? 1 : 0, value, units[unit]);
	snprintf(buf, TEXT_SIZE, "%*s", width, text);
	return buf;
}

char *text__clock(char buf[TEXT_SIZE], __u64 wall_time, int decimals)
{
	time_t seconds = wall_time / 1000000000;
	char fraction[16];
	struct tm tm;

	strftime(buf, TEXT_SIZE, "%H:%M:%S", localtime_r(&seconds, &tm));
	if (decimals <= 0)
		return buf;
	/* Cut off, not rounded: no second has a 1000th millisecond. */
	snprintf(fraction, sizeof(fraction), ".%09u", (unsigned int)(wall_time % 1000000000));
	strncat(buf, fraction, decimals < 9 ? decimals + 1 : 10);
	return buf;
}

bool text__colour_wanted(FILE *file)
{
	const char *no_colour = getenv("NO_COLOR");
	const char *terminal = getenv("TERM");

	if (no_colour && *no_colour)
		return false;
	return isatty(fileno(file)) && terminal && strcmp(terminal, "dumb");
}

unsigned int text__colours(FILE *file)
{
	const char *terminal = getenv("TERM"), *more = getenv("COLORTERM");

	if (!text__colour_wanted(file))
		return 0;
	return strstr(terminal, "256color") || (more && *more) ? 256 : 8;
}

unsigned int text__columns(FILE *file)
{
	struct winsize size;

	if (ioctl(fileno(file), TIOCGWINSZ, &size) || !size.ws_col)
		return DEFAULT_COLUMNS;
	return size.ws_col;
}

const char *text__heat(unsigned int colours, __u64 part, __u64 largest)
{
	/* From cool to hot. All set what they stand on, or leave both as they are. */
	static const char * const shades[][NR_SHADES] = {
		{
			"\033[38;5;250;48;5;234m", "\033[38;5;252;48;5;52m",
			"\033[38;5;255;48;5;88m", "\033[38;5;255;48;5;124m",
			"\033[38;5;255;48;5;160m", "\033[38;5;16;48;5;202m",
			"\033[38;5;16;48;5;208m", "\033[38;5;16;48;5;220m",
		}, {
			"\033[2m", "\033[2m", "", "", "\033[33m", "\033[1;33m", "\033[31m",
			"\033[1;31m",
		},
	};
	unsigned int shade = NR_SHADES - 1;

	if (!colours || !part)
		return "";
	while (shade && part <= largest >> (NR_SHADES - shade))
		shade--;
	return shades[colours < 256][shade];
}

const char *text__style(bool colour, enum text_style style)
{
	static const char * const sequences[] = {
		[TEXT_PLAIN]	= "\033[0m",
		[TEXT_HEADING]	= "\033[1m",
		[TEXT_FAINT]	= "\033[2m",
		[TEXT_GOOD]	= "\033[32m",
		[TEXT_BAD]	= "\033[1;31m",
	};

	return colour ? sequences[style] : "";
}
