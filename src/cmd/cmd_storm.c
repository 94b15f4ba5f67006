// SPDX-License-Identifier: GPL-2.0-only
/*
 * ipimux-trace storm: says nothing until there is a storm of IPIs; then looks for a
 * moment who sends. Finds no storms itself, see storm.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/storm.h"
#include "base/clock.h"
#include "base/parse.h"
#include "cmd/cmd.h"
#include "cmd/watch.h"
#include "loader/loader.h"
#include "machine/symbols.h"
#include "probe/senders.h"
#include "system/output.h"
#include "view/view_storm.h"
#include "ways/flags.h"

struct run {
	struct watch watch;
	unsigned long long rate;
	unsigned long long duration;	/* of a sample, ns */
	const char *folded_name;

	struct senders *senders;	/* NULL: cannot be sampled here, see details.no_sample */
	struct senders_sample sample;
	struct symbols symbols;
	struct failure *no_senders;	/* for the details to point to: of the load, of a sample */
	struct failure *no_sample;
	char hidden[96];
	struct storm_details details;
	struct output *folded;
};

enum { OPT_RATE = 0x100, OPT_FOR, OPT_FOLDED };

static const struct argp_option option_table[] = {
	{ "rate", OPT_RATE, "N", 0,
	  "The limit: sends a second to a CPU, of a vIPI, or from CPU to CPU (default 10000)", 0 },
	{ "for", OPT_FOR, "SECONDS", 0, "How long to sample the senders (default 0.5)", 0 },
	{ "folded", OPT_FOLDED, "FILE", 0, "Write the stacks of the senders for a flame graph", 0 },
	{}
};

static const char doc[] =
	"Waits for storms: more sends a second than a limit, to a CPU, of a vIPI, or from one CPU "
	"to another. Reports when a storm begins, who sends and from where in the kernel, and when "
	"the storm is over. Looks every INTERVAL seconds (default 1), COUNT times (default: until "
	"Ctrl-C); then prints the audit."
	"\v"
	"The senders are sampled when a storm begins; sampling costs nothing before and after. A "
	"storm is over when it has had less than half of the limit for two intervals.\n"
	"\n"
	"Exit status: 0 done, 1 the audit is OFF, 2 wrong usage, 3 cannot run here.";

