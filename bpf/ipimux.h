/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the BPF programs and user space agree on: the layout of the counters.
 * It is written down here once; both sides index through the functions below.
 *
 * Before it is included, __u32 and __u64 must be known (vmlinux.h in BPF,
 * linux/types.h in user space).
 */
#ifndef IPIMUX_H
#define IPIMUX_H

/* The mux's words are 32 bits wide. */
#define IPIMUX_MAX_VIPIS	32

/* Up to this many vIPIs, a process is counted by the set it handled. */
#define IPIMUX_MAX_SET_VIPIS	8

/*
 * What a send found: was the bit pending already (bit 0), was the vIPI disabled
 * on the target (bit 1). There is no other outcome.
 */
enum ipimux_outcome {
	IPIMUX_RAISED			= 0,
	IPIMUX_COALESCED		= 1,
	IPIMUX_MASKED			= 2,
	IPIMUX_COALESCED_WHILE_MASKED	= 3,
	IPIMUX_NR_OUTCOMES
};

/* What an unmask found; a kick is an unmask that found its bit pending. */
enum ipimux_unmask {
	IPIMUX_UNMASK_PLAIN	= 0,
	IPIMUX_UNMASK_KICK	= 1,
	IPIMUX_NR_UNMASKS
};

/*
 * What a mask found, and what came of it: a vIPI is masked and unmasked in turns, and not
 * handled between a mask and its unmask. The last counts those that were all the same.
 */
enum ipimux_mask {
	IPIMUX_MASK_PLAIN	= 0,
	IPIMUX_MASK_PENDING	= 1,
	IPIMUX_MASK_HANDLED	= 2,
	IPIMUX_MASK_WRONG	= 3,	/* masks and unmasks that left the enabled word as it was */
	IPIMUX_NR_MASKS
};

/*
 * What comes too late to be right: a handler that had not started when the next process began
 * on its CPU, a parent IPI that was not raised when its CPU sent the next vIPI, and a process
 * that went by an enabled word which its CPU has changed since.
 */
enum ipimux_late {
	IPIMUX_LATE_HANDLER	= 0,
	IPIMUX_LATE_RAISE	= 1,
	IPIMUX_LATE_ENABLED	= 2,
	IPIMUX_NR_LATE
};

/*
 * What is not certain of sends where they are watched from outside of the mux, see
 * fentry.bpf.c: those whose outcome may be another one, and those whose outcome was not
 * the one that the target's words had foretold.
 */
enum ipimux_doubt {
	IPIMUX_UNCERTAIN	= 0,
	IPIMUX_MISPREDICTED	= 1,
	IPIMUX_NR_DOUBTS
};

/*
 * A CPU's slab of the processed table, where there are too many vIPIs to count
 * by sets: how often each vIPI was handled, then how often a process handled
 * 0, 1, 2, ... 32 of them, or some, where nobody knows how many.
 */
#define IPIMUX_BITS_HANDLED	0
#define IPIMUX_BITS_BATCH	IPIMUX_MAX_VIPIS
#define IPIMUX_BITS_SOME	(IPIMUX_BITS_BATCH + IPIMUX_MAX_VIPIS + 1)
#define IPIMUX_BITS_SHIFT	7

/*
 * How a vIPI waited, from the send that set its bit to its process: raised, or masked at
 * first.
 */
enum ipimux_wait_kind {
	IPIMUX_WAIT_RAISED	= 0,
	IPIMUX_WAIT_MASKED	= 1,
	IPIMUX_NR_WAIT_KINDS
};

/*
 * Waits are counted by their length in buckets: IPIMUX_LINEAR_BUCKETS of 32 ns each, then
 * as many for each power of two, so that the middle of a bucket is at most 12.5 % off from
 * 100 ns on. The last bucket has all waits of 2^37 ns (137 s) and longer.
 */
#define IPIMUX_BUCKET_UNIT_SHIFT	5
#define IPIMUX_BUCKET_SHIFT		3
#define IPIMUX_LINEAR_BUCKETS		(1U << IPIMUX_BUCKET_SHIFT)
#define IPIMUX_NR_BUCKETS		(30 * IPIMUX_LINEAR_BUCKETS + 1)

