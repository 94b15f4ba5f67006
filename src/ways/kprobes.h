/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The BPF programs for a RISC-V kernel with neither our tracepoints nor fentry, see
 * bpf/kprobes.bpf.c, and the tables they count in: the same that fentry's programs have.
 */
#ifndef PROBE_KPROBES_H
#define PROBE_KPROBES_H

#include <stdbool.h>

#include "base/failure.h"
#include "counters/snapshot.h"
#include "machine/machine.h"
#include "ways/noted.h"
#include "ways/passed.h"

struct kprobes;

/*
 * Opens the programs, sizes them for @live->shape, which counts by bit, loads them, and points
 * @live to the tables. @flags: PROBE_... @interpreted: the JIT is off. @filter: which events are
 * passed on, too, through a buffer of @buffer bytes; NULL: none are. *@kprobes is to be freed.
 */
struct failure *kprobes__load(struct kprobes **kprobes, const struct machine *machine,
			      unsigned int flags, bool interpreted,
			      const struct ipimux_filter *filter, size_t buffer,
			      struct counters *live);

/* Starts counting; what ends it is kprobes__detach(), or to free it. */
struct failure *kprobes__attach(struct kprobes *kprobes);
void kprobes__detach(struct kprobes *kprobes);

/* Stops counting and frees it. NULL is fine. */
void kprobes__free(struct kprobes *kprobes);

/* What they have noted and not counted. */
struct noted *kprobes__noted(struct kprobes *kprobes);

struct passed_events kprobes__events(const struct kprobes *kprobes);

/*
 * How many events were not counted, as far as the kernel says that, once they are attached. Returns
 * 0 or -errno.
 */
bool kprobes__knows_missed(const struct kprobes *kprobes);
int kprobes__read_missed(const struct kprobes *kprobes, __u64 *missed);

#endif /* PROBE_KPROBES_H */
