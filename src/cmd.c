// SPDX-License-Identifier: GPL-2.0-only
/* What the subcommands share, see cmd.h. */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmd.h"

#define SECONDS_MAX (10 * 365.25 * 24 * 3600)

int fail(enum exit_status status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("ipimux-trace: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	return status;
}

int parse_seconds(const char *text, unsigned long long *ns)
{
	double seconds;
	char *end;

	/* strtod() would also take a sign, space, "inf", "nan" and hexadecimal. */
	if (!isdigit((unsigned char)*text) && *text != '.')
		return -EINVAL;
	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
		return -EINVAL;
	seconds = strtod(text, &end);
	if (end == text || *end || !(seconds >= 1e-6 && seconds <= SECONDS_MAX))
		return -EINVAL;
	*ns = llround(seconds * 1e9);
	return 0;
}

int parse_count(const char *text, unsigned long long *count)
{
	unsigned long long value;
	char *end;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || *end || !value)
		return -EINVAL;
	*count = value;
	return 0;
}
