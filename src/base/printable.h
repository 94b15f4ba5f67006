/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Text that others choose (commands, symbols, file names), made such that it can be shown.
 * Done once, where the text comes in: views print what they are given.
 */
#ifndef PRINTABLE_H
#define PRINTABLE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * How many bytes the character at @text has, 0 if it is none that can be shown: malformed
 * UTF-8, a control character (C0, DEL, C1), one that has no width of its own and changes how a
 * line reads, no character at all.
 */
size_t printable__character(const char *text);

/*
 * Puts a question mark in the place of each byte that belongs to no such character: what is
 * left is a part of one line, for terminals and JSON alike.
 */
void make_printable(char *text);

/* Is all of it such that it can be shown? */
bool is_printable(const char *text);

/* As make_printable() for an array of @size bytes, which need not have an end: it gets one. */
void make_printable_array(char *text, size_t size);

#endif /* PRINTABLE_H */
