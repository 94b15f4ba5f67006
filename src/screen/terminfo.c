// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which description of the terminal ncurses goes by, see terminfo.h. It takes one from the
 * variable TERMINFO, too, see term(5).
 */
#include <errno.h>
#include <ncurses.h>
#include <stdlib.h>
#include <term.h>
#include <unistd.h>

#include "screen/terminals.h"
#include "screen/terminfo.h"

static bool found(const char *name)
{
	int found;

	return setupterm(name, STDOUT_FILENO, &found) == OK && cursor_address;
}

int terminfo__find(const char **name)
{
	const struct terminal *terminal;

	if (found(*name))
		return 0;
	terminal = terminals__find(*name);
	if (!terminal)
		return -ENOENT;
	if (setenv("TERMINFO", terminal->description, 1))
		return -ENOMEM;
	if (!found(terminal->entry))
		return -ENOENT;
	*name = terminal->entry;
	return 0;
}
