// SPDX-License-Identifier: GPL-2.0-only
/*
 * For libFuzzer: whatever /proc/kallsyms holds (names come from modules, too), looking for
 * addresses in it does no harm, and a name that is found is that of the function there, as
 * a second, slow way to look finds it. An input is a byte that says how many addresses there
 * are, these, eight bytes each, and the text.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/printable.h"
#include "machine/symbols.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_ADDRESSES	8

/* The slow way has no idea of lines that are longer, or have zeros in them. */
#define MAX_LINE	1000

/* As far as a function may reach. */
#define FUNCTION	(1U << 20)

static void check(int good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

/* without_hash - "name.llvm.123" and "name.llvm.123.cold" as they are shown */
static void without_hash(char *word)
{
	char *hash = strstr(word, ".llvm.");
	int end = 0;

	if (!hash || hash == word || sscanf(hash, ".llvm.%*[0-9]%n", &end) || !end)
		return;
	if (!hash[end] || hash[end] == '.')
		memmove(hash, hash + end, strlen(hash + end) + 1);
}

/* name_of - the function whose line this is, and its start; false: it is none */
static bool name_of(const char *line, size_t length, __u64 *start, char name[SYMBOLS_NAME_SIZE])
{
	char text[MAX_LINE + 1], kind, word[MAX_LINE + 1], module[MAX_LINE + 1];
	size_t digits;
	int words, at = 0;
	char *end;

	memcpy(text, line, length);
	text[length] = '\0';
	/* As the kernel writes them. */
	digits = strspn(text, "0123456789abcdef");
	if (!digits || digits > 16 || text[digits] != ' ')
		return false;
	*start = strtoull(text, &end, 16);
	if (sscanf(end, " %c%n", &kind, &at) != 1 || at != 2 || !strchr("tTwW", kind) ||
	    end[at] != ' ')
		return false;
	words = sscanf(end + at, "%*[ \t]%[^ \t]%*[ \t]%[^ \t]", word, module);
	if (words < 1 || *word == '$' || !strncmp(word, ".L", 2))
		return false;
	without_hash(word);
	snprintf(name, SYMBOLS_NAME_SIZE, "%s%s%s", word, words > 1 ? " " : "",
		 words > 1 ? module : "");
	make_printable(name);
	return true;
}

/* find - the slow way; "" is none. Returns false if it does not know. */
static bool find(const char *text, size_t size, __u64 address, char found[SYMBOLS_NAME_SIZE])
{
	const char *end = text + size;
	__u64 best = 0;

	*found = '\0';
	for (const char *line = text; line < end;) {
		const char *next = memchr(line, '\n', end - line);
		size_t length = (next ? next : end) - line;
		char name[SYMBOLS_NAME_SIZE];
		__u64 start;

		if (length > MAX_LINE || memchr(line, '\0', length))
			return false;
		/* The first one of those that start at one place. */
		if (name_of(line, length, &start, name) && start && start <= address &&
		    start > best) {
			best = start;
			memcpy(found, name, sizeof(name));
		}
		line += length + 1;
	}
	if (best && address - best > FUNCTION)
		*found = '\0';
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned int nr = size ? 1 + data[0] % MAX_ADDRESSES : 0;
	__u64 addresses[MAX_ADDRESSES] = {};
	struct symbols symbols;
	const char *text;
	FILE *file;

	if (size <= 1 + nr * sizeof(__u64))
		return 0;
	memcpy(addresses, data + 1, nr * sizeof(__u64));
	text = (const char *)data + 1 + nr * sizeof(__u64);
	size -= 1 + nr * sizeof(__u64);

	check(!symbols__init(&symbols, addresses, nr), "no memory");
	file = fmemopen((void *)text, size, "r");
	check(file != NULL, "no memory");
	symbols__read(&symbols, file);
	fclose(file);
	for (unsigned int i = 0; i < nr; i++) {
		const char *name = symbols__name(&symbols, addresses[i]);
		char truth[SYMBOLS_NAME_SIZE];

		check(!name || (*name && memchr(name, '\0', SYMBOLS_NAME_SIZE)), "no name");
		check(!name || is_printable(name), "a name that cannot be shown");
		if (find(text, size, addresses[i], truth))
			check(!strcmp(name ? name : "", truth), "the name of another one");
	}
	symbols__free(&symbols);
	return 0;
}
