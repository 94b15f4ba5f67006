// SPDX-License-Identifier: GPL-2.0-only
/* Numbers as people write them, see parse.h. */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>

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
