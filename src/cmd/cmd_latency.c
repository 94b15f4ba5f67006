// SPDX-License-Identifier: GPL-2.0-only
/*
 * ipimux-trace latency: how long vIPIs wait from their send to their process.
 */
#include "cmd/cmd.h"
#include "cmd/watch.h"
#include "probe/probe.h"

struct options {
	struct session_options session;
	bool json;
};

static const struct argp_option option_table[] = {
	{ "json", 'j', NULL, 0,
	  "Print JSON Lines: an object for each interval, then the summary", 0 },
	{}
};

static const struct argp_child children[] = { { &session_argp, 0, NULL, 0 }, {} };

static const char doc[] =
	"Shows how long vIPIs wait, from the send that set their bit to the handler run (process) "
	"that handles them, by vIPI and by CPU. Every INTERVAL seconds (default 1), COUNT times "
	"(default: until Ctrl-C); then for the whole run, drawn as bars, with its audit."
	"\v"
	"Times come from histograms. They are at most 12.5 % off from 100 ns on:\n"
	"\n"
	"  raised     waits of vIPIs whose send raised the parent IPI\n"
	"  masked     waits of vIPIs that were masked when they were sent\n"
	"  timed      number of waits\n"
	"  p50 ...    50 %, 90 % and 99 % of the waits were not longer\n"
	"  max <      all waits were shorter\n"
	"  not timed  handled, but it is not certain which send set the bit: the send\n"
	"             came while another one was handled, or was not seen (before\n"
	"             the start, hotplug)\n"
	"\n"
	"A coalesced send does not wait: the send before it carries it.\n"
	"\n"
	"Exit status: 0 done, 1 the audit is OFF, 2 wrong usage, 3 cannot run here.";

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &options->session;
		options->session.probe_flags |= PROBE_LATENCY;
		break;
	case 'j':
		options->json = true;
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
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

static struct failure *show_interval(struct watch *watch)
{
	return failure__of(watch->json ?
			   view_json__interval(&watch->view, &watch->difference) :
			   view_latency__interval(&watch->view, &watch->difference));
}

static struct failure *show_summary(struct watch *watch, const struct audit *audit)
{
	return failure__of(watch->json ?
			   view_json__summary(&watch->view, &watch->difference, audit) :
			   view_latency__summary(&watch->view, &watch->difference, audit));
}

static const struct watch_ops latency_ops = {
	.start = check_waits, .interval = show_interval, .summary = show_summary,
	.shows_stuck = true,
};

int cmd_latency(int argc, char **argv)
{
	struct options options = { .session = SESSION_OPTIONS_DEFAULT };
	const struct argp argp = { option_table, parse_option, NULL, doc, children, NULL, NULL };
	struct watch watch = { .ops = &latency_ops };

	argp_parse(&argp, argc, argv, 0, NULL, &options);
	watch.json = options.json;
	return watch__run(&watch, &options.session);
}
