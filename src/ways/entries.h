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

/*
 * What is not counted yet although it is over: a send that was noted and did not raise, until the
 * next one takes its place; the last process of a CPU, if it found nothing. entries__note() notes
 * what may be such. What is the same after a grace period of RCU is: entries__keep_same() keeps
 * that, and drops the rest, and returns whether there was any.
 */
void entries__note(struct entries *entries);
bool entries__keep_same(struct entries *entries);

/* Counts in a copy what was kept. */
void entries__settle(const struct entries *entries, struct counters *copy);

#endif /* PROBE_ENTRIES_H */
