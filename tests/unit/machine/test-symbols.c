// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names for addresses: the right function whatever the order of the lines, and no
 * trouble with lines that make no sense.
 */
#include <stdlib.h>
#include <string.h>

#include "machine/symbols.h"
#include "unit.h"

static void read_text(struct symbols *symbols, const char *text, size_t size)
{
	FILE *file = fmemopen((void *)text, size, "r");

	assert_non_null(file);
	symbols__read(symbols, file);
	fclose(file);
}

static void find(struct symbols *symbols, const __u64 *addresses, unsigned int nr,
		 const char *text)
{
	assert_int_equal(symbols__init(symbols, addresses, nr), 0);
	read_text(symbols, text, strlen(text));
}

static const char kallsyms[] =
	"ffffffff80002000 T second\n"
	"ffffffff80001000 t first\n"
	"ffffffff80001800 d data\n"
	"ffffffff80001900 t $x\n"
	"ffffffff80001a00 t .L0\n"
	"ffffffff80003000 W third\n"
	"ffffffff02000000 t in_module\t[a_module]\n"
	"ffffffff80003000 T third_too\n"
	"ffffffff80004000 T end";

static void test_names(void **state)
{
	static const struct {
		__u64 address;
		const char *name;
	} cases[] = {
		{ 0, NULL },
		{ 0xffffffff01ffffff, NULL },
		{ 0xffffffff02000000, "in_module [a_module]" },
		{ 0xffffffff02000123, "in_module [a_module]" },
		/* Far behind the last symbol of the module. */
		{ 0xffffffff80000fff, NULL },
		{ 0xffffffff80001000, "first" },
		{ 0xffffffff80001801, "first" },
		{ 0xffffffff80001fff, "first" },
		{ 0xffffffff80002000, "second" },
		{ 0xffffffff80002001, "second" },
		{ 0xffffffff80002fff, "second" },
		{ 0xffffffff80003000, "third" },
		{ 0xffffffff80003abc, "third" },
		{ 0xffffffff80004000, "end" },
		{ 0xffffffff80104000, "end" },
		{ 0xffffffff80104001, NULL },
		{ ~0ULL, NULL },
	};
	__u64 addresses[2 * ARRAY_SIZE(cases)];
	struct symbols symbols;

	/* Backwards, and each of them twice. */
	for (size_t i = 0; i < ARRAY_SIZE(addresses); i++)
		addresses[i] = cases[ARRAY_SIZE(cases) - 1 - i / 2].address;
	find(&symbols, addresses, ARRAY_SIZE(addresses), kallsyms);
	assert_int_equal(symbols.state, SYMBOLS_READ);
	assert_int_equal(symbols.nr_symbols, ARRAY_SIZE(cases));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *name = symbols__name(&symbols, cases[i].address);

		check(!name == !cases[i].name && (!name || !strcmp(name, cases[i].name)),
		      "0x%llx: %s", (unsigned long long)cases[i].address, name);
	}
	/* Nobody asked. */
	assert_null(symbols__name(&symbols, 0xffffffff80001002));
	symbols__free(&symbols);

	/* The only one that was asked for. */
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *name;

		find(&symbols, &cases[i].address, 1, kallsyms);
		name = symbols__name(&symbols, cases[i].address);
		check(!name == !cases[i].name && (!name || !strcmp(name, cases[i].name)),
		      "0x%llx alone: %s", (unsigned long long)cases[i].address, name);
		symbols__free(&symbols);
	}
}

static void test_states(void **state)
{
	static const struct {
		const char *text;
		enum symbols_state state;
	} cases[] = {
		{ "", SYMBOLS_NONE },
		{ "\n\n", SYMBOLS_NONE },
		{ "no symbols here\n", SYMBOLS_NONE },
		{ "ffffffff80001000 D data\n", SYMBOLS_NONE },
		{ "0000000000000000 T first\n0000000000000000 t second\n", SYMBOLS_HIDDEN },
		{ "0000000000000000 D data\n", SYMBOLS_NONE },
		/* As on a machine that has a first symbol at 0. */
		{ "0000000000000000 T zero\nffffffff80001000 T first\n", SYMBOLS_READ },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const __u64 address = 0xffffffff80001010;
		struct symbols symbols;

		find(&symbols, &address, 1, cases[i].text);
		check(symbols.state == cases[i].state, "'%s': %d", cases[i].text, symbols.state);
		check(!symbols__name(&symbols, address) == (cases[i].state != SYMBOLS_READ), "'%s'",
		      cases[i].text);
		symbols__free(&symbols);
	}
}

