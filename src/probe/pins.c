// SPDX-License-Identifier: GPL-2.0-only
/* Counters that are left running: how they are read, see pins.h. */
#include <errno.h>
#include <stdlib.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/bpf.h>
#include <linux/magic.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "probe/fentry.h"
#include "probe/pins.h"
#include "probe/pins_names.h"

#define MAX_TABLES	6

struct pinned_program {
	int fd;
	char name[32];
};

struct table {
	int map;
	void *copy;
};

struct pins {
	char directory[PATH_SIZE];
	struct pinned_description description;	/* not to be trusted */
	size_t description_size;
	struct pinned_program *programs;
	unsigned int nr_programs;
	bool no_programs;	/* they are not for this process */
	unsigned int nr_links;
	ino_t identity;
	struct table tables[MAX_TABLES];
	unsigned int nr_tables;
	unsigned int nr_cpus;	/* that there is room for */
	struct table own;	/* what fentry's programs note of themselves, if it is they */
};

int pins__check_bpffs(void)
{
	struct statfs status;

	if (statfs(PINS_BPFFS, &status))
		return errno == ENOENT ? -ENODEV : -errno;
	return status.f_type == BPF_FS_MAGIC ? 0 : -ENODEV;
}

int pins__for_each(const char *directory,
		   int (*visit)(void *context, const struct dirent *entry), void *context)
{
	DIR *dir = opendir(directory);
	struct dirent *entry;
	int err = 0;

	if (!dir)
		return -errno;
	while (!err && (entry = readdir(dir)))
		if (*entry->d_name != '.')
			err = visit(context, entry);
	closedir(dir);
	return err;
}

/* --- what they are --- */

static int map_size(int fd, size_t *size)
{
	struct bpf_map_info info = {};
	__u32 length = sizeof(info);

	if (bpf_map_get_info_by_fd(fd, &info, &length))
		return errno == EINVAL ? -EBADMSG : -errno;
	if (info.type != BPF_MAP_TYPE_ARRAY || info.max_entries != 1)
		return -EBADMSG;
	*size = info.value_size;
	return 0;
}

/*
 * open_map - opens the map @kind@name, which has *@size bytes, or, if it need not be so
 * @exact, as many or more, and then *@size is how many
 */
static int open_map(const struct pins *pins, const char *kind, const char *name, size_t *size,
		    bool exact)
{
	LIBBPF_OPTS(bpf_obj_get_opts, options, .file_flags = BPF_F_RDONLY);
	char path[PATH_SIZE];
	size_t there;
	int err, fd;

	path_of(path, pins->directory, kind, name);
	fd = bpf_obj_get_opts(path, &options);
	if (fd < 0)
		return errno == ENOENT ? -ESTALE : errno == EINVAL ? -EBADMSG : -errno;
	err = map_size(fd, &there);
	if (!err && (exact ? there != *size : there < *size))
		err = -EBADMSG;
	if (err) {
		close(fd);
		return err;
	}
	*size = there;
	return fd;
}

/* copy_map - the kernel copies 64 bits at a time, so that each counter is right by itself */
static int copy_map(int fd, void *to)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(fd, &key, to) ? -errno : 0;
}

/* read_constant - what is in @name, to be freed */
static int read_constant(const struct pins *pins, const char *name, size_t *size, bool exact,
			 void **data)
{
	int fd = open_map(pins, "", name, size, exact);
	int err;

	if (fd < 0)
		return fd;
	*data = malloc(*size);
	err = *data ? copy_map(fd, *data) : -ENOMEM;
	close(fd);
	if (err)
		free(*data);
	return err;
}

static int read_description(struct pins *pins)
{
	size_t size = offsetof(struct pinned_description, nr_links);
	void *data;
	int err = read_constant(pins, DESCRIPTION, &size, false, &data);

	if (err)
		return err;
	pins->description_size = size < sizeof(pins->description) ? size :
								     sizeof(pins->description);
	memcpy(&pins->description, data, pins->description_size);
	free(data);
	return 0;
}

