// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is known of the edges of a run leaves no room: the multiplexer's words, counts at rest,
 * a CPU's processes and raises, masks and unmasks.
 */
#include <stdlib.h>
#include <string.h>

#include "run.h"

/* Where the bit was read at both edges, one more or less is not forgiven. */
static void test_words(void **state)
{
	static const struct {
		const char *what;
		unsigned int raised, masked, handled;
		bool was, is, enabled, unhandled;
		int finding;
		enum audit_verdict verdict;
	} cases[] = {
		{ "all handled", 5, 0, 5, false, false, true, false, -1, AUDIT_BALANCED },
		{ "one lost in traffic", 5, 0, 4, false, false, true, false, AUDIT_LOST,
		  AUDIT_OFF },
		{ "one handled too many", 5, 0, 6, false, false, true, false,
		  AUDIT_NEVER_SENT, AUDIT_OFF },
		{ "carried in", 5, 0, 6, true, false, true, false, AUDIT_CARRIED_IN,
		  AUDIT_BALANCED },
		/* One carried in and handled, one raised and stuck: they do not cancel. */
		{ "carried in, and stuck", 5, 0, 5, true, true, true, true, AUDIT_STUCK,
		  AUDIT_OFF },
		{ "carried in, and lost", 5, 0, 5, true, false, true, false, AUDIT_LOST,
		  AUDIT_OFF },
		{ "stuck before the start", 0, 0, 0, true, true, true, true, AUDIT_STUCK,
		  AUDIT_OFF },
		{ "pending, and on its way", 5, 0, 4, false, true, true, false,
		  AUDIT_STILL_PENDING, AUDIT_BALANCED },
		{ "masked", 5, 1, 5, false, true, false, true, AUDIT_STILL_PENDING,
		  AUDIT_BALANCED },
		{ "masked, and forgotten", 5, 1, 5, false, false, false, true, AUDIT_LOST,
		  AUDIT_OFF },
		{ "pending out of nothing", 5, 0, 5, false, true, false, true,
		  AUDIT_NEVER_SENT, AUDIT_OFF },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct audit audit;
		struct run run;
		int finding;

		run__set_up(&run);
		run__merge(&run, CPU);
		run__count(&run, cases[i].raised, cases[i].masked, cases[i].handled);
		run.first.words.pending[CPU] = cases[i].was ? BIT : 0;
		run.last.words.pending[CPU] = cases[i].is ? BIT : 0;
		if (!cases[i].enabled) {
			run.last.words.enabled[CPU] &= ~BIT;
			run__mask(&run.difference, CPU, VIPI, 1);
		}
		run.unhandled[CPU] = cases[i].unhandled ? BIT : 0;
		finding = run__judge(&run, &audit);
		check(finding == cases[i].finding, "%s: %d", cases[i].what, finding);
		check(audit.verdict == cases[i].verdict, "%s: %d", cases[i].what, audit.verdict);
		audit__free(&audit);
		run__tear_down(&run);
	}
}

/* What is off by one is looked at again before it is called off. */
static void test_again(void **state)
{
	struct audit audit;
	struct run run;

	run__set_up(&run);
	run__count(&run, 5, 0, 4);
	run.facts.final = false;
	for (run.facts.tries = 0; run.facts.tries < 5; run.facts.tries++) {
		run__judge(&run, &audit);
		check(audit.undecided == (run.facts.tries < 3), "try %u", run.facts.tries);
		check(audit.verdict == AUDIT_OFF, "try %u", run.facts.tries);
		audit__free(&audit);
	}
	run__tear_down(&run);
}

