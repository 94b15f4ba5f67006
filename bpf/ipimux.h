/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the BPF programs and user space agree on: the layout of the counters.
 * It is written down here once; both sides index through the functions below.
 *
 * Before it is included, __u32 and __u64 must be known (vmlinux.h in BPF,
 * linux/types.h in user space).
 */
#ifndef IPIMUX_H
#define IPIMUX_H

/* The mux's words are 32 bits wide. */
#define IPIMUX_MAX_VIPIS	32

/* Up to this many vIPIs, a process is counted by the set it handled. */
#define IPIMUX_MAX_SET_VIPIS	8

/*
 * What a send found: was the bit pending already (bit 0), was the vIPI disabled
 * on the target (bit 1). There is no other outcome.
 */
enum ipimux_outcome {
	IPIMUX_RAISED			= 0,
	IPIMUX_COALESCED		= 1,
	IPIMUX_MASKED			= 2,
	IPIMUX_COALESCED_WHILE_MASKED	= 3,
	IPIMUX_NR_OUTCOMES
};

/* What an unmask found; a kick is an unmask that found its bit pending. */
enum ipimux_unmask {
	IPIMUX_UNMASK_PLAIN	= 0,
	IPIMUX_UNMASK_KICK	= 1,
	IPIMUX_NR_UNMASKS
};

/*
 * A CPU's slab of the processed table, where there are too many vIPIs to count
 * by sets: how often each vIPI was handled, then how often a process handled
 * 0, 1, 2, ... 32 of them.
 */
#define IPIMUX_BITS_HANDLED	0
#define IPIMUX_BITS_BATCH	IPIMUX_MAX_VIPIS
#define IPIMUX_BITS_SHIFT	7

/*
 * The size of the machine, set before the programs are loaded. Strides are
 * powers of two so that an index is made of shifts, and one mask per table
 * shows the verifier that it is in bounds.
 *
 * All tables count in 64 bits from the moment the programs are attached and are
 * never reset. Each CPU writes only its own slabs.
 *
 *	traffic[sender][target][vipi][outcome]	 sends
 *	processed[cpu][set of vIPIs handled]	 process calls, or
 *	processed[cpu][IPIMUX_BITS_...]		 with more than 8 vIPIs
 *	unmasked[cpu][vipi][plain or kick]	 unmasks
 */
struct ipimux_shape {
	__u32 cpu_shift;	/* 1 << cpu_shift CPUs, the highest id included */
	__u32 vipi_shift;	/* 1 << vipi_shift vIPIs */
	__u32 processed_shift;	/* 1 << processed_shift counters a CPU */
	__u32 traffic_mask;	/* number of counters in each table, less one */
	__u32 processed_mask;
	__u32 unmasked_mask;
};

/*
 * Machines of RISC-V's 8 vIPIs and up to 1 << IPIMUX_MAX_SIZE CPUs have programs made
 * for their size, see bpf/ipimux.bpf.c; all others share the general ones.
 */
#define IPIMUX_SIZE_VIPI_SHIFT	3
#define IPIMUX_MAX_SIZE		9

#define IPIMUX_OUTCOME_SHIFT	2
#define IPIMUX_UNMASK_SHIFT	1

static inline __u64 ipimux_traffic_index(const struct ipimux_shape *shape,
					 __u64 sender, __u64 target, __u64 vipi, __u64 outcome)
{
	__u64 pair = sender << shape->cpu_shift | target;

	return ((pair << shape->vipi_shift | vipi) << IPIMUX_OUTCOME_SHIFT | outcome) &
	       shape->traffic_mask;
}

static inline __u64 ipimux_processed_index(const struct ipimux_shape *shape,
					   __u64 cpu, __u64 slot)
{
	return (cpu << shape->processed_shift | slot) & shape->processed_mask;
}

static inline __u64 ipimux_unmasked_index(const struct ipimux_shape *shape,
					  __u64 cpu, __u64 vipi, __u64 kick)
{
	return ((cpu << shape->vipi_shift | vipi) << IPIMUX_UNMASK_SHIFT | kick) &
	       shape->unmasked_mask;
}

#endif /* IPIMUX_H */
