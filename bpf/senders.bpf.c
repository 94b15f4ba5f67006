// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who sends: a sample of the senders' tasks and kernel stacks. Attached for a moment
 * only, while somebody wants to know; in quiet time it is not there and costs nothing.
 * Knows no context; senders_context.bpf.c makes the same with it, and senders_kprobe.bpf.c where
 * there are neither tracepoints nor fentry.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include "senders.h"
#ifdef SENDERS_KPROBE
#include "kprobes_kernel.h"
#endif

char LICENSE[] SEC("license") = "GPL";

#define BPF_NOEXIST	1

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SENDERS_MAX);
	__type(key, struct senders_key);
	__type(value, struct senders_value);
} senders SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, SENDERS_MAX_STACKS);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, SENDERS_MAX_FRAMES * sizeof(__u64));
} stacks SEC(".maps");

/* Set while a sample is taken: to attach a program, and to detach it, takes a while, and sends. */
__u32 sampling;

/* Sends that found no room among the senders. Rare, so shared by all CPUs. */
__u64 no_room SEC(".data.lost");

/* count_sender - a send to @target, for who sends now, with the stack of that number */
static __always_inline void count_sender(__u64 vipi, __u64 target, __s64 stack, __u16 context,
					 __u64 caller)
{
	__u64 id = bpf_get_current_pid_tgid();
	struct senders_key key = {
		.pid = id,
		.tgid = id >> 32,
		/* One that found no room for its stack is like any other. */
		.stack = stack < 0 ? -1 : stack,
		.cpu = bpf_get_smp_processor_id(),
		.target = target,
		.vipi = vipi,
		.context = context,
		.caller = caller,
	};
	struct senders_value *value = bpf_map_lookup_elem(&senders, &key);

	if (!value) {
		struct senders_value fresh = {};

		bpf_get_current_comm(fresh.command, sizeof(fresh.command));
		bpf_map_update_elem(&senders, &key, &fresh, BPF_NOEXIST);
		value = bpf_map_lookup_elem(&senders, &key);
	}
	if (value)
		value->sends++;
	else
		__sync_fetch_and_add(&no_room, 1);
}

static __always_inline __u32 is_sampling(void)
{
	return *(const volatile __u32 *)&sampling;
}

/* --- at the tracepoint --- */

#ifndef SENDERS_KPROBE
#ifdef SENDERS_CONTEXT
/* Bits of the kernel's preempt_count. */
#define COUNT_SOFTIRQ	0x00000100	/* one that is served, not only forbidden */
#define COUNT_INTERRUPT	0x00ff0000	/* hard interrupts, NMIs */

/* Just the members that are read; where they are, the kernel's BTF says. */
struct thread_info___context {
	int preempt_count;
} __attribute__((preserve_access_index));

struct task_struct___context {
	struct thread_info___context thread_info;
} __attribute__((preserve_access_index));

static __always_inline __u16 context_now(void)
{
	struct task_struct___context *task = (void *)bpf_get_current_task();
	__u32 preempt_count = BPF_CORE_READ(task, thread_info.preempt_count);

	if (preempt_count & COUNT_INTERRUPT)
		return SENDERS_INTERRUPT;
	return preempt_count & COUNT_SOFTIRQ ? SENDERS_SOFTIRQ : SENDERS_TASK;
}
#else
static __always_inline __u16 context_now(void)
{
	return SENDERS_UNKNOWN;
}
#endif

/* ipi_mux_send(cpu, vipi, pending, enabled) */
SEC("?raw_tp/ipi_mux_send")
int sample_send(struct bpf_raw_tracepoint_args *ctx)
{
	if (is_sampling())
		count_sender(ctx->args[1], ctx->args[0], bpf_get_stackid(ctx, &stacks, 0),
			     context_now(), 0);
	return 0;
}
#endif

/* --- at the function, of a kernel without the tracepoints: to each CPU of a mask --- */

#if defined(SENDERS_CONTEXT) || defined(SENDERS_KPROBE)
/* Of a mask of CPUs, in words of 64. Set before the programs are loaded. */
const volatile __u32 nr_words = 0;

/* A call: what all its sends have in common. */
struct call {
	__u64 vipi;
	__s64 stack;
	__u64 caller;
	__u64 context;
};

/* count_target - one of the sends of a call */
static __noinline int count_target(const struct call *call, __u64 target)
{
	count_sender(call->vipi, target, call->stack, call->context, call->caller);
	return 0;
}

/* Out of line and not static: so the verifier looks at it once, and not in each round of a loop. */
__noinline int lowest_bit(__u64 word)
{
	__u32 bit = 0;

	for (__u32 half = 32; half; half /= 2) {
		if (word << (64 - half))
			continue;
		word >>= half;
		bit += half;
	}
	return bit;
}

static __always_inline int count_targets(const struct call *call, __u64 mask)
{
	for (__u32 i = 0; i < nr_words; i++) {
		__u64 word = 0;

		bpf_probe_read_kernel(&word, sizeof(word), (void *)mask + i * sizeof(word));
		for (__u32 n = 0; n < 64 && word; n++, word &= word - 1)
			count_target(call, i * 64 + lowest_bit(word));
	}
	return 0;
}
#endif

#ifdef SENDERS_CONTEXT
/* The kernel's own, with what is needed of them only. */
struct irq_data {
	unsigned long hwirq;
} __attribute__((preserve_access_index));

/* ipi_mux_send_mask(data, mask) */
SEC("?fentry/ipi_mux_send_mask")
int sample_send_mask(__u64 *ctx)
{
	struct call call = { .vipi = ((struct irq_data *)ctx[0])->hwirq };

	if (!is_sampling())
		return 0;
	call.stack = bpf_get_stackid(ctx, &stacks, 0);
	call.context = context_now();
	return count_targets(&call, ctx[1]);
}
#endif

#ifdef SENDERS_KPROBE
/* The same; its caller is not on the stack yet. */
SEC("?kprobe")
int sample_send_entry(__u64 *ctx)
{
	struct call call = { .vipi = hwirq_of(ctx[REGS_A0]), .caller = ctx[REGS_RA] };

	if (!is_sampling())
		return 0;
	call.stack = bpf_get_stackid(ctx, &stacks, 0);
	/* The same numbers: of a task, of a softirq, of an interrupt. */
	call.context = level_now(ctx);
	return count_targets(&call, ctx[REGS_A1]);
}
#endif
