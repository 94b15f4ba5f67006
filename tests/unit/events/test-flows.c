// SPDX-License-Identifier: GPL-2.0-only
/*
 * The arrows of a trace: by hand, each case in which one must not be drawn; and a
 * multiplexer made of dice, whose events come with delays and gaps and of which it is
 * known what was handled by what: no arrow may be another one.
 */
#include <stdlib.h>

#include "events/flows.h"
#include "unit.h"

#define NR_CPUS		4
#define NR_VIPIS	8
#define START		1000000ULL	/* of the test */
#define MAX_FLOWS	100000

/* Longer than anything is in doubt. */
#define QUIET		200000ULL

static struct flow found[MAX_FLOWS];
static unsigned int nr_found;

static void take(void *context, const struct flow *flow)
{
	assert_ptr_equal(context, &nr_found);
	assert_true(nr_found < MAX_FLOWS);
	found[nr_found++] = *flow;
}

static void begin(struct flows *flows)
{
	nr_found = 0;
	assert_int_equal(flows__init(flows, NR_CPUS, NR_VIPIS, START - 100000, take, &nr_found), 0);
}

static void process(struct flows *flows, __u64 time, unsigned int cpu, __u32 set)
{
	/* Others are pending, too, but disabled. */
	const struct ipimux_event event = {
		.time = time, .cpu = cpu, .kind = IPIMUX_PROCESS, .enabled = set, .pending = ~0U,
	};

	assert_int_equal(flows__event(flows, &event), 0);
}

/* clear - empty processes: from there on it is known what is set */
static void clear(struct flows *flows, __u64 time)
{
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
		const struct ipimux_event event = {
			.time = time, .cpu = cpu, .kind = IPIMUX_PROCESS, .enabled = ~0U,
		};

		assert_int_equal(flows__event(flows, &event), 0);
	}
}

static void send(struct flows *flows, __u64 time, unsigned int sender, unsigned int target,
		 unsigned int vipi, enum ipimux_outcome outcome)
{
	const struct ipimux_event event = {
		.time = time, .cpu = sender, .target = target, .kind = IPIMUX_SEND, .vipi = vipi,
		.pending = (outcome & 1) << vipi, .enabled = outcome & 2 ? ~(1U << vipi) : ~0U,
	};

	assert_int_equal(ipimux_event_outcome(&event), outcome);
	assert_int_equal(flows__event(flows, &event), 0);
}

static void check_flow(unsigned int i, unsigned int sender, unsigned int target, unsigned int vipi,
		       __u64 sent, __u64 processed)
{
	assert_true(i < nr_found);
	assert_int_equal(found[i].sender, sender);
	assert_int_equal(found[i].target, target);
	assert_int_equal(found[i].vipi, vipi);
	assert_int_equal(found[i].sent, sent);
	assert_int_equal(found[i].processed, processed);
}

static void end(struct flows *flows, unsigned int expected)
{
	flows__end(flows);
	flows__free(flows);
	assert_int_equal(nr_found, expected);
}

static void test_arrows(void **state)
{
	const __u64 t = START + QUIET;
	struct flows flows;

	begin(&flows);
	clear(&flows, START);
	send(&flows, t, 0, 1, 2, IPIMUX_RAISED);
	send(&flows, t + 1, 2, 1, 2, IPIMUX_COALESCED);
	send(&flows, t + 2, 3, 1, 5, IPIMUX_MASKED);
	send(&flows, t + 3, 3, 2, 5, IPIMUX_RAISED);
	process(&flows, t + 4, 1, 1 << 2);
	process(&flows, t + 5, 2, 1 << 5 | 1 << 6);
	process(&flows, t + 6, 1, 1 << 5);
	/* To itself, and from the first to the last bit and CPU. */
	send(&flows, t + QUIET, 3, 3, 7, IPIMUX_RAISED);
	send(&flows, t + QUIET, 3, 0, 0, IPIMUX_RAISED);
	process(&flows, t + QUIET, 0, ~0U);
	process(&flows, t + QUIET + 9, 3, ~0U);
	flows__end(&flows);
	assert_int_equal(nr_found, 5);
	check_flow(0, 0, 1, 2, t, t + 4);
	check_flow(1, 3, 2, 5, t + 3, t + 5);
	check_flow(2, 3, 1, 5, t + 2, t + 6);
	check_flow(3, 3, 0, 0, t + QUIET, t + QUIET);
	check_flow(4, 3, 3, 7, t + QUIET, t + QUIET + 9);
	end(&flows, 5);
}

