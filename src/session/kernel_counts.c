// SPDX-License-Identifier: GPL-2.0-only
/* The kernel's own counts beside ours, see kernel_counts.h. */
#include <errno.h>
#include <stdlib.h>

#include "session/kernel_counts.h"

/* Rounds, each after a grace period, and how often in each the kernel's counts are read. */
#define ROUNDS	4
#define LOOKS	10

/* A comparison that goes on. Arrays are as those of struct kernel_counts. */
struct comparison {
	struct probe *probe;
	const struct machine *machine;
	size_t nr;		/* of CPUs and vIPIs */
	__u32 *before, *after;	/* handled, around a look at the kernel's counts */
	__u32 *counts;		/* those */
	__u32 *least;		/* the shortest distance of this round... */
	bool *found;		/* ...where there is one */
	__u32 *earlier;		/* and those of the round before */
	bool *found_earlier;
};

static int init(struct comparison *comparison, struct probe *probe, const struct machine *machine)
{
	size_t nr = ((size_t)cpuset__last(&machine->possible) + 1) * IPIMUX_MAX_VIPIS;

	*comparison = (struct comparison){
		.probe = probe, .machine = machine, .nr = nr,
		.before = calloc(nr, sizeof(__u32)), .after = calloc(nr, sizeof(__u32)),
		.counts = calloc(nr, sizeof(__u32)),
		.least = calloc(nr, sizeof(__u32)), .found = calloc(nr, sizeof(bool)),
		.earlier = calloc(nr, sizeof(__u32)), .found_earlier = calloc(nr, sizeof(bool)),
	};
	return comparison->before && comparison->after && comparison->counts &&
	       comparison->least && comparison->found && comparison->earlier &&
	       comparison->found_earlier ? 0 : -ENOMEM;
}

static void free_all(struct comparison *comparison)
{
	free(comparison->before);
	free(comparison->after);
	free(comparison->counts);
	free(comparison->least);
	free(comparison->found);
	free(comparison->earlier);
	free(comparison->found_earlier);
}

/* open_vipis - those with room between the two counts, on any CPU */
static __u32 open_vipis(const struct comparison *comparison, const struct kernel_counts *kernel)
{
	__u32 vipis = 0;

	for (size_t i = 0; i < comparison->nr; i++)
		if (kernel->low[i] != kernel->high[i])
			vipis |= 1U << i % IPIMUX_MAX_VIPIS;
	return vipis;
}

/* look - at the distances of @vipis, where nothing of them was handled meanwhile; or -errno */
static int look(struct comparison *comparison, __u32 vipis)
{
	int err = 0;

	probe__read_handled(comparison->probe, vipis, comparison->before);
	for (unsigned int vipi = 0; vipi < comparison->machine->nr_vipis && !err; vipi++)
		if (vipis >> vipi & 1)
			err = machine__read_handled_of(comparison->machine, vipi,
						       comparison->counts);
	probe__read_handled(comparison->probe, vipis, comparison->after);
	for (size_t i = 0; i < comparison->nr && !err; i++) {
		__u32 now = comparison->after[i] - comparison->counts[i];

		if (!(vipis >> i % IPIMUX_MAX_VIPIS & 1) ||
		    comparison->before[i] != comparison->after[i])
			continue;
		/* The shorter one is that with nothing under way. */
		if (!comparison->found[i] || (__s32)(now - comparison->least[i]) < 0)
			comparison->least[i] = now;
		comparison->found[i] = true;
	}
	return err;
}

/* look_round - some looks at each of @vipis; or -errno */
static int look_round(struct comparison *comparison, __u32 vipis, bool pinned)
{
	int err = 0;

	for (int i = 0; i < LOOKS && !err; i++) {
		if (pinned)
			err = look(comparison, vipis);
		for (unsigned int vipi = 0; vipi < IPIMUX_MAX_VIPIS && !pinned && !err; vipi++)
			if (vipis >> vipi & 1)
				err = look(comparison, 1U << vipi);
	}
	return err;
}

/* close_found - what is the same in two rounds is known; the next round begins */
static void close_found(struct comparison *comparison, struct snapshot *snapshot)
{
	struct kernel_counts *kernel = &snapshot->kernel;

	for (size_t i = 0; i < comparison->nr; i++) {
		if (comparison->found[i] && comparison->found_earlier[i] &&
		    comparison->least[i] == comparison->earlier[i] &&
		    kernel->low[i] != kernel->high[i])
			kernel->low[i] = kernel->high[i] =
				(__u32)counters__handled(&snapshot->counters,
							 i / IPIMUX_MAX_VIPIS,
							 i % IPIMUX_MAX_VIPIS) -
				comparison->least[i];
		comparison->earlier[i] = comparison->least[i];
		comparison->found_earlier[i] = comparison->found[i];
		comparison->found[i] = false;
	}
}

void kernel_counts__close(struct probe *probe, const struct machine *machine, bool pinned,
			  struct snapshot *snapshot)
{
	struct comparison comparison;
	int err;

	if (!snapshot->kernel.known)
		return;
	err = init(&comparison, probe, machine);
	for (int round = 0; round < ROUNDS && !err; round++) {
		__u32 vipis = open_vipis(&comparison, &snapshot->kernel);

		if (!vipis)
			break;
		if (round)
			probe__grace_period();
		err = look_round(&comparison, vipis, pinned);
		if (!err)
			close_found(&comparison, snapshot);
	}
	free_all(&comparison);
}
