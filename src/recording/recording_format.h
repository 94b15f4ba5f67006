/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What writer and reader of a recording agree on: names, limits, and how a counter in
 * a table is told by its coordinates. Reads and writes nothing.
 */
#ifndef RECORDING_FORMAT_H
#define RECORDING_FORMAT_H

#include "analysis/snapshot.h"
#include "machine/machine.h"

#define RECORDING_NAME		"ipimux-trace"
#define RECORDING_VERSION	1

/*
 * All that is counted in all tables together: more than any machine gets to, and little
 * enough that no sum of it overflows.
 */
#define RECORDING_MAX_EVENTS	(1ULL << 56)

#define RECORDING_MAX_DIMENSIONS 4

/* What the index of a table runs over. The end of a table's list is 0. */
enum recording_dimension {
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

/*
 * A table of counters. It is laid out as all are in bpf/ipimux.h: dimension within
 * dimension, the last one without a gap, the size of each a power of two.
 */
struct recording_table {
	const char *name;
	size_t counters;	/* where struct snapshot points to it; NULL: was not counted */
	bool optional;		/* may be missing in a recording... */
	enum counters_table which;	/* ...and is this one then */
	enum recording_dimension dimensions[RECORDING_MAX_DIMENSIONS + 1];
};

#define RECORDING_NR_TABLES 9
extern const struct recording_table recording_tables[RECORDING_NR_TABLES];

/* The tables' shape for a machine whose counters were by set, or by bit. */
struct ipimux_shape recording__shape(const struct machine *machine, bool by_set);

/* The counters of a table, in a snapshot that has it, else NULL. */
__u64 *recording__counters(const struct recording_table *table, const struct snapshot *snapshot);

/* How many counters there are in @table, for all coordinates and the gaps between them. */
size_t recording__size(const struct recording_table *table, const struct ipimux_shape *shape);

/* Coordinates to index and back; they are @shape's, gaps included. Return how many they are. */
unsigned int recording__index(const struct recording_table *table,
			      const struct ipimux_shape *shape, const __u64 *at, size_t *index);
unsigned int recording__coordinates(const struct recording_table *table,
				    const struct ipimux_shape *shape, size_t index, __u64 *at);

/* Does this machine have such a CPU, vIPI, ...? */
bool recording__exists(enum recording_dimension dimension, const struct machine *machine,
		       bool by_set, __u64 at);

/* "CPU", "vIPI", ..., for people. */
const char *recording__dimension_name(enum recording_dimension dimension);

#endif /* RECORDING_FORMAT_H */
