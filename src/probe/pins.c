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
#include "ways/fentry.h"

struct pinned_program {
	int fd;
	char name[32];
};

struct copied_table {
	int map;
	void *copy;
};

struct pins {
	char name[PINNED_NAME_SIZE];
	char directory[PATH_SIZE];
	struct pinned_description description;	/* not to be trusted */
	size_t description_size;
	struct pinned_program *programs;
	unsigned int nr_programs;
	bool no_programs;	/* they are not for this process */
	unsigned int nr_links;
	ino_t identity;
	struct copied_table tables[COUNTERS_NR_TABLES];
	unsigned int nr_tables;
	unsigned int nr_cpus;	/* that there is room for */
	struct copied_table own;	/* what fentry's programs note of themselves */
};

/* --- what can be wrong with them --- */

static struct failure *missing(const char *name)
{
	char names[256];

	pins__list(names, sizeof(names));
	if (!*names)
		return failure__new(FAILURE_BROKEN, -ENOENT, "no counters are pinned as '%s' or as "
				    "anything else: type ipimux-trace attach --pin %s", name, name);
	return failure__new(FAILURE_BROKEN, -ENOENT, "no counters are pinned as '%s'; pinned "
			    "are: %s", name, names);
}

struct failure *pins__foreign(const char *name)
{
	return failure__new(FAILURE_BROKEN, 0, "%s/%s holds files that are not from ipimux-trace: "
			    "choose another name, or remove them yourself", PINS_ROOT, name);
}

struct failure *pins__not_whole(const char *name)
{
	return failure__new(FAILURE_BROKEN, 0, "'%s' is incomplete: the attach was cut off, or a "
			    "part was removed; ipimux-trace detach %s removes the rest", name, name);
}

struct failure *pins__failure(const char *name, int err)
{
	if (!err)
		return NULL;
	if (err == -EACCES || err == -EPERM)
		return failure__new(FAILURE_NOT_PERMITTED, err, "no permission for '%s' in %s: run "
				    "as root, or as a member of the group given to attach "
				    "--group; %s, too, must let you in", name, PINS_ROOT, PINS_BPFFS);
	return failure__new(failure__kind_of(err), err, "cannot use '%s' in %s: %s", name,
			    PINS_ROOT, strerror(-err));
}

struct failure *pins__check_bpffs(const char *name)
{
	struct statfs status;

	if (statfs(PINS_BPFFS, &status) && errno != ENOENT)
		return pins__failure(name, -errno);
	if (!statfs(PINS_BPFFS, &status) && status.f_type == BPF_FS_MAGIC)
		return NULL;
	return failure__new(FAILURE_BROKEN, -ENODEV, "no BPF file system at %s: "
			    "mount -t bpf bpf %s", PINS_BPFFS, PINS_BPFFS);
}

struct failure *pins__for_each(const char *name, const char *directory,
			       struct failure *(*visit)(void *context, const struct dirent *entry),
			       void *context)
{
	struct failure *failure = NULL;
	DIR *dir = opendir(directory);
	struct dirent *entry;

	if (!dir)
		return errno == ENOENT ? missing(name) : pins__failure(name, -errno);
	while (!failure && (entry = readdir(dir)))
		if (*entry->d_name != '.')
			failure = visit(context, entry);
	closedir(dir);
	return failure;
}

/* --- what they are --- */

/* map_size - 0 where it is no map of one value, as ours all are; or -errno */
static int map_size(int fd, size_t *size)
{
	struct bpf_map_info info = {};
	__u32 length = sizeof(info);

	if (bpf_map_get_info_by_fd(fd, &info, &length))
		return -errno;
	*size = info.type == BPF_MAP_TYPE_ARRAY && info.max_entries == 1 ? info.value_size : 0;
	return 0;
}

/*
 * open_map - opens the map @kind@name as *@map, which has *@size bytes, or, if it need not be so
 * @exact, as many or more, and then *@size is how many
 */
