// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts what the IPI multiplexer of a kernel without our tracepoints does, in the same
 * tables: at the entry and exit of its functions, and where the parent IPI is raised. Where
 * entries.bpf.c cannot: BPF's JIT is off, no raise is seen, or the counters are to be pinned. Also
 * passes on single events, for trace, if somebody wants that: what it counts, as it counts it.
 *
 * What comes of a send shows only inside of the mux. But the parent IPI is raised before a
 * send returns, on the same CPU: so a send that raised is known, and so is one that did not.
 * Only where one call sends to several CPUs and raises for some of them, and the raise does
 * not say for which (SBI), it has to be guessed from the words as they were when the call
 * began. Such guesses are counted as uncertain. Where no raise is seen at all, every outcome
 * is one.
 *
 * Sends come with interrupts on, and the kernel skips a program that would nest in itself: so
 * each of those that see sends is there twice. A send in an interrupt of the one is seen by
 * the other, and otherwise the second finds that the first was there.
 */
#include "calls.h"
#include "masks.h"
#include "passing.h"

char LICENSE[] SEC("license") = "GPL";

/* --- sends --- */

/* note_target - how it is with a target before the send */
__noinline int note_target(__u64 cpu, __u64 depth, __u64 target)
{
	__u32 done = *(volatile __u32 *)&own(target)->processes_done;
	__u32 begun = *(volatile __u32 *)&own(target)->processes_begun;
	struct fentry_call *call = call_at(cpu, depth);
	__u64 fence = __sync_fetch_and_add(&own(cpu)->fence, 1);
	__u32 state;

	/* With its result used it is a barrier, too: the words are read after the numbers. */
	asm volatile("" : : "r"(fence));
	state = read_state(target, call->vipi);
	call->nr_targets++;
	call->target = target;
	call->found = state;
	call->nr_foretold += state == IPIMUX_RAISED;
	if (state == IPIMUX_COALESCED && begun == done)
		state |= FENTRY_WAITS | begun << FENTRY_PROCESS_SHIFT;
	*target_at(cpu, depth, target) = state;
	return 0;
}

/*
 * pass_send - for each send that is counted, where events are passed on: its words are as they are
 * now, except what came of it, in the lowest bits of @came; its time is from before. Out of line,
 * and static: where nothing is passed on the verifier does not look at it.
 */
static __noinline int pass_send(__u64 time, __u64 target, __u64 vipi, __u64 came)
{
	__u64 words = read_words(target), bit = 1ULL << (vipi & (IPIMUX_MAX_VIPIS - 1));

	words = came & IPIMUX_COALESCED ? words | bit : words & ~bit;
	words = came & IPIMUX_MASKED ? words & ~(bit << 32) : words | bit << 32;
	pass_send_of(time, any_cpu(), target, vipi, words, words >> 32,
		     !!(came & FENTRY_UNCERTAIN));
	return 0;
}

/* guess - what comes of this send for @target is uncertain */
static __always_inline void guess(struct fentry_call *call, __u64 target)
{
	if (settings.passing)
		call->uncertain = FENTRY_UNCERTAIN;
	doubt(target, call->vipi, IPIMUX_UNCERTAIN);
}

/*
 * masked_outcome - of a send to a disabled vIPI whose bit was clear when it began
 *
 * Until it is enabled nobody clears the bit: of several that found it clear at the same
 * time one set it. Which one does not show, so the first to end is taken for it.
 */
static __always_inline __u32 masked_outcome(struct fentry_call *call, __u64 target)
{
	struct ipimux_shape any = loaded_shape();
	__u64 *claim = table_of(claimed) + ipimux_waits_index(&any, target, call->vipi);

	if (__sync_lock_test_and_set(claim, call->changes + 1) != call->changes + 1)
		return IPIMUX_MASKED;
	guess(call, target);
	return IPIMUX_COALESCED_WHILE_MASKED;
}

/* is_offline - is this CPU? Then the kernel silences the tracepoint at its raises. */
static __always_inline bool is_offline(__u64 cpu)
{
	__u64 word = ~0ULL;

	if (settings.parent != FENTRY_PARENT_SBI)
		return false;
	bpf_probe_read_kernel(&word, sizeof(word), (void *)settings.online + cpu / 64 * 8);
	return !(word >> (cpu & 63) & 1);
}

