// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is said of sends whose outcome is uncertain: a balance that is off by no more than they
 * are is explained, any other is not, and each view tells how many there are.
 */
#include <inttypes.h>
#include <string.h>

#include "scene.h"

#define NR_CPUS		4
#define NR_VIPIS	8
#define CPU		2
#define VIPI		3

/* run - audits a window whose only CPU and vIPI of note is @balance off with @uncertain sends */
static void run(struct audit *audit, __s64 balance, __u64 uncertain, bool outside)
{
	struct snapshot difference;

	unit__snapshot(&difference, NR_CPUS, NR_VIPIS, true);
	if (outside) {
		assert_int_equal(snapshot__add(&difference, COUNTERS_DOUBTS), 0);
		difference.counters.doubts[ipimux_doubts_index(
			&difference.counters.shape, CPU, VIPI, IPIMUX_UNCERTAIN)] = uncertain;
	}
	unit__send(&difference, 0, CPU, VIPI, IPIMUX_RAISED, 50);
	unit__process(&difference, CPU, 1 << VIPI, 50);
	if (balance)
		unit__unbalance(&difference, CPU, VIPI, balance);
	assert_int_equal(unit__audit(audit, &difference, false), 0);
	snapshot__free(&difference);
}

static void judge(__s64 balance, __u64 uncertain, enum audit_verdict verdict,
		  enum audit_finding finding)
{
	struct audit audit;

	run(&audit, balance, uncertain, true);
	assert_int_equal(audit.verdict, verdict);
	assert_int_equal(audit.nr_entries, 1);
	assert_int_equal(audit.entries[0].cpu, CPU);
	assert_int_equal(audit.entries[0].vipi, VIPI);
	assert_int_equal(audit.entries[0].finding, finding);
	assert_true(audit.outside);
	assert_int_equal(audit.uncertain, uncertain);
	/* The equation that is printed. */
	if (finding == AUDIT_GUESSED)
		assert_int_equal((__s64)(audit.raised + audit.masked) - audit.guessed,
				 audit.handled);
	audit__free(&audit);
}

static void test_explained(void **state)
{
	struct audit audit;

	judge(5, 5, AUDIT_EXCEPT, AUDIT_GUESSED);
	judge(-5, 5, AUDIT_EXCEPT, AUDIT_GUESSED);
	judge(1, 1, AUDIT_EXCEPT, AUDIT_GUESSED);
	judge(6, 5, AUDIT_OFF, AUDIT_LOST);
	judge(-6, 5, AUDIT_OFF, AUDIT_NEVER_SENT);
	/* Nothing is uncertain: no excuse. */
	judge(2, 0, AUDIT_OFF, AUDIT_LOST);
	judge(-2, 0, AUDIT_OFF, AUDIT_NEVER_SENT);
	judge(-1, 0, AUDIT_BALANCED, AUDIT_CARRIED_IN);

	run(&audit, 0, 7, true);
	assert_int_equal(audit.verdict, AUDIT_BALANCED);
	assert_int_equal(audit.uncertain, 7);
	audit__free(&audit);
	run(&audit, 0, 0, false);
	assert_false(audit.outside);
	audit__free(&audit);
}

/* Those of another CPU or vIPI explain nothing. */
static void test_elsewhere(void **state)
{
	struct snapshot difference;
	struct audit audit;

	unit__snapshot(&difference, NR_CPUS, NR_VIPIS, true);
	assert_int_equal(snapshot__add(&difference, COUNTERS_DOUBTS), 0);
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
		for (unsigned int vipi = 0; vipi < NR_VIPIS; vipi++)
			difference.counters.doubts[ipimux_doubts_index(
				&difference.counters.shape, cpu, vipi, IPIMUX_UNCERTAIN)] =
				cpu == CPU && vipi == VIPI ? 0 : 100;
	/* Nor do those that were not foretold. */
	difference.counters.doubts[ipimux_doubts_index(&difference.counters.shape, CPU, VIPI,
						       IPIMUX_MISPREDICTED)] = 100;
	unit__unbalance(&difference, CPU, VIPI, 3);
	assert_int_equal(unit__audit(&audit, &difference, false), 0);
	assert_int_equal(audit.verdict, AUDIT_OFF);
	assert_int_equal(audit.nr_entries, 1);
	assert_int_equal(audit.entries[0].finding, AUDIT_LOST);
	audit__free(&audit);
	snapshot__free(&difference);
}

static bool shows(const struct scene *scene, const char *words)
{
	for (unsigned int i = 0; i < scene->nr_lines; i++)
		if (strstr(scene->lines[i], words))
			return true;
	return false;
}

/* Each view says what it is, and says nothing of it where there are tracepoints. */
static void test_views(void **state)
{
	for (int doubts = -1; doubts < 2; doubts++) {
		struct scene scene;

		scene__set_up(&scene, NR_CPUS, NR_VIPIS, true);
		assert_int_equal(snapshot__add(&scene.difference, COUNTERS_WAITS), 0);
		scene__send(&scene, 0, CPU, VIPI, IPIMUX_RAISED, 50);
		scene__process(&scene, CPU, 1 << VIPI, 50);
		if (doubts >= 0) {
			assert_int_equal(snapshot__add(&scene.difference, COUNTERS_DOUBTS), 0);
			scene.difference.counters.doubts[ipimux_doubts_index(
				&scene.difference.counters.shape, CPU, VIPI,
				IPIMUX_UNCERTAIN)] = doubts * 17;
		}
		scene__show(&scene, TABLE_INTERVAL, false);
		assert_int_equal(shows(&scene, "the outcome of 17 sends is uncertain"),
				 doubts == 1);
		scene__show(&scene, TABLE_SUMMARY, false);
		assert_int_equal(shows(&scene, "via fentry"), doubts >= 0);
		assert_int_equal(shows(&scene, "no outcome is uncertain"), doubts == 0);
		assert_int_equal(shows(&scene, "except the outcomes of 17 sends"), doubts == 1);
		scene__show(&scene, JSON_SUMMARY, false);
		assert_int_equal(shows(&scene, "\"via\":\"tracepoint\""), doubts < 0);
		assert_int_equal(shows(&scene, "\"via\":\"fentry\",\"uncertain\":0"), doubts == 0);
		assert_int_equal(shows(&scene, "\"via\":\"fentry\",\"uncertain\":17"), doubts == 1);
		scene__show(&scene, LATENCY_INTERVAL, false);
		assert_int_equal(shows(&scene, "the outcome of 17 sends is uncertain"),
				 doubts == 1);
		scene__tear_down(&scene);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_explained),
		cmocka_unit_test(test_elsewhere),
		cmocka_unit_test(test_views),
	};

	return UNIT_RUN("doubts", tests);
}
