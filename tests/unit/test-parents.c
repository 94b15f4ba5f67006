// SPDX-License-Identifier: GPL-2.0-only
/*
 * The controllers that carry the parent IPI: each of them here once more, as the kernel's sources
 * have it, and what has to be so of any line of the table.
 */
#include <ctype.h>
#include <string.h>

#include "machine/parents.h"
#include "unit.h"

/* A line for each line of the table, in its order. */
static const struct parent expected[] = {
	{ .key = "sbi", .function = "sbi_send_ipi", .seen = PARENT_SEEN_AT_SBI_CALL,
	  .fences = PARENT_FENCES_BY_FIRMWARE, .state = "irqchip/sbi-ipi:starting" },
	{ .key = "imsic", .function = "imsic_ipi_send", .seen = PARENT_SEEN_AT_FUNCTION,
	  .state = "irqchip/riscv/imsic:starting" },
	{ .key = "clint", .function = "clint_send_ipi", .seen = PARENT_SEEN_AT_FUNCTION,
	  .state = "clockevents/clint/timer:starting" },
	{ .key = "aclint-sswi", .function = "aclint_sswi_ipi_send", .seen = PARENT_SEEN_AT_FUNCTION,
	  .state = "irqchip/aclint-sswi:starting" },
	{ .key = "aclint-sswi", .function = "thead_aclint_sswi_ipi_send",
	  .seen = PARENT_SEEN_AT_FUNCTION, .state = "irqchip/thead-aclint-sswi:starting" },
	{ .key = "aic", .function = "aic_ipi_send_single", .fences = PARENT_FENCES_BY_HARDWARE,
	  .state = "irqchip/apple-aic/ipi:starting" },
};

static void test_lines(void **state)
{
	size_t nr = 0;

	for (const struct parent *parent = parents; parent->key; parent++, nr++) {
		assert_true(nr < ARRAY_SIZE(expected));
		assert_string_equal(parent->key, expected[nr].key);
		assert_string_equal(parent->function, expected[nr].function);
		assert_string_equal(parent->state, expected[nr].state);
		assert_int_equal(parent->seen, expected[nr].seen);
		assert_int_equal(parent->fences, expected[nr].fences);
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
		assert_ptr_equal(parents__by_state(line), parent);
		snprintf(line, sizeof(line), "142: %s too", parent->state);
		assert_null(parents__by_state(line));
		assert_null(parents__by_state(parent->state + 1));
	}
	assert_null(parents__by_state(""));
	assert_null(parents__by_state("starting"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_form),
		cmocka_unit_test(test_states),
	};

	return UNIT_RUN("parents", tests);
}
