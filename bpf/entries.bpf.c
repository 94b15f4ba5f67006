// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts what the IPI multiplexer of a kernel without our tracepoints does, in the same tables, at
 * the entries of its functions and where the parent IPI is raised: what fentry.bpf.c does, at a
 * fifth of its cost, where BPF's JIT is on and the kernel shows the raise.
 *
 * Each send is noted, under where its arguments are on the stack; its raise comes on the same CPU,
 * before it returns, and always as far down the stack. One whose bit is pending when it begins is
 * counted as coalesced. One whose bit is clear is counted as raised when its raise comes; if its
 * place is taken again before, it did not raise, because another one set the bit meanwhile: then it
 * was coalesced. So an outcome is counted once, when it is known, except that a raise may follow on
 * "pending": then it is taken back.
 *
 * How much was handled is the kernel's own count, which user space reads.
 *
 * What is rare goes the long way, by a tail call: so the way that most go saves few registers.
 */
#include "outside.h"
#include "entries.h"

char LICENSE[] SEC("license") = "GPL";

/* More of the kernel's own, with what is needed of them only. */
struct cpumask {
	unsigned long bits[1];
} __attribute__((preserve_access_index));

struct refcount_struct {
	atomic_t refs;
} __attribute__((preserve_access_index));

struct thread_info {
	int preempt_count;
} __attribute__((preserve_access_index));

struct task_struct {
	struct thread_info thread_info;
} __attribute__((preserve_access_index));

struct bpf_prog_aux {
	__u32 id;
} __attribute__((preserve_access_index));

struct bpf_prog {
	void *active;
	struct bpf_prog_aux *aux;
} __attribute__((preserve_access_index));

struct bpf_iter__bpf_prog {
	struct bpf_prog *prog;
} __attribute__((preserve_access_index));

struct irq_desc {
	void *kstat_irqs;
	struct irq_data irq_data;
} __attribute__((preserve_access_index));

extern void *bpf_rdonly_cast(const void *obj, __u32 btf_id) __ksym __weak;

const volatile struct entries_settings settings = {};

/* Resized at load. */
struct entries_cpu cpus_of_mux[1] SEC(".data.private");
struct entries_call calls[1] SEC(".data.calls");		/* [cpu][level] */
__u64 target_masks[1] SEC(".data.target_masks");	/* [cpu][level][word] */
__u32 targets[1] SEC(".data.targets");			/* [cpu][level][target] */
__u64 claimed[1] SEC(".data.claimed");			/* [cpu][vipi] see masked_outcome() */
__u64 rows[1] SEC(".data.rows");	/* target of a mask that has one, see target_of() */
struct entries_notes notes_of_cpu[1] SEC(".data.cpus");

static __always_inline struct entries_cpu *all_cpus(void)
{
	return table_of(cpus_of_mux);
}

static __always_inline struct entries_cpu *cpu_of(struct entries_cpu *all, __u64 cpu)
{
	return (void *)all + (cpu << ENTRIES_CPU_SHIFT);
}

static __always_inline struct entries_cpu *own(__u64 cpu)
{
	return cpu_of(all_cpus(), cpu & settings.cpus_mask);
}

/* difference - of two pointers: only that is a number to the verifier */
static __always_inline __u64 difference(const void *pointer, const void *other)
{
	__u64 number = (__u64)pointer;

	asm volatile("%0 -= %1" : "+r"(number) : "r"(other));
	return number;
}

/* Of a cell, which may have changes above: its target and its vIPI. */
static __always_inline __u64 target_in(__u64 cell)
{
	return cell >> ENTRIES_VIPI_SHIFT & settings.cpus_mask;
}

static __always_inline __u64 vipi_in(__u64 cell)
{
	return cell & (ENTRIES_NR_VIPIS - 1);
}

/* The changes of a target's enabled word, as they are noted with a call. */
static __always_inline __u32 changes_of(__u64 target)
{
	return own(target)->changes >> 32 << ENTRIES_CHANGES_SHIFT;
}

static __always_inline struct entries_call *call_at(__u64 cpu, __u64 level)
{
	return table_of(calls) + ((cpu << ENTRIES_LEVEL_SHIFT | level) & settings.calls_mask);
}

static __always_inline __u32 *target_at(__u64 cpu, __u64 level, __u64 target)
{
	__u64 call = cpu << ENTRIES_LEVEL_SHIFT | level;

	return table_of(targets) + ((call << shape.cpu_shift | target) & settings.targets_mask);
}

/* A word of the copy of a call's mask. */
static __always_inline __u64 *mask_word(__u64 cpu, __u64 level, __u64 word)
{
	__u64 call = cpu << ENTRIES_LEVEL_SHIFT | level;

	return table_of(target_masks) +
	       ((call * settings.nr_words + word) & settings.masks_mask);
}

static __always_inline __u64 *claim_of(__u64 cpu, __u64 vipi)
{
	struct ipimux_shape any = loaded_shape();

	return table_of(claimed) + ipimux_waits_index(&any, cpu, vipi);
}

static __always_inline struct entries_notes *notes(__u64 cpu)
{
	return table_of(notes_of_cpu) + (cpu & settings.cpus_mask);
}

/* --- counters --- */

static __always_inline __u64 *counter_of(__u64 target, __u64 vipi, __u64 outcome)
{
	struct ipimux_shape any = loaded_shape();

	return table_of(traffic) + ipimux_traffic_index(&any, this_cpu(), target, vipi, outcome);
}

static __always_inline void count_send(__u64 target, __u64 vipi, __u64 outcome)
{
	(*counter_of(target, vipi, outcome))++;
}

/* count_raised - a send whose raise is seen, before the raise: nothing has come of it yet */
static __always_inline void count_raised(__u64 target, __u64 vipi, bool stamped)
{
	number_if_timed(target, vipi, stamped);
	count_send(target, vipi, IPIMUX_RAISED);
}

