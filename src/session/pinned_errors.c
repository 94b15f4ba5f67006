// SPDX-License-Identifier: GPL-2.0-only
/* Why counters that are left running cannot be pinned, read or removed: says so. */
#include <errno.h>
#include <string.h>

#include "probe/pins.h"
#include "session/session.h"

static enum exit_status fail_missing(const char *name)
{
	char names[256];

	pins__list(names, sizeof(names));
	if (!*names)
		return fail(EXIT_CANNOT, "nothing is left running as '%s', nor as anything else: "
			    "ipimux-trace attach --pin %s", name, name);
	return fail(EXIT_CANNOT, "nothing is left running as '%s'; what is there: %s", name, names);
}

enum exit_status fail_pinned(int err, const char *name)
{
	switch (err) {
	case -ENOSYS:
		return fail_load(err);
	case -ENODEV:
		return fail(EXIT_CANNOT, "no BPF file system at %s: mount -t bpf bpf %s",
			    PINS_BPFFS, PINS_BPFFS);
	case -ENOENT:
		return fail_missing(name);
	case -EEXIST:
		return fail(EXIT_CANNOT, "'%s' is attached already: read it with --pinned %s, "
			    "or end it with ipimux-trace detach %s", name, name, name);
	case -ESTALE:
		return fail(EXIT_CANNOT, "'%s' is not whole: its attach was cut off, or a part of "
			    "it was removed; ipimux-trace detach %s removes the rest", name, name);
	case -EBADMSG:
		return fail(EXIT_CANNOT, "what is in %s/%s is not, or not only, ipimux-trace's: "
			    "choose another name, or remove it yourself", PINS_ROOT, name);
	case -EUSERS:
		return fail(EXIT_CANNOT, "%s belongs to another user, who could change what is in "
			    "it: remove it", PINS_ROOT);
	case -ENOTUNIQ:
		return fail(EXIT_CANNOT, "others may write to %s, and so change what is in it: "
			    "chmod go-w %s, after a look at what is in it", PINS_ROOT, PINS_ROOT);
	case -EBADR:
		return fail(EXIT_CANNOT, "others may change what is in %s: it belongs to another "
			    "user, or they may write to it and take away what is not theirs: as "
			    "root, chmod go-w %s", PINS_BPFFS, PINS_BPFFS);
	case -ENOTDIR:
		return fail(EXIT_CANNOT, "%s is no directory, but a link or a file, which others "
			    "can have made: remove it", PINS_ROOT);
	case -EPROTO:
		return fail(EXIT_CANNOT, "'%s' was attached by a version of ipimux-trace that "
			    "counts in another way: read it with that one, or detach %s and "
			    "attach it again", name, name);
	case -EXDEV:
		return fail(EXIT_CANNOT, "'%s' counts for a machine with other CPUs or vIPIs than "
			    "/sys shows here", name);
	case -ENODATA:
		return fail(EXIT_CANNOT, "'%s' does not time how long vIPIs wait: "
			    "attach it with --latency", name);
	case -EACCES:
	case -EPERM:
		return fail(EXIT_CANNOT, "no permission for '%s' in %s: be root, or in the group "
			    "it was attached for (attach --group), and %s must let you in",
			    name, PINS_ROOT, PINS_BPFFS);
	}
	return fail(EXIT_CANNOT, "cannot use '%s' in %s: %s", name, PINS_ROOT, strerror(-err));
}

enum exit_status fail_missed_unknown(const char *pinned)
{
	return fail(EXIT_CANNOT, "how many events '%s' missed is not for you to know, and a record "
		    "without it would not be true: be root, or show it with stat", pinned);
}