/* Never quiet: that is said, and what cannot be under way is proved all the same. */
static void test_busy(void **state)
{
	for (int i = 0; i < 50; i++) {
		int balance = i % 25 - 12, finding;
		/* Events counted while its counters were copied may be there or not. */
		int torn = i / 25 ? 3 : 0, bound = 6 + torn;
		struct audit audit;
		struct run run;

		run__set_up(&run);
		run__merge(&run, CPU);
		run__count(&run, 20, 0, 20 - balance);
		run.last.edge[CPU * NR_VIPIS + VIPI] = EDGE_BUSY;
		run.first.torn[CPU * NR_VIPIS + VIPI] = torn ? 1 : 0;
		run.last.torn[CPU * NR_VIPIS + VIPI] = torn ? 2 : 0;
		/* What another one's copy can hide is no excuse for this one's. */
		run.last.torn[CPU * NR_VIPIS + 5] = 1000;
		finding = run__judge(&run, &audit);
		check(finding == (balance > bound ? AUDIT_LOST :
				  balance < -bound ? AUDIT_NEVER_SENT : AUDIT_NOT_DECIDED),
		      "%d: %d", balance, finding);
		check(audit.verdict == (finding == AUDIT_NOT_DECIDED ? AUDIT_EXCEPT : AUDIT_OFF),
		      "%d", balance);
		/* As many as can be lost, and made up for in the balance by what is under way. */
		for (unsigned int n = 0; n < audit.nr_entries; n++)
			if (audit.entries[n].finding == AUDIT_NOT_DECIDED)
				check(audit.entries[n].number == (__u64)bound + abs(balance), "%d",
				      balance);
		audit__free(&audit);
		run__tear_down(&run);
	}
}

/*
 * A process without a raise: on a CPU that was at rest at the start, or not, or to which a parent
 * IPI was on its way, as its words tell; and one that came up.
 */
static void test_processes(void **state)
{
	for (int i = 0; i < 64; i++) {
		bool extra = i & 2, came_up = i & 4, raised = i & 8;
		/* Of parent IPIs; where nobody knows (older recordings), its vIPIs tell. */
		enum edge_state arrivals = i >> 4;
		bool quiet = arrivals ? arrivals != EDGE_BUSY : i & 1;
		enum audit_verdict verdict = !extra || raised ? AUDIT_BALANCED :
					     !quiet || came_up ? AUDIT_EXCEPT : AUDIT_OFF;
		struct audit audit;
		struct run run;

		run__set_up(&run);
		run__count(&run, 5, 0, 5 + raised);
		run.first.words.pending[CPU] = raised ? BIT : 0;
		unit__process(&run.difference, CPU, 0, extra && !raised);
		run.first.arrivals[CPU] = arrivals;
		if (!(i & 1))
			run.first.edge[CPU * NR_VIPIS + 3] = EDGE_TYPICAL;
		for (unsigned int vipi = 0; vipi < NR_VIPIS && came_up; vipi++) {
			unit__unmask(&run.difference, CPU, vipi, IPIMUX_UNMASK_PLAIN, 1);
			run__mask(&run.difference, CPU, vipi, 1);
		}
		run.facts.hotplug = came_up;
		run__judge(&run, &audit);
		check(audit.verdict == verdict, "%d: %d", i, audit.verdict);
		if (verdict != AUDIT_BALANCED) {
			assert_int_equal(audit.nr_entries, 1);
			assert_int_equal(audit.entries[0].vipi, AUDIT_NO_VIPI);
			assert_int_equal(audit.entries[0].finding,
					 !quiet ? AUDIT_UNCOMPARED_RAISES :
					 came_up ? AUDIT_WOKEN : AUDIT_EXTRA_PROCESSES);
		}
		audit__free(&audit);
		run__tear_down(&run);
	}
}

/*
 * Two parent IPIs at most are on their way to a CPU at a time: one is taken and its bits are not,
 * one waits. A bit that is pending shows one, which is no excuse. Without the words nobody knows.
 */
