/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The BPF programs in the kernel and the counters they keep. The only part that
 * knows libbpf.
 */
#ifndef PROBE_H
#define PROBE_H

#include "counters/snapshot.h"
#include "machine/machine.h"
#include "probe/pins.h"
#include "ways/flags.h"

struct probe;

/* Opens the programs, sizes them for @machine, loads them. *@probe is to be freed. */
struct failure *probe__load(struct probe **probe, const struct machine *machine,
			    unsigned int flags);

/* Is BPF's JIT off? Then counting costs several times as much. */
bool probe__is_interpreted(const struct probe *probe);

/* With PROBE_VERIFY: does this kernel show who raises the parent IPI? */
bool probe__sees_parents(const struct probe *probe);
/* And does it show that of CPUs that are not online? */
bool probe__sees_all_parents(const struct probe *probe);

/*
 * Why the multiplexer's own words are not read, although nothing stands in the way of that: then
 * there is less to judge by. NULL where they are, or where this kernel does not let them be read.
 */
const struct failure *probe__no_words(const struct probe *probe);

/*
 * Why the multiplexer is watched at entries and exits, although nothing stands in the way of the
 * entries alone, which cost a fifth. NULL where there is no such reason.
 */
const struct failure *probe__dearer(const struct probe *probe);

/* Is the multiplexer watched by kprobes? */
bool probe__via_kprobes(const struct probe *probe);

/* Starts counting; which tables there are is known then. */
struct failure *probe__attach(struct probe *probe);

/*
 * Lets it count on without a process, under @name, see probe/pins.h: for @group to read,
 * or PINS_NO_GROUP. @first: of the attach, @hotplug: CPUs came or went then. Fails as
 * pins__create().
 */
struct failure *probe__pin(const struct probe *probe, const struct machine *machine,
			   const char *name, gid_t group, const struct snapshot *first,
			   bool hotplug);

/*
 * In place of loading and attaching: reads the counters that were pinned under @name.
 * PROBE_LATENCY: with waits. *@probe is to be freed.
 */
struct failure *probe__open_pinned(struct probe **probe, const struct machine *machine,
				   const char *name, unsigned int flags);

/* May this process know how many events were missed? Not with pins for others to read. */
bool probe__knows_missed(const struct probe *probe);

/* The snapshot of their attach, and whether CPUs came or went then. */
struct failure *probe__read_pinned_first(struct probe *probe, struct snapshot *snapshot,
					 bool *hotplug);

/* Stops counting, if it is not pinned, and frees it. NULL is fine. */
void probe__free(struct probe *probe);

/* An empty snapshot with tables of the probe's shape. Returns 0 or -ENOMEM. */
int probe__init_snapshot(const struct probe *probe, struct snapshot *snapshot);

/*
 * The counters now: each target's at one instant, where they stood still for
 * that long. Leaves @online to the caller. Fails also where they were pinned and are not any
 * longer.
 */
struct failure *probe__snapshot(struct probe *probe, struct snapshot *snapshot);

/*
 * The counters now, good for the edge of an audit: takes some 6 ms and a grace period of RCU on a
 * quiet machine (two to six times 45 ms and a grace period where it is busy) to find, for each
 * target, an instant when no event was half counted, and says in @edge for which it did. @first:
 * the edge is the beginning of what is audited; then a mask or an unmask that is not counted yet
 * is not in the enabled words either. Fails as probe__snapshot().
 */
struct failure *probe__snapshot_settled(struct probe *probe, struct snapshot *snapshot, bool first);

/*
 * The multiplexer's own words of CPUs @first to @last, as they are now; whether they could be
 * read is @words->known then. Leaves @still to the caller.
 */
void probe__read_words(struct probe *probe, struct words *words, unsigned int first,
		       unsigned int last);

/*
 * Returns when nothing is under way any more of what was when it was called: a send and a process
 * are counted, and handlers run, in sections that RCU waits for.
 */
void probe__grace_period(void);

/* How often CPUs came up since counting began. */
__u64 probe__count_ups(struct probe *probe);

/* handled[cpu * IPIMUX_MAX_VIPIS + vipi] of @vipis now, modulo 2^32 as the kernel's counts are. */
void probe__read_handled(struct probe *probe, __u32 vipis, __u32 *handled);

/* words[cpu]: the vIPIs that @cpu has not handled since @snapshot was taken. */
void probe__read_unhandled(const struct probe *probe, const struct snapshot *snapshot,
			   __u32 *words);

#endif /* PROBE_H */
