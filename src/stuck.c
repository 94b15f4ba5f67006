// SPDX-License-Identifier: GPL-2.0-only
/* What stays pending for too long, see stuck.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "stuck.h"

int stuck__init(struct stuck *stuck, const struct ipimux_shape *shape)
{
	stuck->nr_cpus = 1U << shape->cpu_shift;
	stuck->nr_vipis = 1U << shape->vipi_shift;
	stuck->since = calloc((size_t)stuck->nr_cpus * stuck->nr_vipis, sizeof(*stuck->since));
	stuck->found = calloc(stuck->nr_cpus, sizeof(*stuck->found));
	if (!stuck->since || !stuck->found) {
		stuck__free(stuck);
		return -ENOMEM;
	}
	return 0;
}

void stuck__free(struct stuck *stuck)
{
	free(stuck->since);
	free(stuck->found);
	memset(stuck, 0, sizeof(*stuck));
}

bool stuck__was_raised(const struct counters *counters, unsigned int cpu, unsigned int vipi)
{
	const struct ipimux_shape *shape = &counters->shape;
	__u64 masked = 0;

	for (unsigned int sender = 0; sender >> shape->cpu_shift == 0; sender++)
		masked += counters->traffic[ipimux_traffic_index(shape, sender, cpu, vipi,
								 IPIMUX_MASKED)];
	return masked <= counters->unmasked[ipimux_unmasked_index(shape, cpu, vipi,
								  IPIMUX_UNMASK_KICK)];
}

/* stays_pending - set at both ends, and handled nowhere between */
static bool stays_pending(const struct snapshot *later, const struct snapshot *earlier,
			  unsigned int cpu, unsigned int vipi)
{
	return counters__balance(&later->counters, cpu, vipi) > 0 &&
	       counters__balance(&earlier->counters, cpu, vipi) > 0 &&
	       counters__handled(&later->counters, cpu, vipi) ==
	       counters__handled(&earlier->counters, cpu, vipi);
}

void stuck__watch(struct stuck *stuck, const struct snapshot *later,
		  const struct snapshot *earlier)
{
	for (unsigned int cpu = 0; cpu < stuck->nr_cpus; cpu++) {
		/* One that is not there all the time may leave it pending. */
		bool online = cpuset__has(&later->online, cpu) &&
			      cpuset__has(&earlier->online, cpu);

		for (unsigned int vipi = 0; vipi < stuck->nr_vipis; vipi++) {
			__u64 *since = &stuck->since[cpu * stuck->nr_vipis + vipi];

			if (!online || !stays_pending(later, earlier, cpu, vipi) ||
			    !stuck__was_raised(&later->counters, cpu, vipi)) {
				*since = 0;
				continue;
			}
			if (!*since)
				*since = earlier->time;
			if (later->time - *since >= STUCK_PATIENCE)
				stuck->found[cpu] |= 1U << vipi;
		}
	}
}