/* count_otherwise - takes a send back that was counted with an outcome that it did not have */
static __always_inline void count_otherwise(__u64 target, __u64 vipi, __u64 outcome)
{
	__u64 *counter = counter_of(target, vipi, outcome);

	doubt(target, vipi, IPIMUX_MISPREDICTED);
	/* An interrupt may count there just now. */
	if (*(volatile __u64 *)counter)
		__sync_fetch_and_add(counter, -1);
}

/* --- the words --- */

/* Both of a CPU, as they are now: a read by which the kernel survives any address, and no call. */
static __always_inline __u64 both_words(__u64 address)
{
	const struct cpumask *at = bpf_rdonly_cast((void *)address,
						   bpf_core_type_id_kernel(struct cpumask));

	return at->bits[0];
}

/* kernel_count - a number of 32 bits that the kernel keeps; a read as that */
static __always_inline __u64 kernel_count(__u64 address)
{
	const struct refcount_struct *at =
		bpf_rdonly_cast((void *)address, bpf_core_type_id_kernel(struct refcount_struct));

	return (__u32)at->refs.counter;
}

/* handled_by_kernel - how often, by the kernel's own count, of 32 bits; never 0 */
static __always_inline __u64 handled_by_kernel(const struct entries_cpu *one, __u64 vipi)
{
	return 1ULL << 32 | kernel_count(one->counts[vipi & (ENTRIES_NR_VIPIS - 1)]);
}

/*
 * is_skipped - does the program of sends run on this CPU? Then it was skipped for a send that
 * raises now, which the kernel counts.
 */
static __always_inline bool is_skipped(const struct entries_cpu *me)
{
	return kernel_count(me->active);
}

static __always_inline bool pending_is_first(void)
{
	if (bpf_core_field_exists(struct ipi_mux_cpu___linux, bits))
		return !bpf_core_field_offset(struct ipi_mux_cpu___linux, bits);
	return !bpf_core_field_offset(struct ipi_mux_cpu___patch, pending);
}

#define FIRST_WORD	1ULL
#define SECOND_WORD	(1ULL << 32)

/* Of a vIPI, in both words shifted by it: is its bit pending, is it enabled? */
static __always_inline __u64 is_pending(__u64 words)
{
	return pending_is_first() ? words & FIRST_WORD : words & SECOND_WORD;
}

static __always_inline __u64 is_enabled(__u64 words)
{
	return pending_is_first() ? words & SECOND_WORD : words & FIRST_WORD;
}

/* read_state - of a vIPI on a CPU, as an outcome: what a send finds that comes just now */
static __always_inline __u32 read_state(__u64 cpu, __u64 vipi)
{
	__u64 words = both_words(own(cpu)->words) >> vipi;

	return (is_pending(words) ? IPIMUX_COALESCED : 0) | (is_enabled(words) ? 0 : IPIMUX_MASKED);
}

/* --- sends: the way that most go --- */

int send_the_long_way(__u64 *ctx);

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__array(values, int (__u64 *));
} sends SEC(".maps") = { .values = { [ENTRIES_LONG_WAY] = (void *)&send_the_long_way } };

/* Strides of traffic in bytes. */
#define CELL_SHIFT	(IPIMUX_OUTCOME_SHIFT + 3)

/* note_short - a send to an enabled vIPI; returns false where this must go the long way */
static __always_inline bool note_short(__u64 *ctx, struct entries_cpu *all, __u64 cpu,
				       __u64 target, __u64 cell, __u64 words)
{
	__u64 at = difference(ctx, all), *counters;
	struct entries_send *send = (void *)cpu_of(all, cpu) + offsetof(struct entries_cpu, sends) +
				    (at & ENTRIES_SENDS_MASK);

	if (unlikely(send->at & ENTRIES_FORETOLD))
		return false;
	/* The second word is the pending one, see send(). */
	words >>= 32;
	asm volatile("" : "+r"(words));
	if (words & 1) {
		send->at = at;
		send->cell = cell;
		cell <<= CELL_SHIFT;
		asm volatile("" : "+r"(cell));
		counters = (void *)table_of(traffic) + cell;
		counters[IPIMUX_COALESCED]++;
		return true;
	}
	/* First: an interrupt from here on takes another place. */
	*(volatile __u64 *)&send->at = at + ENTRIES_FORETOLD;
	*(volatile __u64 *)&send->cell = cell | cpu_of(all, target)->changes;
	return true;
}

/*
 * ipi_mux_send_mask(data, mask), for a machine of that many CPUs; only where the words are as Linux
 * has them, enabled before pending: elsewhere all sends go the long way
 */
static __always_inline int send(__u64 *ctx, const __u32 cpu_shift)
{
	/* First: what is read before a call takes registers that the program must save. */
	__u64 cpu = this_cpu_keeping((void *)&ctx);
	struct entries_cpu *all = all_cpus();
	__u64 vipi, target8, words;

	cpu &= (1ULL << cpu_shift) - 1;
	asm volatile("" : "+r"(cpu));
	/* The target times 8, if this is cpumask_of() it. */
	target8 = (difference((void *)ctx[1], all) - all->short_masks) >> all->mask_shift;
	if (unlikely(target8 >= 8ULL << cpu_shift))
		goto long_way;
	/* For the verifier. */
	asm volatile("%0 &= %1" : "+r"(target8) : "i"((8 << cpu_shift) - 8));
	words = both_words(((struct entries_cpu *)((void *)all +
			    (target8 << (ENTRIES_CPU_SHIFT - 3))))->words);
	vipi = ((struct irq_data *)ctx[0])->hwirq & (ENTRIES_NR_VIPIS - 1);
	words >>= vipi;
	if (unlikely(!(words & 1)))
		goto long_way;
	asm volatile("" : "+r"(target8));
	if (note_short(ctx, all, cpu, target8 >> 3,
		       (cpu << (cpu_shift + ENTRIES_VIPI_SHIFT)) + target8 + vipi, words))
		return 0;
long_way:
	bpf_tail_call(ctx, &sends, ENTRIES_LONG_WAY);
	return 0;
}

