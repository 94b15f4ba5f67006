// SPDX-License-Identifier: GPL-2.0-only
/*
 * A description of the terminals that everybody has, see terminfo.h. ncurses takes one
 * from the variable TERMINFO in the format of its files, see term(5).
 */
#include <errno.h>
#include <ncurses.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>
#include <unistd.h>

#include "screen/terminfo.h"

#define MAGIC		0432
#define ABSENT		0xffff
#define MAX_SIZE	4096	/* what the format allows */

/* The terminals, and those whose names begin so, that understand all of it. */
static const char * const known[] = {
	"alacritty", "ansi", "foot", "kitty", "konsole", "linux", "putty", "rxvt", "screen", "st",
	"tmux", "vt", "wezterm", "xterm",
};

static const char * const booleans[] = { "am", "msgr", "xenl" };

static const struct {
	const char *name;
	int value;
} numbers[] = { { "colors", 8 }, { "cols", 80 }, { "lines", 24 }, { "pairs", 64 } };

static const struct {
	const char *name;
	const char *value;
} strings[] = {
	{ "bel", "\a" }, { "bold", "\033[1m" }, { "civis", "\033[?25l" },
	{ "clear", "\033[H\033[2J" }, { "cnorm", "\033[?25h" }, { "cr", "\r" },
	{ "cub1", "\b" }, { "cud1", "\n" }, { "cuf1", "\033[C" },
	{ "cup", "\033[%i%p1%d;%p2%dH" }, { "cuu1", "\033[A" }, { "dim", "\033[2m" },
	{ "ed", "\033[J" }, { "el", "\033[K" }, { "home", "\033[H" }, { "ind", "\n" },
	{ "kbs", "\177" }, { "kcub1", "\033[D" }, { "kcud1", "\033[B" }, { "kcuf1", "\033[C" },
	{ "kcuu1", "\033[A" }, { "kend", "\033[F" }, { "khome", "\033[H" },
	{ "knp", "\033[6~" }, { "kpp", "\033[5~" }, { "kcbt", "\033[Z" },
	{ "op", "\033[39;49m" }, { "rev", "\033[7m" }, { "rmcup", "\033[?1049l" },
	{ "setab", "\033[4%p1%dm" }, { "setaf", "\033[3%p1%dm" }, { "sgr0", "\033[m" },
	{ "smcup", "\033[?1049h" },
};

#define ARRAY_SIZE(array) (sizeof(array) / sizeof(*(array)))

struct description {
	unsigned char bytes[MAX_SIZE];
	size_t used;
};

static void put_byte(struct description *to, unsigned char byte)
{
	if (to->used < MAX_SIZE)
		to->bytes[to->used] = byte;
	to->used++;
}

static void put_short(struct description *to, unsigned int value)
{
	put_byte(to, value & 0xff);
	put_byte(to, value >> 8);
}

static void put_string(struct description *to, const char *string)
{
	do
		put_byte(to, *string);
	while (*string++);
}

static int has_boolean(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(booleans); i++)
		if (!strcmp(booleans[i], name))
			return 1;
	return 0;
}

static unsigned int number_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		if (!strcmp(numbers[i].name, name))
			return numbers[i].value;
	return ABSENT;
}

/* offset_of - where the value of a string begins, if they are all in a row */
static unsigned int offset_of(const char *name)
{
	unsigned int offset = 0;

	for (size_t i = 0; i < ARRAY_SIZE(strings); i++) {
		if (!strcmp(strings[i].name, name))
			return offset;
		offset += strlen(strings[i].value) + 1;
	}
	return ABSENT;
}

static size_t count(NCURSES_CONST char * const *names)
{
	size_t number = 0;

	while (names[number])
		number++;
	return number;
}

/* describe - the header, the names, and a value for each capability that ncurses has a name for */
static void describe(struct description *to, const char *name)
{
	unsigned int size = 0;

	for (size_t i = 0; i < ARRAY_SIZE(strings); i++)
		size += strlen(strings[i].value) + 1;
	put_short(to, MAGIC);
	put_short(to, strlen(name) + 1);
	put_short(to, count(boolnames));
	put_short(to, count(numnames));
	put_short(to, count(strnames));
	put_short(to, size);
	put_string(to, name);
	for (size_t i = 0; boolnames[i]; i++)
		put_byte(to, has_boolean(boolnames[i]));
	if (to->used % 2)
		put_byte(to, 0);
	for (size_t i = 0; numnames[i]; i++)
		put_short(to, number_of(numnames[i]));
	for (size_t i = 0; strnames[i]; i++)
		put_short(to, offset_of(strnames[i]));
	for (size_t i = 0; i < ARRAY_SIZE(strings); i++)
		put_string(to, strings[i].value);
}

static bool is_known(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (!strncmp(name, known[i], strlen(known[i])))
			return true;
	return false;
}

static bool found(const char *name)
{
	int found;

	return setupterm(name, STDOUT_FILENO, &found) == OK && cursor_address;
}

int terminfo__find(const char *name)
{
	struct description description = {};
	char hex[sizeof("hex:") + 2 * MAX_SIZE] = "hex:";

	if (found(name))
		return 0;
	if (!is_known(name))
		return -ENOENT;
	describe(&description, name);
	if (description.used > MAX_SIZE)
		return -ENOENT;
	for (size_t i = 0; i < description.used; i++)
		sprintf(hex + strlen("hex:") + 2 * i, "%02X", description.bytes[i]);
	if (setenv("TERMINFO", hex, 1))
		return -ENOMEM;
	return found(name) ? 0 : -ENOENT;
}
