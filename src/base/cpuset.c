// SPDX-License-Identifier: GPL-2.0-only
/* Sets of CPUs, see cpuset.h. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cpuset.h"

#define BITS_PER_LONG	(8 * sizeof(unsigned long))
#define NR_LONGS	(CPUSET_MAX / BITS_PER_LONG)

void cpuset__add(struct cpuset *set, unsigned int cpu)
{
	set->bits[cpu / BITS_PER_LONG] |= 1UL << cpu % BITS_PER_LONG;
}

bool cpuset__has(const struct cpuset *set, unsigned int cpu)
{
	return cpu < CPUSET_MAX && (set->bits[cpu / BITS_PER_LONG] >> cpu % BITS_PER_LONG & 1);
}

int cpuset__last(const struct cpuset *set)
{
	for (int i = NR_LONGS - 1; i >= 0; i--)
		if (set->bits[i])
			return (i + 1) * BITS_PER_LONG - 1 - __builtin_clzl(set->bits[i]);
	return -1;
}

unsigned int cpuset__count(const struct cpuset *set)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < NR_LONGS; i++)
		count += __builtin_popcountl(set->bits[i]);
	return count;
}

bool cpuset__equal(const struct cpuset *a, const struct cpuset *b)
{
	return !memcmp(a, b, sizeof(*a));
}

void cpuset__union(struct cpuset *set, const struct cpuset *other)
{
	for (unsigned int i = 0; i < NR_LONGS; i++)
		set->bits[i] |= other->bits[i];
}

/* parse_cpu - one number at @*text, which moves behind it */
static int parse_cpu(const char **text, unsigned long *cpu)
{
	char *end;

	/* strtoul() would also take a sign and leading space. */
	if (!isdigit((unsigned char)**text))
		return -EINVAL;
	errno = 0;
	*cpu = strtoul(*text, &end, 10);
	if (errno || *cpu >= CPUSET_MAX)
		return -ERANGE;
	*text = end;
	return 0;
}

int cpuset__parse(struct cpuset *set, const char *text)
{
	struct cpuset parsed = {};
	unsigned long first, last;
	int err;

	while (*text && !isspace((unsigned char)*text)) {
		err = parse_cpu(&text, &first);
		if (err)
			return err;
		last = first;
		if (*text == '-') {
			text++;
			err = parse_cpu(&text, &last);
			if (err)
				return err;
			if (last < first)
				return -EINVAL;
		}
		for (; first <= last; first++)
			cpuset__add(&parsed, first);
		if (*text == ',') {
			text++;
			if (!isdigit((unsigned char)*text))
				return -EINVAL;
		} else if (*text && !isspace((unsigned char)*text)) {
			return -EINVAL;
		}
	}
	while (isspace((unsigned char)*text))
		text++;
	if (*text)
		return -EINVAL;
	*set = parsed;
	return 0;
}

size_t cpuset__format(const struct cpuset *set, char *buf, size_t size)
{
	char range[16], rest[32];
	size_t len = 0, kept = 0;
	size_t rest_len = snprintf(rest, sizeof(rest), ",... (%u CPUs)", cpuset__count(set));

	if (size)
		*buf = '\0';
	for (unsigned int cpu = 0; cpu < CPUSET_MAX; cpu++) {
		unsigned int last = cpu;
		size_t range_len;

		if (!cpuset__has(set, cpu))
			continue;
		while (cpuset__has(set, last + 1))
			last++;
		range_len = snprintf(range, sizeof(range), last > cpu ? "%s%u-%u" : "%s%u",
				     len ? "," : "", cpu, last);
		if (len + range_len < size)
			memcpy(buf + len, range, range_len + 1);
		len += range_len;
		if (len + rest_len < size)
			kept = len;
		cpu = last;
	}
	if (len < size)
		return len;
	/* With not even one of them, how many there are. */
	if (!kept)
		rest_len = snprintf(rest, sizeof(rest), "%u CPUs", cpuset__count(set));
	if (kept + rest_len < size)
		memcpy(buf + kept, rest, rest_len + 1);
	else if (size)
		*buf = '\0';
	return len;
}
