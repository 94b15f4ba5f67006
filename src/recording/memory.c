// SPDX-License-Identifier: GPL-2.0-only
/* A limit for the memory that jansson takes, see memory.h. */
#include <malloc.h>
#include <stdlib.h>

#include <jansson.h>

#include "recording/memory.h"

static size_t used, limit;	/* while there is one: since it was set */
static bool limited, exceeded;

static void *limited_malloc(size_t size)
{
	void *memory;

	if (limited && (size > limit || used > limit - size)) {
		exceeded = true;
		return NULL;
	}
	memory = malloc(size);
	if (memory)
		used += malloc_usable_size(memory);
	return memory;
}

static void limited_free(void *memory)
{
	size_t size = memory ? malloc_usable_size(memory) : 0;

	/* Some of it is from before there was a limit. */
	used -= size < used ? size : used;
	free(memory);
}

void memory__limit(size_t bytes)
{
	json_set_alloc_funcs(limited_malloc, limited_free);
	used = 0;
	limit = bytes;
	limited = true;
	exceeded = false;
}

bool memory__unlimit(void)
{
	bool was_exceeded = exceeded;

	limited = exceeded = false;
	return was_exceeded;
}
