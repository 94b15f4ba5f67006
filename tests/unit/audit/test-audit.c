// SPDX-License-Identifier: GPL-2.0-only
/*
 * The audit: that a balance gets the verdict it deserves, neither an alarm for
 * nothing nor an excuse for a lost IPI, and that the equation it prints holds.
 */
#include <string.h>

#include "unit.h"

#define NR_CPUS		4
#define NR_VIPIS	8

/* A balance that a CPU and vIPI shall have. */
struct unbalanced {
	unsigned int cpu, vipi;
	__s64 balance;
};

/* The balance that an entry tells of: raised + masked - handled. */
static __s64 balance_of(const struct audit_entry *entry)
{
	switch (entry->finding) {
	case AUDIT_STILL_PENDING:
	case AUDIT_STUCK:
	case AUDIT_LOST:
		return entry->number;
	default:
		return -(__s64)entry->number;
	}
}

/* audit - audits a window of balanced traffic and, besides, what is @off */
static void audit(struct audit *audit, const struct unbalanced *off, size_t nr, __u64 missed,
		  bool hotplug, bool by_bit)
{
	struct snapshot difference;

	unit__snapshot(&difference, NR_CPUS, NR_VIPIS, by_bit);
	difference.missed = missed;
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
		unit__send(&difference, 0, cpu, 1, IPIMUX_RAISED, 50);
		unit__send(&difference, 3, cpu, 1, IPIMUX_MASKED, 7);
		unit__send(&difference, 1, cpu, 1, IPIMUX_COALESCED, 1000);
		unit__send(&difference, 1, cpu, 1, IPIMUX_COALESCED_WHILE_MASKED, 1000);
		unit__send(&difference, 1, cpu, 6, IPIMUX_RAISED, 20);
		unit__process(&difference, cpu, 0, 100);
		unit__process(&difference, cpu, 1 << 1, 37);
		unit__process(&difference, cpu, 1 << 1 | 1 << 6, 20);
	}
	for (size_t i = 0; i < nr; i++)
		unit__unbalance(&difference, off[i].cpu, off[i].vipi, off[i].balance);
	assert_int_equal(unit__audit(audit, &difference, hotplug), 0);
	snapshot__free(&difference);
}

/* What the view prints: raised + masked + carried in + not seen = handled + still pending. */
static bool equation_holds(const struct audit *audit)
{
	return audit->raised + audit->masked + audit->carried_in + audit->unseen ==
	       audit->handled + audit->still_pending;
}

static void test_balanced(void **state)
{
	for (int by_bit = 0; by_bit < 2; by_bit++) {
		struct audit result;

		audit(&result, NULL, 0, 0, false, by_bit);
		assert_int_equal(result.verdict, AUDIT_BALANCED);
		assert_int_equal(result.nr_entries, 0);
		assert_int_equal(result.raised, NR_CPUS * 70);
		assert_int_equal(result.masked, NR_CPUS * 7);
		assert_int_equal(result.handled, NR_CPUS * 77);
		assert_int_equal(result.still_pending, 0);
		assert_int_equal(result.carried_in, 0);
		assert_int_equal(result.unseen, 0);
		audit__free(&result);
	}
}

static void test_nothing_happened(void **state)
{
	struct snapshot difference;
	struct audit result;

	unit__snapshot(&difference, 1, 1, false);
	memset(&result, 0xff, sizeof(result));
	assert_int_equal(unit__audit(&result, &difference, false), 0);
	assert_int_equal(result.verdict, AUDIT_BALANCED);
	assert_int_equal(result.raised + result.masked + result.handled, 0);
	assert_int_equal(result.nr_entries, 0);
	audit__free(&result);
	snapshot__free(&difference);
}

