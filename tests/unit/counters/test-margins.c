// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sums over the tables: that every event lands in the sums it belongs to and in
 * no other, and that both ways to count processes come out the same.
 */
#include <stdlib.h>
#include <string.h>

#include "counters/margins.h"
#include "unit.h"

static struct margin *margin_of(const struct margins *margins, unsigned int cpu, unsigned int vipi)
{
	return &margins->margin[cpu * margins->nr_vipis + vipi];
}

static void compute(struct margins *margins, const struct snapshot *snapshot)
{
	assert_int_equal(margins__init(margins, &snapshot->counters.shape), 0);
	margins__compute(margins, &snapshot->counters);
}

static void test_traffic(void **state)
{
	struct margins margins;
	struct snapshot snapshot;

	/* Three CPUs: the table has room for a fourth, which is none. */
	unit__snapshot(&snapshot, 3, 5, false);
	for (int o = 0; o < IPIMUX_NR_OUTCOMES; o++) {
		unit__send(&snapshot, 0, 2, 4, o, 1 + o);
		unit__send(&snapshot, 1, 2, 4, o, 10 * (1 + o));
		unit__send(&snapshot, 2, 2, 0, o, 100 * (1 + o));
	}
	compute(&margins, &snapshot);
	assert_int_equal(margins.nr_cpus, 4);
	assert_int_equal(margins.nr_vipis, 8);
	for (int o = 0; o < IPIMUX_NR_OUTCOMES; o++) {
		assert_int_equal(margin_of(&margins, 0, 4)->sent.outcome[o], 1 + o);
		assert_int_equal(margin_of(&margins, 1, 4)->sent.outcome[o], 10 * (1 + o));
		assert_int_equal(margin_of(&margins, 2, 4)->received.outcome[o], 11 * (1 + o));
		assert_int_equal(margin_of(&margins, 2, 0)->sent.outcome[o], 100 * (1 + o));
		assert_int_equal(margin_of(&margins, 2, 0)->received.outcome[o], 100 * (1 + o));

		assert_int_equal(margin_of(&margins, 2, 4)->sent.outcome[o], 0);
		assert_int_equal(margin_of(&margins, 0, 4)->received.outcome[o], 0);
		assert_int_equal(margin_of(&margins, 0, 0)->sent.outcome[o], 0);
		assert_int_equal(margin_of(&margins, 3, 4)->received.outcome[o], 0);
	}
	margins__free(&margins);
	snapshot__free(&snapshot);
}

static void test_sets(void **state)
{
	for (int by_bit = 0; by_bit < 2; by_bit++) {
		struct margins margins;
		struct snapshot snapshot;
		const struct processes *processes;

		unit__snapshot(&snapshot, 2, 8, by_bit);
		unit__process(&snapshot, 1, 0, 7);
		unit__process(&snapshot, 1, 0x01, 5);
		unit__process(&snapshot, 1, 0x81, 3);
		unit__process(&snapshot, 1, 0xff, 2);
		unit__process(&snapshot, 0, 0x10, 11);
		compute(&margins, &snapshot);

		assert_int_equal(margin_of(&margins, 1, 0)->handled, 10);
		assert_int_equal(margin_of(&margins, 1, 7)->handled, 5);
		for (unsigned int vipi = 1; vipi < 7; vipi++)
			assert_int_equal(margin_of(&margins, 1, vipi)->handled, 2);
		assert_int_equal(margin_of(&margins, 0, 4)->handled, 11);
		assert_int_equal(margin_of(&margins, 0, 0)->handled, 0);

		processes = &margins.processes[1];
		for (unsigned int batch = 0; batch <= IPIMUX_MAX_VIPIS; batch++) {
			__u64 expected = batch == 0 ? 7 : batch == 1 ? 5 : batch == 2 ? 3 :
					 batch == 8 ? 2 : 0;

			check(processes->batch[batch] == expected, "batch %u", batch);
		}
		assert_int_equal(processes__calls(processes), 17);
		assert_int_equal(processes->handled, 5 + 2 * 3 + 8 * 2);
		assert_int_equal(margins.processes[0].batch[1], 11);
		assert_int_equal(processes__calls(&margins.processes[0]), 11);
		margins__free(&margins);
		snapshot__free(&snapshot);
	}
}

