/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A limit for the memory that jansson takes, while something is read that may ask for any amount
 * of it: three bytes of JSON can be two hundred bytes of objects. Limits nothing else.
 */
#ifndef MEMORY_H
#define MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* From now on, jansson gets at most @bytes more than it has. */
void memory__limit(size_t bytes);

/* And from now on any amount. Returns whether it asked for more than the limit meanwhile. */
bool memory__unlimit(void);

#endif /* MEMORY_H */
