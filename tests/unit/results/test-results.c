// SPDX-License-Identifier: GPL-2.0-only
/*
 * Results as KTAP and JUnit XML: that each line is what their readers take, whatever is in a
 * name, and that the words say what the numbers do.
 */
#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/printable.h"
#include "unit.h"
#include "results/results.h"

#define SECOND		1000000000ULL

enum form { KTAP, JUNIT };

/* show - what comes out; the caller's */
static char *show(const struct results *results, enum form form)
{
	size_t size;
	char *text;
	FILE *out = open_memstream(&text, &size);

	if (form == KTAP)
		view_ktap__print(out, results);
	else
		view_junit__print(out, results);
	fclose(out);
	return text;
}

static void check_shows(const struct results *results, enum form form, const char *part)
{
	char *text = show(results, form);

	check(strstr(text, part), "no '%s' in: %s", part, text);
	free(text);
}

static void add(struct results *results, const char *name, enum result result,
		const char *reason, const char *details)
{
	struct test_result *test = &results->test[results->nr_tests++];

	*test = (struct test_result){ .result = result };
	snprintf(test->name, sizeof(test->name), "%s", name);
	snprintf(test->reason, sizeof(test->reason), "%s", reason);
	test->details = details ? strdup(details) : NULL;
}

static void test_ktap(void **state)
{
	struct results results = { .summary = strdup("all\nof it\n") };
	char *text;

	add(&results, "one", RESULT_OK, "", "a\n\nb # c\n");
	add(&results, "two", RESULT_NOT_OK, "so it is\nnot #1", NULL);
	add(&results, "three", RESULT_SKIP, "no reason", "x\ty\x1b[0m\xe9\xc3\xa9");
	text = show(&results, KTAP);
	assert_string_equal(text,
			    "KTAP version 1\n1..3\n# all\n# of it\n"
			    "# a\n#\n# b # c\nok 1 one\n"
			    "not ok 2 two # so it is?not ?1\n"
			    "# x?y?[0m?\xc3\xa9\nok 3 three # SKIP no reason\n");
	free(text);
	assert_true(results__failed(&results));
	results__free(&results);
	assert_false(results__failed(&results));
}

static void test_skip(void **state)
{
	size_t size;
	char *text;
	FILE *out = open_memstream(&text, &size);

	view_ktap__skip(out, "no\nmux");
	fclose(out);
	assert_string_equal(text, "KTAP version 1\n1..0 # SKIP no?mux\n");
	free(text);
}

static void test_junit(void **state)
{
	struct results results = { .seconds = 1.5 };
	char *text;

	add(&results, "one", RESULT_OK, "", NULL);
	add(&results, "two", RESULT_NOT_OK, "<\"&'>\n", "]]> & \x01 \xff \xc3\xa9 \xed\xa0\x80\n");
	add(&results, "three", RESULT_SKIP, "none", NULL);
	add(&results, "four", RESULT_OK, "", NULL);
	text = show(&results, JUNIT);
	assert_string_equal(text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
			    "<testsuite name=\"ipimux-trace\" tests=\"4\" failures=\"1\" "
			    "errors=\"0\" skipped=\"1\" time=\"1.500\">\n"
			    "  <testcase classname=\"ipimux-trace\" name=\"one\"></testcase>\n"
			    "  <testcase classname=\"ipimux-trace\" name=\"two\">"
			    "<failure message=\"&lt;&quot;&amp;'&gt;\n\">"
			    "]]&gt; &amp; ? ? \xc3\xa9 ???\n</failure></testcase>\n"
			    "  <testcase classname=\"ipimux-trace\" name=\"three\">"
			    "<skipped message=\"none\"></skipped></testcase>\n"
			    "  <testcase classname=\"ipimux-trace\" name=\"four\"></testcase>\n"
			    "</testsuite>\n");
	free(text);
	results__free(&results);
}

