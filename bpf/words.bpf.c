// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads the multiplexer's own words, the pending and the enabled one of each CPU, whenever user
 * space runs it: traces nothing, and needs no types of the kernel.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "words.h"

char LICENSE[] SEC("license") = "GPL";

/* CPUs that there is room for, a power of two, less one. */
const volatile __u32 cpus_mask = 0;

struct words_symbols symbols;

/* Both [cpu], resized at load: where its words are, and what they were. */
__u64 places[1] SEC(".data.places");
struct words_of_cpu words[1] SEC(".data.words");

/* The compiler is not to bound an index by the size that they have before. */
#define table_of(variable) ({ typeof(&(variable)[0]) table = (variable); \
			      asm volatile("" : "+r"(table)); table; })

/* Once: follows the symbols to where the words of each CPU are. */
SEC("raw_tp")
int find_places(void *ctx)
{
	__u64 first = symbols.words;

	if (!first && bpf_probe_read_kernel(&first, sizeof(first), (void *)symbols.pointer))
		return 1;
	for (__u64 cpu = 0; cpu <= cpus_mask; cpu++) {
		__u64 offset = 0;

		/* Behind the last CPU there is something else. */
		if (cpu >= symbols.nr_cpus)
			break;
		if (bpf_probe_read_kernel(&offset, sizeof(offset),
					  (void *)symbols.offsets + cpu * sizeof(offset)))
			return 1;
		table_of(places)[cpu & cpus_mask] = first + offset;
	}
	return 0;
}

/* read_words(first CPU, how many) */
SEC("raw_tp")
int read_words(struct bpf_raw_tracepoint_args *ctx)
{
	__u64 first = ctx->args[0];
	__u64 nr = ctx->args[1];

	for (__u64 i = 0; i <= cpus_mask; i++) {
		__u64 cpu = (first + i) & cpus_mask;

		if (i >= nr)
			break;
		if (bpf_probe_read_kernel(table_of(words) + cpu, sizeof(*words),
					  (void *)table_of(places)[cpu]))
			return 1;
	}
	return 0;
}
