/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What was handled while it was masked, for programs that count handlers themselves, bit by bit:
 * fentry.bpf.c and kprobes.bpf.c. Each includes it once.
 */
#ifndef MASKS_H
#define MASKS_H

#include "outside.h"

/* masked_until_now - for vIPIs that were masked in a process: it is over now */
static __noinline int masked_until_now(__u64 cpu, __u64 vipis)
{
	struct ipimux_shape any = loaded_shape();

	for (__u32 i = 0; i < IPIMUX_MAX_VIPIS && vipis; i++, vipis &= vipis - 1) {
		__u64 vipi = lowest_bit(vipis);
		__u64 *at = masked_at_of(&any, cpu, vipi);

		/* An unmask may have been since. */
		if (*at)
			*at = handled_by_bit(&any, cpu, vipi) + 1;
	}
	return 0;
}

#endif /* MASKS_H */
