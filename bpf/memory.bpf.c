// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads the kernel's memory for user space, which runs it: traces nothing, and needs no types of
 * the kernel.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "memory.h"

char LICENSE[] SEC("license") = "GPL";

__u8 bytes[MEMORY_PIECE];

/* read_memory(address, size): as many bytes, from there. Returns whether that failed. */
SEC("raw_tp")
int read_memory(struct bpf_raw_tracepoint_args *ctx)
{
	__u64 size = ctx->args[1];

	if (size > MEMORY_PIECE)
		return 1;
	return bpf_probe_read_kernel(bytes, size, (void *)ctx->args[0]) < 0;
}
