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
 * what may be such, before a grace period of RCU. What is the same after it is over:
 * entries__keep_same() keeps that, and drops the rest. Return 0 or -ENOMEM.
 */
int entries__note(struct entries *entries);
void entries__keep_same(struct entries *entries);

/*
 * Looks which of what was kept is still not counted, of what concerns @cpu: before its counters are
 * copied and after. Returns how many; the same number says that the copy has none of these.
 */
unsigned int entries__look_again(struct entries *entries, unsigned int cpu);

/*
 * Counts in a copy what was kept and is not in it, by the last look. @edge: also what a CPU's last
 * process is, if it found nothing: nobody can wait for the next one.
 */
int entries__settle(struct entries *entries, struct counters *copy, bool edge);

#endif /* PROBE_ENTRIES_H */
