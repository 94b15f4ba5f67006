// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts what the kernel does below and above the multiplexer: parent IPIs where they are
 * raised, handlers as they start. Knows nothing of the multiplexer itself; loaded only when
 * somebody wants to compare.
 */
#include "counting.h"

char LICENSE[] SEC("license") = "GPL";

/* Interrupts of vIPIs: they follow one another. */
const volatile __u32 first_virq = 0;
const volatile __u32 nr_vipis = 0;

/* Both are resized at load. */
__u64 parents[1] SEC(".data.parents");
__u64 started[1] SEC(".data.started");

static __always_inline int count_parent(void)
{
	struct ipimux_shape any = loaded_shape();

	count(parents, ipimux_parents_index(&any, any_cpu()));
	return 0;
}

/* The extension of the SBI that sends IPIs: "sPI". */
#define SBI_EXT_IPI	0x735049

/* sbi_call(extension, function), before the call; silent on a CPU that is not online */
SEC("?raw_tp/sbi_call")
int count_sbi_call(struct bpf_raw_tracepoint_args *ctx)
{
	return (__u32)ctx->args[0] == SBI_EXT_IPI ? count_parent() : 0;
}

/* The function that the mux was given, of the interrupt controller's driver: send(cpu). */
SEC("?fentry/imsic_ipi_send")
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

	if (vipi < nr_vipis)
		count(started, ipimux_started_index(&any, any_cpu(), vipi));
	return 0;
}