/*
 * The waits of a vIPI on a CPU, by kind and bucket; behind the last bucket those whose stamp
 * is of a time after the process. Each half is 256 numbers.
 */
struct ipimux_waits {
	__u64 raised[IPIMUX_NR_BUCKETS + 1];
	__u64 raised_ns;	/* of all that are timed, together */
	__u64 skip;		/* bits of a doubled number, any of which says: not timed */
	__u64 spare[4];

	/*
	 * How they are timed, see send_timed() in ipimux.bpf.c: nothing to show. The first
	 * two are the senders', the others the target's.
	 */
	__u64 sets;		/* the number of the next send that sets its bit, doubled */
	__u64 stamp[2];		/* of the last two that set it: see IPIMUX_STAMP_... */
	__u64 expected;		/* the number that the next process should find, doubled */
	__u64 off_at;		/* expected after the last process that did not find it */
	__u64 sync_at;		/* when to believe sets instead, if it stays so */

	__u64 seen;		/* how much the kernel had handled then, where that numbers them */
	__u64 untimed;		/* handled, but not timed */

	__u64 masked[IPIMUX_NR_BUCKETS + 1];
	__u64 masked_ns;
	__u64 spare_at_the_end[13];
};

/* The same as numbers: [kind][slot], and the slots of the ns and of untimed. */
#define IPIMUX_SLOT_SHIFT	8
#define IPIMUX_SLOT_NS		(IPIMUX_NR_BUCKETS + 1)
#define IPIMUX_SLOT_UNTIMED	255

/*
 * A stamp is the time in ns, shifted, XORed with the doubled number and whether it was masked:
 * what the target takes the number for shows in its lowest bits, in all but one whether it is
 * that. The first number is 1, or what was never stamped would look like it.
 * The time wraps in 104 days. Sets take turns at the two stamps, by the lowest bit of their
 * number, so that one that follows at once leaves the one before it where it is.
 */
#define IPIMUX_STAMP_TIME_SHIFT		11
#define IPIMUX_FIRST_NUMBER		(1 << 1)
/*
 * Where one wait in N is timed, N being a power of two, it is that of each number that N divides:
 * skip has the bits below. Up to this N, a stamp tells that number from the three before it.
 */
#define IPIMUX_MAX_ONE_IN		256
/* In place of a time: fits no number. */
#define IPIMUX_NO_STAMP			(1 << 1)

/*
 * The size of the machine, set before the programs are loaded. Strides are
 * powers of two so that an index is made of shifts, and one mask per table
 * shows the verifier that it is in bounds.
 */
struct ipimux_shape {
	__u32 cpu_shift;	/* 1 << cpu_shift CPUs, the highest id included */
	__u32 vipi_shift;	/* 1 << vipi_shift vIPIs */
	__u32 processed_shift;	/* 1 << processed_shift counters a CPU */
	__u32 traffic_mask;	/* number of counters in each table, less one */
	__u32 processed_mask;
	__u32 unmasked_mask;
	__u32 masked_mask;
	__u32 waits_mask;
};

/*
 * Machines of RISC-V's 8 vIPIs and up to 1 << IPIMUX_MAX_SIZE CPUs have programs made
 * for their size, see bpf/ipimux.bpf.c; all others share the general ones.
 */
#define IPIMUX_SIZE_VIPI_SHIFT	3
#define IPIMUX_MAX_SIZE		9

#define IPIMUX_OUTCOME_SHIFT	2
#define IPIMUX_UNMASK_SHIFT	1
#define IPIMUX_WAIT_SHIFT	1
#define IPIMUX_DOUBT_SHIFT	1
#define IPIMUX_MASK_SHIFT	2
#define IPIMUX_LATE_SHIFT	2