/* not_raised - the outcome of a send that was not seen to raise */
static __always_inline __u32 not_raised(struct fentry_call *call, __u64 cpu, __u64 target,
					__u32 found)
{
	if (unlikely(!unchanged(call))) {
		__u32 state = read_state(target, call->vipi);

		guess(call, target);
		if (settings.parent == FENTRY_PARENT_UNSEEN)
			return found;
		if (state & IPIMUX_MASKED)
			return found & IPIMUX_COALESCED ? IPIMUX_COALESCED_WHILE_MASKED :
							  IPIMUX_MASKED;
		return IPIMUX_COALESCED;
	}
	if (found == IPIMUX_MASKED)
		return masked_outcome(call, target);
	if (found == IPIMUX_COALESCED_WHILE_MASKED)
		return found;
	if (settings.parent == FENTRY_PARENT_UNSEEN ||
	    (found == IPIMUX_RAISED && is_offline(cpu))) {
		guess(call, target);
		return found;
	}
	return IPIMUX_COALESCED;
}

static __always_inline void count_outcome(struct fentry_call *call, __u64 target, __u32 found,
					  __u32 outcome)
{
	if (outcome != found)
		doubt(target, call->vipi, IPIMUX_MISPREDICTED);
	if (!(outcome & IPIMUX_COALESCED))
		number_if_timed(target, call->vipi, false);
	count_send(target, call->vipi, outcome);
	if (settings.passing && may_send())
		pass_send(call->time, target, call->vipi, outcome | call->uncertain);
	if (settings.passing)
		call->uncertain = 0;
}

/* find_candidate - may one of the raises of a send have been for this target? */
__noinline int find_candidate(__u64 cpu, __u64 depth, __u64 target)
{
	__u32 begun = *(volatile __u32 *)&own(target)->processes_begun;
	struct fentry_call *call = call_at(cpu, depth);
	__u32 *noted = target_at(cpu, depth, target);

	if (*noted & IPIMUX_MASKED)
		return 0;
	/* Pending all the time. */
	if (*noted & FENTRY_WAITS &&
	    *noted >> FENTRY_PROCESS_SHIFT == begun << FENTRY_PROCESS_SHIFT >> FENTRY_PROCESS_SHIFT)
		return 0;
	*noted &= ~FENTRY_WAITS;
	call->nr_candidates++;
	return 0;
}

/* settle_target - after the send: what came of it for one of several targets */
__noinline int settle_target(__u64 cpu, __u64 depth, __u64 target)
{
	struct fentry_call *call = call_at(cpu, depth);
	__u32 noted = *target_at(cpu, depth, target);
	__u32 found = noted & FENTRY_OUTCOME;
	__u32 outcome;

	/* Counted when it was. */
	if (noted & FENTRY_RAISED)
		return 0;
	if (found == IPIMUX_RAISED && call->left) {
		call->left--;
		outcome = IPIMUX_RAISED;
	} else if (found == IPIMUX_COALESCED && call->extra && !(noted & FENTRY_WAITS)) {
		call->extra--;
		outcome = IPIMUX_RAISED;
	} else {
		outcome = not_raised(call, cpu, target, found);
	}
	/* For some of the candidates but not all: for which, was guessed. */
	if (settings.parent == FENTRY_PARENT_SBI && call->raises &&
	    (outcome == IPIMUX_RAISED || unchanged(call)) &&
	    call->raises != call->nr_candidates &&
	    !(found & IPIMUX_MASKED) && !(noted & FENTRY_WAITS))
		guess(call, target);
	count_outcome(call, target, found, outcome);
	return 0;
}

/* A word of the copy of a call's mask. */
static __always_inline __u64 *mask_word(__u64 cpu, __u64 depth, __u64 word)
{
	__u64 call = cpu << FENTRY_CALL_SHIFT | depth;

	return table_of(target_masks) +
	       ((call * settings.nr_words + word) & settings.masks_mask);
}

