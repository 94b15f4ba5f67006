/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's types that bpf/ needs, and no others. Made by `make update-vmlinux-h`,
 * which asks the BTF of a guest kernel: to add one, name it in
 * scripts/make-vmlinux-h.
 */
#ifndef __VMLINUX_H__
#define __VMLINUX_H__

typedef unsigned char __u8;
typedef short int __s16;
typedef short unsigned int __u16;
typedef int __s32;
typedef unsigned int __u32;
typedef long long int __s64;
typedef long long unsigned int __u64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;

struct bpf_raw_tracepoint_args {
	__u64 args[0];
};

#endif /* __VMLINUX_H__ */
