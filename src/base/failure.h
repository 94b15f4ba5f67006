/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A failure, as a value: made where it happens, with its kind and its words, and handed up by
 * whoever cannot do anything about it, until somebody reports it. NULL is none.
 *
 * What can only fail as the kernel says it (memory, files) returns a plain -errno, of which
 * failure__of() makes a failure.
 */
#ifndef FAILURE_H
#define FAILURE_H

#include "base/fail.h"

enum failure_kind {
	FAILURE_USAGE,		/* what was typed cannot be done anywhere like this */
	FAILURE_UNSUPPORTED,	/* this kernel, or its machine, lacks what it takes */
	FAILURE_NOT_PERMITTED,	/* not by this user */
	FAILURE_IN_USE,		/* somebody else has what it takes */
	FAILURE_BROKEN,		/* all else: something is not as it has to be */
	FAILURE_UNREAD,		/* who reads the output has seen enough: nothing to tell */
};

struct failure {
	enum failure_kind kind;
	int err;	/* errno, for the record: nobody decides anything by it; 0: none */
	char text[];	/* what failed, why, what to do; printable; "": that was said already */
};

/* Never NULL, also without memory: then it says that. To be freed, or reported. */
struct failure *failure__new(enum failure_kind kind, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4), warn_unused_result));

/* Of -errno: "cannot go on: ...". 0: NULL. */
struct failure *failure__of(int err) __attribute__((warn_unused_result));

/* What kind of failure -errno is, where the kernel says so and nobody knows better. */
enum failure_kind failure__kind_of(int err);

/* NULL is fine. */
void failure__free(struct failure *failure);

/* What the program ends with because of it. @otherwise: where there is none to talk about. */
enum exit_status failure__status(const struct failure *failure, enum exit_status otherwise);

/* Says it on stderr, if there is something to say. Returns the exit status. */
enum exit_status failure__say(const struct failure *failure, enum exit_status otherwise);

/* The same by the last one to have it, who frees it so. */
enum exit_status failure__report(struct failure *failure, enum exit_status otherwise);

#endif /* FAILURE_H */
