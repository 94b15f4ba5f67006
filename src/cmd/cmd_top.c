// SPDX-License-Identifier: GPL-2.0-only
/*
 * ipimux-trace top: the busiest targets, senders, vIPIs and pairs on a full screen; after
 * it, the audit of the whole run. How it looks, and what keys change, is not here.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/ending.h"
#include "cmd/cmd.h"
#include "screen/screen.h"
#include "screen/top_keys.h"
#include "session/privileges.h"
#include "session/session.h"
#include "system/output.h"
#include "view/view_audit.h"
#include "view/view_top.h"

struct options {
	struct session_options session;
	const char *vipi;
};

enum { OPT_VIPI = 0x100 };

static const struct argp_option option_table[] = {
	{ "vipi", OPT_VIPI, "NAME", 0, "Show only this vIPI, by name or number", 0 },
	{}
};

static const struct argp_child children[] = { { &session_argp, 0, NULL, 0 }, {} };

static const char doc[] =
	"Shows the busiest targets, senders, vIPIs and pairs on a full screen, every INTERVAL "
	"seconds (default 1), COUNT times (default: until q); then the audit of the whole run."
	"\v"
	"The key ? lists the keys. With --cpu only sends from or to these CPUs count. A recording "
	"is played at one interval a second; the keys + and - change the speed.\n"
	"\n"
	"Exit status: 0 done, 1 the audit is OFF, 2 wrong usage, 3 cannot run here.";

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &options->session;
		break;
	case OPT_VIPI:
		options->vipi = arg;
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

struct run {
	struct session session;		/* the first: its wait() gets this */
	struct options options;
	struct top top;
	struct top_keys keys;
	struct interval shown;		/* on the screen */
	struct view_top view;
	struct page page;
	unsigned long long shown_at;	/* CLOCK_MONOTONIC, ns; of a recording */
};

/* --- what is on the screen --- */

static int draw(struct run *run)
{
	static const char * const questions[] = {
		[TOP_NO_QUESTION] = NULL,
		[TOP_ASK_VIPI]	= "vIPI (name or number; empty: all)",
		[TOP_ASK_CPUS]	= "CPUs (e.g. 0,2-3; empty: all)",
	};
	struct session *session = &run->session;
	struct top_keys *keys = &run->keys;
	unsigned int rows, nr_rows;
	int err;

	err = top__compute(&run->top, run->shown.difference, &run->shown.margins);
	if (!err)
		err = screen__fit(&run->page);
	if (err)
		return err;
	rows = view_top__rows(&run->page);
	nr_rows = run->top.nr_rows;
	if (keys->first_row + rows > nr_rows)
		keys->first_row = nr_rows > rows ? nr_rows - rows : 0;
	run->view = (struct view_top){
		.machine = &session->machine, .top = &run->top, .shown = &run->shown,
		.now = session->later,
		.missed = session->later->missed - session->first.missed,
		.missed_unknown = session->later->missed_unknown,
		.interval = keys->interval, .first_row = keys->first_row,
		.paused = keys->paused, .help = keys->help,
		.question = questions[keys->question], .answer = keys->answer,
		.message = *keys->message ? keys->message : NULL,
	};
	view_top__draw(&run->page, &run->view);
	screen__paint(&run->page);
	return 0;
}

/* wait_for_keys - see session->wait; what keys change is on the screen at once */
static bool wait_for_keys(struct session *session, unsigned long long deadline)
{
	struct run *run = (struct run *)session;

	for (;;) {
		/* The deadline of the interval as it is now set. */
		unsigned long long from = run->options.session.input ? run->shown_at :
					  session->later->time;
		int event = screen__wait(from + run->keys.interval);

		if (event == SCREEN_TIMEOUT)
			return false;
		if (event == SCREEN_END)
			return true;
		if (event != SCREEN_RESIZED)
			top_keys__press(&run->keys, event, view_top__rows(&run->page),
					run->top.nr_rows);
		if (run->keys.quit)
			return true;
		run->options.session.interval = run->keys.interval;
		/* Out of memory: the next interval says so. */
		draw(run);
	}
}

/*
 * hold - shows an interval of a recording as long as an interval is set to be, the last
 * one until somebody leaves; returns true if so
 */
static bool hold(struct run *run)
{
	do {
		run->shown_at = clock__now(CLOCK_MONOTONIC);
		if (wait_for_keys(&run->session, 0))
			return true;
	} while (run->keys.paused || run->session.last);
	return false;
}