/* What 32 vIPIs need: the last bit, and a process that handles them all. */
static void test_bits_edges(void **state)
{
	struct margins margins;
	struct snapshot snapshot;

	unit__snapshot(&snapshot, 1, 32, false);
	unit__process(&snapshot, 0, UINT32_MAX, 3);
	unit__process(&snapshot, 0, 1U << 31, 4);
	unit__process(&snapshot, 0, 0, 5);
	compute(&margins, &snapshot);
	assert_int_equal(margins.nr_cpus, 1);
	assert_int_equal(margins.nr_vipis, 32);
	assert_int_equal(margin_of(&margins, 0, 0)->handled, 3);
	assert_int_equal(margin_of(&margins, 0, 31)->handled, 7);
	assert_int_equal(margins.processes[0].batch[32], 3);
	assert_int_equal(margins.processes[0].batch[1], 4);
	assert_int_equal(margins.processes[0].batch[0], 5);
	assert_int_equal(margins.processes[0].handled, 100);
	margins__free(&margins);
	snapshot__free(&snapshot);
}

static void test_unmasks(void **state)
{
	struct margins margins;
	struct snapshot snapshot;

	unit__snapshot(&snapshot, 2, 5, false);
	unit__unmask(&snapshot, 1, 4, IPIMUX_UNMASK_PLAIN, 3);
	unit__unmask(&snapshot, 1, 4, IPIMUX_UNMASK_KICK, 2);
	unit__unmask(&snapshot, 0, 0, IPIMUX_UNMASK_KICK, 1);
	compute(&margins, &snapshot);
	/* A kick is an unmask. */
	assert_int_equal(margin_of(&margins, 1, 4)->unmasks, 5);
	assert_int_equal(margin_of(&margins, 1, 4)->kicks, 2);
	assert_int_equal(margin_of(&margins, 0, 0)->unmasks, 1);
	assert_int_equal(margin_of(&margins, 0, 0)->kicks, 1);
	assert_int_equal(margin_of(&margins, 0, 4)->unmasks, 0);
	margins__free(&margins);
	snapshot__free(&snapshot);
}

/* Computed again, the margins are those of the new counters, not a sum. */
static void test_replaced(void **state)
{
	struct margins margins;
	struct snapshot snapshot, empty;

	for (int by_bit = 0; by_bit < 2; by_bit++) {
		unit__snapshot(&snapshot, 2, 5, by_bit);
		unit__snapshot(&empty, 2, 5, by_bit);
		unit__send(&snapshot, 0, 1, 2, IPIMUX_MASKED, 3);
		unit__process(&snapshot, 1, 1 << 2, 3);
		unit__unmask(&snapshot, 1, 2, IPIMUX_UNMASK_KICK, 3);
		compute(&margins, &snapshot);
		margins__compute(&margins, &snapshot.counters);
		assert_int_equal(margin_of(&margins, 0, 2)->sent.outcome[IPIMUX_MASKED], 3);
		assert_int_equal(margin_of(&margins, 1, 2)->handled, 3);
		assert_int_equal(margin_of(&margins, 1, 2)->kicks, 3);
		assert_int_equal(processes__calls(&margins.processes[1]), 3);

		margins__compute(&margins, &empty.counters);
		assert_int_equal(margin_of(&margins, 0, 2)->sent.outcome[IPIMUX_MASKED], 0);
		assert_int_equal(margin_of(&margins, 1, 2)->handled, 0);
		assert_int_equal(margin_of(&margins, 1, 2)->unmasks, 0);
		assert_int_equal(processes__calls(&margins.processes[1]), 0);
		margins__free(&margins);
		snapshot__free(&snapshot);
		snapshot__free(&empty);
	}
}

