// SPDX-License-Identifier: GPL-2.0-only
/* What --verify compares, at the edge of a run, see probe_own.h. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include "probe/probe_own.h"

/* Tries to find a difference twice in a row, how often that is to be so, and rounds of all that. */
#define COMPARE_TRIES	200
#define COMPARE_PAIRS	8
#define COMPARE_ROUNDS	6
#define NO_DIFFERENCE	INT64_MAX

/* read_later - a counter that is counted after those that are read next */
static __u64 read_later(const __u64 *counter)
{
	__u64 value = *(const volatile __u64 *)counter;

	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return value;
}

/*
 * owed - by how much more @cpu has raised in sends and kicks than parent IPIs, in @counters
 *
 * Parent IPIs follow, so they are read before: what happens meanwhile makes it more, never less.
 */
static __s64 owed(const struct counters *counters, unsigned int cpu, unsigned int unused)
{
	const struct ipimux_shape *shape = &counters->shape;
	__u64 parents = read_later(counters->parents + ipimux_parents_index(shape, cpu));
	__s64 sum = 0;

	for (unsigned int target = 0; target >> shape->cpu_shift == 0; target++)
		for (unsigned int vipi = 0; vipi >> shape->vipi_shift == 0; vipi++)
			sum += *(volatile __u64 *)(counters->traffic +
				ipimux_traffic_index(shape, cpu, target, vipi, IPIMUX_RAISED));
	for (unsigned int vipi = 0; vipi >> shape->vipi_shift == 0; vipi++)
		sum += *(volatile __u64 *)(counters->unmasked +
			ipimux_unmasked_index(shape, cpu, vipi, IPIMUX_UNMASK_KICK));
	return sum - parents;
}

/* unstarted - how often @vipi was taken on @cpu without a start of its handler, in @counters */
static __s64 unstarted(const struct counters *counters, unsigned int cpu, unsigned int vipi)
{
	__u64 started = read_later(counters->started +
				   ipimux_started_index(&counters->shape, cpu, vipi));

	return counters__handled(counters, cpu, vipi) - started;
}

/*
 * The tables that are compared with others: by how much they differ, at a CPU and vIPI. What it
 * reads moves.
 */
typedef __s64 (*differ_fn)(const struct counters *, unsigned int cpu, unsigned int vipi);
static const differ_fn compared[COUNTERS_NR_TABLES] = {
	[COUNTERS_PARENTS] = owed, [COUNTERS_STARTED] = unstarted,
};

/* refresh - what was handled, where that is compared: parent IPIs are with what programs count */
static void refresh(const struct probe *probe, differ_fn differ, unsigned int cpu)
{
	if (differ == unstarted)
		probe__refresh(probe, cpu, cpu);
}

/*
 * settle_pair - makes @counter of the copy fit what it is compared with there
 *
 * The copy has the two at different instants. But by how much they differ is the same at any
 * instant, except that the one is counted before the other follows, and read after it: so the
 * least that is found twice in a row, several times, is the difference; or, if none is, the
 * least of all. @difference: the least so far.
 */
static void settle_pair(const struct probe *probe, struct snapshot *snapshot, __u64 *counter,
			__s64 *difference, differ_fn differ, unsigned int cpu, unsigned int vipi)
{
	__s64 least = NO_DIFFERENCE, any = NO_DIFFERENCE;
	int found = 0;

	for (int try = 0; try < COMPARE_TRIES && found < COMPARE_PAIRS; try++) {
		__s64 once;

		refresh(probe, differ, cpu);
		once = differ(&probe->live, cpu, vipi);
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		any = once < any ? once : any;
		refresh(probe, differ, cpu);
		if (differ(&probe->live, cpu, vipi) != once)
			continue;
		found++;
		least = once < least ? once : least;
	}
	least = found ? least : any;
	if (least < *difference)
		*difference = least;
	*counter = 0;
	*counter = differ(&snapshot->counters, cpu, vipi) - *difference;
}

/* settle_table - the same for all of a table; its index is a CPU, or a CPU and vIPI */
static void settle_table(const struct probe *probe, struct snapshot *snapshot,
			 enum counters_table table, __s64 *differences)
{
	const struct ipimux_shape *shape = &snapshot->counters.shape;
	size_t size = table__size(&tables[table], shape);

	for (size_t i = 0; i < size; i++) {
		__u64 at[TABLE_MAX_DIMENSIONS] = {};

		table__coordinates(&tables[table], shape, i, at);
		if (at[0] < probe->nr_cpus && at[1] < probe->nr_vipis)
			settle_pair(probe, snapshot, snapshot->counters.table[table] + i,
				    differences + i, compared[table], at[0], at[1]);
	}
}

/*
 * probe__settle_compared - the same for all that --verify compares
 *
 * Before a grace period and after it: what was stopped between the one and the other, by a
 * hypervisor, has gone on then. And some more times: in traffic another one may be stopped, and the
 * least of all looks is the difference.
 */
int probe__settle_compared(const struct probe *probe, struct snapshot *snapshot)
{
	static const struct timespec pause = { .tv_nsec = SETTLE_PAUSE_NS };
	const struct counters *copy = &snapshot->counters;
	__s64 *differences[COUNTERS_NR_TABLES] = {};
	bool any = false;
	int err = 0;

	for (int table = 0; table < COUNTERS_NR_TABLES && !err; table++) {
		size_t size = table__size(&tables[table], &copy->shape);

		if (!compared[table] || !copy->table[table])
			continue;
		differences[table] = malloc(size * sizeof(**differences));
		err = differences[table] ? 0 : -ENOMEM;
		for (size_t i = 0; i < size && !err; i++)
			differences[table][i] = NO_DIFFERENCE;
		any = true;
	}
	for (int round = 0; round < COMPARE_ROUNDS && any && !err; round++) {
		if (round == 1)
			probe__grace_period();
		else if (round)
			nanosleep(&pause, NULL);
		for (int table = 0; table < COUNTERS_NR_TABLES; table++)
			if (differences[table])
				settle_table(probe, snapshot, table, differences[table]);
	}
	for (int table = 0; table < COUNTERS_NR_TABLES; table++)
		free(differences[table]);
	return err;
}
