/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What loading BPF programs takes, whichever they are: permission, quiet, and a first
 * program. Knows libbpf, but none of the programs: those are probe's and events'.
 */
#ifndef LOADER_H
#define LOADER_H

#include <stdbool.h>
#include <linux/types.h>

struct bpf_object;

/*
 * May programs be loaded here? Also sets whether libbpf says what it does, on stderr.
 * Returns 0, -ENOSYS without BPF in the kernel, or -EPERM without CAP_BPF and
 * CAP_PERFMON.
 */
int loader__prepare(bool verbose);

/*
 * A program that does nothing, to be there before all others. Returns its file
 * descriptor, to be closed after all others went; negative if there is none, which
 * only makes things slower.
 */
int loader__first_program(void);

/* Does the kernel have the tracepoint? Returns 0, -ENOENT, or -errno if it is not to know. */
int loader__has_tracepoint(const char *name);

/*
 * How often the kernel skipped a program of @object, because it would have nested in
 * itself. Returns 0 or -errno.
 */
int loader__read_missed(const struct bpf_object *object, __u64 *missed);

#endif /* LOADER_H */