/*
 * Each table of counters, described here once, in a line. All that is done with every table goes
 * by these lines, see src/counters/tables.h: sizes, maps, copies, differences, pins, recordings.
 *
 * All tables count in 64 bits from the moment the programs are attached and are never reset. Each
 * CPU writes only its own slabs, except in doubts, which senders share, so there it is atomic.
 * A table is laid out dimension within dimension, the last one without a gap, the size of each a
 * power of two.
 *
 *	name	in capitals for its number; the BPF variable, its section (.data.NAME), its pin, and
 *		its member of struct counters
 *	key	what recordings call it
 *	entry	what the variable is an array of: one __u64, or several in a struct
 *	when	it is there: COUNTED_... in tables.h
 *	copied	in which step of a copy: COPIED_... in tables.h
 *	unit	what is counted: UNIT_... in tables.h
 *	index	what it runs over, outermost first: DIMENSION_... in tables.h. The first is the CPU
 *		that counts; where a second CPU follows, that is the target
 *
 * traffic has sends; processed has process calls, by the set that each handled or, with more than
 * 8 vIPIs, in slots (IPIMUX_BITS_...); waits has handled vIPIs by how long they waited; doubts has
 * sends, and is only there without tracepoints. With --verify, what the kernel does below and above
 * the mux: parents has parent IPIs that a CPU raised, started has handlers that were started, late
 * has times that one of enum ipimux_late was found missing.
 */
#define IPIMUX_TABLES(TABLE)									\
	TABLE(TRAFFIC, traffic, "traffic", __u64, ALWAYS, TOGETHER, EVENTS,			\
	      CPU, CPU, VIPI, OUTCOME)								\
	TABLE(PROCESSED, processed, "processed", __u64, ALWAYS, TOGETHER, EVENTS,		\
	      CPU, PROCESSED)									\
	TABLE(UNMASKED, unmasked, "unmasked", __u64, ALWAYS, TOGETHER, EVENTS,			\
	      CPU, VIPI, UNMASK)								\
	TABLE(WAITS, waits, "waits", struct ipimux_waits, LATENCY, AFTER, EVENTS,		\
	      CPU, VIPI, WAIT, SLOT)								\
	TABLE(DOUBTS, doubts, "doubts", __u64, OUTSIDE, AFTER, EVENTS, CPU, VIPI, DOUBT)	\
	TABLE(MASKED, masked, "masked", __u64, MASKS, TOGETHER, EVENTS,				\
	      CPU, VIPI, MASK)									\
	TABLE(PARENTS, parents, "parents", __u64, VERIFY, AFTER, EVENTS, CPU)			\
	TABLE(STARTED, started, "started", __u64, VERIFY, AFTER, EVENTS, CPU, VIPI)		\
	TABLE(LATE, late, "overdue", __u64, VERIFY, AFTER, EVENTS, CPU, LATE)

/*
 * Tables that are kept in gaps of another one's entries, where their counters are at hand: in all
 * else a table as the others are. None of them has a variable, a section or a pin of its own.
 *
 *	host	the table that it is in, by its number; it is there when and copied as that one
 *	first	the place of its first counter there
 *	apart	the next is 1 << apart places behind it
 *
 * waited has the time that all timed waits of a kind took together.
 */
#define IPIMUX_PARTS(PART)									\
	PART(WAITED, waited, "waited", __u64, WAITS, IPIMUX_SLOT_NS, IPIMUX_SLOT_SHIFT, NS,	\
	     CPU, VIPI, WAIT)

/* To be raised when these lines, or what is counted in a table, come to mean something else. */
#define IPIMUX_LAYOUT	9

static inline __u64 ipimux_traffic_index(const struct ipimux_shape *shape,
					 __u64 sender, __u64 target, __u64 vipi, __u64 outcome)
{
	__u64 pair = sender << shape->cpu_shift | target;

	return ((pair << shape->vipi_shift | vipi) << IPIMUX_OUTCOME_SHIFT | outcome) &
	       shape->traffic_mask;
}

static inline __u64 ipimux_processed_index(const struct ipimux_shape *shape,
					   __u64 cpu, __u64 slot)
{
	return (cpu << shape->processed_shift | slot) & shape->processed_mask;
}

static inline __u64 ipimux_unmasked_index(const struct ipimux_shape *shape,
					  __u64 cpu, __u64 vipi, __u64 kick)
{
	return ((cpu << shape->vipi_shift | vipi) << IPIMUX_UNMASK_SHIFT | kick) &
	       shape->unmasked_mask;
}

