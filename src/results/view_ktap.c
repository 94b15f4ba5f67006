// SPDX-License-Identifier: GPL-2.0-only
/*
 * Results as KTAP, the kernel's test anything protocol, version 1: what a console, kselftest
 * and CI systems read. Plain lines only, for its parsers know neither YAML nor nesting well.
 */
#include <string.h>

#include "base/printable.h"
#include "results/results.h"

/* print_line - @text up to @end; what is no character of a line, or is @none, is a '?' */
static void print_line(FILE *out, const char *text, const char *end, char none)
{
	while (text < end) {
		size_t length = printable__character(text);

		if (!length || *text == none) {
			fputc('?', out);
			text++;
			continue;
		}
		fwrite(text, 1, length, out);
		text += length;
	}
}

/* print_lines - each line of @text as a diagnostic */
static void print_lines(FILE *out, const char *text)
{
	while (text && *text) {
		size_t length = strcspn(text, "\n");

		fputs(length ? "# " : "#", out);
		print_line(out, text, text + length, '\n');
		fputc('\n', out);
		text += length + (text[length] == '\n');
	}
}

/* print_reason - behind the "#" of a result, which may have no other */
static void print_reason(FILE *out, const char *reason)
{
	print_line(out, reason, reason + strlen(reason), '#');
}

void view_ktap__print(FILE *out, const struct results *results)
{
	fprintf(out, "KTAP version 1\n1..%u\n", results->nr_tests);
	print_lines(out, results->summary);
	for (unsigned int i = 0; i < results->nr_tests; i++) {
		const struct test_result *test = &results->test[i];

		print_lines(out, test->details);
		fprintf(out, "%s %u %s", test->result == RESULT_NOT_OK ? "not ok" : "ok", i + 1,
			test->name);
		if (test->result != RESULT_OK) {
			fputs(test->result == RESULT_SKIP ? " # SKIP " : " # ", out);
			print_reason(out, test->reason);
		}
		fputc('\n', out);
	}
}

void view_ktap__skip(FILE *out, const char *reason)
{
	fputs("KTAP version 1\n1..0 # SKIP ", out);
	print_reason(out, reason);
	fputc('\n', out);
}
