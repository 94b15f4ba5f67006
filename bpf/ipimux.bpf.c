// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts what the IPI multiplexer does, where it does it: one increment an
 * event, in memory that user space has mapped.
 *
 * Nothing here looks up a map, takes a lock or writes to a ring buffer: each CPU
 * increments its own slabs, and a program cannot be interrupted by itself (the kernel
 * skips and counts that, see recursion_misses). With latency, a send that sets its bit
 * takes a number by an atomic, and senders share the stamps of a target.
 */
#include "counting.h"

char LICENSE[] SEC("license") = "GPL";

/*
 * ipi_mux_send(cpu, vipi, pending, enabled), on the sender
 *
 * The CPU comes first: what is read before a call has to be kept in registers that
 * the program must save.
 */
static __always_inline int send(struct bpf_raw_tracepoint_args *ctx,
				const struct ipimux_shape *shape, __u64 sender)
{
	__u64 target = ctx->args[0];
	__u64 vipi = ctx->args[1];
	__u64 was_pending = ctx->args[2] >> vipi & 1;
	__u64 disabled = ~ctx->args[3] >> vipi & 1;

	count(traffic, ipimux_traffic_index(shape, sender, target, vipi,
					    disabled << 1 | was_pending));
	return 0;
}

/*
 * The same, and for a send that set its bit the time, for take() to find.
 *
 * The bit is set and handled in turns, but a send says so after it has set the bit: its
 * stamp may come after the process that handled it (so late that the next set is there,
 * too), and a process may find the stamp of a send that came after it. So sends are
 * numbered as they arrive here, a stamp carries its number, and the n-th process takes
 * the n-th stamp or none: there are two, or the next would be over it already, where many
 * send. Why no wait is then ever too long: if the n-th to arrive did not set the bit for
 * the n-th time, one of the n - 1 before it did or came later still, and its stamp is of a
 * time after it arrived, that is, after that set. So the time is read after the number is
 * taken.
 *
 * @some: not all of them are timed; see skip in struct ipimux_waits.
 */
static __always_inline int send_timed(struct bpf_raw_tracepoint_args *ctx,
				      const struct ipimux_shape *shape, __u64 sender, bool some)
{
	__u64 target = ctx->args[0];
	__u64 vipi = ctx->args[1];
	__u64 was_pending = ctx->args[2] >> vipi & 1;
	__u64 disabled = ~ctx->args[3] >> vipi & 1;
	struct ipimux_waits *to;
	__u64 cell, index, number;

	/* As ipimux_traffic_index(), by way of what the waits are found with. */
	cell = target << shape->vipi_shift | vipi;
	asm volatile("" : "+r"(cell));
	index = (sender << (shape->cpu_shift + shape->vipi_shift) | cell) << 1 | disabled;
	asm volatile("" : "+r"(index));
	index = index << 1 | was_pending;
	asm volatile("" : "+r"(index));
	count(traffic, index & shape->traffic_mask);
	if (was_pending)
		return 0;
	to = table_of(waits) + (cell & shape->waits_mask);
	number = fetch_and_add(&to->sets, 2) | disabled;
	if (some && number & to->skip)
		return 0;
	to = stamp_of(to, number);
	/* In one register each, which a coalesced send, too, has to save. */
	asm volatile("" : "+r"(number), "+r"(to));
	to->stamp[0] = bpf_ktime_get_ns() << IPIMUX_STAMP_TIME_SHIFT ^ number;
	return 0;
}

/* ipi_mux_process(enabled, pending), on the target */
static __always_inline int process_by_set(struct bpf_raw_tracepoint_args *ctx,
					  const struct ipimux_shape *shape, __u64 cpu)
{
	__u64 set = ctx->args[0] & ctx->args[1];

	count(processed, ipimux_processed_index(shape, cpu, set));
	return 0;
}

/* take_set - take() for each of a set; those of several vIPIs are rare */
static __noinline int take_set(__u64 cpu, __u64 set)
{
	__u64 now = bpf_ktime_get_ns();

	for (__u32 i = 0; i < IPIMUX_MAX_VIPIS && set; i++, set &= set - 1)
		take_one(cpu, first_of(set, IPIMUX_MAX_VIPIS), now);
	return 0;
}

/*
 * The vIPI of a set of one is found by halves; other sets take the longer way. The asm
 * keeps the compiler from making a calculation of it.
 */
#define SINGLE(n) do {					\
		if (set != 1ULL << (n))			\
			goto not_single;		\
		offset = (n) * sizeof(*at);		\
		asm volatile("" : "+r"(offset));	\
		goto single;				\
	} while (0)
#define SINGLE_OF_2(n) do {				\
		if (set < 1ULL << ((n) + 1))		\
			SINGLE(n);			\
		SINGLE((n) + 1);			\
	} while (0)
