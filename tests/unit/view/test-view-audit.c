// SPDX-License-Identifier: GPL-2.0-only
/*
 * The audit in words, below the summary: that it says what was found, with an equation
 * that is true, in lines of 100 columns. Its verdicts are test-audit.c's.
 */
#include <stdlib.h>
#include <string.h>

#include "scene.h"
#include "view/view_audit.h"

static void check_width(const struct scene *scene)
{
	for (unsigned int i = 0; i < scene->nr_lines; i++)
		check(strlen(scene->lines[i]) <= LINE_WIDTH, "%zu columns: '%s'",
		      strlen(scene->lines[i]), scene->lines[i]);
}

/* check_equation - the audit's sum, read as a reader would: is what it says true? */
static void check_equation(const struct scene *scene)
{
	const char *line = scene__line(scene, "  raised ");
	unsigned long long left = 0, right = 0;
	bool equal, after = false;

	assert_non_null(line);
	equal = !strstr(line, "!=");
	for (const char *at = line; *at; at++) {
		char *end;

		after |= *at == '=';
		if (*at < '0' || *at > '9')
			continue;
		*(after ? &right : &left) += strtoull(at, &end, 10);
		at = end - 1;
	}
	assert_true(after);
	check(equal == (left == right), "'%s'", line);
}

static void test_audit_balanced(void **state)
{
	struct scene scene;

	scene__set_up(&scene, 4, 8, false);
	scene__send(&scene, 0, 1, 1, IPIMUX_RAISED, 10);
	scene__send(&scene, 3, 1, 1, IPIMUX_MASKED, 5);
	scene__process(&scene, 1, 1 << 1, 15);
	scene__send(&scene, 0, 2, 0, IPIMUX_RAISED, 1);
	scene__process(&scene, 3, 1 << 4, 1);
	scene__show(&scene, TABLE_SUMMARY, false);
	assert_non_null(scene__line(&scene, "audit: balanced"));
	assert_non_null(scene__line(&scene, "  raised 11 + masked 5 + carried in 1 = handled 16 + "
					    "still pending 1"));
	assert_non_null(scene__line(&scene, "  0 events missed"));
	assert_non_null(scene__line(&scene, "  CPU 2 RESCHEDULE: still pending"));
	assert_non_null(scene__line(&scene, "  CPU 3 IRQ_WORK: carried in"));
	check_equation(&scene);
	check_width(&scene);
	scene__tear_down(&scene);
}

/* What is not compared of a CPU is not what is not compared of its vIPIs. */
static void test_not_compared(void **state)
{
	struct audit_entry entry = { .finding = AUDIT_NOT_COMPARED, .number = 3 };
	char text[192];

	view_audit__finding(text, sizeof(text), &entry);
	assert_string_equal(text, "3 handled while the kernel's own counts were read: "
			    "not compared");
	entry.vipi = AUDIT_NO_VIPI;
	entry.reason = AUDIT_BECAUSE_MISSED;
	view_audit__finding(text, sizeof(text), &entry);
	assert_string_equal(text, "3 processes not compared with when their handlers started: "
			    "among the events missed");
}

static void test_audit_off(void **state)
{
	struct scene scene;

	scene__set_up(&scene, 4, 8, false);
	unit__unbalance(&scene.difference, 2, 4, 3);
	scene__show(&scene, TABLE_SUMMARY, false);
	assert_non_null(scene__line(&scene, "audit: OFF"));
	assert_non_null(scene__line(&scene, "  CPU 2 IRQ_WORK: 3 set but never handled: lost"));
	check_equation(&scene);

	unit__unbalance(&scene.difference, 3, 7, -2);
	scene__show(&scene, TABLE_SUMMARY, false);
	assert_non_null(scene__line(&scene, "audit: OFF"));
	assert_non_null(scene__line(&scene, "  CPU 3 KGDB_ROUNDUP: 2 handled but never sent"));
	check_equation(&scene);
	check_width(&scene);
	scene__tear_down(&scene);
}

