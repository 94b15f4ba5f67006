// SPDX-License-Identifier: GPL-2.0-only
/* A run of a command that measures, see watch.h. */
#include <errno.h>

#include "base/output.h"
#include "cmd/watch.h"

/* A reader of a pipe sees each interval when it ends. */
static int flush(const struct watch *watch, int err)
{
	return err ? err : output__flush(watch->out);
}

/* show_stuck - what was found at @look */
static int show_stuck(struct watch *watch, const struct snapshot *look)
{
	const struct stuck *stuck = &watch->session.stuck;
	int err = watch->ops->stuck ? watch->ops->stuck(watch, look) : 0;

	if (!err && watch->ops->shows_stuck)
		err = view_stuck__reports(&watch->view, stuck, look, watch->json);
	return stuck->nr_reports ? flush(watch, err) : err;
}

static int looked(struct session *session, const struct snapshot *look)
{
	return show_stuck(container_of(session, struct watch, session), look);
}

static int start(struct watch *watch, const struct session_options *options)
{
	struct session *session = &watch->session;
	int err;

	/* Colours are the terminal's. */
	err = view__init(&watch->view, stdout, &session->machine, &session->first.counters.shape);
	watch->view.out = output__stream(watch->out);
	if (!err)
		err = session__init_difference(session, &watch->difference);
	watch->view.cpus = options->cpu_list ? &options->cpus : NULL;
	watch->view.per_vipi = watch->per_vipi;
	session->looked = looked;
	if (!err && watch->ops->start)
		err = watch->ops->start(watch);
	/* All that measures is loaded, and all files are open. */
	privileges__drop(watch->ops->keeps | watch->keeps);
	return flush(watch, err);
}

static int next_interval(struct watch *watch)
{
	struct session *session = &watch->session;
	int err = session__next(session);

	if (err)
		return err;
	snapshot__subtract(&watch->difference, session->later, session->earlier);
	if (watch->ops->interval)
		err = watch->ops->interval(watch);
	if (!err)
		err = show_stuck(watch, session->later);
	return flush(watch, err);
}

static int finish(struct watch *watch)
{
	struct audit audit;
	int err = session__audit(&watch->session, &watch->difference, &audit);

	if (err)
		return err;
	watch->status = audit.verdict == AUDIT_OFF ? EXIT_EXCEEDED : EXIT_DONE;
	if (watch->ops->summary)
		err = watch->ops->summary(watch, &audit);
	audit__free(&audit);
	return flush(watch, err);
}

enum exit_status watch__run(struct watch *watch, const struct session_options *options)
{
	struct session *session = &watch->session;
	int err;

	err = output__open(&watch->out, "-", OUTPUT_VIEW, false);
	if (err)
		return session__end(err, EXIT_CANNOT);
	watch->status = session__open(session, options);
	if (!watch->status) {
		err = start(watch, options);
		while (!err && !watch->status && !session->last)
			err = next_interval(watch);
		watch->broke_off = err;
		if (watch->ops->over)
			watch->ops->over(watch);
		if (!err && !watch->status)
			err = finish(watch);
		watch->status = session__end(err, watch->status);
		if (err && watch->ops->broke_off)
			watch->ops->broke_off(watch);
	}
	output__close(watch->out, false);
	view__free(&watch->view);
	snapshot__free(&watch->difference);
	session__close(session);
	return watch->status;
}
