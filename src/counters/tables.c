// SPDX-License-Identifier: GPL-2.0-only
/* The tables of counters as data, see tables.h. */
#include "base/cpuset.h"
#include "counters/tables.h"

/* The names of bpf/ipimux.h's lines, up to four dimensions of them. */
#define DIMENSIONS_1(a)			DIMENSION_##a
#define DIMENSIONS_2(a, b)		DIMENSION_##a, DIMENSION_##b
#define DIMENSIONS_3(a, b, c)		DIMENSION_##a, DIMENSION_##b, DIMENSION_##c
#define DIMENSIONS_4(a, b, c, d)	DIMENSION_##a, DIMENSION_##b, DIMENSION_##c, DIMENSION_##d
#define FIFTH(a, b, c, d, e, ...)	e
#define DIMENSIONS(...)									\
	FIFTH(__VA_ARGS__, DIMENSIONS_4, DIMENSIONS_3, DIMENSIONS_2, DIMENSIONS_1,)(__VA_ARGS__)

#define DESCRIBE(number, name_, key_, entry, when_, copied_, unit_, ...)		\
	[COUNTERS_##number] = {								\
		.name = #name_, .key = key_, .when = COUNTED_##when_,			\
		.copied = COPIED_##copied_, .unit = UNIT_##unit_,			\
		.dimensions = { DIMENSIONS(__VA_ARGS__) },				\
	},

/* When it is there, and when it is copied, are the host's. */
#define DESCRIBE_PART(number, name_, key_, entry, host_, first_, apart_, unit_, ...)	\
	[COUNTERS_##number] = {								\
		.name = #name_, .key = key_, .when = (enum table_when)WHEN_##host_,	\
		.copied = (enum table_copied)COPIED_WITH_##host_, .unit = UNIT_##unit_,	\
		.dimensions = { DIMENSIONS(__VA_ARGS__) },				\
		.within = true, .host = COUNTERS_##host_, .first = first_, .apart = apart_, \
	},

enum {
#define HOST(number, name, key, entry, when, copied, ...)				\
	WHEN_##number = COUNTED_##when, COPIED_WITH_##number = COPIED_##copied,
	IPIMUX_TABLES(HOST)
#undef HOST
};

const struct table tables[COUNTERS_NR_TABLES] = {
	IPIMUX_TABLES(DESCRIBE)
	IPIMUX_PARTS(DESCRIBE_PART)
};

/* width - how many bits of an index a coordinate takes */
static inline unsigned int width(enum table_dimension dimension, const struct ipimux_shape *shape)
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
		return IPIMUX_WAIT_SHIFT;
	case DIMENSION_SLOT:
		return IPIMUX_SLOT_SHIFT;
	case DIMENSION_DOUBT:
		return IPIMUX_DOUBT_SHIFT;
	case DIMENSION_MASK:
		return IPIMUX_MASK_SHIFT;
	case DIMENSION_LATE:
		return IPIMUX_LATE_SHIFT;
	}
	return 0;
}

bool dimension__has(enum table_dimension dimension, const struct machine *machine, bool by_set,
		    __u64 at)
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
				      IPIMUX_BITS_SOME + 1);
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

const char *dimension__name(enum table_dimension dimension)
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
		[DIMENSION_LATE]	= "kind of lateness",
	};

	return names[dimension];
}

/* width_from - of the dimensions from the @first on */
static unsigned int width_from(const struct table *table, const struct ipimux_shape *shape,
			       unsigned int first)
{
	unsigned int bits = 0;

	for (const enum table_dimension *d = table->dimensions + first; *d; d++)
		bits += width(*d, shape);
	return bits;
}

size_t table__size(const struct table *table, const struct ipimux_shape *shape)
{
	return (size_t)1 << width_from(table, shape, 0);
}

struct table_slabs table__slabs(const struct table *table, const struct ipimux_shape *shape,
				unsigned int cpu)
{
	bool by_pair = table->dimensions[1] == DIMENSION_CPU;
	unsigned int bits = width_from(table, shape, by_pair ? 2 : 1);

	return (struct table_slabs){
		.start = (size_t)cpu << bits,
		.size = (size_t)1 << bits,
		.stride = (size_t)1 << (bits + shape->cpu_shift),
		.nr = by_pair ? 1U << shape->cpu_shift : 1,
	};
}

unsigned int table__index(const struct table *table, const struct ipimux_shape *shape,
			  const __u64 *at, size_t *index)
{
	unsigned int nr = 0;

	*index = 0;
	for (; table->dimensions[nr]; nr++)
		*index = *index << width(table->dimensions[nr], shape) | at[nr];
	return nr;
}

unsigned int table__coordinates(const struct table *table, const struct ipimux_shape *shape,
				size_t index, __u64 *at)
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
