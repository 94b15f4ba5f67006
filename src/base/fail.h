/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Exit statuses, and how errors are said.
 */
#ifndef FAIL_H
#define FAIL_H

#include <stdbool.h>

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

/* The same with EXIT_CANNOT, where it is the kernel that lacks something. */
int fail_unsupported(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

/* What was said last by either, without "ipimux-trace: "; "": nothing. */
const char *fail__said(void);

/* While a screen is drawn there is no room: the last message is said when it is not any more. */
void fail__hold(bool hold);

/* Was that something that the kernel lacks? */
bool fail__unsupported(void);

#endif /* FAIL_H */