static inline __u64 ipimux_masked_index(const struct ipimux_shape *shape,
					__u64 cpu, __u64 vipi, __u64 kind)
{
	return ((cpu << shape->vipi_shift | vipi) << IPIMUX_MASK_SHIFT | kind) &
	       shape->masked_mask;
}

static inline __u64 ipimux_parents_index(const struct ipimux_shape *shape, __u64 cpu)
{
	return cpu & ((1ULL << shape->cpu_shift) - 1);
}

static inline __u64 ipimux_late_index(const struct ipimux_shape *shape, __u64 cpu, __u64 kind)
{
	return (cpu << IPIMUX_LATE_SHIFT | kind) &
	       ((1ULL << (shape->cpu_shift + IPIMUX_LATE_SHIFT)) - 1);
}

/* As large as the table of unmasks. */
static inline __u64 ipimux_doubts_index(const struct ipimux_shape *shape,
					__u64 target, __u64 vipi, __u64 kind)
{
	return ipimux_unmasked_index(shape, target, vipi, kind);
}

static inline __u64 ipimux_waits_index(const struct ipimux_shape *shape, __u64 cpu, __u64 vipi)
{
	return (cpu << shape->vipi_shift | vipi) & shape->waits_mask;
}

static inline __u64 ipimux_waited_index(const struct ipimux_shape *shape, __u64 cpu, __u64 vipi,
					__u64 kind)
{
	return (ipimux_waits_index(shape, cpu, vipi) << IPIMUX_WAIT_SHIFT | kind) <<
	       IPIMUX_SLOT_SHIFT;
}

/* As many as there are vIPIs of CPUs. */
static inline __u64 ipimux_started_index(const struct ipimux_shape *shape, __u64 cpu, __u64 vipi)
{
	return ipimux_waits_index(shape, cpu, vipi);
}

/*
 * The bucket of a wait of @ns, of less than none behind the last: from 256 ns on its highest
 * four bits, and how far they were shifted. A search for that by halves, each branch with
 * constants of its own, takes half the instructions of a loop.
 */
#define IPIMUX_OCTAVE(n) \
	return (ns >> ((n) + IPIMUX_BUCKET_UNIT_SHIFT)) + ((n) << IPIMUX_BUCKET_SHIFT)
#define IPIMUX_BELOW(n)	(ns < 1ULL << ((n) + IPIMUX_BUCKET_UNIT_SHIFT + IPIMUX_BUCKET_SHIFT))
#define IPIMUX_2_OCTAVES(n)	if (IPIMUX_BELOW((n) + 1)) \
					IPIMUX_OCTAVE(n); \
				IPIMUX_OCTAVE((n) + 1)
#define IPIMUX_4_OCTAVES(n)	if (IPIMUX_BELOW((n) + 2)) { IPIMUX_2_OCTAVES(n); } \
				IPIMUX_2_OCTAVES((n) + 2)
#define IPIMUX_8_OCTAVES(n)	if (IPIMUX_BELOW((n) + 4)) { IPIMUX_4_OCTAVES(n); } \
				IPIMUX_4_OCTAVES((n) + 4)
static inline __attribute__((always_inline)) __u64 ipimux_bucket(__u64 ns)
{
	/* The shortest way for what most wait, up to 65 us. */
	if (IPIMUX_BELOW(8)) {
		IPIMUX_8_OCTAVES(0);
	}
	if (IPIMUX_BELOW(16)) {
		IPIMUX_8_OCTAVES(8);
	}
	if (IPIMUX_BELOW(24)) {
		IPIMUX_8_OCTAVES(16);
	}
	if (IPIMUX_BELOW(29)) {
		IPIMUX_8_OCTAVES(24);
	}
	return (__s64)ns < 0 ? IPIMUX_NR_BUCKETS : IPIMUX_NR_BUCKETS - 1;
}
#undef IPIMUX_OCTAVE
#undef IPIMUX_BELOW
#undef IPIMUX_2_OCTAVES
#undef IPIMUX_4_OCTAVES
#undef IPIMUX_8_OCTAVES

#endif /* IPIMUX_H */