/* The same random events into both layouts. */
static void add_events(struct snapshot *by_set, struct snapshot *by_bit, unsigned int nr_cpus,
		       unsigned int nr_vipis, uint64_t *random)
{
	for (int i = 0; i < 500; i++) {
		unsigned int cpu = unit__below(random, nr_cpus);
		unsigned int target = unit__below(random, nr_cpus);
		unsigned int vipi = unit__below(random, nr_vipis);
		enum ipimux_outcome outcome = unit__below(random, IPIMUX_NR_OUTCOMES);
		__u32 set = unit__below(random, 1U << nr_vipis);
		__u64 number = unit__random(random) >> unit__below(random, 64) >> 10;

		switch (unit__below(random, 3)) {
		case 0:
			unit__send(by_set, cpu, target, vipi, outcome, number);
			unit__send(by_bit, cpu, target, vipi, outcome, number);
			break;
		case 1:
			unit__process(by_set, cpu, set, number);
			unit__process(by_bit, cpu, set, number);
			break;
		default:
			unit__unmask(by_set, cpu, vipi, outcome & 1, number);
			unit__unmask(by_bit, cpu, vipi, outcome & 1, number);
		}
	}
}

static void check_layouts(unsigned int nr_cpus, unsigned int nr_vipis, uint64_t *random)
{
	struct snapshot by_set, by_bit;
	struct margins of_sets, of_bits;

	unit__snapshot(&by_set, nr_cpus, nr_vipis, false);
	unit__snapshot(&by_bit, nr_cpus, nr_vipis, true);
	assert_true(by_set.counters.by_set);
	assert_false(by_bit.counters.by_set);
	add_events(&by_set, &by_bit, nr_cpus, nr_vipis, random);
	compute(&of_sets, &by_set);
	compute(&of_bits, &by_bit);

	assert_int_equal(of_sets.nr_cpus, of_bits.nr_cpus);
	for (unsigned int cpu = 0; cpu < of_sets.nr_cpus; cpu++) {
		__u64 handled = 0;

		/* One table may be wider; there is nothing in what it has more. */
		for (unsigned int vipi = 0; vipi < of_bits.nr_vipis; vipi++) {
			static const struct margin none;
			const struct margin *expected = vipi < of_sets.nr_vipis ?
							margin_of(&of_sets, cpu, vipi) : &none;

			check(!memcmp(margin_of(&of_bits, cpu, vipi), expected, sizeof(none)),
			      "CPU %u vIPI %u of %u, %u", cpu, vipi, nr_cpus, nr_vipis);
			handled += expected->handled;
		}
		check(!memcmp(&of_sets.processes[cpu], &of_bits.processes[cpu],
			      sizeof(*of_sets.processes)), "CPU %u", cpu);
		/* Two ways through the same table. */
		check(handled == of_sets.processes[cpu].handled, "CPU %u", cpu);
	}
	margins__free(&of_sets);
	margins__free(&of_bits);
	snapshot__free(&by_set);
	snapshot__free(&by_bit);
}

/* Where nobody knows how many a process handled: it is a call, and not an empty one. */
static void test_some(void **state)
{
	struct snapshot snapshot;
	struct margins margins;
	struct processes sum = {};
	__u64 *slab;

	unit__snapshot(&snapshot, 2, 8, true);
	slab = snapshot.counters.processed + ipimux_processed_index(&snapshot.counters.shape, 1, 0);
	slab[IPIMUX_BITS_HANDLED + 3] = 7;
	slab[IPIMUX_BITS_BATCH] = 2;
	slab[IPIMUX_BITS_SOME] = 5;
	compute(&margins, &snapshot);
	assert_int_equal(processes__calls(&margins.processes[1]), 7);
	assert_int_equal(counters__calls(&snapshot.counters, 1), 7);
	assert_int_equal(margins.processes[1].batch[0], 2);
	assert_int_equal(margins.processes[1].some, 5);
	assert_int_equal(margins.processes[1].handled, 7);
	processes__add(&sum, &margins.processes[1]);
	processes__add(&sum, &margins.processes[1]);
	assert_int_equal(processes__calls(&sum), 14);
	assert_int_equal(sum.handled, 14);
	margins__free(&margins);
	snapshot__free(&snapshot);
}

static void test_layouts_agree(void **state)
{
	uint64_t random = 7;

	for (int i = 0; i < 30; i++) {
		unsigned int nr_cpus = 1 + unit__below(&random, 9);

		check_layouts(nr_cpus, 1 + unit__below(&random, IPIMUX_MAX_SET_VIPIS), &random);
	}
}

