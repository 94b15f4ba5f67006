// SPDX-License-Identifier: GPL-2.0-only
/* How errors are said, see fail.h. */
#include <stdarg.h>
#include <stdio.h>

#include "base/ending.h"
#include "base/fail.h"
#include "base/printable.h"

int fail(enum exit_status status, const char *format, ...)
{
	/* Of a message with the longest path in it. */
	char text[5120];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	/* There are names of files in it, and what was typed. */
	make_printable(text);
	/* Nobody may read it. */
	ending__listen();
	fprintf(stderr, "ipimux-trace: %s\n", text);
	ending__defer();
	return status;
}
