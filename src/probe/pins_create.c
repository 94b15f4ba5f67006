// SPDX-License-Identifier: GPL-2.0-only
/* Counters that are left running: how they are pinned and removed, see pins.h. */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/bpf.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/array_size.h"
#include "probe/pins.h"
#include "probe/pins_names.h"

/* --- pinning --- */

struct creation {
	const char *name;
	const struct machine *machine;
	char directory[PATH_SIZE];
	gid_t group;
};

/* give - makes what is pinned at @path the group's to read, too */
static int give(const struct creation *creation, const char *path, mode_t mode)
{
	if (creation->group == PINS_NO_GROUP)
		return 0;
	return chown(path, -1, creation->group) || chmod(path, mode) ? -errno : 0;
}

static int pin(const struct creation *creation, int fd, const char *kind, const char *name)
{
	char path[PATH_SIZE];

	path_of(path, creation->directory, kind, name);
	return bpf_obj_pin(fd, path) ? -errno : 0;
}

static int pin_map(const struct creation *creation, int fd, const char *kind, const char *name)
{
	char path[PATH_SIZE];
	int err = pin(creation, fd, kind, name);

	path_of(path, creation->directory, kind, name);
	return err ? err : give(creation, path, 0640);
}

/* pin_constant - pins @size bytes that nobody can change any more */
static int pin_constant(const struct creation *creation, const char *name, const void *data,
			size_t size)
{
	__u32 key = 0;
	int err, fd;

	if (size > INT32_MAX)
		return -E2BIG;
	fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "ipimux_pinned", sizeof(key), size, 1, NULL);
	if (fd < 0)
		return fd;
	err = bpf_map_update_elem(fd, &key, data, BPF_ANY);
	if (!err)
		err = bpf_map_freeze(fd);
	if (!err)
		err = pin_map(creation, fd, "", name);
	close(fd);
	return err;
}

/* short_name - of ".data.traffic" the traffic: a pin's name has no dots */
static const char *short_name(const struct bpf_map *map)
{
	const char *name = bpf_map__name(map), *dot = strrchr(name, '.');

	return dot ? dot + 1 : name;
}

/*
 * is_for_readers - the tables of counters, and of the rest what tells how much was missed; what
 * else programs have in memory may be the kernel's addresses
 */
static bool is_for_readers(const struct bpf_map *map)
{
	const char *name = short_name(map);

	if (!bpf_map__is_internal(map) || bpf_map__fd(map) < 0)
		return false;
	for (int table = 0; table < COUNTERS_NR_TABLES; table++)
		if (!strcmp(name, tables[table].name))
			return true;
	return !strcmp(name, "cpus");
}

static int pin_object(const struct creation *creation, const struct bpf_object_skeleton *skeleton)
{
	int err = 0;

	for (int i = 0; i < skeleton->map_cnt && !err; i++) {
		const struct bpf_map *map = *skeleton->maps[i].map;

		if (is_for_readers(map))
			err = pin_map(creation, bpf_map__fd(map), COUNTERS, short_name(map));
	}
	for (int i = 0; i < skeleton->prog_cnt && !err; i++) {
		const struct bpf_prog_skeleton *at = &skeleton->progs[i];

		if (*at->link)
			err = pin(creation, bpf_program__fd(*at->prog), PROGRAM, at->name);
	}
	for (int i = 0; i < skeleton->prog_cnt && !err; i++) {
		const struct bpf_prog_skeleton *at = &skeleton->progs[i];

		if (*at->link)
			err = pin(creation, bpf_link__fd(*at->link), LINK, at->name);
	}
	return err;
}

unsigned int pins__count_links(const struct bpf_object_skeleton *skeleton)
{
	unsigned int count = 0;

	for (int i = 0; i < skeleton->prog_cnt; i++)
		count += !!*skeleton->progs[i].link;
	return count;
}

/* not_created - because of the kernel's own -errno; 0: NULL */
static struct failure *not_created(const struct creation *creation, int err)
{
	if (err == -EACCES || err == -EPERM)
		return failure__new(FAILURE_NOT_PERMITTED, err, "no permission to pin anything in "
				    "%s: it belongs to another user", PINS_ROOT);
	return pins__failure(creation->name, err);
}

static bool is_others(const struct stat *status)
{
	return status->st_uid != geteuid() && status->st_uid;
}

/* check_root - can nobody but root and this user change what is in the place of all pins? */
static struct failure *check_root(const struct creation *creation)
{
	struct stat status;

	/* Not whatever a link points to: who made it can let it point elsewhere. */
	if (lstat(PINS_ROOT, &status))
		return not_created(creation, -errno);
	if (!S_ISDIR(status.st_mode))
		return failure__new(FAILURE_BROKEN, 0, "%s is not a directory but a link or a "
				    "file, which other users may have made: remove it", PINS_ROOT);
	if (is_others(&status))
		return failure__new(FAILURE_BROKEN, 0, "%s belongs to another user, who could "
				    "change what is in it: remove it", PINS_ROOT);
	if (status.st_mode & (S_IWGRP | S_IWOTH))
		return failure__new(FAILURE_BROKEN, 0, "other users may write to %s and change "
				    "what it holds: look at what it holds, then chmod go-w %s",
				    PINS_ROOT, PINS_ROOT);
	return NULL;
}

/* check_bpffs - can nobody but those take that place away, and put another there? */
static struct failure *check_bpffs(void)
{
	struct stat status;

