/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What programs share that watch the multiplexer from outside, fentry.bpf.c and entries.bpf.c: the
 * kernel's types, doubts, and numbers for waits. Knows no call and no event. Each includes it once.
 */
#ifndef OUTSIDE_H
#define OUTSIDE_H

#include "counting.h"
#include <stdbool.h>
#include <bpf/bpf_core_read.h>

#define unlikely(condition) __builtin_expect(!!(condition), 0)

/* The kernel's own, with what is needed of them only. */
struct irq_data {
	unsigned int irq;
	unsigned long hwirq;
} __attribute__((preserve_access_index));

typedef struct {
	int counter;
} atomic_t;

/* As Linux has it... */
struct ipi_mux_cpu___linux {
	atomic_t enable;
	atomic_t bits;
} __attribute__((preserve_access_index));

/* ...and as kernel-patch/ has it. */
struct ipi_mux_cpu___patch {
	atomic_t pending;
	atomic_t enabled;
} __attribute__((preserve_access_index));

/* Are waits timed? Set before the programs are loaded. */
const volatile __u32 timed = 0;

/* Resized at load. */
__u64 doubts[1] SEC(".data.doubts");

/* Before what it counts: a reader of both never finds more certain than there is. */
static __always_inline void doubt(__u64 target, __u64 vipi, __u64 kind)
{
	struct ipimux_shape any = loaded_shape();

	__sync_fetch_and_add(table_of(doubts) + ipimux_doubts_index(&any, target, vipi, kind), 1);
}

/*
 * number_set - a number for a send that set its bit, as send_timed() in ipimux.bpf.c
 *
 * One that comes here only after its target may have gone on is not timed, and has a stamp that
 * is nobody's: that of an earlier one would fit again 1,024 numbers later.
 */
static __always_inline void number_set(struct ipimux_waits *to, bool stamped)
{
	__u64 number = fetch_and_add(&to->sets, 2);
	__u64 time = stamped ? bpf_ktime_get_ns() << IPIMUX_STAMP_TIME_SHIFT : IPIMUX_NO_STAMP;

	stamp_of(to, number)->stamp[0] = time ^ number;
}

/* number_if_timed - the same, where waits are timed at all */
static __always_inline void number_if_timed(__u64 target, __u64 vipi, bool stamped)
{
	struct ipimux_shape any = loaded_shape();

	if (timed)
		number_set(table_of(waits) + ipimux_waits_index(&any, target, vipi), stamped);
}

/*
 * lowest_bit - as first_of(), out of line and not static: so the verifier looks at its ways
 * once, and not in each round of a loop. The same goes for functions that loops call for a target.
 */
__noinline int lowest_bit(__u64 word)
{
	return first_of(word, 64);
}

#endif /* OUTSIDE_H */
