// SPDX-License-Identifier: GPL-2.0-only
/* Names for addresses of kernel code, see symbols.h. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/printable.h"
#include "machine/symbols.h"

#define LLVM_SUFFIX	".llvm."

/* What is further than this from any symbol before it is in none of them. */
#define MAX_FUNCTION	(1U << 20)

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

/*
 * A kernel has a hundred thousand symbols, all of which are read. So what is done for each line
 * looks at each character once, and calls no function of a library.
 */

static bool ends_word(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || !c;
}

/* cut_word - the word that begins at *@text or behind, or NULL; *@text is behind it then */
static char *cut_word(char **text)
{
	char *word = *text, *end;

	while (*word && ends_word(*word))
		word++;
	for (end = word; !ends_word(*end);)
		end++;
	*text = *end ? end + 1 : end;
	*end = '\0';
	return *word ? word : NULL;
}

/* digit - a hexadecimal one, as /proc/kallsyms has them; or -1 */
static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* What an address has at most. */
#define MAX_DIGITS	16

/* parse_line - "ffffffff80012345 t name	[module]" */
static bool parse_line(struct symbols_line *line)
{
	char *end = line->text;

	for (line->address = 0; digit(*end) >= 0; end++)
		line->address = line->address << 4 | digit(*end);
	if (end == line->text || end - line->text > MAX_DIGITS || end[0] != ' ' || !end[1] ||
	    end[2] != ' ')
		return false;
	line->type = end[1];
	end += 3;
	line->name = cut_word(&end);
	line->module = line->name ? cut_word(&end) : NULL;
	return line->name;
}

/* skip_line - up to the end of a line that was too long */
static void skip_line(FILE *file)
{
	int c;

	do
		c = getc(file);
	while (c != '\n' && c != EOF);
}

bool symbols__next_line(FILE *kallsyms, struct symbols_line *line)
{
	while (fgets(line->text, sizeof(line->text), kallsyms)) {
		/* A zero byte ends the text of a line before its end: garbage. */
		if (!strchr(line->text, '\n') && strlen(line->text) == sizeof(line->text) - 1)
			skip_line(kallsyms);
		else if (parse_line(line))
			return true;
	}
	return false;
}

/* is_function - marks that the assembler leaves are none */
static bool is_function(const struct symbols_line *line)
{
	return strchr("tTwW", line->type) && *line->name != '$' && strncmp(line->name, ".L", 2);
}

/* suffix_end - behind the suffix and its number at @text; NULL: it is another text */
static const char *suffix_end(const char *text, const char *suffix)
{
	size_t length = strlen(suffix);
	size_t digits = strncmp(text, suffix, length) ? 0 : strspn(text + length, "0123456789");

	return digits ? text + length + digits : NULL;
}

/* remove_hash - ThinLTO's, which names a file, differs from build to build, and says nothing */
static void remove_hash(char *name)
{
	char *hash = strstr(name, LLVM_SUFFIX);
	const char *end = hash ? suffix_end(hash, LLVM_SUFFIX) : NULL;

	if (end && hash > name && (!*end || *end == '.'))
		memmove(hash, end, strlen(end) + 1);
}

void symbols__read(struct symbols *symbols, FILE *kallsyms)
{
	struct symbols_line line;
	bool any = false;

	while (symbols__next_line(kallsyms, &line)) {
		struct symbol *symbol;
		unsigned int i;

		if (!is_function(&line))
			continue;
		if (symbols->state == SYMBOLS_NONE)
			symbols->state = SYMBOLS_HIDDEN;
		if (line.address)
			any = true;

		/* Kept for the next address only; those behind it are seen to below. */
		i = first_at(symbols, line.address);
		symbol = symbols->symbols + i;
		if (!line.address || i == symbols->nr_symbols ||
		    (*symbol->name && line.address <= symbol->start))
			continue;
		symbol->start = line.address;
		remove_hash(line.name);
		snprintf(symbol->name, sizeof(symbol->name), "%s%s%s", line.name,
			 line.module ? " " : "", line.module ? line.module : "");
		make_printable(symbol->name);
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

bool symbols__is(const char *name, const char *wanted)
{
	size_t length = strlen(wanted);
	const char *at = strncmp(name, wanted, length) ? NULL : name + length;

	while (at && *at) {
		const char *end = suffix_end(at, LLVM_SUFFIX);

		if (!end)
			end = suffix_end(at, ".constprop.");
		at = end ? end : suffix_end(at, ".isra.");
	}
	return at;
}

/* take_address - of a line that is the one that is wanted, or one like it */
static void take_address(struct symbol_wanted *wanted, const struct symbols_line *line)
{
	bool exact;

	/* As good as all of them. */
	if (*line->name != *wanted->name)
		return;
	exact = !strcmp(line->name, wanted->name);
	if (wanted->address && (!exact || !wanted->renamed))
		return;
	if (!exact && !symbols__is(line->name, wanted->name))
		return;
	wanted->address = line->address;
	wanted->renamed = !exact;
}

/* end_functions - where those have their end that have none yet: at the next symbol */
static void end_functions(struct symbols_functions *functions, const struct symbols_line *line)
{
	/* Marks that the assembler leaves are no symbols. */
	if (strchr("tTwW", line->type) && !is_function(line))
		return;
	/* Several symbols may be at one address. */
	for (; functions->nr < functions->begun; functions->nr++) {
		struct symbols_function *function = &functions->functions[functions->nr];

		if (line->address <= function->start)
			break;
		function->end = line->address;
	}
}

static void take_function(struct symbols_functions *functions, const struct symbols_line *line)
{
	const char *prefix = functions->prefix;
	struct symbols_function *function;

	if (functions->nr < functions->begun)
		end_functions(functions, line);
	if (*line->name != *prefix || strncmp(line->name, prefix, strlen(prefix)) ||
	    line->module || !line->address || !is_function(line) ||
	    functions->begun == functions->max)
		return;
	function = &functions->functions[functions->begun++];
	*function = (struct symbols_function){ .start = line->address };
	snprintf(function->name, sizeof(function->name), "%s", line->name);
}

bool symbols__find(struct symbol_wanted *wanted, unsigned int nr_wanted,
		   struct symbols_functions *functions, FILE *kallsyms)
{
	struct symbols_line line;
	bool any = false;

	while (symbols__next_line(kallsyms, &line)) {
		any |= line.address != 0;
		for (unsigned int i = 0; i < nr_wanted && !line.module; i++)
			take_address(&wanted[i], &line);
		if (functions)
			take_function(functions, &line);
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

const char *symbols__advice(int restricted, bool may_see)
{
	if (restricted > 1)
		return may_see ? "sysctl kernel.kptr_restrict=1" :
				 "sysctl kernel.kptr_restrict=1, and CAP_SYSLOG";
	/* Allowed by both, so it is another root's capability: that of a namespace. */
	if (may_see)
		return "in a container: run ipimux-trace outside of it";
	return restricted == 1 ? "CAP_SYSLOG shows them" :
	       "CAP_SYSLOG shows them, or sysctl kernel.perf_event_paranoid=1";
}
