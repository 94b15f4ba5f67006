// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts what the IPI multiplexer does, where it does it: one increment an
 * event, in memory that user space has mapped.
 *
 * Nothing here looks up a map, takes a lock, uses an atomic or writes to a ring
 * buffer: each CPU increments its own slabs, and a program cannot be interrupted
 * by itself (the kernel skips and counts that, see recursion_misses).
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "ipimux.h"

char LICENSE[] SEC("license") = "GPL";

/* The shape of a machine that has no programs of its own. */
const volatile struct ipimux_shape shape = {};

/* Resized at load; nothing is sized for a maximum. */
__u64 traffic[1] SEC(".data.traffic");
__u64 processed[1] SEC(".data.processed");
__u64 unmasked[1] SEC(".data.unmasked");

/*
 * table[index]++ that the compiler cannot bound by the size the table has
 * before it is resized.
 */
static __always_inline void count(__u64 *table, __u64 index)
{
	asm volatile("" : "+r"(table));
	table[index]++;
}

/*
 * ipi_mux_send(cpu, vipi, pending, enabled), on the sender
 *
 * The CPU comes first: what is read before a call has to be kept in registers that
 * the program must save.
 */
static __always_inline int send(struct bpf_raw_tracepoint_args *ctx,
				const struct ipimux_shape *shape)
{
	__u64 sender = bpf_get_smp_processor_id();
	__u64 target = ctx->args[0];
	__u64 vipi = ctx->args[1];
	__u64 was_pending = ctx->args[2] >> vipi & 1;
	__u64 disabled = ~ctx->args[3] >> vipi & 1;

	count(traffic, ipimux_traffic_index(shape, sender, target, vipi,
					    disabled << 1 | was_pending));
	return 0;
}

/* ipi_mux_process(enabled, pending), on the target */
static __always_inline int process_by_set(struct bpf_raw_tracepoint_args *ctx,
					  const struct ipimux_shape *shape)
{
	__u64 cpu = bpf_get_smp_processor_id();
	__u64 set = ctx->args[0] & ctx->args[1];

	count(processed, ipimux_processed_index(shape, cpu, set));
	return 0;
}

/*
 * The verifier knows what read-only data holds, but the code still loads it, and on
 * riscv64 loads a 64-bit address before: instructions that every send would pay for.
 * So the sizes that RISC-V machines have are constants, in a program for each power
 * of two of CPUs; user space loads the one that fits.
 */
#define PROGRAMS_OF_SIZE(cpu_shift_)							\
static const struct ipimux_shape shape_##cpu_shift_ = {				\
	.cpu_shift = cpu_shift_,							\
	.vipi_shift = IPIMUX_SIZE_VIPI_SHIFT,						\
	.processed_shift = 1 << IPIMUX_SIZE_VIPI_SHIFT,					\
	.traffic_mask = (1U << (2 * cpu_shift_ + IPIMUX_SIZE_VIPI_SHIFT +		\
				IPIMUX_OUTCOME_SHIFT)) - 1,				\
	.processed_mask = (1U << (cpu_shift_ + (1 << IPIMUX_SIZE_VIPI_SHIFT))) - 1,	\
};											\
SEC("?raw_tp/ipi_mux_send")								\
int count_send_##cpu_shift_(struct bpf_raw_tracepoint_args *ctx)			\
{											\
	return send(ctx, &shape_##cpu_shift_);						\
}											\
SEC("?raw_tp/ipi_mux_process")								\
int count_process_##cpu_shift_(struct bpf_raw_tracepoint_args *ctx)			\
{											\
	return process_by_set(ctx, &shape_##cpu_shift_);				\
}

PROGRAMS_OF_SIZE(0)
PROGRAMS_OF_SIZE(1)
PROGRAMS_OF_SIZE(2)
PROGRAMS_OF_SIZE(3)
PROGRAMS_OF_SIZE(4)
PROGRAMS_OF_SIZE(5)
PROGRAMS_OF_SIZE(6)
PROGRAMS_OF_SIZE(7)
PROGRAMS_OF_SIZE(8)
PROGRAMS_OF_SIZE(9)

/* The shape where it is no constant. */
static __always_inline struct ipimux_shape loaded_shape(void)
{
	return (struct ipimux_shape){
		.cpu_shift = shape.cpu_shift,
		.vipi_shift = shape.vipi_shift,
		.processed_shift = shape.processed_shift,
		.traffic_mask = shape.traffic_mask,
		.processed_mask = shape.processed_mask,
		.unmasked_mask = shape.unmasked_mask,
	};
}

SEC("?raw_tp/ipi_mux_send")
int count_send(struct bpf_raw_tracepoint_args *ctx)
{
	struct ipimux_shape any = loaded_shape();

	return send(ctx, &any);
}

SEC("?raw_tp/ipi_mux_process")
int count_process_by_set(struct bpf_raw_tracepoint_args *ctx)
{
	struct ipimux_shape any = loaded_shape();

	return process_by_set(ctx, &any);
}

/* The number of bits set; BPF has no instruction for it. */
static __always_inline __u32 count_bits(__u32 word)
{
	word -= word >> 1 & 0x55555555;
	word = (word & 0x33333333) + (word >> 2 & 0x33333333);
	word = (word + (word >> 4)) & 0x0f0f0f0f;
	return word * 0x01010101 >> 24;
}

/*
 * The same where 2^vIPIs sets would be too many: one increment a bit. The loop
 * goes from set bit to set bit, so that the verifier has two ways on from each of
 * 32 steps, and not 2^32 in all.
 */
SEC("?raw_tp/ipi_mux_process")
int count_process_by_bit(struct bpf_raw_tracepoint_args *ctx)
{
	struct ipimux_shape any = loaded_shape();
	__u32 set = ctx->args[0] & ctx->args[1];
	__u64 cpu = bpf_get_smp_processor_id();
	__u32 batch;

	for (batch = 0; batch < IPIMUX_MAX_VIPIS && set; batch++) {
		__u32 vipi = count_bits((set & -set) - 1);

		count(processed, ipimux_processed_index(&any, cpu, IPIMUX_BITS_HANDLED + vipi));
		set &= set - 1;
	}
	count(processed, ipimux_processed_index(&any, cpu, IPIMUX_BITS_BATCH + batch));
	return 0;
}

/* ipi_mux_unmask(vipi, pending), on the CPU that enabled the vIPI */
SEC("raw_tp/ipi_mux_unmask")
int count_unmask(struct bpf_raw_tracepoint_args *ctx)
{
	struct ipimux_shape any = loaded_shape();
	__u64 vipi = ctx->args[0];
	__u64 kick = ctx->args[1] >> vipi & 1;

	count(unmasked, ipimux_unmasked_index(&any, bpf_get_smp_processor_id(), vipi, kick));
	return 0;
}