/* A mask is no event of the bit: what is set stays so, and an arrow goes across it. */
static void test_masks(void **state)
{
	const __u64 t = START + QUIET;
	struct flows flows;

	begin(&flows);
	clear(&flows, START);
	for (unsigned int i = 0; i < 2; i++) {
		const struct ipimux_event masks[] = {
			{ .time = t - 1, .cpu = 1, .kind = IPIMUX_MASK, .vipi = 2 },
			{ .time = t + 2, .cpu = 1, .kind = IPIMUX_MASK, .vipi = 2,
			  .pending = 1 << 2 },
		};

		assert_int_equal(flows__event(&flows, &masks[i]), 0);
		if (!i)
			send(&flows, t, 3, 1, 2, IPIMUX_MASKED);
	}
	process(&flows, t + QUIET, 1, 1 << 2);
	flows__end(&flows);
	check_flow(0, 3, 1, 2, t, t + QUIET);
	end(&flows, 1);

	/* Nor does one keep the count from beginning, in whose moment it comes. */
	begin(&flows);
	for (unsigned int i = 0; i < 2; i++) {
		const struct ipimux_event mask = {
			.time = START - 50 + i, .cpu = 1, .kind = IPIMUX_MASK, .vipi = 2,
		};

		assert_int_equal(flows__event(&flows, &mask), 0);
	}
	clear(&flows, START);
	send(&flows, t, 3, 1, 2, IPIMUX_RAISED);
	process(&flows, t + 1, 1, 1 << 2);
	end(&flows, 1);
}

/* One sender again and again: each of its sends is handled before the next. */
static void test_one_sender(void **state)
{
	struct flows flows;
	__u64 t = START + QUIET;

	begin(&flows);
	clear(&flows, START);
	for (unsigned int i = 0; i < 100; i++, t += 2000) {
		send(&flows, t, 0, 1, 2, IPIMUX_RAISED);
		process(&flows, t + 4, 1, 1 << 2);
	}
	end(&flows, 100);
}

/* Pending before the start: its process is nobody's. */
static void test_carried_in(void **state)
{
	const __u64 t = START + QUIET;
	struct flows flows;

	begin(&flows);
	process(&flows, START + 1, 1, 1 << 2);
	send(&flows, START + 2, 0, 1, 2, IPIMUX_RAISED);
	process(&flows, START + 3, 1, 1 << 2);
	process(&flows, t, 3, 1 << 2);
	send(&flows, t + 1, 0, 3, 2, IPIMUX_RAISED);
	process(&flows, t + 2, 3, 1 << 2);
	assert_int_equal(nr_found, 0);
	/* Until a process left it clear, and nothing was near. */
	clear(&flows, t + QUIET / 2);
	send(&flows, t + QUIET, 0, 1, 2, IPIMUX_RAISED);
	process(&flows, t + QUIET + 1, 1, 1 << 2);
	flows__end(&flows);
	assert_int_equal(nr_found, 1);
	check_flow(0, 0, 1, 2, t + QUIET, t + QUIET + 1);
	end(&flows, 1);
}

/* The event of the send that was handled comes after that of its process. */
static void test_late_send(void **state)
{
	__u64 t = START + QUIET;
	struct flows flows;

	begin(&flows);
	clear(&flows, START);
	send(&flows, t, 0, 1, 2, IPIMUX_RAISED);
	process(&flows, t + 1, 1, 1 << 2);
	t += QUIET;
	process(&flows, t, 1, 1 << 2);
	send(&flows, t + 1, 0, 1, 2, IPIMUX_RAISED);
	process(&flows, t + 10, 1, 1 << 2);
	send(&flows, t + 11, 3, 1, 2, IPIMUX_RAISED);
	/* Here the count is right again. */
	t += QUIET;
	send(&flows, t, 3, 1, 2, IPIMUX_RAISED);
	process(&flows, t + 1, 1, 1 << 2);
	end(&flows, 1 + 1);
}

