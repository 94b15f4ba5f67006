// SPDX-License-Identifier: GPL-2.0-only
/*
 * For libFuzzer: whatever stands where a list of CPUs should (in /sys, in a recording, on
 * a command line), reading it does no harm; and what was read is, written, read as the same.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cpuset.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Room for the longest list: every other CPU. */
#define LIST_SIZE (CPUSET_MAX * 3)

static void check(int good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

/* says_how_many - is @part nothing, or some of @list at most, and how many there are? */
static bool says_how_many(const char *part, const char *list, unsigned int count)
{
	char rest[32], all[32];
	size_t length = strlen(part), rest_length;

	rest_length = snprintf(rest, sizeof(rest), ",... (%u CPUs)", count);
	snprintf(all, sizeof(all), "%u CPUs", count);
	if (!length || !strcmp(part, all))
		return true;
	return length > rest_length && !strcmp(part + length - rest_length, rest) &&
	       !strncmp(part, list, length - rest_length) && list[length - rest_length] == ',';
}

/* check_written - the list of @set makes @set again; without room, it says how many there are */
static void check_written(const struct cpuset *set, size_t room)
{
	static char list[LIST_SIZE], part[LIST_SIZE];
	struct cpuset again;
	size_t length = cpuset__format(set, list, sizeof(list));

	check(length < sizeof(list) && strlen(list) == length, "the length is another one");
	check(!cpuset__parse(&again, list) && cpuset__equal(set, &again), "written, it is another");

	room %= length + 2;
	memset(part, 'x', room + 1);
	check(cpuset__format(set, part, room) == length, "cut off, it has another length");
	check(part[room] == 'x', "written behind the end");
	if (length < room)
		check(!strcmp(part, list), "with room for it, it is another");
	else if (room)
		check(says_how_many(part, list, cpuset__count(set)), "cut off, it does not say so");
}

/* check_members - last and count are those of the CPUs that are in it */
static void check_members(const struct cpuset *set)
{
	unsigned int count = 0;
	int last = -1;

	for (unsigned int cpu = 0; cpu < CPUSET_MAX + 70; cpu++) {
		if (!cpuset__has(set, cpu))
			continue;
		last = cpu;
		count++;
	}
	check(last < CPUSET_MAX && cpuset__last(set) == last, "another one is the last");
	check(cpuset__count(set) == count, "it has another number of CPUs");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cpuset set, before;
	char *text = malloc(size + 1);
	int err;

	check(text != NULL, "no memory");
	memcpy(text, data, size);
	text[size] = '\0';

	memset(&set, 0x5a, sizeof(set));
	before = set;
	err = cpuset__parse(&set, text);
	check(!err || err == -EINVAL || err == -ERANGE, "an error that is none of its own");
	if (err) {
		check(cpuset__equal(&set, &before), "written, though it is no list");
	} else {
		check_written(&set, size ? data[size - 1] * 37 + size : 0);
		check_members(&set);
	}
	free(text);
	return 0;
}
