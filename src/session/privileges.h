/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a process that measures no longer needs once it does: its capabilities, which it
 * gives up for good. Knows nothing of what it measures.
 */
#ifndef PRIVILEGES_H
#define PRIVILEGES_H

#include <linux/capability.h>
#include <linux/types.h>

/* For @keep, a set of them. */
#define PRIVILEGE(capability)	(1ULL << (capability))

/* To put a file in its place in a directory that is another user's, as only root can. */
#define PRIVILEGES_OF_FILES	(PRIVILEGE(CAP_DAC_OVERRIDE) | PRIVILEGE(CAP_FOWNER) |	\
				 PRIVILEGE(CAP_CHOWN))

/*
 * Gives up all capabilities but those of @keep that it has, and all ways to get some. Call
 * when all is loaded and attached, and files that only root may write are open.
 */
void privileges__drop(__u64 keep);

#endif /* PRIVILEGES_H */