/* What only time, and what only the kernel's own counts tell. */
static void test_audit_beyond_balance(void **state)
{
	static const __u32 unhandled[4] = { [1] = 1 << 3 };
	struct scene scene;

	scene__set_up(&scene, 4, 8, false);
	scene.unhandled = unhandled;
	scene.difference.kernel.known = true;
	scene.difference.kernel.low[2 * IPIMUX_MAX_VIPIS + 6] = 4;
	scene.difference.kernel.high[2 * IPIMUX_MAX_VIPIS + 6] = 5;
	scene__send(&scene, 0, 1, 3, IPIMUX_RAISED, 1);
	scene__send(&scene, 0, 2, 6, IPIMUX_RAISED, 4);
	scene__process(&scene, 2, 1 << 6, 4);
	scene__show(&scene, TABLE_SUMMARY, false);
	assert_non_null(scene__line(&scene, "audit: OFF"));
	assert_non_null(scene__line(&scene, "  CPU 1 CPU_CRASH_STOP: raised, and not handled "
					    "for 5 s or more: stuck"));
	assert_string_equal(scene__line(&scene, "  handled "), "  handled matches the kernel's own "
			    "counts (to within 1 handled while reading)");
	check_width(&scene);

	scene.difference.kernel.high[2 * IPIMUX_MAX_VIPIS + 6] = 4;
	scene__show(&scene, TABLE_SUMMARY, false);
	assert_string_equal(scene__line(&scene, "  handled "),
			    "  handled matches the kernel's own counts");
	scene.difference.kernel.high[2 * IPIMUX_MAX_VIPIS + 6] = 5;

	scene__process(&scene, 2, 1 << 6, 8);
	scene__show(&scene, TABLE_SUMMARY, false);
	assert_non_null(scene__line(&scene, "  CPU 2 CPU_BACKTRACE: 7 taken by a process, but the "
					    "handler did not run"));
	assert_string_equal(scene__line(&scene, "  handled "),
			    "  handled differs from the kernel's own counts, see below");
	scene.difference.kernel.low[2 * IPIMUX_MAX_VIPIS + 6] = 14;
	scene.difference.kernel.high[2 * IPIMUX_MAX_VIPIS + 6] = 14;
	scene__show(&scene, TABLE_SUMMARY, false);
	assert_non_null(scene__line(&scene, "  CPU 2 CPU_BACKTRACE: 2 handler runs that no process "
					    "took"));
	assert_string_equal(scene__line(&scene, "  handled "),
			    "  handled differs from the kernel's own counts, see below");
	check_width(&scene);
	scene__tear_down(&scene);
}

/* One lost here, one too many there: OFF, but the sums are equal all the same. */
static void test_audit_off_equal_sums(void **state)
{
	struct scene scene;

	scene__set_up(&scene, 4, 8, false);
	unit__unbalance(&scene.difference, 2, 4, 2);
	unit__unbalance(&scene.difference, 1, 4, -2);
	scene__show(&scene, TABLE_SUMMARY, false);
	assert_non_null(scene__line(&scene, "audit: OFF"));
	check_equation(&scene);
	scene__tear_down(&scene);
}

/* More unseen than was missed: OFF, though each row by itself might be excused. */
static void test_audit_off_by_many(void **state)
{
	struct scene scene;

	scene__set_up(&scene, 4, 8, false);
	scene.difference.missed = 1;
	for (unsigned int cpu = 0; cpu < 4; cpu++)
		unit__unbalance(&scene.difference, cpu, 1, -2);
	scene__show(&scene, TABLE_SUMMARY, false);
	assert_non_null(scene__line(&scene, "audit: OFF"));
	check_equation(&scene);
	scene__tear_down(&scene);
}

static void test_audit_missed(void **state)
{
	struct scene scene;

	scene__set_up(&scene, 4, 8, false);
	scene.difference.missed = 1;
	unit__unbalance(&scene.difference, 1, 1, -2);
	scene__show(&scene, TABLE_SUMMARY, false);
	assert_non_null(scene__line(&scene, "audit: balanced, except 2 not seen"));
	assert_non_null(scene__line(&scene, "  1 event missed"));
	assert_non_null(scene__line(&scene, "  CPU 1 CALL_FUNC: 2 handled, not seen sent: among "
					    "the events missed"));
	assert_non_null(strstr(scene__line(&scene, "  raised "), " not seen 2 "));
	check_equation(&scene);
	check_width(&scene);
	scene.difference.missed = 2;
	scene__show(&scene, TABLE_SUMMARY, false);
	assert_non_null(scene__line(&scene, "  2 events missed"));
	/* Not known is not none. */
	scene.difference.missed = 0;
	scene.difference.missed_unknown = true;
	scene__show(&scene, TABLE_SUMMARY, false);
	check_width(&scene);
	assert_non_null(scene__line(&scene, "  events missed: not known without "
				    "permission to open the programs"));
	scene__tear_down(&scene);

	/* And a balance that one of these may have made is not proved. */
	scene__set_up(&scene, 4, 8, false);
	scene.difference.missed_unknown = true;
	scene__show(&scene, TABLE_SUMMARY, false);
	assert_non_null(scene__line(&scene, "audit: balanced, except events missed: not known"));
	scene__tear_down(&scene);
}