static struct failure *open_map(const struct pins *pins, const char *kind, const char *name,
				size_t *size, bool exact, int *map)
{
	LIBBPF_OPTS(bpf_obj_get_opts, options, .file_flags = BPF_F_RDONLY);
	char path[PATH_SIZE];
	size_t there;
	int err, fd;

	path_of(path, pins->directory, kind, name);
	fd = bpf_obj_get_opts(path, &options);
	if (fd < 0 && errno == ENOENT)
		return pins__not_whole(pins->name);
	if (fd < 0)
		return errno == EINVAL ? pins__foreign(pins->name) :
					 pins__failure(pins->name, -errno);
	err = map_size(fd, &there);
	/* -EINVAL: it is no map at all. */
	if (err == -EINVAL || (!err && (exact ? there != *size : there < *size))) {
		close(fd);
		return pins__foreign(pins->name);
	}
	if (err) {
		close(fd);
		return pins__failure(pins->name, err);
	}
	*size = there;
	*map = fd;
	return NULL;
}

/* copy_map - the kernel copies 64 bits at a time, so that each counter is right by itself */
static int copy_map(int fd, void *to)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(fd, &key, to) ? -errno : 0;
}

/* read_constant - what is in @name, to be freed */
static struct failure *read_constant(const struct pins *pins, const char *name, size_t *size,
				     bool exact, void **data)
{
	int fd, err;
	struct failure *failure = open_map(pins, "", name, size, exact, &fd);

	if (failure)
		return failure;
	*data = malloc(*size);
	err = *data ? copy_map(fd, *data) : -ENOMEM;
	close(fd);
	if (err)
		free(*data);
	return pins__failure(pins->name, err);
}

static struct failure *read_description(struct pins *pins)
{
	size_t size = offsetof(struct pinned_description, nr_links);
	void *data;
	struct failure *failure = read_constant(pins, DESCRIPTION, &size, false, &data);

	if (failure)
		return failure;
	pins->description_size = size < sizeof(pins->description) ? size :
								     sizeof(pins->description);
	memcpy(&pins->description, data, pins->description_size);
	free(data);
	return NULL;
}

static struct failure *open_program(void *context, const struct dirent *entry)
{
	LIBBPF_OPTS(bpf_obj_get_opts, options, .file_flags = BPF_F_RDONLY);
	struct pins *pins = context;
	struct pinned_program *programs, *program;
	char path[PATH_SIZE];
	int fd;

	if (!starts_with(entry->d_name, PROGRAM) || pins->no_programs)
		return NULL;
	path_of(path, pins->directory, "", entry->d_name);
	fd = bpf_obj_get_opts(path, &options);
	if (fd < 0) {
		pins->no_programs = errno == EACCES;
		return pins->no_programs ? NULL : pins__failure(pins->name, -errno);
	}
	programs = realloc(pins->programs, (pins->nr_programs + 1) * sizeof(*programs));
	if (!programs) {
		close(fd);
		return failure__of(-ENOMEM);
	}
	pins->programs = programs;
	program = &programs[pins->nr_programs++];
	program->fd = fd;
	snprintf(program->name, sizeof(program->name), "%s", entry->d_name + strlen(PROGRAM));
	return NULL;
}

/* What tells these pins from others of the same name: nobody's inode is anybody else's. */
struct identity {
	unsigned int nr_links;
	ino_t inodes;
};

static struct failure *add_identity(void *context, const struct dirent *entry)
{
	struct identity *identity = context;
	bool link = starts_with(entry->d_name, LINK);

	identity->nr_links += link;
	if (link || !strcmp(entry->d_name, DESCRIPTION))
		identity->inodes += entry->d_ino;
	return NULL;
}

struct failure *pins__open(struct pins **result, const char *name)
{
	struct failure *failure = pins__check_bpffs(name);
	struct identity identity = {};
	struct pins *pins;

	if (failure)
		return failure;
	pins = calloc(1, sizeof(*pins));
	if (!pins)
		return failure__of(-ENOMEM);
	snprintf(pins->name, sizeof(pins->name), "%s", name);
	path_of(pins->directory, PINS_ROOT, "", name);
	failure = pins__for_each(name, pins->directory, add_identity, &identity);
	pins->nr_links = identity.nr_links;
	pins->identity = identity.inodes;
	if (!failure)
		failure = read_description(pins);
	if (!failure)
		failure = pins__for_each(name, pins->directory, open_program, pins);
	if (failure)
		pins__close(pins);
	else
		*result = pins;
	return failure;
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

static struct failure *open_table(const struct pins *pins, const char *name, size_t size,
				  struct copied_table *table)
{
	struct failure *failure = open_map(pins, COUNTERS, name, &size, true, &table->map);

