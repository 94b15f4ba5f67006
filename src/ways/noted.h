/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the programs at the entries of the multiplexer's functions, by fentry or by kprobe, have
 * noted and not counted although it is over: a send or a call that did not raise, until the next
 * one takes its place; the last process of a CPU, if it found nothing. Counts that in copies of the
 * counters.
 */
#ifndef PROBE_NOTED_H
#define PROBE_NOTED_H

#include <stdbool.h>

#include "counters/snapshot.h"
#include "bpf/entries.h"

struct unsettled;

#define NOTED_SETTLING (~0U)

/* Where the programs note it: set once these are loaded. All else begins as 0. */
struct noted {
	const struct counters *live;
	unsigned int nr_cpus;
	const struct entries_settings *settings;
	const volatile struct entries_cpu *cpus;	/* [cpu] */
	const volatile struct entries_call *calls;	/* [cpu][level] */
	const volatile __u32 *targets;			/* [cpu][level][target] */
	const volatile __u64 *target_masks;		/* [cpu][level][word] */
	const volatile struct entries_notes *notes;	/* [cpu] */

	struct unsettled *unsettled;
	unsigned int nr_unsettled, room;
};

/*
 * noted__note() notes what may be over and not counted, before a grace period of RCU. What is the
 * same after it is over: noted__keep_same() keeps that, and drops the rest. Return 0 or -ENOMEM.
 */
int noted__note(struct noted *noted);
void noted__keep_same(struct noted *noted);

/*
 * Looks which of what was kept is still not counted, of what concerns @cpu: before its counters are
 * copied and after. Returns how many; the same number says that the copy has none of these. Or
 * NOTED_SETTLING: one is being counted just now, and the copy may have it or not.
 */
unsigned int noted__look_again(struct noted *noted, unsigned int cpu);

/*
 * Counts in a copy what was kept and is not in it, by the last look. @edge: also what a CPU's last
 * process is, if it found nothing: nobody can wait for the next one.
 */
int noted__settle(struct noted *noted, struct counters *copy, bool edge);

#endif /* PROBE_NOTED_H */
