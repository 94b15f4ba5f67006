// SPDX-License-Identifier: GPL-2.0-only
/* Names for addresses of kernel code, see symbols.h. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "machine/symbols.h"

/* What is further than this from any symbol before it is in none of them. */
#define MAX_FUNCTION	(1U << 20)

/* Names in the kernel are up to 512 long; a line has an address, type and module besides. */
#define LINE_SIZE	1024

static int compare(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	return (x->address > y->address) - (x->address < y->address);
}

int symbols__init(struct symbols *symbols, const __u64 *addresses, unsigned int nr_addresses)
{
	unsigned int nr = 0;

	memset(symbols, 0, sizeof(*symbols));
	symbols->symbols = calloc(nr_addresses ? nr_addresses : 1, sizeof(*symbols->symbols));
	if (!symbols->symbols)
		return -ENOMEM;
	for (unsigned int i = 0; i < nr_addresses; i++)
		symbols->symbols[i].address = addresses[i];
	qsort(symbols->symbols, nr_addresses, sizeof(*symbols->symbols), compare);
	for (unsigned int i = 0; i < nr_addresses; i++)
		if (!nr || symbols->symbols[nr - 1].address != symbols->symbols[i].address)
			symbols->symbols[nr++] = symbols->symbols[i];
	symbols->nr_symbols = nr;
	return 0;
}

void symbols__free(struct symbols *symbols)
{
	free(symbols->symbols);
	memset(symbols, 0, sizeof(*symbols));
}

/* first_at - the first address asked for that is @start or above, as an index */
static unsigned int first_at(const struct symbols *symbols, __u64 start)
{
	unsigned int low = 0, high = symbols->nr_symbols;

	while (low < high) {
		unsigned int middle = (low + high) / 2;

		if (symbols->symbols[middle].address < start)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* parse_line - "ffffffff80012345 t name	[module]"; false if it is none of code */
static bool parse_line(char *line, __u64 *start, char **name, char **module)
{
	char *end, *save;

	*start = strtoull(line, &end, 16);
	if (end == line || end[0] != ' ' || !end[1] || !strchr("tTwW", end[1]) || end[2] != ' ')
		return false;
	*name = strtok_r(end + 3, " \t\n", &save);
	*module = strtok_r(NULL, " \t\n", &save);
	/* Marks that the assembler leaves are no functions. */
	return *name && **name != '$' && strncmp(*name, ".L", 2);
}

/* skip_line - up to the end of a line that was too long */
static void skip_line(FILE *file)
{
	int c;

	do
		c = getc(file);
	while (c != '\n' && c != EOF);
}

void symbols__read(struct symbols *symbols, FILE *kallsyms)
{
	char line[LINE_SIZE];
	bool any = false;

	while (fgets(line, sizeof(line), kallsyms)) {
		char *name, *module;
		struct symbol *symbol;
		unsigned int i;
		__u64 start;

		/* A zero byte ends the text of a line before its end: garbage. */
		if (!strchr(line, '\n') && strlen(line) == sizeof(line) - 1) {
			skip_line(kallsyms);
			continue;
		}
		if (!parse_line(line, &start, &name, &module))
			continue;
		if (symbols->state == SYMBOLS_NONE)
			symbols->state = SYMBOLS_HIDDEN;
		if (start)
			any = true;

		/* Kept for the next address only; those behind it are seen to below. */
		i = first_at(symbols, start);
		symbol = symbols->symbols + i;
		if (!start || i == symbols->nr_symbols || (*symbol->name && start <= symbol->start))
			continue;
		symbol->start = start;
		snprintf(symbol->name, sizeof(symbol->name), "%s%s%s", name, module ? " " : "",
			 module ? module : "");
	}
	if (any)
		symbols->state = SYMBOLS_READ;

	for (unsigned int i = 0; i < symbols->nr_symbols; i++) {
		struct symbol *symbol = &symbols->symbols[i];

		if (!*symbol->name && i) {
			symbol->start = symbol[-1].start;
			memcpy(symbol->name, symbol[-1].name, sizeof(symbol->name));
		}
	}
}

bool symbols__find(struct symbol_wanted *wanted, unsigned int nr_wanted, FILE *kallsyms)
{
	char line[LINE_SIZE];
	bool any = false;

	while (fgets(line, sizeof(line), kallsyms)) {
		char *end;
		__u64 address = strtoull(line, &end, 16);

		if (!strchr(line, '\n') && strlen(line) == sizeof(line) - 1) {
			skip_line(kallsyms);
			continue;
		}
		/* "address type name", and behind a tab its module. */
		if (end == line || end[0] != ' ' || !end[1] || end[2] != ' ')
			continue;
		any |= address != 0;
		end[3 + strcspn(end + 3, "\n")] = '\0';
		for (unsigned int i = 0; i < nr_wanted; i++)
			if (!wanted[i].address && !strcmp(end + 3, wanted[i].name))
				wanted[i].address = address;
	}
	return any;
}

const char *symbols__name(const struct symbols *symbols, __u64 address)
{
	unsigned int i = first_at(symbols, address);
	const struct symbol *symbol = symbols->symbols + i;

	if (i == symbols->nr_symbols || symbol->address != address || !*symbol->name ||
	    address - symbol->start > MAX_FUNCTION)
		return NULL;
	return symbol->name;
}
