// SPDX-License-Identifier: GPL-2.0-only
/* The counters as a snapshot, see probe.h. */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "analysis/audit.h"
#include "analysis/latency.h"
#include "base/clock.h"
#include "probe/probe_own.h"
#include "probe/words.h"

/*
 * How often, and how far apart, the balance is sampled to find its typical value. A host may
 * take a CPU's time away between a send and its counting, for some ms: less than a
 * third of this.
 */
#define SETTLE_SAMPLES	15
#define SETTLE_PAUSE_NS	3000000

/* So many times more, until it is found to be the same again. */
#define SETTLE_ROUNDS	5

/* Tries to read a target's counters at their typical balance. */
#define SETTLE_TRIES	200

/* How many of these until no more is waited for waits that fit them. */
#define SETTLE_WAITS	20

/* Tries to find pinned counters at rest, each of which copies all of them. */
#define PINNED_TRIES	4

int probe__init_snapshot(const struct probe *probe, struct snapshot *snapshot)
{
	int err = snapshot__init(snapshot, &probe->live.shape, probe->live.by_set);

	return err ? err : snapshot__add_all(snapshot, &probe->live);
}

int probe__read_pinned_first(struct probe *probe, struct snapshot *snapshot, bool *hotplug)
{
	int err = pins__read_first(probe->pins, snapshot, hotplug);

	snapshot->missed_unknown = !probe__knows_missed(probe);

	/* The clock may have been set since: in an initramfs nobody knows the time. */
	snapshot->wall_time = clock__now(CLOCK_REALTIME) -
			      (clock__now(CLOCK_MONOTONIC) - snapshot->time);
	return err;
}

static int stamp(struct probe *probe, struct snapshot *snapshot)
{
	snapshot->time = clock__now(CLOCK_MONOTONIC);
	snapshot->wall_time = clock__now(CLOCK_REALTIME);
	return probe__read_missed(probe, snapshot);
}

/* copy_cpu - what concerns @cpu; returns as counters__copy_cpu(), or another -errno */
static int copy_cpu(struct probe *probe, struct snapshot *snapshot, unsigned int cpu)
{
	int err = -EAGAIN;

	if (!probe->pins)
		return counters__copy_cpu(&snapshot->counters, &probe->live, cpu);
	for (int try = 0; try < PINNED_TRIES && err == -EAGAIN; try++) {
		err = pins__refresh(probe->pins);
		if (!err)
			err = counters__copy_copied(&snapshot->counters, &probe->live, cpu);
	}
	return err;
}

/* copy_all - what concerns each CPU, of one instant where it stands still for that long */
static int copy_all(struct probe *probe, struct snapshot *snapshot)
{
	bool moved = probe->pins;
	int err = 0;

	for (unsigned int cpu = 0; cpu < probe->nr_cpus && !probe->pins; cpu++)
		counters__copy_cpu(&snapshot->counters, &probe->live, cpu);
	for (int try = 0; try < PINNED_TRIES && moved && !err; try++) {
		err = pins__refresh(probe->pins);
		moved = false;
		for (unsigned int cpu = 0; cpu < probe->nr_cpus; cpu++)
			moved |= counters__copy_copied(&snapshot->counters, &probe->live, cpu);
	}
	return err;
}

int probe__snapshot(struct probe *probe, struct snapshot *snapshot)
{
	int err = copy_all(probe, snapshot);

	return err ? err : stamp(probe, snapshot);
}

/* is_typical - are all balances of @cpu in this copy the typical ones? */
static bool is_typical(const struct probe *probe, const struct counters *copy,
		       unsigned int cpu, const __s64 *typical)
{
	for (unsigned int vipi = 0; vipi < probe->nr_vipis; vipi++)
		if (counters__balance(copy, cpu, vipi) != typical[vipi])
			return false;
	return true;
}

/* fits_waits - is what was timed on @cpu, or not, in this copy just what it handled? */
static bool fits_waits(const struct probe *probe, const struct counters *copy, unsigned int cpu)
{
	for (unsigned int vipi = 0; copy->waits && vipi < probe->nr_vipis; vipi++) {
		struct waits waits = {};

		waits__add(&waits, copy, cpu, vipi);
		if (waits.kind[IPIMUX_WAIT_RAISED].timed + waits.kind[IPIMUX_WAIT_MASKED].timed +
		    waits.untimed != counters__handled(copy, cpu, vipi))
			return false;
	}
	return true;
}

