// SPDX-License-Identifier: GPL-2.0-only
/* What counters that are left running say of themselves, see pinned.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/version.h"
#include "counters/pinned.h"

bool pinned__is_name(const char *name)
{
	size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			       "0123456789-_");

	return length && length < PINNED_NAME_SIZE && !name[length] && *name != '-';
}

void pinned__describe(struct pinned_description *description, const struct machine *machine,
		      const struct counters *counters, unsigned int nr_links)
{
	memset(description, 0, sizeof(*description));
	description->magic = PINNED_MAGIC;
	description->layout = IPIMUX_LAYOUT;
	description->size = sizeof(*description);
	snprintf(description->version, sizeof(description->version), "%s", IPIMUX_VERSION);
	description->nr_links = nr_links;
	description->by_set = counters->by_set;
	description->timed = !counters->waits ? 0 :
			     counters->timed_one_in ? counters->timed_one_in : 1;
	description->outside = !!counters->doubts;
	description->masks = !!counters->masked;
	description->nr_vipis = machine->nr_vipis;
	memcpy(description->virq, machine->virq, sizeof(description->virq));
	description->shape = counters->shape;
	description->possible = machine->possible;
}

/*
 * is_shape - is the shape in @description that of this machine with @nr_vipis? Calculated
 * again, so that no index depends on what somebody wrote there.
 */
static bool is_shape(const struct pinned_description *description, struct ipimux_shape *shape)
{
	unsigned int nr_vipis = description->nr_vipis;

	if (description->by_set > (nr_vipis <= IPIMUX_MAX_SET_VIPIS))
		return false;
	*shape = counters__shape(cpuset__last(&description->possible), nr_vipis,
				 description->by_set);
	return !memcmp(shape, &description->shape, sizeof(*shape));
}

int pinned__check(const struct pinned_description *description, size_t size,
		  const struct machine *machine, struct ipimux_shape *shape)
{
	if (size < offsetof(struct pinned_description, nr_links) ||
	    description->magic != PINNED_MAGIC)
		return -EBADMSG;
	if (description->layout != IPIMUX_LAYOUT)
		return -EPROTO;
	if (description->size != sizeof(*description) || size < sizeof(*description))
		return -EBADMSG;
	if (description->nr_vipis != machine->nr_vipis ||
	    memcmp(description->virq, machine->virq, sizeof(machine->virq)) ||
	    !cpuset__equal(&description->possible, &machine->possible))
		return -EXDEV;

	if (description->timed && !counters__is_one_in(description->timed))
		return -EBADMSG;
	return is_shape(description, shape) ? 0 : -EBADMSG;
}

unsigned int pinned__tables(const struct pinned_description *description)
{
	return COUNTED(ALWAYS) | (description->masks ? COUNTED(MASKS) : 0) |
	       (description->outside ? COUNTED(OUTSIDE) : 0) |
	       (description->timed ? COUNTED(LATENCY) : 0);
}

/* --- the snapshot of the attach --- */

/* In front of the tables. */
struct edge {
	__u64 time;
	__u64 missed;
	__u32 hotplug;
	__u32 kernel_known;
	__u32 words_known;
	__u32 spare;
	struct cpuset online;
};

/* What a snapshot has, in the order in which it is stored. */
struct part {
	void *at;
	size_t size;
	enum table_when when;
};

/* The tables, the kernel's counts, the words, and what was at rest. */
enum { MAX_PARTS = COUNTERS_NR_TABLES + 8 };

/* list_parts - returns how many there are; waits come last, because a reader need not want them */
static int list_parts(const struct snapshot *snapshot, struct part parts[MAX_PARTS])
{
	const struct counters *counters = &snapshot->counters;
	const struct kernel_counts *kernel = &snapshot->kernel;
	const struct words *words = &snapshot->words;
	size_t nr_cpus = 1UL << counters->shape.cpu_shift;
	size_t nr_cells = counters->shape.waits_mask + 1UL;
	size_t word_size = nr_cpus * sizeof(__u32);
	size_t kernel_size = word_size * IPIMUX_MAX_VIPIS;
	int nr = 0;

	for (enum table_when when = COUNTED_ALWAYS; when < COUNTED_VERIFY; when++) {
		for (int table = 0; table < COUNTERS_NR_TABLES; table++) {
			size_t size = table__size(&tables[table], &counters->shape);

			if (tables[table].when == when && !tables[table].within &&
			    counters->table[table])
				parts[nr++] = (struct part){ counters->table[table],
							     size * sizeof(__u64), when };
		}
		if (when == COUNTED_ALWAYS) {
			parts[nr++] = (struct part){ kernel->low, kernel_size, when };
			parts[nr++] = (struct part){ kernel->high, kernel_size, when };
			parts[nr++] = (struct part){ words->still, word_size, when };
			parts[nr++] = (struct part){ words->pending, word_size, when };
			parts[nr++] = (struct part){ words->enabled, word_size, when };
			parts[nr++] = (struct part){ snapshot->edge, nr_cells, when };
			parts[nr++] = (struct part){ snapshot->arrivals, nr_cpus, when };
			parts[nr++] = (struct part){ snapshot->torn, nr_cells * sizeof(__u32),
						     when };
		}
	}
	return nr;
}

size_t pinned__edge_size(const struct counters *counters)
{
	const struct snapshot none = { .counters = *counters };
	struct part parts[MAX_PARTS];
	size_t size = sizeof(struct edge);
	int nr = list_parts(&none, parts);

	for (int i = 0; i < nr; i++)
		size += parts[i].size;
	return size;
}

void pinned__store_edge(void *to, const struct snapshot *snapshot, bool hotplug)
{
	struct edge edge = {
		.time = snapshot->time,
		.missed = snapshot->missed,
		.hotplug = hotplug,
		.kernel_known = snapshot->kernel.known,
		.words_known = snapshot->words.known,
		.online = snapshot->online,
	};
	struct part parts[MAX_PARTS];
	int nr = list_parts(snapshot, parts);

	memcpy(to, &edge, sizeof(edge));
	to = (char *)to + sizeof(edge);
	for (int i = 0; i < nr; i++) {
		memcpy(to, parts[i].at, parts[i].size);
		to = (char *)to + parts[i].size;
	}
}

void pinned__load_edge(const void *from, struct snapshot *snapshot, bool timed, bool *hotplug)
{
	const struct edge *edge = from;
	struct part parts[MAX_PARTS];
	int nr = list_parts(snapshot, parts);

	snapshot->time = edge->time;
	snapshot->missed = edge->missed;
	snapshot->kernel.known = edge->kernel_known;
	snapshot->words.known = edge->words_known;
	snapshot->online = edge->online;
	*hotplug = edge->hotplug;
	from = edge + 1;
	for (int i = 0; i < nr; i++) {
		if (parts[i].when == COUNTED_LATENCY && !timed)
			break;
		memcpy(parts[i].at, from, parts[i].size);
		from = (const char *)from + parts[i].size;
	}
}
