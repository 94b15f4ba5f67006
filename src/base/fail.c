// SPDX-License-Identifier: GPL-2.0-only
/* How errors are said, see fail.h. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fail.h"
#include "base/printable.h"

static char said[1024];
static bool unsupported;

static void say(const char *format, va_list args)
{
	va_list again;
	char *whole;

	va_copy(again, args);
	/* There are names of files in it, and what was typed. */
	vsnprintf(said, sizeof(said), format, args);
	make_printable(said);
	/* That there is no memory has to be said without any. */
	if (vasprintf(&whole, format, again) < 0)
		whole = NULL;
	else
		make_printable(whole);
	fprintf(stderr, "ipimux-trace: %s\n", whole ? whole : said);
	free(whole);
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
