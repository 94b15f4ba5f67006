// SPDX-License-Identifier: GPL-2.0-only
/* A screenful of text, see page.h. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "print/page.h"

struct page_line {
	unsigned int used;
	bool full;
	enum text_style style;
};

static char *text_of(const struct page *page, unsigned int line)
{
	return page->text + (size_t)line * (page->columns + 1);
}

int page__resize(struct page *page, unsigned int lines, unsigned int columns)
{
	char *text = calloc(lines, columns + 1);
	struct page_line *line = calloc(lines, sizeof(*line));

	if (!text || !line) {
		free(text);
		free(line);
		return -ENOMEM;
	}
	page__free(page);
	*page = (struct page){ .lines = lines, .columns = columns, .cursor = -1,
			       .text = text, .line = line };
	return 0;
}

void page__free(struct page *page)
{
	free(page->text);
	free(page->line);
	memset(page, 0, sizeof(*page));
}

void page__clear(struct page *page)
{
	memset(page->text, 0, (size_t)page->lines * (page->columns + 1));
	memset(page->line, 0, page->lines * sizeof(*page->line));
	page->cursor = -1;
}

void page__add(struct page *page, unsigned int line, const char *format, ...)
{
	struct page_line *at = page->line + line;
	unsigned int room;
	va_list args;
	int length;

	if (line >= page->lines || at->full)
		return;
	room = page->columns - at->used;
	va_start(args, format);
	length = vsnprintf(text_of(page, line) + at->used, room + 1, format, args);
	va_end(args);
	if (length >= 0 && (unsigned int)length <= room) {
		at->used += length;
		return;
	}
	text_of(page, line)[at->used] = '\0';
	at->full = true;
}

void page__add_cut(struct page *page, unsigned int line, const char *text)
{
	if (line < page->lines && !page->line[line].full)
		page__add(page, line, "%.*s", page->columns - page->line[line].used, text);
}

void page__set_style(struct page *page, unsigned int line, enum text_style style)
{
	if (line < page->lines)
		page->line[line].style = style;
}

const char *page__text(const struct page *page, unsigned int line)
{
	return text_of(page, line);
}

enum text_style page__style(const struct page *page, unsigned int line)
{
	return page->line[line].style;
}