static int open_program(void *context, const struct dirent *entry)
{
	LIBBPF_OPTS(bpf_obj_get_opts, options, .file_flags = BPF_F_RDONLY);
	struct pins *pins = context;
	struct pinned_program *programs, *program;
	char path[PATH_SIZE];
	int fd;

	if (!starts_with(entry->d_name, PROGRAM) || pins->no_programs)
		return 0;
	path_of(path, pins->directory, "", entry->d_name);
	fd = bpf_obj_get_opts(path, &options);
	if (fd < 0) {
		pins->no_programs = errno == EACCES;
		return pins->no_programs ? 0 : -errno;
	}
	programs = realloc(pins->programs, (pins->nr_programs + 1) * sizeof(*programs));
	if (!programs) {
		close(fd);
		return -ENOMEM;
	}
	pins->programs = programs;
	program = &programs[pins->nr_programs++];
	program->fd = fd;
	snprintf(program->name, sizeof(program->name), "%s", entry->d_name + strlen(PROGRAM));
	return 0;
}

/* What tells these pins from others of the same name: nobody's inode is anybody else's. */
struct identity {
	unsigned int nr_links;
	ino_t inodes;
};

static int add_identity(void *context, const struct dirent *entry)
{
	struct identity *identity = context;
	bool link = starts_with(entry->d_name, LINK);

	identity->nr_links += link;
	if (link || !strcmp(entry->d_name, DESCRIPTION))
		identity->inodes += entry->d_ino;
	return 0;
}

int pins__open(struct pins **result, const char *name)
{
	struct identity identity = {};
	struct pins *pins;
	int err = pins__check_bpffs();

	if (err)
		return err;
	pins = calloc(1, sizeof(*pins));
	if (!pins)
		return -ENOMEM;
	path_of(pins->directory, PINS_ROOT, "", name);
	err = pins__for_each(pins->directory, add_identity, &identity);
	pins->nr_links = identity.nr_links;
	pins->identity = identity.inodes;
	if (!err)
		err = read_description(pins);
	if (!err)
		err = pins__for_each(pins->directory, open_program, pins);
	if (err)
		pins__close(pins);
	else
		*result = pins;
	return err;
}

void pins__close(struct pins *pins)
{
	if (!pins)
		return;
	for (unsigned int i = 0; i < pins->nr_tables; i++) {
		close(pins->tables[i].map);
		free(pins->tables[i].copy);
	}
	if (pins->own.copy)
		close(pins->own.map);
	free(pins->own.copy);
	for (unsigned int i = 0; i < pins->nr_programs; i++)
		close(pins->programs[i].fd);
	free(pins->programs);
	free(pins);
}

bool pins__are_ours(const struct pins *pins)
{
	return pins->description.magic == PINNED_MAGIC;
}

/* is_complete - are there as many as they say? */
static bool is_complete(const struct pins *pins)
{
	unsigned int nr = pins->description.nr_links;

	return pins->nr_links == nr && (pins->no_programs || pins->nr_programs == nr);
}

/* open_table - returns 0 and @table, or as pins.h has it */
static int open_table(const struct pins *pins, const char *name, __u32 mask, size_t entry,
		      struct table *table)
{
	size_t size = pinned__table_size(mask, entry);
	int fd = open_map(pins, COUNTERS, name, &size, true);

	if (fd < 0)
		return fd;
	table->map = fd;
	table->copy = calloc(1, size);
	if (table->copy)
		return 0;
	close(fd);
	return -ENOMEM;
}

/* open_counters - the copy to be of a table; NULL if *@err is or becomes one */
static void *open_counters(struct pins *pins, const char *name, __u32 mask, size_t entry, int *err)
{
	struct table *table = &pins->tables[pins->nr_tables];

	if (!*err)
		*err = open_table(pins, name, mask, entry, table);
	if (*err)
		return NULL;
	pins->nr_tables++;
	return table->copy;
}

