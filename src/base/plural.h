/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PLURAL_H
#define PLURAL_H

/* "s", or "" for 1: what goes behind a noun. */
static inline const char *plural(unsigned long long number)
{
	return number == 1 ? "" : "s";
}

#endif /* PLURAL_H */
