// SPDX-License-Identifier: GPL-2.0-only
/* The controllers that carry the parent IPI, see parents.h. The names are those of Linux. */
#include <fnmatch.h>
#include <string.h>

#include "base/array_size.h"
#include "machine/parents.h"

const struct parent parents[] = {
	/* arch/riscv/kernel/sbi-ipi.c, 6.4 and later */
	{ "sbi", "SBI: a call of the firmware (sbi-ipi)", "sbi_send_ipi",
	  "irqchip/sbi-ipi:starting", "riscv: providing IPIs using SBI IPI extension",
	  PARENT_SEEN_AT_SBI_CALL, PARENT_FENCES_BY_FIRMWARE },
	/* drivers/irqchip/irq-riscv-imsic-early.c, 6.10 and later */
	{ "imsic", "IMSIC: a message to the other hart's interrupt file", "imsic_ipi_send",
	  "irqchip/riscv/imsic:starting", "riscv-imsic: *: providing IPIs using interrupt *",
	  PARENT_SEEN_AT_FUNCTION, PARENT_FENCES_BY_MUX },
	/* drivers/clocksource/timer-clint.c, 6.4 and later: of IPIs it writes nothing to the log */
	{ "clint", "CLINT: a register, written in machine mode", "clint_send_ipi",
	  "clockevents/clint/timer:starting", "clint: *: timer running at * Hz",
	  PARENT_SEEN_AT_FUNCTION, PARENT_FENCES_BY_MUX },
	/* drivers/irqchip/irq-aclint-sswi.c */
	{ "aclint-sswi", "ACLINT SSWI: a register, written in supervisor mode",
	  "aclint_sswi_ipi_send", "irqchip/aclint-sswi:starting",
	  "irq_aclint_sswi: providing IPIs using ACLINT SSWI",
	  PARENT_SEEN_AT_FUNCTION, PARENT_FENCES_BY_MUX },
	{ "aclint-sswi", "ACLINT SSWI of MIPS' P8700: a register, written in supervisor mode",
	  "aclint_sswi_ipi_send", "irqchip/aclint-sswi:starting",
	  "irq_aclint_sswi: providing IPIs using ACLINT SSWI",
	  PARENT_SEEN_AT_FUNCTION, PARENT_FENCES_BY_MUX, "mips,p8700-aclint-sswi" },
	{ "aclint-sswi", "ACLINT SSWI of Nuclei's UX900: a register, written in supervisor mode",
	  "aclint_sswi_ipi_send", "irqchip/aclint-sswi:starting",
	  "irq_aclint_sswi: providing IPIs using ACLINT SSWI",
	  PARENT_SEEN_AT_FUNCTION, PARENT_FENCES_BY_MUX, "nuclei,ux900-aclint-sswi" },
	{ "aclint-sswi", "ACLINT SSWI of T-Head's C900: a register, written in supervisor mode",
	  "aclint_sswi_ipi_send", "irqchip/aclint-sswi:starting",
	  "irq_aclint_sswi: providing IPIs using THEAD ACLINT SSWI",
	  PARENT_SEEN_AT_FUNCTION, PARENT_FENCES_BY_MUX, "thead,c900-aclint-sswi" },
	/* drivers/irqchip/irq-thead-c900-aclint-sswi.c, what the driver above was before */
	{ "aclint-sswi", "ACLINT SSWI of T-Head's C900: a register, written in supervisor mode",
	  "thead_aclint_sswi_ipi_send", "irqchip/thead-aclint-sswi:starting",
	  "thead-c900-aclint-sswi: providing IPIs using THEAD ACLINT SSWI",
	  PARENT_SEEN_AT_FUNCTION, PARENT_FENCES_BY_MUX },
	/* drivers/irqchip/irq-apple-aic.c, 6.3 and later, arm64 */
	{ "aic", "Apple's AIC", "aic_ipi_send_single", "irqchip/apple-aic/ipi:starting",
	  "irq_apple_aic: Initialized with * vIPIs",
	  PARENT_SEEN_AT_FUNCTION, PARENT_FENCES_BY_HARDWARE },
	{}
};

_Static_assert(ARRAY_SIZE(parents) - 1 <= PARENTS_MAX, "a set of parents");

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && !strcmp(text + len - end_len, end);
}

const struct parent *parents__by_state(const char *line)
{
	for (const struct parent *parent = parents; parent->key; parent++)
		if (ends_with(line, parent->state))
			return parent;
	return NULL;
}

const struct parent *parents__by_log(const char *text)
{
	for (const struct parent *parent = parents; parent->key; parent++)
		if (!fnmatch(parent->log, text, 0))
			return parent;
	return NULL;
}

const struct parent *parents__variant(const struct parent *parent, const char *compatible)
{
	for (const struct parent *other = parents; other->key; other++)
		if (other->compatible && !strcmp(other->state, parent->state) &&
		    !strcmp(other->compatible, compatible))
			return other;
	return NULL;
}

bool parents__has_variants(const struct parent *parent)
{
	for (const struct parent *other = parents; other->key; other++)
		if (other->compatible && !strcmp(other->state, parent->state))
			return true;
	return false;
}
