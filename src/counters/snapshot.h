/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The counters at one instant, and what follows from two of them. Pure: reads
 * memory, never a file, a clock or the kernel.
 */
#ifndef SNAPSHOT_H
#define SNAPSHOT_H

#include <stdbool.h>
#include <linux/types.h>

#include "base/cpuset.h"
#include "counters/tables.h"
#include "bpf/ipimux.h"

/*
 * The tables of counters: the live ones, or a copy. A table that is not there is NULL. Each has
 * its number, and the name that bpf/ipimux.h gives it.
 */
struct counters {
	struct ipimux_shape shape;
	bool by_set;		/* processed counts sets, else bits */
	bool by_kprobe;		/* watched from outside (with doubts): by kprobes, else by fentry */
	unsigned int timed_one_in;	/* with waits: of so many one was timed; 0 and 1: all */
	union {
		__u64 *table[COUNTERS_NR_TABLES];
		struct {
#define IPIMUX_MEMBER(number, name, key, entry, ...) entry *name;
			IPIMUX_TABLES(IPIMUX_MEMBER)
			IPIMUX_PARTS(IPIMUX_MEMBER)
#undef IPIMUX_MEMBER
		};
	};
};

/* Can one wait in @number be timed? */
static inline bool counters__is_one_in(unsigned long long number)
{
	return number && number <= IPIMUX_MAX_ONE_IN && !(number & (number - 1));
}

/*
 * What the kernel itself counted as handled, [cpu * IPIMUX_MAX_VIPIS + vipi], modulo
 * 2^32: read before the counters and after them, or, in a difference, the least and
 * the most it can have been between the two snapshots.
 */
struct kernel_counts {
	bool known;
	__u32 *low;
	__u32 *high;
};

/*
 * The multiplexer's own words, [cpu], read while the counters of that CPU stood still: at
 * the edges of a run, and at each look in between. What they say needs no inference.
 */
struct words {
	bool known;		/* of this snapshot at all; then of each CPU: */
	__u32 *still;		/* [cpu] vIPIs of which nothing was counted meanwhile */
	__u32 *pending;
	__u32 *enabled;
};

/*
 * What is known of a CPU and vIPI at the edge of a run, where an instant is looked for at
 * which nothing is half counted.
 */
enum edge_state {
	EDGE_NONE = 0,	/* no edge, or recorded by a version that did not say */
	EDGE_QUIET,	/* nothing was counted from before a grace period of RCU to after it */
	EDGE_TYPICAL,	/* it was, and the same balance was found again and again, so too */
	EDGE_BUSY,	/* no such instant was found */
};

struct snapshot {
	__u64 time;		/* CLOCK_MONOTONIC, ns */
	__u64 wall_time;	/* CLOCK_REALTIME, ns */
	__u64 late;		/* ns after it should have been taken */
	__u64 missed;		/* events the kernel skipped since attach... */
	bool missed_unknown;	/* ...which is not for this process to know: then 0 */
	struct cpuset online;
	struct counters counters;
	struct kernel_counts kernel;
	struct words words;
	__u8 *edge;		/* [cpu << vipi_shift | vipi] enum edge_state */
	__u8 *arrivals;		/* [cpu] the same of parent IPIs on their way to it */
	__u32 *torn;		/* [cell of edge] events counted while it was copied, at most */
	bool ran_known;
	__u64 *ran;		/* [cpu] ns that the kernel has accounted to it, idle or not */
};

/*
 * The shape for CPUs 0..@last_cpu and vIPIs 0..@nr_vipis-1 (1..32), where processes are counted
 * @by_set (1..8 vIPIs only) or by bit.
 */
struct ipimux_shape counters__shape(unsigned int last_cpu, unsigned int nr_vipis, bool by_set);

/* A zeroed copy of the tables of @shape that are always there. Returns 0 or -ENOMEM. */
int snapshot__init(struct snapshot *snapshot, const struct ipimux_shape *shape, bool by_set);
/* Room for another table, too; for one in gaps of another, after that. Returns 0 or -ENOMEM. */
int snapshot__add(struct snapshot *snapshot, enum counters_table table);
/* And for each that @like has and @snapshot has not; both are watched alike. 0 or -ENOMEM. */
int snapshot__add_all(struct snapshot *snapshot, const struct counters *like);
void snapshot__free(struct snapshot *snapshot);

