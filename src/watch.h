/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the commands have in common that show every interval on standard output, and at
 * the end the whole run with its audit: all but their options and their view.
 */
#ifndef WATCH_H
#define WATCH_H

#include "session.h"
#include "view.h"

struct watch {
	/* Of a view, see view.h. */
	int (*interval)(struct view *view, const struct snapshot *difference);
	int (*summary)(struct view *view, const struct snapshot *difference,
		       const struct audit *audit);
	bool json;	/* they print JSON Lines */
	bool per_vipi;
	bool latency;	/* they need waits, which a recording may not have */
};

/* Runs a session of @options. Returns the exit status, after an error message if need be. */
enum exit_status watch__run(const struct watch *watch, const struct session_options *options);

#endif /* WATCH_H */
