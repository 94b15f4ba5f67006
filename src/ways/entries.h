/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The BPF programs for a kernel without our tracepoints where BPF's JIT is on and the kernel shows
 * raises, see bpf/entries.bpf.c, and the tables they count in: the same that fentry's programs
 * have. What is handled is taken over from the kernel when it is asked for.
 */
#ifndef PROBE_ENTRIES_H
#define PROBE_ENTRIES_H

#include <stdbool.h>

#include "base/failure.h"
#include "counters/snapshot.h"
#include "machine/machine.h"
#include "ways/mux.h"
#include "ways/noted.h"

struct entries;

/* Can @mux be watched this way? Not where something is asked for that only fentry has. */
bool entries__fit(const struct machine *machine, const struct mux *mux, unsigned int flags);

/*
 * Opens the programs, sizes them for @live->shape, which counts by bit, loads them, and points
 * @live to the tables. @flags: PROBE_... *@entries is to be freed.
 */
struct failure *entries__load(struct entries **entries, const struct machine *machine,
			      const struct mux *mux, unsigned int flags, struct counters *live);

/* Starts counting. */
struct failure *entries__attach(struct entries *entries);

/* Stops counting and frees it. NULL is fine. */
void entries__free(struct entries *entries);

/* Takes over what the kernel handled on CPUs @first to @last so far. Returns 0 or -errno. */
int entries__refresh(const struct entries *entries, unsigned int first, unsigned int last);

/* How many sends were not counted, or raises not seen. Returns 0 or -errno. */
int entries__read_missed(const struct entries *entries, __u64 *missed);

/* What they have noted and not counted. */
struct noted *entries__noted(struct entries *entries);

#endif /* PROBE_ENTRIES_H */
