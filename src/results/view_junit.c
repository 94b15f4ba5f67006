// SPDX-License-Identifier: GPL-2.0-only
/*
 * Results as JUnit XML, for CI systems that show those. Whatever is in names and texts, it
 * is well-formed XML 1.0.
 */
#include <string.h>

#include "base/printable.h"
#include "results/results.h"

#define SUITE "ipimux-trace"

/* put - text, in an element or in an attribute */
static void put(FILE *out, const char *text)
{
	while (*text) {
		size_t length = *text == '\n' ? 1 : printable__character(text);

		if (!length) {
			fputc('?', out);
			text++;
			continue;
		}
		if (*text == '&')
			fputs("&amp;", out);
		else if (*text == '<')
			fputs("&lt;", out);
		else if (*text == '>')
			fputs("&gt;", out);
		else if (*text == '"')
			fputs("&quot;", out);
		else
			fwrite(text, 1, length, out);
		text += length;
	}
}

static void put_reason(FILE *out, const char *element, const char *reason, const char *details)
{
	fprintf(out, "<%s message=\"", element);
	put(out, reason);
	fputs("\">", out);
	put(out, details ? details : "");
	fprintf(out, "</%s>", element);
}

static void put_test(FILE *out, const struct test_result *test)
{
	fprintf(out, "  <testcase classname=\"" SUITE "\" name=\"");
	put(out, test->name);
	fputs("\">", out);
	switch (test->result) {
	case RESULT_NOT_OK:
		put_reason(out, "failure", test->reason, test->details);
		break;
	case RESULT_SKIP:
		put_reason(out, "skipped", test->reason, test->details);
		break;
	case RESULT_OK:
		if (test->details) {
			fputs("<system-out>", out);
			put(out, test->details);
			fputs("</system-out>", out);
		}
		break;
	}
	fputs("</testcase>\n", out);
}

static void put_head(FILE *out, unsigned int tests, unsigned int failures, unsigned int errors,
		     unsigned int skipped, double seconds)
{
	fprintf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<testsuite name=\"" SUITE "\" tests=\"%u\" failures=\"%u\" errors=\"%u\" "
		"skipped=\"%u\" time=\"%.3f\">\n", tests, failures, errors, skipped, seconds);
}

void view_junit__print(FILE *out, const struct results *results)
{
	unsigned int count[RESULT_SKIP + 1] = {};

	for (unsigned int i = 0; i < results->nr_tests; i++)
		count[results->test[i].result]++;
	put_head(out, results->nr_tests, count[RESULT_NOT_OK], 0, count[RESULT_SKIP],
		 results->seconds);
	for (unsigned int i = 0; i < results->nr_tests; i++)
		put_test(out, &results->test[i]);
	if (results->summary) {
		fputs("  <system-out>", out);
		put(out, results->summary);
		fputs("</system-out>\n", out);
	}
	fputs("</testsuite>\n", out);
}

void view_junit__not_run(FILE *out, const char *reason, bool skipped)
{
	put_head(out, 1, 0, !skipped, skipped, 0);
	fputs("  <testcase classname=\"" SUITE "\" name=\"run\">", out);
	put_reason(out, skipped ? "skipped" : "error", reason, NULL);
	fputs("</testcase>\n</testsuite>\n", out);
}
