/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A file that somebody named to write to: found, opened, written, put in its place, and all
 * that can go wrong with it said. What is in it is its writer's business.
 *
 * A file that is there keeps what it has until the new one can take its place: that is written
 * beside it, under another name, and renamed. Devices, pipes and what /proc/self/fd has are
 * written as they are, and so is an empty file of this user's, in which nothing can be lost.
 */
#ifndef OUTPUT_H
#define OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

#include "base/failure.h"

/*
 * What is written, and when it takes its place. A view and a recording when they are shown
 * with output__show(), and what has been written by then and later stays, whatever happens;
 * a document when it is whole.
 */
enum output_kind {
	OUTPUT_VIEW,		/* where it is standard output, who closes it has seen enough */
	OUTPUT_RECORDING,
	OUTPUT_DOCUMENT,
};

struct output;

/*
 * Opens @name, which stays the caller's; "-": standard output. A regular file that has
 * something in it is only taken with @force. Here and below: FAILURE_UNREAD is a view that nobody
 * wants to see any longer; a write that failed is told of once, and has no words after that.
 */
struct failure *output__open(struct output **output, const char *name, enum output_kind kind,
			     bool force);

/* Where to write: to the stream, or, of a recording, with ending__write() to the descriptor. */
FILE *output__stream(const struct output *output);
int output__descriptor(const struct output *output);
bool output__is_standard(const struct output *output);

/* Has a writer that gives up its capabilities to keep some, for output__close()? */
bool output__needs_privileges(const struct output *output);

/* Writes all that is in the stream. */
struct failure *output__flush(struct output *output);

/* What has been written takes its place, and what follows goes there. Once is enough. */
struct failure *output__show(struct output *output);

/* That @err, -errno, is why this cannot be written. Never NULL. */
struct failure *output__failure(const struct output *output, int err);

/*
 * Closes it; NULL is fine. Of what was not shown yet, all of it takes its place if it is @whole,
 * or else none. Returns what became of it, NULL if it is not @whole.
 */
struct failure *output__close(struct output *output, bool whole);

#endif /* OUTPUT_H */
