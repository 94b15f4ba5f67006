/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What loading BPF programs takes, whichever they are: permission, quiet, and a first
 * program. Knows libbpf, but none of the programs: those are probe's and events'.
 */
#ifndef LOADER_H
#define LOADER_H

#include <stdbool.h>
#include <linux/types.h>

#include "base/cpuset.h"
#include "machine/facts.h"

struct bpf_map;
struct bpf_object;
struct bpf_program;

/* Are there programs for kernels without the tracepoints, attached by fentry? */
#define LOADER_HAS_FENTRY true

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

/* The effective capabilities of this process. */
__u64 loader__capabilities(void);

/* Do they allow tracing programs? A kernel may refuse them all the same. */
bool loader__may_trace(void);

/*
 * May programs read the kernel's memory? Not known without permission to trace. Where not, the
 * kernel is locked down.
 */
enum known loader__reads_kernel(void);

/*
 * Can @nr more file descriptors be opened? With too few, errors come from anywhere, and name
 * anything. Returns 0, -EMFILE or -ENFILE.
 */
int loader__check_descriptors(unsigned int nr);
/* For programs, tables and what is read and written; through fentry there are more programs. */
#define LOADER_DESCRIPTORS 40
#define LOADER_FENTRY_DESCRIPTORS 64

/*
 * What the system call says of itself: is it there, does it take tracing programs from this
 * user. Loads nothing.
 */
void loader__look(struct facts *facts);

/*
 * Is BPF's JIT off? @program: what loader__first_program() gave. Then loader__number_cpus()
 * tells programs which CPU they run on: @map is bpf/counting.h's cpu_numbers. Returns 0 or
 * -errno.
 */
bool loader__is_interpreted(int program);
int loader__number_cpus(struct bpf_map *map, const struct cpuset *possible);

/* Does the kernel have the tracepoint? Returns 0, -ENOENT, or -errno if it is not to know. */
int loader__has_tracepoint(const char *name);

/*
 * How often the kernel skipped a program of @object, because it would have nested in
 * itself. Returns 0 or -errno.
 */
int loader__read_missed(const struct bpf_object *object, __u64 *missed);

/* The same of one program, which is loaded. */
int loader__read_skipped(const struct bpf_program *program, __u64 *skipped);

#endif /* LOADER_H */