/* What XML may have, by its definition, and can be shown, against what comes through. */
static void test_characters(void **state)
{
	for (unsigned int c = 1; c < 0x110800; c += c < 0x3000 ? 1 : 0x7f) {
		bool xml = c == '\t' || c == '\n' || (c >= 0x20 && c < 0xd800) ||
			   (c >= 0xe000 && c < 0xfffe) || (c >= 0x10000 && c < 0x110000);
		char bytes[8] = { c };
		struct results results = {};
		char *text, *end;
		bool good;

		if (strchr("&<>\"", c) && c < 0x80)
			continue;
		if (c >= 0x10000)
			snprintf(bytes, sizeof(bytes), "%c%c%c%c", 0xf0 | c >> 18,
				 0x80 | (c >> 12 & 0x3f), 0x80 | (c >> 6 & 0x3f),
				 0x80 | (c & 0x3f));
		else if (c >= 0x800)
			snprintf(bytes, sizeof(bytes), "%c%c%c", 0xe0 | c >> 12,
				 0x80 | (c >> 6 & 0x3f), 0x80 | (c & 0x3f));
		else if (c >= 0x80)
			snprintf(bytes, sizeof(bytes), "%c%c", 0xc0 | c >> 6, 0x80 | (c & 0x3f));
		good = c == '\n' || is_printable(bytes);
		check(xml || !good, "U+%04x", c);
		add(&results, "a", RESULT_OK, "", bytes);
		text = show(&results, JUNIT);
		end = strstr(text, "<system-out>") + strlen("<system-out>");
		check(!strncmp(end, good ? bytes : "?", good ? strlen(bytes) : 1),
		      "U+%04x: %s", c, end);
		free(text);
		results__free(&results);
	}
}

static void test_malformed(void **state)
{
	/* Overlong, cut off, a byte that starts nothing. */
	static const char * const cases[] = { "\xc0\x80", "\xe0\x80\xaf", "\xc3", "\xe2\x82",
					      "\xf8\x88", "\x80", "\xf4\x90\x80\x80" };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct results results = {};
		char *text;

		add(&results, "a", RESULT_OK, "", cases[i]);
		text = show(&results, JUNIT);
		for (const char *at = text; *at; at++)
			check(!(*at & 0x80), "case %zu: %s", i, text);
		check(strstr(text, "?</system-out>"), "case %zu: %s", i, text);
		free(text);
		results__free(&results);
	}
}

static void test_not_run(void **state)
{
	size_t size;
	char *text;
	FILE *out = open_memstream(&text, &size);

	view_junit__not_run(out, "no <mux>", true);
	fputc('|', out);
	view_junit__not_run(out, "", false);
	fclose(out);
	assert_non_null(strstr(text, "tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"1\""));
	assert_non_null(strstr(text, "<skipped message=\"no &lt;mux&gt;\">"));
	assert_non_null(strstr(strchr(text, '|'), "errors=\"1\" skipped=\"0\""));
	assert_non_null(strstr(strchr(text, '|'), "<error message=\"\">"));
	free(text);
}

