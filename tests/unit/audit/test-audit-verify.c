// SPDX-License-Identifier: GPL-2.0-only
/*
 * What --verify adds to the audit: parent IPIs and started handlers, as many as are due, when they
 * are due.
 */
#include <string.h>

#include "run.h"

/* --verify: each raised send and each kick raised the parent IPI once, each handler started. */
static void test_verified(void **state)
{
	static const struct {
		int parents, started;
		__u64 missed;
		bool went;
		enum audit_verdict verdict;
		int parents_of_2;
	} cases[] = {
		{ 0, 0, 0, false, AUDIT_BALANCED },
		{ -1, 0, 0, false, AUDIT_OFF },
		{ 1, 0, 0, false, AUDIT_OFF },
		{ -1, 0, 1, false, AUDIT_EXCEPT },
		{ -2, 0, 1, false, AUDIT_OFF },
		{ -1, 0, 0, true, AUDIT_EXCEPT },
		{ -AUDIT_SILENT_SENDS, 0, 0, true, AUDIT_EXCEPT },
		{ -AUDIT_SILENT_SENDS - 1, 0, 0, true, AUDIT_OFF },
		{ 1, 0, 0, true, AUDIT_OFF },
		{ 0, 1, 0, false, AUDIT_OFF },
		{ 0, -1, 0, false, AUDIT_OFF },
		/* An event missed is one CPU's, not each one's. */
		{ 1, 0, 2, false, AUDIT_EXCEPT, 1 },
		{ 1, 0, 1, false, AUDIT_OFF, 1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct audit audit;
		struct run run;

		run__set_up(&run);
		assert_int_equal(snapshot__add(&run.difference, COUNTERS_PARENTS), 0);
		assert_int_equal(snapshot__add(&run.difference, COUNTERS_STARTED), 0);
		unit__send(&run.difference, 1, CPU, VIPI, IPIMUX_RAISED, 50);
		unit__process(&run.difference, CPU, BIT, 50);
		run.difference.missed = cases[i].missed;
		run.difference.counters.parents[1] = 50 + cases[i].parents;
		run.difference.counters.parents[2] = cases[i].parents_of_2;
		run.difference.counters.started[ipimux_started_index(
			&run.difference.counters.shape, CPU, VIPI)] = 50 + cases[i].started;
		if (cases[i].went)
			memset(&run.facts.online_first, 0, sizeof(run.facts.online_first));
		run__judge(&run, &audit);
		check(audit.verdict == cases[i].verdict, "case %zu: %d", i, audit.verdict);
		assert_true(audit.verified);
		assert_true(audit.raises_compared);
		audit__free(&audit);
		run__tear_down(&run);
	}
}

/*
 * What is late is not excused by an event that was missed elsewhere, nor by one that another
 * CPU's balance has used up; and no more of it than were missed.
 */
static void test_late(void **state)
{
	static const struct {
		unsigned int cpu;
		enum ipimux_late late;
		unsigned int number;
		__u64 missed;
		int finding;		/* -1: none */
		unsigned int found;
	} cases[] = {
		{ 1, IPIMUX_LATE_HANDLER, 2, 0, AUDIT_LATE_HANDLERS, 2 },
		{ 1, IPIMUX_LATE_HANDLER, 1, 1, -1, 0 },
		{ 1, IPIMUX_LATE_HANDLER, 3, 1, AUDIT_LATE_HANDLERS, 2 },
		/* Behind CPU 2, which handled one more than was sent. */
		{ 3, IPIMUX_LATE_HANDLER, 1, 1, -1, 0 },
		{ 3, IPIMUX_LATE_HANDLER, 3, 1, AUDIT_LATE_HANDLERS, 2 },
		{ 3, IPIMUX_LATE_RAISE, 1, 1, -1, 0 },
		{ 3, IPIMUX_LATE_RAISE, 2, 1, AUDIT_LATE_RAISES, 1 },
		{ 1, IPIMUX_LATE_ENABLED, 1, 5, AUDIT_STALE_ENABLED, 1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct audit audit;
		struct run run;
		unsigned int found = 0;

		run__set_up(&run);
		assert_int_equal(snapshot__add(&run.difference, COUNTERS_LATE), 0);
		run__count(&run, 50, 0, 50 + (cases[i].missed == 1));
		run.difference.missed = cases[i].missed;
		run.difference.counters.late[ipimux_late_index(
			&run.difference.counters.shape, cases[i].cpu, cases[i].late)] =
			cases[i].number;
		run__judge(&run, &audit);
		for (unsigned int j = 0; j < audit.nr_entries; j++)
			if (audit.entries[j].cpu == cases[i].cpu &&
			    (int)audit.entries[j].finding == cases[i].finding)
				found += audit.entries[j].number;
		check(found == cases[i].found, "case %zu: %u", i, found);
		check((audit.verdict == AUDIT_OFF) == (cases[i].finding >= 0), "case %zu: %d", i,
		      audit.verdict);
		audit__free(&audit);
		run__tear_down(&run);
	}
}

/*
 * A CPU that came or went raises unseen, a bounded number of times: each may lack a parent IPI, and
 * make one raise look late. That is said, and more of either is off.
 */
static void test_silent_raises(void **state)
{
	static const struct {
		unsigned int ups, offlinings;
		bool online_first, online;
		unsigned int late;
		int not_raised;
		enum audit_verdict verdict;
	} cases[] = {
		{ 0, 0, true, true, 1, 0, AUDIT_OFF },
		{ 0, 0, true, true, 0, 1, AUDIT_OFF },
		{ 0, 1, true, false, 1, 0, AUDIT_EXCEPT },
		{ 0, 1, true, false, 20, 20, AUDIT_EXCEPT },
		{ 0, 1, true, false, 21, 0, AUDIT_OFF },
		{ 0, 1, true, false, 0, 21, AUDIT_OFF },
		{ 1, 0, false, true, 20, 20, AUDIT_EXCEPT },
		{ 1, 0, false, true, 21, 0, AUDIT_OFF },
		{ 1, 0, false, true, 0, 21, AUDIT_OFF },
		{ 1, 1, true, true, 40, 40, AUDIT_EXCEPT },
		{ 1, 1, true, true, 41, 0, AUDIT_OFF },
		{ 1, 1, true, true, 0, 41, AUDIT_OFF },
		/* Its masks, or unmasks, were before the start. */
		{ 0, 0, false, true, 20, 0, AUDIT_EXCEPT },
		{ 0, 0, true, false, 0, 20, AUDIT_EXCEPT },
		/* Its last sends, of which only the raises are seen. */
		{ 1, 1, true, true, 0, -3, AUDIT_EXCEPT },
		{ 1, 1, true, true, 0, -4, AUDIT_OFF },
	};

	for (size_t n = 0; n < 2 * ARRAY_SIZE(cases); n++) {
		size_t i = n / 2;
		/* Where all are seen none is silent. */
		bool all = n % 2;
		enum audit_verdict verdict = all && (cases[i].late || cases[i].not_raised > 0) ?
					     AUDIT_OFF : cases[i].verdict;
		struct audit audit;
		struct run run;

		run__set_up(&run);
		run.facts.parents = all ? AUDIT_PARENTS_ALL : AUDIT_PARENTS_UNKNOWN;
		assert_int_equal(snapshot__add(&run.difference, COUNTERS_LATE), 0);
		assert_int_equal(snapshot__add(&run.difference, COUNTERS_PARENTS), 0);
		unit__send(&run.difference, 1, CPU, VIPI, IPIMUX_RAISED, 50);
		unit__process(&run.difference, CPU, BIT, 50);
		run.difference.counters.parents[1] = 50 - cases[i].not_raised;
		run.difference.counters.late[ipimux_late_index(
			&run.difference.counters.shape, 1, IPIMUX_LATE_RAISE)] = cases[i].late;
		for (unsigned int vipi = 0; vipi < NR_VIPIS; vipi++) {
			unit__unmask(&run.difference, 1, vipi, IPIMUX_UNMASK_PLAIN, cases[i].ups);
			run__mask(&run.difference, 1, vipi, cases[i].offlinings);
		}
		if (!cases[i].online_first) {
			cpuset__parse(&run.facts.online_first, "0,2-3");
			run.first.words.enabled[1] = 0;
		}
		if (!cases[i].online) {
			cpuset__parse(&run.last.online, "0,2-3");
			run.last.words.enabled[1] = 0;
		}
		/* Of what its masks and unmasks say otherwise is another test. */
		if (cases[i].ups == cases[i].offlinings)
			run.first.words.enabled[1] = run.last.words.enabled[1];
		run.facts.hotplug = true;
		run__judge(&run, &audit);
		check(audit.verdict == verdict, "case %zu: %d", n, audit.verdict);
		audit__free(&audit);
		run__tear_down(&run);
	}
}

/* A tracepoint shows no raise of a CPU on its way: what it shows is one too many. */
static void test_raised_where_silent(void **state)
{
	struct audit audit;
	struct run run;

	run__set_up(&run);
	assert_int_equal(snapshot__add(&run.difference, COUNTERS_PARENTS), 0);
	for (unsigned int vipi = 0; vipi < NR_VIPIS; vipi++) {
		unit__unmask(&run.difference, 3, vipi, IPIMUX_UNMASK_PLAIN, 1);
		run__mask(&run.difference, 3, vipi, 1);
	}
	run.facts.hotplug = true;
	run.facts.parents = AUDIT_PARENTS_ONLINE;
	run.difference.counters.parents[3] = 3;
	run__judge(&run, &audit);
	check(audit.verdict == AUDIT_OFF, "verdict %d", audit.verdict);
	audit__free(&audit);
	run__tear_down(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verified),
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_silent_raises),
		cmocka_unit_test(test_raised_where_silent),
	};

	return UNIT_RUN("audit-verify", tests);
}
