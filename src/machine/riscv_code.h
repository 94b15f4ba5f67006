/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a compiled function of a RISC-V kernel refers to, and where it calls what it does not know
 * by name: for kernels that do not show where their variables are, and that let nobody trace what
 * is called there. Pure: reads bytes, which it does not believe.
 */
#ifndef RISCV_CODE_H
#define RISCV_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

/* A variable that the function refers to: relative to the program counter, by auipc. */
struct riscv_reference {
	__u64 address;
	bool loaded;		/* its value is loaded, 8 bytes; else its address is taken */
};

/*
 * A call through a pointer, also as the last thing that the function does. Or a breakpoint, where a
 * register had been loaded through that pointer: somebody else has a kprobe there.
 */
struct riscv_call {
	unsigned int at;	/* in bytes from the function's begin */
	__u64 pointer;		/* the variable that it was loaded from last; 0: not known */
	bool last;		/* it is a jump: the function does not return behind it */
};

#define RISCV_MAX_REFERENCES	16
#define RISCV_MAX_CALLS		8
#define RISCV_MAX_RETURNS	8

struct riscv_code {
	/* In their order, each once; no more than there is room for. */
	unsigned int nr_references;
	struct riscv_reference references[RISCV_MAX_REFERENCES];
	unsigned int nr_calls;
	struct riscv_call calls[RISCV_MAX_CALLS];
	/* Where it returns, in bytes from its begin; not where its last thing is a jump by name. */
	unsigned int nr_returns;
	unsigned int returns[RISCV_MAX_RETURNS];
	/*
	 * Other breakpoints, behind the first instructions: nobody knows what they have replaced.
	 */
	unsigned int nr_breakpoints;
};

/* Of the @size bytes of a function at @address. */
void riscv_code__read(struct riscv_code *found, const __u8 *code, size_t size, __u64 address);

/* What ftrace has at the entry of a function, from Linux 6.10 on: a place for a call. */
#define RISCV_ENTRY_SIZE	8

/* Do these first bytes of a function belong to ftrace? Then no kprobe may be there, but behind. */
bool riscv_code__is_ftraced(const __u8 code[RISCV_ENTRY_SIZE]);

#endif /* RISCV_CODE_H */
