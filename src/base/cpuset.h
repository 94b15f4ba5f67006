/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A set of CPUs and its text form, the kernel's list format ("0,2-3").
 * Knows nothing about the machine it runs on.
 */
#ifndef CPUSET_H
#define CPUSET_H

#include <stdbool.h>
#include <stddef.h>

/* Well above the largest NR_CPUS of any architecture with an IPI mux. */
#define CPUSET_MAX 4096

struct cpuset {
	unsigned long bits[CPUSET_MAX / (8 * sizeof(unsigned long))];
};

void cpuset__add(struct cpuset *set, unsigned int cpu);
bool cpuset__has(const struct cpuset *set, unsigned int cpu);

/* The highest CPU of the set, or -1 if the set is empty. */
int cpuset__last(const struct cpuset *set);

unsigned int cpuset__count(const struct cpuset *set);
bool cpuset__equal(const struct cpuset *a, const struct cpuset *b);
void cpuset__union(struct cpuset *set, const struct cpuset *other);

/*
 * Parses "0,2-3"; white space at the end is ignored, an empty list is an empty
 * set. Returns 0, -EINVAL if @text is no list (an inverted range included), or
 * -ERANGE for a CPU of CPUSET_MAX or above. @set is only written on success.
 */
int cpuset__parse(struct cpuset *set, const char *text);

/* Room for the list of any set. */
#define CPUSET_LIST_SIZE (CPUSET_MAX * 5)

/*
 * Writes the set as a list into @buf. One that is too long for @size is none any longer, and
 * says so: "0,2,4,... (33 CPUs)", in the least room "33 CPUs", and nothing where that is too
 * long. Returns the length of the whole list.
 */
size_t cpuset__format(const struct cpuset *set, char *buf, size_t size);

#endif /* CPUSET_H */