/* Around where the count begins: it begins anew, rather than wrong. */
static void test_late_at_begin(void **state)
{
	const __u64 t = START + QUIET;
	struct flows flows;

	/* Set and handled before, but seen behind. */
	begin(&flows);
	clear(&flows, START);
	send(&flows, START + 1, 0, 1, 2, IPIMUX_RAISED);
	clear(&flows, START + 50000);
	send(&flows, t, 0, 1, 2, IPIMUX_RAISED);
	process(&flows, t + 1, 1, 1 << 2);
	end(&flows, 1);

	/* Set behind the process that left it clear, but seen before. */
	begin(&flows);
	send(&flows, START + 5, 0, 1, 2, IPIMUX_RAISED);
	clear(&flows, START + 6);
	process(&flows, START + 50000, 1, 1 << 2);
	send(&flows, t, 0, 1, 2, IPIMUX_RAISED);
	process(&flows, t + 1, 1, 1 << 2);
	end(&flows, 1);
}

/* It came too late to be put in order: what was seen before it is behind it. */
static void test_out_of_order(void **state)
{
	const __u64 t = START + QUIET;
	struct flows flows;

	begin(&flows);
	clear(&flows, START);
	send(&flows, t, 0, 1, 2, IPIMUX_RAISED);
	process(&flows, t + 100, 3, 0);
	process(&flows, t + 50, 1, 1 << 2);
	end(&flows, 0);
}

/* Two sends in a row: which of them the next process handled, nobody knows. */
static void test_two_sends(void **state)
{
	const __u64 t = START + QUIET;
	struct flows flows;

	begin(&flows);
	clear(&flows, START);
	send(&flows, t, 0, 1, 2, IPIMUX_RAISED);
	send(&flows, t + 1, 3, 1, 2, IPIMUX_RAISED);
	process(&flows, t + 2, 1, 1 << 2);
	process(&flows, t + 3, 1, 1 << 2);
	end(&flows, 0);
}

/*
 * CPU 3's send set the bit and was handled, CPU 0's set it again, all before the process'
 * clock was read: seen in the wrong order, and as if nothing were wrong.
 */
static void test_refuted(void **state)
{
	const __u64 t = START + QUIET;
	struct flows flows;

	begin(&flows);
	clear(&flows, START);
	send(&flows, t, 0, 1, 2, IPIMUX_RAISED);
	process(&flows, t + 100, 1, 1 << 2);
	send(&flows, t + 1000, 3, 1, 2, IPIMUX_RAISED);
	process(&flows, t + 90000, 1, 1 << 2);
	end(&flows, 0);
}

/* A send comes late, behind another one that is not: which of them is it? */
static void test_late_among_two(void **state)
{
	const __u64 t = START + QUIET;
	struct flows flows;

	begin(&flows);
	clear(&flows, START);
	send(&flows, t, 0, 1, 2, IPIMUX_RAISED);
	process(&flows, t + 1, 1, 1 << 2);
	process(&flows, t + 20000, 1, 1 << 2);
	send(&flows, t + 20500, 0, 1, 2, IPIMUX_RAISED);
	send(&flows, t + 21000, 3, 1, 2, IPIMUX_RAISED);
	process(&flows, t + 90000, 1, 1 << 2);
	flows__end(&flows);
	check_flow(0, 0, 1, 2, t, t + 1);
	end(&flows, 1);
}

/* No arrow across a gap, of whichever CPU, and none until the target has left all clear. */
static void test_gap(void **state)
{
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
		__u64 t = START + QUIET;
		struct flows flows;

		begin(&flows);
		clear(&flows, START);
		send(&flows, t, 0, 1, 2, IPIMUX_RAISED);
		process(&flows, t + 1, 1, 1 << 2);
		/* So that each has a last event when the arrow above is out of doubt. */
		t += QUIET;
		for (unsigned int other = 0; other < NR_CPUS; other++)
			process(&flows, t, other, 0);
		send(&flows, t + 1, 0, 1, 2, IPIMUX_RAISED);
		flows__gap(&flows, cpu, t + 2);
		process(&flows, t + 2, 1, 1 << 2);
		send(&flows, t + 3, 0, 1, 2, IPIMUX_RAISED);
		process(&flows, t + 4, 1, 1 << 2);
		clear(&flows, t + 20000);
		send(&flows, t + 5 + QUIET, 0, 1, 2, IPIMUX_RAISED);
		process(&flows, t + 6 + QUIET, 1, 1 << 2);
		end(&flows, 2);
	}
}

