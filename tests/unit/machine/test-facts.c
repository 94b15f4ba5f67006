// SPDX-License-Identifier: GPL-2.0-only
/*
 * Facts about the kernel out of text as kernels write it, and as no kernel should: cut off,
 * huge, noise. Of facts.c just the parsers: the rest reads the machine it runs on.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "machine/facts.h"
#include "unit.h"

static FILE *open_bytes(const void *bytes, size_t size)
{
	FILE *file = size ? fmemopen((void *)bytes, size, "r") : fopen("/dev/null", "r");

	assert_non_null(file);
	return file;
}

static struct facts parse(void (*parser)(struct facts *facts, FILE *file), const char *text)
{
	FILE *file = open_bytes(text, strlen(text));
	struct facts facts = {};

	parser(&facts, file);
	fclose(file);
	return facts;
}

/* --- symbols --- */

static void test_symbols(void **state)
{
	static const char text[] =
		"ffffffff800ad340 T __traceiter_ipi_mux_send\n"
		"ffffffff800ae274 T ipi_mux_process\n"
		"ffffffff80200000 t ipi_mux_process_late\n"
		"ffffffff80200000 t ipi_mux_send_mask.isra.0\n"
		"ffffffff01000000 t register_ftrace_direct\t[a_module]\n"
		"ffffffff810ef540 b ipi_mux_pcpu\n"
		"no symbol at all\n"
		"ffffffff80115cd4 T arch_prepare_bpf_trampoline";
	struct facts facts = parse(facts__parse_symbols, text);

	assert_int_equal(facts.symbols, SYMBOLS_READ);
	for (unsigned int i = 0; i < FACTS_NR_SYMBOLS; i++) {
		bool there = i == FACTS_TRACEPOINTS + FACTS_SEND || i == FACTS_PROCESS_ALL ||
			     i == FACTS_WORDS || i == FACTS_TRAMPOLINES;

		check(facts.symbol[i] == there, "%s", facts_symbol[i]);
		check(facts__symbol(&facts, i) == (there ? KNOWN_YES : KNOWN_NO), "%s",
		      facts_symbol[i]);
	}
}

static void test_every_symbol(void **state)
{
	for (unsigned int i = 0; i < FACTS_NR_SYMBOLS; i++) {
		struct facts facts;
		char line[128];

		/* Hidden addresses are 0, the names are there all the same. */
		snprintf(line, sizeof(line), "0000000000000000 T %s\n", facts_symbol[i]);
		facts = parse(facts__parse_symbols, line);
		assert_int_equal(facts.symbols, SYMBOLS_HIDDEN);
		for (unsigned int j = 0; j < FACTS_NR_SYMBOLS; j++)
			check(facts.symbol[j] == (i == j), "%s by %s", facts_symbol[j], line);
	}
}

/* Variables are read wherever they are; functions are attached to, by their own name only. */
static void test_renamed_symbols(void **state)
{
	static const char text[] =
		"ffffffff800ae274 t ipi_mux_process.llvm.12\n"
		"ffffffff810ef540 b ipi_mux_pcpu.llvm.8446744073709551615\n"
		"ffffffff810ef560 b ipi_mux_cpus_too\n";
	struct facts facts = parse(facts__parse_symbols, text);

	assert_int_equal(facts__symbol(&facts, FACTS_WORDS), KNOWN_YES);
	assert_int_equal(facts__symbol(&facts, FACTS_PATCHED_WORDS), KNOWN_NO);
	assert_int_equal(facts__symbol(&facts, FACTS_PROCESS_ALL), KNOWN_NO);
}

static void test_no_symbols(void **state)
{
	static const char * const texts[] = {
		"", "\n", "garbage\n", "ffffffff800ad340\n", "ffffffff800ad340 T\n",
		"ffffffff800ad340 T \n", "xyz T ipi_mux_process\n",
		"ffffffff800ad340 TT ipi_mux_process\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct facts facts = parse(facts__parse_symbols, texts[i]);

		check(facts.symbols == SYMBOLS_NONE, "'%s'", texts[i]);
		check(facts__symbol(&facts, FACTS_PROCESS_ALL) == KNOWN_NOT, "'%s'", texts[i]);
	}
}

