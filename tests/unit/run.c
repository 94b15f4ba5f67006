// SPDX-License-Identifier: GPL-2.0-only
/* A run for the tests of the audit, see run.h. */
#include <string.h>

#include "run.h"

void run__set_up(struct run *run)
{
	size_t nr_cells = NR_CPUS * NR_VIPIS;

	memset(run, 0, sizeof(*run));
	unit__machine(&run->machine, NR_CPUS, NR_VIPIS);
	unit__snapshot(&run->first, NR_CPUS, NR_VIPIS, false);
	unit__snapshot(&run->last, NR_CPUS, NR_VIPIS, false);
	unit__snapshot(&run->difference, NR_CPUS, NR_VIPIS, false);
	assert_int_equal(snapshot__add(&run->difference, COUNTERS_MASKED), 0);
	run->facts = (struct audit_facts){
		.online_first = run->difference.online, .online = run->difference.online,
		.machine = &run->machine, .first = &run->first, .last = &run->last, .final = true,
		.unhandled = run->unhandled, .waited = STUCK_PATIENCE,
		.pending = run->pending, .starved = run->starved, .stuck = run->stuck,
		.unwatched = run->unwatched,
	};
	memset(run->first.edge, EDGE_QUIET, nr_cells);
	memset(run->last.edge, EDGE_QUIET, nr_cells);
	run->first.words.known = run->last.words.known = true;
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
		run->first.words.still[cpu] = run->last.words.still[cpu] = ~0U;
		run->first.words.enabled[cpu] = run->last.words.enabled[cpu] = 0xff;
	}
}

void run__tear_down(struct run *run)
{
	snapshot__free(&run->first);
	snapshot__free(&run->last);
	snapshot__free(&run->difference);
}

void run__count(struct run *run, unsigned int raised, unsigned int masked, unsigned int handled)
{
	unit__send(&run->difference, 0, CPU, VIPI, IPIMUX_RAISED, raised);
	unit__send(&run->difference, 0, CPU, VIPI, IPIMUX_MASKED, masked);
	unit__process(&run->difference, CPU, BIT, handled);
}

void run__doubt(struct snapshot *snapshot, __u64 sends)
{
	const struct counters *counters = &snapshot->counters;
	__u64 at = ipimux_doubts_index(&counters->shape, CPU, VIPI, IPIMUX_UNCERTAIN);

	counters->doubts[at] = sends;
}

void run__mask(struct snapshot *snapshot, unsigned int cpu, unsigned int vipi, __u64 masks)
{
	const struct counters *counters = &snapshot->counters;
	__u64 at = ipimux_masked_index(&counters->shape, cpu, vipi, IPIMUX_MASK_PLAIN);

	counters->masked[at] = masks;
}

void run__merge(struct run *run, unsigned int cpu)
{
	unit__send(&run->difference, 0, cpu, 5, IPIMUX_RAISED, 100);
	unit__send(&run->difference, 0, cpu, 7, IPIMUX_RAISED, 100);
	unit__process(&run->difference, cpu, 1U << 5 | 1U << 7, 100);
}

int run__judge(struct run *run, struct audit *audit)
{
	enum audit_verdict worst = AUDIT_BALANCED;
	int finding = -1;

	assert_int_equal(audit__run(audit, &run->difference, &run->facts), 0);
	for (unsigned int i = 0; i < audit->nr_entries; i++) {
		const struct audit_entry *entry = &audit->entries[i];

		if (entry->cpu != CPU || entry->vipi != VIPI ||
		    (finding >= 0 && entry->verdict <= worst))
			continue;
		finding = entry->finding;
		worst = entry->verdict;
	}
	return finding;
}
