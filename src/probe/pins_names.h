/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What pins are called, which the two halves of probe/pins.h agree on: the one that pins
 * and removes them, and the one that reads them.
 */
#ifndef PINS_NAMES_H
#define PINS_NAMES_H

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define DESCRIPTION	"description"
#define EDGE		"edge"
/* Other pins are named by what they are: their owner's, but for the counters. */
#define LINK		"link_"
#define PROGRAM		"program_"
#define COUNTERS	"counters_"

#define PATH_SIZE	256

static inline bool starts_with(const char *text, const char *start)
{
	return !strncmp(text, start, strlen(start));
}

static inline void path_of(char path[PATH_SIZE], const char *directory, const char *kind,
			   const char *name)
{
	snprintf(path, PATH_SIZE, "%s/%s%s", directory, kind, name);
}

/* Returns 0 or as pins.h has it. */
int pins__check_bpffs(void);

/* Calls @visit for all in @directory until it returns non-zero; its value, or -errno. */
int pins__for_each(const char *directory,
		   int (*visit)(void *context, const struct dirent *entry), void *context);

#endif /* PINS_NAMES_H */
