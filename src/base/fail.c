// SPDX-License-Identifier: GPL-2.0-only
/* How errors are said, see fail.h. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/ending.h"
#include "base/fail.h"
#include "base/printable.h"

/* Of a message with the longest path in it. */
static char said[5120];
static bool unsupported;
static bool holding;
static char held[sizeof(said)];

static void print(const char *text)
{
	/* Nobody may read it. */
	ending__listen();
	fprintf(stderr, "ipimux-trace: %s\n", text);
	ending__defer();
}

static void say(const char *format, va_list args)
{
	vsnprintf(said, sizeof(said), format, args);
	/* There are names of files in it, and what was typed. */
	make_printable(said);
	if (holding)
		memcpy(held, said, sizeof(held));
	else
		print(said);
}

void fail__hold(bool hold)
{
	holding = hold;
	if (!hold && *held)
		print(held);
	*held = '\0';
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
