/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What writer and reader of a recording agree on besides the tables (counters/tables.h): names
 * and limits. Reads and writes nothing.
 */
#ifndef RECORDING_FORMAT_H
#define RECORDING_FORMAT_H

#include "counters/snapshot.h"
#include "machine/machine.h"

#define RECORDING_NAME		"ipimux-trace"
#define RECORDING_VERSION	1

/*
 * All that is counted in all tables together: more than any machine gets to, and little
 * enough that no sum of it overflows.
 */
#define RECORDING_MAX_EVENTS	(1ULL << 56)

/* And all time, in ns, in the tables of time: more than any machine waits, and for no more sum. */
#define RECORDING_MAX_NS	(1ULL << 62)

/* The tables' shape for a machine whose counters were by set, or by bit. */
struct ipimux_shape recording__shape(const struct machine *machine, bool by_set);

#endif /* RECORDING_FORMAT_H */