/* parse_rate - "1000", or "1000/s" */
static int parse_rate(const char *text, unsigned long long *rate)
{
	char number[32];
	size_t length = strlen(text);

	if (length > 2 && !strcmp(text + length - 2, "/s"))
		length -= 2;
	if (length >= sizeof(number))
		return -EINVAL;
	memcpy(number, text, length);
	number[length] = '\0';
	return parse_count(number, rate);
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct run *run = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &run->watch;
		break;
	case OPT_RATE:
		if (parse_rate(arg, &run->rate))
			argp_error(state, "rate '%s' is not a positive number of sends a second",
				   arg);
		break;
	case OPT_FOR:
		if (parse_seconds(arg, &run->duration))
			argp_error(state, "'%s' is not a positive number of seconds to sample",
				   arg);
		break;
	case OPT_FOLDED:
		if (!strcmp(arg, "-"))
			argp_error(state, "--folded needs a file: the reports go to stdout");
		run->folded_name = arg;
		break;
	case ARGP_KEY_END:
		if (run->folded_name && run->watch.options.input)
			argp_error(state, "--folded is for live runs: a recording does not contain "
				   "the senders");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

/* already_told - in the place of a session's wait(), for a run that is told to end */
static bool already_told(struct session *session, unsigned long long deadline)
{
	return true;
}

/* find_symbols - names for all frames of the sample; or why there are none */
static int find_symbols(struct run *run)
{
	const struct senders_sample *sample = &run->sample;
	__u64 *addresses = calloc((size_t)sample->nr_senders * SENDERS_MAX_FRAMES + 1,
				  sizeof(*addresses));
	unsigned int nr = 0;
	int err;

	if (!addresses)
		return -ENOMEM;
	for (unsigned int i = 0; i < sample->nr_senders; i++)
		for (unsigned int frame = 0; frame < sample->senders[i].nr_frames; frame++)
			addresses[nr++] = sample->senders[i].frames[frame] - 1;
	err = symbols__init(&run->symbols, addresses, nr);
	free(addresses);
	if (err)
		return err;

	machine__read_symbols(&run->symbols);
	if (run->symbols.state == SYMBOLS_READ) {
		run->details.symbols = &run->symbols;
		return 0;
	}
	if (run->symbols.state == SYMBOLS_NONE)
		run->details.no_symbols = "/proc/kallsyms has no functions (CONFIG_KALLSYMS)";
	else
		run->details.no_symbols = run->hidden;
	snprintf(run->hidden, sizeof(run->hidden), "the kernel hides its addresses: %s",
		 symbols__advice(machine__kptr_restrict(),
				 loader__capabilities() >> CAP_SYSLOG & 1));
	return 0;
}

/* take_sample - who sends, for a moment; that they cannot be sampled is said in the report */
static struct failure *take_sample(struct run *run)
{
	struct session *session = &run->watch.session;
	struct failure *failure;

	if (!run->senders)
		return NULL;
	if (session->last) {
		run->details.no_sample = "the run ended before the senders could be sampled";
		return NULL;
	}
	failure = senders__start(run->senders);
	if (!failure) {
		if (session->wait(session, clock__now(CLOCK_MONOTONIC) + run->duration))
			session->wait = already_told;
		failure = senders__stop(run->senders, &run->sample);
	}
	if (failure) {
		failure__free(run->no_sample);
		run->no_sample = failure;
		run->details.no_sample = failure->text;
		return NULL;
	}
	run->details.sample = &run->sample;
	failure = failure__of(storm_details__rank(&run->details, &run->watch.interval.storms));
	if (!failure)
		failure = failure__of(find_symbols(run));
	if (!failure && run->folded) {
		view_storm__folded(output__stream(run->folded), &run->details);
		failure = output__flush(run->folded);
	}
	return failure;
}

/* forget_sample - so that the next report does not show this one's */
static void forget_sample(struct run *run)
{
	storm_details__free(&run->details);
	senders_sample__free(&run->sample);
	symbols__free(&run->symbols);
	run->details.sample = NULL;
	run->details.symbols = NULL;
	run->details.no_symbols = NULL;
}

/* load_senders - so that they can be sampled, if they can; else it is known why not */
static void load_senders(struct run *run)
{
	unsigned int flags = run->watch.session.options->probe_flags;

	if (!run->watch.session.probe) {
		run->details.no_sample = "a recording does not contain the senders";
		return;
	}
	if (run->watch.session.first.counters.by_kprobe)
		flags |= PROBE_VIA_KPROBE;
	run->no_senders = senders__load(&run->senders, &run->watch.session.machine, flags);
	if (run->no_senders)
		run->details.no_sample = run->no_senders->text;
}

static struct run *run_of(struct watch *watch)
{
	return container_of(watch, struct run, watch);
}

static struct failure *start(struct watch *watch)
{
	struct run *run = run_of(watch);

	watch->interval.storms.rate = run->rate;
	watch->interval.senders = &run->details;
	load_senders(run);
	return run->folded ? output__show(run->folded) : NULL;
}

/* look_closer - at those that have begun, before they are shown */
static struct failure *look_closer(struct watch *watch)
{
	struct run *run = run_of(watch);

	forget_sample(run);
	return storms__any(&watch->interval.storms, STORM_STARTED) ? take_sample(run) : NULL;
}

static const struct watch_ops storm_ops = {
	.text = &storm_text, .json = &storm_json,
	.json_help = "Print JSON Lines: an object for each report, then the summary",
	.json_sparse = true,
	.start = start, .interval = look_closer,
	/* /proc/kallsyms has no addresses for others. */
	.keeps = PRIVILEGE(CAP_SYSLOG),
};

int cmd_storm(int argc, char **argv)
{
	struct run run = {
		.watch = { .ops = &storm_ops, .options = SESSION_OPTIONS_DEFAULT },
		.rate = STORM_RATE, .duration = 500000000,
	};
	const struct argp_child children[] = { watch__child(&run.watch), {} };
	const struct argp argp = { option_table, parse_option, NULL, doc, children, NULL, NULL };
	struct failure *failure = NULL;
	enum exit_status status;

	argp_parse(&argp, argc, argv, 0, NULL, &run);
	if (run.folded_name)
		failure = output__open(&run.folded, run.folded_name, OUTPUT_VIEW,
				       run.watch.options.force);
	if (failure)
		return failure__report(failure, EXIT_CANNOT);
	status = watch__run(&run.watch);
	failure = output__close(run.folded, status == EXIT_DONE || status == EXIT_EXCEEDED);
	status = failure__report(failure, status);
	forget_sample(&run);
	senders__free(run.senders);
	failure__free(run.no_senders);
	failure__free(run.no_sample);
	return status;
}
