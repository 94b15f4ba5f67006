/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What programs share that count, whichever way they learn of events: the tables, and how
 * waits are timed. Knows no event. Included once, by each BPF object.
 */
#ifndef COUNTING_H
#define COUNTING_H

#include "vmlinux.h"
#include <stdbool.h>
#include <bpf/bpf_helpers.h>
#include "ipimux.h"

/* The extension of the SBI that sends IPIs: "sPI". */
#define SBI_EXT_IPI	0x735049

/* bpf_get_smp_processor_id(), which nobody needs to cut to 32 bits. */
static __u64 (*const this_cpu)(void) = (void *)8;

/*
 * this_cpu_keeping - the same, which keeps *@kept in its register
 *
 * A call clobbers five registers, and what is to outlive it takes one that the program must save.
 * Where the JIT inlines the helper (riscv64, from 6.10 on) nothing is clobbered; the verifier
 * knows this way of writing it from 6.12 on (bpf_fastcall), and leaves out the store and the load.
 * Before, they are two instructions, as it takes to save a register (not run there).
 */
static __always_inline __u64 this_cpu_keeping(struct bpf_raw_tracepoint_args **kept)
{
	register struct bpf_raw_tracepoint_args *args asm("r1") = *kept;
	register __u64 cpu asm("r0");
	__u64 slot;

	asm volatile("*(u64 *)%[slot] = %[args]\n\t"
		     "call 8\n\t"
		     "%[args] = *(u64 *)%[slot]"
		     : "=r"(cpu), [args]"+r"(args), [slot]"=m"(slot)
		     : : "r2", "r3", "r4", "r5");
	*kept = args;
	return cpu;
}

/*
 * Kernels that leave that helper to the JIT call something else where the JIT is off (riscv64
 * since 6.10), or refuse the program (7.2). There a map tells, which is slow, as all is then.
 */
const volatile __u32 interpreted = 0;

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} cpu_numbers SEC(".maps");

static __always_inline __u64 any_cpu(void)
{
	__u32 zero = 0;
	__u64 *number;

	if (!interpreted)
		return this_cpu();
	number = bpf_map_lookup_elem(&cpu_numbers, &zero);
	return number ? *number : 0;
}

/* The shape of a machine that has no programs of its own. */
const volatile struct ipimux_shape shape = {};

/* Resized at load; nothing is sized for a maximum. */
__u64 traffic[1] SEC(".data.traffic");
__u64 processed[1] SEC(".data.processed");
__u64 unmasked[1] SEC(".data.unmasked");
__u64 masked[1] SEC(".data.masked");
__u64 masked_at[1] SEC(".data.masked_at");	/* [cpu][vipi] see note_mask() */
struct ipimux_waits waits[1] SEC(".data.waits");

/* The compiler is not to bound an index by the size a table has before it is resized. */
#define table_of(variable) ({ typeof(&(variable)[0]) table = (variable); \
			      asm volatile("" : "+r"(table)); table; })

static __always_inline void count(__u64 *table, __u64 index)
{
	asm volatile("" : "+r"(table));
	table[index]++;
}

/* [cpu][vipi], as large as the table of started handlers. */
static __always_inline __u64 *masked_at_of(const struct ipimux_shape *shape, __u64 cpu, __u64 vipi)
{
	return table_of(masked_at) + ipimux_started_index(shape, cpu, vipi);
}

/*
 * note_mask - counts a mask, and keeps how often this CPU had @handled the vIPI by then, plus
 * one: 0 says that no mask was seen. Returns whether it was not masked before
 */
static __always_inline bool note_mask(const struct ipimux_shape *shape, __u64 cpu, __u64 vipi,
				      __u64 was_pending, __u64 handled)
{
	__u64 *at = masked_at_of(shape, cpu, vipi);

	count(masked, ipimux_masked_index(shape, cpu, vipi, was_pending));
	if (*at)
		return false;
	*at = handled + 1;
	return true;
}

/* end_mask_of - at the unmask: what was handled all the same is counted, and the mask is over */
static __always_inline void end_mask_of(const struct ipimux_shape *shape, __u64 cpu, __u64 vipi,
					__u64 handled)
{
	__u64 *at = masked_at_of(shape, cpu, vipi);
	__u64 *all_the_same = table_of(masked) +
			      ipimux_masked_index(shape, cpu, vipi, IPIMUX_MASK_HANDLED);

	if (!*at)
		return;
	*all_the_same += handled + 1 - *at;
	*at = 0;
}

/* handled_by_bit - how often @cpu has handled the vIPI, where it is counted bit by bit */
static __always_inline __u64 handled_by_bit(const struct ipimux_shape *shape, __u64 cpu, __u64 vipi)
{
	return table_of(processed)[ipimux_processed_index(shape, cpu, IPIMUX_BITS_HANDLED + vipi)];
}

/*
 * fetch_and_add - what was there before, as __sync_fetch_and_add() returns it
 *
 * Since version 20, clang has that for v3 only, and v3 costs more on riscv64. The instruction
 * itself is the same in both.
 */
static __always_inline __u64 fetch_and_add(__u64 *at, __u64 value)
{
	asm volatile("%0 = atomic_fetch_add((u64 *)%1, %0)" : "+r"(value), "+m"(*at) : : "memory");
	return value;
}

/*
 * stamp_of - the stamp for a number, as the first one: they take turns at two, eight bytes apart
 *
 * The address is added to what is made of the number, and not the other way round: that would take
 * another register.
 */
static __always_inline struct ipimux_waits *stamp_of(struct ipimux_waits *waits, __u64 doubled)
{
	__u64 at = doubled << 2 & sizeof(__u64);

	asm volatile("%0 += %1" : "+r"(at) : "r"(waits));
	return (void *)at;
}

