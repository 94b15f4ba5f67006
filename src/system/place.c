// SPDX-License-Identifier: GPL-2.0-only
/* Where a file is that somebody named, see place.h. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "system/place.h"

/* As the kernel has it. */
#define MAX_LINKS	40

/* enter - goes to directory @name from where it is; @flags: is a link one? */
static int enter(struct place *place, const char *name, int flags)
{
	int from = place->directory < 0 ? AT_FDCWD : place->directory;
	int to = openat(from, name, O_PATH | O_DIRECTORY | O_CLOEXEC | flags);

	if (to < 0)
		return -errno;
	place__close(place);
	place->directory = to;
	return 0;
}

static bool is_mine(uid_t owner)
{
	return !owner || owner == geteuid();
}

static bool is_trusted(int directory, const struct stat *link)
{
	struct stat status;
	bool others;

	if (fstat(directory, &status))
		return false;
	others = !is_mine(status.st_uid) || status.st_mode & S_IWOTH ||
		 (status.st_mode & S_IWGRP && status.st_gid);
	if (!others)
		return true;
	return is_mine(status.st_uid) && status.st_mode & S_ISVTX && is_mine(link->st_uid);
}

static bool is_proc(int directory)
{
	struct statfs status;

	return !fstatfs(directory, &status) && status.f_type == PROC_SUPER_MAGIC;
}

/* put_in_front - what the link says in the place of its name */
static int put_in_front(const struct place *place, char rest[PATH_MAX])
{
	char target[PATH_MAX];
	ssize_t size = readlinkat(place->directory, place->name, target, sizeof(target));
	size_t length = strlen(rest);

	if (size <= 0)
		return size ? -errno : -ENOENT;
	if (size + 1 + length >= PATH_MAX)
		return -ENAMETOOLONG;
	memmove(rest + size + 1, rest, length + 1);
	memcpy(rest, target, size);
	rest[size] = length ? '/' : '\0';
	return 0;
}

/* take_name - the first part of the path, which becomes what is behind it */
static int take_name(struct place *place, char *rest)
{
	size_t slashes = strspn(rest, "/"), length = strcspn(rest + slashes, "/");

	if (!length)
		return -EISDIR;
	if (length > NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(place->name, rest + slashes, length);
	place->name[length] = '\0';
	memmove(rest, rest + slashes + length, strlen(rest + slashes + length) + 1);
	return 0;
}

static int follow(struct place *place, char rest[PATH_MAX], const struct stat *link)
{
	int err;

	/* What it says need not be where it leads to: its file may have no name. */
	if (is_proc(place->directory)) {
		place->of_proc = !*rest;
		return *rest ? enter(place, place->name, 0) : 0;
	}
	if (!is_trusted(place->directory, link)) {
		place->distrusted = true;
		return -EACCES;
	}
	err = put_in_front(place, rest);
	return !err && *rest == '/' ? enter(place, "/", 0) : err;
}

int place__find(struct place *place, const char *path)
{
	char rest[PATH_MAX];
	int links = 0, err;

	*place = (struct place){ .directory = -1 };
	if (!*path)
		return -ENOENT;
	if (snprintf(rest, sizeof(rest), "%s", path) >= (int)sizeof(rest))
		return -ENAMETOOLONG;
	err = enter(place, *rest == '/' ? "/" : ".", 0);
	while (!err && !place->of_proc) {
		struct stat status;

		err = take_name(place, rest);
		if (err)
			break;
		if (fstatat(place->directory, place->name, &status, AT_SYMLINK_NOFOLLOW))
			return errno == ENOENT && !*rest ? 0 : -errno;
		if (S_ISLNK(status.st_mode))
			err = ++links > MAX_LINKS ? -ELOOP : follow(place, rest, &status);
		else if (!*rest)
			return S_ISDIR(status.st_mode) ? -EISDIR : 0;
		else
			err = enter(place, place->name, O_NOFOLLOW);
	}
	return err;
}

void place__close(struct place *place)
{
	if (place->directory >= 0)
		close(place->directory);
	place->directory = -1;
}
