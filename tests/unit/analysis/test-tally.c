// SPDX-License-Identifier: GPL-2.0-only
/*
 * The events of a trace, counted and judged: a start of two CPUs, and then what can be wrong, and
 * what only looks so.
 */
#include <stdlib.h>
#include <string.h>

#include "analysis/tally.h"
#include "audit/stuck.h"
#include "unit.h"

#define NR_CPUS		2
#define NR_VIPIS	8
#define ALL		0xff
#define MS		1000000ULL
#define S		(1000 * MS)
#define MAX_EVENTS	256

/* A multiplexer that is right, whose events are traced; tests change what it says. */
struct scene {
	struct ipimux_event events[MAX_EVENTS];
	size_t nr;
	__u64 now;
	__u32 pending[NR_CPUS], enabled[NR_CPUS];
	struct ftrace ftrace;
	struct machine machine;
	struct tally tally;
	struct audit audit;
};

static struct ipimux_event *add(struct scene *scene, unsigned int cpu, enum ipimux_kind kind,
				unsigned int vipi, unsigned int about)
{
	struct ipimux_event *event = &scene->events[scene->nr++];

	assert_true(scene->nr <= MAX_EVENTS);
	*event = (struct ipimux_event){
		.time = scene->now, .cpu = cpu, .kind = kind, .vipi = vipi, .target = about,
		.pending = scene->pending[about], .enabled = scene->enabled[about],
		.pid = 7, .command = "sh",
	};
	scene->now += MS;
	return event;
}

static void send(struct scene *scene, unsigned int cpu, unsigned int target, unsigned int vipi)
{
	add(scene, cpu, IPIMUX_SEND, vipi, target);
	scene->pending[target] |= 1U << vipi;
}

static void process(struct scene *scene, unsigned int cpu)
{
	add(scene, cpu, IPIMUX_PROCESS, 0, cpu);
	scene->pending[cpu] &= ~scene->enabled[cpu];
}

static void unmask(struct scene *scene, unsigned int cpu, unsigned int vipi)
{
	scene->enabled[cpu] |= 1U << vipi;
	add(scene, cpu, IPIMUX_UNMASK, vipi, cpu);
}

static void mask(struct scene *scene, unsigned int cpu, unsigned int vipi)
{
	scene->enabled[cpu] &= ~(1U << vipi);
	add(scene, cpu, IPIMUX_MASK, vipi, cpu);
}

static void come_up(struct scene *scene, unsigned int cpu)
{
	for (unsigned int vipi = 0; vipi < NR_VIPIS; vipi++)
		unmask(scene, cpu, vipi);
}

static struct scene *begin(bool from_start)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	assert_non_null(scene);
	scene->now = S;
	scene->ftrace = (struct ftrace){ .nr_cpus = NR_CPUS, .nr_vipis = NR_VIPIS };
	unit__machine(&scene->machine, NR_CPUS, NR_VIPIS);
	if (from_start) {
		come_up(scene, 0);
		come_up(scene, 1);
	} else {
		scene->enabled[0] = scene->enabled[1] = ALL;
	}
	return scene;
}

static void judge(struct scene *scene)
{
	assert_int_equal(tally__count(&scene->tally, scene->events, scene->nr, &scene->ftrace, 0,
				      &scene->machine), 0);
	assert_int_equal(audit__run(&scene->audit, &scene->tally.last, &scene->tally.facts), 0);
}

static void end(struct scene *scene)
{
	audit__free(&scene->audit);
	tally__free(&scene->tally);
	free(scene);
}

static __u64 found(const struct scene *scene, enum audit_finding finding, unsigned int cpu,
		   unsigned int vipi)
{
	for (unsigned int i = 0; i < scene->audit.nr_entries; i++)
		if (scene->audit.entries[i].finding == finding &&
		    scene->audit.entries[i].cpu == cpu && scene->audit.entries[i].vipi == vipi)
			return scene->audit.entries[i].number;
	return 0;
}

