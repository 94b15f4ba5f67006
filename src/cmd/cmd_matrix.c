// SPDX-License-Identifier: GPL-2.0-only
/*
 * ipimux-trace matrix: which CPU sends to which, every interval, and at the end the
 * whole run with its audit.
 */
#include <stdio.h>

#include "base/parse.h"
#include "cmd/cmd.h"
#include "cmd/watch.h"
#include "view/text.h"

struct options {
	struct session_options session;
	bool json;
	const char *vipi;
	unsigned long long top;
};

enum { OPT_VIPI = 0x100, OPT_TOP };

static const struct argp_option option_table[] = {
	{ "json", 'j', NULL, 0,
	  "Print JSON Lines: an object for each interval, then the summary", 0 },
	{ "vipi", OPT_VIPI, "NAME", 0, "Show only this vIPI, by name or number", 0 },
	{ "top", OPT_TOP, "N", 0,
	  "Show the N busiest senders and targets, and fold all others into one row and column "
	  "(default: as many as fit the terminal, or 100 columns; with -j all)", 0 },
	{}
};

static const struct argp_child children[] = { { &session_argp, 0, NULL, 0 }, {} };

static const char doc[] =
	"Shows which CPU sends to which, every INTERVAL seconds (default 1), COUNT times (default: "
	"until Ctrl-C); then the counts of the whole run, with its audit."
	"\v"
	"A row is a sender, a column is a target, a cell shows sends a second. Below a row, coal% is "
	"the share of sends that found their bit already pending; the line is left out where there "
	"are none. A terminal shows heat as colour: each shade stands for half of the next, up to "
	"the largest cell. With --cpu only sends from or to these CPUs count.\n"
	"\n"
	"Exit status: 0 done, 1 the audit is OFF, 2 wrong usage, 3 cannot run here.";

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
		options->vipi = arg;
		break;
	case OPT_TOP:
		if (parse_count(arg, &options->top) || options->top > CPUSET_MAX)
			argp_error(state, "--top '%s' is no number from 1 to %u", arg, CPUSET_MAX);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

struct run {
	struct watch watch;
	const struct options *options;
	struct matrix matrix;
};

static struct run *run_of(struct watch *watch)
{
	return container_of(watch, struct run, watch);
}

static struct failure *start(struct watch *watch)
{
	const struct session *session = &watch->session;
	struct run *run = run_of(watch);
	const char *vipi = run->options->vipi;
	int err = matrix__init(&run->matrix, &session->first.counters.shape);

	if (err)
		return failure__of(err);
	run->matrix.settings.cpus = watch->view.cpus;
	if (!vipi)
		return NULL;
	run->matrix.settings.vipi = machine__find_vipi(&session->machine, vipi);
	return run->matrix.settings.vipi < 0 ? session__no_vipi(&session->machine, vipi) : NULL;
}

/* compute - the matrix of the difference, as wide as is wanted, or fits just now */
static void compute(struct run *run)
{
	unsigned int *top = &run->matrix.settings.top;
	unsigned int room = view_matrix__room(text__columns(stdout));

	*top = run->options->top;
	matrix__compute(&run->matrix, &run->watch.difference);
	if (run->options->json || *top)
		return;
	if (run->matrix.senders.nr > room || run->matrix.targets.nr > room) {
		/* One is for the others. */
		*top = room - 1;
		matrix__compute(&run->matrix, &run->watch.difference);
	}
}

static struct failure *show_interval(struct watch *watch)
{
	struct run *run = run_of(watch);

	compute(run);
	if (watch->json)
		return failure__of(view_matrix__json_interval(&watch->view, &run->matrix,
							      &watch->difference));
	view_matrix__interval(&watch->view, &run->matrix, &watch->difference);
	return NULL;
}

static struct failure *show_summary(struct watch *watch, const struct audit *audit)
{
	struct run *run = run_of(watch);

	compute(run);
	if (watch->json)
		return failure__of(view_matrix__json_summary(&watch->view, &run->matrix,
							     &watch->difference, audit));
	view_matrix__summary(&watch->view, &run->matrix, &watch->difference, audit);
	return NULL;
}

static const struct watch_ops matrix_ops = {
	.start = start, .interval = show_interval, .summary = show_summary, .shows_stuck = true,
};

int cmd_matrix(int argc, char **argv)
{
	struct options options = { .session = SESSION_OPTIONS_DEFAULT };
	const struct argp argp = { option_table, parse_option, NULL, doc, children, NULL, NULL };
	struct run run = { .watch.ops = &matrix_ops, .options = &options };
	enum exit_status status;

	argp_parse(&argp, argc, argv, 0, NULL, &options);
	run.watch.json = options.json;
	status = watch__run(&run.watch, &options.session);
	matrix__free(&run.matrix);
	return status;
}
