// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each excuse of the audit has a bound, is named, and hides nothing beside it: CPUs that went
 * offline, events that were missed, outcomes that are uncertain.
 */
#include <stdlib.h>
#include <string.h>

#include "run.h"

/*
 * A CPU that went offline: its last CALL_FUNC, to the first one; a wake-up of RCU's thread, to any,
 * as a CALL_FUNC or a RESCHEDULE; nothing else. Whether somebody looked while it was offline or
 * not: it may have come and gone between two looks.
 */
static void test_offline(void **state)
{
	static const struct {
		unsigned int cpu, vipi, offlinings, handled;
		bool silent;
		enum audit_verdict verdict;
	} cases[] = {
		{ 0, 1, 3, 3, false, AUDIT_EXCEPT },
		{ 0, 1, 3, 6, false, AUDIT_EXCEPT },
		{ 0, 1, 3, 7, false, AUDIT_OFF },
		{ 1, 1, 3, 3, false, AUDIT_EXCEPT },
		{ 1, 1, 3, 4, false, AUDIT_OFF },
		{ 2, 0, 3, 3, false, AUDIT_EXCEPT },
		{ 2, 0, 3, 4, false, AUDIT_OFF },
		{ 0, 0, 3, 4, false, AUDIT_OFF },
		{ 0, 2, 3, 1, false, AUDIT_OFF },
		{ 2, 6, 3, 1, false, AUDIT_OFF },
		{ 3, 4, 3, 3, false, AUDIT_EXCEPT },
		{ 3, 4, 3, 4, false, AUDIT_OFF },
		{ 2, 4, 3, 1, false, AUDIT_OFF },
		{ 0, 1, 0, 1, false, AUDIT_OFF },
		/* A kernel that shows nothing of CPUs on their way: a bound that was measured. */
		{ 1, 0, 3, 20, true, AUDIT_EXCEPT },
		{ 1, 0, 3, 63, true, AUDIT_EXCEPT },
		{ 1, 0, 3, 64, true, AUDIT_OFF },
	};

	for (size_t n = 0; n < 2 * ARRAY_SIZE(cases); n++) {
		size_t i = n / 2;
		struct audit audit;
		struct run run;

		run__set_up(&run);
		for (unsigned int vipi = 0; vipi < NR_VIPIS; vipi++) {
			unit__unmask(&run.difference, 3, vipi, IPIMUX_UNMASK_PLAIN,
				     cases[i].offlinings);
			run__mask(&run.difference, 3, vipi, cases[i].offlinings);
		}
		if (cases[i].silent) {
			free(run.difference.counters.masked);
			run.difference.counters.masked = NULL;
		}
		unit__process(&run.difference, cases[i].cpu, 1U << cases[i].vipi,
			      cases[i].handled);
		run__merge(&run, cases[i].cpu);
		run.facts.hotplug = n % 2;
		run__judge(&run, &audit);
		check(audit.verdict == cases[i].verdict, "case %zu: %d", i, audit.verdict);
		check(audit.hotplug == (n % 2 || cases[i].offlinings), "case %zu: hotplug", i);
		check(audit.offlinings == cases[i].offlinings, "case %zu: %u", i,
		      audit.offlinings);
		audit__free(&audit);
		run__tear_down(&run);
	}
}

/* What a missed event excuses of any law is named, and the verdict says except. */
static void test_missed_is_named(void **state)
{
	enum { HANDLER, RAISE, PROCESS, KICK, NR };

	for (int law = 0; law < NR; law++)
		for (__u64 missed = 0; missed < 3; missed++) {
			struct audit audit;
			struct run run;
			bool named = false;

			run__set_up(&run);
			assert_int_equal(snapshot__add(&run.difference, COUNTERS_LATE), 0);
			run.difference.missed = missed;
			run__count(&run, 9, 0, 9);
			if (law == PROCESS)
				unit__process(&run.difference, CPU, 0, 2);
			else if (law == KICK)
				unit__send(&run.difference, 0, CPU, 5, IPIMUX_MASKED, 2);
			else
				run.difference.counters.late[ipimux_late_index(
					&run.difference.counters.shape, CPU, law == RAISE ?
					IPIMUX_LATE_RAISE : IPIMUX_LATE_HANDLER)] = 2;
			/* Those came along with others. */
			if (law == KICK) {
				unit__process(&run.difference, CPU, 1U << 5, 2);
				unit__send(&run.difference, 0, CPU, 7, IPIMUX_RAISED, 2);
				unit__process(&run.difference, CPU, 1U << 7, 2);
				run__merge(&run, CPU);
			}
			run__judge(&run, &audit);
			for (unsigned int n = 0; n < audit.nr_entries; n++)
				named |= audit.entries[n].reason == AUDIT_BECAUSE_MISSED &&
					 audit.entries[n].number == missed;
			check(named == (missed > 0), "law %d, %llu missed", law, missed);
			check(audit.verdict == (missed == 2 ? AUDIT_EXCEPT : AUDIT_OFF),
			      "law %d, %llu missed: %d", law, missed, audit.verdict);
			audit__free(&audit);
			run__tear_down(&run);
		}
}