/* --- configuration --- */

static int parse_config(struct facts *facts, const void *bytes, size_t size)
{
	FILE *file = open_bytes(bytes, size);
	int err = facts__parse_config(facts, file);

	fclose(file);
	return err;
}

static void test_config(void **state)
{
	static const char text[] =
		"#\n# Automatically generated file; DO NOT EDIT.\n#\n"
		"CONFIG_SMP=y\n"
		"CONFIG_BPF_SYSCALL=y\n"
		"CONFIG_BPF_JIT_DEFAULT_ON=y\n"
		"# CONFIG_BPF_JIT is not set\n"
		"CONFIG_DEBUG_INFO_BTF_MODULES=y\n"
		"CONFIG_BPF_EVENTS=m\n"
		"CONFIG_LOCALVERSION=\"CONFIG_DEBUG_INFO_BTF=y\"\n";
	struct facts facts = {};

	assert_int_equal(parse_config(&facts, text, strlen(text)), 0);
	for (unsigned int i = 0; i < FACTS_NR_OPTIONS; i++)
		check(facts.option[i] == (i == FACTS_SMP || i == FACTS_BPF_SYSCALL), "%s",
		      facts_option[i]);
	/* Whoever read the file says so. */
	assert_int_equal(facts__option(&facts, FACTS_SMP), KNOWN_NOT);
	strcpy(facts.config, "a file");
	assert_int_equal(facts__option(&facts, FACTS_SMP), KNOWN_YES);
	assert_int_equal(facts__option(&facts, FACTS_BPF_JIT), KNOWN_NO);
}

static ssize_t read_until_broken(void *left, char *buf, size_t size)
{
	static const char line[] = "CONFIG_SMP=y\n";
	int *lines = left;

	if (!(*lines)--)
		return -1;
	memcpy(buf, line, sizeof(line) - 1);
	return sizeof(line) - 1;
}

/* What cannot be read to its end says nothing of what is not in it. */
static void test_broken_config(void **state)
{
	static const cookie_io_functions_t functions = { .read = read_until_broken };
	struct facts facts = {};
	int lines = 3;
	FILE *file = fopencookie(&lines, "r", functions);

	assert_int_equal(facts__parse_config(&facts, file), -EIO);
	assert_false(facts.option[FACTS_SMP]);
	fclose(file);
}

static void test_no_config(void **state)
{
	static const char * const texts[] = {
		"", "\n", "# a comment\n", "<html>\n", "CONFIG\n", "XCONFIG_SMP=y\n",
		"# CONFIG_SMP\n", "#CONFIG_SMP is not set\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct facts facts = {};

		check(parse_config(&facts, texts[i], strlen(texts[i])) == -ENODATA, "'%s'",
		      texts[i]);
		check(!facts.option[FACTS_SMP], "'%s'", texts[i]);
	}
}

/* --- the parent --- */