/* target_of - of a mask, given as a difference, that is one of the kernel's own of one CPU */
static __always_inline __u64 target_of(__u64 mask, __u64 rows_at)
{
	__u64 row = (mask - rows_at) >> 3;

	return row <= settings.rows_mask ? table_of(rows)[row & settings.rows_mask] :
					   ENTRIES_NO_TARGET;
}

/* The same for any machine. */
static __always_inline int send_anywhere(__u64 *ctx)
{
	struct entries_cpu *all = all_cpus();
	__u64 vipi, target, words, cpu;

	target = target_of(difference((void *)ctx[1], all), all->short_rows);
	if (unlikely(target > settings.cpus_mask))
		goto long_way;
	words = both_words(cpu_of(all, target & settings.cpus_mask)->words);
	vipi = ((struct irq_data *)ctx[0])->hwirq & (ENTRIES_NR_VIPIS - 1);
	words >>= vipi;
	if (unlikely(!(words & 1)))
		goto long_way;
	cpu = this_cpu() & settings.cpus_mask;
	if (note_short(ctx, all, cpu, target & settings.cpus_mask,
		       ((cpu << shape.cpu_shift | target) << ENTRIES_VIPI_SHIFT | vipi) &
		       shape.traffic_mask >> IPIMUX_OUTCOME_SHIFT, words))
		return 0;
long_way:
	bpf_tail_call(ctx, &sends, ENTRIES_LONG_WAY);
	return 0;
}

/* --- raises: the way that most go --- */

/* User space fills the one that is used. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} sbi_calls SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} raises SEC(".maps");

/* count_noted - the raise of a send that was noted; returns false if none was where it should be */
static __always_inline bool count_noted(void *ctx, __u64 cpu, const __u32 cpu_shift,
					const __u32 cell_bits, bool waits_too)
{
	struct entries_cpu *all = all_cpus();
	struct entries_cpu *me = cpu_of(all, cpu);
	__u64 at = difference(ctx, all) + me->distance;
	struct entries_send *send = (void *)me + offsetof(struct entries_cpu, sends) +
				    (at & ENTRIES_SENDS_MASK);
	__u64 cell, *counters;

	/* What is noted there may be left over. */
	if (unlikely(send->at != at || is_skipped(me)))
		return false;
	/* For the verifier, and without what is above it. */
	cell = send->cell << (64 - cell_bits);
	asm volatile("" : "+r"(cell));
	cell >>= 64 - cell_bits - CELL_SHIFT;
	asm volatile("" : "+r"(cell));
	*(volatile __u64 *)&send->at = 0;
	if (waits_too) {
		__u64 index = cell >> CELL_SHIFT;

		index &= (1ULL << (cpu_shift + ENTRIES_VIPI_SHIFT)) - 1;
		number_set(table_of(waits) + index, true);
	}
	counters = (void *)table_of(traffic) + cell;
	counters[IPIMUX_RAISED]++;
	return true;
}

/* sbi_call(extension, function), before the call */
static __always_inline int sbi_call(struct bpf_raw_tracepoint_args *ctx, __u64 cpu,
				    const __u32 cpu_shift, const __u32 cell_bits, bool waits_too)
{
	if (ctx->args[0] != SBI_EXT_IPI || count_noted(ctx, cpu, cpu_shift, cell_bits, waits_too))
		return 0;
	bpf_tail_call(ctx, &sbi_calls, ENTRIES_LONG_WAY);
	return 0;
}

/* The function that the mux was given, of the interrupt controller's driver: send(cpu). */
static __always_inline int raise(__u64 *ctx, __u64 cpu, const __u32 cpu_shift,
				 const __u32 cell_bits, bool waits_too)
{
	if (!count_noted(ctx, cpu, cpu_shift, cell_bits, waits_too))
		bpf_tail_call(ctx, &raises, ENTRIES_LONG_WAY);
	return 0;
}

/* --- processes: the way that most go --- */

int process_the_long_way(__u64 *ctx);
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__array(values, int (__u64 *));
} processes SEC(".maps") = { .values = { [ENTRIES_LONG_WAY] = (void *)&process_the_long_way } };

/*
 * take_handled - times a vIPI that the process which begins now handles
 *
 * The kernel numbers them: what came too late for a process to be timed has its number, too.
 */
static __always_inline int take_handled(const struct entries_cpu *me, struct ipimux_waits *at,
					__u64 vipi, __u64 now)
{
	__u64 handled = handled_by_kernel(me, vipi);
	__u64 seen = at->seen;

	at->seen = handled + 1;
	if (unlikely(seen != handled) && seen) {
		__u64 behind = (handled - seen) & 0xffffffff;

		at->expected += behind * 2;
		at->untimed += behind;
	}
	return take(at, now);
}

/* take_all - the same of several; not static: so the verifier looks at it once */
__noinline int take_all(__u64 cpu, __u64 set, __u64 now)
{
	struct ipimux_shape any = loaded_shape();

	for (__u64 vipi = 0; vipi < ENTRIES_NR_VIPIS; vipi++)
		if (set >> vipi & 1)
			take_handled(own(cpu),
				     table_of(waits) + ipimux_waits_index(&any, cpu, vipi), vipi,
				     now);
	return 0;
}

/*
 * ipi_mux_process(), with interrupts off: so what it finds pending and enabled is taken by it.
 * More may come until it takes them, so one that finds nothing is only known to be empty later.
 */
static __always_inline int process(__u64 *ctx, __u64 cpu)
{
	struct entries_cpu *me = cpu_of(all_cpus(), cpu);
	__u64 words = both_words(me->taken);

	if (words & words >> 32)
		me->found++;
	else
		bpf_tail_call(ctx, &processes, ENTRIES_LONG_WAY);
	return 0;
}

