// SPDX-License-Identifier: GPL-2.0-only
/* The counters as a snapshot, see probe.h: copies of them, and the multiplexer's words. */
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>

#include "base/clock.h"
#include "probe/probe_own.h"
#include "ways/entries.h"
#include "ways/noted.h"
#include "ways/words.h"

/* Tries to read a CPU's words while its counters stand still. */
#define LOOK_TRIES	2

/* Tries to find pinned counters at rest, each of which copies all of them. */
#define PINNED_TRIES	4

/* And to find a CPU's at rest where the kernel's own counts are taken over for each. */
#define REFRESH_TRIES	100

int probe__init_snapshot(const struct probe *probe, struct snapshot *snapshot)
{
	int err = snapshot__init(snapshot, &probe->live.shape, probe->live.by_set);

	return err ? err : snapshot__add_all(snapshot, &probe->live);
}

struct failure *probe__read_pinned_first(struct probe *probe, struct snapshot *snapshot,
					 bool *hotplug)
{
	struct failure *failure = pins__read_first(probe->pins, snapshot, hotplug);

	snapshot->missed_unknown = !probe__knows_missed(probe);

	/* The clock may have been set since: in an initramfs nobody knows the time. */
	snapshot->wall_time = clock__now(CLOCK_REALTIME) -
			      (clock__now(CLOCK_MONOTONIC) - snapshot->time);
	return failure;
}

struct failure *probe__stamp(struct probe *probe, struct snapshot *snapshot)
{
	snapshot->time = clock__now(CLOCK_MONOTONIC);
	snapshot->wall_time = clock__now(CLOCK_REALTIME);
	return probe__read_missed(probe, snapshot);
}

int probe__refresh(const struct probe *probe, unsigned int first, unsigned int last)
{
	if (probe->entries)
		return entries__refresh(probe->entries, first, last);
	return probe->pins ? pins__refresh(probe->pins) : 0;
}

/*
 * copy_once - what concerns @cpu, from where it is counted or from what was taken over from there
 */
static int copy_once(struct probe *probe, struct snapshot *snapshot, unsigned int cpu)
{
	int err;

	if (!probe->pins && !probe->entries)
		return counters__copy_cpu(&snapshot->counters, &probe->live, cpu);
	err = probe__refresh(probe, cpu, cpu);
	return err ? err : counters__copy_copied(&snapshot->counters, &probe->live, cpu);
}

/* probe__copy_cpu - what concerns @cpu; returns as counters__copy_cpu(), or another -errno */
int probe__copy_cpu(struct probe *probe, struct snapshot *snapshot, unsigned int cpu)
{
	int tries = probe->pins ? PINNED_TRIES : REFRESH_TRIES;
	int err = -EAGAIN;

	if (!probe->pins && !probe->noted)
		return copy_once(probe, snapshot, cpu);
	for (int try = 0; try < tries && err == -EAGAIN; try++) {
		unsigned int nr = probe->noted ? noted__look_again(probe->noted, cpu) : 0;

		err = copy_once(probe, snapshot, cpu);
		/* What is counted meanwhile is in the copy, or not. */
		if (!err && probe->noted && (nr == NOTED_SETTLING ||
					     noted__look_again(probe->noted, cpu) != nr))
			err = -EAGAIN;
	}
	return err;
}

/* probe__still - the vIPIs of @cpu of which nothing was counted since they were copied */
__u32 probe__still(struct probe *probe, const struct snapshot *snapshot, unsigned int cpu)
{
	if (probe__refresh(probe, cpu, cpu))
		return 0;
	return counters__still(&snapshot->counters, &probe->live, cpu);
}

/* probe__copy_all - what concerns each CPU, of one instant where it stands still for that long */
int probe__copy_all(struct probe *probe, struct snapshot *snapshot)
{
	bool moved = probe->pins;
	int err = 0;

	for (unsigned int cpu = 0; cpu < probe->nr_cpus && !probe->pins && (!err || err == -EAGAIN);
	     cpu++)
		err = probe__copy_cpu(probe, snapshot, cpu);
	if (err == -EAGAIN)
		err = 0;
	for (int try = 0; try < PINNED_TRIES && moved && !err; try++) {
		err = pins__refresh(probe->pins);
		moved = false;
		for (unsigned int cpu = 0; cpu < probe->nr_cpus; cpu++)
			moved |= counters__copy_copied(&snapshot->counters, &probe->live, cpu);
	}
	return err;
}