/* Longer than any name that is kept, or any line that is read. */
static void test_long(void **state)
{
	static const __u64 addresses[] = { 0x1000, 0x2000, 0x3000 };
	size_t size = 10000;
	char *text = malloc(size);
	struct symbols symbols;
	const char *name;
	size_t length;

	length = snprintf(text, size, "1000 T %0200d\n2000 T %05000d\n3000 T short\n", 7, 8);
	assert_int_equal(symbols__init(&symbols, addresses, 3), 0);
	read_text(&symbols, text, length);
	name = symbols__name(&symbols, 0x1000);
	assert_int_equal(strlen(name), SYMBOLS_NAME_SIZE - 1);
	/* Its line was passed over, all of it. */
	assert_string_equal(symbols__name(&symbols, 0x2000), name);
	assert_string_equal(symbols__name(&symbols, 0x3000), "short");
	symbols__free(&symbols);
	free(text);
}

static void test_garbage(void **state)
{
	static const char alphabet[] = "0123456789abcdeftTwWdD  \t\n[]$.Lx\n\0\xff-+";
	uint64_t random = 13;

	for (int round = 0; round < 3000; round++) {
		unsigned int size = 1 + unit__below(&random, 400);
		char *text = malloc(size);
		__u64 addresses[20];
		struct symbols symbols;

		for (unsigned int i = 0; i < size; i++)
			text[i] = alphabet[unit__below(&random, sizeof(alphabet) - 1)];
		for (size_t i = 0; i < ARRAY_SIZE(addresses); i++)
			addresses[i] = unit__below(&random, 2) ? unit__random(&random) :
				       unit__below(&random, 70000);
		assert_int_equal(symbols__init(&symbols, addresses, ARRAY_SIZE(addresses)), 0);
		read_text(&symbols, text, size);
		for (size_t i = 0; i < ARRAY_SIZE(addresses); i++) {
			const char *name = symbols__name(&symbols, addresses[i]);

			check(!name || (*name && strlen(name) < SYMBOLS_NAME_SIZE), "round %d",
			      round);
		}
		symbols__free(&symbols);
		free(text);
	}
}

/* Modules may be made with any names; they are to be shown on terminals and in JSON. */
static void test_unprintable(void **state)
{
	static const __u64 address = 0x1004;
	struct symbols symbols;

	find(&symbols, &address, 1, "1000 T a\x1b[2J\xff\xc3\t[m\x7f]\n");
	assert_string_equal(symbols__name(&symbols, address), "a?[2J?? [m?]");
	symbols__free(&symbols);
}

/* What compilers put behind a name: ThinLTO's number of a file is nothing to read. */
static void test_suffixes(void **state)
{
	static const struct {
		const char *name, *shown;
	} cases[] = {
		{ "f.llvm.8446744073709551615", "f" },
		{ "f.llvm.1.cold", "f.cold" },
		{ "f.constprop.0.llvm.12", "f.constprop.0" },
		{ "f.isra.0", "f.isra.0" },
		{ "f.part.1", "f.part.1" },
		{ "f.llvm.", "f.llvm." },
		{ "f.llvm.x", "f.llvm.x" },
		{ "f.llvm.12x", "f.llvm.12x" },
		{ "f.llvmx.12", "f.llvmx.12" },
		{ ".llvm.12", ".llvm.12" },
	};
	static const __u64 address = 0x1004;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct symbols symbols;
		char text[128];

		snprintf(text, sizeof(text), "1000 t %s\t[m]\n", cases[i].name);
		find(&symbols, &address, 1, text);
		snprintf(text, sizeof(text), "%s [m]", cases[i].shown);
		check(!strcmp(symbols__name(&symbols, address), text), "%s: %s", cases[i].name,
		      symbols__name(&symbols, address));
		symbols__free(&symbols);
	}
}

