// SPDX-License-Identifier: GPL-2.0-only
/* Numbers as people write them, see parse.h. */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/parse.h"

#define SECONDS_MAX (10 * 365.25 * 24 * 3600)

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

int parse_size(const char *text, unsigned long long *size)
{
	static const char units[] = "kMG";
	unsigned long long value, unit = 1;
	size_t length = strlen(text);
	const char *at = length ? strchr(units, text[length - 1]) : NULL;
	char digits[24];

	if (at)
		unit = 1ULL << 10 * (at - units + 1);
	length -= !!at;
	if (!length || length >= sizeof(digits))
		return -EINVAL;
	memcpy(digits, text, length);
	digits[length] = '\0';
	if (parse_count(digits, &value) || value > ULLONG_MAX / unit)
		return -EINVAL;
	*size = value * unit;
	return 0;
}