/* Judges and expects this one finding, or, with 0, none at all. */
static void expect(struct scene *scene, enum audit_verdict verdict, enum audit_finding finding,
		   unsigned int cpu, unsigned int vipi, __u64 number)
{
	judge(scene);
	assert_int_equal(scene->audit.verdict, verdict);
	if (number)
		assert_int_equal(found(scene, finding, cpu, vipi), number);
	else
		assert_int_equal(scene->audit.nr_entries, 0);
	end(scene);
}

/* some_rounds - each CPU sends to the other */
static void some_rounds(struct scene *scene)
{
	for (int i = 0; i < 3; i++) {
		send(scene, 0, 1, 1);
		send(scene, 0, 1, 1);
		process(scene, 1);
		send(scene, 1, 0, 4);
		process(scene, 0);
	}
}

/* go_on - @cpu has something to do for twice as long as anybody is patient */
static void go_on(struct scene *scene, unsigned int cpu)
{
	for (__u64 until = scene->now + 2 * STUCK_PATIENCE; scene->now < until;) {
		send(scene, cpu, cpu, 4);
		process(scene, cpu);
		scene->now += S / 2;
	}
}

static void test_balanced(void **state)
{
	struct scene *scene = begin(true);

	some_rounds(scene);
	mask(scene, 1, 3);
	send(scene, 0, 1, 3);
	unmask(scene, 1, 3);
	process(scene, 1);
	judge(scene);
	assert_int_equal(scene->audit.verdict, AUDIT_BALANCED);
	assert_int_equal(scene->audit.nr_entries, 0);
	assert_int_equal(scene->audit.raised, 6);
	assert_int_equal(scene->audit.masked, 1);
	assert_int_equal(scene->audit.handled, 7);
	assert_true(scene->tally.whole);
	assert_int_equal(scene->tally.nr_waits, 0);
	end(scene);
}

/* What is pending at the end: raised, kicked, masked. */
static void test_waits(void **state)
{
	struct scene *scene = begin(true);
	const struct tally_wait *wait;

	send(scene, 0, 1, 1);
	mask(scene, 0, 2);
	send(scene, 1, 0, 2);
	mask(scene, 1, 3);
	send(scene, 0, 1, 3);
	unmask(scene, 1, 3);
	send(scene, 0, 1, 1);
	judge(scene);
	assert_int_equal(scene->audit.verdict, AUDIT_EXCEPT);
	assert_int_equal(found(scene, AUDIT_NOT_WAITED, 1, 1), 1);
	assert_int_equal(found(scene, AUDIT_NOT_WAITED, 1, 3), 1);
	assert_int_equal(found(scene, AUDIT_STILL_PENDING, 0, 2), 1);
	assert_int_equal(scene->tally.nr_waits, 3);
	wait = scene->tally.waits;
	assert_true(wait[0].cpu == 0 && wait[0].vipi == 2 && wait[0].masked && !wait[0].kicked);
	assert_true(wait[1].cpu == 1 && wait[1].vipi == 1 && !wait[1].masked && !wait[1].kicked);
	assert_int_equal(wait[1].since, scene->events[16].time);
	assert_string_equal(wait[1].send.command, "sh");
	assert_true(wait[2].cpu == 1 && wait[2].vipi == 3 && wait[2].kicked && !wait[2].masked);
	end(scene);
}

/* begin_waiting - CPU 1 has been sent what it does not process */
static struct scene *begin_waiting(void)
{
	struct scene *scene = begin(true);

	some_rounds(scene);
	send(scene, 0, 1, 1);
	return scene;
}

