// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts what the IPI multiplexer of a kernel without our tracepoints does, in the same tables,
 * where there is no fentry either: by kprobes where its functions begin, and where they call the
 * function that raises, with the CPU as its argument. Needs no types of the kernel; knows RISC-V's
 * registers.
 *
 * A kprobe is a breakpoint: interrupts are off while its program runs. So nothing nests in one, and
 * a call is known by its level (task, softirq, interrupt): what comes at that level behind it and
 * before the next call is its own. So what came of a send is known when it raises. That it did not
 * is known when the next call at its level begins.
 *
 * A mask or an unmask is seen when it begins only. Until the enabled word shows it, a send may find
 * the one or the other: such sends are uncertain.
 */
#include "kprobes_mux.h"
#include "entries_calls.h"
#include "masks.h"

char LICENSE[] SEC("license") = "GPL";

/* --- sends --- */

/*
 * slot_of - where the call at a level is noted, or, behind the levels, one that was set aside
 *
 * At a level calls do not nest, except where what is traced in one wakes somebody up: by an
 * IRQ_WORK.
 */
#define STACK_SIZE	16384	/* the kernel's, with 4 KiB pages */
#define SET_ASIDE	3
#define SLOTS		(0 | 1 << 2 | 2 << 4 | SET_ASIDE << 6)

static __always_inline __u64 slot_of(const struct entries_cpu *me, __u64 level)
{
	return (me->slots ^ SLOTS) >> (2 * level) & (ENTRIES_LEVELS - 1);
}

/* set_aside - the call at that level: it may be under way still, and another one begins in it */
static __always_inline void set_aside(struct entries_cpu *me, __u64 cpu, __u64 level)
{
	__u64 slot = slot_of(me, level), free = slot_of(me, SET_ASIDE);

	if (call_at(cpu, free)->at)
		settle_call(cpu, free, false);
	me->slots ^= (slot ^ free) << (2 * level) | (slot ^ free) << (2 * SET_ASIDE);
}

/* may_be_under_way - a raise of it may come, and what begins now is deeper on the same stack */
static __always_inline bool may_be_under_way(const struct entries_call *call, __u64 sp)
{
	return (call->left || call->nr_targets > 1) && call->at - sp - 1 < STACK_SIZE;
}

/* is_surely_over - what begins now is where that was on the stack, or above */
static __always_inline bool is_surely_over(const struct entries_call *call, __u64 sp)
{
	return call->at && sp - call->at < STACK_SIZE;
}

/* ipi_mux_send_mask(data, mask): what was under way at its level or above it is over */
SEC("kprobe")
int begin_send(__u64 *ctx)
{
	__u64 vipi = vipi_of(ctx[REGS_A0]), cpu = any_cpu(), now = level_now(ctx), slot;
	struct entries_cpu *me = own(cpu);

	for (__u64 level = 0; level < SET_ASIDE; level++) {
		slot = slot_of(me, level);
		if (level < now || !call_at(cpu, slot)->at)
			continue;
		if (level == now && may_be_under_way(call_at(cpu, slot), ctx[REGS_SP]))
			set_aside(me, cpu, level);
		else
			settle_call(cpu, slot, false);
	}
	slot = slot_of(me, SET_ASIDE);
	if (is_surely_over(call_at(cpu, slot), ctx[REGS_SP]))
		settle_call(cpu, slot, false);
	slot = slot_of(me, now);
	call_at(cpu, slot)->time = where.passing && may_send() ? bpf_ktime_get_ns() : 0;
	note_call(cpu, ctx[REGS_SP], vipi, ctx[REGS_A1], ENTRIES_NO_TARGET, slot);
	return 0;
}

/* Where it returns; only where events are passed on, for which it is time then. */
SEC("?kprobe")
int end_send(__u64 *ctx)
{
	__u64 cpu = any_cpu(), slot = slot_of(own(cpu), level_now(ctx));

	/* The stack is as it was at its begin. */
	if (call_at(cpu, slot)->at != ctx[REGS_SP])
		slot = slot_of(own(cpu), SET_ASIDE);
	if (call_at(cpu, slot)->at == ctx[REGS_SP])
		settle_call(cpu, slot, false);
	return 0;
}

