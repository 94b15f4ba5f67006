// SPDX-License-Identifier: GPL-2.0-only
/*
 * ipimux-trace stat: what the multiplexer does, every interval, and at the end
 * the whole run with its audit.
 */
#include <errno.h>
#include <stdio.h>

#include "cmd.h"
#include "session.h"
#include "view.h"

struct options {
	struct session_options session;
	bool json;
	bool per_vipi;
};

enum { OPT_VIPI = 0x100 };

static const struct argp_option option_table[] = {
	{ "json", 'j', NULL, 0, "Print JSON Lines: an object an interval, then the summary", 0 },
	{ "vipi", OPT_VIPI, NULL, 0, "Add a row for each vIPI", 0 },
	{}
};

static const struct argp_child children[] = { { &session_argp, 0, NULL, 0 }, {} };

static const char doc[] =
	"What the IPI multiplexer does on each CPU, every INTERVAL seconds (default 1), "
	"COUNT times (default: until Ctrl-C); then the whole run, audited."
	"\v"
	"The left half of a row is what the CPU sent, the right half what it was sent. "
	"Columns with /s are rates, the others counts of the interval:\n"
	"\n"
	"  sent       one per target CPU\n"
	"  raised     sends that raised the parent IPI\n"
	"  coal%      share of sends that found their bit pending already\n"
	"  masked     sends to a disabled vIPI\n"
	"  handled    vIPIs handled\n"
	"  process    runs of the multiplexer's handler\n"
	"  batch      mean number of vIPIs a run handled, empty ones aside\n"
	"  empty      runs that found nothing to handle\n"
	"  unmask     vIPIs enabled\n"
	"  kick       unmasks that found their vIPI pending\n"
	"\n"
	"Exit status: 0 done, 1 the audit is off, 2 wrong usage, 3 cannot run here.";

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
	case OPT_VIPI:
		options->per_vipi = true;
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

/* A reader of a pipe sees each interval when it ends. */
static int flush(void)
{
	return fflush(stdout) ? -errno : 0;
}

static int show_interval(struct session *session, struct view *view,
			 const struct options *options, const struct snapshot *difference)
{
	int err = 0;

	if (options->json)
		err = view_json__interval(view, difference);
	else
		view_table__interval(view, difference);
	if (!err)
		err = view_stuck__reports(view, &session->stuck, session->later, options->json);
	return err ? err : flush();
}

/* show_summary - prints what happened in the whole run, and its audit */
static int show_summary(struct session *session, struct view *view, const struct options *options,
			struct snapshot *difference, enum exit_status *status)
{
	struct audit audit;
	int err;

	err = session__audit(session, difference, &audit);
	if (err)
		return err;

	if (options->json)
		err = view_json__summary(view, difference, &audit);
	else
		view_table__summary(view, difference, &audit);
	if (!err)
		err = flush();
	*status = audit.verdict == AUDIT_OFF ? EXIT_EXCEEDED : EXIT_DONE;
	audit__free(&audit);
	return err;
}

static int measure(struct session *session, struct view *view, const struct options *options,
		   struct snapshot *difference, enum exit_status *status)
{
	int err = 0;

	while (!err && !session->last) {
		err = session__next(session);
		if (err)
			break;
		snapshot__subtract(difference, session->later, session->earlier);
		err = show_interval(session, view, options, difference);
	}
	return err ? err : show_summary(session, view, options, difference, status);
}

int cmd_stat(int argc, char **argv)
{
	struct options options = { .session = SESSION_OPTIONS_DEFAULT };
	const struct argp argp = { option_table, parse_option, NULL, doc, children, NULL, NULL };
	struct snapshot difference = {};
	struct session session;
	enum exit_status status;
	struct view view = {};
	int err;

	argp_parse(&argp, argc, argv, 0, NULL, &options);

	status = session__open(&session, &options.session);
	if (!status) {
		err = view__init(&view, stdout, &session.machine, &session.first.counters.shape);
		view.cpus = options.session.cpu_list ? &options.session.cpus : NULL;
		view.per_vipi = options.per_vipi;
		if (!err)
			err = session__init_difference(&session, &difference);
		if (!err)
			err = measure(&session, &view, &options, &difference, &status);
		status = session__end(err, status);
	}
	view__free(&view);
	snapshot__free(&difference);
	session__close(&session);
	return status;
}