__u64 probe__count_ups(struct probe *probe)
{
	__u64 ups = 0;

	if (probe->pins)
		pins__refresh(probe->pins);
	for (unsigned int cpu = 0; cpu < probe->nr_cpus; cpu++)
		ups += counters__ups(&probe->live, cpu, probe->nr_vipis);
	return ups;
}

/*
 * probe__grace_period - returns when nothing is under way any more of what was when it was called
 *
 * A send and a process are counted in a section that RCU waits for. Where there is no
 * membarrier(2) of that kind (nohz_full), all there is to do is to wait for longer.
 */
void probe__grace_period(void)
{
	static const struct timespec instead = { .tv_nsec = 10 * SETTLE_PAUSE_NS };

	if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0))
		nanosleep(&instead, NULL);
}

/*
 * read_words - the multiplexer's words, of each CPU while its counters stand still: they are
 * copied again until they do, @tries times
 */
static void read_words(struct probe *probe, struct snapshot *snapshot, unsigned int tries)
{
	struct words *words = &snapshot->words;
	__u32 all = probe->nr_vipis < 32 ? (1U << probe->nr_vipis) - 1 : ~0U;

	probe__read_words(probe, words, 0, probe->nr_cpus - 1);
	for (unsigned int cpu = 0; cpu < probe->nr_cpus && words->known; cpu++) {
		words->still[cpu] = probe__still(probe, snapshot, cpu);
		for (unsigned int try = 0; try < tries && (words->still[cpu] & all) != all; try++) {
			probe__copy_cpu(probe, snapshot, cpu);
			probe__read_words(probe, words, cpu, cpu);
			words->still[cpu] = probe__still(probe, snapshot, cpu);
		}
	}
}

struct failure *probe__snapshot(struct probe *probe, struct snapshot *snapshot)
{
	int err = probe__copy_all(probe, snapshot);

	if (err)
		return failure__of(err);
	if (probe->noted)
		err = noted__settle(probe->noted, &snapshot->counters, false);
	if (err)
		return failure__of(err);
	memset(snapshot->edge, EDGE_NONE, snapshot->counters.shape.waits_mask + 1UL);
	memset(snapshot->arrivals, EDGE_NONE, probe->nr_cpus * sizeof(*snapshot->arrivals));
	memset(snapshot->torn, 0, (snapshot->counters.shape.waits_mask + 1UL) *
				  sizeof(*snapshot->torn));
	read_words(probe, snapshot, LOOK_TRIES);
	return probe__stamp(probe, snapshot);
}

void probe__read_words(struct probe *probe, struct words *words, unsigned int first,
		       unsigned int last)
{
	words->known = probe->words && words__read(probe->words, first, last, words->pending,
						   words->enabled);
}

void probe__read_handled(struct probe *probe, __u32 vipis, __u32 *handled)
{
	probe__refresh(probe, 0, probe->nr_cpus - 1);
	for (unsigned int cpu = 0; cpu < probe->nr_cpus; cpu++)
		for (unsigned int vipi = 0; vipi < probe->nr_vipis; vipi++)
			if (vipis >> vipi & 1)
				handled[cpu * IPIMUX_MAX_VIPIS + vipi] =
					counters__handled(&probe->live, cpu, vipi);
}

void probe__read_unhandled(const struct probe *probe, const struct snapshot *snapshot,
			   __u32 *words)
{
	/* What cannot be read shows in the next snapshot. */
	probe__refresh(probe, 0, probe->nr_cpus - 1);
	for (unsigned int cpu = 0; cpu < probe->nr_cpus; cpu++) {
		words[cpu] = 0;
		for (unsigned int vipi = 0; vipi < probe->nr_vipis; vipi++)
			if (counters__handled(&probe->live, cpu, vipi) ==
			    counters__handled(&snapshot->counters, cpu, vipi))
				words[cpu] |= 1U << vipi;
	}
}
