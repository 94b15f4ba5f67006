// SPDX-License-Identifier: GPL-2.0-only
/*
 * The vIPIs' names out of /proc/interrupts, as kernels write it and as no kernel
 * should. Of machine.c just this: the rest reads the machine it runs on.
 */
#include <stdlib.h>
#include <errno.h>
#include <string.h>

#include "unit.h"

/* A name that is there before, to see what is left alone. */
#define UNNAMED "?"

static void parse_bytes(struct machine *machine, const char *bytes, size_t size)
{
	FILE *file = fmemopen((void *)bytes, size, "r");

	assert_non_null(file);
	memset(machine, 0, sizeof(*machine));
	machine->nr_vipis = 5;
	for (unsigned int vipi = 0; vipi < IPIMUX_MAX_VIPIS; vipi++)
		strcpy(machine->vipi_name[vipi], UNNAMED);
	machine__parse_interrupts(machine, file);
	fclose(file);

	/* Names are all that it takes from there. */
	assert_int_equal(machine->nr_vipis, 5);
	assert_int_equal(cpuset__last(&machine->possible), -1);
	for (unsigned int vipi = 0; vipi < IPIMUX_MAX_VIPIS; vipi++) {
		check(memchr(machine->vipi_name[vipi], '\0', MACHINE_NAME_SIZE), "vIPI %u", vipi);
		check(*machine->vipi_name[vipi], "vIPI %u", vipi);
	}
}

static void parse(struct machine *machine, const char *text)
{
	parse_bytes(machine, text, strlen(text));
}

/* check_names - @machine has these names from vIPI 0 on, and no other */
static void check_names(const struct machine *machine, const char * const *names, size_t nr)
{
	for (unsigned int vipi = 0; vipi < IPIMUX_MAX_VIPIS; vipi++) {
		const char *expected = vipi < nr ? names[vipi] : UNNAMED;

		check(!strcmp(machine->vipi_name[vipi], expected), "vIPI %u: '%s', not '%s'",
		      vipi, machine->vipi_name[vipi], expected);
	}
}

static void test_riscv(void **state)
{
	static const char text[] =
		"           CPU0       CPU1       CPU2       CPU3       \n"
		" 10:       4711       4022       3999       4100  RISC-V INTC   5 Edge      riscv-timer\n"
		" 12:         12          0          0          0  APLIC-PLIC  10 Level     ttyS0\n"
		" 13:          0          0          7          0  APLIC-PLIC   8 Level     virtio0\n"
		"IPI0:       121        140        108         99  Rescheduling interrupts\n"
		"IPI1:       873        912       4294967295   801  Function call interrupts\n"
		"IPI2:         0          0          0          0  CPU stop interrupts\n"
		"IPI3:         0          0          0          0  CPU stop (for crash dump) interrupts\n"
		"IPI4:        17          3          0          8  IRQ work interrupts\n"
		"IPI5:         0          0          0          0  Timer broadcast interrupts\n"
		"IPI6:         0          0          0          0  CPU backtrace interrupts\n"
		"IPI7:         0          0          0          0  KGDB roundup interrupts\n";
	static const char * const names[] = {
		"RESCHEDULE", "CALL_FUNC", "CPU_STOP", "CPU_CRASH_STOP",
		"IRQ_WORK", "TIMER", "CPU_BACKTRACE", "KGDB_ROUNDUP",
	};
	struct machine machine;

	parse(&machine, text);
	check_names(&machine, names, ARRAY_SIZE(names));
}

/* Another order, wider columns, a name that RISC-V does not have. */
static void test_arm64(void **state)
{
	static const char text[] =
		"            CPU0       CPU1       \n"
		"  1:          0          0     AIC  65536 Level     arch_timer\n"
		" IPI0:      1021        998       Rescheduling interrupts\n"
		" IPI1:      5120       4801       Function call interrupts\n"
		" IPI2:         0          0       CPU stop interrupts\n"
		" IPI3:         0          0       CPU stop NMIs\n"
		" IPI4:         0          0       Timer broadcast interrupts\n"
		" IPI5:        44         41       IRQ work interrupts\n"
		" IPI6:         0          0       CPU wake-up interrupts\n"
		" Err:          0\n";
	static const char * const names[] = {
		"RESCHEDULE", "CALL_FUNC", "CPU_STOP", "CPU stop NMIs",
		"TIMER", "IRQ_WORK", "CPU wake-up",
	};
	struct machine machine;

	parse(&machine, text);
	check_names(&machine, names, ARRAY_SIZE(names));
}

