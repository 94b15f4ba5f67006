/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The interrupt controllers that carry the multiplexer's one hardware IPI, the parent IPI. All
 * that this tool knows of one of them is a line of one table: to add a controller, add a line.
 * Pure: the table and searches in it, no file is read.
 */
#ifndef PARENTS_H
#define PARENTS_H

#include <stdbool.h>

/* Where a program sees that the parent IPI is raised, without the multiplexer's tracepoints. */
enum parent_seen {
	PARENT_UNSEEN,
	PARENT_SEEN_AT_FUNCTION,	/* fentry at the function that raises */
	PARENT_SEEN_AT_SBI_CALL,	/* the tracepoint riscv:sbi_call */
};

/* Who carries remote fences: shootdowns of the TLB and the instruction cache. */
enum parent_fences {
	PARENT_FENCES_BY_MUX,
	PARENT_FENCES_BY_FIRMWARE,
	PARENT_FENCES_BY_HARDWARE,
};

struct parent {
	const char *key;	/* in JSON; variants of one controller share it */
	const char *title;	/* for people */
	const char *function;	/* what the driver gives to ipi_mux_create(): it raises */
	const char *state;	/* the hotplug callback that the driver registers then */
	const char *log;	/* what it writes to the kernel's log then: a pattern, fnmatch(3) */
	enum parent_seen seen;
	enum parent_fences fences;
	const char *compatible;	/* of a variant: the device in the device tree; else NULL */
};

/* Ends with an entry whose key is NULL. A set of parents fits into 32 bits. */
#define PARENTS_MAX 32
extern const struct parent parents[];

/* The parent whose hotplug callback @line ends with ("142: irqchip/...:starting"), or NULL. */
const struct parent *parents__by_state(const char *line);

/* The parent whose driver writes the line @text to the kernel's log, or NULL. */
const struct parent *parents__by_log(const char *text);

/*
 * A driver for devices of several vendors has a line for each of them, behind one for all others.
 * The variant of @parent for the device @compatible, or NULL; and whether @parent has variants.
 */
const struct parent *parents__variant(const struct parent *parent, const char *compatible);
bool parents__has_variants(const struct parent *parent);

#endif /* PARENTS_H */