/* The number of the only bit of a set of 8, by halves: who can tail-call can have no calls. */
#define ONLY_OF_2(n)	(set == 1ULL << (n) ? (n) : set == 2ULL << (n) ? (n) + 1 : 8)
#define ONLY_OF_4(n)	(set < 4ULL << (n) ? ONLY_OF_2(n) : ONLY_OF_2((n) + 2))

/* The same where it is timed: one vIPI, by the stamp that is expected; all else the long way. */
static __always_inline int process_timed(__u64 *ctx, __u64 cpu)
{
	struct entries_cpu *me = cpu_of(all_cpus(), cpu);
	__u64 words = both_words(me->taken), set = words & words >> 32, vipi, handled, stamp;
	struct ipimux_waits *at;

	vipi = set < 1 << 4 ? ONLY_OF_4(0) : ONLY_OF_4(4);
	if (unlikely(vipi >= ENTRIES_NR_VIPIS))
		goto long_way;
	asm volatile("" : "+r"(vipi));
	vipi &= ENTRIES_NR_VIPIS - 1;
	at = table_of(waits) + (cpu << ENTRIES_VIPI_SHIFT | vipi);
	handled = handled_by_kernel(me, vipi);
	stamp = expected_stamp(at);
	if (unlikely(at->seen != handled || !is_expected(stamp)))
		goto long_way;
	at->seen = handled + 1;
	me->found++;
	at->expected += 2;
	return count_wait(at, stamp, bpf_ktime_get_ns());
long_way:
	bpf_tail_call(ctx, &processes, ENTRIES_LONG_WAY);
	return 0;
}

/* --- sends: the long way --- */

/* is_silent - is nothing enabled on this CPU? Then the kernel shows no call of the SBI. */
static __always_inline bool is_silent(__u64 cpu)
{
	__u64 words = both_words(own(cpu)->words);

	return settings.parent == ENTRIES_PARENT_SBI &&
	       !(pending_is_first() ? words >> 32 : words & 0xffffffff);
}

/* count_unraised - a send whose bit was clear and enabled when it began, and that did not raise */
static __always_inline void count_unraised(__u64 cpu, __u64 target, __u64 vipi, bool changed,
					   bool silent)
{
	own(cpu)->settled++;
	if (silent) {
		doubt(target, vipi, IPIMUX_UNCERTAIN);
		count_raised(target, vipi, false);
		return;
	}
	doubt(target, vipi, IPIMUX_MISPREDICTED);
	if (changed)
		doubt(target, vipi, IPIMUX_UNCERTAIN);
	count_send(target, vipi, IPIMUX_COALESCED);
}

static __always_inline struct entries_send *send_at(__u64 cpu, __u64 at)
{
	return (void *)own(cpu)->sends + (at & ENTRIES_SENDS_MASK);
}

/* settle_send - one that is over, and was noted, and did not raise */
__noinline int settle_send(__u64 cpu, __u64 place, __u64 silent)
{
	struct entries_send *send = send_at(cpu, place);
	__u64 target = target_in(send->cell);
	bool changed = (own(target)->changes ^ send->cell) >> 32;

	send->at = 0;
	count_unraised(cpu, target, vipi_in(send->cell), changed, silent);
	return 0;
}

/* level_now - calls of a CPU nest, but not at one of these levels: they cannot be preempted */
static __always_inline __u64 level_now(void)
{
	const struct task_struct *task = (void *)bpf_get_current_task_btf();
	__u32 count = task->thread_info.preempt_count;

	/* Interrupts, also those that cannot be masked; softirqs that are served. */
	return count & 0x00ff0000 ? 2 : count >> 8 & 1;
}

/*
 * find_place - for a send; 0: there is none
 *
 * What is noted there is over if it was at the same place of the stack, or if this is a task, which
 * interrupts nobody. Else it may be under way.
 */
__noinline __u64 find_place(__u64 cpu, __u64 at, __u64 level)
{
	for (__u64 i = 0; i < ENTRIES_PLACES; i++) {
		__u64 place = at + (i << ENTRIES_SEND_SHIFT);
		__u64 there = send_at(cpu, place)->at;

		if ((there & ENTRIES_FORETOLD) && (there == at + ENTRIES_FORETOLD || !level))
			settle_send(cpu, place, own(cpu)->silent);
		else if (there & ENTRIES_FORETOLD)
			continue;
		return place;
	}
	return 0;
}

/*
 * masked_outcome - of a send to a disabled vIPI whose bit was clear when it began
 *
 * Until it is enabled nobody clears the bit: of several that found it clear at the same time one
 * set it. Which one does not show, so the first to begin is taken for it.
 */
static __always_inline __u32 masked_outcome(__u64 target, __u64 vipi)
{
	__u64 claim = ENTRIES_CLAIMED;

	asm volatile("%0 = xchg_64(%1 + 0, %0)"
		     : "+r"(claim) : "r"(claim_of(target, vipi)) : "memory");
	if (claim != ENTRIES_CLAIMED)
		return IPIMUX_MASKED;
	doubt(target, vipi, IPIMUX_UNCERTAIN);
	return IPIMUX_COALESCED_WHILE_MASKED;
}

/* note_target - counts a send of a call, except where its raise is to tell */
__noinline int note_target(__u64 cpu, __u64 level, __u64 target)
{
	struct entries_call *call = call_at(cpu, level);
	__u32 changes = changes_of(target);
	__u32 outcome = read_state(target, call->vipi);

	call->nr_targets++;
	call->nr_candidates += !(outcome & IPIMUX_MASKED);
	if (outcome == IPIMUX_RAISED) {
		*target_at(cpu, level, target) = changes;
		return 0;
	}
	if (outcome == IPIMUX_MASKED)
		outcome = masked_outcome(target, call->vipi);
	if (outcome == IPIMUX_MASKED)
		number_if_timed(target, call->vipi, false);
	*target_at(cpu, level, target) = changes | ENTRIES_COUNTED | outcome;
	count_send(target, call->vipi, outcome);
	return 0;
}

