// SPDX-License-Identifier: GPL-2.0-only
/*
 * ipimux-trace stuck: says nothing until a vIPI is stuck, and again when it is handled.
 * Finds nothing itself, see stuck.h.
 */
#include <errno.h>
#include <stdio.h>

#include "cmd.h"
#include "session.h"
#include "view.h"

struct options {
	struct session_options session;
	bool json;
};

enum { OPT_THRESHOLD = 0x100 };

static const struct argp_option option_table[] = {
	{ "json", 'j', NULL, 0, "Print JSON Lines: an object a report, then the summary", 0 },
	{ "threshold", OPT_THRESHOLD, "SECONDS", 0, "How long is too long (default 1)", 0 },
	{}
};

static const struct argp_child children[] = { { &session_argp, 0, NULL, 0 }, {} };

static const char doc[] =
	"Waits for vIPIs that are pending and enabled on an online CPU and not handled for "
	"longer than a threshold, and reports each once, and again when it is handled at last. "
	"Looks every INTERVAL seconds (default: a quarter of the threshold), COUNT times "
	"(default: until Ctrl-C); then the audit."
	"\v"
	"Exit status: 0 done, 1 one was stuck or the audit is off, 2 wrong usage, "
	"3 cannot run here.";

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &options->session;
		break;
	case 'j':
		options->json = true;
		break;
	case OPT_THRESHOLD:
		if (parse_seconds(arg, &options->session.stuck_threshold))
			argp_error(state, "threshold '%s' is no positive number of seconds", arg);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static int watch(struct session *session, struct view *view, const struct options *options,
		 struct snapshot *difference, enum exit_status *status)
{
	struct audit audit;
	int err = 0;

	while (!err && !session->last) {
		err = session__next(session);
		if (!err)
			err = view_stuck__reports(view, &session->stuck, session->later,
						  options->json);
		if (!err && fflush(stdout))
			err = -errno;
	}
	if (!err)
		err = session__audit(session, difference, &audit);
	if (err)
		return err;

	if (options->json)
		err = view_json__summary(view, difference, &audit);
	else
		view_stuck__summary(view, &session->stuck, difference, &audit);
	if (!err && fflush(stdout))
		err = -errno;
	*status = audit.verdict == AUDIT_OFF || session->stuck.nr_found ? EXIT_EXCEEDED :
		  EXIT_DONE;
	audit__free(&audit);
	return err;
}

int cmd_stuck(int argc, char **argv)
{
	struct options options = { .session = {} };
	const struct argp argp = { option_table, parse_option, NULL, doc, children, NULL, NULL };
	struct snapshot difference = {};
	struct session session;
	enum exit_status status;
	struct view view = {};
	int err;

	argp_parse(&argp, argc, argv, 0, NULL, &options);
	if (!options.session.stuck_threshold)
		options.session.stuck_threshold = STUCK_THRESHOLD;
	if (!options.session.interval)
		options.session.interval = options.session.stuck_threshold / 4;

	status = session__open(&session, &options.session);
	if (!status) {
		err = view__init(&view, stdout, &session.machine, &session.first.counters.shape);
		if (!err)
			err = session__init_difference(&session, &difference);
		if (!err)
			err = view_stuck__start(&view, &session.stuck, session.later, options.json);
		if (!err)
			err = fflush(stdout) ? -errno : 0;
		if (!err)
			err = watch(&session, &view, &options, &difference, &status);
		status = session__end(err, status);
	}
	view__free(&view);
	snapshot__free(&difference);
	session__close(&session);
	return status;
}
