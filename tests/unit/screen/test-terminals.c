// SPDX-License-Identifier: GPL-2.0-only
/*
 * The descriptions of terminals that are compiled in: for which names there is one, and that each
 * is what ncurses takes, see term(5).
 */
#include <stdlib.h>
#include <string.h>

#include "screen/terminals.h"
#include "unit.h"

static void test_names(void **state)
{
	static const struct {
		const char *name, *entry;
	} cases[] = {
		{ "linux", "linux" }, { "linux-16color", "linux" }, { "xterm", "xterm" },
		{ "xterm-256color", "xterm" }, { "xterm-ghostty", "xterm" },
		{ "screen", "screen" }, { "screen.xterm-256color", "screen" },
		{ "tmux-256color", "tmux" }, { "rxvt-unicode-256color", "rxvt" },
		{ "ansi", "ansi" }, { "ansi-m", "ansi" }, { "vt220", "screen" },
		{ "vt420", "screen" }, { "vt100", "screen" }, { "vt102", "screen" },
		{ "vt52", "vt52" }, { "alacritty", "xterm" }, { "foot", "xterm" },
		{ "foot-extra", "xterm" }, { "xterm-kitty", "xterm" }, { "kitty", "xterm" },
		{ "konsole", "xterm" }, { "putty-256color", "xterm" }, { "st", "xterm" },
		{ "st-256color", "xterm" }, { "wezterm", "xterm" },
		{ "dumb", NULL }, { "nonsense", NULL }, { "", NULL }, { "xter", NULL },
		{ "Linux", NULL }, { " xterm", NULL }, { "v", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct terminal *terminal = terminals__find(cases[i].name);

		check(!terminal == !cases[i].entry, "'%s'", cases[i].name);
		/* Debian's rxvt is a rxvt-color by its own words. */
		if (terminal)
			check(!strncmp(terminal->entry, cases[i].entry, strlen(cases[i].entry)),
			      "'%s': %s", cases[i].name, terminal->entry);
	}
}

/* bytes_of - what a description is in hexadecimal digits; returns their number */
static size_t bytes_of(const char *description, unsigned char *bytes, size_t size)
{
	size_t nr = 0;

	assert_int_equal(strncmp(description, "hex:", 4), 0);
	for (const char *at = description + 4; *at; at += 2) {
		char digits[3] = { at[0], at[1] }, *end;

		assert_true(nr < size);
		bytes[nr++] = strtoul(digits, &end, 16);
		assert_ptr_equal(end, digits + 2);
	}
	return nr;
}

static unsigned int short_at(const unsigned char *bytes, size_t at)
{
	return bytes[at] | bytes[at + 1] << 8;
}

/* has_name - is @name one of "a|b|description"? */
static bool has_name(const char *names, const char *name)
{
	size_t len = strlen(name);

	for (; names; names = strchr(names, '|'), names += !!names)
		if (!strncmp(names, name, len) && strchr("|", names[len]))
			return true;
	return false;
}

static void test_descriptions(void **state)
{
	static const char * const names[] = {
		"ansi", "linux", "rxvt", "screen", "tmux", "vt52", "xterm",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		static const char move[] = "\033[%i%p1%d;%p2%dH", move_vt52[] = "\033Y%p1%' '%+%c";
		const struct terminal *terminal = terminals__find(names[i]);
		bool is_vt52 = !strcmp(names[i], "vt52");
		unsigned char bytes[4096];
		size_t nr = bytes_of(terminal->description, bytes, sizeof(bytes));

		assert_true(nr > 12);
		assert_int_equal(short_at(bytes, 0), 0432);
		/* ncurses takes no description of another name. */
		assert_true(short_at(bytes, 2) < nr - 12);
		assert_int_equal(bytes[12 + short_at(bytes, 2) - 1], 0);
		check(has_name((const char *)bytes + 12, terminal->entry), "%s: %s", names[i],
		      bytes + 12);
		/* The header's sizes: names, flags, numbers, offsets, strings. */
		assert_true(12 + short_at(bytes, 2) + short_at(bytes, 4) + 2 * short_at(bytes, 6) +
			    2 * short_at(bytes, 8) + short_at(bytes, 10) <= nr);
		check(memmem(bytes, nr, is_vt52 ? move_vt52 : move,
			     strlen(is_vt52 ? move_vt52 : move)), "%s", names[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_descriptions),
	};

	return UNIT_RUN("terminals", tests);
}