/*
 * out_of_sync - for a process that the numbers do not fit
 *
 * One that went unseen, because it was sent before the start or by a CPU on its way
 * offline, leaves the numbers of sends and processes apart. When they have been for so
 * long that nobody can be on the way to make up for it, the senders' is believed.
 */
#define SYNC_AFTER_NS	1000000000ULL

static __noinline int out_of_sync(struct ipimux_waits *at, __u64 now)
{
	if (!at)
		return 0;
	if (at->off_at + 2 + at->skip != at->expected) {
		at->sync_at = now + SYNC_AFTER_NS;
	} else if (now >= at->sync_at) {
		at->sync_at = now + SYNC_AFTER_NS;
		at->expected = at->sets;
	}
	at->off_at = at->expected;
	at->untimed++;
	return 0;
}

/* expected_stamp - what the process of that number should find, and what of that does not fit */
static __always_inline __u64 expected_stamp(const struct ipimux_waits *at, __u64 expected)
{
	__u64 stamp = *(volatile __u64 *)stamp_of((void *)at, expected)->stamp ^ expected;

	asm volatile("" : "+r"(stamp));
	return stamp;
}

/* is_expected - does all of it fit? By the instruction that tests bits, which clang leaves out. */
static __always_inline bool is_expected(__u64 stamp)
{
	asm volatile goto("if %0 & %1 goto %l[other]"
			  : : "r"(stamp), "i"((1 << IPIMUX_STAMP_TIME_SHIFT) - 2) : : other);
	return true;
other:
	return false;
}

/* count_wait - since that stamp; the time is added first: who finds a wait finds its time, too */
static __always_inline int count_wait(struct ipimux_waits *at, __u64 stamp, __u64 now)
{
	__u64 bucket, *half;
	__s64 ns;

	/*
	 * The difference of two times that wrap, so it is signed. A stamp that says masked
	 * takes away a nanosecond.
	 */
	ns = (__s64)((now << IPIMUX_STAMP_TIME_SHIFT) - stamp) >> IPIMUX_STAMP_TIME_SHIFT;
	asm volatile("" : "+r"(ns));
	/* What is of raised waits, or of masked ones. */
	stamp &= 1;
	asm volatile("" : "+r"(stamp));
	half = (void *)at + (stamp << (IPIMUX_SLOT_SHIFT + 3));
	/* Compared with 0, and not with -1, as clang would have it: that is one instruction. */
	asm volatile goto("if %0 s< 0 goto %l[after]" : : "r"(ns) : : after);
	*(volatile __u64 *)&half[IPIMUX_SLOT_NS] += ns;
	bucket = ipimux_bucket(ns);
	asm volatile("%0 <<= 3\n\t%1 += %0" : "+r"(bucket), "+r"(half));
	(*half)++;
	return 0;
after:
	half[IPIMUX_NR_BUCKETS]++;
	return 0;
}

/* is_left_out - is what is handled now one of those that are not timed? Then it is counted so */
static __always_inline bool is_left_out(struct ipimux_waits *at)
{
	__u64 expected = at->expected;

	if (!(expected & at->skip))
		return false;
	at->expected = expected + 2;
	at->untimed++;
	return true;
}

/* take - counts how long a vIPI that is handled now has waited */
static __always_inline int take(struct ipimux_waits *at, __u64 now)
{
	__u64 expected = at->expected;
	__u64 stamp = expected_stamp(at, expected);

	at->expected = expected + 2;
	return is_expected(stamp) ? count_wait(at, stamp, now) : out_of_sync(at, now);
}

/*
 * take_some - the same of one in some
 *
 * Its stamp stays until the next that is timed, also where the numbers of sends and processes are
 * apart by some: then it is another send's. The last number that was taken tells: it is this one,
 * or that of a send that came since. (Where all are timed, a stamp is gone with the next but one.)
 */
static __always_inline int take_some(struct ipimux_waits *at, __u64 now)
{
	__u64 since = *(volatile __u64 *)&at->sets - at->expected;

	if (since == 2 || since == 4)
		return take(at, now);
	at->expected += 2;
	return out_of_sync(at, now);
}

/* The shape where it is no constant. */
static __always_inline struct ipimux_shape loaded_shape(void)
{
	return (struct ipimux_shape){
		.cpu_shift = shape.cpu_shift,
		.vipi_shift = shape.vipi_shift,
		.processed_shift = shape.processed_shift,
		.traffic_mask = shape.traffic_mask,
		.processed_mask = shape.processed_mask,
		.unmasked_mask = shape.unmasked_mask,
		.masked_mask = shape.masked_mask,
		.waits_mask = shape.waits_mask,
	};
}

/* The lowest of up to @nr vIPIs in a set that is not empty; BPF has no instruction for it. */
static __always_inline __u64 first_of(__u64 set, __u32 nr)
{
	__u64 vipi = 0;

	for (__u32 half = nr / 2; half; half /= 2) {
		if (!(set & ((1ULL << half) - 1))) {
			set >>= half;
			vipi += half;
			asm volatile("" : "+r"(set));
		}
	}
	return vipi;
}

/*
 * take_one - take(), out of line and not static: so the verifier looks at it once, and not
 * again for each way that it can be come to in the loop below
 */
__noinline int take_one(__u64 cpu, __u64 vipi, __u64 now)
{
	struct ipimux_shape any = loaded_shape();
	struct ipimux_waits *at = table_of(waits) + ipimux_waits_index(&any, cpu, vipi);

	if (is_left_out(at))
		return 0;
	return at->skip ? take_some(at, now) : take(at, now);
}

#endif /* COUNTING_H */
