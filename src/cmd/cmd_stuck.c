// SPDX-License-Identifier: GPL-2.0-only
/*
 * ipimux-trace stuck: says nothing until a vIPI is stuck, and again when it is handled.
 * Finds nothing itself, see stuck.h.
 */
#include "base/parse.h"
#include "cmd/cmd.h"
#include "cmd/watch.h"

enum { OPT_THRESHOLD = 0x100 };

static const struct argp_option option_table[] = {
	{ "threshold", OPT_THRESHOLD, "SECONDS", 0,
	  "How long a vIPI may be pending, enabled and not handled (default 1)", 0 },
	{}
};

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
	struct watch *watch = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = watch;
		break;
	case OPT_THRESHOLD:
		if (parse_seconds(arg, &watch->options.stuck_threshold))
			argp_error(state, "threshold '%s' is not a positive number of seconds",
				   arg);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static struct failure *judge(struct watch *watch)
{
	if (watch->session.stuck.nr_found)
		watch->status = EXIT_EXCEEDED;
	return NULL;
}

static const struct watch_ops stuck_ops = {
	.text = &stuck_text, .json = &stuck_json,
	.json_help = "Print JSON Lines: an object for each report, then the summary",
	.json_sparse = true,
	.summary = judge,
};

int cmd_stuck(int argc, char **argv)
{
	struct watch watch = { .ops = &stuck_ops };
	const struct argp_child children[] = { watch__child(&watch), {} };
	const struct argp argp = { option_table, parse_option, NULL, doc, children, NULL, NULL };

	argp_parse(&argp, argc, argv, 0, NULL, &watch);
	if (!watch.options.stuck_threshold)
		watch.options.stuck_threshold = STUCK_THRESHOLD;
	if (!watch.options.interval)
		watch.options.interval = watch.options.stuck_threshold / 4;
	return watch__run(&watch);
}