static void test_stuck(void **state)
{
	struct scene *scene = begin_waiting();

	go_on(scene, 0);
	expect(scene, AUDIT_OFF, AUDIT_STUCK, 1, 1, 1);

	/* The same, and handled at last. */
	scene = begin_waiting();
	go_on(scene, 0);
	process(scene, 1);
	expect(scene, AUDIT_OFF, AUDIT_STUCK, 1, 1, 1);

	/* Nobody did anything: the machine may have stood still. */
	scene = begin_waiting();
	scene->now += 10 * STUCK_PATIENCE;
	send(scene, 0, 0, 4);
	process(scene, 0);
	expect(scene, AUDIT_EXCEPT, AUDIT_NOT_WAITED, 1, 1, 1);

	/* Somebody did, now and then: of each time in between a second counts. */
	scene = begin_waiting();
	for (unsigned int i = 0; i < 6; i++) {
		scene->now += 10 * S;
		send(scene, 0, 0, 4);
		process(scene, 0);
	}
	expect(scene, AUDIT_OFF, AUDIT_STUCK, 1, 1, 1);

	/* In a trace that begins anywhere, too; but not if anything is missing. */
	for (int missing = 0; missing < 2; missing++) {
		scene = begin(false);
		some_rounds(scene);
		send(scene, 0, 1, 1);
		go_on(scene, 0);
		scene->ftrace.lost[0] = missing;
		expect(scene, missing ? AUDIT_NONE : AUDIT_OFF, AUDIT_STUCK, 1, 1, !missing);
	}

	/* Or if CPU 1's part of it is: what it processed is not there. */
	scene = begin(false);
	for (int i = 0; i < 3; i++) {
		send(scene, 0, 1, 1);
		scene->pending[1] = 0;
	}
	go_on(scene, 0);
	expect(scene, AUDIT_NONE, 0, 0, 0, 0);

	/* Masked all the time: nothing to wait for. */
	scene = begin(true);
	some_rounds(scene);
	mask(scene, 1, 1);
	send(scene, 0, 1, 1);
	go_on(scene, 0);
	expect(scene, AUDIT_BALANCED, AUDIT_STILL_PENDING, 1, 1, 1);
}

/* Multiplexers that are wrong. */
static void test_off(void **state)
{
	struct scene *scene = begin(true);

	/* A bit is lost in traffic that goes on. */
	some_rounds(scene);
	send(scene, 0, 1, 1);
	scene->pending[1] = 0;
	some_rounds(scene);
	expect(scene, AUDIT_OFF, AUDIT_LOST, 1, 1, 1);

	/* Handled, and never sent. */
	scene = begin(true);
	some_rounds(scene);
	scene->pending[1] |= 1 << 5;
	process(scene, 1);
	some_rounds(scene);
	expect(scene, AUDIT_OFF, AUDIT_NEVER_SENT, 1, 5, 1);

	/* Handled while it is masked. */
	scene = begin(true);
	some_rounds(scene);
	mask(scene, 1, 1);
	send(scene, 0, 1, 1);
	scene->enabled[1] = ALL;
	process(scene, 1);
	judge(scene);
	assert_int_equal(scene->audit.verdict, AUDIT_OFF);
	assert_int_equal(found(scene, AUDIT_MASK_IGNORED, 1, 1), 1);
	end(scene);
}

/* What an event has its time from, and what happened, may be the other way round. */
static void test_order(void **state)
{
	struct scene *scene = begin(true);
	struct ipimux_event *events, swap;

	some_rounds(scene);
	send(scene, 0, 1, 1);
	process(scene, 1);
	events = scene->events + scene->nr - 2;
	events[1].time = events[0].time + 1000;
	/* The process that handled it comes first. */
	events[0] = events[1];
	events[1] = scene->events[16];
	events[1].time = events[0].time + 1000;
	judge(scene);
	assert_int_equal(scene->audit.verdict, AUDIT_BALANCED);
	assert_int_equal(scene->tally.nr_waits, 0);
	end(scene);

	/* The same at the very end: which of the two was last is not known. */
	scene = begin(true);
	some_rounds(scene);
	send(scene, 0, 1, 1);
	process(scene, 1);
	events = scene->events + scene->nr - 2;
	events[1].time = events[0].time + 1000;
	swap = events[0];
	events[0] = events[1];
	events[1] = swap;
	events[1].time = events[0].time + 1000;
	judge(scene);
	assert_int_equal(scene->audit.verdict, AUDIT_BALANCED);
	end(scene);

	/* And one of which the send's event is not there any more. */
	scene = begin(true);
	some_rounds(scene);
	send(scene, 0, 1, 1);
	process(scene, 1);
	scene->events[scene->nr - 2] = scene->events[scene->nr - 1];
	scene->nr--;
	judge(scene);
	assert_int_equal(scene->audit.verdict, AUDIT_EXCEPT);
	assert_true(found(scene, AUDIT_NOT_DECIDED, 1, 1) > 0);
	end(scene);
}

