// SPDX-License-Identifier: GPL-2.0-only
/* Limits as people write them on a command line, see limits.h. */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "analysis/limits.h"
#include "base/array_size.h"

/* Above what any machine does, and far from where numbers overflow. */
#define NUMBER_MAX	1000000000000ULL
#define NS_MAX		1e18

/* parse_whole - a whole number, and behind it nothing but @suffix, which may be left out */
static int parse_whole(const char *text, const char *suffix, __u64 *number)
{
	char *end;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	*number = strtoull(text, &end, 10);
	if (errno || *number > NUMBER_MAX || (*end && strcmp(end, suffix)))
		return -EINVAL;
	return 0;
}

/* parse_decimal - a number such as 0.25; what is behind it is at *@end */
static int parse_decimal(const char *text, double *number, char **end)
{
	/* strtod() would also take a sign, space, "inf", "nan" and hexadecimal. */
	if (!isdigit((unsigned char)*text) && *text != '.')
		return -EINVAL;
	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
		return -EINVAL;
	*number = strtod(text, end);
	return *end == text || !isfinite(*number) ? -EINVAL : 0;
}

/* parse_share - per cent, "%" may be left out */
static int parse_share(const char *text, __u64 *share)
{
	double percent;
	char *end;

	if (parse_decimal(text, &percent, &end) || percent > 100 || (*end && strcmp(end, "%")))
		return -EINVAL;
	*share = llround(percent * (LIMIT_SHARE_ALL / 100));
	return 0;
}

static int parse_duration(const char *text, __u64 *ns)
{
	static const struct {
		const char *name;
		double ns;
	} units[] = { { "ns", 1 }, { "us", 1e3 }, { "ms", 1e6 }, { "s", 1e9 } };
	double number;
	char *end;

	if (parse_decimal(text, &number, &end))
		return -EINVAL;
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		if (strcmp(end, units[i].name) || number * units[i].ns > NS_MAX)
			continue;
		*ns = llround(number * units[i].ns);
		return *ns ? 0 : -EINVAL;
	}
	return -EINVAL;
}

static int parse_latency(struct limit *limit, const char *text)
{
	const char *equals = strchr(text, '=');

	for (enum limit_figure i = LIMIT_P50; equals && i <= LIMIT_MAX; i++) {
		const char *name = limit__figure_name(i);

		if (strlen(name) != (size_t)(equals - text) || strncmp(name, text, equals - text))
			continue;
		limit->figure = i;
		return parse_duration(equals + 1, &limit->number);
	}
	return -EINVAL;
}

static int parse_value(struct limit *limit, const char *text)
{
	switch (limit->kind) {
	case LIMIT_RATE:
		return parse_whole(text, "/s", &limit->number);
	case LIMIT_COALESCED:
		return parse_share(text, &limit->number);
	case LIMIT_LATENCY:
		return parse_latency(limit, text);
	case LIMIT_EMPTY:
		/* An empty process belongs to no vIPI. */
		limit->share = strchr(text, '%');
		if (*limit->vipi_name)
			return -EINVAL;
		return limit->share ? parse_share(text, &limit->number) :
				      parse_whole(text, "", &limit->number);
	case LIMIT_SENDS:
		return parse_whole(text, "", &limit->number) || !limit->number ? -EINVAL : 0;
	}
	return -EINVAL;
}

/* is_same - does a second limit stand for the same thing, with another number? */
static bool is_same(const struct limit *a, const struct limit *b)
{
	return a->kind == b->kind && a->figure == b->figure &&
	       !strcasecmp(a->vipi_name, b->vipi_name);
}

/* find_value - behind "VIPI=", if that is there; a value has @own "=" itself */
static const char *find_value(const char *text, int own)
{
	const char *value = text + strlen(text);

	for (; value > text; value--)
		if (value[-1] == '=' && !own--)
			break;
	return value;
}

int limits__add(struct limits *limits, enum limit_kind kind, const char *text)
{
	struct limit limit = { .kind = kind, .vipi = LIMIT_ALL_VIPIS };
	const char *value = find_value(text, kind == LIMIT_LATENCY);
	size_t length = value == text ? 0 : value - text - 1;
	unsigned int i;

	if (length >= sizeof(limit.vipi_name) || (value != text && !length))
		return -EINVAL;
	memcpy(limit.vipi_name, text, length);
	if (parse_value(&limit, value))
		return -EINVAL;
	for (i = 0; i < limits->nr_limits && !is_same(&limits->limit[i], &limit); i++)
		;
	if (i == LIMITS_MAX)
		return -ENOSPC;
	limits->limit[i] = limit;
	limits->nr_limits += i == limits->nr_limits;
	return 0;
}

const char *limits__resolve(struct limits *limits, const struct machine *machine)
{
	for (unsigned int i = 0; i < limits->nr_limits; i++) {
		struct limit *limit = &limits->limit[i];
		int vipi;

		if (!*limit->vipi_name)
			continue;
		vipi = machine__find_vipi(machine, limit->vipi_name);
		if (vipi < 0)
			return limit->vipi_name;
		limit->vipi = vipi;
	}
	return NULL;
}