/* One CPU and vIPI that is off, and all that is to be said about it. */
static void test_single(void **state)
{
	static const struct {
		__s64 balance;
		__u64 missed;
		bool hotplug;
		enum audit_verdict verdict;
		__u64 still_pending;
	} cases[] = {
		/* A bit at the edge of the window is no finding. */
		{  1, 0, false, AUDIT_BALANCED, 1 },
		{ -1, 0, false, AUDIT_BALANCED, 0 },
		/* A bit is one bit: two of them cannot wait. */
		{  2, 0, false, AUDIT_OFF, 0 },
		{ -2, 0, false, AUDIT_OFF, 0 },
		{  1LL << 40, 0, false, AUDIT_OFF, 0 },
		{ -(1LL << 40), 0, false, AUDIT_OFF, 0 },
		/* One carried in, the other missed. */
		{ -2, 1, false, AUDIT_EXCEPT, 0 },
		{ -3, 1, false, AUDIT_OFF, 0 },
		{ -1, 1, false, AUDIT_EXCEPT, 0 },
		{ -8, 7, false, AUDIT_EXCEPT, 0 },
		{ -9, 7, false, AUDIT_OFF, 0 },
		/* Sends that were not seen cannot explain what was not handled. */
		{  1, 5, false, AUDIT_EXCEPT, 1 },
		{  2, 5, false, AUDIT_OFF, 0 },
		{  2, 1000, true, AUDIT_OFF, 0 },
		{  1, 0, true, AUDIT_BALANCED, 1 },
		/* That CPUs came or went excuses nothing by itself: see test_offline(). */
		{ -1, 0, true, AUDIT_BALANCED, 0 },
		{ -2, 0, true, AUDIT_OFF, 0 },
		{ -50, 0, true, AUDIT_OFF, 0 },
	};

	for (size_t i = 0; i < 2 * ARRAY_SIZE(cases); i++) {
		size_t n = i / 2;
		struct unbalanced off = { 2, 5, cases[n].balance };
		struct audit result;

		audit(&result, &off, 1, cases[n].missed, cases[n].hotplug, i % 2);
		check(result.verdict == cases[n].verdict, "case %zu gave %d", n, result.verdict);
		assert_int_equal(result.missed, cases[n].missed);
		assert_int_equal(result.hotplug, cases[n].hotplug);
		/* Where to look. */
		assert_int_equal(result.nr_entries, 1);
		assert_int_equal(result.entries[0].cpu, 2);
		assert_int_equal(result.entries[0].vipi, 5);
		check(balance_of(&result.entries[0]) == cases[n].balance, "case %zu", n);
		/* An event that was missed makes the run except, whatever is known of this one. */
		check(result.entries[0].verdict == cases[n].verdict ||
		      (cases[n].missed && cases[n].balance == 1), "case %zu", n);
		check(result.still_pending == cases[n].still_pending, "case %zu", n);
		if (cases[n].verdict == AUDIT_EXCEPT && cases[n].balance < 0)
			check((__s64)result.unseen == -cases[n].balance, "case %zu", n);
		else
			check(!result.unseen, "case %zu", n);
		if (cases[n].verdict != AUDIT_OFF)
			check(equation_holds(&result), "case %zu", n);
		audit__free(&result);
	}
}

static void test_carried_in(void **state)
{
	static const struct unbalanced off[] = { { 0, 0, -1 }, { 3, 7, -1 }, { 1, 1, -1 } };
	struct audit result;

	audit(&result, off, ARRAY_SIZE(off), 0, false, false);
	assert_int_equal(result.verdict, AUDIT_BALANCED);
	assert_int_equal(result.carried_in, 3);
	assert_int_equal(result.still_pending, 0);
	assert_int_equal(result.nr_entries, 3);
	assert_true(equation_holds(&result));
	audit__free(&result);
}

/* All that is off is named, in the order of CPUs and vIPIs; the worst of it decides. */
static void test_entries(void **state)
{
	static const struct unbalanced off[] = {
		{ 0, 0, 1 }, { 0, 7, -1 }, { 1, 3, 2 }, { 2, 0, -1 }, { 3, 7, 1 },
	};
	struct audit result;

	audit(&result, off, ARRAY_SIZE(off), 0, false, false);
	assert_int_equal(result.verdict, AUDIT_OFF);
	assert_int_equal(result.nr_entries, ARRAY_SIZE(off));
	for (size_t i = 0; i < ARRAY_SIZE(off); i++) {
		assert_int_equal(result.entries[i].cpu, off[i].cpu);
		assert_int_equal(result.entries[i].vipi, off[i].vipi);
		assert_int_equal(balance_of(&result.entries[i]), off[i].balance);
		assert_int_equal(result.entries[i].verdict,
				 off[i].balance == 2 ? AUDIT_OFF : AUDIT_BALANCED);
	}
	assert_int_equal(result.still_pending, 2);
	assert_int_equal(result.carried_in, 2);
	audit__free(&result);
}

/* A lost vIPI does not hide behind one too many somewhere else. */
static void test_no_set_off(void **state)
{
	static const struct unbalanced vipis[] = { { 1, 2, 2 }, { 1, 3, -2 } };
	static const struct unbalanced cpus[] = { { 1, 2, 2 }, { 2, 2, -2 } };
	struct audit result;

	audit(&result, vipis, 2, 0, false, false);
	assert_int_equal(result.verdict, AUDIT_OFF);
	assert_int_equal(result.nr_entries, 2);
	audit__free(&result);
	audit(&result, cpus, 2, 0, false, false);
	assert_int_equal(result.verdict, AUDIT_OFF);
	assert_int_equal(result.nr_entries, 2);
	audit__free(&result);
}

/*
 * One missed event excuses one unseen send, not one in every row. What may have
 * been carried in is one in each row that handled too much.
 */