/* The whole of a function or variable is it, by whatever name; a part of one is not. */
static void test_is(void **state)
{
	static const char * const same[] = {
		"f", "f.llvm.1", "f.constprop.0", "f.isra.0", "f.isra.0.constprop.12",
		"f.constprop.0.isra.1.llvm.18446744073709551615",
	};
	static const char * const others[] = {
		"", "ff", "g", "F", "f.", "f.part.0", "f.cold", "f.llvm", "f.llvm.", "f.llvm.x",
		"f.isra.0.cold", "f.isra.0.part.1", "f.isra.", "f.isra.0x", "f.0", "fllvm.1",
	};

	for (size_t i = 0; i < ARRAY_SIZE(same); i++)
		check(symbols__is(same[i], "f"), "%s", same[i]);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		check(!symbols__is(others[i], "f"), "%s", others[i]);
	assert_false(symbols__is("f", "f.isra.0"));
}

static void test_nothing_asked(void **state)
{
	struct symbols symbols;

	find(&symbols, NULL, 0, kallsyms);
	assert_int_equal(symbols.state, SYMBOLS_READ);
	assert_null(symbols__name(&symbols, 0xffffffff80001000));
	symbols__free(&symbols);
	symbols__free(&symbols);
}

static bool find_names(struct symbol_wanted *wanted, unsigned int nr, const char *text)
{
	FILE *file = fmemopen((void *)text, strlen(text), "r");
	bool any;

	assert_non_null(file);
	any = symbols__find(wanted, nr, NULL, file);
	fclose(file);
	return any;
}

/* test_addresses - as the kernel writes them: at most sixteen digits, and no capitals */
static void test_addresses(void **state)
{
	static const char *const none[] = {
		"FFFFFFFF80001000 T name\n", "0x1000 T name\n", " 1000 T name\n", "-1 T name\n",
		"1ffffffff80001000 T name\n", "00000000000000001 T name\n", "1000\tT name\n",
		"1000 T  \n", "1000 Tname\n", "1000 T", "T name\n", "\n",
	};
	struct symbol_wanted wanted = { .name = "name" };

	for (size_t i = 0; i < ARRAY_SIZE(none); i++) {
		check(!find_names(&wanted, 1, none[i]), "'%s'", none[i]);
		check(!wanted.address, "'%s'", none[i]);
	}
	assert_true(find_names(&wanted, 1, "ffffffffffffffff T  name \t\n"));
	assert_true(wanted.address == ~0ULL);
	wanted.address = 0;
	assert_true(find_names(&wanted, 1, "abcdef0123456789 d name"));
	assert_true(wanted.address == 0xabcdef0123456789);
}

static void test_find(void **state)
{
	struct symbol_wanted wanted[] = {
		{ .name = "data" }, { .name = "first" }, { .name = "in_module" }, { .name = "end" },
		{ .name = "thir" },
	};

	assert_true(find_names(wanted, 5, kallsyms));
	assert_int_equal(wanted[0].address, 0xffffffff80001800);
	assert_int_equal(wanted[1].address, 0xffffffff80001000);
	/* One of a module, and part of a name, are not what was asked for. */
	assert_int_equal(wanted[2].address, 0);
	assert_int_equal(wanted[3].address, 0xffffffff80004000);
	assert_int_equal(wanted[4].address, 0);

	wanted[0].address = 0;
	assert_false(find_names(wanted, 1, "0000000000000000 d data\ngarbage\n0 \n\n"));
	assert_int_equal(wanted[0].address, 0);
}

