// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts what the kernel does below and above the multiplexer: parent IPIs where they are
 * raised, handlers as they start; and whether they come when they are due. Loaded only when
 * somebody wants to compare.
 */
#include "counting.h"
#include "verify.h"

char LICENSE[] SEC("license") = "GPL";

/* Interrupts of vIPIs: they follow one another. */
const volatile __u32 first_virq = 0;
const volatile __u32 nr_vipis = 0;

/*
 * Where a task has its preempt_count, from the kernel's BTF; 0: not known. That tells interrupts
 * from tasks: hard, soft, and those that cannot be masked.
 */
const volatile __u32 preempt_count_at = 0;
#define IN_INTERRUPT	0x00ffff00

/* Whether this kernel lets programs read its memory. */
const volatile __u8 reads_memory = 0;

/* All are resized at load. */
__u64 parents[1] SEC(".data.parents");
__u64 started[1] SEC(".data.started");
__u64 late[1] SEC(".data.late");

struct verify_order orders[1] SEC(".data.orders");

static __always_inline struct verify_order *order_of(__u64 cpu)
{
	return table_of(orders) + (cpu & ((1ULL << shape.cpu_shift) - 1));
}

static __always_inline void count_late(__u64 cpu, __u64 kind)
{
	struct ipimux_shape any = loaded_shape();

	count(late, ipimux_late_index(&any, cpu, kind));
}

static __always_inline int count_parent(void)
{
	struct ipimux_shape any = loaded_shape();
	__u64 cpu = any_cpu();

	order_of(cpu)->parents++;
	count(parents, ipimux_parents_index(&any, cpu));
	return 0;
}

static __always_inline __u32 population(__u32 set)
{
	__u32 number = 0;

	for (__u32 i = 0; i < IPIMUX_MAX_VIPIS && set; i++, set &= set - 1)
		number++;
	return number;
}

/* check_enabled - does the process that begins go by what its CPU's enabled word is now? */
static __always_inline void check_enabled(__u64 cpu, const struct verify_order *order,
					  __u32 enabled)
{
	__u64 at = order->enabled_at;
	__u32 now;

	/* Only its own CPU writes that word, and that one is here, with interrupts off. */
	if (reads_memory && at && !bpf_probe_read_kernel(&now, sizeof(now), (void *)at) &&
	    now != enabled)
		count_late(cpu, IPIMUX_LATE_ENABLED);
}

/*
 * ipi_mux_process(enabled, pending): all that the process before took have started by now, for
 * they are started in a row, with interrupts off
 */
SEC("?raw_tp/ipi_mux_process")
int compare_handlers(struct bpf_raw_tracepoint_args *ctx)
{
	__u64 cpu = any_cpu();
	struct verify_order *order = order_of(cpu);

	if (order->watching && order->taken != order->started)
		count_late(cpu, IPIMUX_LATE_HANDLER);
	order->watching = 1;
	order->taken = order->started + population(ctx->args[0] & ctx->args[1]);
	check_enabled(cpu, order, ctx->args[0]);
	return 0;
}

/*
 * ipi_mux_send(cpu, vipi, pending, enabled), before the raise
 *
 * A task that sends has raised for all that it sent before; an interrupt may come between a send
 * and its raise.
 */
SEC("?raw_tp/ipi_mux_send")
int compare_raises(struct bpf_raw_tracepoint_args *ctx)
{
	__u64 cpu = any_cpu();
	struct verify_order *order = order_of(cpu);
	__u64 vipi = ctx->args[1];
	__u32 count = IN_INTERRUPT;

	bpf_probe_read_kernel(&count, sizeof(count),
			      (void *)bpf_get_current_task() + preempt_count_at);
	if (!(count & IN_INTERRUPT)) {
		__s64 owed = order->raised - order->parents;

		if (owed > 0 && order->sending)
			count_late(cpu, IPIMUX_LATE_RAISE);
		/* One too many may be this one's, raised before it was counted. */
		if (owed != -1 || !order->sending)
			order->raised = order->parents;
		order->sending = 1;
	}
	if (!(ctx->args[2] >> vipi & 1) && (ctx->args[3] >> vipi & 1))
		order->raised++;
	return 0;
}

/* ipi_mux_unmask(vipi, pending): a kick raises, too */
SEC("?raw_tp/ipi_mux_unmask")
int expect_kick(struct bpf_raw_tracepoint_args *ctx)
{
	if (ctx->args[1] >> ctx->args[0] & 1)
		order_of(any_cpu())->raised++;
	return 0;
}

/* sbi_call(extension, function), before the call; silent on a CPU that is not online */
SEC("?raw_tp/sbi_call")
int count_sbi_call(struct bpf_raw_tracepoint_args *ctx)
{
	return (__u32)ctx->args[0] == SBI_EXT_IPI ? count_parent() : 0;
}

/* The function that the mux was given, of the interrupt controller's driver: send(cpu). */
SEC("?fentry")
int count_raise(__u64 *ctx)
{
	return count_parent();
}

/* irq_handler_entry(irq, action) */
SEC("raw_tp/irq_handler_entry")
int count_started(struct bpf_raw_tracepoint_args *ctx)
{
	__u32 vipi = (__u32)ctx->args[0] - first_virq;
	struct ipimux_shape any = loaded_shape();

	__u64 cpu;

	if (vipi >= nr_vipis)
		return 0;
	cpu = any_cpu();
	order_of(cpu)->started++;
	count(started, ipimux_started_index(&any, cpu, vipi));
	return 0;
}
