// SPDX-License-Identifier: GPL-2.0-only
/* What the unit tests share, see unit.h. Tests nothing itself. */
#include <stdlib.h>
#include <string.h>

#include "unit.h"

/* A Weyl sequence through a mixer (splitmix64): no library, so the same everywhere. */
uint64_t unit__random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

unsigned int unit__below(uint64_t *state, unsigned int limit)
{
	return unit__random(state) % limit;
}

size_t unit__stride(void)
{
	const char *text = getenv("UNIT_STRIDE");
	unsigned long stride = text ? strtoul(text, NULL, 10) : 1;

	assert_true(stride > 0);
	return stride;
}

void unit__snapshot(struct snapshot *snapshot, unsigned int nr_cpus, unsigned int nr_vipis,
		    bool by_bit)
{
	bool by_set = !by_bit && nr_vipis <= IPIMUX_MAX_SET_VIPIS;
	struct ipimux_shape shape = counters__shape(nr_cpus - 1, nr_vipis, by_set);

	assert_int_equal(snapshot__init(snapshot, &shape, by_set), 0);
	for (unsigned int cpu = 0; cpu < nr_cpus; cpu++)
		cpuset__add(&snapshot->online, cpu);
}

static void fill(__u64 *table, __u32 mask, uint64_t *random)
{
	for (size_t i = 0; i <= mask; i++)
		table[i] = unit__random(random);
}

void unit__fill(struct snapshot *snapshot, uint64_t *random)
{
	const struct ipimux_shape *shape = &snapshot->counters.shape;

	fill(snapshot->counters.traffic, shape->traffic_mask, random);
	fill(snapshot->counters.processed, shape->processed_mask, random);
	fill(snapshot->counters.unmasked, shape->unmasked_mask, random);
}

bool unit__same(const struct snapshot *a, const struct snapshot *b)
{
	const struct ipimux_shape *shape = &a->counters.shape;

	return !memcmp(a->counters.traffic, b->counters.traffic,
		       (shape->traffic_mask + 1ULL) * sizeof(__u64)) &&
	       !memcmp(a->counters.processed, b->counters.processed,
		       (shape->processed_mask + 1ULL) * sizeof(__u64)) &&
	       !memcmp(a->counters.unmasked, b->counters.unmasked,
		       (shape->unmasked_mask + 1ULL) * sizeof(__u64));
}

void unit__machine(struct machine *machine, unsigned int nr_cpus, unsigned int nr_vipis)
{
	static const char * const names[] = {
		"RESCHEDULE", "CALL_FUNC", "CPU_STOP", "CPU_CRASH_STOP",
		"IRQ_WORK", "TIMER", "CPU_BACKTRACE", "KGDB_ROUNDUP",
	};

	*machine = (struct machine){ .nr_vipis = nr_vipis };
	for (unsigned int cpu = 0; cpu < nr_cpus; cpu++)
		cpuset__add(&machine->possible, cpu);
	for (unsigned int vipi = 0; vipi < nr_vipis; vipi++) {
		if (vipi < ARRAY_SIZE(names))
			snprintf(machine->vipi_name[vipi], MACHINE_NAME_SIZE, "%s", names[vipi]);
		else
			snprintf(machine->vipi_name[vipi], MACHINE_NAME_SIZE, "vIPI%u", vipi);
	}
}

void unit__send(struct snapshot *snapshot, unsigned int sender, unsigned int target,
		unsigned int vipi, enum ipimux_outcome outcome, __u64 number)
{
	struct counters *counters = &snapshot->counters;

	counters->traffic[ipimux_traffic_index(&counters->shape, sender, target, vipi,
					       outcome)] += number;
}

void unit__process(struct snapshot *snapshot, unsigned int cpu, __u32 set, __u64 number)
{
	struct counters *counters = &snapshot->counters;
	__u64 slab = ipimux_processed_index(&counters->shape, cpu, 0);

	if (counters->by_set) {
		counters->processed[slab + set] += number;
		return;
	}
	for (unsigned int vipi = 0; vipi < IPIMUX_MAX_VIPIS; vipi++)
		if (set >> vipi & 1)
			counters->processed[slab + IPIMUX_BITS_HANDLED + vipi] += number;
	counters->processed[slab + IPIMUX_BITS_BATCH + __builtin_popcount(set)] += number;
}

void unit__unmask(struct snapshot *snapshot, unsigned int cpu, unsigned int vipi,
		  enum ipimux_unmask what, __u64 number)
{
	struct counters *counters = &snapshot->counters;

	counters->unmasked[ipimux_unmasked_index(&counters->shape, cpu, vipi, what)] += number;
}

void unit__unbalance(struct snapshot *snapshot, unsigned int cpu, unsigned int vipi,
		     __s64 balance)
{
	if (balance > 0)
		unit__send(snapshot, cpu, cpu, vipi, IPIMUX_RAISED, balance);
	else if (balance < 0)
		unit__process(snapshot, cpu, 1U << vipi, -balance);
}

int unit__audit(struct audit *audit, const struct snapshot *difference, bool hotplug)
{
	struct audit_facts facts = { .hotplug = hotplug, .online = difference->online,
				     .online_first = difference->online };

	return audit__run(audit, difference, &facts);
}

void unit__interval(struct interval *interval, const struct snapshot *difference,
		    const struct cpuset *cpus)
{
	const struct ipimux_shape *shape = &difference->counters.shape;

	assert_int_equal(interval__init(interval, shape, 1U << shape->vipi_shift,
					INTERVAL_MARGINS | INTERVAL_WAITS, cpus), 0);
	interval__sum(interval, difference);
}