	if (failure)
		return failure;
	table->copy = calloc(1, size);
	if (table->copy)
		return NULL;
	close(table->map);
	return failure__of(-ENOMEM);
}

/* open_counters - the tables there are that are copied then, behind those that are open */
static struct failure *open_counters(struct pins *pins, struct counters *counters,
				     unsigned int there, enum table_copied copied)
{
	struct failure *failure = NULL;

	for (int table = 0; table < COUNTERS_NR_TABLES && !failure; table++) {
		const struct table *described = &tables[table];
		struct copied_table *opened = &pins->tables[pins->nr_tables];

		if (described->copied != copied || !(there >> described->when & 1))
			continue;
		if (described->within) {
			counters__add_part(counters, table);
			continue;
		}
		failure = open_table(pins, described->name,
				     table__size(described, &counters->shape) * sizeof(__u64),
				     opened);
		if (failure)
			break;
		pins->nr_tables++;
		counters->table[table] = opened->copy;
	}
	return failure;
}

/* check - are they some that can be read here? Then *@shape is theirs */
static struct failure *check(const struct pins *pins, const struct machine *machine, bool timed,
			     struct ipimux_shape *shape)
{
	const char *name = pins->name;

	switch (pinned__check(&pins->description, pins->description_size, machine, shape)) {
	case 0:
		break;
	case -EPROTO:
		return failure__new(FAILURE_BROKEN, 0, "'%s' was attached by a version of "
				    "ipimux-trace that counts in another way: read it with that "
				    "version, or detach %s and attach it again", name, name);
	case -EXDEV:
		return failure__new(FAILURE_BROKEN, 0, "'%s' counts for a machine with other CPUs "
				    "or vIPIs than /sys shows here", name);
	default:
		return pins__foreign(name);
	}
	if (!is_complete(pins))
		return pins__not_whole(name);
	if (timed && !pins->description.timed)
		return failure__new(FAILURE_BROKEN, 0, "'%s' does not time how long vIPIs wait: "
				    "attach it with --latency", name);
	return NULL;
}

struct failure *pins__open_counters(struct pins *pins, const struct machine *machine, bool timed,
				    struct counters *counters)
{
	const struct pinned_description *description = &pins->description;
	struct ipimux_shape *shape = &counters->shape;
	struct failure *failure = check(pins, machine, timed, shape);
	unsigned int there = pinned__tables(description);

	if (!timed)
		there &= ~COUNTED(LATENCY);
	if (failure)
		return failure;
	counters->by_set = description->by_set;
	counters->timed_one_in = timed ? description->timed : 0;
	/*
	 * pins__refresh() copies them in this order. A copy of all takes so long that kicks come
	 * behind the processes they may have caused, so that no process is there without its kick.
	 */
	failure = open_counters(pins, counters, there, COPIED_TOGETHER);
	if (!failure)
		failure = open_counters(pins, counters, there, COPIED_AFTER);
	if (failure || !description->outside)
		return failure;
	pins->nr_cpus = 1U << shape->cpu_shift;
	return open_table(pins, "cpus", pins->nr_cpus * sizeof(struct fentry_cpu), &pins->own);
}

int pins__refresh(const struct pins *pins)
{
	int err = 0;

	for (unsigned int i = 0; i < pins->nr_tables && !err; i++)
		err = copy_map(pins->tables[i].map, pins->tables[i].copy);
	return err;
}

struct failure *pins__read_first(struct pins *pins, struct snapshot *snapshot, bool *hotplug)
{
	struct counters counters = { .shape = snapshot->counters.shape };
	unsigned int there = pinned__tables(&pins->description);
	struct failure *failure;
	__u64 something;
	void *edge;
	size_t size;

	/* Only whether they are there matters for the size. */
	for (int table = 0; table < COUNTERS_NR_TABLES; table++)
		counters.table[table] = there >> tables[table].when & 1 ? &something : NULL;
	size = pinned__edge_size(&counters);
	failure = read_constant(pins, EDGE, &size, true, &edge);
	if (failure)
		return failure;
	pinned__load_edge(edge, snapshot, there & COUNTED(LATENCY), hotplug);
	free(edge);
	return NULL;
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

struct failure *pins__check_there(const struct pins *pins)
{
	struct identity identity = {};
	struct failure *failure = pins__for_each(pins->name, pins->directory, add_identity,
						 &identity);

	if (!failure && identity.nr_links == pins->nr_links && identity.inodes == pins->identity)
		return NULL;
	failure__free(failure);
	return failure__new(FAILURE_BROKEN, 0, "'%s' was detached meanwhile: nothing counts any "
			    "longer", pins->name);
}