static void test_arrivals(void **state)
{
	static const struct {
		enum edge_state arrivals;
		bool words, pending;
		unsigned int extra;
		__u64 excused;
		enum audit_verdict verdict;
	} cases[] = {
		{ EDGE_BUSY, true, false, 1, 1, AUDIT_EXCEPT },
		{ EDGE_BUSY, true, false, 2, 2, AUDIT_EXCEPT },
		{ EDGE_BUSY, true, false, 3, 2, AUDIT_OFF },
		{ EDGE_BUSY, true, true, 1, 0, AUDIT_BALANCED },
		{ EDGE_BUSY, true, true, 2, 1, AUDIT_EXCEPT },
		{ EDGE_BUSY, true, true, 3, 1, AUDIT_OFF },
		{ EDGE_TYPICAL, true, true, 1, 0, AUDIT_BALANCED },
		{ EDGE_TYPICAL, true, false, 1, 0, AUDIT_OFF },
		{ EDGE_QUIET, true, false, 1, 0, AUDIT_OFF },
		{ EDGE_QUIET, false, false, 1, 1, AUDIT_EXCEPT },
		{ EDGE_TYPICAL, false, false, 2, 2, AUDIT_EXCEPT },
		{ EDGE_TYPICAL, false, false, 3, 2, AUDIT_OFF },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct audit audit;
		struct run run;
		__u64 excused = 0;

		run__set_up(&run);
		memset(run.first.arrivals, EDGE_QUIET, NR_CPUS);
		run.first.arrivals[CPU] = cases[i].arrivals;
		run.first.words.known = run.last.words.known = cases[i].words;
		run.first.words.pending[CPU] = cases[i].pending ? BIT : 0;
		unit__process(&run.difference, CPU, cases[i].pending ? BIT : 0, 1);
		unit__process(&run.difference, CPU, 0, cases[i].extra - 1);
		run__judge(&run, &audit);
		for (unsigned int n = 0; n < audit.nr_entries; n++)
			if (audit.entries[n].finding == AUDIT_UNCOMPARED_RAISES)
				excused += audit.entries[n].number;
		check(audit.verdict == cases[i].verdict, "case %zu: %d", i, audit.verdict);
		check(excused == cases[i].excused, "case %zu", i);
		audit__free(&audit);
		run__tear_down(&run);
	}
}

/* Masks and unmasks take turns, the enabled word agrees, nothing is handled in between. */
static void test_masks(void **state)
{
	static const struct {
		unsigned int masks, unmasks, handled;
		bool was_enabled, is_enabled;
		int finding;
	} cases[] = {
		{ 0, 0, 0, true, true, -1 },
		{ 3, 3, 0, true, true, -1 },
		{ 3, 2, 0, true, false, -1 },
		{ 2, 3, 0, false, true, -1 },
		{ 3, 2, 0, true, true, AUDIT_MASK_IGNORED },
		{ 3, 3, 2, true, true, AUDIT_MASK_IGNORED },
		{ 3, 3, 0, true, false, AUDIT_NO_TURNS },
		{ 4, 2, 0, true, false, AUDIT_NO_TURNS },
		{ 1, 4, 0, true, true, AUDIT_NO_TURNS },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct audit audit;
		struct run run;
		__u64 *masked;
		int finding;

		run__set_up(&run);
		masked = run.difference.counters.masked + ipimux_masked_index(
			&run.difference.counters.shape, CPU, VIPI, 0);
		masked[IPIMUX_MASK_PLAIN] = cases[i].masks;
		masked[IPIMUX_MASK_HANDLED] = cases[i].handled;
		unit__unmask(&run.difference, CPU, VIPI, IPIMUX_UNMASK_PLAIN, cases[i].unmasks);
		if (!cases[i].was_enabled)
			run.first.words.enabled[CPU] &= ~BIT;
		if (!cases[i].is_enabled)
			run.last.words.enabled[CPU] &= ~BIT;
		finding = run__judge(&run, &audit);
		check(finding == cases[i].finding, "case %zu: %d", i, finding);
		audit__free(&audit);
		run__tear_down(&run);
	}
}

/* A word that changed at the end, and is not counted yet, is looked at again. */
static void test_masks_again(void **state)
{
	for (int masks = 0; masks < 2; masks++)
		for (unsigned int tries = 0; tries < 5; tries++) {
			struct audit audit;
			struct run run;

			run__set_up(&run);
			run__mask(&run.difference, CPU, VIPI, masks);
			run.last.words.enabled[CPU] &= masks ? ~0U : ~BIT;
			run.facts.final = false;
			run.facts.tries = tries;
			assert_int_equal(run__judge(&run, &audit),
					 masks ? AUDIT_MASK_IGNORED : AUDIT_NO_TURNS);
			check(audit.undecided == (tries < 3), "try %u", tries);
			audit__free(&audit);
			run__tear_down(&run);
		}
}

