/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What loading BPF programs takes, whichever they are: permission, quiet, and a first
 * program. Knows libbpf, but none of the programs: those are probe's and events'.
 */
#ifndef LOADER_H
#define LOADER_H

#include <stdbool.h>
#include <linux/types.h>

#include "machine/facts.h"

struct bpf_object;

/* Are there programs for kernels without the tracepoints, attached by fentry? */
#define LOADER_HAS_FENTRY false

/*
 * May programs be loaded here? Also sets whether libbpf says what it does, on stderr.
 * Returns 0, -ENOSYS without BPF in the kernel, or -EPERM without CAP_BPF and
 * CAP_PERFMON.
 */
int loader__prepare(bool verbose);

/* The same for a process that only reads what others loaded. Returns 0 or -ENOSYS. */
int loader__prepare_to_read(bool verbose);

/*
 * A program that does nothing, to be there before all others. Returns its file
 * descriptor, to be closed after all others went; negative if there is none, which
 * only makes things slower.
 */
int loader__first_program(void);

/*
 * What the system call says of itself: is it there, does it take tracing programs from this
 * user. Loads nothing.
 */
void loader__look(struct facts *facts);

/*
 * How often the kernel skipped a program of @object, because it would have nested in
 * itself. Returns 0 or -errno.
 */
int loader__read_missed(const struct bpf_object *object, __u64 *missed);

#endif /* LOADER_H */
