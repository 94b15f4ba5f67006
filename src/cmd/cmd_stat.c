// SPDX-License-Identifier: GPL-2.0-only
/*
 * ipimux-trace stat: what the multiplexer does, every interval, and at the end
 * the whole run with its audit.
 */
#include "cmd/cmd.h"
#include "cmd/watch.h"

enum { OPT_VIPI = 0x100 };

static const struct argp_option option_table[] = {
	{ "vipi", OPT_VIPI, NULL, 0, "Add a row for each vIPI", 0 },
	{}
};

static const char doc[] =
	"Shows what the IPI multiplexer does on each CPU, every INTERVAL seconds (default 1), "
	"COUNT times (default: until Ctrl-C); then for the whole run, with its audit."
	"\v"
	"The left half of a row shows what the CPU sent, the right half what it was sent. "
	"Columns with /s are rates, all others are counts of the interval:\n"
	"\n"
	"  sent       sends, one for each target CPU\n"
	"  raised     sends that raised the parent (hardware) IPI\n"
	"  coal%      share of sends that found their bit already pending\n"
	"  masked     sends to a vIPI that was disabled on the target\n"
	"  handled    vIPIs handled\n"
	"  process    runs of the multiplexer's handler\n"
	"  batch      mean number of vIPIs that a run handled, without empty runs\n"
	"  empty      runs that found nothing to handle\n"
	"  unmask     vIPIs enabled\n"
	"  kick       unmasks that found their vIPI pending\n"
	"  waited     with --latency, the time from the send that raised a vIPI to its\n"
	"             process: 50 % (p50) and 99 % (p99) were not longer, all were\n"
	"             shorter than max\n"
	"\n"
	"Exit status: 0 done, 1 the audit is OFF, 2 wrong usage, 3 cannot run here.";

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct watch *watch = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = watch;
		break;
	case OPT_VIPI:
		watch->per_vipi = true;
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct watch_ops stat_ops = {
	.text = &stat_text, .json = &stat_json,
	.json_help = "Print JSON Lines: an object for each interval, then the summary",
	.json_sparse = true,
};

int cmd_stat(int argc, char **argv)
{
	struct watch watch = { .ops = &stat_ops, .options = SESSION_OPTIONS_DEFAULT };
	const struct argp_child children[] = { watch__child(&watch), {} };
	const struct argp argp = { option_table, parse_option, NULL, doc, children, NULL, NULL };

	argp_parse(&argp, argc, argv, 0, NULL, &watch);
	return watch__run(&watch);
}
