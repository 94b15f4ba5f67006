/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who sent, while it was sampled: tasks and their kernel stacks. probe/senders.h takes
 * samples, storm_senders.h finds in them who sent to a storm.
 */
#ifndef SENDERS_SAMPLE_H
#define SENDERS_SAMPLE_H

#include <linux/types.h>

#include "bpf/senders.h"

/* Sends that have all of the key in common. The command is printable, and has an end. */
struct sender {
	struct senders_key key;
	struct senders_value value;
	unsigned int nr_frames;
	__u64 frames[SENDERS_MAX_FRAMES];	/* the innermost first */
};

struct senders_sample {
	__u64 time;		/* ns that it took */
	__u64 no_room;		/* sends that are in none of @senders */
	__u64 missed;		/* sends that the kernel skipped */
	unsigned int nr_senders;
	struct sender *senders;
};

#endif /* SENDERS_SAMPLE_H */
