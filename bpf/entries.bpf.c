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
#include "entries_mux.h"
#include "entries_notes.h"

char LICENSE[] SEC("license") = "GPL";

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
 * has them, enabled before pending, and can be read at once: elsewhere all go the long way
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
	words = words_at_once(((struct entries_cpu *)((void *)all +
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
	words = words_at_once(cpu_of(all, target & settings.cpus_mask)->words);
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
	__u64 words = words_at_once(me->taken);

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
	__u64 words = words_at_once(me->taken), set = words & words >> 32, vipi, handled, stamp;
	struct ipimux_waits *at;

	vipi = set < 1 << 4 ? ONLY_OF_4(0) : ONLY_OF_4(4);
	if (unlikely(vipi >= ENTRIES_NR_VIPIS))
		goto long_way;
	asm volatile("" : "+r"(vipi));
	vipi &= ENTRIES_NR_VIPIS - 1;
	at = table_of(waits) + (cpu << ENTRIES_VIPI_SHIFT | vipi);
	handled = handled_by_kernel(me, vipi);
	stamp = expected_stamp(at, at->expected);
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
		note_rare(cpu, at, vipi, mask, target, level);
	else
		note_long(cpu, at, vipi, target, state, level);
	return 0;
}

/* --- raises: the long way --- */

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
