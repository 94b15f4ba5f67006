// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is pending at the end, or was for too long: stuck, waiting for a CPU without time, or not
 * waited for.
 */
#include <string.h>

#include "run.h"

/* Without the words: coalesced sends show what is pending, a CPU without time is named. */
static void test_without_words(void **state)
{
	/* That it got none before says nothing of the end. */
	for (int starved = 0; starved < 3; starved++) {
		struct audit audit;
		struct run run;

		run__set_up(&run);
		run.first.words.known = run.last.words.known = false;
		unit__send(&run.difference, 0, CPU, VIPI, IPIMUX_COALESCED, 100);
		run.pending[CPU] = run.unhandled[CPU] = BIT;
		run.starved[CPU] = starved == 1 ? BIT : 0;
		if (starved == 2)
			cpuset__add(&run.facts.without_time, CPU);
		assert_int_equal(run__judge(&run, &audit),
				 starved == 2 ? AUDIT_NO_PROGRESS : AUDIT_STUCK);
		assert_int_equal(audit.verdict, starved == 2 ? AUDIT_EXCEPT : AUDIT_OFF);
		audit__free(&audit);
		run__tear_down(&run);
	}
}

/*
 * What is pending at the end is waited for, and stuck, also where the balance is excused: it was
 * pending at the attach, its outcomes are guessed, the start was busy, a CPU's last send unseen.
 */
static void test_stuck_and_excused(void **state)
{
	enum { ATTACHED, GUESSED, BUSY, OFFLINE, NR };

	for (int i = 0; i < NR * 3; i++) {
		int excuse = i / 3;
		bool waited = i % 3, unhandled = i % 3 != 2;
		unsigned int cpu = excuse == OFFLINE ? 0 : CPU, vipi = excuse == OFFLINE ? 1 : VIPI;
		struct audit audit;
		struct run run;
		bool stuck = false;

		run__set_up(&run);
		/* One more was handled than is known of, and one is pending. */
		unit__send(&run.difference, 1, cpu, vipi, IPIMUX_RAISED, 5);
		unit__process(&run.difference, cpu, 1U << vipi, 5);
		run.last.words.pending[cpu] = 1U << vipi;
		run.unhandled[cpu] = unhandled ? 1U << vipi : 0;
		run.facts.waited = waited ? STUCK_PATIENCE : 0;
		run.facts.final = false;
		run.facts.tries = 9;
		if (excuse == ATTACHED) {
			run.first.words.known = false;
			memset(run.first.edge, EDGE_NONE, NR_CPUS * NR_VIPIS);
		} else if (excuse == GUESSED) {
			assert_int_equal(snapshot__add(&run.difference, COUNTERS_DOUBTS), 0);
			run.difference.counters.doubts[ipimux_doubts_index(
				&run.difference.counters.shape, cpu, vipi, IPIMUX_UNCERTAIN)] = 1;
		} else if (excuse == BUSY) {
			run.first.edge[cpu * NR_VIPIS + vipi] = EDGE_BUSY;
		} else {
			run.facts.hotplug = true;
			run.facts.leaving = 1;
		}
		run__judge(&run, &audit);
		for (unsigned int n = 0; n < audit.nr_entries; n++)
			stuck |= audit.entries[n].finding == AUDIT_STUCK;
		check(stuck == (waited && unhandled), "case %d", i);
		check(audit.undecided == (!waited && unhandled), "case %d", i);
		check((audit.verdict == AUDIT_OFF) == stuck, "case %d: %d", i, audit.verdict);
		audit__free(&audit);
		run__tear_down(&run);
	}
}

/* What was stuck in the run is, also where its CPU gets no time at the end. */
static void test_stuck_before_starved(void **state)
{
	for (int starved = 0; starved < 2; starved++) {
		struct audit audit;
		struct run run;

		run__set_up(&run);
		run__count(&run, 5, 0, 4);
		run.last.words.pending[CPU] = run.unhandled[CPU] = run.stuck[CPU] = BIT;
		run.starved[CPU] = starved ? BIT : 0;
		if (!starved)
			cpuset__add(&run.facts.without_time, CPU);
		assert_int_equal(run__judge(&run, &audit), AUDIT_STUCK);
		assert_int_equal(audit.verdict, AUDIT_OFF);
		audit__free(&audit);
		run__tear_down(&run);
	}
}

/*
 * Without the words, one that was set and not handled is lost where the counts are at rest. In
 * traffic it may as well be pending again: that is not decided, and not balanced.
 */
static void test_one_without_words(void **state)
{
	static const struct {
		enum edge_state last;
		bool unhandled;
		int finding;
		enum audit_verdict verdict;
	} cases[] = {
		{ EDGE_QUIET, false, AUDIT_LOST, AUDIT_OFF },
		{ EDGE_QUIET, true, AUDIT_STUCK, AUDIT_OFF },
		{ EDGE_TYPICAL, false, AUDIT_NOT_DECIDED, AUDIT_EXCEPT },
		{ EDGE_TYPICAL, true, AUDIT_STUCK, AUDIT_OFF },
		/* An older recording does not say. */
		{ EDGE_NONE, false, AUDIT_STILL_PENDING, AUDIT_BALANCED },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct audit audit;
		struct run run;
		int finding;

		run__set_up(&run);
		run.first.words.known = run.last.words.known = false;
		run.last.edge[CPU * NR_VIPIS + VIPI] = cases[i].last;
		run__count(&run, 500, 0, 499);
		run.unhandled[CPU] = cases[i].unhandled ? BIT : 0;
		finding = run__judge(&run, &audit);
		check(finding == cases[i].finding, "case %zu: %d", i, finding);
		check(audit.verdict == cases[i].verdict, "case %zu: %d", i, audit.verdict);
		assert_int_equal(audit.not_decided, finding == AUDIT_NOT_DECIDED);
		audit__free(&audit);
		/* It is looked at again before. */
		run.facts.final = false;
		run__judge(&run, &audit);
		check(audit.undecided == (!cases[i].unhandled && cases[i].last != EDGE_NONE),
		      "case %zu", i);
		audit__free(&audit);
		run__tear_down(&run);
	}
}