/* With fentry: as many as have an uncertain outcome, and no more. */
static void test_not_kicked_uncertain(void **state)
{
	for (unsigned int doubts = 0; doubts < 5; doubts++) {
		struct audit audit;
		struct run run;

		run__set_up(&run);
		assert_int_equal(snapshot__add(&run.difference, COUNTERS_DOUBTS), 0);
		run__doubt(&run.difference, doubts);
		run__count(&run, 0, 10, 10);
		unit__unmask(&run.difference, CPU, VIPI, IPIMUX_UNMASK_KICK, 7);
		unit__unmask(&run.difference, CPU, VIPI, IPIMUX_UNMASK_PLAIN, 3);
		run__mask(&run.difference, CPU, VIPI, 10);
		check((run__judge(&run, &audit) == AUDIT_NOT_KICKED) == (doubts < 3),
		      "%u uncertain", doubts);
		check(audit.verdict == (doubts < 3 ? AUDIT_OFF : AUDIT_EXCEPT), "%u uncertain",
		      doubts);
		audit__free(&audit);
		run__tear_down(&run);
	}
}

/* The same of processes without a raise. */
static void test_processes_uncertain(void **state)
{
	for (unsigned int doubts = 0; doubts < 5; doubts++) {
		struct audit audit;
		struct run run;

		run__set_up(&run);
		assert_int_equal(snapshot__add(&run.difference, COUNTERS_DOUBTS), 0);
		run__doubt(&run.difference, doubts);
		run__count(&run, 10, 0, 10);
		unit__process(&run.difference, CPU, 0, 3);
		run__judge(&run, &audit);
		check(audit.verdict == (doubts < 3 ? AUDIT_OFF : AUDIT_EXCEPT), "%u uncertain",
		      doubts);
		check(audit.nr_entries == 1 + (doubts == 1 || doubts == 2), "%u uncertain: %u",
		      doubts, audit.nr_entries);
		audit__free(&audit);
		run__tear_down(&run);
	}
}

/* Outcomes that are uncertain since the end explain what was counted since the end. */
static void test_uncertain_since(void **state)
{
	for (int doubts = 0; doubts < 2; doubts++) {
		struct audit audit;
		struct run run, since;

		run__set_up(&run);
		run__set_up(&since);
		assert_int_equal(snapshot__add(&run.difference, COUNTERS_DOUBTS), 0);
		assert_int_equal(snapshot__add(&since.difference, COUNTERS_DOUBTS), 0);
		run__count(&run, 5, 0, 5);
		run__count(&since, 7, 0, 6);
		since.difference.counters.doubts[ipimux_doubts_index(
			&since.difference.counters.shape, CPU, VIPI, IPIMUX_UNCERTAIN)] = doubts;
		run.facts.since = &since.difference;
		assert_int_equal(run__judge(&run, &audit), doubts ? AUDIT_GUESSED : AUDIT_LOST);
		assert_int_equal(audit.verdict, doubts ? AUDIT_EXCEPT : AUDIT_OFF);
		/* What is shown is of the run. */
		assert_int_equal(audit.uncertain, 0);
		audit__free(&audit);
		run__tear_down(&since);
		run__tear_down(&run);
	}
}

/*
 * A CPU that went just at an edge: its masks are outside of the run, and its last sends in the run,
 * or only the raises of these. An older kernel shows fewer of the sends.
 */