static void test_command(void **state)
{
	static const struct {
		struct command_end end;
		const char *line;
	} cases[] = {
		{ { .name = "x" }, "# command: x\nok 1 command\n" },
		{ { .name = "x", .status = 7 << 8 }, "not ok 1 command # exit status 7\n" },
		{ { .name = "x", .status = SIGKILL },
		  "not ok 1 command # ended by signal 9 (Killed)\n" },
		{ { .name = "x", .status = SIGTERM, .told = SIGTERM },
		  "ended by signal 15 (Terminated), as ipimux-trace was\n" },
		{ { .name = "x", .told = SIGTERM },
		  "not ok 1 command # told to end by signal 15 (Terminated)\n" },
		{ { .name = "x", .error = ENOENT },
		  "not ok 1 command # cannot be started: No such file or directory (127)\n" },
		{ { .name = "x", .error = EACCES },
		  "not ok 1 command # cannot be started: Permission denied (126)\n" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct results results = {};

		assert_int_equal(results__add_command(&results, &cases[i].end), 0);
		check_shows(&results, KTAP, cases[i].line);
		results__free(&results);
	}
}

static void check_limit(const struct limit *limit, const struct verdict *verdict,
			const char *part)
{
	struct results results = {};
	struct machine machine;

	unit__machine(&machine, 4, 8);
	assert_int_equal(results__add_limit(&results, &machine, limit, verdict, 10 * SECOND), 0);
	check_shows(&results, KTAP, part);
	results__free(&results);
}

static void test_limits(void **state)
{
	struct limit limit = { .kind = LIMIT_RATE, .vipi = 5, .number = 2000 };
	struct verdict verdict = {
		.result = LIMIT_EXCEEDED, .cpu = 3, .vipi = 5, .part = 2501, .whole = 5000,
		.cell_part = 2400, .cell_whole = 4000, .ns = SECOND, .start = 2 * SECOND,
	};

	cpuset__add(&verdict.exceeded, 3);
	cpuset__add(&verdict.exceeded, 1);
	check_limit(&limit, &verdict, "# CPU 3 was sent 2501.0/s in its busiest window, "
		    "of 1.000 s, from 2.000 s on; of these 2400.0/s were TIMER; in the whole run 500.0/s; "
		    "limit 2000/s\n# CPUs above the limit: 1,3\n"
		    "not ok 1 max-rate.TIMER # CPU 3 TIMER: 2501.0/s, more than 2000/s\n");
	limit = (struct limit){ .kind = LIMIT_COALESCED, .vipi = LIMIT_ALL_VIPIS, .number = 50001 };
	check_limit(&limit, &verdict, "# 2501 of 5000 sends were coalesced, 50.020 %; "
		    "limit 50.001 %\n"
		    "# most of them to CPU 3 TIMER: 2400 of 4000\nnot ok 1 max-coalesced # "
		    "50.020 %, more than 50.001 %; most to CPU 3 TIMER\n");
	verdict.uncertain = 12;
	verdict.via = "fentry";
	check_limit(&limit, &verdict, "\n# via fentry: 12 sends with an uncertain outcome do "
		    "not count as coalesced against the limit\nnot ok 1 max-coalesced");
	limit = (struct limit){ .kind = LIMIT_EMPTY, .vipi = LIMIT_ALL_VIPIS, .number = 7 };
	check_limit(&limit, &verdict, "limit 7\n# most of them on CPU 3: 2400 of 4000\n"
		    "not ok 1 max-empty # 2501 empty processes, more than 7; most on CPU 3\n");
	limit = (struct limit){ .kind = LIMIT_SENDS, .vipi = LIMIT_ALL_VIPIS, .number = 2502 };
	check_limit(&limit, &verdict, "not ok 1 min-sends # 2501 sends, fewer than 2502\n");
	limit = (struct limit){ .kind = LIMIT_LATENCY, .figure = LIMIT_P99, .vipi = 5,
				.number = 1500000 };
	verdict.low = 2000000;
	verdict.high = 2250000;
	check_limit(&limit, &verdict, "# p99 of 5000 waits: 2.00ms to 2.25ms; limit 1.5ms; "
		    "not timed: 0\n# longer than the limit: 2501, most of them on CPU 3 TIMER: "
		    "2400 of 4000\nnot ok 1 max-latency.TIMER.p99 # p99 is 2.00ms to 2.25ms, more "
		    "than 1.5ms; most such waits on CPU 3 TIMER\n");
	verdict.high = UINT64_MAX;
	check_limit(&limit, &verdict, "p99 is 2.00ms or more, more than 1.5ms;");

	verdict.result = LIMIT_KEPT;
	check_limit(&limit, &verdict, "\nok 1 max-latency.TIMER.p99\n");
	verdict.result = LIMIT_BROKE_OFF;
	check_limit(&limit, &verdict, "\nok 1 max-latency.TIMER.p99 # SKIP not judged: the run "
		    "broke off\n");
	verdict.result = LIMIT_NOT_TIMED;
	check_limit(&limit, &verdict, "p99 # SKIP recorded without --latency\n");
	verdict.result = LIMIT_NOTHING;
	check_limit(&limit, &verdict, "p99 # SKIP no wait was timed\n");
	limit = (struct limit){ .kind = LIMIT_COALESCED, .vipi = LIMIT_ALL_VIPIS };
	check_limit(&limit, &verdict, "\nok 1 max-coalesced # SKIP nothing was sent\n");
}

/* A vIPI that the tool has no name for has the kernel's text, which is none for a test. */
static void test_names(void **state)
{
	struct limit limit = { .kind = LIMIT_SENDS, .vipi = 2, .number = 1 };
	struct verdict verdict = { .result = LIMIT_KEPT, .part = 1 };
	struct results results = {};
	struct machine machine;

	unit__machine(&machine, 4, 8);
	snprintf(machine.vipi_name[2], MACHINE_NAME_SIZE, "an #odd \"one\"");
	assert_int_equal(results__add_limit(&results, &machine, &limit, &verdict, SECOND), 0);
	assert_string_equal(results.test[0].name, "min-sends.an__odd__one_");
	results__free(&results);
}

static void test_audit(void **state)
{
	struct audit_entry entries[] = {
		{ 1, 0, AUDIT_STILL_PENDING, 1, AUDIT_BALANCED },
		{ 3, 6, AUDIT_LOST, 2, AUDIT_OFF },
	};
	struct audit audit = { .verdict = AUDIT_OFF, .nr_entries = 2, .entries = entries };
	struct results results = {};
	struct machine machine;
	struct view view;

	unit__machine(&machine, 4, 8);
	view__init(&view, stdout, &machine);
	view.colour = true;
	assert_int_equal(results__add_audit(&results, &view, &audit, false), 0);
	check_shows(&results, KTAP, "\n# audit: OFF\n");
	check_shows(&results, KTAP, "\n#   CPU 1 RESCHEDULE: still pending\n");
	check_shows(&results, KTAP, "\nnot ok 1 audit # CPU 3 CPU_BACKTRACE: 2 set but never "
		    "handled: lost\n");
	audit.verdict = AUDIT_NONE;
	assert_int_equal(results__add_audit(&results, &view, &audit, false), 0);
	check_shows(&results, KTAP, "\nnot ok 2 audit # not judged: the recording was cut off\n");
	audit.verdict = AUDIT_EXCEPT;
	assert_int_equal(results__add_audit(&results, &view, &audit, false), 0);
	check_shows(&results, KTAP, "\nok 3 audit\n");
	entries[0] = (struct audit_entry){ 1, 0, AUDIT_NOT_SEEN, 3, AUDIT_EXCEPT };
	assert_int_equal(results__add_audit(&results, &view, &audit, true), 0);
	check_shows(&results, KTAP, "\nnot ok 4 audit # balanced, except 3 not seen\n");
	results__free(&results);
}

/* Of a run that broke off nothing is ok by that alone. */
static void test_not_judged(void **state)
{
	struct results results = {};

	results__add_not_judged(&results, "stuck", RESULT_SKIP, "the run broke off");
	assert_false(results__failed(&results));
	results__add_not_judged(&results, "audit", RESULT_NOT_OK, "the file #1 is full");
	assert_true(results__failed(&results));
	check_shows(&results, KTAP, "\nok 1 stuck # SKIP not judged: the run broke off\n"
		    "not ok 2 audit # not judged: the file ?1 is full\n");
	check_shows(&results, JUNIT, "<testsuite name=\"ipimux-trace\" tests=\"2\" failures=\"1\" "
		    "errors=\"0\" skipped=\"1\"");
	results__free(&results);
}

static void test_stuck(void **state)
{
	struct stuck_report report = {
		.event = STUCK_FOUND, .cpu = 3, .vipi = 6, .least = SECOND, .after = { SECOND, 0 },
		.by = { 2 * SECOND, 0 },
	};
	struct stuck stuck = { .threshold = SECOND };
	struct snapshot first = { .time = SECOND / 2 };
	struct results results = {};
	struct machine machine;
	size_t size;
	char *text;
	FILE *out = open_memstream(&text, &size);

	unit__machine(&machine, 4, 8);
	cpuset__add(&report.senders, 1);
	results__print_stuck(out, &machine, &report, &first);
	report.event = STUCK_HANDLED;
	results__print_stuck(out, &machine, &report, &first);
	fclose(out);
	assert_string_equal(text, "CPU 3 CPU_BACKTRACE has been pending, enabled and not handled "
			    "for 1.00 s or more; set between 0.50 and 1.50 s from the start by CPU 1\n"
			    "CPU 3 CPU_BACKTRACE was handled at last, after 1.00 s or more\n");
	assert_int_equal(results__add_stuck(&results, &machine, &stuck, &report, text), 0);
	check_shows(&results, KTAP, "\nok 1 stuck\n");
	stuck.nr_found = 1;
	assert_int_equal(results__add_stuck(&results, &machine, &stuck, &report, text), 0);
	check_shows(&results, KTAP, "not ok 2 stuck # CPU 3 CPU_BACKTRACE: stuck for "
		    "1.00 s or more\n");
	stuck.nr_found = 3;
	assert_int_equal(results__add_stuck(&results, &machine, &stuck, &report, text), 0);
	check_shows(&results, KTAP, "for 1.00 s or more, the first of 3\n");
	results__free(&results);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ktap),
		cmocka_unit_test(test_skip),
		cmocka_unit_test(test_junit),
		cmocka_unit_test(test_characters),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_not_run),
		cmocka_unit_test(test_command),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_audit),
		cmocka_unit_test(test_not_judged),
		cmocka_unit_test(test_stuck),
	};

	return UNIT_RUN("results", tests);
}