static __always_inline int begin(__u64 *ctx, __u32 twin)
{
	__u64 cpu = any_cpu();
	struct fentry_call *call;
	__u64 depth;

	if (find_call(cpu, ctx) < FENTRY_MAX_CALLS)
		return 0;
	own(cpu)->begun[twin]++;
	call = begin_call(cpu, ctx, FENTRY_SEND);
	if (!call)
		return 0;
	depth = own(cpu)->nr_calls - 1;
	for (__u32 i = 0; i < settings.nr_words; i++) {
		__u64 word = 0;

		bpf_probe_read_kernel(&word, sizeof(word), (void *)ctx[1] + i * sizeof(word));
		*mask_word(cpu, depth, i) = word;
		for (__u32 n = 0; n < settings.word_cpus && word; n++, word &= word - 1)
			note_target(cpu, depth, i * 64 + lowest_bit(word));
	}
	return 0;
}

SEC("fentry/ipi_mux_send_mask")
int begin_send(__u64 *ctx)
{
	return begin(ctx, 0);
}

SEC("fentry/ipi_mux_send_mask")
int begin_send_too(__u64 *ctx)
{
	return begin(ctx, 1);
}

/* settle_several - the same for each target of a call that has several */
static __always_inline void settle_several(__u64 cpu, __u64 depth, struct fentry_call *call)
{
	__u32 raises = call->raises;

	if (settings.parent == FENTRY_PARENT_SBI) {
		call->left = raises < call->nr_foretold ? raises : call->nr_foretold;
		call->extra = raises - call->left;
	} else {
		call->left = call->extra = 0;
	}
	for (__u32 i = 0; i < settings.nr_words && settings.parent == FENTRY_PARENT_SBI; i++) {
		__u64 word = *mask_word(cpu, depth, i);

		for (__u32 n = 0; n < settings.word_cpus && word; n++, word &= word - 1)
			find_candidate(cpu, depth, i * 64 + lowest_bit(word));
	}
	for (__u32 i = 0; i < settings.nr_words; i++) {
		__u64 word = *mask_word(cpu, depth, i);

		for (__u32 n = 0; n < settings.word_cpus && word; n++, word &= word - 1)
			settle_target(cpu, depth, i * 64 + lowest_bit(word));
	}
}

static __always_inline int end(__u64 *ctx, __u32 twin)
{
	__u64 cpu = any_cpu();
	__u64 depth = find_call(cpu, ctx);
	struct fentry_call *call;

	if (depth >= FENTRY_MAX_CALLS)
		return 0;
	own(cpu)->ended[twin]++;
	call = call_at(cpu, depth);
	if (call->nr_targets > 1)
		settle_several(cpu, depth, call);
	else if (call->nr_targets == 1 && !call->raises)
		count_outcome(call, call->target, call->found,
			      not_raised(call, cpu, call->target, call->found));
	end_call(cpu, depth);
	return 0;
}

SEC("fexit/ipi_mux_send_mask")
int end_send(__u64 *ctx)
{
	return end(ctx, 0);
}

SEC("fexit/ipi_mux_send_mask")
int end_send_too(__u64 *ctx)
{
	return end(ctx, 1);
}

/* --- the parent IPI --- */

/* raised_for - the call raises for @target; before it does, so that nothing comes of it yet */
static __always_inline void raised_for(struct fentry_call *call, __u64 target, __u32 found)
{
	if (found != IPIMUX_RAISED)
		doubt(target, call->vipi, IPIMUX_MISPREDICTED);
	number_if_timed(target, call->vipi, true);
	count_send(target, call->vipi, IPIMUX_RAISED);
	if (settings.passing && may_send())
		pass_send(call->time, target, call->vipi, IPIMUX_RAISED);
}

/* raising_call - the depth of the last call under way, or FENTRY_MAX_CALLS */
static __always_inline __u64 raising_call(__u64 cpu)
{
	__u64 depth = own(cpu)->nr_calls - 1ULL;

	return depth < FENTRY_MAX_CALLS && call_at(cpu, depth)->kind != FENTRY_NO_CALL ?
	       depth : FENTRY_MAX_CALLS;
}

/* raise_for_one - for the only target of a call; an unmask has none, and is only noted */
static __always_inline void raise_for_one(struct fentry_call *call)
{
	/* Known already, from the other of the two programs. */
	if (call->raises)
		return;
	call->raises = 1;
	if (call->kind == FENTRY_SEND)
		raised_for(call, call->target, call->found);
}

