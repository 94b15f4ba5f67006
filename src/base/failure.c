// SPDX-License-Identifier: GPL-2.0-only
/* A failure, as a value: see failure.h. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/failure.h"
#include "base/printable.h"

static struct failure no_memory = {
	.kind = FAILURE_BROKEN, .err = ENOMEM, .text = "cannot go on: Cannot allocate memory",
};

struct failure *failure__new(enum failure_kind kind, int err, const char *format, ...)
{
	struct failure *failure;
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	failure = length < 0 ? NULL : malloc(sizeof(*failure) + length + 1);
	if (!failure)
		return &no_memory;
	failure->kind = kind;
	failure->err = err < 0 ? -err : err;
	va_start(args, format);
	vsnprintf(failure->text, length + 1, format, args);
	va_end(args);
	/* There are names of files in it, and what was typed. */
	make_printable(failure->text);
	return failure;
}

enum failure_kind failure__kind_of(int err)
{
	switch (err) {
	case -EPERM:
	case -EACCES:
		return FAILURE_NOT_PERMITTED;
	case -EBUSY:
	case -EMFILE:
	case -ENFILE:
		return FAILURE_IN_USE;
	}
	return FAILURE_BROKEN;
}

struct failure *failure__of(int err)
{
	if (!err)
		return NULL;
	return failure__new(failure__kind_of(err), err, "cannot go on: %s", strerror(-err));
}

void failure__free(struct failure *failure)
{
	if (failure != &no_memory)
		free(failure);
}

enum exit_status failure__status(const struct failure *failure, enum exit_status otherwise)
{
	if (!failure || failure->kind == FAILURE_UNREAD)
		return otherwise;
	return failure->kind == FAILURE_USAGE ? EXIT_USAGE : EXIT_CANNOT;
}

enum exit_status failure__say(const struct failure *failure, enum exit_status otherwise)
{
	enum exit_status status = failure__status(failure, otherwise);

	if (failure && failure->kind != FAILURE_UNREAD && *failure->text)
		fail(status, "%s", failure->text);
	return status;
}

enum exit_status failure__report(struct failure *failure, enum exit_status otherwise)
{
	enum exit_status status = failure__say(failure, otherwise);

	failure__free(failure);
	return status;
}
