/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ARRAY_SIZE_H
#define ARRAY_SIZE_H

/* How many elements @array has. An array, not a pointer: gcc warns of a pointer. */
#define ARRAY_SIZE(array)	(sizeof(array) / sizeof(*(array)))

#endif /* ARRAY_SIZE_H */