/* sbi_call(extension, function), before the call */
static __always_inline int sbi_call(struct bpf_raw_tracepoint_args *ctx, bool first)
{
	__u64 cpu = any_cpu();
	struct fentry_call *call;
	__u64 depth;

	if ((__u32)ctx->args[0] != SBI_EXT_IPI)
		return 0;
	depth = raising_call(cpu);
	if (depth >= FENTRY_MAX_CALLS)
		return 0;
	call = call_at(cpu, depth);
	if (call->nr_targets <= 1) {
		raise_for_one(call);
		return 0;
	}
	/* Programs of a tracepoint run in the order in which they were attached. */
	if (!first && call->raise == (__u64)ctx) {
		call->raise = 0;
		return 0;
	}
	if (first)
		call->raise = (__u64)ctx;
	call->raises++;
	return 0;
}

SEC("?raw_tp/sbi_call")
int see_sbi_call(struct bpf_raw_tracepoint_args *ctx)
{
	return sbi_call(ctx, true);
}

SEC("?raw_tp/sbi_call")
int see_sbi_call_too(struct bpf_raw_tracepoint_args *ctx)
{
	return sbi_call(ctx, false);
}

/* The function that the mux was given, of the interrupt controller's driver: send(cpu). */
static __always_inline int raise(__u64 target)
{
	__u64 cpu = any_cpu();
	__u64 depth = raising_call(cpu);
	struct fentry_call *call;
	__u32 *noted;

	if (depth >= FENTRY_MAX_CALLS)
		return 0;
	call = call_at(cpu, depth);
	if (call->nr_targets <= 1) {
		raise_for_one(call);
		return 0;
	}
	noted = target_at(cpu, depth, target);
	if (!(*noted & FENTRY_RAISED)) {
		raised_for(call, target, *noted & FENTRY_OUTCOME);
		*noted |= FENTRY_RAISED;
	}
	return 0;
}

/* At the function that raises, which is told apart when this is loaded: see parents.h. */
SEC("?fentry")
int see_raise(__u64 *ctx)
{
	return raise((__u32)ctx[0]);
}

SEC("?fentry")
int see_raise_too(__u64 *ctx)
{
	return raise((__u32)ctx[0]);
}

/* --- mask and unmask --- */

/* change_done - not of one that had begun before its begin was watched */
static __always_inline void change_done(void)
{
	if (*(volatile __u64 *)&changes_done != *(volatile __u64 *)&changes_begun)
		__sync_fetch_and_add(&changes_done, 1);
}

SEC("fentry/ipi_mux_mask")
int begin_mask(__u64 *ctx)
{
	__sync_fetch_and_add(&changes_begun, 1);
	return 0;
}

/*
 * Handlers are counted as they start: one that starts after a mask in the same process was
 * taken before it. So what was handled by the mask is known at the end of that process.
 * Where none was seen to begin yet, one may be under way.
 */
SEC("fexit/ipi_mux_mask")
int end_mask(__u64 *ctx)
{
	__u64 cpu = any_cpu();
	struct fentry_cpu *me = own(cpu);
	struct ipimux_shape any = loaded_shape();
	__u64 vipi = ((struct irq_data *)ctx[0])->hwirq;

	change_done();
	if (settings.passing && has_begun())
		pass_own(NOW, cpu, IPIMUX_MASK, vipi & (IPIMUX_MAX_VIPIS - 1), read_words(cpu));
	if (!note_mask(&any, cpu, vipi, read_state(cpu, vipi) & IPIMUX_COALESCED,
		       handled_by_bit(&any, cpu, vipi)))
		return 0;
	if (!me->processes_begun)
		*masked_at_of(&any, cpu, vipi) = 0;
	else if (me->processes_begun != me->processes_done)
		me->masked_within |= 1U << (vipi & (IPIMUX_MAX_VIPIS - 1));
	return 0;
}

SEC("fentry/ipi_mux_unmask")
int begin_unmask(__u64 *ctx)
{
	__u64 cpu = any_cpu();
	struct fentry_call *call;

	__sync_fetch_and_add(&changes_begun, 1);
	call = begin_call(cpu, ctx, FENTRY_UNMASK);
	if (call)
		call->found = read_state(cpu, call->vipi);
	return 0;
}

