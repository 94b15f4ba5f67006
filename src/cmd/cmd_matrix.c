// SPDX-License-Identifier: GPL-2.0-only
/*
 * ipimux-trace matrix: which CPU sends to which, every interval, and at the end the
 * whole run with its audit.
 */
#include "base/parse.h"
#include "cmd/cmd.h"
#include "cmd/watch.h"

struct run {
	struct watch watch;
	const char *vipi;
	unsigned long long top;
};

enum { OPT_VIPI = 0x100, OPT_TOP };

static const struct argp_option option_table[] = {
	{ "vipi", OPT_VIPI, "NAME", 0, "Show only this vIPI, by name or number", 0 },
	{ "top", OPT_TOP, "N", 0,
	  "Show the N busiest senders and targets, and fold all others into one row and column "
	  "(default: as many as fit the terminal, or 100 columns; with -j all)", 0 },
	{}
};

static const char doc[] =
	"Shows which CPU sends to which, every INTERVAL seconds (default 1), COUNT times (default: "
	"until Ctrl-C); then the counts of the whole run, with its audit."
	"\v"
	"A row is a sender, a column is a target, a cell shows sends a second. Below a row, coal% is "
	"the share of sends that found their bit already pending; without such sends the line is "
	"missing. A terminal shows heat as colour: each shade stands for half of the next, up to "
	"the largest cell. With --cpu only sends from or to these CPUs count.\n"
	"\n"
	"Exit status: 0 done, 1 the audit is OFF, 2 wrong usage, 3 cannot run here.";

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct run *run = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &run->watch;
		break;
	case OPT_VIPI:
		run->vipi = arg;
		break;
	case OPT_TOP:
		if (parse_count(arg, &run->top) || run->top > CPUSET_MAX)
			argp_error(state, "--top '%s' is not a number from 1 to %u", arg,
				   CPUSET_MAX);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static struct failure *start(struct watch *watch)
{
	const struct session *session = &watch->session;
	const struct run *run = container_of(watch, struct run, watch);
	struct matrix_settings *settings = &watch->interval.matrix.settings;

	settings->top = run->top;
	if (!run->vipi)
		return NULL;
	settings->vipi = machine__find_vipi(&session->machine, run->vipi);
	return settings->vipi < 0 ? session__no_vipi(&session->machine, run->vipi) : NULL;
}

static const struct watch_ops matrix_ops = {
	.text = &matrix_text, .json = &matrix_json,
	.json_help = "Print JSON Lines: an object for each interval, then the summary",
	.start = start,
};

int cmd_matrix(int argc, char **argv)
{
	struct run run = { .watch = { .ops = &matrix_ops, .options = SESSION_OPTIONS_DEFAULT } };
	const struct argp_child children[] = { watch__child(&run.watch), {} };
	const struct argp argp = { option_table, parse_option, NULL, doc, children, NULL, NULL };

	argp_parse(&argp, argc, argv, 0, NULL, &run);
	return watch__run(&run.watch);
}
