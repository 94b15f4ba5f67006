// SPDX-License-Identifier: GPL-2.0-only
/*
 * ipimux-trace matrix: which CPU sends to which, every interval, and at the end the
 * whole run with its audit.
 */
#include <errno.h>
#include <stdio.h>

#include "cmd.h"
#include "session.h"
#include "text.h"
#include "view.h"

struct options {
	struct session_options session;
	bool json;
	const char *vipi;
	unsigned long long top;
};

enum { OPT_VIPI = 0x100, OPT_TOP };

static const struct argp_option option_table[] = {
	{ "json", 'j', NULL, 0, "Print JSON Lines: an object an interval, then the summary", 0 },
	{ "vipi", OPT_VIPI, "NAME", 0, "Only this vIPI, by name or number", 0 },
	{ "top", OPT_TOP, "N", 0,
	  "Fold all but the N busiest senders and targets into one row and column, others "
	  "(default: what fits the terminal, or 100 columns; with -j all)", 0 },
	{}
};

static const struct argp_child children[] = { { &session_argp, 0, NULL, 0 }, {} };

static const char doc[] =
	"Which CPU sends to which, every INTERVAL seconds (default 1), COUNT times (default: "
	"until Ctrl-C); then the whole run as counts, audited."
	"\v"
	"A row is a sender, a column a target, a cell sends a second. Below a row, coal% is "
	"the share that found its bit pending already; rows without have none. On a "
	"terminal cells are coloured by heat: a shade is half of the next, up to the largest "
	"cell. With --cpu only sends from or to these CPUs are counted.\n"
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

/* What is measured and how it is shown, for one run. */
struct run {
	struct session *session;
	const struct options *options;
	struct view view;
	struct matrix matrix;
	struct snapshot difference;
};

static int flush(void)
{
	return fflush(stdout) ? -errno : 0;
}

/* compute - the matrix of the difference, as wide as is wanted, or fits just now */
static void compute(struct run *run)
{
	unsigned int *top = &run->matrix.settings.top;
	unsigned int room = view_matrix__room(text__columns(stdout));

	*top = run->options->top;
	matrix__compute(&run->matrix, &run->difference);
	if (run->options->json || *top)
		return;
	if (run->matrix.senders.nr > room || run->matrix.targets.nr > room) {
		/* One is for the others. */
		*top = room - 1;
		matrix__compute(&run->matrix, &run->difference);
	}
}

static int show_interval(struct run *run)
{
	int err = 0;

	compute(run);
	if (run->options->json)
		err = view_matrix__json_interval(&run->view, &run->matrix, &run->difference);
	else
		view_matrix__interval(&run->view, &run->matrix, &run->difference);
	if (!err)
		err = view_stuck__reports(&run->view, &run->session->stuck, run->session->later,
					  run->options->json);
	return err ? err : flush();
}

static int show_summary(struct run *run, enum exit_status *status)
{
	struct audit audit;
	int err = session__audit(run->session, &run->difference, &audit);

	if (err)
		return err;
	compute(run);
	if (run->options->json)
		err = view_matrix__json_summary(&run->view, &run->matrix, &run->difference,
						&audit);
	else
		view_matrix__summary(&run->view, &run->matrix, &run->difference, &audit);
	if (!err)
		err = flush();
	*status = audit.verdict == AUDIT_OFF ? EXIT_EXCEEDED : EXIT_DONE;
	audit__free(&audit);
	return err;
}

static int init_run(struct run *run)
{
	const struct ipimux_shape *shape = &run->session->first.counters.shape;
	int err;

	err = view__init(&run->view, stdout, &run->session->machine, shape);
	if (!err)
		err = matrix__init(&run->matrix, shape);
	if (!err)
		err = session__init_difference(run->session, &run->difference);
	return err;
}

static int measure(struct run *run, enum exit_status *status)
{
	const struct options *options = run->options;
	struct session *session = run->session;
	int err = 0;

	if (options->vipi) {
		run->matrix.settings.vipi = machine__find_vipi(&session->machine, options->vipi);
		if (run->matrix.settings.vipi < 0) {
			*status = fail_vipi(&session->machine, options->vipi);
			return 0;
		}
	}
	run->matrix.settings.cpus = options->session.cpu_list ? &options->session.cpus : NULL;
	while (!err && !session->last) {
		err = session__next(session);
		if (err)
			break;
		snapshot__subtract(&run->difference, session->later, session->earlier);
		err = show_interval(run);
	}
	return err ? err : show_summary(run, status);
}

int cmd_matrix(int argc, char **argv)
{
	struct options options = { .session = SESSION_OPTIONS_DEFAULT };
	const struct argp argp = { option_table, parse_option, NULL, doc, children, NULL, NULL };
	struct session session;
	struct run run = { .session = &session, .options = &options };
	enum exit_status status;
	int err;

	argp_parse(&argp, argc, argv, 0, NULL, &options);

	status = session__open(&session, &options.session);
	if (!status) {
		err = init_run(&run);
		if (!err)
			err = measure(&run, &status);
		status = session__end(err, status);
	}
	view__free(&run.view);
	matrix__free(&run.matrix);
	snapshot__free(&run.difference);
	session__close(&session);
	return status;
}
