/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Exit statuses, and how errors are said. What travels before somebody says it is a failure,
 * see failure.h.
 */
#ifndef FAIL_H
#define FAIL_H

enum exit_status {
	EXIT_DONE	= 0,
	EXIT_EXCEEDED	= 1,	/* a check failed, a limit was exceeded */
	EXIT_USAGE	= 2,
	EXIT_CANNOT	= 3,	/* cannot run here */
	EXIT_SKIPPED	= 4,	/* the same, where that was said to be no failure */
};

/* Prints "ipimux-trace: ..." as one line on stderr, cut off if very long; returns @status. */
int fail(enum exit_status status, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif /* FAIL_H */
