/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Passes single events on through a ring buffer, those that are wanted, whichever way programs
 * learn of them. Counts nothing except what found no room in it. Included once by each object.
 *
 * Nobody is woken up: on RISC-V that would take an IRQ_WORK vIPI, an event of its own. User space
 * looks into the buffer from time to time.
 */
#ifndef PASSING_H
#define PASSING_H

#include <stdbool.h>
#include "events.h"

/* Of <linux/bpf.h>, whose other half vmlinux.h is. */
enum {
	MAP_TYPE_RINGBUF	= 27,
	RINGBUF_NO_WAKEUP	= 1,
};

const volatile struct ipimux_filter filter = {};

/*
 * enum passing: set when all programs are attached. Until then they pass on nothing: processes
 * without the sends that led to them would fill the buffer, and be all that is seen of a storm.
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

/* may_send - may sends be passed on, and what leads to processes? */
static __always_inline __u32 may_send(void)
{
	return has_begun() == PASSING_ALL;
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

#ifdef PASSING_AT_BREAKPOINTS
/*
 * At a breakpoint the kernel does not wait for the buffer while another CPU takes room in it: that
 * fails, as where there is no room. So this waits, for as long as a hypervisor may stop that CPU.
 */
#define RESERVE_TRIES	64
#define RESERVE_PAUSE	128	/* rounds of nothing, for the first time... */
#define RESERVE_DOUBLED	7	/* ...then so often twice as many: in all some ms */

enum { RINGBUF_AVAIL_DATA = 0, RINGBUF_RING_SIZE = 1, RINGBUF_HEADER = 8 };

static int pass_time(__u32 round, void *context)
{
	return 0;
}

/* may_get_room - is there room, so that it may be had on another try? Then some time is passed. */
static __always_inline bool may_get_room(int try, __u64 size)
{
	__u64 taken = bpf_ringbuf_query(&events, RINGBUF_AVAIL_DATA);

	if (taken + size + RINGBUF_HEADER > bpf_ringbuf_query(&events, RINGBUF_RING_SIZE))
		return false;
	bpf_loop(RESERVE_PAUSE << (try < RESERVE_DOUBLED ? try : RESERVE_DOUBLED), pass_time, NULL,
		 0);
	return true;
}
#else
#define RESERVE_TRIES	0

static __always_inline bool may_get_room(int try, __u64 size)
{
	return false;
}
#endif

/* Of an event that is passed on as it happens; else it has a time from before. */
#define NOW	0

/*
 * Room for an event of @size with what all have in it, or NULL and one more lost. Programs at
 * functions may interrupt each other there, so that number is atomic.
 */
static __always_inline struct ipimux_event *reserve_at(__u64 then, __u64 size, __u64 cpu,
						       enum ipimux_kind kind)
{
	__u64 time = then ? then : bpf_ktime_get_ns();
	struct ipimux_event *event = bpf_ringbuf_reserve(&events, size, 0);

	for (int try = 0; try < RESERVE_TRIES && !event && may_get_room(try, size); try++)
		event = bpf_ringbuf_reserve(&events, size, 0);
	if (!event) {
		__sync_fetch_and_add(lost_of(cpu) +
				     ipimux_lost_index(filter.lost_mask, cpu, kind), 1);
		return 0;
	}
	event->time = time;
	event->lost = total_lost(cpu);
	event->cpu = cpu;
	event->kind = kind;
	event->target = 0;
	event->vipi = 0;
	event->self = 0;
	event->uncertain = 0;
	return event;
}

/* pass_process_of - what @cpu handles: @pending & @enabled */
static __always_inline void pass_process_of(__u64 time, __u64 cpu, __u32 pending, __u32 enabled)
{
	struct ipimux_event *event;

	if (filter.by_cpu && !wants_cpu(cpu))
		return;
	if (!filter.all_vipis && !(enabled & pending & filter.vipis))
		return;
	event = reserve_at(time, IPIMUX_SHORT_EVENT, cpu, IPIMUX_PROCESS);
	if (!event)
		return;
	event->pending = pending;
	event->enabled = enabled;
	bpf_ringbuf_submit(event, RINGBUF_NO_WAKEUP);
}

/* pass_own - that @cpu masked or unmasked a vIPI of its own */
static __always_inline void pass_own(__u64 time, __u64 cpu, enum ipimux_kind kind, __u64 vipi,
				     __u32 pending)
{
	struct ipimux_event *event;

	if (filter.by_cpu && !wants_cpu(cpu))
		return;
	if (!(filter.vipis >> vipi & 1))
		return;
	event = reserve_at(time, IPIMUX_SHORT_EVENT, cpu, kind);
	if (!event)
		return;
	event->vipi = vipi;
	event->pending = pending;
	event->enabled = 0;
	bpf_ringbuf_submit(event, RINGBUF_NO_WAKEUP);
}

/* pass_send_of - a send of what runs on @cpu just now */
static __always_inline void pass_send_of(__u64 time, __u64 cpu, __u64 target, __u64 vipi,
					 __u32 pending, __u32 enabled, __u32 uncertain)
{
	struct ipimux_event *event;
	__u64 process;
	__u32 self;

	if (filter.by_cpu && !wants_cpu(cpu) && !wants_cpu(target))
		return;
	if (!(filter.vipis >> vipi & 1))
		return;
	process = bpf_get_current_pid_tgid();
	self = process >> 32 == filter.self;
	if (self && filter.no_self)
		return;
	event = reserve_at(time, sizeof(*event), cpu, IPIMUX_SEND);
	if (!event)
		return;
	event->target = target;
	event->vipi = vipi;
	event->self = self;
	event->uncertain = uncertain;
	event->pending = pending;
	event->enabled = enabled;
	event->pid = process;
	bpf_get_current_comm(event->command, sizeof(event->command));
	bpf_ringbuf_submit(event, RINGBUF_NO_WAKEUP);
}

#endif /* PASSING_H */
