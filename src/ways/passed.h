/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where programs that watch the multiplexer pass single events on: bpf/passing.h, from user space.
 */
#ifndef PROBE_PASSED_H
#define PROBE_PASSED_H

#include <linux/types.h>

#include "base/failure.h"
#include "bpf/events.h"

struct bpf_map;
struct bpf_object;

/* The buffer, what makes events begin, what found no room in it: once they are loaded. */
struct passed_events {
	struct bpf_map *buffer;
	volatile __u32 *begun;
	const volatile __u64 *lost;
};

/* Sizes a buffer of @size bytes, and what counts what finds no room; NULL: it passes on nothing. */
struct failure *passed__size(const struct bpf_object *object, const struct ipimux_filter *filter,
			     size_t size);

#endif /* PROBE_PASSED_H */
