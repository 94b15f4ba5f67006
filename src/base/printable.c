// SPDX-License-Identifier: GPL-2.0-only
/* Text that others choose, made such that it can be shown: see printable.h. Changes no other. */
#include <stdint.h>

#include "base/array_size.h"
#include "base/printable.h"

/* decode - the character of well-formed UTF-8 at @text; returns its bytes, 0: there is none */
static size_t decode(const unsigned char *text, uint32_t *character)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t length = *text < 0x80 ? 1 : *text >> 5 == 6 ? 2 : *text >> 4 == 14 ? 3 :
			*text >> 3 == 30 ? 4 : 0;

	*character = length == 1 ? *text : *text & (0x7f >> length);
	for (size_t i = 1; i < length; i++) {
		if (text[i] >> 6 != 2)
			return 0;
		*character = *character << 6 | (text[i] & 0x3f);
	}
	return length && *character >= least[length] && *character <= 0x10ffff ? length : 0;
}

static bool is_hidden(uint32_t character)
{
	static const struct {
		uint32_t first, last;
	} hidden[] = {
		{ 0, 0x1f }, { 0x7f, 0x9f },		/* what terminals obey */
		{ 0x61c, 0x61c }, { 0x200b, 0x200f },	/* no width, the other direction */
		{ 0x2028, 0x202e }, { 0x2060, 0x206f },	/* lines, paragraphs, the same */
		{ 0xd800, 0xdfff }, { 0xfeff, 0xfeff },	/* halves of characters, the byte order */
		{ 0xfff9, 0xfffb }, { 0xfffe, 0xffff },	/* no characters */
		{ 0xe0000, 0xe0fff },			/* tags */
	};

	for (size_t i = 0; i < ARRAY_SIZE(hidden); i++)
		if (character >= hidden[i].first && character <= hidden[i].last)
			return true;
	return false;
}

size_t printable__character(const char *text)
{
	uint32_t character;
	size_t length = decode((const unsigned char *)text, &character);

	return is_hidden(character) ? 0 : length;
}

void make_printable(char *text)
{
	while (*text) {
		size_t length = printable__character(text);

		if (!length) {
			*text = '?';
			length = 1;
		}
		text += length;
	}
}

bool is_printable(const char *text)
{
	size_t length = 1;

	for (; *text && length; text += length)
		length = printable__character(text);
	return length;
}

void make_printable_array(char *text, size_t size)
{
	text[size - 1] = '\0';
	make_printable(text);
}
