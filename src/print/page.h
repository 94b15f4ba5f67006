/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A screenful of text: lines that never hold half a number, because what does not fit
 * as a whole is left out. Knows no terminal. Pure.
 */
#ifndef PAGE_H
#define PAGE_H

#include <stdbool.h>

#include "print/text.h"

struct page {
	unsigned int lines, columns;
	int cursor;		/* the line at whose end somebody types, or -1 */

	/* Its own. */
	char *text;		/* [line * (columns + 1)] */
	struct page_line *line;
};

/* Makes it that large, and empty. Returns 0 or -ENOMEM; the page is then as it was. */
int page__resize(struct page *page, unsigned int lines, unsigned int columns);
void page__free(struct page *page);

void page__clear(struct page *page);

/*
 * Appends to @line if there is room for all of it; if not, the line takes no more. A line
 * that is not there takes nothing.
 */
void page__add(struct page *page, unsigned int line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Words, which may be cut off: where a part is better than nothing. */
void page__add_cut(struct page *page, unsigned int line, const char *text);

void page__set_style(struct page *page, unsigned int line, enum text_style style);

const char *page__text(const struct page *page, unsigned int line);
enum text_style page__style(const struct page *page, unsigned int line);

#endif /* PAGE_H */
