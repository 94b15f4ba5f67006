/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counters that are left running: the programs' links and data, pinned in the BPF file
 * system under a name, and what they say of themselves. Knows libbpf and what the tables are
 * called, but loads and attaches nothing.
 */
#ifndef PINS_H
#define PINS_H

#include <sys/types.h>

#include "base/failure.h"
#include "counters/pinned.h"

#define PINS_BPFFS	"/sys/fs/bpf"
#define PINS_ROOT	PINS_BPFFS "/ipimux-trace"

struct bpf_object_skeleton;
struct pins;

/* Anybody but the owner must not read them. */
#define PINS_NO_GROUP	((gid_t)-1)

/*
 * Pins what @skeleton has attached and where it counts, under a name that is free, for
 * @group to read. @description and @edge (@edge_size bytes) go with it and never change. A failure
 * leaves nothing behind: one is that the name is taken, by counters of @machine or by what is left
 * of some, another that another user could change what is pinned.
 */
struct failure *pins__create(const char *name, const struct machine *machine,
			     const struct bpf_object_skeleton *skeleton,
			     const struct pinned_description *description, const void *edge,
			     size_t edge_size, gid_t group);

/* How many links @skeleton has. */
unsigned int pins__count_links(const struct bpf_object_skeleton *skeleton);

/* Opens them to read. *@pins is to be closed. */
struct failure *pins__open(struct pins **pins, const char *name);
/* NULL is fine. */
void pins__close(struct pins *pins);

/* Are they of some version of this tool? */
bool pins__are_ours(const struct pins *pins);

/*
 * Makes room for a copy of their counters, after having found that they fit; @timed: with
 * waits. A copy, because only who may write to a map can map it.
 */
struct failure *pins__open_counters(struct pins *pins, const struct machine *machine, bool timed,
				    struct counters *counters);
/* Copies them, one table after the other. Returns 0 or -errno. */
int pins__refresh(const struct pins *pins);

/* The snapshot of the attach, into one of their shape. */
struct failure *pins__read_first(struct pins *pins, struct snapshot *snapshot, bool *hotplug);

/* May this process open the programs? Then it can know how often the kernel skipped them. */
bool pins__know_missed(const struct pins *pins);
/* See loader__read_missed(). Returns 0 or -errno. */
int pins__read_missed(const struct pins *pins, __u64 *missed);

/* A failure if they are not those any more that were opened, all of them. */
struct failure *pins__check_there(const struct pins *pins);

/* Removes them, whole or not, of any version. */
struct failure *pins__remove(const char *name);

/* The names there are, as "a, b", cut off at @size. */
void pins__list(char *buf, size_t size);

#endif /* PINS_H */
