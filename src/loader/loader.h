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
#include "base/failure.h"
#include "counters/snapshot.h"
#include "machine/facts.h"

struct bpf_map;
struct bpf_object;
struct bpf_object_skeleton;
struct bpf_program;

/* The kernel's own "not supported", which user space has no name for. */
#define KERNEL_ENOTSUPP	524

/* Are there programs for kernels without the tracepoints, attached by fentry? */
#define LOADER_HAS_FENTRY true

/*
 * May programs be loaded here? Not without BPF in the kernel, nor without CAP_BPF and
 * CAP_PERFMON. Also sets whether libbpf says what it does, on stderr.
 */
struct failure *loader__prepare(bool verbose);

/* The same for a process that only reads what others loaded: it needs BPF alone. */
struct failure *loader__prepare_to_read(bool verbose);

/*
 * Loads what is open and sized. Where the verifier refuses a program, the failure says so, and
 * which, whatever errno that came with.
 */
struct failure *loader__load(const struct bpf_object_skeleton *skeleton);

/*
 * Opening a skeleton, or changing what was opened, failed with -errno of libbpf; attaching did;
 * attaching to a tracepoint of the multiplexer did. 0: NULL.
 */
struct failure *loader__not_loaded(int err);
struct failure *loader__not_attached(int err);
struct failure *loader__no_tracepoint(int err);

/* A table of @entries of @entry bytes, sized before it is loaded. */
struct failure *loader__size_table(struct bpf_map *map, __u64 entries, size_t entry);

/* The same of several. */
struct loader_size {
	struct bpf_map *map;
	__u64 entries;
	size_t entry;
};

struct failure *loader__size_tables(const struct loader_size *sizes, size_t nr);

/*
 * The same for the tables of counters of @object, for @counters->shape: those that are there when
 * @there says (COUNTED() bits). And once they are loaded: points @counters to them.
 */
struct failure *loader__size_counters(const struct bpf_object *object,
				      const struct counters *counters, unsigned int there);
void loader__point_counters(const struct bpf_object *object, struct counters *counters,
			    unsigned int there);

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
 * anything.
 */
struct failure *loader__check_descriptors(unsigned int nr);
/* That there were too few at last: -EMFILE or -ENFILE. */
struct failure *loader__no_descriptors(int err);
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
 * tells programs which CPU they run on: @map is bpf/counting.h's cpu_numbers.
 */
bool loader__is_interpreted(int program);
struct failure *loader__number_cpus(struct bpf_map *map, const struct cpuset *possible);

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