/* --- the parent IPI --- */

/* is_noted - does the call there send to @target, and is it where this raise comes from? */
static __always_inline bool is_noted(__u64 cpu, __u64 slot, __u64 target, __u64 sp)
{
	const struct entries_call *call = call_at(cpu, slot);

	return call->at && call->at - sp < ENTRIES_MAX_DISTANCE && target <= settings.cpus_mask &&
	       *mask_word(cpu, slot, target >> 6) >> (target & 63) & 1;
}

/* Where ipi_mux_send_mask() raises, before it does: send(cpu). */
SEC("kprobe")
int raise(__u64 *ctx)
{
	__u64 cpu = any_cpu(), target = (__u32)ctx[REGS_A0];
	__u64 slot = slot_of(own(cpu), level_now(ctx));

	if (!is_noted(cpu, slot, target, ctx[REGS_SP]))
		slot = slot_of(own(cpu), SET_ASIDE);
	if (is_noted(cpu, slot, target, ctx[REGS_SP]))
		count_call(cpu, slot, target);
	else
		notes(cpu)->unattributed++;
	return 0;
}

/* Where ipi_mux_unmask() raises: so a bit was pending, or was set since the unmask began. */
SEC("kprobe")
int kick(__u64 *ctx)
{
	__u64 cpu = any_cpu();
	struct entries_cpu *me = own(cpu);
	struct ipimux_shape any = loaded_shape();

	/* It had begun before its begin was watched. */
	if (!me->unmasking || me->kicked)
		return 0;
	me->kicked = 1;
	table_of(unmasked)[ipimux_unmasked_index(&any, cpu, me->unmask_found, 0)]--;
	count(unmasked, ipimux_unmasked_index(&any, cpu, me->unmask_found, 1));
	return 0;
}

/* --- mask and unmask --- */

SEC("kprobe")
int begin_mask(__u64 *ctx)
{
	struct ipimux_shape any = loaded_shape();
	__u64 vipi = vipi_of(ctx[REGS_A0]), cpu = any_cpu();
	struct entries_cpu *me = own(cpu);
	bool pending = read_state(cpu, vipi) & IPIMUX_COALESCED;

	/* Who sees the new number sees that bit: the addition is a barrier, too. */
	me->closing |= 1U << vipi;
	fetch_and_add(&me->changes, 1ULL << 32);
	me->opening &= ~(1U << vipi);
	*claim_of(cpu, vipi) = pending ? ENTRIES_PENDING_WHEN_MASKED : 0;
	if (where.passing && has_begun())
		pass_own(NOW, cpu, IPIMUX_MASK, vipi, read_words(cpu));
	if (note_mask(&any, cpu, vipi, pending, handled_by_bit(&any, cpu, vipi)) &&
	    level_now(ctx) == 2)
		me->masked_within |= 1U << vipi;
	return 0;
}

/*
 * A bit that is pending when it begins is so when the vIPI is enabled: a kick. One that is set
 * since shows by the raise.
 */
SEC("kprobe")
int begin_unmask(__u64 *ctx)
{
	struct ipimux_shape any = loaded_shape();
	__u64 vipi = vipi_of(ctx[REGS_A0]), cpu = any_cpu();
	struct entries_cpu *me = own(cpu);
	bool pending = read_state(cpu, vipi) & IPIMUX_COALESCED;
	__u64 *claim = claim_of(cpu, vipi);

	me->opening |= 1U << vipi;
	fetch_and_add(&me->changes, 1ULL << 32);
	me->closing &= ~(1U << vipi);
	/* Set while it was masked, by a send that had found it enabled. */
	if (pending && !*claim)
		doubt(cpu, vipi, IPIMUX_UNCERTAIN);
	*claim = 0;
	me->unmask_found = vipi;
	me->kicked = pending;
	me->unmasking = 1;
	me->unmask_time = where.passing && has_begun() ? bpf_ktime_get_ns() : 0;
	count(unmasked, ipimux_unmasked_index(&any, cpu, vipi, pending));
	if (me->masked_within >> vipi & 1)
		*masked_at_of(&any, cpu, vipi) = 0;
	else
		end_mask_of(&any, cpu, vipi, handled_by_bit(&any, cpu, vipi));
	return 0;
}

