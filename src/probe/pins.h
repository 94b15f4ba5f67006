/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counters that are left running: the programs' links and data, pinned in the BPF file
 * system under a name, and what they say of themselves. Knows libbpf and what the tables are
 * called, but loads and attaches nothing.
 */
#ifndef PINS_H
#define PINS_H

#include <sys/types.h>

#include "analysis/pinned.h"

#define PINS_BPFFS	"/sys/fs/bpf"
#define PINS_ROOT	PINS_BPFFS "/ipimux-trace"

struct bpf_object_skeleton;
struct pins;

/* Anybody but the owner must not read them. */
#define PINS_NO_GROUP	((gid_t)-1)

/*
 * All that find no pins return
 *	-ENODEV		no BPF file system is mounted
 *	-ENOENT		there is nothing of that name
 *	-ESTALE		something is missing: whoever attached did not get through
 *	-EBADMSG	it is none of ours
 *	-EACCES		no permission
 * or another -errno.
 */

/*
 * Pins what @skeleton has attached and where it counts, under a name that is free, for
 * @group to read. @description and @edge (@edge_size bytes) go with it and never change.
 * Returns 0 or, leaving nothing behind, -EEXIST if the name is taken, or as above; or,
 * where another user could change what is pinned,
 *	-EUSERS		PINS_ROOT belongs to one
 *	-ENOTUNIQ	others may write to it
 *	-ENOTDIR	it is no directory, but perhaps a link to one
 *	-EBADR		they could take it away: so is PINS_BPFFS
 */
int pins__create(const char *name, const struct bpf_object_skeleton *skeleton,
		 const struct pinned_description *description, const void *edge,
		 size_t edge_size, gid_t group);

/* How many links @skeleton has. */
unsigned int pins__count_links(const struct bpf_object_skeleton *skeleton);

/* Opens them to read. Close them in any case. Returns 0, or as above. */
int pins__open(struct pins **pins, const char *name);
/* NULL is fine. */
void pins__close(struct pins *pins);

/* Are they of some version of this tool? */
bool pins__are_ours(const struct pins *pins);

/*
 * Makes room for a copy of their counters, after having found that they fit; @timed: with
 * waits. A copy, because only who may write to a map can map it. Returns 0, -ENODATA if
 * they have no waits, the errors of pinned__check(), or as above.
 */
int pins__open_counters(struct pins *pins, const struct machine *machine, bool timed,
			struct counters *counters);
/* Copies them, one table after the other. Returns 0 or -errno. */
int pins__refresh(const struct pins *pins);

/* The snapshot of the attach, into one of their shape. Returns 0 or as above. */
int pins__read_first(struct pins *pins, struct snapshot *snapshot, bool *hotplug);

/* May this process open the programs? Then it can know how often the kernel skipped them. */
bool pins__know_missed(const struct pins *pins);
/* See loader__read_missed(). Returns 0 or -errno. */
int pins__read_missed(const struct pins *pins, __u64 *missed);

/* Are they still those that were opened, all of them? */
bool pins__are_there(const struct pins *pins);

/* Removes them, whole or not, of any version. Returns 0 or as above. */
int pins__remove(const char *name);

/* The names there are, as "a, b", cut off at @size. */
void pins__list(char *buf, size_t size);

#endif /* PINS_H */