static void test_one_cpu(void **state)
{
	static const char * const names[] = { "RESCHEDULE", "CALL_FUNC" };
	struct machine machine;

	/* No end of line; the end of a line from elsewhere. */
	parse(&machine, "           CPU0\r\n"
			"IPI0:       121  Rescheduling interrupts  \r\n"
			"IPI1:       873  Function call interrupts");
	check_names(&machine, names, ARRAY_SIZE(names));
}

static void test_unknown(void **state)
{
	static const struct {
		const char *line;
		const char *name;
	} lines[] = {
		{ "IPI0: 1 2  Frobnication interrupts\n", "Frobnication" },
		{ "IPI0: 1 2  Rescheduling interrupt\n", "Rescheduling interrupt" },
		{ "IPI0: 1 2  rescheduling interrupts\n", "rescheduling" },
		{ "IPI0: 1 2  Rescheduling interrupts 2 interrupts\n",
		  "Rescheduling interrupts 2" },
		{ "IPI0: 1 2  interrupts\n", "interrupts" },
		{ "IPI0: 1 2   interrupts\n", "interrupts" },
		{ "IPI0: 1 2  x interrupts\n", "x" },
		{ "IPI0: 1 2  %s%n%d interrupts\n", "%s%n%d" },
		{ "IPI0:Rescheduling interrupts\n", "RESCHEDULE" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct machine machine;

		parse(&machine, lines[i].line);
		check_names(&machine, &lines[i].name, 1);
	}
}

/* A name as long as its room, and each way around it. */
static void test_long(void **state)
{
	for (size_t len = MACHINE_NAME_SIZE - 3; len < 5 * MACHINE_NAME_SIZE; len++) {
		char name[5 * MACHINE_NAME_SIZE + 1], text[8 * MACHINE_NAME_SIZE];
		char expected[MACHINE_NAME_SIZE];
		const char *names[] = { UNNAMED, expected };
		struct machine machine;

		memset(name, 'x', len);
		name[len] = '\0';
		snprintf(text, sizeof(text), "IPI1: 1 2  %s interrupts\n", name);
		snprintf(expected, sizeof(expected), "%.*s", MACHINE_NAME_SIZE - 1, name);
		parse(&machine, text);
		check_names(&machine, names, 2);
	}
}

static void test_last_vipi(void **state)
{
	struct machine machine;

	parse(&machine, "IPI31: 1  Rescheduling interrupts\n");
	assert_string_equal(machine.vipi_name[31], "RESCHEDULE");
	strcpy(machine.vipi_name[31], UNNAMED);
	check_names(&machine, NULL, 0);
}

static void test_passed_over(void **state)
{
	static const char * const lines[] = {
		"",
		"\n",
		"\n\n\n",
		" \n",
		"IPI",
		"IPI\n",
		"IPI:\n",
		"IPI: 1  Rescheduling interrupts\n",
		"IPI0\n",
		"IPI0 1 2  Rescheduling interrupts\n",
		"IPI0 : 1 2  Rescheduling interrupts\n",
		"IPI 0: 1 2  Rescheduling interrupts\n",
		"IPI-1: 1 2  Rescheduling interrupts\n",
		"IPI+1: 1 2  Rescheduling interrupts\n",
		"IPI0x1: 1 2  Rescheduling interrupts\n",
		"IPI1a: 1 2  Rescheduling interrupts\n",
		"IPIx: 1 2  Rescheduling interrupts\n",
		"ipi0: 1 2  Rescheduling interrupts\n",
		"XIPI0: 1 2  Rescheduling interrupts\n",
		/* No description: the name stays. */
		"IPI0:",
		"IPI0:\n",
		"IPI0: \n",
		"IPI0: 1 2 3 4\n",
		"IPI0: 1 2 3 4  \n",
		/* Numbers that no mux has. */
		"IPI32: 1 2  Rescheduling interrupts\n",
		"IPI99: 1 2  Rescheduling interrupts\n",
		"IPI4294967296: 1 2  Rescheduling interrupts\n",
		"IPI18446744073709551616: 1 2  Rescheduling interrupts\n",
		"IPI99999999999999999999999999: 1 2  Rescheduling interrupts\n",
		/* Interrupts of devices. */
		" 10: 4711 4022  RISC-V INTC   5 Edge      riscv-timer\n",
		"  0: 1 2  IPI Mux   0 Edge      IPI\n",
		"ERR: 0\n",
		"NMI: 0 0  IPI0: 1 2  Rescheduling interrupts\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct machine machine;

		parse(&machine, lines[i]);
		check_names(&machine, NULL, 0);
	}
}

/* What cannot be read does not take what can be read along. */
static void test_among_garbage(void **state)
{
	static const char text[] =
		"IPI99: 1 2  Function call interrupts\n"
		"\0\0\n"
		"\xff\xfe\x80\x01IPI1: 1  Function call interrupts\n"
		"IPI1\0: 1  Function call interrupts\n"
		"IPI0: 1 2  Rescheduling interrupts\n"
		"IPI2: 1 2\n"
		"IPI1";
	static const char * const names[] = { "RESCHEDULE" };
	struct machine machine;

	parse_bytes(&machine, text, sizeof(text) - 1);
	check_names(&machine, names, 1);
}

/* For the sanitizers: nothing but that it survives, with names that end. */
static void test_garbage(void **state)
{
	static const char pieces[][8] = {
		"IPI", "0", "7", "31", ":", " ", "\n", " inter", "rupts",
	};
	uint64_t random = 12;
	char bytes[4096];

	for (int round = 0; round < 100; round++) {
		struct machine machine;
		size_t size = 0;

		/* Half of it plain noise, half of it in the right words. */
		while (size < sizeof(bytes) - sizeof(*pieces)) {
			const char *piece = pieces[unit__below(&random, ARRAY_SIZE(pieces))];

			if (round % 2) {
				memcpy(bytes + size, piece, strlen(piece));
				size += strlen(piece);
			} else {
				bytes[size++] = unit__random(&random);
			}
		}
		parse_bytes(&machine, bytes, size);
	}
}

static void test_very_long_line(void **state)
{
	/* 4096 CPUs with full counters. */
	size_t size = 4096 * 11 + 100;
	char *text = malloc(size), *at = text;
	static const char * const names[] = { UNNAMED, UNNAMED, "CPU_STOP" };
	struct machine machine;

	at += sprintf(at, "IPI2:");
	for (int cpu = 0; cpu < 4096; cpu++)
		at += sprintf(at, "%10u ", UINT32_MAX);
	sprintf(at, " CPU stop interrupts\n");
	parse(&machine, text);
	check_names(&machine, names, ARRAY_SIZE(names));
	free(text);
}

static void test_clock_offset(void **state)
{
	static const struct {
		const char *text;
		long long offset;
	} cases[] = {
		{ "monotonic           0 0\nboottime 0 0\n", 0 },
		{ "monotonic      864000         0\nboottime 7 0\n", 864000000000000 },
		/* As the kernel normalizes it: -1.5 s. */
		{ "monotonic          -2 500000000\nboottime 0 0\n", -1500000000 },
		{ "boottime 7 0\nmonotonic 1 1\n", 1000000001 },
		{ "boottime            7         0\n", 0 },
		{ "monotonic 9223372036854775807 0\n", 0 },
		{ "monotonic -9223372036854775808 0\n", 0 },
		{ "monotonic 1 1000000000\n", 0 },
		{ "monotonic 1 -1\n", 0 },
		{ "monotonic x 0\n", 0 },
		{ "monotonic 1", 0 },
		{ "\n", 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		FILE *file = fmemopen((void *)cases[i].text, strlen(cases[i].text), "r");
		long long offset;

		assert_non_null(file);
		offset = machine__parse_clock_offset(file);
		fclose(file);
		check(offset == cases[i].offset, "'%s': %lld", cases[i].text, offset);
	}
}

static void test_per_cpu(void **state)
{
	static const struct {
		const char *cpus, *text;
		int err;
		__u32 counts[4];
	} cases[] = {
		{ "0-3", "1,20,0,4294967295", 0, { 1, 20, 0, 4294967295 } },
		{ "0", "7", 0, { 7 } },
		/* One for each possible CPU, and those may have gaps. */
		{ "0,3", "5,6", 0, { 5, 0, 0, 6 } },
		{ "0-1", "1", -EINVAL, {} },
		{ "0-1", "1,2,3", -EINVAL, {} },
		{ "0-1", "", -EINVAL, {} },
		{ "0-1", "1,", -EINVAL, {} },
		{ "0-1", ",1", -EINVAL, {} },
		{ "0-1", "1,-2", -EINVAL, {} },
		{ "0-1", "1, 2", -EINVAL, {} },
		{ "0-1", "1,2 ", -EINVAL, {} },
		{ "0-1", "1,2,", -EINVAL, {} },
		{ "0-1", "1,4294967296", -EINVAL, {} },
		{ "0-1", "1,18446744073709551617", -EINVAL, {} },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		__u32 counts[4 * IPIMUX_MAX_VIPIS] = {};
		struct cpuset cpus;
		int err;

		assert_int_equal(cpuset__parse(&cpus, cases[i].cpus), 0);
		err = machine__parse_per_cpu(&cpus, cases[i].text, counts + 5);
		check(err == cases[i].err, "'%s': %d", cases[i].text, err);
		for (unsigned int cpu = 0; !err && cpu < 4; cpu++)
			check(counts[cpu * IPIMUX_MAX_VIPIS + 5] == cases[i].counts[cpu],
			      "'%s': CPU %u", cases[i].text, cpu);
	}
}

static void test_find_vipi(void **state)
{
	struct machine machine;
	char list[64];

	unit__machine(&machine, 4, 5);
	assert_int_equal(machine__find_vipi(&machine, "CALL_FUNC"), 1);
	assert_int_equal(machine__find_vipi(&machine, "irq_work"), 4);
	assert_int_equal(machine__find_vipi(&machine, "0"), 0);
	assert_int_equal(machine__find_vipi(&machine, "4"), 4);
	assert_int_equal(machine__find_vipi(&machine, "5"), -1);
	assert_int_equal(machine__find_vipi(&machine, "1x"), -1);
	assert_int_equal(machine__find_vipi(&machine, "-1"), -1);
	assert_int_equal(machine__find_vipi(&machine, "+1"), -1);
	assert_int_equal(machine__find_vipi(&machine, ""), -1);
	assert_int_equal(machine__find_vipi(&machine, "CALL"), -1);
	assert_int_equal(machine__find_vipi(&machine, "18446744073709551616"), -1);

	machine__list_vipis(&machine, list, sizeof(list));
	assert_string_equal(list, "RESCHEDULE, CALL_FUNC, CPU_STOP, CPU_CRASH_STOP, IRQ_WORK");
	machine__list_vipis(&machine, list, 8);
	assert_string_equal(list, "RESCHED");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find_vipi),
		cmocka_unit_test(test_riscv),
		cmocka_unit_test(test_arm64),
		cmocka_unit_test(test_one_cpu),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_last_vipi),
		cmocka_unit_test(test_passed_over),
		cmocka_unit_test(test_among_garbage),
		cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_very_long_line),
		cmocka_unit_test(test_clock_offset),
		cmocka_unit_test(test_per_cpu),
	};

	return UNIT_RUN("machine", tests);
}