/* Where it returns, as end_send(): its own bit says whether it was a kick. */
SEC("?kprobe")
int end_unmask(__u64 *ctx)
{
	__u64 cpu = any_cpu();
	struct entries_cpu *me = own(cpu);
	__u64 words = read_words(cpu), bit = 1ULL << me->unmask_found;

	if (me->unmask_time)
		pass_own(me->unmask_time, cpu, IPIMUX_UNMASK, me->unmask_found,
			 me->kicked ? words | bit : words & ~bit);
	me->unmask_time = 0;
	return 0;
}

/* --- processes --- */

/* count_process - that it found something, or that it did not; for readers of both at once */
static __always_inline void count_process(struct entries_cpu *me, __u64 cpu, bool some)
{
	struct ipimux_shape any = loaded_shape();

	if (some)
		me->found++;
	else
		me->empty++;
	count(processed, ipimux_processed_index(&any, cpu, some ? IPIMUX_BITS_SOME :
							       IPIMUX_BITS_BATCH));
}

/*
 * ipi_mux_process(), with interrupts off: what it finds pending and enabled is taken by it. More
 * may come until it takes them: whether one was empty that finds nothing, the handlers tell.
 */
SEC("kprobe")
int begin_process(__u64 *ctx)
{
	__u64 cpu = any_cpu();
	struct entries_cpu *me = own(cpu);
	__u64 words = both_words(me->words);

	if (timed || where.passing)
		me->process_time = bpf_ktime_get_ns();
	if (where.passing) {
		me->process_words = read_words(cpu);
		me->handled_now = 0;
	}
	if (me->suspect)
		count_process(me, cpu, me->handled != me->suspect_handled);
	me->suspect = 0;
	if (me->masked_within)
		masked_until_now(cpu, me->masked_within);
	me->masked_within = 0;
	if (words & words >> 32) {
		count_process(me, cpu, true);
		return 0;
	}
	me->suspect_handled = me->handled;
	me->suspect = 1;
	return 0;
}

/* irq_handler_entry(irq, action), before the handler runs: as count_handled() of fentry.bpf.c */
SEC("raw_tp/irq_handler_entry")
int count_handled(struct bpf_raw_tracepoint_args *ctx)
{
	__u32 vipi = (__u32)ctx->args[0] - where.first_virq;
	struct ipimux_shape any = loaded_shape();
	__u64 cpu;

	if (vipi >= settings.nr_vipis)
		return 0;
	cpu = any_cpu();
	own(cpu)->handled++;
	if (where.passing)
		own(cpu)->handled_now |= 1U << vipi;
	count(processed, ipimux_processed_index(&any, cpu, IPIMUX_BITS_HANDLED + vipi));
	if (timed)
		take_one(cpu, vipi, own(cpu)->process_time);
	return 0;
}

/*
 * Where it returns, as end_send(): what it has handled was pending and enabled, nothing else both.
 */
SEC("?kprobe")
int end_process(__u64 *ctx)
{
	__u64 cpu = any_cpu();
	const struct entries_cpu *me = own(cpu);
	__u32 pending = me->process_words, enabled = me->process_words >> 32;

	/* Not one that had begun before its begin was watched. */
	if (has_begun() && me->process_time)
		pass_process_of(me->process_time, cpu, (pending & ~enabled) | me->handled_now,
				enabled | me->handled_now);
	return 0;
}