static void test_leaving(void **state)
{
	static const struct {
		const char *online_first, *online;
		unsigned int leaving, own, raises, calls;
		bool masks;	/* the kernel has that event */
		enum audit_verdict verdict;
	} cases[] = {
		{ "0-3", "0-3", 1, 0, 0, 0, true, AUDIT_BALANCED },
		{ "0-1,3", "0-1,3", 1, 1, 0, 0, true, AUDIT_EXCEPT },
		{ "0-1,3", "0-1,3", 1, 2, 0, 0, true, AUDIT_OFF },
		{ "0-1,3", "0-1,3", 1, 0, 3, 0, true, AUDIT_EXCEPT },
		{ "0-1,3", "0-1,3", 1, 0, 4, 0, true, AUDIT_OFF },
		{ "0-3", "0-1,3", 1, 1, 3, 0, true, AUDIT_EXCEPT },
		/* Another one: this one was there all the time. */
		{ "0-3", "0-3", 1, 1, 0, 0, true, AUDIT_OFF },
		{ "0-3", "0-3", 1, 0, 1, 0, true, AUDIT_OFF },
		{ "0-3", "0-1,3", 0, 0, 10, 10, false, AUDIT_EXCEPT },
		{ "0-3", "0-1,3", 0, 0, 23, 22, false, AUDIT_EXCEPT },
		{ "0-3", "0-1,3", 0, 0, 24, 22, false, AUDIT_OFF },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct audit audit;
		struct run run;

		run__set_up(&run);
		if (!cases[i].masks) {
			free(run.difference.counters.masked);
			run.difference.counters.masked = NULL;
		}
		assert_int_equal(snapshot__add(&run.difference, COUNTERS_PARENTS), 0);
		run.difference.counters.parents[CPU] = cases[i].raises;
		unit__process(&run.difference, CPU,
			      1U << machine__find_vipi(&run.machine, "IRQ_WORK"), cases[i].own);
		unit__process(&run.difference, 0,
			      1U << machine__find_vipi(&run.machine, "CALL_FUNC"), cases[i].calls);
		cpuset__parse(&run.facts.online_first, cases[i].online_first);
		cpuset__parse(&run.last.online, cases[i].online);
		run.facts.hotplug = true;
		run.facts.parents = AUDIT_PARENTS_ALL;
		run.facts.leaving = cases[i].leaving;
		run__judge(&run, &audit);
		check(audit.verdict == cases[i].verdict, "case %zu: %d", i, audit.verdict);
		audit__free(&audit);
		run__tear_down(&run);
	}
}

static void went(struct run *run, unsigned int cpu, unsigned int times)
{
	for (unsigned int vipi = 0; vipi < NR_VIPIS; vipi++) {
		unit__unmask(&run->difference, cpu, vipi, IPIMUX_UNMASK_PLAIN, times);
		run__mask(&run->difference, cpu, vipi, times);
	}
	run->facts.hotplug = true;
}

/* Where nobody knows which vIPI is IRQ_WORK, a CPU that went sent one of any, not of each. */
static void test_own_pool(void **state)
{
	struct audit audit;
	struct run run;

	run__set_up(&run);
	went(&run, 3, 1);
	run.facts.machine = NULL;
	for (unsigned int vipi = 0; vipi < NR_VIPIS; vipi++)
		unit__process(&run.difference, 3, 1U << vipi, 1);
	run__merge(&run, 3);
	run__judge(&run, &audit);
	check(audit.verdict == AUDIT_OFF, "verdict %d, unseen %llu", audit.verdict,
	      (unsigned long long)audit.unseen);
	audit__free(&audit);
	run__tear_down(&run);
}

/* CPU 0 went just at the start, and came back: the last sends of that time went to CPU 1. */
static void test_first_online(void **state)
{
	struct audit audit;
	struct run run;

	run__set_up(&run);
	for (unsigned int vipi = 0; vipi < NR_VIPIS; vipi++) {
		unit__unmask(&run.difference, 0, vipi, IPIMUX_UNMASK_PLAIN, 1);
		run.first.words.enabled[0] = 0;
	}
	memset(&run.facts.online_first, 0, sizeof(run.facts.online_first));
	for (unsigned int cpu = 1; cpu < NR_CPUS; cpu++)
		cpuset__add(&run.facts.online_first, cpu);
	run.first.online = run.facts.online_first;
	run.facts.hotplug = true;
	run.facts.leaving = 1;
	unit__process(&run.difference, 1, 1U << 1, 2);
	run__merge(&run, 1);
	run__judge(&run, &audit);
	check(audit.verdict == AUDIT_EXCEPT, "verdict %d", audit.verdict);
	audit__free(&audit);
	run__tear_down(&run);
}

/* Without the words, what may have been carried in keeps no excuse from another CPU. */
static void test_carried_uses_pool(void **state)
{
	struct audit audit;
	struct run run;

	run__set_up(&run);
	run.first.words.known = run.last.words.known = false;
	went(&run, 3, 1);
	unit__process(&run.difference, 1, 1U << 1, 1);	/* was carried in */
	unit__process(&run.difference, 2, 1U << 1, 2);	/* one carried in, one wake-up */
	run__merge(&run, 1);
	run__merge(&run, 2);
	run__judge(&run, &audit);
	check(audit.verdict == AUDIT_EXCEPT, "verdict %d", audit.verdict);
	audit__free(&audit);
	run__tear_down(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_offline),
		cmocka_unit_test(test_leaving),
		cmocka_unit_test(test_missed_is_named),
		cmocka_unit_test(test_not_kicked_uncertain),
		cmocka_unit_test(test_processes_uncertain),
		cmocka_unit_test(test_uncertain_since),
		cmocka_unit_test(test_own_pool),
		cmocka_unit_test(test_first_online),
		cmocka_unit_test(test_carried_uses_pool),
	};

	return UNIT_RUN("audit-excuses", tests);
}
