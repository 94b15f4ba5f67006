/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What bpf/senders.bpf.c and user space agree on: who sends, by task, stack, target and vIPI.
 * Before it is included, __u32 and __u64 must be known.
 */
#ifndef IPIMUX_SENDERS_H
#define IPIMUX_SENDERS_H

#define SENDERS_COMMAND_SIZE	16	/* as the kernel's, the end included */
#define SENDERS_MAX_FRAMES	32

/* Different senders that a sample has room for, and different stacks. */
#define SENDERS_MAX		4096
#define SENDERS_MAX_STACKS	4096

/* What ran when it was sent. In the two in the middle the task was only interrupted. */
enum senders_context {
	SENDERS_TASK,
	SENDERS_SOFTIRQ,
	SENDERS_INTERRUPT,	/* hard, or an NMI */
	SENDERS_UNKNOWN,	/* a kernel without BTF does not tell */
};

/* No padding: all of it is compared. */
struct senders_key {
	__u32 pid;		/* the thread's */
	__u32 tgid;		/* the process's */
	__s32 stack;		/* in the map of stacks; negative: none was taken */
	__u32 cpu;
	__u32 target;
	__u16 vipi;
	__u16 context;
	__u64 caller;		/* that the stack lacks: it was taken before a frame was made */
};

/* Each is written by one CPU only: the CPU is in its key. */
struct senders_value {
	__u64 sends;
	char command[SENDERS_COMMAND_SIZE];
};

#endif /* IPIMUX_SENDERS_H */