/* What is not whole is not balanced, whatever it seems to lack: who has lost it is not the mux. */
static void test_not_whole(void **state)
{
	struct scene *scene;

	for (int what = 0; what < 6; what++) {
		scene = begin(what != 0);
		some_rounds(scene);
		/* A process is not there, or a send. */
		send(scene, 0, 1, 1);
		scene->pending[1] = 0;
		some_rounds(scene);
		scene->pending[1] |= 1 << 5;
		process(scene, 1);
		if (what == 1)
			scene->ftrace.lost[1] = 1;
		if (what == 2)
			scene->ftrace.lost_unknown = true;
		if (what == 3)
			scene->ftrace.overwritten = true;
		/* In the middle of a CPU's coming up. */
		if (what == 4)
			memmove(scene->events, scene->events + 3,
				(scene->nr -= 3) * sizeof(*scene->events));
		/* Without that of one CPU, and all that it did. */
		if (what == 5)
			memmove(scene->events, scene->events + 8,
				(scene->nr -= 8) * sizeof(*scene->events));
		expect(scene, AUDIT_NONE, 0, 0, 0, 0);
	}

	/* One of which a line could not be read. */
	scene = begin(true);
	some_rounds(scene);
	assert_int_equal(tally__count(&scene->tally, scene->events, scene->nr, &scene->ftrace, 1,
				      &scene->machine), 0);
	assert_false(scene->tally.whole);
	assert_int_equal(scene->tally.missed, 1);
	end(scene);
}

/* A CPU goes, with what was pending there, and comes; another one is sent to before it is up. */
static void test_hotplug(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	assert_non_null(scene);
	scene->now = S;
	scene->ftrace = (struct ftrace){ .nr_cpus = NR_CPUS, .nr_vipis = NR_VIPIS };
	unit__machine(&scene->machine, NR_CPUS, NR_VIPIS);
	come_up(scene, 0);
	send(scene, 0, 1, 1);
	come_up(scene, 1);
	process(scene, 1);
	some_rounds(scene);
	for (unsigned int vipi = 0; vipi < NR_VIPIS; vipi++)
		mask(scene, 1, vipi);
	send(scene, 0, 1, 1);
	/* The last CALL_FUNC of its idle task, which nobody sees. */
	scene->pending[0] |= 1 << 1;
	process(scene, 0);
	come_up(scene, 1);
	process(scene, 1);
	some_rounds(scene);
	/* Of CPU 0 it is not the very end. */
	send(scene, 0, 1, 1);
	process(scene, 1);
	judge(scene);
	assert_int_equal(scene->audit.verdict, AUDIT_EXCEPT);
	assert_int_equal(found(scene, AUDIT_NOT_SEEN, 0, 1), 1);
	assert_int_equal(scene->audit.nr_entries, 1);
	end(scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_balanced),
		cmocka_unit_test(test_waits),
		cmocka_unit_test(test_stuck),
		cmocka_unit_test(test_off),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_not_whole),
		cmocka_unit_test(test_hotplug),
	};

	return UNIT_RUN("tally", tests);
}
