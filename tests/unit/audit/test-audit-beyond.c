// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the audit finds that no balance tells: bits that stay, kicks and handlers
 * that are missing. The balances are test-audit.c's.
 */
#include <string.h>

#include "unit.h"

#define NR_CPUS		4
#define NR_VIPIS	8

/* A bit that is pending at the end, in all the ways it can be. */
static void test_stuck(void **state)
{
	static const struct {
		const char *what;
		unsigned int raised, masked, kicks;
		bool offline, looked, unhandled;
		__u64 waited;
		enum audit_finding finding;
		bool undecided;
	} cases[] = {
		{ "not waited for", 1, 0, 0, false, false, false, 0,
		  AUDIT_STILL_PENDING, true },
		{ "handled since", 1, 0, 0, false, true, false, STUCK_PATIENCE,
		  AUDIT_STILL_PENDING, false },
		{ "not handled yet", 1, 0, 0, false, true, true, STUCK_PATIENCE - 1,
		  AUDIT_STILL_PENDING, true },
		{ "not handled", 1, 0, 0, false, true, true, STUCK_PATIENCE, AUDIT_STUCK, false },
		{ "raised often", 50, 0, 0, false, true, true, STUCK_PATIENCE, AUDIT_STUCK, false },
		{ "its CPU went", 1, 0, 0, true, true, true, STUCK_PATIENCE,
		  AUDIT_STILL_PENDING, false },
		{ "masked", 0, 1, 0, false, true, true, STUCK_PATIENCE,
		  AUDIT_STILL_PENDING, false },
		{ "masked at last", 10, 3, 2, false, true, true, STUCK_PATIENCE,
		  AUDIT_STILL_PENDING, false },
		{ "unmasked", 0, 1, 1, false, true, true, STUCK_PATIENCE, AUDIT_STUCK, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		__u32 unhandled[NR_CPUS] = {};
		struct audit_facts facts = { .waited = cases[i].waited };
		struct snapshot difference;
		struct audit result;

		unit__snapshot(&difference, NR_CPUS, NR_VIPIS, i % 2);
		facts.online = difference.online;
		if (cases[i].offline)
			memset(&facts.online, 0, sizeof(facts.online));
		if (cases[i].looked)
			facts.unhandled = unhandled;
		/* All others, too: they are not pending. */
		unhandled[2] = cases[i].unhandled ? ~0U : ~(1U << 4);
		unit__send(&difference, 0, 2, 4, IPIMUX_RAISED, cases[i].raised);
		unit__send(&difference, 0, 2, 4, IPIMUX_MASKED, cases[i].masked);
		unit__unmask(&difference, 2, 4, IPIMUX_UNMASK_KICK, cases[i].kicks);
		unit__unmask(&difference, 2, 4, IPIMUX_UNMASK_PLAIN, 9);
		unit__process(&difference, 2, 1 << 4, cases[i].raised + cases[i].masked - 1);

		assert_int_equal(audit__run(&result, &difference, &facts), 0);
		check(result.nr_entries == 1, "%s: %u", cases[i].what, result.nr_entries);
		check(result.entries[0].finding == cases[i].finding, "%s: %d", cases[i].what,
		      result.entries[0].finding);
		check(result.entries[0].cpu == 2 && result.entries[0].vipi == 4, "%s",
		      cases[i].what);
		check(result.undecided == cases[i].undecided, "%s", cases[i].what);
		check(result.verdict == (cases[i].finding == AUDIT_STUCK ? AUDIT_OFF :
					 AUDIT_BALANCED), "%s: %d", cases[i].what, result.verdict);
		audit__free(&result);
		snapshot__free(&difference);
	}
}

/* What was stuck for a while counts, even if somebody else's IPI delivered it later. */
static void test_was_stuck(void **state)
{
	static const __u32 stuck[NR_CPUS] = { [1] = 1 << 4 };
	struct audit_facts facts = { .stuck = stuck };
	struct snapshot difference;
	struct audit result;

	unit__snapshot(&difference, NR_CPUS, NR_VIPIS, false);
	facts.online = difference.online;
	assert_int_equal(audit__run(&result, &difference, &facts), 0);
	assert_int_equal(result.verdict, AUDIT_OFF);
	assert_int_equal(result.nr_entries, 1);
	assert_int_equal(result.entries[0].finding, AUDIT_STUCK);
	assert_int_equal(result.entries[0].cpu, 1);
	assert_int_equal(result.entries[0].vipi, 4);
	assert_int_equal(result.still_pending, 0);
	audit__free(&result);

	/* Said once, if it still is. */
	unit__send(&difference, 0, 1, 4, IPIMUX_RAISED, 1);
	facts.unhandled = stuck;
	facts.waited = STUCK_PATIENCE;
	assert_int_equal(audit__run(&result, &difference, &facts), 0);
	assert_int_equal(result.nr_entries, 1);
	assert_int_equal(result.entries[0].finding, AUDIT_STUCK);
	assert_int_equal(result.still_pending, 1);
	audit__free(&result);
	snapshot__free(&difference);
}

/* Each kick is handled before the next; the last may be on its way. */
static void test_kicks(void **state)
{
	for (unsigned int kicks = 0; kicks < 6; kicks++) {
		struct snapshot difference;
		struct audit result;

		unit__snapshot(&difference, NR_CPUS, NR_VIPIS, kicks % 2);
		unit__send(&difference, 0, 1, 4, IPIMUX_MASKED, 3);
		unit__unmask(&difference, 1, 4, IPIMUX_UNMASK_KICK, kicks);
		unit__unmask(&difference, 1, 4, IPIMUX_UNMASK_PLAIN, 50);
		unit__process(&difference, 1, 1 << 4, 3);
		assert_int_equal(unit__audit(&result, &difference, false), 0);
		if (kicks <= 4) {
			check(result.verdict == AUDIT_BALANCED, "%u kicks", kicks);
			check(!result.nr_entries, "%u kicks", kicks);
		} else {
			check(result.verdict == AUDIT_OFF, "%u kicks", kicks);
			check(result.nr_entries == 1, "%u kicks", kicks);
			check(result.entries[0].finding == AUDIT_KICKS_LOST, "%u kicks", kicks);
			check(result.entries[0].number == kicks - 3, "%u kicks", kicks);
			check(result.entries[0].cpu == 1 && result.entries[0].vipi == 4,
			      "%u kicks", kicks);
		}
		audit__free(&result);
		snapshot__free(&difference);
	}
}

/* What the kernel counted, against what the processes took. */
static void test_kernel(void **state)
{
	static const struct {
		__u64 handled;
		__u32 low, high;
		__u64 missed;
		bool known;
		int finding;		/* -1: none */
		__u64 number;
		bool late;
	} cases[] = {
		{ 10, 10, 10, 0, true, -1, 0, false },
		{ 10, 8, 12, 0, true, -1, 0, false },
		{ 10, 10, 12, 0, true, -1, 0, false },
		{ 10, 8, 10, 0, true, -1, 0, false },
		{ 10, 9, 9, 0, true, AUDIT_NOT_RUN, 1, true },
		{ 10, 5, 8, 0, true, AUDIT_NOT_RUN, 2, false },
		/* One may be on its way at the start. */
		{ 10, 11, 15, 0, true, -1, 0, false },
		{ 10, 12, 15, 0, true, AUDIT_RUN_AGAIN, 2, false },
		{ 10, 20, 20, 0, true, AUDIT_RUN_AGAIN, 10, false },
		/* A process that was missed took it. */
		{ 10, 12, 15, 1, true, -1, 0, false },
		{ 10, 13, 15, 1, true, AUDIT_RUN_AGAIN, 3, false },
		/* The kernel counts modulo 2^32. */
		{ (5ULL << 32) + 3, 3, 3, 0, true, -1, 0, false },
		{ (5ULL << 32) + 3, 0xffffffff, 4, 0, true, -1, 0, false },
		{ (5ULL << 32) - 1, 2, 2, 0, true, AUDIT_RUN_AGAIN, 3, false },
		/* Nothing to compare with. */
		{ 10, 0, 0, 0, false, -1, 0, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t n = 3 * IPIMUX_MAX_VIPIS + 6;
		struct snapshot difference;
		struct audit result;

		unit__snapshot(&difference, NR_CPUS, NR_VIPIS, i % 2);
		difference.missed = cases[i].missed;
		difference.kernel.known = cases[i].known;
		difference.kernel.low[n] = cases[i].low;
		difference.kernel.high[n] = cases[i].high;
		unit__send(&difference, 0, 3, 6, IPIMUX_RAISED, cases[i].handled);
		unit__process(&difference, 3, 1 << 6, cases[i].handled);

		assert_int_equal(unit__audit(&result, &difference, false), 0);
		check(result.kernel_known == cases[i].known, "case %zu", i);
		check(result.nr_entries == (cases[i].finding >= 0), "case %zu", i);
		check(result.undecided == cases[i].late, "case %zu", i);
		if (cases[i].known)
			check(result.kernel_room == (__u32)(cases[i].high - cases[i].low),
			      "case %zu", i);
		if (result.nr_entries) {
			check((int)result.entries[0].finding == cases[i].finding, "case %zu", i);
			check(result.entries[0].number == cases[i].number, "case %zu", i);
			check(result.entries[0].cpu == 3 && result.entries[0].vipi == 6,
			      "case %zu", i);
			check(result.verdict == AUDIT_OFF, "case %zu", i);
		}
		audit__free(&result);
		snapshot__free(&difference);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stuck),
		cmocka_unit_test(test_was_stuck),
		cmocka_unit_test(test_kicks),
		cmocka_unit_test(test_kernel),
	};

	return UNIT_RUN("audit-beyond", tests);
}