/* An arrow that a lost event could still have refuted. */
static void test_gap_behind(void **state)
{
	const __u64 t = START + QUIET;
	struct flows flows;

	begin(&flows);
	clear(&flows, START);
	send(&flows, t, 0, 1, 2, IPIMUX_RAISED);
	process(&flows, t + 1, 1, 1 << 2);
	flows__gap(&flows, 3, t + QUIET);
	end(&flows, 0);
}

/* Sent by a CPU that goes offline, and not seen: the count comes right after a while. */
static void test_unseen(void **state)
{
	struct flows flows;
	__u64 t = START + QUIET;

	begin(&flows);
	clear(&flows, START);
	send(&flows, t, 0, 1, 2, IPIMUX_RAISED);
	process(&flows, t + 1, 1, 1 << 2);
	process(&flows, t + 2, 1, 1 << 2);
	for (unsigned int i = 0; i < 10; i++) {
		t += QUIET;
		send(&flows, t, 0, 1, 2, IPIMUX_RAISED);
		process(&flows, t + 1, 1, 1 << 2);
	}
	/* It is told by a process that leaves it clear, long after. */
	clear(&flows, t + 5000000);
	t += 20000000;
	clear(&flows, t);
	t += QUIET;
	send(&flows, t, 0, 1, 2, IPIMUX_RAISED);
	process(&flows, t + 1, 1, 1 << 2);
	end(&flows, 1);
}

static void test_strange(void **state)
{
	const __u64 t = START + QUIET;
	struct flows flows;

	begin(&flows);
	send(&flows, t, NR_CPUS, 1, 2, IPIMUX_RAISED);
	send(&flows, t, 1, NR_CPUS, 2, IPIMUX_RAISED);
	send(&flows, t, 1, 2, NR_VIPIS, IPIMUX_RAISED);
	process(&flows, t, NR_CPUS, ~0U);
	flows__gap(&flows, NR_CPUS, t);
	end(&flows, 0);
}

/* --- dice --- */

#define MAX_EVENTS	20000

struct dice {
	struct ipimux_event events[MAX_EVENTS];
	unsigned int nr_events;
	__u64 busy_until[NR_CPUS];	/* a CPU's events are in order */
	__u32 pending[NR_CPUS];
	__u64 sent[NR_CPUS][NR_VIPIS];	/* time of the event of the send that set it */
	unsigned int sender[NR_CPUS][NR_VIPIS];
	uint64_t seed;
};

/* What must be found, at most. */
static struct flow truth[MAX_EVENTS * NR_VIPIS];
static unsigned int nr_truth;

/* From the operation to its clock: short, and now and then long. */
static __u64 delay(struct dice *dice)
{
	return 20 + unit__below(&dice->seed, 200) +
	       (unit__below(&dice->seed, 50) ? 0 : unit__below(&dice->seed, 6000));
}

static struct ipimux_event *make(struct dice *dice, __u64 now, unsigned int cpu,
				 enum ipimux_kind kind)
{
	struct ipimux_event *event = &dice->events[dice->nr_events++];

	*event = (struct ipimux_event){
		.time = now + delay(dice), .cpu = cpu, .kind = kind, .enabled = ~0U,
		.pending = dice->pending[kind == IPIMUX_PROCESS ? cpu : 0],
	};
	dice->busy_until[cpu] = event->time;
	return event;
}

static void dice_send(struct dice *dice, __u64 now, unsigned int cpu)
{
	unsigned int target = unit__below(&dice->seed, NR_CPUS);
	unsigned int vipi = unit__below(&dice->seed, 2);
	struct ipimux_event *event = make(dice, now, cpu, IPIMUX_SEND);

	event->target = target;
	event->vipi = vipi;
	event->pending = dice->pending[target];
	if (dice->pending[target] >> vipi & 1)
		return;
	dice->pending[target] |= 1U << vipi;
	dice->sent[target][vipi] = event->time;
	dice->sender[target][vipi] = cpu;
}

static void dice_process(struct dice *dice, __u64 now, unsigned int cpu)
{
	struct ipimux_event *event = make(dice, now, cpu, IPIMUX_PROCESS);

	for (unsigned int vipi = 0; vipi < NR_VIPIS; vipi++)
		if (event->pending >> vipi & 1)
			truth[nr_truth++] = (struct flow){
				.sender = dice->sender[cpu][vipi], .target = cpu, .vipi = vipi,
				.sent = dice->sent[cpu][vipi], .processed = event->time,
			};
	dice->pending[cpu] = 0;
}