int pins__open_counters(struct pins *pins, const struct machine *machine, bool timed,
			struct counters *counters)
{
	const struct pinned_description *description = &pins->description;
	struct ipimux_shape *shape = &counters->shape;
	int err;

	err = pinned__check(description, pins->description_size, machine, shape);
	if (!err && !is_complete(pins))
		err = -ESTALE;
	if (!err && timed && !description->timed)
		err = -ENODATA;
	counters->by_set = description->by_set;
	counters->traffic = open_counters(pins, "traffic", shape->traffic_mask, sizeof(__u64),
					  &err);
	counters->processed = open_counters(pins, "processed", shape->processed_mask,
					    sizeof(__u64), &err);
	counters->unmasked = open_counters(pins, "unmasked", shape->unmasked_mask, sizeof(__u64),
					   &err);
	if (description->masks)
		counters->masked = open_counters(pins, "masked", shape->masked_mask, sizeof(__u64),
						 &err);
	if (timed)
		counters->waits = open_counters(pins, "waits", shape->waits_mask,
						sizeof(struct ipimux_waits), &err);
	if (!description->outside)
		return err;
	counters->doubts = open_counters(pins, "doubts", shape->unmasked_mask, sizeof(__u64), &err);
	pins->nr_cpus = 1U << shape->cpu_shift;
	return err ? err : open_table(pins, "cpus", pins->nr_cpus - 1, sizeof(struct fentry_cpu),
				      &pins->own);
}

int pins__refresh(const struct pins *pins)
{
	int err = 0;

	/* Waits and doubts last, see copy_waits() in snapshot.c. */
	for (unsigned int i = 0; i < pins->nr_tables && !err; i++)
		err = copy_map(pins->tables[i].map, pins->tables[i].copy);
	return err;
}

int pins__read_first(struct pins *pins, struct snapshot *snapshot, bool *hotplug)
{
	struct counters counters = { .shape = snapshot->counters.shape };
	bool timed = pins->description.timed;
	struct ipimux_waits some_waits;
	__u64 some_doubts, some_masks;
	void *edge;
	size_t size;
	int err;

	counters.waits = timed ? &some_waits : NULL;
	counters.doubts = pins->description.outside ? &some_doubts : NULL;
	counters.masked = pins->description.masks ? &some_masks : NULL;
	size = pinned__edge_size(&counters);
	err = read_constant(pins, EDGE, &size, true, &edge);
	if (err)
		return err;
	pinned__load_edge(edge, snapshot, timed, hotplug);
	free(edge);
	return 0;
}

bool pins__know_missed(const struct pins *pins)
{
	return !pins->no_programs;
}

/* note_skipped - into that one of fentry__telling which @name is, if it is one */
static void note_skipped(__u64 skipped[FENTRY_NR_TELLING], const char *name, __u64 times)
{
	for (int i = 0; i < FENTRY_NR_TELLING; i++)
		if (!strcmp(name, fentry__telling[i]))
			skipped[i] = times;
}

int pins__read_missed(const struct pins *pins, __u64 *missed)
{
	__u64 skipped[FENTRY_NR_TELLING] = {};
	int err;

	*missed = 0;
	for (unsigned int i = 0; i < pins->nr_programs; i++) {
		struct bpf_prog_info info = {};
		__u32 size = sizeof(info);

		if (bpf_prog_get_info_by_fd(pins->programs[i].fd, &info, &size))
			return -errno;
		note_skipped(skipped, pins->programs[i].name, info.recursion_misses);
		*missed += info.recursion_misses;
	}
	if (!pins->description.outside)
		return 0;
	err = copy_map(pins->own.map, pins->own.copy);
	if (!err)
		*missed = fentry__count_missed(skipped, pins->own.copy, pins->nr_cpus);
	return err;
}

bool pins__are_there(const struct pins *pins)
{
	struct identity identity = {};

	return !pins__for_each(pins->directory, add_identity, &identity) &&
	       identity.nr_links == pins->nr_links && identity.inodes == pins->identity;
}

