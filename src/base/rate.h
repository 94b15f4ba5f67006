/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RATE_H
#define RATE_H

/* @count in @ns, as so many a second; 0 where no time has passed. */
static inline double rate(unsigned long long count, unsigned long long ns)
{
	return ns ? count * 1e9 / ns : 0;
}

/* @part of @whole in per cent; 0 where there is nothing to be a part of. */
static inline double percent(unsigned long long part, unsigned long long whole)
{
	return whole ? 100.0 * part / whole : 0;
}

#endif /* RATE_H */
