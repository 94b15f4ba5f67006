/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The lines of a stream, one after the other, in bounded memory. Knows nothing about
 * what they mean.
 */
#ifndef LINES_H
#define LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "recording/stream.h"

struct lines {
	struct stream *stream;
	unsigned long long number;	/* of the line read last, from 1 */

	/* Its own: bytes that were read, and not used yet from start to end. */
	char *buffer;
	size_t size, start, end;
};

struct line {
	const char *text;	/* not terminated; good until the next line is read */
	size_t length;		/* without its end */
	bool whole;		/* it has an end */
};

/*
 * Reads the next line, of up to @max bytes and some. Returns 1, 0 when the stream is
 * over, -EMSGSIZE for a line that is longer, or what stream__read() said.
 */
int lines__next(struct lines *lines, size_t max, struct line *line);

/* The stream, too. */
void lines__free(struct lines *lines);

#endif /* LINES_H */
