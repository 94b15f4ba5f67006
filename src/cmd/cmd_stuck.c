// SPDX-License-Identifier: GPL-2.0-only
/*
 * ipimux-trace stuck: says nothing until a vIPI is stuck, and again when it is handled.
 * Finds nothing itself, see stuck.h.
 */
#include "base/parse.h"
#include "cmd/cmd.h"
#include "cmd/watch.h"

struct options {
	struct session_options session;
	bool json;
};

enum { OPT_THRESHOLD = 0x100 };

static const struct argp_option option_table[] = {
	{ "json", 'j', NULL, 0,
	  "Print JSON Lines: an object for each report, then the summary", 0 },
	{ "threshold", OPT_THRESHOLD, "SECONDS", 0, "How long is too long (default 1)", 0 },
	{}
};

static const struct argp_child children[] = { { &session_argp, 0, NULL, 0 }, {} };

static const char doc[] =
	"Waits for vIPIs that are pending and enabled on an online CPU for longer than a threshold "
	"without being handled. Reports each one once, and again when it is handled. Looks every "
	"INTERVAL seconds (default: a quarter of the threshold), COUNT times (default: until "
	"Ctrl-C); then prints the audit."
	"\v"
	"Exit status: 0 done, 1 a vIPI was stuck or the audit is OFF, 2 wrong usage, "
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

static struct failure *start(struct watch *watch)
{
	return failure__of(view_stuck__start(&watch->view, &watch->session.stuck,
					     watch->session.later, watch->json));
}

static struct failure *show_summary(struct watch *watch, const struct audit *audit)
{
	const struct stuck *stuck = &watch->session.stuck;

	if (stuck->nr_found)
		watch->status = EXIT_EXCEEDED;
	if (watch->json)
		return failure__of(view_json__summary(&watch->view, &watch->difference, audit));
	view_stuck__summary(&watch->view, stuck, &watch->difference, audit);
	return NULL;
}

static const struct watch_ops stuck_ops = {
	.start = start, .summary = show_summary, .shows_stuck = true,
};

int cmd_stuck(int argc, char **argv)
{
	struct options options = { .session = {} };
	const struct argp argp = { option_table, parse_option, NULL, doc, children, NULL, NULL };
	struct watch watch = { .ops = &stuck_ops };

	argp_parse(&argp, argc, argv, 0, NULL, &options);
	if (!options.session.stuck_threshold)
		options.session.stuck_threshold = STUCK_THRESHOLD;
	if (!options.session.interval)
		options.session.interval = options.session.stuck_threshold / 4;
	watch.json = options.json;
	return watch__run(&watch, &options.session);
}
