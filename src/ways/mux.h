/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The multiplexer of a kernel without our tracepoints: where its variables are, which function
 * raises its parent IPI, and whether its functions can be traced. Knows no program that counts. For
 * entries, fentry and kprobes, which watch it from outside.
 */
#ifndef PROBE_MUX_H
#define PROBE_MUX_H

#include <stdbool.h>
#include <linux/types.h>

#include "base/failure.h"
#include "machine/parents.h"

struct bpf_object;
struct bpf_program;
struct memory;
struct mux_code;

/* Addresses in the kernel; 0: not there. */
struct mux {
	__u64 words;		/* the two words of a CPU, as an offset from its data... */
	__u64 *offsets;		/* ...which is there, [cpu] */
	__u64 online;		/* the mask of CPUs that are online */
	__u64 masks;		/* the kernel's own masks of one CPU each, behind one of none... */
	unsigned int mask_words;	/* ...and of how many words they are; 0: not known */
	__u64 descs;		/* pointers to the struct irq_desc of vIPIs, in their order */
	bool direct_calls;	/* ftrace has them, with which functions are traced */
	bool patched;		/* the pending word comes first, as in kernel-patch/ */
	__u64 raise_pointer;	/* the variable that points to the function that raises */
	const struct parent *parent;	/* whose function raises; NULL: not a known one */
};

/* Finds it, where its functions can be traced. @mux is to be freed. */
struct failure *mux__find(struct mux *mux, unsigned int nr_cpus);
void mux__free(struct mux *mux);

/*
 * The same, also where its functions cannot be traced, and where only functions have symbols: then
 * by its code, which is in @code afterwards. What is not needed to read its words need not be
 * there.
 */
struct failure *mux__find_anywhere(struct mux *mux, const struct memory *memory,
				   struct mux_code *code, unsigned int nr_cpus);

/*
 * Whose raises of the parent IPI can be seen, whichever way the multiplexer is watched; *@parent:
 * NULL if nobody's can.
 */
struct failure *mux__find_parent(unsigned int nr_cpus, const struct parent **parent);

/* Is it watched from outside, by PROBE_... and by what the kernel has? Errors show when tried. */
bool mux__from_outside(unsigned int flags);

/* When which tables are there that programs count in which watch it: COUNTED() bits. */
unsigned int mux__counted(unsigned int flags);

/* Lets @program be loaded, for the kernel's function @name. */
struct failure *mux__trace_function(struct bpf_program *program, const char *name);

/*
 * @failure, of loading @object; or, if the kernel's BTF has not all functions that its programs
 * are for, a failure that says so, and @failure is freed.
 */
struct failure *mux__explain(struct failure *failure, const struct bpf_object *object);

#endif /* PROBE_MUX_H */
