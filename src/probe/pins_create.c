// SPDX-License-Identifier: GPL-2.0-only
/* Counters that are left running: how they are pinned and removed, see pins.h. */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/bpf.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "probe/pins.h"
#include "probe/pins_names.h"

/* --- pinning --- */

struct creation {
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

/* is_for_readers - what else programs have in memory may be the kernel's addresses */
static bool is_for_readers(const struct bpf_map *map)
{
	static const char *const tables[] = {
		"traffic", "processed", "unmasked", "masked", "waits", "doubts", "cpus",
	};

	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		if (bpf_map__is_internal(map) && !strcmp(short_name(map), tables[i]))
			return bpf_map__fd(map) >= 0;
	return false;
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

/*
 * check_directory - can nobody but root and this user change what is in @path? Not whatever a link
 * points to: who made it can let it point elsewhere. @sticky: who may add something to it may not
 * take away ours.
 */
static int check_directory(const char *path, bool *sticky)
{
	struct stat status;

	if (lstat(path, &status))
		return -errno;
	if (!S_ISDIR(status.st_mode))
		return -ENOTDIR;
	if (status.st_uid != geteuid() && status.st_uid)
		return -EUSERS;
	*sticky = status.st_mode & S_ISVTX;
	return status.st_mode & (S_IWGRP | S_IWOTH) ? -ENOTUNIQ : 0;
}

/* make_directory - @name's, which nobody else may change */
static int make_directory(struct creation *creation, const char *name)
{
	bool sticky = false;
	int err = check_directory(PINS_BPFFS, &sticky);

	/* The kernel makes it for all to write, and sticky. */
	if (err && (err != -ENOTUNIQ || !sticky))
		return -EBADR;
	if (!mkdir(PINS_ROOT, 0755)) {
		/* Whatever the umask: who may read what is below it is decided there. */
		if (chmod(PINS_ROOT, 0755))
			return -errno;
	} else if (errno != EEXIST) {
		return -errno;
	}
	err = check_directory(PINS_ROOT, &sticky);
	if (err)
		return err;
	path_of(creation->directory, PINS_ROOT, "", name);
	return mkdir(creation->directory, 0700) ? -errno : 0;
}

int pins__create(const char *name, const struct bpf_object_skeleton *skeleton,
		 const struct pinned_description *description, const void *edge,
		 size_t edge_size, gid_t group)
{
	struct creation creation = { .group = group };
	int err = pins__check_bpffs();

	if (!err)
		err = make_directory(&creation, name);
	if (err)
		return err;
	err = pin_object(&creation, skeleton);
	if (!err)
		err = pin_constant(&creation, EDGE, edge, edge_size);
	/* Last: where it is, all is. */
	if (!err)
		err = pin_constant(&creation, DESCRIPTION, description, sizeof(*description));
	if (!err)
		err = give(&creation, creation.directory, 0750);
	if (err)
		pins__remove(name);
	return err;
}

/* --- removing --- */

static bool is_ours(const char *name)
{
	return starts_with(name, LINK) || starts_with(name, PROGRAM) ||
	       starts_with(name, COUNTERS) || !strcmp(name, EDGE) ||
	       !strcmp(name, DESCRIPTION);
}

struct removal {
	const char *directory;
	const char *kind;	/* what is its turn; "": all that is left */
};

static int find_foreign(void *context, const struct dirent *entry)
{
	return is_ours(entry->d_name) ? 0 : -EBADMSG;
}

static int remove_pin(void *context, const struct dirent *entry)
{
	const struct removal *removal = context;
	char path[PATH_SIZE];

	if (!starts_with(entry->d_name, removal->kind))
		return 0;
	path_of(path, removal->directory, "", entry->d_name);
	return unlink(path) ? -errno : 0;
}

/* check_ours - is it of some version of this tool, or what became of an attach? */
static int check_ours(const char *name, const char *directory)
{
	struct pins *pins;
	int err = pins__open(&pins, name);

	if (err == -ESTALE)
		return pins__for_each(directory, find_foreign, NULL);
	if (err)
		return err;
	err = pins__are_ours(pins) ? 0 : -EBADMSG;
	pins__close(pins);
	return err ? err : pins__for_each(directory, find_foreign, NULL);
}

int pins__remove(const char *name)
{
	/* The description goes last, and what counts first: what is left can be removed again. */
	static const char *const kinds[] = { LINK, PROGRAM, COUNTERS, EDGE, "" };
	char directory[PATH_SIZE];
	int err;

	path_of(directory, PINS_ROOT, "", name);
	err = check_ours(name, directory);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds) && !err; i++) {
		struct removal removal = { directory, kinds[i] };

		err = pins__for_each(directory, remove_pin, &removal);
	}
	if (!err && rmdir(directory))
		err = -errno;
	/* Not empty, or somebody else's: then it stays. */
	if (!err)
		rmdir(PINS_ROOT);
	return err;
}

struct list {
	char *buf;
	size_t size, used;
};

static int list_name(void *context, const struct dirent *entry)
{
	struct list *list = context;

	if (list->used < list->size && pinned__is_name(entry->d_name))
		list->used += snprintf(list->buf + list->used, list->size - list->used, "%s%s",
				       list->used ? ", " : "", entry->d_name);
	return 0;
}

void pins__list(char *buf, size_t size)
{
	struct list list = { buf, size, 0 };

	buf[0] = '\0';
	pins__for_each(PINS_ROOT, list_name, &list);
}
