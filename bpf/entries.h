/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What entries.bpf.c, or kprobes.bpf.c, and user space agree on besides the tables of ipimux.h: how
 * the mux of a kernel without tracepoints is watched at the entries of its functions. Include
 * ipimux.h before it.
 */
#ifndef ENTRIES_H
#define ENTRIES_H

/* RISC-V has that many vIPIs; a mux of more is watched by fentry.bpf.c. */
#define ENTRIES_VIPI_SHIFT	3
#define ENTRIES_NR_VIPIS	(1 << ENTRIES_VIPI_SHIFT)

/* Machines of up to 1 << that many CPUs have programs of their size, all others share one. */
#define ENTRIES_MAX_SIZE	6

/*
 * A send that was noted, until its raise is seen. All addresses here and below are differences to
 * that of the table of struct entries_cpu: programs may use these as numbers.
 */
struct entries_send {
	__u64 at;	/* where its arguments were on the stack, and ENTRIES_FORETOLD; 0: none */
	__u64 cell;	/* sender, target and vIPI, as traffic has them; from bit 32 the changes */
};

/* It is not counted, because its raise will come; without this, it is counted as coalesced. */
#define ENTRIES_FORETOLD	1

/*
 * It is found by where its arguments are on the stack: by 6 bits of that. Two that are under way
 * on a CPU, one in an interrupt of the other, are on different stacks or places of one.
 */
#define ENTRIES_SENDS		64
#define ENTRIES_SEND_SHIFT	4
#define ENTRIES_PLACES		4	/* where it may be, if the first is taken */
#define ENTRIES_SENDS_MASK	((ENTRIES_SENDS - 1) << ENTRIES_SEND_SHIFT)

/* How far above the arguments of a raise those of its send may be: a few frames, in bytes. */
#define ENTRIES_MAX_DISTANCE	4096
/* In place of a distance: no send is where it leads to. */
#define ENTRIES_NO_DISTANCE	4
/* As many raises in a row have to agree on it. */
#define ENTRIES_VOTES		3

/* What the programs know of a CPU. Nobody else is to read this: it has addresses. */
struct entries_cpu {
	/* Constants, set before anything is attached; addresses, except masks and rows. */
	__u64 words;		/* its pending and enabled word */
	__u64 masks;		/* where cpumask_of(0) is, as a difference; of CPU 0's only... */
	__u64 mask_shift;	/* ...that of a CPU is (8 << this) bytes behind the one before... */
	__u64 rows;		/* ...and where the first mask is of all that have one CPU */
	__u64 short_masks, short_rows;	/* the same, or nowhere: then all sends go the long way */
	__u64 self;		/* of all this: what differences are to; of CPU 0's only */
	__u64 offset;		/* of this CPU's own data in the kernel */
	__u64 active;		/* how often the program of sends runs on this CPU (32 bits) */
	__u64 counts[ENTRIES_NR_VIPIS];	/* how often the kernel handled it (32 bits) */

	__u64 taken;		/* words, or nothing: then the next process goes the long way */
	__u64 nothing;		/* no bit is pending here */
	__u64 changes;		/* how often its enabled word changed, << 32 */
	__u64 found, empty;	/* processes that found something, and that did not */

	/* From the arguments of a raise to those of its send, plus ENTRIES_FORETOLD. */
	__u64 distance;
	__u64 kept_distance;	/* while it unmasks: that, and whether a raise was seen */
	__u32 unmasking, kicked, unmask_found;

	/*
	 * The last process found nothing when it began: it was empty, or a bit came just then; it
	 * is in neither of found and empty.
	 */
	__u32 suspect;
	__u32 suspect_handled;	/* how much the kernel had handled on this CPU then */
	__u32 settled;		/* sends that turned out not to raise, see settle_send() */
	__u32 masked_within;	/* vIPIs that were masked in an interrupt, see end_mask() */
	__u32 silent;		/* it goes, or comes: the kernel does not show its raises */

	/* While that is not known: the send that began last; what was found, and how often. */
	__u64 last;
	__u32 learning, votes;	/* of CPU 0's only, also the candidate */
	__u64 candidate;

