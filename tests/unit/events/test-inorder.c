// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events put in order of time: that all come out once, in order, those of a CPU in
 * theirs, gaps in the right place, and nothing before its time.
 */
#include <stdlib.h>

#include "events/inorder.h"
#include "unit.h"

#define NR_CPUS	4

static struct ipimux_event at(unsigned int cpu, __u64 time, __u64 lost)
{
	return (struct ipimux_event){ .cpu = cpu, .time = time, .lost = lost,
				      .kind = IPIMUX_PROCESS };
}

static void add(struct inorder *inorder, struct ipimux_event event)
{
	assert_int_equal(inorder__add(inorder, &event), 0);
}

static void expect(struct inorder *inorder, __u64 until, unsigned int cpu, __u64 time,
		   __u64 lost)
{
	struct ipimux_event event;
	__u64 got;

	assert_true(inorder__next(inorder, until, &event, &got));
	assert_int_equal(event.time, time);
	assert_int_equal(event.cpu, cpu);
	assert_int_equal(got, lost);
}

static void expect_none(struct inorder *inorder, __u64 until)
{
	struct ipimux_event event;
	__u64 lost;

	assert_false(inorder__next(inorder, until, &event, &lost));
}

static void test_order(void **state)
{
	struct inorder inorder;

	assert_int_equal(inorder__init(&inorder, NR_CPUS), 0);
	expect_none(&inorder, UINT64_MAX);
	add(&inorder, at(0, 30, 0));
	add(&inorder, at(1, 10, 0));
	add(&inorder, at(2, 20, 0));
	/* Nothing that is not before @until. */
	expect_none(&inorder, 10);
	expect(&inorder, 11, 1, 10, 0);
	expect_none(&inorder, 20);
	/* One that comes now, earlier than what is held. */
	add(&inorder, at(3, 15, 0));
	expect(&inorder, 100, 3, 15, 0);
	expect(&inorder, 100, 2, 20, 0);
	expect(&inorder, 100, 0, 30, 0);
	expect_none(&inorder, UINT64_MAX);
	assert_int_equal(inorder.late, 0);
	assert_int_equal(inorder.latest, 30);
	inorder__free(&inorder);
}

/* Of the same time: as they arrived. */
static void test_same_time(void **state)
{
	struct inorder inorder;

	assert_int_equal(inorder__init(&inorder, NR_CPUS), 0);
	for (unsigned int i = 0; i < 1000; i++) {
		struct ipimux_event event = at(i % NR_CPUS, 7, 0);

		event.pid = i;
		add(&inorder, event);
	}
	for (unsigned int i = 0; i < 1000; i++) {
		struct ipimux_event event;
		__u64 lost;

		assert_true(inorder__next(&inorder, 8, &event, &lost));
		assert_int_equal(event.pid, i);
	}
	inorder__free(&inorder);
}

static void test_late(void **state)
{
	struct inorder inorder;

	assert_int_equal(inorder__init(&inorder, NR_CPUS), 0);
	add(&inorder, at(0, 10, 0));
	expect(&inorder, 20, 0, 10, 0);
	add(&inorder, at(1, 9, 0));
	add(&inorder, at(1, 12, 0));
	expect(&inorder, 20, 1, 9, 0);
	assert_int_equal(inorder.late, 1);
	expect(&inorder, 20, 1, 12, 0);
	assert_int_equal(inorder.late, 1);
	inorder__free(&inorder);
}

static void test_gaps(void **state)
{
	struct inorder inorder;

	assert_int_equal(inorder__init(&inorder, NR_CPUS), 0);
	add(&inorder, at(0, 1, 0));
	add(&inorder, at(1, 2, 5));	/* lost before the first one */
	add(&inorder, at(0, 4, 3));
	add(&inorder, at(0, 3, 0));
	add(&inorder, at(0, 5, 3));
	add(&inorder, at(0, 6, 10));
	expect(&inorder, 100, 0, 1, 0);
	expect(&inorder, 100, 1, 2, 5);
	expect(&inorder, 100, 0, 3, 0);
	expect(&inorder, 100, 0, 4, 3);
	expect(&inorder, 100, 0, 5, 0);
	expect(&inorder, 100, 0, 6, 7);
	assert_int_equal(inorder__lost_behind(&inorder, 0, 12), 2);
	assert_int_equal(inorder__lost_behind(&inorder, 0, 12), 0);
	assert_int_equal(inorder__lost_behind(&inorder, 1, 5), 0);
	assert_int_equal(inorder__lost_behind(&inorder, 3, 9), 9);
	/* A CPU that there is not. */
	add(&inorder, at(NR_CPUS, 200, 4));
	expect(&inorder, UINT64_MAX, NR_CPUS, 200, 0);
	inorder__free(&inorder);
}

/* In bursts, with as much disorder as the window has room for. */
static void test_many(void **state)
{
	enum { EVENTS = 200000, WINDOW = 50 };
	__u64 last[NR_CPUS] = {}, given = 0, lost_in[NR_CPUS] = {}, lost_out[NR_CPUS] = {};
	struct ipimux_event event;
	unsigned int in = 0, out = 0;
	struct inorder inorder;
	uint64_t seed = 1;
	__u64 lost;

	assert_int_equal(inorder__init(&inorder, NR_CPUS), 0);
	for (__u64 time = WINDOW; in < EVENTS; time++) {
		unsigned int cpu = unit__below(&seed, NR_CPUS);
		__u64 when = time - unit__below(&seed, WINDOW);

		if (when < last[cpu])
			when = last[cpu];
		last[cpu] = when;
		if (!unit__below(&seed, 10))
			lost_in[cpu] += unit__below(&seed, 100);
		add(&inorder, at(cpu, when, lost_in[cpu]));
		in++;
		if (unit__below(&seed, 300) && in < EVENTS)
			continue;
		while (inorder__next(&inorder, in < EVENTS ? time - WINDOW + 1 : UINT64_MAX, &event,
				     &lost)) {
			check(event.time >= given, "after %llu comes %llu", given, event.time);
			given = event.time;
			lost_out[event.cpu] += lost;
			check(event.lost == lost_out[event.cpu], "CPU %u", event.cpu);
			out++;
		}
	}
	assert_int_equal(out, EVENTS);
	assert_int_equal(inorder.late, 0);
	check(inorder.room < 8192, "%zu", inorder.room);
	inorder__free(&inorder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_same_time),
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_gaps),
		cmocka_unit_test(test_many),
	};

	return UNIT_RUN("inorder", tests);
}