/* A CPU that got no time since the end: of what is not pending there is nothing to say. */
static void test_without_time(void **state)
{
	struct audit audit;
	struct run run;

	run__set_up(&run);
	cpuset__add(&run.facts.without_time, CPU);
	run__judge(&run, &audit);
	assert_int_equal(audit.verdict, AUDIT_BALANCED);
	assert_int_equal(audit.nr_entries, 0);
	audit__free(&audit);
	run__tear_down(&run);
}

/*
 * What is pending and enabled at the end, or has not run yet, is waited for. Where that wait is cut
 * short, or was when it was recorded, the verdict says so.
 */
static void test_not_waited(void **state)
{
	enum { WAITS, HURRIED, RECORDED, NR };

	for (int i = 0; i < NR * 2; i++) {
		int how = i / 2;
		bool taken = i % 2;
		struct audit audit;
		struct run run;
		int finding;

		run__set_up(&run);
		run__count(&run, 5, 0, taken ? 5 : 4);
		run.last.words.pending[CPU] = run.unhandled[CPU] = taken ? 0 : BIT;
		if (taken) {
			run.difference.kernel.known = true;
			run.difference.kernel.low[CPU * IPIMUX_MAX_VIPIS + VIPI] = 4;
			run.difference.kernel.high[CPU * IPIMUX_MAX_VIPIS + VIPI] = 4;
		}
		run.facts.waited = STUCK_PATIENCE - 1;
		run.facts.hurried = how == HURRIED;
		run.facts.final = how == RECORDED;
		finding = run__judge(&run, &audit);
		check(audit.undecided == (how == WAITS), "case %d", i);
		if (how != WAITS) {
			check(finding == AUDIT_NOT_WAITED, "case %d: %d", i, finding);
			check(audit.verdict == AUDIT_EXCEPT, "case %d: %d", i, audit.verdict);
		}
		audit__free(&audit);
		run__tear_down(&run);
	}
}

/* Who is in a hurry does not get what three more looks are needed for without these. */
static void test_hurried_and_off(void **state)
{
	for (unsigned int tries = 0; tries < 5; tries++) {
		struct audit audit;
		struct run run;

		run__set_up(&run);
		run__count(&run, 5, 0, 4);
		run.facts.final = false;
		run.facts.hurried = true;
		run.facts.tries = tries;
		assert_int_equal(run__judge(&run, &audit), AUDIT_LOST);
		check(audit.undecided == (tries < 3), "try %u", tries);
		audit__free(&audit);
		run__tear_down(&run);
	}
}

/* Pending for long, while the tool itself got no time to look: said, unless it was stuck, too. */
static void test_not_watched(void **state)
{
	for (int stuck = 0; stuck < 2; stuck++) {
		struct audit audit;
		struct run run;

		run__set_up(&run);
		run__count(&run, 5, 0, 5);
		run.unwatched[CPU] = BIT;
		run.stuck[CPU] = stuck ? BIT : 0;
		assert_int_equal(run__judge(&run, &audit),
				 stuck ? AUDIT_STUCK : AUDIT_NOT_WATCHED);
		assert_int_equal(audit.verdict, stuck ? AUDIT_OFF : AUDIT_EXCEPT);
		audit__free(&audit);
		run__tear_down(&run);
	}
}

/* What is pending again on a CPU without time is not lost. (Without the words.) */
static void test_quiet_without_time(void **state)
{
	struct audit audit;
	struct run run;

	run__set_up(&run);
	run.first.words.known = run.last.words.known = false;
	run__count(&run, 1, 0, 0);
	cpuset__add(&run.facts.without_time, CPU);
	run.facts.tries = 4;
	run__judge(&run, &audit);
	check(audit.verdict != AUDIT_OFF, "verdict %d finding %d", audit.verdict,
	      audit.nr_entries ? (int)audit.entries[0].finding : -1);
	audit__free(&audit);
	run__tear_down(&run);
}

/* Nor does a handler not run that waits for such a CPU. */
static void test_not_run_without_time(void **state)
{
	struct audit audit;
	struct run run;

	run__set_up(&run);
	run__count(&run, 1, 0, 1);
	run.difference.kernel.known = true;
	cpuset__add(&run.facts.without_time, CPU);
	run.facts.tries = 4;
	run__judge(&run, &audit);
	check(audit.verdict != AUDIT_OFF, "verdict %d finding %d", audit.verdict,
	      audit.nr_entries ? (int)audit.entries[0].finding : -1);
	audit__free(&audit);
	run__tear_down(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_without_words),
		cmocka_unit_test(test_stuck_and_excused),
		cmocka_unit_test(test_stuck_before_starved),
		cmocka_unit_test(test_one_without_words),
		cmocka_unit_test(test_without_time),
		cmocka_unit_test(test_not_waited),
		cmocka_unit_test(test_hurried_and_off),
		cmocka_unit_test(test_not_watched),
		cmocka_unit_test(test_quiet_without_time),
		cmocka_unit_test(test_not_run_without_time),
	};

	return UNIT_RUN("audit-waits", tests);
}