#define SINGLE_OF_4(n) do {				\
		if (set < 1ULL << ((n) + 2))		\
			SINGLE_OF_2(n);			\
		SINGLE_OF_2((n) + 2);			\
	} while (0)

/* The size of a counter, and of the waits of a vIPI on a CPU. */
#define COUNTER_SHIFT	3
#define WAITS_SHIFT	(IPIMUX_SLOT_SHIFT + 1 + COUNTER_SHIFT)

static __always_inline int process_by_set_timed(struct bpf_raw_tracepoint_args *ctx,
						const struct ipimux_shape *shape, __u64 cpu,
						bool some)
{
	__u64 set = ctx->args[0] & ctx->args[1];
	/* In bytes; a CPU's waits take more of them than its processes. */
	__u32 slab_shift = shape->processed_shift + COUNTER_SHIFT;
	struct ipimux_waits *at;
	__u64 offset, *counter;

	if (set < 1 << 4)
		SINGLE_OF_4(0);
	SINGLE_OF_4(4);
single:
	/* The verifier knows set and offset on each way here: one mask is enough. */
	cpu &= (1ULL << shape->cpu_shift) - 1;
	asm volatile("" : "+r"(cpu));
	cpu <<= slab_shift;
	set <<= COUNTER_SHIFT;
	/* Kept for the waits, which clang would do with another register for the set. */
	asm volatile("%0 |= %1" : "+r"(set), "+r"(cpu));
	counter = (void *)table_of(processed) + set;
	(*counter)++;
	at = (void *)table_of(waits) +
	     (cpu << (shape->vipi_shift + WAITS_SHIFT - slab_shift)) + offset;
	if (some && is_left_out(at))
		return 0;
	return some ? take_some(at, bpf_ktime_get_ns()) : take(at, bpf_ktime_get_ns());
not_single:
	count(processed, ipimux_processed_index(shape, cpu, set));
	return set ? take_set(cpu, set) : 0;
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
	.waits_mask = (1U << (cpu_shift_ + IPIMUX_SIZE_VIPI_SHIFT)) - 1,		\
};											\
SEC("?raw_tp/ipi_mux_send")								\
int count_send_##cpu_shift_(struct bpf_raw_tracepoint_args *ctx)			\
{											\
	__u64 cpu = this_cpu_keeping(&ctx);						\
											\
	return send(ctx, &shape_##cpu_shift_, cpu);					\
}											\
SEC("?raw_tp/ipi_mux_process")								\
int count_process_##cpu_shift_(struct bpf_raw_tracepoint_args *ctx)			\
{											\
	__u64 cpu = this_cpu_keeping(&ctx);						\
											\
	return process_by_set(ctx, &shape_##cpu_shift_, cpu);				\
}											\
SEC("?raw_tp/ipi_mux_send")								\
int time_send_##cpu_shift_(struct bpf_raw_tracepoint_args *ctx)				\
{											\
	__u64 cpu = this_cpu_keeping(&ctx);						\
											\
	return send_timed(ctx, &shape_##cpu_shift_, cpu, false);				\
}											\
SEC("?raw_tp/ipi_mux_process")								\
int time_process_##cpu_shift_(struct bpf_raw_tracepoint_args *ctx)			\
{											\
	__u64 cpu = this_cpu_keeping(&ctx);						\
											\
	return process_by_set_timed(ctx, &shape_##cpu_shift_, cpu, false);			\
}											\
SEC("?raw_tp/ipi_mux_send")								\
int time_some_send_##cpu_shift_(struct bpf_raw_tracepoint_args *ctx)			\
{											\
	__u64 cpu = this_cpu_keeping(&ctx);						\
											\
	return send_timed(ctx, &shape_##cpu_shift_, cpu, true);				\
}											\
SEC("?raw_tp/ipi_mux_process")								\
int time_some_process_##cpu_shift_(struct bpf_raw_tracepoint_args *ctx)			\
{											\
	__u64 cpu = this_cpu_keeping(&ctx);						\
											\
	return process_by_set_timed(ctx, &shape_##cpu_shift_, cpu, true);			\
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

SEC("?raw_tp/ipi_mux_send")
int count_send(struct bpf_raw_tracepoint_args *ctx)
{
	struct ipimux_shape any = loaded_shape();

	return send(ctx, &any, any_cpu());
}

SEC("?raw_tp/ipi_mux_process")
int count_process_by_set(struct bpf_raw_tracepoint_args *ctx)
{
	struct ipimux_shape any = loaded_shape();

	return process_by_set(ctx, &any, any_cpu());
}

SEC("?raw_tp/ipi_mux_send")
int time_send(struct bpf_raw_tracepoint_args *ctx)
{
	struct ipimux_shape any = loaded_shape();

	return send_timed(ctx, &any, any_cpu(), true);
}

SEC("?raw_tp/ipi_mux_process")
int time_process_by_set(struct bpf_raw_tracepoint_args *ctx)
{
	struct ipimux_shape any = loaded_shape();

	return process_by_set_timed(ctx, &any, any_cpu(), true);
}

/*
 * The same where 2^vIPIs sets would be too many: one increment a bit. The loop
 * goes from set bit to set bit, so that the verifier has two ways on from each of
 * 32 steps, and not 2^32 in all.
 */
static __always_inline void process_by_bit(const struct ipimux_shape *shape, __u64 cpu, __u64 set)
{
	__u64 batch;

	for (batch = 0; batch < IPIMUX_MAX_VIPIS && set; batch++, set &= set - 1)
		count(processed, ipimux_processed_index(shape, cpu,
			IPIMUX_BITS_HANDLED + first_of(set, IPIMUX_MAX_VIPIS)));
	count(processed, ipimux_processed_index(shape, cpu, IPIMUX_BITS_BATCH + batch));
}

SEC("?raw_tp/ipi_mux_process")
int count_process_by_bit(struct bpf_raw_tracepoint_args *ctx)
{
	struct ipimux_shape any = loaded_shape();

	process_by_bit(&any, any_cpu(), ctx->args[0] & ctx->args[1]);
	return 0;
}

SEC("?raw_tp/ipi_mux_process")
int time_process_by_bit(struct bpf_raw_tracepoint_args *ctx)
{
	struct ipimux_shape any = loaded_shape();
	__u32 set = ctx->args[0] & ctx->args[1];
	__u64 cpu = any_cpu();

	process_by_bit(&any, cpu, set);
	return set ? take_set(cpu, set) : 0;
}

/*
 * handled_so_far - how often @cpu has handled the vIPI: as often as it had a set with it. Not
 * static, so that the verifier looks at the loop once. Masks are rare.
 */
__noinline __u64 handled_so_far(__u64 cpu, __u64 vipi)
{
	struct ipimux_shape any = loaded_shape();
	__u64 handled = 0, bit;

	if (any.processed_shift == IPIMUX_BITS_SHIFT)
		return handled_by_bit(&any, cpu, vipi);
	bit = 1ULL << (vipi & (IPIMUX_MAX_SET_VIPIS - 1));
	/* The sets of the others, each with this one put in. */
	for (__u64 others = 0; others < 1U << (IPIMUX_MAX_SET_VIPIS - 1); others++) {
		__u64 set = (others & -bit) + others + bit;

		if (set >> any.processed_shift)
			break;
		handled += table_of(processed)[ipimux_processed_index(&any, cpu, set)];
	}
	return handled;
}

/*
 * May it read the kernel's memory? Where it may not (lockdown), the verifier is not to see that
 * it would; it leaves out what this says is never come to.
 */
const volatile __u32 reads_memory = 0;

/* [cpu] where its enabled word is, 0: not known; resized at load */
__u64 enabled_at[1] SEC(".data.enabled_at");

/* check_switch - is a vIPI, that this CPU has masked or unmasked just now, what it should be? */
static __always_inline void check_switch(const struct ipimux_shape *shape, __u64 cpu, __u64 vipi,
					 bool should)
{
	__u32 enabled;
	__u64 at;

	if (!reads_memory)
		return;
	at = table_of(enabled_at)[cpu & ((1ULL << shape->cpu_shift) - 1)];
	if (!at || bpf_probe_read_kernel(&enabled, sizeof(enabled), (void *)at))
		return;
	if ((enabled >> (vipi & 31) & 1) != should)
		count(masked, ipimux_masked_index(shape, cpu, vipi, IPIMUX_MASK_WRONG));
}

/*
 * ipi_mux_mask(vipi, pending), on the CPU that disabled the vIPI: the one that handles it, so
 * that nothing of it is under way. Kernels may have the other events and not this one.
 */
SEC("raw_tp/ipi_mux_mask")
int count_mask(struct bpf_raw_tracepoint_args *ctx)
{
	struct ipimux_shape any = loaded_shape();
	__u64 vipi = ctx->args[0];
	__u64 cpu = any_cpu();

	note_mask(&any, cpu, vipi, ctx->args[1] >> vipi & 1, handled_so_far(cpu, vipi));
	check_switch(&any, cpu, vipi, false);
	return 0;
}

/* ipi_mux_unmask(vipi, pending), on the CPU that enabled the vIPI */
SEC("raw_tp/ipi_mux_unmask")
int count_unmask(struct bpf_raw_tracepoint_args *ctx)
{
	struct ipimux_shape any = loaded_shape();
	__u64 vipi = ctx->args[0];
	__u64 kick = ctx->args[1] >> vipi & 1;
	__u64 cpu = any_cpu();

	count(unmasked, ipimux_unmasked_index(&any, cpu, vipi, kick));
	if (*masked_at_of(&any, cpu, vipi))
		end_mask_of(&any, cpu, vipi, handled_so_far(cpu, vipi));
	check_switch(&any, cpu, vipi, true);
	return 0;
}