/* Points to a table in gaps of another, if that is there. */
void counters__add_part(struct counters *counters, enum counters_table table);

/*
 * Copies what concerns @cpu as a target (the sends to it and what it processed), its masks and
 * unmasks and, of each other table that both have, what it counted. What @to held of it must be
 * zeros or an older copy of @live.
 * Returns 0 if the copy of the tables that are copied together is of one instant: none of their
 * counters moved while it was read.
 * Returns -EAGAIN if they never stood still for that long; then each counter of
 * the copy is right by itself, but they are not of one instant.
 */
int counters__copy_cpu(struct counters *to, const struct counters *live, unsigned int cpu);

/*
 * The same where the live counters are somebody else's to map: @copy is one of all of them,
 * made table by table. Returns 0 if nothing differs from @to, which was copied from the
 * copy before: then it is of one instant. Else -EAGAIN.
 */
int counters__copy_copied(struct counters *to, const struct counters *copy, unsigned int cpu);

/* Of which of its vIPIs has nothing been counted since @copy was made of @live: as a set. */
__u32 counters__still(const struct counters *copy, const struct counters *live, unsigned int cpu);

/* Sends of @vipi to @cpu, how often @cpu handled, masked and unmasked it: each event adds one. */
__u64 counters__events(const struct counters *counters, unsigned int cpu, unsigned int vipi);

/* How often @cpu came up, as far as @counters know: it unmasks each of its first @nr_vipis then. */
__u64 counters__ups(const struct counters *counters, unsigned int cpu, unsigned int nr_vipis);

/* Events of @vipi on @cpu that were counted since @copy was made of @live. */
__u64 counters__moved(const struct counters *copy, const struct counters *live, unsigned int cpu,
		      unsigned int vipi);

/* How often @cpu processed. */
__u64 counters__calls(const struct counters *counters, unsigned int cpu);

/*
 * How many more parent IPIs @cpu was sent (raised sends to it, and its kicks) than it processed:
 * those on their way, and all that met another one.
 */
__s64 counters__arriving(const struct counters *counters, unsigned int cpu);

/* How often @cpu handled @vipi. */
__u64 counters__handled(const struct counters *counters, unsigned int cpu, unsigned int vipi);

/* How many sends of @vipi to @cpu have an uncertain outcome, or any other doubt: an accessor. */
static inline __u64 counters__doubts(const struct counters *counters, unsigned int cpu,
				     unsigned int vipi, enum ipimux_doubt doubt)
{
	return counters->doubts ?
	       counters->doubts[ipimux_doubts_index(&counters->shape, cpu, vipi, doubt)] : 0;
}

/* The same of all CPUs and vIPIs. */
__u64 counters__all_doubts(const struct counters *counters, enum ipimux_doubt doubt);

/* How the multiplexer was watched, as users name that: an accessor. */
static inline const char *counters__via(const struct counters *counters)
{
	if (!counters->doubts)
		return "tracepoint";
	return counters->by_kprobe ? "kprobe" : "fentry";
}

/*
 * How many more bits of @vipi were set on @cpu (raised and masked sends) than
 * were handled, in these counters.
 */
__s64 counters__balance(const struct counters *counters, unsigned int cpu, unsigned int vipi);

/*
 * How many more unmasks than masks of @vipi @cpu had; @counters has masks. These take turns, so at
 * any instant at which neither is half counted, this less the enabled bit is the same.
 */
__s64 counters__turns(const struct counters *counters, unsigned int cpu, unsigned int vipi);

/* @later - @earlier, counter by counter; times and missed events, too. */
void snapshot__subtract(struct snapshot *difference, const struct snapshot *later,
			const struct snapshot *earlier);

/* Only what the kernel counted: for a @later that learned more of it. */
void snapshot__subtract_kernel(struct snapshot *difference, const struct snapshot *later,
			       const struct snapshot *earlier);

#endif /* SNAPSHOT_H */
