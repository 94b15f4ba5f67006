/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where a file is that somebody named: the directory and the name in it, behind all symbolic
 * links. None is followed that somebody else can have put there. Opens no file.
 */
#ifndef PLACE_H
#define PLACE_H

#include <limits.h>
#include <stdbool.h>

struct place {
	int directory;		/* to open @name in with O_NOFOLLOW; -1: none */
	char name[NAME_MAX + 1];
	bool of_proc;		/* a link of /proc to an open file: open it without O_NOFOLLOW */
	bool distrusted;	/* after -EACCES: @name is a link that is not followed */
};

/*
 * Finds @path, whose last part need not be there. A symbolic link is followed if only this
 * user and root can write to its directory, or it is theirs and the directory is sticky, as
 * /tmp is. Returns 0, -EISDIR for what can be no file, or -errno. Close it in any case.
 */
int place__find(struct place *place, const char *path);
void place__close(struct place *place);

#endif /* PLACE_H */