/*
 * settle_cpu - copies @cpu's counters at an instant of typical balances, and, because waits
 * are copied after them, one when nothing was just being handled
 */
static void settle_cpu(struct probe *probe, struct snapshot *snapshot, unsigned int cpu,
		       const __s64 *typical)
{
	int nr_typical = 0;

	for (int try = 0; try < SETTLE_TRIES; try++) {
		if (copy_cpu(probe, snapshot, cpu) ||
		    !is_typical(probe, &snapshot->counters, cpu, typical))
			continue;
		if (fits_waits(probe, &snapshot->counters, cpu) || ++nr_typical == SETTLE_WAITS)
			return;
	}
}

/*
 * find_typical - the typical balances, [cpu * nr_vipis + vipi]
 *
 * @samples: room for SETTLE_SAMPLES of each. Returns whether they are what @typical held.
 */
static bool find_typical(struct probe *probe, struct snapshot *snapshot, __s64 *samples,
			 __s64 *typical)
{
	static const struct timespec pause = { .tv_nsec = SETTLE_PAUSE_NS };
	unsigned int nr_cells = probe->nr_cpus * probe->nr_vipis;
	bool same = true;

	for (unsigned int i = 0; i < SETTLE_SAMPLES; i++) {
		nanosleep(&pause, NULL);
		copy_all(probe, snapshot);
		for (unsigned int cpu = 0; cpu < probe->nr_cpus; cpu++) {
			for (unsigned int vipi = 0; vipi < probe->nr_vipis; vipi++)
				samples[(cpu * probe->nr_vipis + vipi) * SETTLE_SAMPLES + i] =
					counters__balance(&snapshot->counters, cpu, vipi);
		}
	}
	for (unsigned int cell = 0; cell < nr_cells; cell++) {
		__s64 now = audit__typical(samples + cell * SETTLE_SAMPLES, SETTLE_SAMPLES);

		same &= now == typical[cell];
		typical[cell] = now;
	}
	return same;
}

int probe__snapshot_settled(struct probe *probe, struct snapshot *snapshot)
{
	size_t nr_cells = (size_t)probe->nr_cpus * probe->nr_vipis;
	__s64 *samples = calloc(nr_cells * SETTLE_SAMPLES, sizeof(*samples));
	__s64 *typical = calloc(nr_cells, sizeof(*typical));
	int err = samples && typical ? 0 : -ENOMEM;

	if (err)
		goto free;
	/*
	 * Twice the same: a hypervisor may stop a CPU between a send and its counting for
	 * longer than one round takes.
	 */
	find_typical(probe, snapshot, samples, typical);
	for (int round = 0; round < SETTLE_ROUNDS; round++)
		if (find_typical(probe, snapshot, samples, typical))
			break;
	for (unsigned int cpu = 0; cpu < probe->nr_cpus; cpu++)
		settle_cpu(probe, snapshot, cpu, typical + cpu * probe->nr_vipis);
	err = stamp(probe, snapshot);
free:
	free(typical);
	free(samples);
	return err;
}

void probe__read_words(struct probe *probe, struct words *words, unsigned int first,
		       unsigned int last)
{
	words->known = probe->words && words__read(probe->words, first, last, words->pending,
						   words->enabled);
}

void probe__read_unhandled(const struct probe *probe, const struct snapshot *snapshot,
			   __u32 *words)
{
	/* What cannot be read shows in the next snapshot. */
	if (probe->pins)
		pins__refresh(probe->pins);
	for (unsigned int cpu = 0; cpu < probe->nr_cpus; cpu++) {
		words[cpu] = 0;
		for (unsigned int vipi = 0; vipi < probe->nr_vipis; vipi++)
			if (counters__handled(&probe->live, cpu, vipi) ==
			    counters__handled(&snapshot->counters, cpu, vipi))
				words[cpu] |= 1U << vipi;
	}
}
