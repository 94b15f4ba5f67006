// SPDX-License-Identifier: GPL-2.0-only
/*
 * Passes on the single events of the IPI multiplexer, those that are wanted, through
 * a ring buffer. Counts nothing but what found no room in it.
 *
 * Nobody is woken up: on RISC-V that would take an IRQ_WORK vIPI, an event of its
 * own. User space looks into the buffer from time to time.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "events.h"

char LICENSE[] SEC("license") = "GPL";

/* Of <linux/bpf.h>, whose other half vmlinux.h is. */
enum {
	MAP_TYPE_RINGBUF	= 27,
	RINGBUF_NO_WAKEUP	= 1,
};

const volatile struct ipimux_filter filter = {};

/*
 * Set when all programs are attached. Until then they pass on nothing: processes without the
 * sends that led to them would fill the buffer, and be all that somebody sees of a storm.
 */
__u32 begun;

/* Both are resized at load. */
__u64 lost[1] SEC(".data.lost");

struct {
	__uint(type, MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

static __always_inline __u32 has_begun(void)
{
	return *(const volatile __u32 *)&begun;
}

static __always_inline __u32 wants_cpu(__u64 cpu)
{
	return filter.cpus[cpu >> 6 & (IPIMUX_FILTER_WORDS - 1)] >> (cpu & 63) & 1;
}

/* The counters of @cpu, which the compiler cannot bound by their size before load. */
static __always_inline __u64 *lost_of(__u64 cpu)
{
	__u64 *counters = lost;

	asm volatile("" : "+r"(counters));
	return counters;
}

static __always_inline __u64 total_lost(__u64 cpu)
{
	__u64 *counters = lost_of(cpu);

	return counters[ipimux_lost_index(filter.lost_mask, cpu, IPIMUX_SEND)] +
	       counters[ipimux_lost_index(filter.lost_mask, cpu, IPIMUX_UNMASK)] +
	       counters[ipimux_lost_index(filter.lost_mask, cpu, IPIMUX_PROCESS)] +
	       counters[ipimux_lost_index(filter.lost_mask, cpu, IPIMUX_MASK)];
}

/* Room for an event of @size with what all have in it, or NULL and one more lost. */
static __always_inline struct ipimux_event *reserve(__u64 size, __u64 cpu, enum ipimux_kind kind)
{
	__u64 time = bpf_ktime_get_ns();
	struct ipimux_event *event = bpf_ringbuf_reserve(&events, size, 0);

	if (!event) {
		lost_of(cpu)[ipimux_lost_index(filter.lost_mask, cpu, kind)]++;
		return 0;
	}
	event->time = time;
	event->lost = total_lost(cpu);
	event->cpu = cpu;
	event->kind = kind;
	event->target = 0;
	event->vipi = 0;
	event->self = 0;
	event->unused = 0;
	return event;
}

/* ipi_mux_process(enabled, pending), on the target */
SEC("raw_tp/ipi_mux_process")
int pass_process(struct bpf_raw_tracepoint_args *ctx)
{
	__u64 cpu = bpf_get_smp_processor_id();
	__u32 enabled = ctx->args[0];
	__u32 pending = ctx->args[1];
	struct ipimux_event *event;

	if (!has_begun())
		return 0;
	if (filter.by_cpu && !wants_cpu(cpu))
		return 0;
	if (!filter.all_vipis && !(enabled & pending & filter.vipis))
		return 0;
	event = reserve(IPIMUX_SHORT_EVENT, cpu, IPIMUX_PROCESS);
	if (!event)
		return 0;
	event->pending = pending;
	event->enabled = enabled;
	bpf_ringbuf_submit(event, RINGBUF_NO_WAKEUP);
	return 0;
}

/* pass_switch - what a CPU does to a vIPI of its own: (vipi, pending) */
static __always_inline int pass_switch(struct bpf_raw_tracepoint_args *ctx, enum ipimux_kind kind)
{
	__u64 cpu = bpf_get_smp_processor_id();
	__u64 vipi = ctx->args[0];
	struct ipimux_event *event;

	if (!has_begun())
		return 0;
	if (filter.by_cpu && !wants_cpu(cpu))
		return 0;
	if (!(filter.vipis >> vipi & 1))
		return 0;
	event = reserve(IPIMUX_SHORT_EVENT, cpu, kind);
	if (!event)
		return 0;
	event->vipi = vipi;
	event->pending = ctx->args[1];
	event->enabled = 0;
	bpf_ringbuf_submit(event, RINGBUF_NO_WAKEUP);
	return 0;
}

/* ipi_mux_unmask(vipi, pending), on the CPU that enabled the vIPI */
SEC("raw_tp/ipi_mux_unmask")
int pass_unmask(struct bpf_raw_tracepoint_args *ctx)
{
	return pass_switch(ctx, IPIMUX_UNMASK);
}

/* ipi_mux_mask(vipi, pending), on the CPU that disabled it; kernels may not have this event */
SEC("raw_tp/ipi_mux_mask")
int pass_mask(struct bpf_raw_tracepoint_args *ctx)
{
	return pass_switch(ctx, IPIMUX_MASK);
}

/* ipi_mux_send(cpu, vipi, pending, enabled), on the sender */
SEC("raw_tp/ipi_mux_send")
int pass_send(struct bpf_raw_tracepoint_args *ctx)
{
	__u64 cpu = bpf_get_smp_processor_id();
	__u64 target = ctx->args[0];
	__u64 vipi = ctx->args[1];
	struct ipimux_event *event;
	__u64 process;
	__u32 self;

	if (!has_begun())
		return 0;
	if (filter.by_cpu && !wants_cpu(cpu) && !wants_cpu(target))
		return 0;
	if (!(filter.vipis >> vipi & 1))
		return 0;
	process = bpf_get_current_pid_tgid();
	self = process >> 32 == filter.self;
	if (self && filter.no_self)
		return 0;
	event = reserve(sizeof(*event), cpu, IPIMUX_SEND);
	if (!event)
		return 0;
	event->target = target;
	event->vipi = vipi;
	event->self = self;
	event->pending = ctx->args[2];
	event->enabled = ctx->args[3];
	event->pid = process;
	bpf_get_current_comm(event->command, sizeof(event->command));
	bpf_ringbuf_submit(event, RINGBUF_NO_WAKEUP);
	return 0;
}
