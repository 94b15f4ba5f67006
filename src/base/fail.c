// SPDX-License-Identifier: GPL-2.0-only
/* How errors are said, see fail.h. */
#include <stdarg.h>
#include <stdio.h>

#include "base/fail.h"

int fail(enum exit_status status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("ipimux-trace: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	return status;
}
