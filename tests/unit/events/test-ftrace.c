// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events out of ftrace's text: each kind, in each of its texts; what is no event; and that
 * whatever is wrong with a line, it is no other event.
 */
#include <stdlib.h>
#include <string.h>

#include "events/ftrace.h"
#include "unit.h"

#define SEND	"ipi_mux_send: cpu=2 vipi=1 (pending=0x10 enabled=0xff) raised"

static enum ftrace_line read_line(const char *line, struct ipimux_event *event)
{
	struct ftrace ftrace = {};

	return ftrace__line(&ftrace, line, event);
}

/* Where an event happened, and when, in each of the texts. */
static void test_fronts(void **state)
{
	static const struct {
		const char *front, *command;
		__u32 pid;
		unsigned int cpu;
		__u64 time;
	} rows[] = {
		/* tracefs: flags, thread groups, none of them; some clocks have more digits */
		{ "          <idle>-0       [003] d..1.     0.012345: ", "<idle>", 0, 3, 12345000 },
		{ "              sh-80      (     80) [001] d..2. 100.000001: ", "sh", 80, 1,
		  100000001000 },
		{ "              sh-80      (-------) [001] .....   1.5: ", "sh", 80, 1,
		  1500000000 },
		{ " kworker/u19:0-38 [510]    12.345678: ", "kworker/u19:0", 38, 510, 12345678000 },
		{ "       a-b [3] c-7   [002] d....  1.000000001: ", "a-b [3] c", 7, 2,
		  1000000001 },
		/* trace-cmd */
		{ "             cat-84    [000] d..2.     2.947812: ", "cat", 84, 0, 2947812000 },
		/* the kernel's own, of its buffer, on a console: with printk's times, or not */
		{ "  <idle>-0         0d..1. 12345us : ", "<idle>", 0, 0, 12345000 },
		{ "[    7.123456]       sh-80        12d..2. 99us+: ", "sh", 80, 12, 99000 },
		{ "<6>[    7.123456] kworker/-38        1d.h2. 1us!: ", "kworker/", 38, 1, 1000 },
		/* as others keep or print such a log */
		{ "[    7.000003][   T80]       sh-80        0d..2. 5us : ", "sh", 80, 0, 5000 },
		{ "[2024-01-01 12:00:00] [    7.1]   <idle>-0         0d..1. 5us : ", "<idle>", 0,
		  0, 5000 },
		{ "kern  :warn  : [Mon Jan  1 12:00:00 2024] kworker/-38      1d..2. 5us : ",
		  "kworker/", 38, 1, 5000 },
		/* trace-cmd report -l, of a buffer with a name, and its own way to round up */
		{ "       sh-80      0d..2.     2.947812: ", "sh", 80, 0, 2947812000 },
		{ "  foo:               sh-80    [000]     2.947812: ", "sh", 80, 0, 2947812000 },
		{ "             cat-84    [000]     2.1000000: ", "cat", 84, 0, 3000000000 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct ipimux_event event;
		char line[256];

		snprintf(line, sizeof(line), "%s" SEND "\n", rows[i].front);
		check(read_line(line, &event) == FTRACE_EVENT, "%s", line);
		check(!strcmp(event.command, rows[i].command), "%s: '%s'", line, event.command);
		check(event.pid == rows[i].pid, "%s: %u", line, event.pid);
		check(event.cpu == rows[i].cpu, "%s: %u", line, event.cpu);
		check(event.time == rows[i].time, "%s: %llu", line, (unsigned long long)event.time);
		assert_int_equal(event.kind, IPIMUX_SEND);
		assert_int_equal(event.target, 2);
		assert_int_equal(event.vipi, 1);
		assert_int_equal(event.pending, 0x10);
		assert_int_equal(event.enabled, 0xff);
	}
}

#define FRONT	"      sh-80      [001] d..2.     1.000000: "

static void test_kinds(void **state)
{
	static const struct {
		const char *text;
		struct ipimux_event event;
	} rows[] = {
		{ "ipi_mux_send: cpu=0 vipi=7 (pending=0x80 enabled=0xff) coalesced",
		  { .kind = IPIMUX_SEND, .vipi = 7, .pending = 0x80, .enabled = 0xff } },
		{ "ipi_mux_send:         cpu=0 vipi=31 (pending=0x0 enabled=0x0) masked",
		  { .kind = IPIMUX_SEND, .vipi = 31 } },
		{ "ipi_mux_send: cpu=0 vipi=0 (pending=0x1 enabled=0xfe) coalesced while masked",
		  { .kind = IPIMUX_SEND, .pending = 1, .enabled = 0xfe } },
		{ "ipi_mux_mask: vipi=3 (pending=0x8) stays pending",
		  { .kind = IPIMUX_MASK, .vipi = 3, .pending = 8 } },
		{ "ipi_mux_mask: vipi=3 (pending=0x4)",
		  { .kind = IPIMUX_MASK, .vipi = 3, .pending = 4 } },
		{ "ipi_mux_unmask: vipi=3 (pending=0x8) kick",
		  { .kind = IPIMUX_UNMASK, .vipi = 3, .pending = 8 } },
		{ "ipi_mux_unmask: vipi=3 (pending=0x0)", { .kind = IPIMUX_UNMASK, .vipi = 3 } },
		{ "ipi_mux_process: handled={1,4} (pending=0x112 enabled=0xff)",
		  { .kind = IPIMUX_PROCESS, .pending = 0x112, .enabled = 0xff } },
		{ "ipi_mux_process: handled={} (pending=0x0 enabled=0xff) empty",
		  { .kind = IPIMUX_PROCESS, .enabled = 0xff } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct ipimux_event *expected = &rows[i].event;
		struct ipimux_event event;
		char line[256];

		snprintf(line, sizeof(line), FRONT "%s", rows[i].text);
		check(read_line(line, &event) == FTRACE_EVENT, "%s", line);
		check(event.kind == expected->kind, "%s", line);
		check(event.vipi == expected->vipi, "%s", line);
		check(event.pending == expected->pending, "%s", line);
		check(event.enabled == expected->enabled, "%s", line);
	}
}

static void test_unreadable(void **state)
{
	static const char * const lines[] = {
		/* as tp_printk prints it */
		"[    0.123456] " SEND,
		SEND,
		/* what is around it */
		"      sh-80      [512] d..2.     1.000000: " SEND,
		"      sh-80      [-01] d..2.     1.000000: " SEND,
		"      sh-80      [001] d..2.     1: " SEND,
		"      sh-80      [001] d..2.     1.0000000001: " SEND,
		"      sh-80      [001] d..2.     x: " SEND,
		"      sh         [001] d..2.     1.000000: " SEND,
		"      sh-80 d..2.     1.000000: " SEND,
		"      sh-80      1d..2. 99ms : " SEND,
		"      sh-80      d..2. 99us : " SEND,
		/* itself: cut off, garbled, more than there can be */
		FRONT "ipi_mux_send: cpu=2 vipi=1 (pending=0x10 enabled=0xff) rais",
		FRONT "ipi_mux_send: cpu=2 vipi=1 (pending=0x10 enabled=0xff) raised too",
		FRONT "ipi_mux_send: cpu=2 vipi=1 (pending=0x10 enab",
		FRONT "ipi_mux_send:",
		FRONT "ipi_mux_send: cpu=512 vipi=1 (pending=0x10 enabled=0xff) raised",
		FRONT "ipi_mux_send: cpu=-2 vipi=1 (pending=0x10 enabled=0xff) raised",
		FRONT "ipi_mux_send: cpu=2 vipi=32 (pending=0x10 enabled=0xff) raised",
		FRONT "ipi_mux_send: cpu=2 vipi=1 (pending=0x100000000 enabled=0xff) raised",
		FRONT "ipi_mux_send: cpu=99999999999999999999 vipi=1 (pending=0x0 enabled=0x2) "
		      "raised",
		/* an outcome that its words do not have */
		FRONT "ipi_mux_send: cpu=2 vipi=1 (pending=0x12 enabled=0xff) raised",
		FRONT "ipi_mux_unmask: vipi=3 (pending=0x8)",
		FRONT "ipi_mux_mask: vipi=3 (pending=0x8) kick",
		FRONT "ipi_mux_process: handled={1} (pending=0x12 enabled=0xff)",
		FRONT "ipi_mux_process: handled={} (pending=0x0 enabled=0xff)",
		FRONT "ipi_mux_process: handled={1,} (pending=0x2 enabled=0xff)",
		FRONT "ipi_mux_process: handled={1 (pending=0x2 enabled=0xff)",
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct ipimux_event event;
		struct ftrace ftrace = {};

		check(ftrace__line(&ftrace, lines[i], &event) == FTRACE_UNREADABLE, "%s", lines[i]);
		check(ftrace.why && *ftrace.why, "%s", lines[i]);
		check(!ftrace.nr_cpus && !ftrace.nr_vipis, "%s", lines[i]);
	}
}

static void test_others(void **state)
{
	static const char * const lines[] = {
		"", "\n", "# tracer: nop\n", "version = 7", "cpus=4", "CPU 1 is empty",
		"      sh-80      [001] d..2.     1.000000: sched_switch: prev_comm=ipi_mux",
		"Kernel command line: trace_event=ipi_mux:* console=ttyS0",
		"      sh-80      [001] d..2.     1.000000: ipi_mux_send_mask <-__ipi_send_mask",
		"# entries-in-buffer/entries-written: 20/20   #P:4", "CPU:x [LOST 3 EVENTS]",
	};
	struct ftrace ftrace = {};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct ipimux_event event;

		check(ftrace__line(&ftrace, lines[i], &event) == FTRACE_OTHER, "%s", lines[i]);
	}
	assert_false(ftrace.overwritten || ftrace.lost_unknown || ftrace.nr_cpus);
}

/* What is missing, and that it counts before the next event of that CPU. */
static void test_lost(void **state)
{
	struct ftrace ftrace = {};
	struct ipimux_event event;

	assert_int_equal(ftrace__line(&ftrace, "CPU:1 [LOST 37 EVENTS]\n", &event), FTRACE_OTHER);
	assert_int_equal(ftrace.lost[1], 37);
	assert_int_equal(ftrace.nr_cpus, 2);
	assert_int_equal(ftrace__line(&ftrace, FRONT SEND, &event), FTRACE_EVENT);
	assert_int_equal(event.lost, 37);
	assert_int_equal(ftrace.nr_cpus, 3);
	assert_int_equal(ftrace.nr_vipis, 8);
	ftrace__line(&ftrace, "CPU:1 [5 EVENTS DROPPED]", &event);
	assert_int_equal(ftrace.lost[1], 42);
	assert_false(ftrace.lost_unknown);
	ftrace__line(&ftrace, "CPU:0 [EVENTS DROPPED]", &event);
	assert_true(ftrace.lost_unknown);
	ftrace.lost_unknown = false;
	ftrace__line(&ftrace, "CPU:0 [LOST EVENTS]", &event);
	assert_true(ftrace.lost_unknown);
	assert_false(ftrace.overwritten);
	ftrace__line(&ftrace, "# entries-in-buffer/entries-written: 20/21   #P:4", &event);
	assert_true(ftrace.overwritten);
}

/* However a line is cut off, or one of its bytes changed: no crash, and no CPU that is none. */
static void test_any_bytes(void **state)
{
	static const char good[] = "[    7.1]   sh-80        1d..2. 99us+: "
				   "ipi_mux_process: handled={1,4} (pending=0x112 enabled=0xff)";
	struct ipimux_event event;
	struct ftrace ftrace = {};
	uint64_t random = 7;

	for (size_t length = 0; length <= strlen(good); length++) {
		char *line = strndup(good, length);

		assert_int_equal(ftrace__line(&ftrace, line, &event) == FTRACE_EVENT,
				 length == strlen(good));
		free(line);
	}
	for (unsigned int i = 0; i < 20000; i++) {
		char *line = strdup(good);

		line[unit__below(&random, strlen(good))] = unit__random(&random);
		if (ftrace__line(&ftrace, line, &event) == FTRACE_EVENT)
			assert_true(event.cpu < FTRACE_MAX_CPUS);
		free(line);
	}
	assert_true(ftrace.nr_cpus <= FTRACE_MAX_CPUS && ftrace.nr_vipis <= IPIMUX_MAX_VIPIS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fronts),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_lost),
		cmocka_unit_test(test_any_bytes),
	};

	return UNIT_RUN("ftrace", tests);
}