static void test_missed_excuses_once(void **state)
{
	static const struct unbalanced off[] = { { 0, 0, -2 }, { 1, 0, -1 }, { 2, 0, -2 } };
	struct audit result;

	/* 1 missed, 2 carried in. */
	audit(&result, off, 2, 1, false, false);
	assert_int_equal(result.verdict, AUDIT_EXCEPT);
	assert_int_equal(result.unseen, 3);
	assert_true(equation_holds(&result));
	audit__free(&result);
	/* 5 handled unseen: 1 missed and 3 carried in are one short. */
	audit(&result, off, 3, 1, false, false);
	assert_int_equal(result.verdict, AUDIT_OFF);
	audit__free(&result);
	audit(&result, off, 3, 2, false, false);
	assert_int_equal(result.verdict, AUDIT_EXCEPT);
	audit__free(&result);
	/* With hotplug, there is a limit, too. */
	audit(&result, off, 3, 0, true, false);
	assert_int_equal(result.verdict, AUDIT_OFF);
	audit__free(&result);
}

/* The verdict is that of the worst entry, so that whoever reads OFF finds where. */
static void test_worst_of_entries(void **state)
{
	static const struct unbalanced off[] = {
		{ 0, 0, -2 }, { 1, 0, -2 }, { 2, 0, -2 }, { 3, 0, -2 },
	};

	for (size_t nr = 0; nr <= ARRAY_SIZE(off); nr++) {
		/* An event was missed. */
		enum audit_verdict worst = AUDIT_EXCEPT;
		struct audit result;

		audit(&result, off, nr, 1, false, false);
		for (unsigned int i = 0; i < result.nr_entries; i++)
			if (result.entries[i].verdict > worst)
				worst = result.entries[i].verdict;
		check(result.verdict == worst, "%zu entries: %d, but the worst is %d", nr,
		      result.verdict, worst);
		audit__free(&result);
	}
}

/* A bit still pending says nothing about what other rows handled too much. */
static void test_pending_excuses_nothing(void **state)
{
	static const struct unbalanced off[] = { { 0, 0, -2 }, { 1, 0, -2 }, { 2, 0, 1 } };
	struct audit result;

	/* 4 handled unseen: 1 missed and 2 carried in are one short. */
	audit(&result, off, 2, 1, false, false);
	assert_int_equal(result.verdict, AUDIT_OFF);
	audit__free(&result);
	audit(&result, off, 3, 1, false, false);
	assert_int_equal(result.verdict, AUDIT_OFF);
	audit__free(&result);
}

/* Any balances at all. */
static void test_equation(void **state)
{
	unsigned int verdicts[3] = {};
	uint64_t random = 9;

	for (int round = 0; round < 3000; round++) {
		struct unbalanced off[6];
		unsigned int nr = unit__below(&random, ARRAY_SIZE(off) + 1);
		unsigned int spread = 1 + unit__below(&random, 3);
		__u64 missed = unit__below(&random, 2) ? unit__below(&random, 5) : 0;
		bool hotplug = !unit__below(&random, 4);
		enum audit_verdict worst = AUDIT_BALANCED;
		struct audit result;
		__s64 sum = 0;

		for (unsigned int i = 0; i < nr; i++)
			off[i] = (struct unbalanced){
				.cpu = unit__below(&random, NR_CPUS),
				.vipi = unit__below(&random, NR_VIPIS),
				.balance = (__s64)unit__below(&random, 2 * spread + 1) - spread,
			};
		audit(&result, off, nr, missed, hotplug, round % 2);
		verdicts[result.verdict]++;

		for (unsigned int i = 0; i < result.nr_entries; i++) {
			check(balance_of(&result.entries[i]), "round %d", round);
			sum += balance_of(&result.entries[i]);
			if (result.entries[i].verdict > worst)
				worst = result.entries[i].verdict;
		}
		/* Nothing is off that no entry tells of. */
		check((__s64)(result.raised + result.masked - result.handled) == sum,
		      "round %d", round);
		check(result.verdict >= worst, "round %d", round);
		if (result.verdict != AUDIT_OFF)
			check(equation_holds(&result), "round %d", round);
		if (!missed && !hotplug)
			check(!result.unseen && result.verdict != AUDIT_EXCEPT, "round %d", round);
		audit__free(&result);
	}
	/* Or nothing was tested. */
	for (size_t i = 0; i < ARRAY_SIZE(verdicts); i++)
		assert_true(verdicts[i] > 100);
}

/*
 * A mux as it is: bits are set, absorbed, handled, whatever the order. In every
 * window of its life the law holds, and what the audit says of its edges is true.
 */
