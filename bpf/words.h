/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What words.bpf.c and user space agree on. Before it is included, __u32 and __u64 must be
 * known.
 */
#ifndef IPIMUX_WORDS_H
#define IPIMUX_WORDS_H

/* Addresses in the kernel, 0 for what it does not have. */
struct words_symbols {
	__u64 words;		/* kernel-patch/: the words themselves */
	__u64 pointer;		/* Linux: a variable that points to them */
	__u64 offsets;		/* of each CPU's own data */
	__u64 nr_cpus;		/* that have such an offset */
};

/* As they are in memory: which one is first is the kernel's. */
struct words_of_cpu {
	__u32 word[2];
};

#endif /* IPIMUX_WORDS_H */