/* Whatever is sent is received by somebody, as the same vIPI with the same outcome. */
static void test_sent_is_received(void **state)
{
	uint64_t random = 8;

	for (int round = 0; round < 20; round++) {
		unsigned int nr_cpus = 1 + unit__below(&random, 9);
		unsigned int nr_vipis = 1 + unit__below(&random, IPIMUX_MAX_VIPIS);
		__u64 sum[IPIMUX_MAX_VIPIS][IPIMUX_NR_OUTCOMES] = {};
		struct snapshot snapshot;
		struct margins margins;

		unit__snapshot(&snapshot, nr_cpus, nr_vipis, false);
		for (int i = 0; i < 300; i++) {
			unsigned int vipi = unit__below(&random, nr_vipis);
			unsigned int outcome = unit__below(&random, IPIMUX_NR_OUTCOMES);
			__u64 number = unit__below(&random, 1000000);

			unit__send(&snapshot, unit__below(&random, nr_cpus),
				   unit__below(&random, nr_cpus), vipi, outcome, number);
			sum[vipi][outcome] += number;
		}
		compute(&margins, &snapshot);
		for (unsigned int vipi = 0; vipi < nr_vipis; vipi++) {
			struct margin total = {};

			for (unsigned int cpu = 0; cpu < margins.nr_cpus; cpu++)
				margin__add(&total, margin_of(&margins, cpu, vipi));
			for (int o = 0; o < IPIMUX_NR_OUTCOMES; o++) {
				check(total.sent.outcome[o] == sum[vipi][o], "vIPI %u", vipi);
				check(total.received.outcome[o] == sum[vipi][o], "vIPI %u", vipi);
			}
		}
		margins__free(&margins);
		snapshot__free(&snapshot);
	}
}

static void test_add(void **state)
{
	struct margin margin = {
		.sent.outcome = { 1, 2, 3, 4 },
		.received.outcome = { 5, 6, 7, 8 },
		.handled = 9, .unmasks = 10, .kicks = 11,
	};
	struct margin sum = margin;
	struct processes processes, twice;

	margin__add(&sum, &margin);
	for (int o = 0; o < IPIMUX_NR_OUTCOMES; o++) {
		assert_int_equal(sum.sent.outcome[o], 2 * (1 + o));
		assert_int_equal(sum.received.outcome[o], 2 * (5 + o));
	}
	assert_int_equal(sum.handled, 18);
	assert_int_equal(sum.unmasks, 20);
	assert_int_equal(sum.kicks, 22);

	for (unsigned int batch = 0; batch <= IPIMUX_MAX_VIPIS; batch++)
		processes.batch[batch] = 1 + batch;
	twice = processes;
	processes__add(&twice, &processes);
	for (unsigned int batch = 0; batch <= IPIMUX_MAX_VIPIS; batch++)
		assert_int_equal(twice.batch[batch], 2 * (1 + batch));
}

static void test_sends(void **state)
{
	const struct sends sends = {
		.outcome = {
			[IPIMUX_RAISED] = 1,
			[IPIMUX_COALESCED] = 20,
			[IPIMUX_MASKED] = 300,
			[IPIMUX_COALESCED_WHILE_MASKED] = 4000,
		},
	};

	assert_int_equal(sends__total(&sends), 4321);
	assert_int_equal(sends__coalesced(&sends), 4020);
	assert_int_equal(sends__masked(&sends), 4300);
}

static void test_free_twice(void **state)
{
	struct snapshot snapshot;
	struct margins margins;

	unit__snapshot(&snapshot, 2, 5, false);
	compute(&margins, &snapshot);
	margins__free(&margins);
	margins__free(&margins);
	assert_null(margins.margin);
	snapshot__free(&snapshot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_traffic),
		cmocka_unit_test(test_sets),
		cmocka_unit_test(test_bits_edges),
		cmocka_unit_test(test_unmasks),
		cmocka_unit_test(test_replaced),
		cmocka_unit_test(test_some),
		cmocka_unit_test(test_layouts_agree),
		cmocka_unit_test(test_sent_is_received),
		cmocka_unit_test(test_add),
		cmocka_unit_test(test_sends),
		cmocka_unit_test(test_free_twice),
	};

	return UNIT_RUN("margins", tests);
}
