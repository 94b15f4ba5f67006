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

#include "probe/pins.h"
#include "probe/pins_names.h"

#define MAX_TABLES	4

struct pins {
	char directory[PATH_SIZE];
	struct pinned_description description;	/* not to be trusted */
	size_t description_size;
	int *programs;
	unsigned int nr_programs;
	bool no_programs;	/* they are not for this process */
	unsigned int nr_links;
	ino_t identity;
	struct {
		int map;
		void *copy;
	} tables[MAX_TABLES];
	unsigned int nr_tables;
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
	char path[PATH_SIZE];
	int *programs;
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
	programs[pins->nr_programs++] = fd;
	pins->programs = programs;
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
	for (unsigned int i = 0; i < pins->nr_programs; i++)
		close(pins->programs[i]);
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

/* open_table - the copy to be of a table; NULL if *@err is or becomes one */
static void *open_table(struct pins *pins, const char *name, __u32 mask, size_t entry, int *err)
{
	size_t size = pinned__table_size(mask, entry);
	void *copy;
	int fd;

	if (*err)
		return NULL;
	fd = open_map(pins, COUNTERS, name, &size, true);
	if (fd < 0) {
		*err = fd;
		return NULL;
	}
	copy = calloc(1, size);
	pins->tables[pins->nr_tables].map = fd;
	pins->tables[pins->nr_tables++].copy = copy;
	*err = copy ? 0 : -ENOMEM;
	return copy;
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
	counters->traffic = open_table(pins, "traffic", shape->traffic_mask, sizeof(__u64), &err);
	counters->processed = open_table(pins, "processed", shape->processed_mask, sizeof(__u64),
					 &err);
	counters->unmasked = open_table(pins, "unmasked", shape->unmasked_mask, sizeof(__u64),
					&err);
	if (timed)
		counters->waits = open_table(pins, "waits", shape->waits_mask,
					     sizeof(struct ipimux_waits), &err);
	return err;
}

int pins__refresh(const struct pins *pins)
{
	int err = 0;

	/* Waits last, see copy_waits() in snapshot.c. */
	for (unsigned int i = 0; i < pins->nr_tables && !err; i++)
		err = copy_map(pins->tables[i].map, pins->tables[i].copy);
	return err;
}

int pins__read_first(struct pins *pins, struct snapshot *snapshot, bool *hotplug)
{
	struct counters counters = { .shape = snapshot->counters.shape };
	bool timed = pins->description.timed;
	struct ipimux_waits some;
	void *edge;
	size_t size;
	int err;

	counters.waits = timed ? &some : NULL;
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

int pins__read_missed(const struct pins *pins, __u64 *missed)
{
	*missed = 0;
	for (unsigned int i = 0; i < pins->nr_programs; i++) {
		struct bpf_prog_info info = {};
		__u32 size = sizeof(info);

		if (bpf_prog_get_info_by_fd(pins->programs[i], &info, &size))
			return -errno;
		*missed += info.recursion_misses;
	}
	return 0;
}

bool pins__are_there(const struct pins *pins)
{
	struct identity identity = {};

	return !pins__for_each(pins->directory, add_identity, &identity) &&
	       identity.nr_links == pins->nr_links && identity.inodes == pins->identity;
}

