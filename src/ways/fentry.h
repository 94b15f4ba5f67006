/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The BPF programs for a kernel without our tracepoints, and the tables they count in: the
 * same that probe's own programs have, and doubts. For probe and events.
 */
#ifndef PROBE_FENTRY_H
#define PROBE_FENTRY_H

#include "base/failure.h"
#include "counters/snapshot.h"
#include "machine/machine.h"
#include "ways/mux.h"
#include "ways/passed.h"
#include "bpf/fentry.h"

struct bpf_object_skeleton;
struct fentry;

/*
 * Opens the programs, sizes them for @live->shape, which counts by bit, loads them, and
 * points @live to the tables. @flags: PROBE_... @interpreted: the JIT is off. @filter: which events
 * are passed on, too, through a buffer of @buffer bytes; NULL: none are. *@fentry is to be
 * freed.
 */
struct failure *fentry__load(struct fentry **fentry, const struct machine *machine,
			     const struct mux *mux, unsigned int flags, bool interpreted,
			     const struct ipimux_filter *filter, size_t buffer,
			     struct counters *live);

/* Starts counting; what ends it is fentry__detach(), or to free it. */
struct failure *fentry__attach(struct fentry *fentry);
void fentry__detach(struct fentry *fentry);

/* Stops counting and frees it. NULL is fine. */
void fentry__free(struct fentry *fentry);

struct passed_events fentry__events(const struct fentry *fentry);

/* What is to be pinned, where it is. */
const struct bpf_object_skeleton *fentry__skeleton(const struct fentry *fentry);

/* How many calls of the mux were not counted, or raises not seen. Returns 0 or -errno. */
int fentry__read_missed(const struct fentry *fentry, __u64 *missed);

/* The programs of which that follows: of how often the kernel skipped each of them. */
#define FENTRY_NR_TELLING 6
extern const char *const fentry__telling[FENTRY_NR_TELLING];

/*
 * What does follow. @cpus: [@nr_cpus], copied after @skipped was read. Of numbers that move:
 * from one time to the next it may go back, and means the higher one.
 */
__u64 fentry__count_missed(const __u64 skipped[FENTRY_NR_TELLING],
			   const volatile struct fentry_cpu *cpus, unsigned int nr_cpus);

#endif /* PROBE_FENTRY_H */
