/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel does below and above the multiplexer, to be compared with what it does
 * itself: parent IPIs that each CPU raises, handlers that are started. Only probe.c needs this.
 */
#ifndef PROBE_VERIFY_H
#define PROBE_VERIFY_H

#include "base/failure.h"
#include "counters/snapshot.h"
#include "machine/machine.h"
#include "ways/words.h"

struct verify;

/*
 * Loads the programs, and points @live->started, @live->parents and @live->late to what they
 * count, for @live->shape; @live->parents stays NULL where this kernel does not show who raises,
 * @live->late where its multiplexer has no events.
 * @words: where the multiplexer's words are; NULL: not known. @interpreted: the JIT is off.
 * *@verify is to be freed.
 */
struct failure *verify__load(struct verify **verify, const struct machine *machine,
			     const struct words_reader *words, bool interpreted,
			     struct counters *live);

/* Starts counting: before the multiplexer is watched. */
struct failure *verify__attach(struct verify *verify);

/* Stops it, too. NULL is fine. */
void verify__free(struct verify *verify);

/* Are parent IPIs seen on CPUs that are not online, too? At a function, but at no tracepoint. */
bool verify__sees_all_parents(const struct verify *verify);

/* See loader__read_missed(). */
int verify__read_missed(const struct verify *verify, __u64 *missed);

#endif /* PROBE_VERIFY_H */
