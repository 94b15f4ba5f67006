// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads, once, where a kernel without tracepoints keeps the words of its multiplexer, and
 * which function raises the parent IPI. Needs no types of the kernel; traces nothing.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

/* In a mask of as many CPUs as Linux can have at most, and one. */
#define MUX_MASK_WORDS	130

char LICENSE[] SEC("license") = "GPL";

/* Addresses, 0 for what the kernel does not have. */
const volatile struct {
	__u64 pointer;		/* variable: where the words are, as an offset */
	__u64 raise;		/* variable: the function */
	__u64 offsets;		/* array: of each CPU */
	__u64 offsets_size;
	__u64 masks;		/* array: of masks of one CPU each, behind one of none */
} at = {};

__u64 words;
__u64 raise;
__u64 masks[MUX_MASK_WORDS];
__u64 offsets[1] SEC(".data.offsets");

SEC("raw_tp")
int read_mux(void *ctx)
{
	__u64 *to = offsets;

	asm volatile("" : "+r"(to));
	if (at.pointer && bpf_probe_read_kernel(&words, sizeof(words), (void *)at.pointer))
		return 1;
	if (bpf_probe_read_kernel(&raise, sizeof(raise), (void *)at.raise))
		return 2;
	if (bpf_probe_read_kernel(to, at.offsets_size, (void *)at.offsets))
		return 3;
	if (at.masks && bpf_probe_read_kernel(masks, sizeof(masks), (void *)at.masks))
		return 4;
	return 0;
}