/* Masked sends without a kick: as many as unmasks may have been missed, wherever the CPU comes. */
static void test_not_kicked(void **state)
{
	for (unsigned int without = 0; without < 4; without++)
		for (__u64 missed = 0; missed < 3; missed++) {
			struct audit audit;
			struct run run;
			bool off;
			int finding;

			run__set_up(&run);
			/* The CPU before uses up an excuse. */
			unit__send(&run.difference, 0, 0, VIPI, IPIMUX_RAISED, 10);
			unit__process(&run.difference, 0, BIT, 10 + (missed != 0));
			run__count(&run, 0, 10, 10);
			unit__unmask(&run.difference, CPU, VIPI, IPIMUX_UNMASK_KICK, 10 - without);
			unit__unmask(&run.difference, CPU, VIPI, IPIMUX_UNMASK_PLAIN, without);
			run__mask(&run.difference, CPU, VIPI, 10);
			run.difference.missed = missed;
			finding = run__judge(&run, &audit);
			off = finding == AUDIT_NOT_KICKED;
			check(off == (without > missed), "%u without a kick, %llu missed: %d",
			      without, (unsigned long long)missed, finding);
			audit__free(&audit);
			run__tear_down(&run);
		}
}

/* The kick of what was pending and masked at the start makes up for no other one. */
static void test_not_kicked_carried_in(void **state)
{
	for (unsigned int kicks = 0; kicks < 3; kicks++)
		for (int waits = 0; waits < 2; waits++) {
			struct audit audit;
			struct run run;
			int finding;

			run__set_up(&run);
			run.first.words.pending[CPU] = BIT;
			run.first.words.enabled[CPU] &= ~BIT;
			run.last.words.pending[CPU] = waits ? BIT : 0;
			run.last.words.enabled[CPU] &= waits ? ~BIT : ~0U;
			run__merge(&run, CPU);
			run__count(&run, 0, 1, 2 - waits);
			unit__unmask(&run.difference, CPU, VIPI, IPIMUX_UNMASK_KICK, kicks);
			unit__unmask(&run.difference, CPU, VIPI, IPIMUX_UNMASK_PLAIN, 2 - kicks);
			run__mask(&run.difference, CPU, VIPI, 1 + waits);
			finding = run__judge(&run, &audit);
			check((finding == AUDIT_NOT_KICKED) == (kicks + waits < 2),
			      "%u kicks, %d waits: %d", kicks, waits, finding);
			audit__free(&audit);
			run__tear_down(&run);
		}
}

/* What was pending when it was masked waits for its kick, too; a send just then may be both. */
static void test_not_kicked_found(void **state)
{
	for (unsigned int kicks = 0; kicks < 5; kicks++)
		for (int waits = 0; waits < 2; waits++) {
			struct audit audit;
			struct run run;
			__u64 *masks;
			int finding;

			run__set_up(&run);
			masks = run.difference.counters.masked + ipimux_masked_index(
				&run.difference.counters.shape, CPU, VIPI, 0);
			run.last.words.pending[CPU] = waits ? BIT : 0;
			run.last.words.enabled[CPU] &= waits ? ~BIT : ~0U;
			run__merge(&run, CPU);
			/* Three masks, each found it pending: raised before, but one in between. */
			run__count(&run, 5, 1, 6 - waits);
			masks[IPIMUX_MASK_PENDING] = 3;
			unit__unmask(&run.difference, CPU, VIPI, IPIMUX_UNMASK_KICK, kicks);
			unit__unmask(&run.difference, CPU, VIPI, IPIMUX_UNMASK_PLAIN,
				     kicks < 3U - waits ? 3 - waits - kicks : 0);
			masks[IPIMUX_MASK_PLAIN] = kicks > 3U - waits ? kicks - 3 + waits : 0;
			finding = run__judge(&run, &audit);
			check((finding == AUDIT_NOT_KICKED) == (kicks + waits < 3),
			      "%u kicks, %d waits: %d", kicks, waits, finding);
			audit__free(&audit);
			run__tear_down(&run);
		}
}

