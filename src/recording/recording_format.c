// SPDX-License-Identifier: GPL-2.0-only
/* What writer and reader of a recording agree on, see recording_format.h. */
#include "recording/recording_format.h"

const struct recording_table recording_tables[RECORDING_NR_TABLES] = {
	{
		"traffic", offsetof(struct snapshot, counters.traffic), false, 0,
		{ DIMENSION_CPU, DIMENSION_CPU, DIMENSION_VIPI, DIMENSION_OUTCOME },
	},
	{
		"processed", offsetof(struct snapshot, counters.processed), false, 0,
		{ DIMENSION_CPU, DIMENSION_PROCESSED },
	},
	{
		"unmasked", offsetof(struct snapshot, counters.unmasked), false, 0,
		{ DIMENSION_CPU, DIMENSION_VIPI, DIMENSION_UNMASK },
	},
	{
		"waits", offsetof(struct snapshot, counters.waits), true, COUNTERS_WAITS,
		{ DIMENSION_CPU, DIMENSION_VIPI, DIMENSION_WAIT, DIMENSION_SLOT },
	},
	{
		"doubts", offsetof(struct snapshot, counters.doubts), true, COUNTERS_DOUBTS,
		{ DIMENSION_CPU, DIMENSION_VIPI, DIMENSION_DOUBT },
	},
	{
		"masked", offsetof(struct snapshot, counters.masked), true, COUNTERS_MASKED,
		{ DIMENSION_CPU, DIMENSION_VIPI, DIMENSION_MASK },
	},
	{
		"parents", offsetof(struct snapshot, counters.parents), true, COUNTERS_PARENTS,
		{ DIMENSION_CPU },
	},
	{
		"started", offsetof(struct snapshot, counters.started), true, COUNTERS_STARTED,
		{ DIMENSION_CPU, DIMENSION_VIPI },
	},
	{
		"overdue", offsetof(struct snapshot, counters.late), true, COUNTERS_LATE,
		{ DIMENSION_CPU, DIMENSION_LATE },
	},
};

struct ipimux_shape recording__shape(const struct machine *machine, bool by_set)
{
	unsigned int nr_vipis = machine->nr_vipis;
	bool fits;

	/* Few enough for sets and yet by bit, as a test may ask for: as the probe does then. */
	if (!by_set && nr_vipis <= IPIMUX_MAX_SET_VIPIS)
		nr_vipis = IPIMUX_MAX_VIPIS;
	return counters__shape(cpuset__last(&machine->possible), nr_vipis, &fits);
}

__u64 *recording__counters(const struct recording_table *table, const struct snapshot *snapshot)
{
	return *(__u64 * const *)((const char *)snapshot + table->counters);
}

/* width - how many bits of an index a coordinate takes */
static unsigned int width(enum recording_dimension dimension, const struct ipimux_shape *shape)
{
	switch (dimension) {
	case DIMENSION_CPU:
		return shape->cpu_shift;
	case DIMENSION_VIPI:
		return shape->vipi_shift;
	case DIMENSION_OUTCOME:
		return IPIMUX_OUTCOME_SHIFT;
	case DIMENSION_UNMASK:
		return IPIMUX_UNMASK_SHIFT;
	case DIMENSION_PROCESSED:
		return shape->processed_shift;
	case DIMENSION_WAIT:
		return 1;
	case DIMENSION_SLOT:
		return IPIMUX_SLOT_SHIFT;
	case DIMENSION_DOUBT:
		return 1;
	case DIMENSION_MASK:
		return IPIMUX_MASK_SHIFT;
	case DIMENSION_LATE:
		return IPIMUX_LATE_SHIFT;
	}
	return 0;
}

bool recording__exists(enum recording_dimension dimension, const struct machine *machine,
		       bool by_set, __u64 at)
{
	switch (dimension) {
	case DIMENSION_CPU:
		return at < CPUSET_MAX && cpuset__has(&machine->possible, at);
	case DIMENSION_VIPI:
		return at < machine->nr_vipis;
	case DIMENSION_OUTCOME:
		return at < IPIMUX_NR_OUTCOMES;
	case DIMENSION_UNMASK:
		return at < IPIMUX_NR_UNMASKS;
	case DIMENSION_PROCESSED:
		return at < (by_set ? 1ULL << machine->nr_vipis :
				      IPIMUX_BITS_BATCH + IPIMUX_MAX_VIPIS + 1);
	case DIMENSION_WAIT:
		return at < IPIMUX_NR_WAIT_KINDS;
	case DIMENSION_SLOT:
		return at <= IPIMUX_NR_BUCKETS || at == IPIMUX_SLOT_UNTIMED;
	case DIMENSION_DOUBT:
		return at < IPIMUX_NR_DOUBTS;
	case DIMENSION_MASK:
		return at < IPIMUX_NR_MASKS;
	case DIMENSION_LATE:
		return at < IPIMUX_NR_LATE;
	}
	return false;
}

const char *recording__dimension_name(enum recording_dimension dimension)
{
	static const char * const names[] = {
		[DIMENSION_CPU]		= "CPU",
		[DIMENSION_VIPI]	= "vIPI",
		[DIMENSION_OUTCOME]	= "outcome",
		[DIMENSION_UNMASK]	= "kind of unmask",
		[DIMENSION_PROCESSED]	= "set of vIPIs",
		[DIMENSION_WAIT]	= "kind of wait",
		[DIMENSION_SLOT]	= "slot",
		[DIMENSION_DOUBT]	= "kind of doubt",
		[DIMENSION_MASK]	= "kind of mask",
		[DIMENSION_LATE]	= "kind of what is late",
	};

	return names[dimension];
}

size_t recording__size(const struct recording_table *table, const struct ipimux_shape *shape)
{
	unsigned int bits = 0;

	for (const enum recording_dimension *d = table->dimensions; *d; d++)
		bits += width(*d, shape);
	return (size_t)1 << bits;
}

unsigned int recording__index(const struct recording_table *table,
			      const struct ipimux_shape *shape, const __u64 *at, size_t *index)
{
	unsigned int nr = 0;

	*index = 0;
	for (; table->dimensions[nr]; nr++)
		*index = *index << width(table->dimensions[nr], shape) | at[nr];
	return nr;
}

unsigned int recording__coordinates(const struct recording_table *table,
				    const struct ipimux_shape *shape, size_t index, __u64 *at)
{
	unsigned int nr = 0;

	while (table->dimensions[nr])
		nr++;
	for (unsigned int i = nr; i-- > 0;) {
		unsigned int bits = width(table->dimensions[i], shape);

		at[i] = index & (((size_t)1 << bits) - 1);
		index >>= bits;
	}
	return nr;
}