	/* The kernel makes it for all to write, and sticky. */
	if (!lstat(PINS_BPFFS, &status) && S_ISDIR(status.st_mode) && !is_others(&status) &&
	    (!(status.st_mode & (S_IWGRP | S_IWOTH)) || status.st_mode & S_ISVTX))
		return NULL;
	return failure__new(FAILURE_BROKEN, 0, "other users may change what %s holds: it belongs "
			    "to another user, or others may write to it and remove files that are "
			    "not theirs: as root, chmod go-w %s", PINS_BPFFS, PINS_BPFFS);
}

/* taken - why is that name not free? They count, or are what is left of some that did */
static struct failure *taken(const struct creation *creation)
{
	const char *name = creation->name;
	struct counters counters = {};
	struct pins *pins;
	struct failure *failure = pins__open(&pins, name);

	if (failure)
		return failure;
	failure = pins__open_counters(pins, creation->machine, false, &counters);
	pins__close(pins);
	if (failure)
		return failure;
	return failure__new(FAILURE_IN_USE, -EEXIST, "'%s' is attached already: read it with "
			    "--pinned %s, or end it with ipimux-trace detach %s", name, name, name);
}

/* make_directory - of the name, which nobody else may change */
static struct failure *make_directory(struct creation *creation)
{
	struct failure *failure = check_bpffs();

	if (failure)
		return failure;
	if (!mkdir(PINS_ROOT, 0755)) {
		/* Whatever the umask: who may read what is below it is decided there. */
		if (chmod(PINS_ROOT, 0755))
			return not_created(creation, -errno);
	} else if (errno != EEXIST) {
		return not_created(creation, -errno);
	}
	failure = check_root(creation);
	if (failure)
		return failure;
	path_of(creation->directory, PINS_ROOT, "", creation->name);
	if (!mkdir(creation->directory, 0700))
		return NULL;
	return errno == EEXIST ? taken(creation) : not_created(creation, -errno);
}

struct failure *pins__create(const char *name, const struct machine *machine,
			     const struct bpf_object_skeleton *skeleton,
			     const struct pinned_description *description, const void *edge,
			     size_t edge_size, gid_t group)
{
	struct creation creation = { .name = name, .machine = machine, .group = group };
	struct failure *failure = pins__check_bpffs(name);
	int err;

	if (!failure)
		failure = make_directory(&creation);
	if (failure)
		return failure;
	err = pin_object(&creation, skeleton);
	if (!err)
		err = pin_constant(&creation, EDGE, edge, edge_size);
	/* Last: where it is, all is. */
	if (!err)
		err = pin_constant(&creation, DESCRIPTION, description, sizeof(*description));
	if (!err)
		err = give(&creation, creation.directory, 0750);
	if (err)
		failure__free(pins__remove(name));
	return not_created(&creation, err);
}

/* --- removing --- */

static bool is_ours(const char *name)
{
	return starts_with(name, LINK) || starts_with(name, PROGRAM) ||
	       starts_with(name, COUNTERS) || !strcmp(name, EDGE) ||
	       !strcmp(name, DESCRIPTION);
}

struct removal {
	const char *name;
	const char *directory;
	const char *kind;	/* what is its turn; "": all that is left */
};

static struct failure *find_foreign(void *context, const struct dirent *entry)
{
	return is_ours(entry->d_name) ? NULL : pins__foreign(context);
}

static struct failure *remove_pin(void *context, const struct dirent *entry)
{
	const struct removal *removal = context;
	char path[PATH_SIZE];

	if (!starts_with(entry->d_name, removal->kind))
		return NULL;
	path_of(path, removal->directory, "", entry->d_name);
	return unlink(path) ? pins__failure(removal->name, -errno) : NULL;
}

/* check_described - is it of some version of this tool? */
static struct failure *check_described(const char *name)
{
	struct pins *pins;
	struct failure *failure = pins__open(&pins, name);

	if (failure)
		return failure;
	if (!pins__are_ours(pins))
		failure = pins__foreign(name);
	pins__close(pins);
	return failure;
}

/* check_ours - the same; without a description it is what became of an attach */
static struct failure *check_ours(const char *name, const char *directory)
{
	struct failure *failure = pins__check_bpffs(name);
	char description[PATH_SIZE];
	struct stat status;

	path_of(description, directory, "", DESCRIPTION);
	if (!failure && (!lstat(description, &status) || errno != ENOENT))
		failure = check_described(name);
	return failure ? failure : pins__for_each(name, directory, find_foreign, (void *)name);
}

struct failure *pins__remove(const char *name)
{
	/* The description goes last, and what counts first: what is left can be removed again. */
	static const char *const kinds[] = { LINK, PROGRAM, COUNTERS, EDGE, "" };
	struct failure *failure;
	char directory[PATH_SIZE];

	path_of(directory, PINS_ROOT, "", name);
	failure = check_ours(name, directory);
	for (size_t i = 0; i < ARRAY_SIZE(kinds) && !failure; i++) {
		struct removal removal = { name, directory, kinds[i] };

		failure = pins__for_each(name, directory, remove_pin, &removal);
	}
	if (!failure && rmdir(directory))
		failure = pins__failure(name, -errno);
	/* Not empty, or somebody else's: then it stays. */
	if (!failure)
		rmdir(PINS_ROOT);
	return failure;
}

void pins__list(char *buf, size_t size)
{
	DIR *dir = opendir(PINS_ROOT);
	struct dirent *entry;
	size_t used = 0;

	buf[0] = '\0';
	while (dir && (entry = readdir(dir)) && used < size)
		if (pinned__is_name(entry->d_name))
			used += snprintf(buf + used, size - used, "%s%s", used ? ", " : "",
					 entry->d_name);
	if (dir)
		closedir(dir);
}
