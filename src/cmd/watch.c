// SPDX-License-Identifier: GPL-2.0-only
/* A run of a command that measures, see watch.h. */
#include "base/output.h"
#include "cmd/watch.h"

/* A reader of a pipe sees each interval when it ends. */
static struct failure *flush(const struct watch *watch, struct failure *failure)
{
	return failure ? failure : output__flush(watch->out);
}

/* show_stuck - what was found at @look */
static struct failure *show_stuck(struct watch *watch, const struct snapshot *look)
{
	const struct stuck *stuck = &watch->session.stuck;
	struct failure *failure = watch->ops->stuck ? watch->ops->stuck(watch, look) : NULL;

	if (!failure && watch->ops->shows_stuck)
		failure = failure__of(view_stuck__reports(&watch->view, stuck, look, watch->json));
	return stuck->nr_reports ? flush(watch, failure) : failure;
}

static struct failure *looked(struct session *session, const struct snapshot *look)
{
	return show_stuck(container_of(session, struct watch, session), look);
}

static struct failure *start(struct watch *watch, const struct session_options *options)
{
	struct session *session = &watch->session;
	struct failure *failure;
	int err;

	/* Colours are the terminal's. */
	err = view__init(&watch->view, stdout, &session->machine, &session->first.counters.shape);
	watch->view.out = output__stream(watch->out);
	if (!err)
		err = session__init_difference(session, &watch->difference);
	watch->view.cpus = options->cpu_list ? &options->cpus : NULL;
	watch->view.per_vipi = watch->per_vipi;
	session->looked = looked;
	failure = failure__of(err);
	if (!failure && watch->ops->start)
		failure = watch->ops->start(watch);
	/* All that measures is loaded, and all files are open. */
	privileges__drop(watch->ops->keeps | watch->keeps);
	return flush(watch, failure);
}

static struct failure *next_interval(struct watch *watch)
{
	struct session *session = &watch->session;
	struct failure *failure = session__next(session);

	if (failure)
		return failure;
	snapshot__subtract(&watch->difference, session->later, session->earlier);
	if (watch->ops->interval)
		failure = watch->ops->interval(watch);
	if (!failure)
		failure = show_stuck(watch, session->later);
	return flush(watch, failure);
}

static struct failure *finish(struct watch *watch)
{
	struct audit audit;
	struct failure *failure = session__audit(&watch->session, &watch->difference, &audit);

	if (failure)
		return failure;
	watch->status = audit.verdict == AUDIT_OFF ? EXIT_EXCEEDED : EXIT_DONE;
	if (watch->ops->summary)
		failure = watch->ops->summary(watch, &audit);
	audit__free(&audit);
	return flush(watch, failure);
}

/* run - from the start, when the session is open, to the audit */
static struct failure *run(struct watch *watch, const struct session_options *options)
{
	struct session *session = &watch->session;
	struct failure *failure = start(watch, options);

	while (!failure && !session->last)
		failure = next_interval(watch);
	watch->broke_off = failure;
	if (watch->ops->over)
		watch->ops->over(watch);
	return failure ? failure : finish(watch);
}

enum exit_status watch__run(struct watch *watch, const struct session_options *options)
{
	struct failure *failure = output__open(&watch->out, "-", OUTPUT_VIEW, false);

	if (!failure)
		failure = session__open(&watch->session, options);
	if (!failure)
		failure = run(watch, options);
	watch->status = failure__say(failure, watch->status);
	if (failure && watch->ops->broke_off)
		watch->ops->broke_off(watch, failure);
	failure__free(failure);
	output__close(watch->out, false);
	view__free(&watch->view);
	snapshot__free(&watch->difference);
	session__close(&watch->session);
	return watch->status;
}
