// SPDX-License-Identifier: GPL-2.0-only
/* The lines of a stream, see lines.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "recording/lines.h"

#define PIECE	(64 * 1024)

/* make_room - for another piece behind what is in the buffer */
static int make_room(struct lines *lines)
{
	char *buffer;
	size_t size;

	if (lines->start) {
		memmove(lines->buffer, lines->buffer + lines->start, lines->end - lines->start);
		lines->end -= lines->start;
		lines->start = 0;
	}
	if (lines->size - lines->end >= PIECE)
		return 0;
	size = lines->size ? 2 * lines->size : 2 * PIECE;
	buffer = realloc(lines->buffer, size);
	if (!buffer)
		return -ENOMEM;
	lines->buffer = buffer;
	lines->size = size;
	return 0;
}

/* take - the first @length bytes of the buffer as a line, and its end if it is @whole */
static void take(struct lines *lines, struct line *line, size_t length, bool whole)
{
	*line = (struct line){ lines->buffer + lines->start, length, whole };
	lines->start += length + whole;
}

int lines__next(struct lines *lines, size_t max, struct line *line)
{
	size_t searched = 0;

	lines->number++;
	for (;;) {
		size_t have = lines->end - lines->start;
		ssize_t count;
		int err;

		if (have > searched) {
			char *from = lines->buffer + lines->start;
			char *newline = memchr(from + searched, '\n', have - searched);

			if (newline) {
				take(lines, line, newline - from, true);
				return 1;
			}
		}
		if (have > max)
			return -EMSGSIZE;
		searched = have;
		err = make_room(lines);
		if (err)
			return err;
		count = stream__read(lines->stream, lines->buffer + lines->end,
				     lines->size - lines->end);
		if (count < 0)
			return count;
		lines->end += count;
		if (!count) {
			take(lines, line, have, false);
			return have > 0;
		}
	}
}

void lines__free(struct lines *lines)
{
	stream__free(lines->stream);
	free(lines->buffer);
	memset(lines, 0, sizeof(*lines));
}
