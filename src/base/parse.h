/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers as people write them on a command line.
 */
#ifndef PARSE_H
#define PARSE_H

/*
 * Parses a positive number of seconds ("1", "0.25"). Returns 0 and ns, or -EINVAL:
 * no number, below a microsecond, or above ten years.
 */
int parse_seconds(const char *text, unsigned long long *ns);

/* Parses a positive count. Returns 0, or -EINVAL: no number, 0, or too large. */
int parse_count(const char *text, unsigned long long *count);

/*
 * Parses a positive number of bytes ("4096", "64k", "16M", "1G", in powers of 1024). Returns 0,
 * or -EINVAL as parse_count().
 */
int parse_size(const char *text, unsigned long long *size);

#endif /* PARSE_H */
