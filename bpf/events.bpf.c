// SPDX-License-Identifier: GPL-2.0-only
/*
 * Passes on the single events of the IPI multiplexer at its tracepoints. (Without them:
 * fentry.bpf.c.)
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "passing.h"

char LICENSE[] SEC("license") = "GPL";

/* ipi_mux_process(enabled, pending), on the target */
SEC("raw_tp/ipi_mux_process")
int pass_process(struct bpf_raw_tracepoint_args *ctx)
{
	if (has_begun())
		pass_process_of(NOW, bpf_get_smp_processor_id(), ctx->args[1], ctx->args[0]);
	return 0;
}

/* ipi_mux_unmask(vipi, pending), on the CPU that enabled the vIPI */
SEC("raw_tp/ipi_mux_unmask")
int pass_unmask(struct bpf_raw_tracepoint_args *ctx)
{
	if (has_begun())
		pass_own(NOW, bpf_get_smp_processor_id(), IPIMUX_UNMASK,
			 ctx->args[0], ctx->args[1]);
	return 0;
}

/* ipi_mux_mask(vipi, pending), on the CPU that disabled it; kernels may not have this event */
SEC("raw_tp/ipi_mux_mask")
int pass_mask(struct bpf_raw_tracepoint_args *ctx)
{
	if (has_begun())
		pass_own(NOW, bpf_get_smp_processor_id(), IPIMUX_MASK,
			 ctx->args[0], ctx->args[1]);
	return 0;
}

/* ipi_mux_send(cpu, vipi, pending, enabled), on the sender */
SEC("raw_tp/ipi_mux_send")
int pass_send(struct bpf_raw_tracepoint_args *ctx)
{
	if (has_begun())
		pass_send_of(NOW, bpf_get_smp_processor_id(), ctx->args[0],
			     ctx->args[1], ctx->args[2], ctx->args[3], 0);
	return 0;
}