/* As ThinLTO renames what is static; its own name comes first, wherever it stands. */
static void test_find_renamed(void **state)
{
	static const char text[] =
		"1000 d words.llvm.12\n2000 d words.llvm.13\n3000 t raise.isra.0\n"
		"4000 t raise\n5000 t send.part.0\n6000 t send.llvm.1\t[m]\n7000 d own\n"
		"8000 d own.llvm.5\n";
	struct symbol_wanted wanted[] = {
		{ .name = "words" }, { .name = "raise" }, { .name = "send" }, { .name = "own" },
	};

	assert_true(find_names(wanted, 4, text));
	assert_true(wanted[0].address == 0x1000 && wanted[0].renamed);
	assert_true(wanted[1].address == 0x4000 && !wanted[1].renamed);
	assert_true(wanted[2].address == 0 && !wanted[2].renamed);
	assert_true(wanted[3].address == 0x7000 && !wanted[3].renamed);
}

/* What is set right already is not what is to be set. */
static void test_advice(void **state)
{
	static const struct {
		int restricted;
		bool may_see, sysctl, syslog, paranoid;
	} cases[] = {
		{ -1, false, false, true, true }, { 0, false, false, true, true },
		{ 1, false, false, true, false }, { 2, false, true, true, false },
		{ -1, true, false, false, false }, { 0, true, false, false, false },
		{ 1, true, false, false, false }, { 2, true, true, false, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *advice = symbols__advice(cases[i].restricted, cases[i].may_see);

		check(!!strstr(advice, "kptr_restrict=1") == cases[i].sysctl &&
		      !!strstr(advice, "CAP_SYSLOG") == cases[i].syslog &&
		      !!strstr(advice, "perf_event_paranoid") == cases[i].paranoid && *advice,
		      "%d, %d: %s", cases[i].restricted, cases[i].may_see, advice);
	}
}

/* Functions by the begin of their names: where they end is where anything else begins. */
static void test_functions(void **state)
{
	static const char kallsyms[] =
		"ffffffff80001000 t ipi_mux_mask\n"
		"ffffffff80001010 t other\n"
		"ffffffff80001020 T ipi_mux_send_mask\n"
		"ffffffff80001020 T alias\n"
		"ffffffff80001040 t ipi_mux_unmask_traced.isra.0\n"
		"ffffffff80001044 t $x\n"
		"ffffffff80001048 t .L5\n"
		"ffffffff80001050 d data\n"
		"ffffffff80002000 d ipi_mux_chip\n"
		"ffffffff80003000 t ipi_mux_in [a_module]\n"
		"ffffffff80004000 t my_ipi_mux_mask\n"
		"ffffffff80005000 t ipi_mux_last\n";
	static const struct {
		const char *name;
		__u64 start, end;
	} cases[] = {
		{ "ipi_mux_mask", 0xffffffff80001000, 0xffffffff80001010 },
		{ "ipi_mux_send_mask", 0xffffffff80001020, 0xffffffff80001040 },
		{ "ipi_mux_unmask_traced.isra.0", 0xffffffff80001040, 0xffffffff80001050 },
	};
	struct symbols_function functions[8];

	for (unsigned int room = 0; room <= ARRAY_SIZE(functions); room++) {
		FILE *file = fmemopen((void *)kallsyms, strlen(kallsyms), "r");
		struct symbols_functions found = {
			.prefix = "ipi_mux_", .max = room, .functions = functions,
		};
		struct symbol_wanted wanted = { .name = "data" };

		assert_true(symbols__find(&wanted, 1, &found, file));
		fclose(file);
		assert_int_equal(wanted.address, 0xffffffff80001050);
		/* The last one has no end. */
		assert_int_equal(found.nr, room < ARRAY_SIZE(cases) ? room : ARRAY_SIZE(cases));
		for (unsigned int i = 0; i < found.nr; i++) {
			assert_string_equal(functions[i].name, cases[i].name);
			assert_int_equal(functions[i].start, cases[i].start);
			assert_int_equal(functions[i].end, cases[i].end);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_functions),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_unprintable),
		cmocka_unit_test(test_suffixes),
		cmocka_unit_test(test_is),
		cmocka_unit_test(test_nothing_asked),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_find_renamed),
		cmocka_unit_test(test_advice),
	};

	return UNIT_RUN("symbols", tests);
}
