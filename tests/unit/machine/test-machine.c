// SPDX-License-Identifier: GPL-2.0-only
/*
 * The vIPIs' names out of /proc/interrupts, as kernels write it and as no kernel
 * should. Of machine.c just this: the rest reads the machine it runs on.
 */
#include <stdlib.h>
#include <errno.h>
#include <string.h>

#include "unit.h"

/* The names that are there before, to see what is left alone. */
static const char *unnamed(unsigned int vipi)
{
	static char name[MACHINE_NAME_SIZE];

	snprintf(name, sizeof(name), "vIPI%u", vipi);
	return name;
}

static void parse_bytes(struct machine *machine, const char *bytes, size_t size)
{
	FILE *file = fmemopen((void *)bytes, size, "r");

	assert_non_null(file);
	memset(machine, 0, sizeof(*machine));
	machine->nr_vipis = 5;
	for (unsigned int vipi = 0; vipi < IPIMUX_MAX_VIPIS; vipi++)
		strcpy(machine->vipi_name[vipi], unnamed(vipi));
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
		const char *expected = vipi < nr ? names[vipi] : unnamed(vipi);

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
		const char *names[] = { "vIPI0", expected };
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
	strcpy(machine.vipi_name[31], unnamed(31));
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
	static const char * const names[] = { "vIPI0", "vIPI1", "CPU_STOP" };
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

/* Each name is one vIPI's, however many have its text, and whatever is made of the others. */
static void test_same_names(void **state)
{
	static const struct {
		const char *texts[6];	/* NULL: no line */
		const char *names[6];
	} cases[] = {
		{ { "Doorbell interrupts", "x", "Doorbell interrupts" },
		  { "Doorbell", "x", "Doorbell.2", "vIPI3", "vIPI4", "vIPI5" } },
		{ { "A", "A", "A", "A", "A", "A" }, { "A", "A.1", "A.2", "A.3", "A.4", "A.5" } },
		/* As options are compared: in any case. */
		{ { "IRQ work interrupts", "irq_work" },
		  { "IRQ_WORK", "irq_work.1", "vIPI2", "vIPI3", "vIPI4", "vIPI5" } },
		/* As tests of `check` are named: all signs alike. */
		{ { "a b", "a_b", "a-b interrupts", "ab" },
		  { "a b", "a_b.1", "a-b.2", "ab", "vIPI4", "vIPI5" } },
		/* One that is called what another would have to become, before and behind it. */
		{ { "A", "A.5", "B", "B", "B.3", "A" },
		  { "A", "A.5", "B", "B.3.2", "B.3", "A.5.2" } },
		/* What one without a text is called. */
		{ { "vIPI3", "VIPI1 interrupts", "vIPI4" },
		  { "vIPI3", "VIPI1", "vIPI4", "vIPI3.3", "vIPI4.4", "vIPI5" } },
		/* What options are made of; what is no ASCII. */
		{ { "a,b", "a=b interrupts", "c=1,d=2", "\xc3\xa9\033", "a%sb", " " },
		  { "a_b", "a_b.1", "c_1_d_2", "?" "??", "a%sb", "vIPI5" } },
		/* Too long: what is left of them is one. */
		{ { "0123456789abcdef0123456789abcde interrupts",
		    "0123456789abcdef0123456789abcdeX interrupts",
		    "0123456789abcdef0123456789abcdeY interrupts" },
		  { "0123456789abcdef0123456789abcde", "0123456789abcdef0123456789abc.1",
		    "0123456789abcdef0123456789abc.2", "vIPI3", "vIPI4", "vIPI5" } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[1024] = "";
		struct machine machine;
		size_t length = 0;

		for (unsigned int vipi = 0; vipi < 6; vipi++)
			if (cases[i].texts[vipi])
				length += snprintf(text + length, sizeof(text) - length,
						   "IPI%u:1 2  %s\n", vipi,
						   cases[i].texts[vipi]);
		parse(&machine, text);
		check_names(&machine, cases[i].names, ARRAY_SIZE(cases[i].names));
		machine.nr_vipis = 6;
		for (unsigned int vipi = 0; vipi < 6; vipi++) {
			char number[16];

			assert_int_equal(machine__find_vipi(&machine, machine.vipi_name[vipi]),
					 vipi);
			snprintf(number, sizeof(number), "%u", vipi);
			assert_int_equal(machine__find_vipi(&machine, number), vipi);
		}
		/* What is settled stays. */
		machine__settle_names(&machine);
		check_names(&machine, cases[i].names, ARRAY_SIZE(cases[i].names));
	}
}

/* Of a recording: a number is that of a vIPI, but where it is its own. */
static void test_number_names(void **state)
{
	static const char * const before[] = { "3", "1", "007", "31", "3x", "5.0" };
	static const char * const after[] = { "3.0", "1", "007.2", "31.3", "3x", "5.0" };
	struct machine machine = { .nr_vipis = ARRAY_SIZE(before) };

	for (unsigned int vipi = 0; vipi < machine.nr_vipis; vipi++)
		strcpy(machine.vipi_name[vipi], before[vipi]);
	machine__settle_names(&machine);
	for (unsigned int vipi = 0; vipi < machine.nr_vipis; vipi++) {
		char number[16];

		assert_string_equal(machine.vipi_name[vipi], after[vipi]);
		snprintf(number, sizeof(number), "%u", vipi);
		assert_int_equal(machine__find_vipi(&machine, number), vipi);
	}
}

/* All that there can be, with names that cut each other's room. */
static void test_all_the_same(void **state)
{
	struct machine machine = { .nr_vipis = IPIMUX_MAX_VIPIS };

	for (unsigned int vipi = 0; vipi < IPIMUX_MAX_VIPIS; vipi++)
		memset(machine.vipi_name[vipi], 'x', MACHINE_NAME_SIZE - 1);
	machine__settle_names(&machine);
	for (unsigned int vipi = 0; vipi < IPIMUX_MAX_VIPIS; vipi++)
		assert_int_equal(machine__find_vipi(&machine, machine.vipi_name[vipi]), vipi);
}

/* A list is what it says, or an error: never an empty set, which would stand for all. */
static void test_find_vipis(void **state)
{
	static const struct {
		const char *list;
		__u32 vipis;
		const char *unknown;
	} cases[] = {
		{ "RESCHEDULE", 1 << 0, NULL },
		{ "timer,CALL_FUNC", 1 << 5 | 1 << 1, NULL },
		{ "7,7,KGDB_ROUNDUP", 1 << 7, NULL },
		{ "", 0, "" },
		{ ",", 0, "," },
		{ "0,", 0, "" },
		{ "0,,1", 0, ",1" },
		{ "0,8,1", 0, "8,1" },
		{ "0, 1", 0, " 1" },
		{ "0123456789abcdef0123456789abcdef0123456789abcdef,1", 0,
		  "0123456789abcdef0123456789abcdef0123456789abcdef,1" },
	};
	struct machine machine;

	unit__machine(&machine, 1, 8);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		__u32 vipis = 0xdead;
		const char *unknown = machine__find_vipis(&machine, cases[i].list, &vipis);

		check(!unknown == !cases[i].unknown &&
		      (!unknown || !strcmp(unknown, cases[i].unknown)), "'%s': '%s'",
		      cases[i].list, unknown);
		check(vipis == (unknown ? 0xdead : cases[i].vipis), "'%s': %x", cases[i].list,
		      vipis);
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

static int parse_ran(const char *text, __u64 *ran)
{
	FILE *file = fmemopen((void *)text, strlen(text), "r");
	struct cpuset possible;
	int err;

	assert_non_null(file);
	assert_int_equal(cpuset__parse(&possible, "0-1,3"), 0);
	for (unsigned int cpu = 0; cpu < 5; cpu++)
		ran[cpu] = 7;
	err = machine__parse_ran(&possible, file, 100, ran);
	fclose(file);
	return err;
}

/* What a CPU did, without what its host took; and nothing that is no CPU's. */
static void test_ran(void **state)
{
	__u64 ran[5];

	assert_int_equal(parse_ran("cpu  9 9 9 9 9 9 9 9 9 9\n"
				   "cpu0 1 2 3 4000 5 6 7 800 90 10\n"
				   "cpu1 0 0 0 0 0 0 0 1 0 0\n"
				   "cpu2 1 1 1 1 1 1 1 1 1 1\n"
				   "cpu3 1 1 1 1 1 1 1\n"
				   "intr 1234 0 0\n", ran), 0);
	assert_int_equal(ran[0], 40240000000ULL);
	assert_int_equal(ran[1], 0);
	assert_int_equal(ran[2], 7);
	assert_int_equal(ran[3], 70000000);
	assert_int_equal(ran[4], 7);
}

static void test_ran_strange(void **state)
{
	static const char * const texts[] = {
		"", "cpu 1 2 3 4 5 6 7\n", "cpu2 1 2 3 4 5 6 7\n", "cpu4096 1 2 3 4 5 6 7\n",
		"cpu0 1 2 3 4 5 6\n", "cpu0 1 2 3 4 5 6 x\n", "cpu0 1 2 3 4 5 6 7x\n",
		"cpu0 1 2 3 -4 5 6 7\n", "cpu0:1 2 3 4 5 6 7\n", "cpu-1 1 2 3 4 5 6 7\n",
		"cpu0 99999999999999999999 2 3 4 5 6 7\n", "cpu0 1 2 3 9999999999999999999 5 6 7\n",
		"cpu0 2305843009213693951 2305843009213693951 2305843009213693951 0 0 0 0\n",
		"cpu18446744073709551616 1 2 3 4 5 6 7\n", " cpu0 1 2 3 4 5 6 7\n",
	};
	__u64 ran[5];

	for (size_t i = 1; i < ARRAY_SIZE(texts); i++) {
		check(parse_ran(texts[i], ran) == -EINVAL, "%s", texts[i]);
		check(ran[0] == 7 && ran[2] == 7, "%s", texts[i]);
	}
	/* The highest that fits. */
	assert_int_equal(parse_ran("cpu0 922337203599 0 0 0 0 0 0\n", ran), 0);
	assert_int_equal(ran[0], 9223372035990000000ULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_names),
		cmocka_unit_test(test_number_names),
		cmocka_unit_test(test_all_the_same),
		cmocka_unit_test(test_find_vipis),
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
		cmocka_unit_test(test_ran),
		cmocka_unit_test(test_ran_strange),
	};

	return UNIT_RUN("machine", tests);
}
