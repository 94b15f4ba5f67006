/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's own counts of what was handled, beside ours: read again until nothing can hide
 * between the two.
 */
#ifndef KERNEL_COUNTS_H
#define KERNEL_COUNTS_H

#include <stdbool.h>

#include "counters/snapshot.h"
#include "machine/machine.h"
#include "probe/probe.h"

/*
 * Leaves no room in @snapshot->kernel, if that is known, between what the kernel counted and what
 * was taken. What was handled while the kernel's counts are read may be in them or not. But their
 * distance from the counters is the same at any time: so they are read again while nothing of that
 * CPU and vIPI is handled. A handler that is under way makes the distance larger by one, for as
 * long as a host stops its CPU: so a distance counts that is found before a grace period of RCU and
 * after it. Where that is not found the room stays.
 *
 * @pinned: each look at the counters copies all of them.
 */
void kernel_counts__close(struct probe *probe, const struct machine *machine, bool pinned,
			  struct snapshot *snapshot);

#endif /* KERNEL_COUNTS_H */
