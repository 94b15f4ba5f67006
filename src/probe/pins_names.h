/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What pins are called, which the two halves of probe/pins.h agree on: the one that pins
 * and removes them, and the one that reads them.
 */
#ifndef PINS_NAMES_H
#define PINS_NAMES_H

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/failure.h"

#define DESCRIPTION	"description"
#define EDGE		"edge"
/* Other pins are named by what they are: their owner's, except the counters. */
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

/* Is there a BPF file system? */
struct failure *pins__check_bpffs(const char *name);

/* Using the pins of @name failed with the kernel's own -errno. 0: NULL. */
struct failure *pins__failure(const char *name, int err);
/* They are none of ours, or a part of them is none; they are not whole. */
struct failure *pins__foreign(const char *name);
struct failure *pins__not_whole(const char *name);

/* Calls @visit for all in @directory, which are the pins of @name, until one fails. */
struct failure *pins__for_each(const char *name, const char *directory,
			       struct failure *(*visit)(void *context, const struct dirent *entry),
			       void *context);

#endif /* PINS_NAMES_H */