/* The kernel's own counts: what was taken when the run began may be counted later, and is named. */
static void test_kernel(void **state)
{
	static const struct {
		enum edge_state first;
		__u64 missed;
		__u32 low, high;
		bool started;
		int finding;
		__u64 number;
	} cases[] = {
		{ EDGE_QUIET, 0, 10, 10, false, -1, 0 },
		{ EDGE_QUIET, 0, 11, 11, false, AUDIT_RUN_AGAIN, 1 },
		{ EDGE_QUIET, 0, 10, 12, false, AUDIT_NOT_COMPARED, 2 },
		{ EDGE_TYPICAL, 0, 10, 10, false, -1, 0 },
		{ EDGE_TYPICAL, 0, 11, 11, false, AUDIT_NOT_COMPARED, 1 },
		{ EDGE_TYPICAL, 0, 11, 13, false, AUDIT_NOT_COMPARED, 3 },
		{ EDGE_TYPICAL, 0, 12, 12, false, AUDIT_RUN_AGAIN, 2 },
		{ EDGE_TYPICAL, 0, 11, 11, true, -1, 0 },
		{ EDGE_QUIET, 2, 12, 12, false, AUDIT_NOT_COMPARED, 2 },
		{ EDGE_QUIET, 2, 13, 13, false, AUDIT_RUN_AGAIN, 3 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t at = CPU * IPIMUX_MAX_VIPIS + VIPI;
		struct audit audit;
		struct run run;
		int finding;

		run__set_up(&run);
		run__count(&run, 10, 0, 10);
		run.difference.missed = cases[i].missed;
		run.difference.kernel.known = true;
		run.difference.kernel.low[at] = cases[i].low;
		run.difference.kernel.high[at] = cases[i].high;
		run.first.edge[CPU * NR_VIPIS + VIPI] = cases[i].first;
		if (cases[i].started) {
			assert_int_equal(snapshot__add(&run.difference, COUNTERS_STARTED), 0);
			run.difference.counters.started[ipimux_started_index(
				&run.difference.counters.shape, CPU, VIPI)] = 10;
		}
		finding = run__judge(&run, &audit);
		check(finding == cases[i].finding, "case %zu: %d", i, finding);
		for (unsigned int n = 0; n < audit.nr_entries; n++)
			check(audit.entries[n].number == cases[i].number, "case %zu: %llu", i,
			      audit.entries[n].number);
		audit__free(&audit);
		run__tear_down(&run);
	}
}

/* What is shown adds up, also where more is lost than can be under way. */
static void test_busy_adds_up(void **state)
{
	struct audit audit;
	struct run run;
	__s64 lost = 0;

	run__set_up(&run);
	run.last.edge[CPU * NR_VIPIS + VIPI] = EDGE_BUSY;
	run.last.words.still[CPU] &= ~BIT;
	run__count(&run, 20, 0, 0);
	run__judge(&run, &audit);
	for (unsigned int i = 0; i < audit.nr_entries; i++)
		if (audit.entries[i].finding == AUDIT_LOST)
			lost += audit.entries[i].number;
	check((__s64)audit.raised == (__s64)audit.handled + (__s64)audit.still_pending +
				     audit.under_way + lost,
	      "raised %lld, pending %lld under way %lld lost %lld", (long long)audit.raised,
	      (long long)audit.still_pending, (long long)audit.under_way, (long long)lost);
	audit__free(&audit);
	run__tear_down(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_again),
		cmocka_unit_test(test_busy),
		cmocka_unit_test(test_processes),
		cmocka_unit_test(test_arrivals),
		cmocka_unit_test(test_masks),
		cmocka_unit_test(test_masks_again),
		cmocka_unit_test(test_not_kicked),
		cmocka_unit_test(test_not_kicked_carried_in),
		cmocka_unit_test(test_not_kicked_found),
		cmocka_unit_test(test_kernel),
		cmocka_unit_test(test_busy_adds_up),
	};

	return UNIT_RUN("audit-edges", tests);
}
