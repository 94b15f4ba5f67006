/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the commands have in common that measure: a session from its first interval to the
 * audit, with a command's own work at each. All but top, which waits for keys, too, and
 * trace, which has no snapshots.
 */
#ifndef WATCH_H
#define WATCH_H

#include "base/container_of.h"
#include "session/privileges.h"
#include "session/session.h"
#include "view/view.h"

struct watch;

/* What a command does; what it leaves out is nothing. With a failure the run breaks off. */
struct watch_ops {
	/* The session is open, nothing was measured. */
	struct failure *(*start)(struct watch *watch);

	/* @difference is that of the interval that has just ended. */
	struct failure *(*interval)(struct watch *watch);

	/*
	 * session->stuck has reports of @look: at the end of an interval, after the above, and
	 * whenever the session looked in between.
	 */
	struct failure *(*stuck)(struct watch *watch, const struct snapshot *look);

	/* No interval follows, whatever the reason. */
	void (*over)(struct watch *watch);

	/* @difference is that of the whole run, and @status what @audit makes of it. */
	struct failure *(*summary)(struct watch *watch, const struct audit *audit);

	/* Something failed, at any time; it was said, and @status is what follows from it. */
	void (*broke_off)(struct watch *watch, const struct failure *failure);

	/* Capabilities that it needs after its start, as PRIVILEGE(...). */
	__u64 keeps;

	/* It shows on standard output what is stuck, too, whenever it shows an interval. */
	bool shows_stuck;
};

/* For a command to have in a structure of its own, see container_of(). */
struct watch {
	const struct watch_ops *ops;
	bool json;			/* standard output is JSON Lines */
	bool per_vipi;			/* the view's */
	__u64 keeps;			/* as the command's, because of what it was asked to do */

	/* Of the run. */
	struct session session;
	struct output *out;		/* standard output */
	struct view view;		/* on it */
	struct snapshot difference;
	enum exit_status status;
	bool broke_off;			/* something failed; from over() on */
};

/* Runs a session of @options. Returns the exit status, after an error message if need be. */
enum exit_status watch__run(struct watch *watch, const struct session_options *options);

#endif /* WATCH_H */
