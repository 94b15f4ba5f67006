/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers and colours for people. Every number function fills exactly the given
 * width, right-aligned, and returns @buf; what does not fit is scaled (12.3M),
 * never cut off.
 */
#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>
#include <stdio.h>
#include <linux/types.h>

#define TEXT_SIZE 32

enum text_style { TEXT_PLAIN, TEXT_HEADING, TEXT_FAINT, TEXT_GOOD, TEXT_BAD };

/* 1234567, or 12.3M where the width is too small for it. Width 4 or more. */
char *text__count(char buf[TEXT_SIZE], int width, __u64 count);

/* Events a second, from @count events in @ns; "-" if no time passed. */
char *text__rate(char buf[TEXT_SIZE], int width, __u64 count, __u64 ns);

/* 100 * part / whole with one decimal; "-" if @whole is 0. */
char *text__percent(char buf[TEXT_SIZE], int width, __u64 part, __u64 whole);

/* sum / number with two decimals; "-" if @number is 0. */
char *text__mean(char buf[TEXT_SIZE], int width, __u64 sum, __u64 number);

/* A length of time, three digits and its unit (1.23us); ">137s" for all ones. */
char *text__duration(char buf[TEXT_SIZE], int width, __u64 ns);

/* The local time of day of @wall_time, ns: 12:47:53, with so many @decimals (up to 9). */
char *text__clock(char buf[TEXT_SIZE], __u64 wall_time, int decimals);

/* Is @file a terminal whose user has not asked for no colour (NO_COLOR)? */
bool text__colour_wanted(FILE *file);

/* How many colours its terminal has: 256, 8, or 0 if no colour is wanted. */
unsigned int text__colours(FILE *file);

/* How many columns its terminal has; 100 if it is none. */
unsigned int text__columns(FILE *file);

/*
 * The escape sequence for a cell with @part of what the largest has: each shade stands
 * for half of the next. TEXT_PLAIN ends it. "" for 0, or without @colours.
 */
const char *text__heat(unsigned int colours, __u64 part, __u64 largest);

/* The escape sequence that starts @style, or ends it (TEXT_PLAIN); "" without colour. */
const char *text__style(bool colour, enum text_style style);

#endif /* TEXT_H */