static void test_mux(void **state)
{
	uint64_t random = 10;

	for (int round = 0; round < 300; round++) {
		__u32 pending[NR_CPUS] = {}, enabled[NR_CPUS];
		unsigned int still_pending = 0, carried_in = 0, both = 0;
		__u32 before[NR_CPUS];
		struct snapshot difference;
		struct audit result;

		for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
			before[cpu] = pending[cpu] = unit__below(&random, 256);
			enabled[cpu] = unit__below(&random, 256);
		}
		unit__snapshot(&difference, NR_CPUS, NR_VIPIS, round % 2);
		for (unsigned int n = unit__below(&random, 200); n; n--) {
			unsigned int cpu = unit__below(&random, NR_CPUS);
			unsigned int vipi = unit__below(&random, NR_VIPIS);
			__u32 bit = 1U << vipi, set = pending[cpu] & enabled[cpu];
			bool was_pending = pending[cpu] & bit, disabled = !(enabled[cpu] & bit);

			switch (unit__below(&random, 4)) {
			case 0:
				unit__process(&difference, cpu, set, 1);
				pending[cpu] &= ~set;
				break;
			case 1:
				enabled[cpu] ^= bit;
				break;
			default:
				unit__send(&difference, unit__below(&random, NR_CPUS), cpu, vipi,
					   was_pending | disabled << 1, 1);
				pending[cpu] |= bit;
			}
		}
		for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
			still_pending += __builtin_popcount(pending[cpu]);
			carried_in += __builtin_popcount(before[cpu]);
			both += __builtin_popcount(before[cpu] & pending[cpu]);
		}

		assert_int_equal(unit__audit(&result, &difference, false), 0);
		check(result.verdict == AUDIT_BALANCED, "round %d", round);
		check(equation_holds(&result), "round %d", round);
		/* A bit pending at both edges cannot be seen in the difference. */
		check(result.still_pending == still_pending - both, "round %d", round);
		check(result.carried_in == carried_in - both, "round %d", round);
		audit__free(&result);
		snapshot__free(&difference);
	}
}

static void test_free_twice(void **state)
{
	static const struct unbalanced off = { 0, 0, 1 };
	struct audit result;

	audit(&result, &off, 1, 0, false, false);
	assert_non_null(result.entries);
	audit__free(&result);
	assert_null(result.entries);
	audit__free(&result);
}

/* Without a settled end a balance that is off says nothing; what was stuck was stuck. */
static void test_cut_off(void **state)
{
	static const __u32 stuck[NR_CPUS] = { [2] = 1 << 3 };
	struct audit_facts facts = { .cut_off = true };
	struct snapshot difference;
	struct audit result;

	unit__snapshot(&difference, NR_CPUS, NR_VIPIS, false);
	facts.online = difference.online;
	unit__send(&difference, 0, 1, 1, IPIMUX_RAISED, 9);
	unit__send(&difference, 0, 1, 1, IPIMUX_MASKED, 2);
	unit__process(&difference, 1, 1 << 1, 3);
	unit__process(&difference, 3, 1 << 5, 4);
	unit__unmask(&difference, 0, 0, IPIMUX_UNMASK_KICK, 9);
	difference.kernel.known = true;
	difference.missed = 6;
	assert_int_equal(audit__run(&result, &difference, &facts), 0);
	assert_int_equal(result.verdict, AUDIT_NONE);
	assert_int_equal(result.nr_entries, 0);
	assert_int_equal(result.raised, 9);
	assert_int_equal(result.masked, 2);
	assert_int_equal(result.handled, 7);
	assert_int_equal(result.missed, 6);
	assert_false(result.kernel_known);
	assert_false(result.undecided);
	audit__free(&result);

	facts.stuck = stuck;
	assert_int_equal(audit__run(&result, &difference, &facts), 0);
	assert_int_equal(result.verdict, AUDIT_OFF);
	assert_int_equal(result.nr_entries, 1);
	assert_int_equal(result.entries[0].cpu, 2);
	assert_int_equal(result.entries[0].vipi, 3);
	assert_int_equal(result.entries[0].finding, AUDIT_STUCK);
	audit__free(&result);
	snapshot__free(&difference);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_balanced),
		cmocka_unit_test(test_nothing_happened),
		cmocka_unit_test(test_single),
		cmocka_unit_test(test_carried_in),
		cmocka_unit_test(test_entries),
		cmocka_unit_test(test_no_set_off),
		cmocka_unit_test(test_missed_excuses_once),
		cmocka_unit_test(test_worst_of_entries),
		cmocka_unit_test(test_pending_excuses_nothing),
		cmocka_unit_test(test_equation),
		cmocka_unit_test(test_mux),
		cmocka_unit_test(test_cut_off),
		cmocka_unit_test(test_free_twice),
	};

	return UNIT_RUN("audit", tests);
}
