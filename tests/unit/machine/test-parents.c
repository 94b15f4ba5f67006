// SPDX-License-Identifier: GPL-2.0-only
/*
 * The controllers that carry the parent IPI: each of them here once more, as the kernel's sources
 * have it, and what has to be so of any line of the table.
 */
#include <ctype.h>
#include <string.h>

#include "machine/parents.h"
#include "unit.h"

/* A line for each line of the table, in its order; what is in the log is what comes at boot. */
static const struct parent expected[] = {
	{ .key = "sbi", .function = "sbi_send_ipi", .seen = PARENT_SEEN_AT_SBI_CALL,
	  .fences = PARENT_FENCES_BY_FIRMWARE, .state = "irqchip/sbi-ipi:starting",
	  .log = "riscv: providing IPIs using SBI IPI extension" },
	{ .key = "imsic", .function = "imsic_ipi_send", .seen = PARENT_SEEN_AT_FUNCTION,
	  .state = "irqchip/riscv/imsic:starting",
	  .log = "riscv-imsic: interrupt-controller@28000000: providing IPIs using interrupt 1" },
	{ .key = "clint", .function = "clint_send_ipi", .seen = PARENT_SEEN_AT_FUNCTION,
	  .state = "clockevents/clint/timer:starting",
	  .log = "clint: clint@2000000: timer running at 10000000 Hz" },
	{ .key = "aclint-sswi", .function = "aclint_sswi_ipi_send", .seen = PARENT_SEEN_AT_FUNCTION,
	  .state = "irqchip/aclint-sswi:starting",
	  .log = "irq_aclint_sswi: providing IPIs using ACLINT SSWI" },
	{ .key = "aclint-sswi", .function = "aclint_sswi_ipi_send", .seen = PARENT_SEEN_AT_FUNCTION,
	  .state = "irqchip/aclint-sswi:starting", .compatible = "mips,p8700-aclint-sswi",
	  .log = "irq_aclint_sswi: providing IPIs using ACLINT SSWI" },
	{ .key = "aclint-sswi", .function = "aclint_sswi_ipi_send", .seen = PARENT_SEEN_AT_FUNCTION,
	  .state = "irqchip/aclint-sswi:starting", .compatible = "nuclei,ux900-aclint-sswi",
	  .log = "irq_aclint_sswi: providing IPIs using ACLINT SSWI" },
	{ .key = "aclint-sswi", .function = "aclint_sswi_ipi_send", .seen = PARENT_SEEN_AT_FUNCTION,
	  .state = "irqchip/aclint-sswi:starting", .compatible = "thead,c900-aclint-sswi",
	  .log = "irq_aclint_sswi: providing IPIs using THEAD ACLINT SSWI" },
	{ .key = "aclint-sswi", .function = "thead_aclint_sswi_ipi_send",
	  .seen = PARENT_SEEN_AT_FUNCTION, .state = "irqchip/thead-aclint-sswi:starting",
	  .log = "thead-c900-aclint-sswi: providing IPIs using THEAD ACLINT SSWI" },
	{ .key = "aic", .function = "aic_ipi_send_single", .seen = PARENT_SEEN_AT_FUNCTION,
	  .fences = PARENT_FENCES_BY_HARDWARE, .state = "irqchip/apple-aic/ipi:starting",
	  .log = "irq_apple_aic: Initialized with 896/896 IRQs * 1/1 die(s), 2 FIQs, 32 vIPIs" },
};

/* first_alike - what is known of a variant before the device tree was read */
static const struct parent *first_alike(const struct parent *parent)
{
	const struct parent *first = parents;

	while (strcmp(first->log, parent->log))
		first++;
	return first;
}

static void test_lines(void **state)
{
	size_t nr = 0;

	for (const struct parent *parent = parents; parent->key; parent++, nr++) {
		assert_true(nr < ARRAY_SIZE(expected));
		assert_string_equal(parent->key, expected[nr].key);
		assert_string_equal(parent->function, expected[nr].function);
		assert_string_equal(parent->state, expected[nr].state);
		assert_ptr_equal(parents__by_log(expected[nr].log), first_alike(parent));
		assert_int_equal(parent->seen, expected[nr].seen);
		assert_int_equal(parent->fences, expected[nr].fences);
		assert_int_equal(!parent->compatible, !expected[nr].compatible);
		if (parent->compatible)
			assert_string_equal(parent->compatible, expected[nr].compatible);
	}
	assert_int_equal(nr, ARRAY_SIZE(expected));
	assert_true(nr <= PARENTS_MAX);
}

static bool is_word(const char *text, const char *and)
{
	for (; *text; text++)
		if (!islower((unsigned char)*text) && !isdigit((unsigned char)*text) &&
		    !strchr(and, *text))
			return false;
	return true;
}

/* Keys are for programs, functions are identifiers, and what is said fits into doctor's line. */
static void test_form(void **state)
{
	for (const struct parent *parent = parents; parent->key; parent++) {
		check(*parent->key && is_word(parent->key, "-"), "%s", parent->key);
		check(*parent->function && is_word(parent->function, "_"), "%s", parent->function);
		check(*parent->title && strlen(parent->title) < 80, "%s", parent->title);
		check(strchr(parent->state, ':') && !strchr(parent->state, '\n'), "%s",
		      parent->state);
	}
}

static void test_states(void **state)
{
	for (const struct parent *parent = parents; parent->key; parent++) {
		char line[128];

		snprintf(line, sizeof(line), "142: %s", parent->state);
		if (!parent->compatible)
			assert_ptr_equal(parents__by_state(line), parent);
		snprintf(line, sizeof(line), "142: %s too", parent->state);
		assert_null(parents__by_state(line));
		assert_null(parents__by_state(parent->state + 1));
	}
	assert_null(parents__by_state(""));
	assert_null(parents__by_state("starting"));
}

static void test_log(void **state)
{
	static const char * const texts[] = {
		"", "*", "providing IPIs using SBI IPI extension",
		"a-module: riscv: providing IPIs using SBI IPI extension",
		"riscv: providing IPIs using SBI IPI extension, maybe",
		"riscv-imsic: providing IPIs using interrupt 1",
		"irq_aclint_sswi: providing IPIs using", "clint: clint@0: invalid irq 3 (hwirq 3)",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		check(!parents__by_log(texts[i]), "%s", texts[i]);
}

/* A line with a device stands behind one for all devices of that driver, and differs from it. */
static void test_variants(void **state)
{
	for (const struct parent *parent = parents; parent->key; parent++) {
		const struct parent *first = parents;

		assert_null(parents__variant(parent, ""));
		assert_null(parents__variant(parent, "riscv,none"));
		while (strcmp(first->state, parent->state))
			first++;
		assert_null(first->compatible);
		if (!parent->compatible) {
			assert_ptr_equal(parent, first);
			continue;
		}
		assert_true(parents__has_variants(parent) && parents__has_variants(first));
		assert_ptr_equal(parents__variant(first, parent->compatible), parent);
		assert_ptr_equal(parents__variant(parent, parent->compatible), parent);
		assert_string_equal(first->function, parent->function);
		assert_string_equal(first->key, parent->key);
		assert_string_not_equal(first->title, parent->title);
	}
	assert_false(parents__has_variants(parents));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_form),
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_log),
		cmocka_unit_test(test_variants),
	};

	return UNIT_RUN("parents", tests);
}
