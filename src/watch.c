// SPDX-License-Identifier: GPL-2.0-only
/* A run that is shown on standard output, see watch.h. */
#include <errno.h>
#include <stdio.h>

#include "watch.h"

/* A reader of a pipe sees each interval when it ends. */
static int flush(void)
{
	return fflush(stdout) ? -errno : 0;
}

/* show_summary - prints what happened in the whole run, and its audit */
static int show_summary(const struct watch *watch, struct session *session, struct view *view,
			struct snapshot *difference, enum exit_status *status)
{
	struct audit audit;
	int err;

	err = session__audit(session, difference, &audit);
	if (err)
		return err;
	err = watch->summary(view, difference, &audit);
	if (!err)
		err = flush();
	*status = audit.verdict == AUDIT_OFF ? EXIT_EXCEEDED : EXIT_DONE;
	audit__free(&audit);
	return err;
}

static int show(const struct watch *watch, struct session *session, struct view *view,
		struct snapshot *difference, enum exit_status *status)
{
	while (!session->last) {
		int err = session__next(session);

		if (err)
			return err;
		snapshot__subtract(difference, session->later, session->earlier);
		err = watch->interval(view, difference);
		if (!err)
			err = view_stuck__reports(view, &session->stuck, session->later,
						  watch->json);
		if (!err)
			err = flush();
		if (err)
			return err;
	}
	return show_summary(watch, session, view, difference, status);
}

enum exit_status watch__run(const struct watch *watch, const struct session_options *options)
{
	struct snapshot difference = {};
	struct session session;
	enum exit_status status;
	struct view view = {};
	int err;

	status = session__open(&session, options);
	if (!status && watch->latency && !session.first.counters.waits)
		status = fail(EXIT_CANNOT, "%s was recorded without --latency", options->input);
	if (!status) {
		err = view__init(&view, stdout, &session.machine, &session.first.counters.shape);
		view.cpus = options->cpu_list ? &options->cpus : NULL;
		view.per_vipi = watch->per_vipi;
		if (!err)
			err = session__init_difference(&session, &difference);
		if (!err)
			err = show(watch, &session, &view, &difference, &status);
		status = session__end(err, status);
	}
	view__free(&view);
	snapshot__free(&difference);
	session__close(&session);
	return status;
}