/* settle_target - the call is over: what came of the send to one of its targets */
__noinline int settle_target(__u64 cpu, __u64 level, __u64 target, __u64 silent)
{
	const struct entries_call *call = call_at(cpu, level);
	__u32 noted = *target_at(cpu, level, target);
	bool changed = (changes_of(target) ^ noted) >> ENTRIES_CHANGES_SHIFT;

	/* For some of the candidates but not all: for which, was guessed. */
	if (settings.parent == ENTRIES_PARENT_SBI && call->raises &&
	    call->raises != call->nr_candidates && !(noted & IPIMUX_MASKED) && !changed)
		doubt(target, call->vipi, IPIMUX_UNCERTAIN);
	if (!(noted & (ENTRIES_RAISED | ENTRIES_COUNTED)))
		count_unraised(cpu, target, call->vipi, changed, silent);
	return 0;
}

/* settle_call - the one that was noted last at this level: it is over */
__noinline int settle_call(__u64 cpu, __u64 level, __u64 silent)
{
	for (__u32 i = 0; i < settings.nr_words; i++) {
		__u64 word = *mask_word(cpu, level, i);

		for (__u32 n = 0; n < settings.word_cpus && word; n++, word &= word - 1)
			settle_target(cpu, level, i * 64 + lowest_bit(word), silent);
	}
	call_at(cpu, level)->at = 0;
	return 0;
}

/* forget - what is noted under a place of the stack: a call takes it now */
static __always_inline void forget(__u64 cpu, __u64 at)
{
	for (__u64 i = 0; i < ENTRIES_PLACES; i++) {
		__u64 place = at + (i << ENTRIES_SEND_SHIFT);
		struct entries_send *send = send_at(cpu, place);

		if (send->at == at + ENTRIES_FORETOLD)
			settle_send(cpu, place, own(cpu)->silent);
		else if (send->at == at)
			send->at = 0;
	}
}

/* note_call - with the targets that @mask (a difference) has, or with @target only */
static __always_inline void note_call(__u64 cpu, __u64 at, __u64 vipi, __u64 mask, __u64 target,
				      __u64 level)
{
	struct entries_call *call = call_at(cpu, level);
	__u64 address = mask + all_cpus()->self;

	if (call->at)
		settle_call(cpu, level, own(cpu)->silent);
	forget(cpu, at);
	call->number++;
	call->vipi = vipi;
	call->nr_targets = call->nr_candidates = call->raises = 0;
	for (__u32 i = 0; i < settings.nr_words; i++) {
		__u64 word = 0;

		if (target == ENTRIES_NO_TARGET)
			bpf_probe_read_kernel(&word, sizeof(word), (void *)address + i * 8);
		else if (target >> 6 == i)
			word = 1ULL << (target & 63);
		*mask_word(cpu, level, i) = word;
		for (__u32 n = 0; n < settings.word_cpus && word; n++, word &= word - 1)
			note_target(cpu, level, i * 64 + lowest_bit(word));
	}
	/* Last: from here on a raise may find it. */
	*(volatile __u64 *)&call->at = at;
}

/* note_long - as note_short(), except that another place will do */
static __always_inline void note_long(__u64 cpu, __u64 at, __u64 vipi, __u64 target, __u32 state,
				      __u64 level)
{
	struct ipimux_shape any = loaded_shape();
	__u64 cell = ipimux_traffic_index(&any, cpu, target, vipi, 0) >> IPIMUX_OUTCOME_SHIFT;
	__u64 place = find_place(cpu, at, level);
	struct entries_send *send = send_at(cpu, place);

	if (state == IPIMUX_COALESCED)
		count_send(target, vipi, IPIMUX_COALESCED);
	else if (!place)
		notes(cpu)->unattributed++;
	if (!place)
		return;
	*(volatile __u64 *)&send->at = state == IPIMUX_COALESCED ? at : at + ENTRIES_FORETOLD;
	*(volatile __u64 *)&send->cell = cell | own(target)->changes;
}

SEC("?fentry/ipi_mux_send_mask")
int send_the_long_way(__u64 *ctx)
{
	struct entries_cpu *all = all_cpus();
	__u64 vipi = ((struct irq_data *)ctx[0])->hwirq & (ENTRIES_NR_VIPIS - 1);
	__u64 mask = difference((void *)ctx[1], all), at = difference(ctx, all);
	__u64 target = target_of(mask, all->rows);
	__u64 cpu = this_cpu(), level = level_now();
	__u32 state = IPIMUX_MASKED;

	own(cpu)->last = at;
	if (target <= settings.cpus_mask)
		state = read_state(target, vipi);
	if (state & IPIMUX_MASKED)
		note_call(cpu, at, vipi, mask, target, level);
	else
		note_long(cpu, at, vipi, target, state, level);
	return 0;
}

/* --- raises: the long way --- */

/* rank - of a target, when it has to be guessed whose a raise is: the lowest, 0: no */
static __always_inline __u32 rank(__u32 noted)
{
	if (noted & ENTRIES_RAISED)
		return 0;
	if (!(noted & ENTRIES_COUNTED))
		return 1;
	return noted & IPIMUX_MASKED ? 3 : 2;
}

/* better_target - @target, if it is a better guess than the one so far, or that */
__noinline __u64 better_target(__u64 cpu, __u64 level, __u64 target, __u64 so_far)
{
	__u32 this = rank(*target_at(cpu, level, target));
	__u32 best = so_far == ENTRIES_NO_TARGET ? 4 : rank(*target_at(cpu, level, so_far));

	/* They raise in the order of their numbers. */
	return this && this < best ? target : so_far;
}

static __always_inline __u64 guess_target(__u64 cpu, __u64 level)
{
	__u64 target = ENTRIES_NO_TARGET;

	for (__u32 i = 0; i < settings.nr_words; i++) {
		__u64 word = *mask_word(cpu, level, i);

		for (__u32 n = 0; n < settings.word_cpus && word; n++, word &= word - 1)
			target = better_target(cpu, level, i * 64 + lowest_bit(word), target);
	}
	return target;
}