	/*
	 * By kprobe, which sees a mask or an unmask only when it begins: of vIPIs, the last was
	 * that.
	 */
	__u32 closing, opening;
	__u64 process_time;	/* ns, when the last process began; where waits are timed */
	__u32 handled;		/* handlers of vIPIs that started */
	__u32 slots;		/* where each level has its call, see slot_of() */
	/* Where events are passed on: what the process under way has handled, its words before. */
	__u32 handled_now, spare;
	__u64 process_words;
	__u64 unmask_time;	/* ns, when the unmask under way began; 0: none */

	__u64 gap[99 - ENTRIES_NR_VIPIS];
	struct entries_send sends[ENTRIES_SENDS];
};

/* Programs find a CPU's by a shift. */
#define ENTRIES_CPU_SHIFT	11
_Static_assert(sizeof(struct entries_cpu) == 1 << ENTRIES_CPU_SHIFT, "as the programs index it");

/* Calls that are rare: to several CPUs, with a mask of their own, to a disabled vIPI. */
#define ENTRIES_LEVELS		4	/* of a task, in a softirq, in an interrupt; one is none */
#define ENTRIES_LEVEL_SHIFT	2

struct entries_call {
	__u64 at;		/* as that of a send; 0: none */
	__u32 vipi;
	__u32 nr_targets;
	__u32 nr_candidates;	/* targets that a raise is possible for: those not masked */
	__u32 raises;		/* seen so far */
	__u64 number;		/* of calls at this level, to tell one from the next */
	__u64 time;		/* ns, when it began; where events are passed on */
	__u32 left;		/* targets whose raise was foretold and has not come */
	__u32 settling;		/* what came of it is being counted just now */
};

/*
 * What there is to know of each target of such a call: the outcome that was foretold; that a raise
 * was taken for its; that an outcome was counted. Above, how often its enabled word had changed.
 */
#define ENTRIES_OUTCOME		3
#define ENTRIES_RAISED		(1 << 2)
#define ENTRIES_COUNTED		(1 << 3)
#define ENTRIES_UNCERTAIN	(1 << 4)	/* and that is in doubt */
#define ENTRIES_CHANGES_SHIFT	8

/* The tail calls: where a program leaves the rest to. */
#define ENTRIES_LONG_WAY	0

/* Of a masked vIPI: a send set its bit; it was pending when it was masked, or nobody knows. */
#define ENTRIES_CLAIMED			1
#define ENTRIES_PENDING_WHEN_MASKED	2

/* How raises of the parent IPI are seen. */
enum entries_parent {
	ENTRIES_PARENT_SBI,		/* that one was raised, but not for which CPU */
	ENTRIES_PARENT_FUNCTION,	/* the function that raises it for a CPU is traced */
};

/* Constants, set before the programs are loaded. */
struct entries_settings {
	__u32 parent;		/* enum entries_parent */
	__u32 nr_vipis;
	__u32 nr_words;		/* of 64 CPUs each, in a copy of a CPU mask... */
	__u32 mask_words;	/* ...and in the kernel's, as far as there are CPUs */
	__u32 word_cpus;	/* or of less, if there are less */
	__u32 cpus_mask;	/* numbers of entries in tables, less one */
	__u32 calls_mask;
	__u32 targets_mask;
	__u32 masks_mask;
	__u32 rows_mask;
	__u32 virq[ENTRIES_NR_VIPIS];	/* the interrupts of vIPIs */
	/* Addresses. */
	__u64 descs;		/* pointers to the struct irq_desc of each vIPI */
	__u64 first_mask;	/* that of row 0 */
};

/* In rows: a mask of no CPU that there is. */
#define ENTRIES_NO_TARGET	(~0ULL)

/* What readers of pinned counters may know. */
struct entries_notes {
	__u64 unattributed;	/* raises of which the send is not known */
	__u32 base[ENTRIES_NR_VIPIS];	/* what the kernel had handled when counting began */
	__u64 spare[3];
};

#endif /* ENTRIES_H */
