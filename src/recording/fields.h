/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fields of JSON objects that nobody vouches for: each is what it should be, or it is
 * said what is wrong with it, and in which line. Knows nothing about recordings.
 */
#ifndef FIELDS_H
#define FIELDS_H

#include <stdbool.h>
#include <linux/types.h>
#include <jansson.h>

#include "base/cpuset.h"

/* All numbers are integers up to this. */
#define FIELDS_MAX_NUMBER	((1ULL << 63) - 1)

struct fault {
	unsigned long long line;	/* where it is looked for, from 1 */
	char text[256];			/* "line 7: ...", or "" */
};

/* Notes what is wrong in that line; returns -EBADMSG, as those below do after it. */
int fields__wrong(struct fault *fault, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* A number that must be there. */
int fields__number(struct fault *fault, const json_t *object, const char *name, __u64 *value);

/*
 * A list of CPUs ("0,2-3"), at least one, that must be there, and each of them in
 * @possible if that is not NULL.
 */
int fields__cpus(struct fault *fault, const json_t *object, const char *name,
		 const struct cpuset *possible, struct cpuset *cpus);

/* An array that need not be there: NULL, then. */
int fields__array(struct fault *fault, const json_t *object, const char *name,
		  const json_t **array);

/* The numbers of @row; false if it is not an array of just @nr of them. */
bool fields__numbers(const json_t *row, unsigned int nr, __u64 *numbers);

#endif /* FIELDS_H */
