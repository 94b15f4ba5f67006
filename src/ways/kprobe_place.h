/* SPDX-License-Identifier: GPL-2.0-only */
/* A place in the kernel's code for a kprobe, and the program that is there. On RISC-V. */
#ifndef PROBE_KPROBE_PLACE_H
#define PROBE_KPROBE_PLACE_H

#include <stdbool.h>

#include "base/failure.h"
#include "machine/symbols.h"
#include "bpf/kprobes.h"

struct bpf_link;
struct bpf_program;
struct memory;

struct kprobe_place {
	struct bpf_program *program;
	int event;		/* perf's, of the kprobe; negative: not open */
	struct bpf_link *link;	/* NULL: the program is not there */
	char function[SYMBOLS_NAME_SIZE];
	unsigned int offset;	/* in bytes from its begin */
};

/* Can there be kprobes here, with programs? A failure says what the kernel lacks. */
struct failure *kprobe_place__check_kernel(void);

/* What programs have to know of the kernel to read it: all but the words' order and passing. */
void kprobe_place__describe_kernel(struct kprobes_settings *where);

/*
 * Fills it in, for @program at @offset of @function. In place of its begin: behind what ftrace has
 * there, if it has.
 */
void kprobe_place__choose(struct kprobe_place *place, const struct memory *memory,
			  struct bpf_program *program, const struct symbols_function *function,
			  unsigned int offset);

/* Makes the kprobe. This takes privileges. To be closed. */
struct failure *kprobe_place__open(struct kprobe_place *place);
void kprobe_place__close(struct kprobe_place *place);

/* Lets its program run there, and no longer. Takes none. */
struct failure *kprobe_place__attach(struct kprobe_place *place);
int kprobe_place__detach(struct kprobe_place *place);

/*
 * How often the kernel did not run its program there: in a breakpoint, beside another program at a
 * kprobe, in a system call that changes a BPF map. Adds to *@skipped; returns 0 or -errno. Before
 * Linux 6.7 the kernel does not say it.
 */
bool kprobe_place__knows_skipped(void);
int kprobe_place__read_skipped(const struct kprobe_place *place, __u64 *skipped);

#endif /* PROBE_KPROBE_PLACE_H */