static int by_time(const void *a, const void *b)
{
	const struct ipimux_event *left = a, *right = b;

	return left->time < right->time ? -1 : left->time > right->time;
}

static int by_flow(const void *left, const void *right)
{
	const struct flow *a = left, *b = right;

	if (a->processed != b->processed)
		return a->processed < b->processed ? -1 : 1;
	if (a->target != b->target || a->vipi != b->vipi)
		return a->target * NR_VIPIS + a->vipi < b->target * NR_VIPIS + b->vipi ? -1 : 1;
	if (a->sent != b->sent)
		return a->sent < b->sent ? -1 : 1;
	return a->sender < b->sender ? -1 : a->sender > b->sender;
}

/* play - one multiplexer with so long between two events; returns the share of arrows drawn */
static double play(uint64_t seed, unsigned int pace, unsigned int lose, unsigned int *wrong)
{
	struct dice *dice = calloc(1, sizeof(*dice));
	unsigned int losing[NR_CPUS] = {};
	bool gap[NR_CPUS] = {};
	struct flows flows;
	__u64 now = START;

	nr_truth = 0;
	dice->seed = seed;
	while (dice->nr_events < MAX_EVENTS) {
		unsigned int cpu = unit__below(&dice->seed, NR_CPUS);

		now += 1 + unit__below(&dice->seed, pace);
		if (dice->busy_until[cpu] >= now)
			continue;
		if (unit__below(&dice->seed, 2) && dice->pending[cpu])
			dice_process(dice, now, cpu);
		else
			dice_send(dice, now, cpu);
	}
	qsort(dice->events, dice->nr_events, sizeof(*dice->events), by_time);
	qsort(truth, nr_truth, sizeof(*truth), by_flow);

	begin(&flows);
	for (unsigned int i = 0; i < dice->nr_events; i++) {
		const struct ipimux_event *event = &dice->events[i];

		if (lose && !losing[event->cpu] && !unit__below(&dice->seed, lose))
			losing[event->cpu] = 1 + unit__below(&dice->seed, 30);
		if (losing[event->cpu]) {
			losing[event->cpu]--;
			gap[event->cpu] = true;
			continue;
		}
		if (gap[event->cpu])
			flows__gap(&flows, event->cpu, event->time);
		gap[event->cpu] = false;
		assert_int_equal(flows__event(&flows, event), 0);
	}
	flows__end(&flows);
	flows__free(&flows);
	*wrong = 0;
	for (unsigned int i = 0; i < nr_found; i++)
		if (!bsearch(&found[i], truth, nr_truth, sizeof(*truth), by_flow))
			++*wrong;
	free(dice);
	return (double)nr_found / nr_truth;
}

static void test_dice(void **state)
{
	static const struct {
		unsigned int pace, lose;
		double least;
	} games[] = {
		{ 100000,    0, 0.9 },
		{  20000,    0, 0.5 },
		{   3000,    0, 0 },
		{    500,    0, 0 },
		{ 100000, 1000, 0.3 },
		{  20000,  200, 0 },
		{   3000,   50, 0 },
		{    500,   20, 0 },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(games); i++) {
		unsigned int all_wrong = 0;
		double least = 1;

		for (unsigned int seed = 1; seed <= 20; seed += unit__stride()) {
			unsigned int wrong;
			double share = play(seed, games[i].pace, games[i].lose, &wrong);

			all_wrong += wrong;
			if (share < least)
				least = share;
		}
		print_message("# pace %u ns, 1 of %u lost: %.0f %% of the arrows at least\n",
			      games[i].pace, games[i].lose, least * 100);
		check(!all_wrong, "game %u: %u wrong", i, all_wrong);
		check(least >= games[i].least, "game %u: %.3f", i, least);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arrows),
		cmocka_unit_test(test_masks),
		cmocka_unit_test(test_one_sender),
		cmocka_unit_test(test_carried_in),
		cmocka_unit_test(test_late_send),
		cmocka_unit_test(test_late_at_begin),
		cmocka_unit_test(test_out_of_order),
		cmocka_unit_test(test_two_sends),
		cmocka_unit_test(test_refuted),
		cmocka_unit_test(test_late_among_two),
		cmocka_unit_test(test_gap),
		cmocka_unit_test(test_gap_behind),
		cmocka_unit_test(test_unseen),
		cmocka_unit_test(test_strange),
		cmocka_unit_test(test_dice),
	};

	return UNIT_RUN("flows", tests);
}