/* --- the run --- */

static int init_run(struct run *run)
{
	struct session *session = &run->session;
	const struct ipimux_shape *shape = &session->first.counters.shape;
	int err;

	err = top__init(&run->top, shape, session->machine.nr_vipis);
	if (!err)
		err = interval__init(&run->shown, shape, session->machine.nr_vipis,
				     INTERVAL_MARGINS, NULL);
	if (!err)
		err = session__init_difference(session, &run->shown.own);
	/* Nothing happened so far. */
	run->shown.own.online = session->first.online;
	run->shown.difference = &run->shown.own;
	run->shown.stuck = &session->stuck;
	run->keys = (struct top_keys){
		.machine = &session->machine, .settings = &run->top.settings,
		.cpus = run->options.session.cpus, .interval = run->options.session.interval,
	};
	if (run->options.session.cpu_list)
		run->top.settings.cpus = &run->keys.cpus;
	session->wait = wait_for_keys;
	return err;
}

static struct failure *watch(struct run *run)
{
	struct session *session = &run->session;
	struct failure *failure = failure__of(draw(run));

	while (!failure && !session->last) {
		failure = session__next(session);
		if (failure)
			break;
		if (!run->keys.paused)
			interval__fill(&run->shown, session->later, session->earlier);
		failure = failure__of(draw(run));
		if (!failure && run->options.session.input && hold(run))
			break;
	}
	return failure;
}

/* read_rest - the audit of a recording is that of all of it, however much was looked at */
static struct failure *read_rest(struct session *session)
{
	struct failure *failure = NULL;

	if (!session->options->input || session->last)
		return NULL;
	fputs("reading the rest of the recording for the audit (Ctrl-C: end without it)\n", stderr);
	/* The terminal is given back, and nothing else is to be cleaned up. */
	ending__restore();
	while (!failure && !session->last)
		failure = session__next(session);
	return failure;
}

/* show_audit - what happened in the whole run, as the last lines of stat have it */
static struct failure *show_audit(struct run *run, enum exit_status *status)
{
	struct session *session = &run->session;
	struct failure *failure;
	struct view view;
	struct output *out;
	struct audit audit;

	failure = session__audit(session, &run->shown, &audit);
	if (failure)
		return failure;
	failure = output__open(&out, "-", OUTPUT_VIEW, false);
	if (!failure) {
		view__init(&view, stdout, &session->machine);
		view.out = output__stream(out);
		fprintf(view.out, "watched for %.3f s\n", run->shown.difference->time / 1e9);
		view_audit__print(&view, &audit);
		failure = output__close(out, true);
	}
	*status = audit.verdict == AUDIT_OFF ? EXIT_EXCEEDED : EXIT_DONE;
	audit__free(&audit);
	return failure;
}

static enum exit_status measure(struct run *run)
{
	struct session *session = &run->session;
	struct failure *failure = failure__of(init_run(run));
	enum exit_status status;

	if (!failure && run->options.vipi) {
		run->top.settings.vipi = machine__find_vipi(&session->machine, run->options.vipi);
		if (run->top.settings.vipi < 0)
			failure = session__no_vipi(&session->machine, run->options.vipi);
	}
	if (failure)
		return failure__report(failure, EXIT_CANNOT);
	status = screen__open(&session->signals);
	if (status)
		return status;
	privileges__drop(0);
	failure = watch(run);
	screen__close();
	if (!failure)
		failure = read_rest(session);
	if (!failure)
		failure = show_audit(run, &status);
	return failure__report(failure, status);
}

static bool is_stream(const char *file)
{
	return file && !strcmp(file, "-");
}

int cmd_top(int argc, char **argv)
{
	struct run run = { .options.session = SESSION_OPTIONS_DEFAULT };
	const struct argp argp = { option_table, parse_option, NULL, doc, children, NULL, NULL };
	const struct session_options *options = &run.options.session;
	enum exit_status status;

	argp_parse(&argp, argc, argv, 0, NULL, &run.options);

	if (is_stream(options->input) || is_stream(options->record))
		return fail(EXIT_USAGE, "top needs the terminal for itself: name a file instead "
			    "of '-'");
	status = screen__check();
	if (status)
		return status;
	status = failure__report(session__open(&run.session, &run.options.session), EXIT_DONE);
	if (!status)
		status = measure(&run);
	page__free(&run.page);
	top__free(&run.top);
	interval__free(&run.shown);
	session__close(&run.session);
	return status;
}
