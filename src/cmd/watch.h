/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The run that all commands have in common that measure: a session from its first interval to the
 * audit. It computes what there is to know of each interval once, lets the command do its own
 * work, and has it shown by one of the topic's renderers. All but top, which waits for keys, too,
 * and trace, which has no snapshots.
 */
#ifndef WATCH_H
#define WATCH_H

#include "analysis/interval.h"
#include "base/container_of.h"
#include "cmd/json_option.h"
#include "session/privileges.h"
#include "session/session.h"
#include "view/renderer.h"

struct watch;

/* What a command is; what it leaves out is nothing. With a failure the run breaks off. */
struct watch_ops {
	/* How its topic is shown: in words, and with -j. Without @json there is no -j. */
	const struct renderer *text, *json;
	const char *json_help;		/* what -j prints */
	bool json_sparse;		/* without counts that are 0: then there is --all */

	/* What it needs of an interval itself, beside its renderer: enum interval_needs. */
	__u32 needs;

	/* Capabilities that it needs after its start, as PRIVILEGE(...). */
	__u64 keeps;

	/* Its own work, each before anything is shown. */

	/* The session is open, nothing was measured; @interval takes settings. */
	struct failure *(*start)(struct watch *watch);

	/* An interval has just ended. */
	struct failure *(*interval)(struct watch *watch);

	/*
	 * session->stuck has reports of @look: at the end of an interval, when it is shown, and
	 * whenever the session looked in between.
	 */
	struct failure *(*stuck)(struct watch *watch, const struct snapshot *look);

	/* No interval follows, whatever the reason. */
	void (*over)(struct watch *watch);

	/* @interval is the whole run, with its audit, and @status what follows from that. */
	struct failure *(*summary)(struct watch *watch);

	/* Something failed, at any time; it was said, and @status is what follows from it. */
	void (*broke_off)(struct watch *watch, const struct failure *failure);
};

/* For a command to have in a structure of its own, see container_of(). */
struct watch {
	const struct watch_ops *ops;
	struct session_options options;
	bool per_vipi;			/* the view's */
	struct view *view;		/* one that the command has for its renderers; or NULL */
	__u64 keeps;			/* as the command's, because of what it was asked to do */

	/* Of the run. */
	const struct renderer *renderer;
	struct session session;
	struct output *out;		/* standard output, which the view is on */
	struct interval interval;
	enum exit_status status;
	bool broke_off;			/* something failed; from over() on */

	/* Its own. */
	struct view plain_view;
	struct json_option json;
	struct argp_child children[3];
	struct argp argp;
};

/* The options of the run, -j among them, and the session's, as a child; its input is @watch. */
struct argp_child watch__child(struct watch *watch);

/* Runs a session of @options. Returns the exit status, after an error message if need be. */
enum exit_status watch__run(struct watch *watch);

#endif /* WATCH_H */
