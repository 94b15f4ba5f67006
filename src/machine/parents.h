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
	enum parent_seen seen;
	enum parent_fences fences;
};

/* Ends with an entry whose key is NULL. A set of parents fits into 32 bits. */
#define PARENTS_MAX 32
extern const struct parent parents[];

/* The parent whose hotplug callback @line ends with ("142: irqchip/...:starting"), or NULL. */
const struct parent *parents__by_state(const char *line);

#endif /* PARENTS_H */
