/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names for addresses of kernel code, from text in the format of /proc/kallsyms. Keeps
 * only what was asked for, however long that is. Opens no file.
 */
#ifndef SYMBOLS_H
#define SYMBOLS_H

#include <stdbool.h>
#include <stdio.h>
#include <linux/types.h>

/* A name, its module included; one that is longer is cut off. */
#define SYMBOLS_NAME_SIZE	96

enum symbols_state {
	SYMBOLS_NONE,		/* nothing read that could be understood */
	SYMBOLS_HIDDEN,		/* the kernel shows names, but all addresses as 0 */
	SYMBOLS_READ,
};

struct symbol {
	__u64 address;		/* that was asked for */
	__u64 start;		/* of the function that it is in */
	/* "ipi_mux_send_mask", "do_call [a_module]", without ".llvm.123"; "": none */
	char name[SYMBOLS_NAME_SIZE];
};

struct symbols {
	enum symbols_state state;
	unsigned int nr_symbols;
	struct symbol *symbols;	/* by address */
};

/* What a line in the format of /proc/kallsyms has at most: a name of 512, address, type, module. */
#define SYMBOLS_LINE_SIZE	1024

/* A line of it; @name and @module, which may be NULL, point into @text. */
struct symbols_line {
	__u64 address;
	char type;
	char *name;
	char *module;		/* in brackets */
	char text[SYMBOLS_LINE_SIZE];
};

/* The next line of @kallsyms that can be understood, or false at its end. */
bool symbols__next_line(FILE *kallsyms, struct symbols_line *line);

/* To find out about @addresses, in any order, also several times. Returns 0 or -ENOMEM. */
int symbols__init(struct symbols *symbols, const __u64 *addresses, unsigned int nr_addresses);
void symbols__free(struct symbols *symbols);

/* Finds their names in @kallsyms. Lines that it does not understand are passed over. */
void symbols__read(struct symbols *symbols, FILE *kallsyms);

/* A symbol whose address is asked for by its name, also one of data. */
struct symbol_wanted {
	const char *name;
	__u64 address;		/* 0: not there */
	bool renamed;		/* it is there under a name that the compiler made of it */
};

/*
 * Is @name what @wanted is called, or what a compiler made of that for the whole of it:
 * "name.llvm.123" (ThinLTO), "name.constprop.0", "name.isra.0"? A part of it is not.
 */
bool symbols__is(const char *name, const char *wanted);

/* A function: its code is from @start to @end, where the next symbol begins. */
struct symbols_function {
	__u64 start, end;
	char name[SYMBOLS_NAME_SIZE];	/* as the kernel has it, with what a compiler made of it */
};

/*
 * The functions whose names begin with @prefix, modules aside, the first @max of them. The kernel
 * lists symbols by their addresses; in another list the end of a function may be wrong.
 */
struct symbols_functions {
	const char *prefix;
	unsigned int max;
	struct symbols_function *functions;
	unsigned int nr;	/* found, with their ends: the last symbol of all has none */
	unsigned int begun;	/* found at all */
};

/*
 * Fills in what of @wanted is in @kallsyms, modules aside: the first of a name, or else the
 * first that symbols__is() it; and @functions, unless it is NULL. Returns whether any address was
 * shown at all.
 */
bool symbols__find(struct symbol_wanted *wanted, unsigned int nr_wanted,
		   struct symbols_functions *functions, FILE *kallsyms);

/* The name of the function around @address, or NULL. */
const char *symbols__name(const struct symbols *symbols, __u64 address);

/*
 * What to do where the kernel hides its addresses. @restricted: the sysctl kernel.kptr_restrict,
 * negative if it is not known; @may_see: this process has CAP_SYSLOG.
 */
const char *symbols__advice(int restricted, bool may_see);

#endif /* SYMBOLS_H */