/* pass_unmask - as a send: its own bit says whether it was a kick */
static __always_inline void pass_unmask(const struct fentry_call *call, __u64 cpu, bool kick)
{
	__u64 words = read_words(cpu), bit = 1ULL << (call->vipi & (IPIMUX_MAX_VIPIS - 1));

	pass_own(call->time, cpu, IPIMUX_UNMASK, call->vipi & (IPIMUX_MAX_VIPIS - 1),
		 kick ? words | bit : words & ~bit);
}

/*
 * A bit that was pending before is so when it is enabled, and one that was set since shows
 * by its raise: but on a CPU in bring-up, whose calls of the SBI are not seen.
 */
SEC("fexit/ipi_mux_unmask")
int end_unmask(__u64 *ctx)
{
	__u64 cpu = any_cpu();
	__u64 depth = find_call(cpu, ctx);
	struct ipimux_shape any = loaded_shape();
	struct fentry_call *call;
	bool kick;

	change_done();
	if (depth >= FENTRY_MAX_CALLS)
		return 0;
	call = call_at(cpu, depth);
	kick = call->raises || call->found & IPIMUX_COALESCED;
	count(unmasked, ipimux_unmasked_index(&any, cpu, call->vipi, kick));
	if (settings.passing && has_begun())
		pass_unmask(call, cpu, kick);
	if (own(cpu)->masked_within >> (call->vipi & (IPIMUX_MAX_VIPIS - 1)) & 1)
		*masked_at_of(&any, cpu, call->vipi) = 0;
	else
		end_mask_of(&any, cpu, call->vipi, handled_by_bit(&any, cpu, call->vipi));
	end_call(cpu, depth);
	return 0;
}

/* --- process, with interrupts off --- */

SEC("fentry/ipi_mux_process")
int begin_process(__u64 *ctx)
{
	struct fentry_cpu *me = own(any_cpu());

	me->batch = 0;
	/* The mux clears the words behind a barrier. */
	me->processes_begun++;
	if (timed || settings.passing)
		me->process_time = bpf_ktime_get_ns();
	if (settings.passing) {
		me->words = read_words(any_cpu());
		me->handled = 0;
	}
	return 0;
}

/*
 * pass_process - at its end, with its time from its begin: what it has handled was pending and
 * enabled, and nothing else was both
 */
static __always_inline void pass_process(const struct fentry_cpu *me, __u64 cpu)
{
	__u32 pending = me->words, enabled = me->words >> 32, handled = me->handled;

	pass_process_of(me->process_time, cpu, (pending & ~enabled) | handled, enabled | handled);
}

/*
 * irq_handler_entry(irq, action): counted one by one, and before its handler runs, so that
 * nobody who waits for that can send the next before.
 */
SEC("raw_tp/irq_handler_entry")
int count_handled(struct bpf_raw_tracepoint_args *ctx)
{
	__u32 vipi = (__u32)ctx->args[0] - settings.first_virq;
	struct ipimux_shape any = loaded_shape();
	__u64 cpu;

	if (vipi >= settings.nr_vipis)
		return 0;
	cpu = any_cpu();
	own(cpu)->batch++;
	if (settings.passing)
		own(cpu)->handled |= 1U << (vipi & (IPIMUX_MAX_VIPIS - 1));
	count(processed, ipimux_processed_index(&any, cpu, IPIMUX_BITS_HANDLED + vipi));
	if (timed)
		take_one(cpu, vipi, own(cpu)->process_time);
	return 0;
}

SEC("fexit/ipi_mux_process")
int end_process(__u64 *ctx)
{
	struct ipimux_shape any = loaded_shape();
	__u64 cpu = any_cpu();
	__u64 batch = own(cpu)->batch;

	if (batch > IPIMUX_MAX_VIPIS)
		batch = IPIMUX_MAX_VIPIS;
	count(processed, ipimux_processed_index(&any, cpu, IPIMUX_BITS_BATCH + batch));
	/* Not one that had begun before its begin was watched. */
	if (settings.passing && has_begun() && own(cpu)->process_time)
		pass_process(own(cpu), cpu);
	own(cpu)->processes_done = own(cpu)->processes_begun;
	if (unlikely(own(cpu)->masked_within)) {
		masked_until_now(cpu, own(cpu)->masked_within);
		own(cpu)->masked_within = 0;
	}
	return 0;
}
