// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who sends: a sample of the senders' tasks and kernel stacks. Attached for a moment
 * only, while somebody wants to know; in quiet time it is not there and costs nothing.
 * Knows no context; senders_context.bpf.c makes the same with it.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include "senders.h"

char LICENSE[] SEC("license") = "GPL";

#define BPF_NOEXIST	1

/* Bits of the kernel's preempt_count. */
#define COUNT_SOFTIRQ	0x00000100	/* one that is served, not only forbidden */
#define COUNT_INTERRUPT	0x00ff0000	/* hard interrupts, NMIs */

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

/* Sends that found no room among the senders. Rare, so shared by all CPUs. */
__u64 no_room SEC(".data.lost");

#ifdef SENDERS_CONTEXT
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

/* Counts a send for who sends it: ipi_mux_send(cpu, vipi, pending, enabled). */
SEC("raw_tp/ipi_mux_send")
int sample_send(struct bpf_raw_tracepoint_args *ctx)
{
	__u64 id = bpf_get_current_pid_tgid();
	__u64 vipi = ctx->args[1];
	struct senders_key key = {
		.pid = id,
		.tgid = id >> 32,
		.stack = bpf_get_stackid(ctx, &stacks, 0),
		.cpu = bpf_get_smp_processor_id(),
		.target = ctx->args[0],
		.vipi = vipi,
		.context = context_now(),
	};
	__u64 outcome = (ctx->args[2] >> vipi & 1) | (~ctx->args[3] >> vipi & 1) << 1;
	struct senders_value *value;

	/* One that found no room for its stack is like any other. */
	if (key.stack < 0)
		key.stack = -1;
	value = bpf_map_lookup_elem(&senders, &key);
	if (!value) {
		struct senders_value fresh = {};

		bpf_get_current_comm(fresh.command, sizeof(fresh.command));
		bpf_map_update_elem(&senders, &key, &fresh, BPF_NOEXIST);
		value = bpf_map_lookup_elem(&senders, &key);
	}
	if (value)
		value->sends[outcome & 3]++;
	else
		__sync_fetch_and_add(&no_room, 1);
	return 0;
}