/* count_call - a raise of a call; @target: ENTRIES_NO_TARGET if the raise does not say whose */
__noinline int count_call(__u64 cpu, __u64 level, __u64 target)
{
	struct entries_call *call = call_at(cpu, level);
	bool certain = target != ENTRIES_NO_TARGET || call->nr_targets == 1;
	__u32 *noted;

	call->raises++;
	if (target == ENTRIES_NO_TARGET)
		target = guess_target(cpu, level);
	if (target == ENTRIES_NO_TARGET)
		return 0;
	noted = target_at(cpu, level, target);
	if (*noted & ENTRIES_RAISED)
		return 0;
	if (*noted & ENTRIES_COUNTED)
		count_otherwise(target, call->vipi, *noted & ENTRIES_OUTCOME);
	*noted |= ENTRIES_RAISED;
	count_raised(target, call->vipi, certain);
	return 0;
}

/* count_noted_long - as count_noted(), also a send that found its place taken, or was coalesced */
static __always_inline bool count_noted_long(__u64 cpu, __u64 at)
{
	for (__u64 i = 0; i < ENTRIES_PLACES; i++) {
		struct entries_send *send = send_at(cpu, at + (i << ENTRIES_SEND_SHIFT));
		__u64 target = target_in(send->cell), vipi = vipi_in(send->cell);

		if ((send->at | ENTRIES_FORETOLD) != (at | ENTRIES_FORETOLD))
			continue;
		if (!(send->at & ENTRIES_FORETOLD))
			count_otherwise(target, vipi, IPIMUX_COALESCED);
		send->at = 0;
		count_raised(target, vipi, true);
		return true;
	}
	return false;
}

/* set_distance - it is known now: the short ways may be gone */
__noinline int set_distance(__u64 distance)
{
	struct entries_cpu *all = all_cpus();

	for (__u64 cpu = 0; cpu <= settings.cpus_mask; cpu++) {
		struct entries_cpu *one = own(cpu);

		one->kept_distance = distance + ENTRIES_FORETOLD;
		if (!one->unmasking)
			one->distance = one->kept_distance;
	}
	all->learning = 0;
	all->short_masks = all->masks;
	all->short_rows = all->rows;
	return 0;
}

/*
 * learn - how far a raise is from its send, which is mostly the one that began last: so no send may
 * go the short way, which does not say so
 */
static __always_inline __u64 learn(__u64 cpu, __u64 my)
{
	struct entries_cpu *all = all_cpus();
	__u64 at = own(cpu)->last, distance = at - my;

	if (!all->learning) {
		all->learning = 1;
		all->votes = 0;
		all->short_masks = all->short_rows = 0;
		return 0;
	}
	if (!at || distance >= ENTRIES_MAX_DISTANCE)
		return 0;
	all->votes = distance == all->candidate ? all->votes + 1 : 1;
	all->candidate = distance;
	if (all->votes >= ENTRIES_VOTES)
		set_distance(distance);
	return at;
}

/* find_sender - whose raise is it? @target: as that of count_call() */
__noinline int find_sender(__u64 cpu, __u64 my, __u64 target)
{
	__u64 at = my + own(cpu)->distance - ENTRIES_FORETOLD;

	if (is_skipped(own(cpu)))
		return 0;
	if (all_cpus()->learning)
		at = learn(cpu, my);
	if (at && count_noted_long(cpu, at))
		return 0;
	for (__u64 level = 0; level < ENTRIES_LEVELS; level++) {
		if (!at || call_at(cpu, level)->at != at)
			continue;
		count_call(cpu, level, target);
		return 0;
	}
	notes(cpu)->unattributed++;
	/* Somebody traces what is called in between, or does no longer. */
	if (!all_cpus()->learning)
		learn(cpu, my);
	return 0;
}

static __always_inline int raise_the_long_way(void *ctx, __u64 target)
{
	__u64 cpu = this_cpu();
	struct entries_cpu *me = own(cpu);

	if (me->unmasking)
		me->kicked = 1;
	else
		find_sender(cpu, difference(ctx, all_cpus()), target);
	return 0;
}

SEC("?raw_tp/sbi_call")
int sbi_call_the_long_way(struct bpf_raw_tracepoint_args *ctx)
{
	return raise_the_long_way(ctx, ENTRIES_NO_TARGET);
}

SEC("?fentry")
int raise_function_the_long_way(__u64 *ctx)
{
	return raise_the_long_way(ctx, (__u32)ctx[0]);
}

/* --- mask and unmask --- */

/* next_goes_long - the next process of this CPU: it will find nothing, as it seems */
static __always_inline void next_goes_long(__u64 cpu)
{
	own(cpu)->taken = all_cpus()->self + ((cpu & settings.cpus_mask) << ENTRIES_CPU_SHIFT) +
			  offsetof(struct entries_cpu, nothing);
}

/* settle_all - of a CPU that goes, or comes: then the raises of what it sent were not seen */
__noinline int settle_all(__u64 cpu, __u64 silent)
{
	for (__u64 i = 0; i < ENTRIES_SENDS; i++)
		if (own(cpu)->sends[i].at & ENTRIES_FORETOLD)
			settle_send(cpu, i << ENTRIES_SEND_SHIFT, silent);
	for (__u64 level = 0; level < ENTRIES_LEVELS; level++)
		if (call_at(cpu, level)->at)
			settle_call(cpu, level, silent);
	return 0;
}

SEC("?fentry/ipi_mux_mask")
int begin_mask(__u64 *ctx)
{
	*(volatile __u64 *)claim_of(this_cpu(), ((struct irq_data *)ctx[0])->hwirq) = 0;
	return 0;
}

/*
 * Handlers are counted as they start: one that starts after a mask in the same process was taken
 * before it. So what was handled by a mask in an interrupt is known when the next process begins,
 * which therefore goes the long way.
 */
