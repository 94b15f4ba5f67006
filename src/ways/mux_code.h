/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the multiplexer's code shows, on RISC-V: where its variables are, where the kernel has no
 * symbols for them, and where it raises the parent IPI.
 */
#ifndef PROBE_MUX_CODE_H
#define PROBE_MUX_CODE_H

#include <stdbool.h>

#include "machine/machine.h"
#include "machine/riscv_code.h"

struct memory;

/* More than there are of ipi_mux_...(), with those that only run while they are traced. */
#define MUX_CODE_MAX_FUNCTIONS	16

struct mux_code {
	unsigned int nr_functions;
	struct symbols_function functions[MUX_CODE_MAX_FUNCTIONS];
	bool traced;		/* there are some for when they are traced: it has tracepoints */
};

/*
 * Finds its functions, and what else is @wanted of the kernel's symbols: in the list of all, which
 * takes long. There are none where the kernel does not show them.
 */
enum symbols_state mux_code__read(struct mux_code *code, struct symbol_wanted *wanted,
				  unsigned int nr_wanted);

/* The function of that name; NULL: there is none. */
const struct symbols_function *mux_code__function(const struct mux_code *code, const char *name);

/* Where the words are, by the code of ipi_mux_mask(). Addresses in the kernel. */
struct mux_words {
	__u64 pointer;		/* Linux: a variable that points to the words; or 0, and... */
	__u64 words;		/* ...kernel-patch/: the words, as an offset of each CPU's data */
	__u64 offsets;		/* an array: where each CPU has its data */
};

/* Returns whether they were found, and what is there looks like the words of @nr_cpus CPUs. */
bool mux_code__find_words(const struct mux_code *code, const struct memory *memory,
			  unsigned int nr_cpus, struct mux_words *found);

/*
 * The variable that points to the function that raises: the only one that a send calls. 0: unknown.
 */
__u64 mux_code__raise_pointer(const struct mux_code *code, const struct memory *memory);

/* A call of the function that raises, of a send or in an unmask: a kick. */
struct mux_raise {
	const struct symbols_function *in;
	unsigned int at;		/* in bytes from its begin */
	bool kick;
};

#define MUX_CODE_MAX_RAISES	8

/*
 * All calls through the variable at @pointer, which points to the function that raises. Returns how
 * many; 0: they cannot be told, or not all of them.
 */
unsigned int mux_code__find_raises(const struct mux_code *code, const struct memory *memory,
				   __u64 pointer, struct mux_raise raises[MUX_CODE_MAX_RAISES]);

/* Where @function returns, in bytes from its begin. Returns how many. */
unsigned int mux_code__find_returns(const struct memory *memory,
				    const struct symbols_function *function,
				    unsigned int returns[RISCV_MAX_RETURNS]);

#endif /* PROBE_MUX_CODE_H */
