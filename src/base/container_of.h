/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CONTAINER_OF_H
#define CONTAINER_OF_H

#include <stddef.h>

/* The @type whose @member @pointer points to. */
#define container_of(pointer, type, member) \
	((type *)((char *)(pointer) - offsetof(type, member)))

#endif /* CONTAINER_OF_H */