SEC("?fexit/ipi_mux_mask")
int end_mask(__u64 *ctx)
{
	struct ipimux_shape any = loaded_shape();
	__u64 cpu = this_cpu();
	struct entries_cpu *me = own(cpu);
	__u64 vipi = ((struct irq_data *)ctx[0])->hwirq & (ENTRIES_NR_VIPIS - 1);
	bool pending = read_state(cpu, vipi) & IPIMUX_COALESCED;

	me->changes += 1ULL << 32;
	/* It goes: nothing of it is under way any more, and all that was noted was seen. */
	if (!me->silent && is_silent(cpu) && level_now() != 2)
		settle_all(cpu, false);
	me->silent = is_silent(cpu);
	if (pending && !*(volatile __u64 *)claim_of(cpu, vipi))
		*claim_of(cpu, vipi) = ENTRIES_PENDING_WHEN_MASKED;
	if (!note_mask(&any, cpu, vipi, pending, handled_by_kernel(own(cpu), vipi)))
		return 0;
	if (level_now() == 2) {
		me->masked_within |= 1U << vipi;
		next_goes_long(cpu);
	}
	return 0;
}

/* masked_until_now - for vIPIs that were masked in an interrupt: that is over now */
__noinline int masked_until_now(__u64 cpu, __u64 vipis)
{
	struct ipimux_shape any = loaded_shape();

	for (__u64 vipi = 0; vipi < ENTRIES_NR_VIPIS; vipi++) {
		__u64 *at = masked_at_of(&any, cpu, vipi);

		/* An unmask may have been since. */
		if ((vipis >> vipi & 1) && *at)
			*at = handled_by_kernel(own(cpu), vipi) + 1;
	}
	return 0;
}

SEC("?fentry/ipi_mux_unmask")
int begin_unmask(__u64 *ctx)
{
	__u64 vipi = ((struct irq_data *)ctx[0])->hwirq & (ENTRIES_NR_VIPIS - 1);
	__u64 cpu = this_cpu();
	struct entries_cpu *me = own(cpu);

	if (me->silent)
		settle_all(cpu, true);
	me->silent = 0;
	me->unmask_found = read_state(cpu, vipi);
	me->kicked = 0;
	/* Its raise is no send's. */
	if (!me->unmasking)
		me->kept_distance = me->distance;
	me->distance = ENTRIES_NO_DISTANCE;
	me->unmasking = 1;
	return 0;
}

/*
 * A bit that was pending before is so when it is enabled, and one that was set since shows by its
 * raise: but on a CPU in bring-up, whose calls of the SBI are not seen.
 */
SEC("?fexit/ipi_mux_unmask")
int end_unmask(__u64 *ctx)
{
	__u64 vipi = ((struct irq_data *)ctx[0])->hwirq & (ENTRIES_NR_VIPIS - 1);
	struct ipimux_shape any = loaded_shape();
	__u64 cpu = this_cpu();
	struct entries_cpu *me = own(cpu);
	__u64 *claim = claim_of(cpu, vipi);

	/* It had begun before its begin was watched. */
	if (!me->unmasking)
		return 0;
	me->unmasking = 0;
	me->distance = me->kept_distance;
	me->changes += 1ULL << 32;
	/* Set while it was masked, by a send that had found it enabled. */
	if ((me->unmask_found & IPIMUX_COALESCED) && !*claim)
		doubt(cpu, vipi, IPIMUX_UNCERTAIN);
	*claim = 0;
	count(unmasked, ipimux_unmasked_index(&any, cpu, vipi,
					      me->kicked || me->unmask_found & IPIMUX_COALESCED));
	if (me->masked_within >> vipi & 1)
		*masked_at_of(&any, cpu, vipi) = 0;
	else
		end_mask_of(&any, cpu, vipi, handled_by_kernel(own(cpu), vipi));
	return 0;
}

/* --- processes: the long way --- */

static __always_inline __u32 all_handled_by_kernel(__u64 cpu)
{
	__u32 sum = 0;

	for (__u64 vipi = 0; vipi < ENTRIES_NR_VIPIS; vipi++)
		if (vipi < settings.nr_vipis)
			sum += handled_by_kernel(own(cpu), vipi);
	return sum;
}

SEC("?fentry/ipi_mux_process")
int process_the_long_way(__u64 *ctx)
{
	__u64 cpu = this_cpu() & settings.cpus_mask;
	struct entries_cpu *me = own(cpu);
	__u64 words = both_words(me->words);
	__u64 set = words & words >> 32;
	__u32 handled = all_handled_by_kernel(cpu);

	if (me->suspect && handled == me->suspect_handled)
		me->empty++;
	else if (me->suspect)
		me->found++;
	me->suspect = 0;
	if (me->masked_within)
		masked_until_now(cpu, me->masked_within);
	me->masked_within = 0;
	if (set) {
		me->taken = me->words;
		me->found++;
		if (timed)
			take_all(cpu, set, bpf_ktime_get_ns());
		return 0;
	}
	me->suspect_handled = handled;
	me->suspect = 1;
	next_goes_long(cpu);
	return 0;
}

/* --- the programs, by the size of the machine: see ipimux.bpf.c --- */

/* Bits of a CPU's number, kept from being calculated with; bits of a cell. */
#define THIS_CPU(ctx, cpus) ({ __u64 number = this_cpu_keeping((void *)&(ctx)) & (cpus);	\
			       asm volatile("" : "+r"(number)); number; })
#define CPUS(cpu_shift)		((1ULL << (cpu_shift)) - 1)
#define CELL_BITS(cpu_shift)	(2 * (cpu_shift) + ENTRIES_VIPI_SHIFT)