static void test_parents(void **state)
{
	static const struct {
		const char *text, *key;
	} cases[] = {
		{ "  0: offline\n102: irqchip/sbi-ipi:starting\n238: online\n", "sbi" },
		{ "99: irqchip/riscv/imsic:starting\n", "imsic" },
		{ "99: irqchip/riscv/imsic:starting", "imsic" },
		{ "  7: clockevents/clint/timer:starting\n", "clint" },
		{ "103: irqchip/aclint-sswi:starting\r\n", "aclint-sswi" },
		{ "103: irqchip/thead-aclint-sswi:starting\n", "aclint-sswi" },
		{ "98: irqchip/apple-aic/ipi:starting\n", "aic" },
		/* The same one twice is one. */
		{ "1: irqchip/sbi-ipi:starting\n2: irqchip/sbi-ipi:starting\n", "sbi" },
		/* Two are none: it is not known which has the mux. */
		{ "1: irqchip/sbi-ipi:starting\n2: irqchip/riscv/imsic:starting\n", NULL },
		{ "1: irqchip/sbi-ipi:starting\n2: irqchip/riscv/imsic:starting\n"
		  "3: irqchip/sbi-ipi:starting\n", NULL },
		{ "", NULL },
		{ "\n\n", NULL },
		{ "102: irqchip/sbi-ipi:dying\n", NULL },
		{ "102: irqchip/sbi-ipi:startin", NULL },
		{ "102: irqchip/sbi-ipi:starting too\n", NULL },
		{ "clockevents/riscv/timer:starting\n", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct facts facts = parse(facts__parse_states, cases[i].text);

		assert_int_equal(facts.parent != NULL, cases[i].key != NULL);
		if (facts.parent)
			assert_string_equal(facts.parent->key, cases[i].key);
	}
}

/* What the kernel wrote to its log is believed, what a program wrote to it is not. */
static void test_log(void **state)
{
	static const struct {
		const char *record, *key;
	} cases[] = {
		{ "6,339,5140900,-;riscv: providing IPIs using SBI IPI extension\n", "sbi" },
		{ "6,339,5140900,-;riscv: providing IPIs using SBI IPI extension", "sbi" },
		{ "6,1,0,-,caller=T0;riscv-imsic: imsics@28000000: providing IPIs using "
		  "interrupt 1\n SUBSYSTEM=x\n", "imsic" },
		{ "0,1,0,-;riscv: providing IPIs using SBI IPI extension\n", "sbi" },
		{ "14,1,0,-;riscv: providing IPIs using SBI IPI extension\n", NULL },
		{ "8,1,0,-;riscv: providing IPIs using SBI IPI extension\n", NULL },
		{ "6,1,0,-;riscv: something else\n riscv: providing IPIs using SBI IPI "
		  "extension\n", NULL },
		{ "riscv: providing IPIs using SBI IPI extension\n", NULL },
		{ "6;riscv: providing IPIs using SBI IPI extension\n", NULL },
		{ ",1,0,-;riscv: providing IPIs using SBI IPI extension\n", NULL },
		{ "6,1,0,-riscv: providing IPIs using SBI IPI extension\n", NULL },
		{ "6,1,0,-;\n", NULL }, { "6,1,0,-;", NULL }, { "6,", NULL }, { "6", NULL },
		{ "\n", NULL }, { "", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct parent *parent = facts__parse_record(cases[i].record);

		check(!parent == !cases[i].key, "%s", cases[i].record);
		if (parent)
			assert_string_equal(parent->key, cases[i].key);
	}
}

/* The device tree has the names of each device one behind the other, the special one first. */
static void test_compatible(void **state)
{
	static const struct {
		const char *strings, *compatible;
		size_t size;
	} cases[] = {
#define STRINGS(text) .strings = text, .size = sizeof(text)
		{ STRINGS("mips,p8700-aclint-sswi"), .compatible = "mips,p8700-aclint-sswi" },
		{ STRINGS("thead,c900-aclint-sswi\0riscv,aclint-sswi"),
		  .compatible = "thead,c900-aclint-sswi" },
		{ STRINGS("vendor,new\0nuclei,ux900-aclint-sswi"),
		  .compatible = "nuclei,ux900-aclint-sswi" },
		{ STRINGS("riscv,aclint-sswi") }, { STRINGS("") }, { STRINGS("\0\0\0") },
		{ STRINGS("mips,p8700-aclint-sswi2") }, { STRINGS("xmips,p8700-aclint-sswi") },
		{ .strings = "", .size = 0 },
		/* cut off */
		{ .strings = "mips,p8700-aclint-sswi", .size = 22 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct parent *sswi = parents__by_state("irqchip/aclint-sswi:starting");
		struct facts facts = { .parent = sswi };
		bool found = facts__parse_compatible(&facts, cases[i].strings, cases[i].size);

		check(found == !!cases[i].compatible, "%zu", i);
		if (found)
			assert_string_equal(facts.parent->compatible, cases[i].compatible);
		else
			assert_ptr_equal(facts.parent, sswi);
		/* Whoever has another driver has none of its devices. */
		facts.parent = parents;
		assert_false(facts__parse_compatible(&facts, cases[i].strings, cases[i].size));
		assert_ptr_equal(facts.parent, parents);
	}
}

/* The functions that raise, each by its own name. */
static void test_raisers(void **state)
{
	for (const struct parent *parent = parents; parent->key; parent++) {
		struct facts facts;
		char line[128];

		snprintf(line, sizeof(line), "ffffffff800ad340 t %s\n", parent->function);
		facts = parse(facts__parse_symbols, line);
		for (const struct parent *other = parents; other->key; other++)
			check(facts__raiser(&facts, other) ==
			      (strcmp(other->function, parent->function) ? KNOWN_NO : KNOWN_YES),
			      "%s by %s", other->function, line);
		snprintf(line, sizeof(line), "ffffffff800ad340 t %s.isra.0\n", parent->function);
		facts = parse(facts__parse_symbols, line);
		assert_int_equal(facts__raiser(&facts, parent), KNOWN_NO);
		facts = parse(facts__parse_symbols, "");
		assert_int_equal(facts__raiser(&facts, parent), KNOWN_NOT);
	}
}

/* --- mounts, lockdown, settings --- */

static void test_mounts(void **state)
{
	static const struct {
		const char *text, *where;
	} cases[] = {
		{ "proc /proc proc rw 0 0\ntracefs /sys/kernel/tracing tracefs rw 0 0\n",
		  "/sys/kernel/tracing" },
		{ "nodev /t tracefs rw 0 0\ntracefs /second tracefs rw 0 0\n", "/t" },
		{ "tracefs /cut tracefs", "/cut" },
		{ "tracefs /a\\040b tracefs rw 0 0\ntracefs /c tracefs rw 0 0\n", "/c" },
		{ "tracefs /a\033b tracefs rw 0 0\ntracefs /c tracefs rw 0 0\n", "/c" },
		{ "tracefs /sys/kernel/tracing tmpfs rw 0 0\n", "" },
		{ "tracefs tracefs\n", "" },
		{ "tracefs\n", "" },
		{ "\n \n", "" },
		{ "", "" },
		{ "x /012345678901234567890123456789012345678901234567890123456789012 tracefs\n",
		  "" },
		{ "x /01234567890123456789012345678901234567890123456789012345678901 tracefs\n",
		  "/01234567890123456789012345678901234567890123456789012345678901" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct facts facts = parse(facts__parse_mounts, cases[i].text);

		check(!strcmp(facts.tracefs, cases[i].where), "%zu: '%s'", i, facts.tracefs);
	}
}

static void test_lockdown(void **state)
{
	static const struct {
		const char *text, *mode;
	} cases[] = {
		{ "[none] integrity confidentiality\n", "none" },
		{ "none [integrity] confidentiality\n", "integrity" },
		{ "none integrity [confidentiality]", "confidentiality" },
		{ "none integrity [confidentiality", "" },
		{ "none integrity confidentiality\n", "" },
		{ "[]", "" },
		{ "[\n]", "" },
		{ "", "" },
		{ "[much too long for any mode that there is]", "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct facts facts = {};

		facts__parse_lockdown(&facts, cases[i].text);
		check(!strcmp(facts.lockdown, cases[i].mode), "'%s': '%s'", cases[i].text,
		      facts.lockdown);
	}
}

static void test_settings(void **state)
{
	static const struct {
		const char *text;
		int value;
	} cases[] = {
		{ "1\n", 1 }, { "0", 0 }, { "-1\n", -1 }, { " 2 \t\n", 2 },
		{ "2147483647\n", INT_MAX }, { "2147483648\n", FACTS_UNSET },
		{ "-2147483648\n", FACTS_UNSET }, { "99999999999999999999\n", FACTS_UNSET },
		{ "", FACTS_UNSET }, { "\n", FACTS_UNSET }, { "on\n", FACTS_UNSET },
		{ "1 2\n", FACTS_UNSET }, { "1x", FACTS_UNSET },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		check(facts__parse_setting(cases[i].text) == cases[i].value, "'%s'",
		      cases[i].text);
}

/* --- what nobody would write --- */

/* For the sanitizers: all parsers survive it. */
static void parse_all(const char *bytes, size_t size)
{
	void (* const parsers[])(struct facts *facts, FILE *file) = {
		facts__parse_symbols, facts__parse_states, facts__parse_mounts,
	};
	struct facts facts = {};
	char *text = malloc(size + 1);

	for (size_t i = 0; i < ARRAY_SIZE(parsers); i++) {
		FILE *file = open_bytes(bytes, size);

		parsers[i](&facts, file);
		fclose(file);
	}
	parse_config(&facts, bytes, size);
	memcpy(text, bytes, size);
	text[size] = '\0';
	facts__parse_lockdown(&facts, text);
	facts__parse_setting(text);
	facts__parse_record(text);
	facts.parent = parents__by_state("irqchip/aclint-sswi:starting");
	facts__parse_compatible(&facts, bytes, size);
	free(text);
	assert_true(strlen(facts.tracefs) < sizeof(facts.tracefs));
	assert_true(strlen(facts.lockdown) < sizeof(facts.lockdown));
}

static void test_garbage(void **state)
{
	static const char pieces[][16] = {
		"CONFIG_", "SMP", "=y", "\n", " ", "0", "ffff", " T ", "ipi_mux_process", "\t[",
		"tracefs", "irqchip/", "sbi-ipi", ":starting", "[", "]", "-", "6,1,", ";",
	};
	uint64_t random = 5;
	char bytes[4096];

	for (int round = 0; round < 200; round++) {
		size_t size = 0;

		while (size < sizeof(bytes) - sizeof(*pieces)) {
			const char *piece = pieces[unit__below(&random, ARRAY_SIZE(pieces))];

			if (round % 2) {
				memcpy(bytes + size, piece, strlen(piece));
				size += strlen(piece);
			} else {
				bytes[size++] = unit__random(&random);
			}
		}
		parse_all(bytes, unit__below(&random, size));
	}
}

/* A line of megabytes, and behind it one that counts. */
static void test_huge(void **state)
{
	static const char tail[] =
		"\nffffffff800ae274 T ipi_mux_process\n9: irqchip/sbi-ipi:starting\n"
		"CONFIG_SMP=y\n";
	size_t size = 4 << 20;
	char *bytes = malloc(size + sizeof(tail));
	struct facts facts;

	memset(bytes, 'x', size);
	memcpy(bytes + size, tail, sizeof(tail));
	facts = parse(facts__parse_symbols, bytes);
	assert_true(facts.symbol[FACTS_PROCESS_ALL]);
	facts = parse(facts__parse_states, bytes);
	assert_ptr_equal(facts.parent, parents);
	assert_int_equal(parse_config(&facts, bytes, strlen(bytes)), 0);
	assert_true(facts.option[FACTS_SMP]);
	parse_all(bytes, size);
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_symbols),
		cmocka_unit_test(test_every_symbol),
		cmocka_unit_test(test_renamed_symbols),
		cmocka_unit_test(test_no_symbols),
		cmocka_unit_test(test_config),
		cmocka_unit_test(test_broken_config),
		cmocka_unit_test(test_no_config),
		cmocka_unit_test(test_parents),
		cmocka_unit_test(test_log),
		cmocka_unit_test(test_compatible),
		cmocka_unit_test(test_raisers),
		cmocka_unit_test(test_mounts),
		cmocka_unit_test(test_lockdown),
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_huge),
	};

	return UNIT_RUN("facts", tests);
}
