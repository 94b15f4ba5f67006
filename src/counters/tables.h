/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tables of counters as data, for whoever does something with each of them: what
 * bpf/ipimux.h says of a table, and what follows for a machine's shape. Holds no counter.
 */
#ifndef TABLES_H
#define TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

#include "machine/machine.h"
#include "bpf/ipimux.h"

/* A table's number: its place in IPIMUX_TABLES, or behind them in IPIMUX_PARTS. */
enum counters_table {
#define IPIMUX_NUMBER(NUMBER, ...) COUNTERS_##NUMBER,
	IPIMUX_TABLES(IPIMUX_NUMBER)
	IPIMUX_PARTS(IPIMUX_NUMBER)
#undef IPIMUX_NUMBER
	COUNTERS_NR_TABLES
};

/* When a table is there. Pins keep the snapshot of their attach in this order. */
enum table_when {
	COUNTED_ALWAYS,
	COUNTED_MASKS,		/* where the kernel has events of masks */
	COUNTED_OUTSIDE,	/* where the mux is watched from outside: fentry, kprobe */
	COUNTED_LATENCY,	/* where waits are timed; the last that is pinned */
	COUNTED_VERIFY,		/* with --verify, in programs of its own: never pinned */
	COUNTED_NR
};

/* Several of these: a bit each. */
#define COUNTED(when)	(1U << COUNTED_##when)

/* When a table is copied. What is copied together is of one instant, see counters__copy_cpu(). */
enum table_copied {
	COPIED_TOGETHER,	/* again and again, until none of it moves */
	COPIED_AFTER,		/* counted besides the rest: once that is copied */
};

/* What a table counts. */
enum table_unit {
	UNIT_EVENTS,
	UNIT_NS,		/* time */
	UNIT_NR
};

/* What the index of a table runs over. The end of a table's list is 0. */
enum table_dimension {
	DIMENSION_CPU = 1,
	DIMENSION_VIPI,
	DIMENSION_OUTCOME,	/* enum ipimux_outcome */
	DIMENSION_UNMASK,	/* enum ipimux_unmask */
	DIMENSION_PROCESSED,	/* a set of vIPIs, or a slot of IPIMUX_BITS_... */
	DIMENSION_WAIT,		/* enum ipimux_wait_kind */
	DIMENSION_SLOT,		/* a bucket of waits, or IPIMUX_SLOT_UNTIMED */
	DIMENSION_DOUBT,	/* enum ipimux_doubt */
	DIMENSION_MASK,		/* enum ipimux_mask */
	DIMENSION_LATE,		/* enum ipimux_late */
};

#define TABLE_MAX_DIMENSIONS	4

struct table {
	const char *name;	/* of the BPF variable and the pin */
	const char *key;	/* in recordings */
	enum table_when when;
	enum table_copied copied;
	enum table_unit unit;
	enum table_dimension dimensions[TABLE_MAX_DIMENSIONS + 1];

	/*
	 * Is it in gaps of another one? Then its memory is the host's, and whoever does something
	 * with all memory of the host has done it with this table, too.
	 */
	bool within;
	enum counters_table host;
	unsigned int first;	/* see IPIMUX_PARTS */
	unsigned int apart;	/* of each table: its counters are 1 << apart numbers apart */
};

extern const struct table tables[COUNTERS_NR_TABLES];

/* How many counters there are in @table, for all coordinates and the gaps between them. */
size_t table__size(const struct table *table, const struct ipimux_shape *shape);

/*
 * Where a copy of what concerns a CPU finds it in a table: slabs of @size counters, from @start on,
 * each @stride behind the one before.
 */
struct table_slabs {
	size_t start, size, stride;
	unsigned int nr;
};

struct table_slabs table__slabs(const struct table *table, const struct ipimux_shape *shape,
				unsigned int cpu);

/*
 * Coordinates to index and back; they are @shape's, gaps included. The counter of an index is at
 * index << table->apart. Return how many coordinates there are.
 */
unsigned int table__index(const struct table *table, const struct ipimux_shape *shape,
			  const __u64 *at, size_t *index);
unsigned int table__coordinates(const struct table *table, const struct ipimux_shape *shape,
				size_t index, __u64 *at);

/* Does this machine have such a CPU, vIPI, ...? */
bool dimension__has(enum table_dimension dimension, const struct machine *machine, bool by_set,
		    __u64 at);

/* "CPU", "vIPI", ..., for people. */
const char *dimension__name(enum table_dimension dimension);

#endif /* TABLES_H */