#define PROGRAMS(size, cpus, cpu_shift)							\
SEC("?raw_tp/sbi_call") int sbi_call_##size(struct bpf_raw_tracepoint_args *ctx)	\
{											\
	__u64 cpu = THIS_CPU(ctx, cpus);						\
											\
	return sbi_call(ctx, cpu, cpu_shift, CELL_BITS(cpu_shift), false);		\
}											\
SEC("?raw_tp/sbi_call") int time_sbi_call_##size(struct bpf_raw_tracepoint_args *ctx)	\
{											\
	__u64 cpu = THIS_CPU(ctx, cpus);						\
											\
	return sbi_call(ctx, cpu, cpu_shift, CELL_BITS(cpu_shift), true);		\
}											\
SEC("?fentry") int raise_##size(__u64 *ctx)						\
{											\
	__u64 cpu = THIS_CPU(ctx, cpus);						\
											\
	return raise(ctx, cpu, cpu_shift, CELL_BITS(cpu_shift), false);			\
}											\
SEC("?fentry") int time_raise_##size(__u64 *ctx)					\
{											\
	__u64 cpu = THIS_CPU(ctx, cpus);						\
											\
	return raise(ctx, cpu, cpu_shift, CELL_BITS(cpu_shift), true);			\
}											\
SEC("?fentry/ipi_mux_process") int process_##size(__u64 *ctx)				\
{											\
	__u64 cpu = THIS_CPU(ctx, cpus);						\
											\
	return process(ctx, cpu);							\
}											\
SEC("?fentry/ipi_mux_process") int time_process_##size(__u64 *ctx)			\
{											\
	__u64 cpu = THIS_CPU(ctx, cpus);						\
											\
	return process_timed(ctx, cpu);							\
}

#define PROGRAMS_OF_SIZE(size)								\
SEC("?fentry/ipi_mux_send_mask") int send_##size(__u64 *ctx)				\
{											\
	return send(ctx, size);								\
}											\
PROGRAMS(size, CPUS(size), size)

PROGRAMS_OF_SIZE(0)
PROGRAMS_OF_SIZE(1)
PROGRAMS_OF_SIZE(2)
PROGRAMS_OF_SIZE(3)
PROGRAMS_OF_SIZE(4)
PROGRAMS_OF_SIZE(5)
PROGRAMS_OF_SIZE(6)

SEC("?fentry/ipi_mux_send_mask") int send_any(__u64 *ctx)
{
	return send_anywhere(ctx);
}
PROGRAMS(any, settings.cpus_mask, shape.cpu_shift)

/* --- what user space runs --- */

static __always_inline __u64 read_pointer(__u64 address)
{
	__u64 pointer = 0;

	bpf_probe_read_kernel(&pointer, sizeof(pointer), (void *)address);
	return pointer;
}

/* The program that is attached to sends, by its number; where the kernel counts its runs. */
__u32 send_id;
__u64 send_active;

SEC("iter/bpf_prog")
int find_active(struct bpf_iter__bpf_prog *ctx)
{
	const struct bpf_prog *program = ctx->prog;

	if (program && program->aux->id == send_id)
		send_active = (__u64)program->active;
	return 0;
}

/* Once, when all is loaded: finds what is to be read later. Returns which of these is not there. */
SEC("raw_tp")
int set_up(void *ctx)
{
	struct entries_cpu *all = all_cpus();

	/* A pointer becomes a number by way of memory. */
	*(volatile __u64 *)&all->self = (__u64)all;
	if (!send_active)
		return 1;
	for (__u64 row = 0; row <= settings.rows_mask; row++) {
		__u64 target = table_of(rows)[row & settings.rows_mask];
		__u64 mask = settings.first_mask + row * sizeof(__u64);

		if (target != ENTRIES_NO_TARGET &&
		    read_pointer(mask + (target >> 6) * sizeof(__u64)) != 1ULL << (target & 63))
			return 3;
	}
	for (__u64 vipi = 0; vipi < ENTRIES_NR_VIPIS; vipi++) {
		__u64 desc, counts;

		if (vipi >= settings.nr_vipis)
			break;
		desc = read_pointer(settings.descs + vipi * sizeof(void *));
		counts = desc ? read_pointer(desc +
				bpf_core_field_offset(struct irq_desc, kstat_irqs)) : 0;
		/* There may be fewer than the mux has vIPIs. */
		if (!counts || (__u32)read_pointer(desc +
				bpf_core_field_offset(struct irq_desc, irq_data) +
				bpf_core_field_offset(struct irq_data, irq)) != settings.virq[vipi])
			return 2;
		for (__u64 cpu = 0; cpu <= settings.cpus_mask; cpu++) {
			struct entries_cpu *one = own(cpu);

			if (!one->offset)
				continue;
			one->active = send_active + one->offset;
			one->silent = is_silent(cpu);
			one->counts[vipi] = counts + one->offset;
			notes(cpu)->base[vipi] = handled_by_kernel(own(cpu), vipi);
		}
	}
	return 0;
}

/* read_handled(first CPU, how many): takes the kernel's own counts over */
SEC("raw_tp")
int read_handled(struct bpf_raw_tracepoint_args *ctx)
{
	struct ipimux_shape any = loaded_shape();
	__u64 first = ctx->args[0], nr = ctx->args[1];

	for (__u64 i = 0; i <= settings.cpus_mask; i++) {
		__u64 cpu = (first + i) & settings.cpus_mask;

		if (i >= nr)
			break;
		if (!own(cpu)->offset)
			continue;
		table_of(processed)[ipimux_processed_index(&any, cpu, IPIMUX_BITS_SOME)] =
			own(cpu)->found;
		table_of(processed)[ipimux_processed_index(&any, cpu, IPIMUX_BITS_BATCH)] =
			own(cpu)->empty;
		for (__u64 vipi = 0; vipi < ENTRIES_NR_VIPIS; vipi++) {
			__u64 *to = table_of(processed) +
				    ipimux_processed_index(&any, cpu, IPIMUX_BITS_HANDLED + vipi);
			__u32 now = handled_by_kernel(own(cpu), vipi) - notes(cpu)->base[vipi];

			if (vipi < settings.nr_vipis)
				*to += (__u32)(now - (__u32)*to);
		}
	}
	return 0;
}
