/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What counters that are left running say of themselves, for whoever reads them later,
 * perhaps with another version of this tool. Pure: where it is kept is probe/pins.h's.
 */
#ifndef PINNED_H
#define PINNED_H

#include "counters/snapshot.h"
#include "machine/machine.h"

#define PINNED_MAGIC	0x6e70782d69706dULL
/* IPIMUX_LAYOUT is also to be raised when what follows here comes to mean something else. */

#define PINNED_NAME_SIZE	32	/* the end included */

struct pinned_description {
	/* These stay where they are in all layouts. */
	__u64 magic;
	__u32 layout;
	__u32 size;		/* of all of this */
	char version[16];	/* of the tool that attached */

	/* What is counted, and for which machine. */
	__u32 nr_links;		/* to the kernel's events, each with a pin */
	__u32 by_set;
	__u32 timed;		/* with waits: one in so many; 0: without */
	__u32 outside;		/* by fentry, with doubts */
	__u32 masks;		/* with masks */
	__u32 nr_vipis;
	__u32 virq[IPIMUX_MAX_VIPIS];
	struct ipimux_shape shape;
	struct cpuset possible;
};

/* May it be the name of counters? Letters, digits, - and _; not too long. */
bool pinned__is_name(const char *name);

/* Describes counters such as @counters. */
void pinned__describe(struct pinned_description *description, const struct machine *machine,
		      const struct counters *counters, unsigned int nr_links);

/*
 * Is @description, of which @size bytes are there, one of counters that can be read here?
 * Trusts nothing in it. Returns 0 and *@shape, or
 *	-EBADMSG	it is none of ours
 *	-EPROTO		of a version that counts in another way
 *	-EXDEV		of another machine
 */
int pinned__check(const struct pinned_description *description, size_t size,
		  const struct machine *machine, struct ipimux_shape *shape);

/* When which tables are there, by a description that can be read here: COUNTED() bits. */
unsigned int pinned__tables(const struct pinned_description *description);

/*
 * The snapshot of the attach, as bytes: what it was when counting began. @hotplug: CPUs
 * came or went just then.
 */
size_t pinned__edge_size(const struct counters *counters);
void pinned__store_edge(void *to, const struct snapshot *snapshot, bool hotplug);
/* Into a @snapshot of the same tables, or without waits; of the wall clock it knows nothing. */
void pinned__load_edge(const void *from, struct snapshot *snapshot, bool timed, bool *hotplug);

#endif /* PINNED_H */
