// SPDX-License-Identifier: GPL-2.0-only
/*
 * ipimux-trace latency: how long vIPIs wait from their send to their process.
 */
#include "cmd/cmd.h"
#include "cmd/watch.h"
#include "probe/probe.h"

static const char doc[] =
	"Shows how long vIPIs wait, from the send that set their bit to the handler run (process) "
	"that handles them, by vIPI and by CPU. Every INTERVAL seconds (default 1), COUNT times "
	"(default: until Ctrl-C); then for the whole run, drawn as bars, with its audit."
	"\v"
	"Times come from histograms. From 100 ns on they are at most 12.5 % off:\n"
	"\n"
	"  raised     waits of vIPIs whose send raised the parent IPI\n"
	"  masked     waits of vIPIs that were masked when they were sent\n"
	"  timed      number of waits\n"
	"  p50 ...    50 %, 90 % and 99 % of the waits were not longer\n"
	"  max <      all waits were shorter\n"
	"  not timed  handled, but it is not certain which send set the bit: a send\n"
	"             came during the process, or was not seen (before the start,\n"
	"             hotplug)\n"
	"\n"
	"A coalesced send does not wait: the earlier send carries it.\n"
	"\n"
	"Exit status: 0 done, 1 the audit is OFF, 2 wrong usage, 3 cannot run here.";

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct watch *watch = state->input;

	if (key != ARGP_KEY_INIT)
		return ARGP_ERR_UNKNOWN;
	state->child_inputs[0] = watch;
	watch->options.probe_flags |= PROBE_LATENCY;
	return 0;
}

/* check_waits - a recording may not have them */
static struct failure *check_waits(struct watch *watch)
{
	if (watch->session.first.counters.waits)
		return NULL;
	return failure__new(FAILURE_BROKEN, 0, "%s was recorded without --latency",
			    watch->session.options->input);
}

static const struct watch_ops latency_ops = {
	.text = &latency_text, .json = &latency_json,
	.json_help = "Print JSON Lines: an object for each interval, then the summary",
	.json_sparse = true,
	.start = check_waits,
};

int cmd_latency(int argc, char **argv)
{
	struct watch watch = { .ops = &latency_ops, .options = SESSION_OPTIONS_DEFAULT };
	const struct argp_child children[] = { watch__child(&watch), {} };
	const struct argp argp = { NULL, parse_option, NULL, doc, children, NULL, NULL };

	argp_parse(&argp, argc, argv, 0, NULL, &watch);
	return watch__run(&watch);
}
