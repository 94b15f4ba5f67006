// SPDX-License-Identifier: GPL-2.0-only
/* How errors are said, see fail.h. */
#include <stdarg.h>
#include <stdio.h>

#include "base/fail.h"

static char said[1024];
static bool unsupported;

static void say(const char *format, va_list args)
{
	va_list again;

	va_copy(again, args);
	fputs("ipimux-trace: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	vsnprintf(said, sizeof(said), format, again);
	va_end(again);
}

int fail(enum exit_status status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
	unsupported = false;
	return status;
}

int fail_unsupported(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
	unsupported = true;
	return EXIT_CANNOT;
}

const char *fail__said(void)
{
	return said;
}

bool fail__unsupported(void)
{
	return unsupported;
}