static void test_audit_hotplug(void **state)
{
	struct scene scene;

	scene__set_up(&scene, 4, 8, false);
	unit__unbalance(&scene.difference, 0, 1, -3);
	for (unsigned int vipi = 0; vipi < 8; vipi++)
		scene__unmask(&scene, 3, vipi, IPIMUX_UNMASK_PLAIN, 3);
	scene__show(&scene, TABLE_SUMMARY, true);
	assert_non_null(scene__line(&scene, "audit: balanced, except 3 not seen"));
	assert_non_null(scene__line(&scene, "  CPU 0 CALL_FUNC: 3 handled, not seen sent: the "
					    "last sends of a CPU that went offline"));
	check_equation(&scene);
	check_width(&scene);
	scene__tear_down(&scene);
}

/* The audit keeps to the width of the table. */
static void test_audit_width_hotplug(void **state)
{
	struct scene scene;

	scene__set_up(&scene, 4, 8, false);
	unit__unbalance(&scene.difference, 1, 0, -1);
	scene__show(&scene, TABLE_SUMMARY, true);
	check_width(&scene);
	scene__tear_down(&scene);
}

/* A week of a busy machine: a hundred thousand a second. */
static void test_audit_width_long_run(void **state)
{
	struct scene scene;

	scene__set_up(&scene, 4, 8, false);
	scene__send(&scene, 0, 1, 1, IPIMUX_RAISED, 60480000000);
	scene__send(&scene, 0, 1, 1, IPIMUX_MASKED, 604800000);
	scene__process(&scene, 1, 1 << 1, 60480000000 + 604800000);
	scene__show(&scene, TABLE_SUMMARY, false);
	check_equation(&scene);
	check_width(&scene);
	scene__tear_down(&scene);
}

/* Nothing is claimed of a run whose end is not known, but what was found on the way. */
static void test_audit_cut_off(void **state)
{
	static const __u32 stuck[MAX_CPUS] = { [1] = 1 << 1 };
	struct scene scene;

	scene__set_up(&scene, 4, 8, false);
	scene.cut_off = true;
	scene__send(&scene, 0, 1, 1, IPIMUX_RAISED, 1234567890123);
	scene__send(&scene, 0, 1, 1, IPIMUX_MASKED, 1234567890123);
	scene__process(&scene, 1, 1 << 1, 1234567890120);
	scene__show(&scene, TABLE_SUMMARY, false);
	assert_non_null(scene__line(&scene, "audit: not judged"));
	assert_non_null(scene__line(&scene, "  the recording ends before the run did"));
	assert_non_null(scene__line(&scene, "  0 events missed"));
	assert_null(strstr(scene.text, "balanced"));
	assert_null(strstr(scene.text, "lost"));
	assert_null(strstr(scene.text, "kernel"));
	check_width(&scene);
	scene.stuck = stuck;
	scene__show(&scene, TABLE_SUMMARY, false);
	assert_non_null(scene__line(&scene, "audit: OFF"));
	assert_non_null(scene__line(&scene, "  the recording ends before the run did"));
	assert_non_null(scene__line(&scene, "  CPU 1 CALL_FUNC: raised, and not handled"));
	scene__tear_down(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_audit_balanced),
		cmocka_unit_test(test_audit_beyond_balance),
		cmocka_unit_test(test_audit_off),
		cmocka_unit_test(test_not_compared),
		cmocka_unit_test(test_audit_off_equal_sums),
		cmocka_unit_test(test_audit_off_by_many),
		cmocka_unit_test(test_audit_missed),
		cmocka_unit_test(test_audit_hotplug),
		cmocka_unit_test(test_audit_cut_off),
		cmocka_unit_test(test_audit_width_hotplug),
		cmocka_unit_test(test_audit_width_long_run),
	};

	return UNIT_RUN("view-audit", tests);
}
