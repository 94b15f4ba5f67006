// SPDX-License-Identifier: GPL-2.0-only
/* A run of a command that measures, see watch.h. */
#include "cmd/watch.h"
#include "system/output.h"

/* --- options --- */

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct watch *watch = state->input;

	if (key != ARGP_KEY_INIT)
		return ARGP_ERR_UNKNOWN;
	state->child_inputs[0] = &watch->options;
	if (watch->ops->json)
		state->child_inputs[1] = &watch->json;
	return 0;
}

struct argp_child watch__child(struct watch *watch)
{
	watch->children[0] = (struct argp_child){ &session_argp, 0, NULL, 0 };
	if (watch->ops->json)
		watch->children[1] = json_option__child(&watch->json, watch->ops->json_help,
							watch->ops->json_sparse);
	watch->argp = (struct argp){ .parser = parse_option, .children = watch->children };
	return (struct argp_child){ &watch->argp, 0, NULL, 0 };
}

/* --- the run --- */

typedef int (*show_fn)(struct view *view, const struct interval *interval);

static struct failure *show(struct watch *watch, show_fn how)
{
	return how ? failure__of(how(watch->view, &watch->interval)) : NULL;
}

/* A reader of a pipe sees each interval when it ends. */
static struct failure *flush(const struct watch *watch, struct failure *failure)
{
	return failure ? failure : output__flush(watch->out);
}

/* show_stuck - what was found at @look */
static struct failure *show_stuck(struct watch *watch, const struct snapshot *look)
{
	struct failure *failure = watch->ops->stuck ? watch->ops->stuck(watch, look) : NULL;

	watch->interval.look = look;
	if (!failure)
		failure = show(watch, watch->renderer->report);
	return watch->session.stuck.nr_reports ? flush(watch, failure) : failure;
}

static struct failure *looked(struct session *session, const struct snapshot *look)
{
	return show_stuck(container_of(session, struct watch, session), look);
}

/* fit - a matrix goes where it is shown, whose size may change */
static void fit(struct watch *watch)
{
	if (watch->renderer->room)
		watch->interval.matrix.settings.room = watch->renderer->room(watch->view);
}

static struct failure *init(struct watch *watch)
{
	const struct session_options *options = &watch->options;
	struct interval *interval = &watch->interval;
	struct session *session = &watch->session;
	int err;

	if (!watch->view)
		watch->view = &watch->plain_view;
	/* Colours are the terminal's. */
	view__init(watch->view, stdout, &session->machine);
	watch->view->out = output__stream(watch->out);
	watch->view->per_vipi = watch->per_vipi;
	watch->view->zeros = watch->json.zeros;
	err = interval__init(interval, &session->first.counters.shape, session->machine.nr_vipis,
			     watch->renderer->needs | watch->ops->needs,
			     options->cpu_list ? &options->cpus : NULL);
	if (!err)
		err = session__init_difference(session, &interval->own);
	interval->earlier = interval->later = interval->look = &session->first;
	interval->stuck = &session->stuck;
	session->looked = looked;
	return failure__of(err);
}

static struct failure *start(struct watch *watch)
{
	struct failure *failure = init(watch);

	if (!failure && watch->ops->start)
		failure = watch->ops->start(watch);
	if (!failure)
		failure = show(watch, watch->renderer->start);
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
	fit(watch);
	interval__fill(&watch->interval, session->later, session->earlier);
	watch->interval.last = session->last;
	if (watch->ops->interval)
		failure = watch->ops->interval(watch);
	if (!failure)
		failure = show(watch, watch->renderer->interval);
	if (!failure)
		failure = show_stuck(watch, session->later);
	return flush(watch, failure);
}

static struct failure *finish(struct watch *watch)
{
	struct audit audit;
	struct failure *failure;

	fit(watch);
	failure = session__audit(&watch->session, &watch->interval, &audit);
	if (failure)
		return failure;
	watch->status = audit.verdict == AUDIT_OFF ? EXIT_EXCEEDED : EXIT_DONE;
	watch->interval.audit = &audit;
	if (watch->ops->summary)
		failure = watch->ops->summary(watch);
	if (!failure)
		failure = show(watch, watch->renderer->summary);
	watch->interval.audit = NULL;
	audit__free(&audit);
	return flush(watch, failure);
}

/* run - from the start, when the session is open, to the audit */
static struct failure *run(struct watch *watch)
{
	struct session *session = &watch->session;
	struct failure *failure = start(watch);

	while (!failure && !session->last)
		failure = next_interval(watch);
	watch->broke_off = failure;
	if (watch->ops->over)
		watch->ops->over(watch);
	return failure ? failure : finish(watch);
}

enum exit_status watch__run(struct watch *watch)
{
	static const struct renderer nothing;
	struct failure *failure = output__open(&watch->out, "-", OUTPUT_VIEW, false);

	watch->renderer = watch->json.json ? watch->ops->json : watch->ops->text;
	if (!watch->renderer)
		watch->renderer = &nothing;
	if (!failure)
		failure = session__open(&watch->session, &watch->options);
	if (!failure)
		failure = run(watch);
	watch->status = failure__say(failure, watch->status);
	if (failure && watch->ops->broke_off)
		watch->ops->broke_off(watch, failure);
	failure__free(failure);
	output__close(watch->out, false);
	interval__free(&watch->interval);
	session__close(&watch->session);
	return watch->status;
}
