// SPDX-License-Identifier: GPL-2.0-only
/*
 * ipimux-trace storm: says nothing until there is a storm of IPIs; then looks for a
 * moment who sends. Finds no storms itself, see storm.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cmd.h"
#include "senders.h"
#include "session.h"
#include "storm.h"
#include "symbols.h"
#include "view_storm.h"

struct options {
	struct session_options session;
	bool json;
	unsigned long long rate;
	unsigned long long duration;	/* of a sample, ns */
	const char *folded;
};

/* A run of it. */
struct watch {
	struct session *session;
	const struct options *options;
	struct view *view;
	struct storms storms;
	struct snapshot difference;
	struct senders *senders;	/* NULL: cannot be sampled here, see details.no_sample */
	struct senders_sample sample;
	struct symbols symbols;
	char reason[192];		/* for the details to point to */
	struct storm_details details;
	FILE *folded;
};

enum { OPT_RATE = 0x100, OPT_FOR, OPT_FOLDED };

static const struct argp_option option_table[] = {
	{ "json", 'j', NULL, 0, "Print JSON Lines: an object a report, then the summary", 0 },
	{ "rate", OPT_RATE, "N", 0,
	  "The limit: sends a second to a CPU, of a vIPI, or from CPU to CPU (default 10000)", 0 },
	{ "for", OPT_FOR, "SECONDS", 0, "How long to sample who sends (default 0.5)", 0 },
	{ "folded", OPT_FOLDED, "FILE", 0, "Write the stacks of the senders for a flame graph", 0 },
	{}
};

static const struct argp_child children[] = { { &session_argp, 0, NULL, 0 }, {} };

static const char doc[] =
	"Waits for storms: more sends a second than a limit to a CPU, of a vIPI, or from one CPU "
	"to another. Reports when one begins, who sends and from where in the kernel, and when it "
	"is over. Looks every INTERVAL seconds (default 1), COUNT times (default: until Ctrl-C); "
	"then the audit."
	"\v"
	"Who sends is sampled when a storm begins, and costs nothing before and after. A storm is "
	"over when it has had less than half of the limit for two intervals.\n"
	"\n"
	"Exit status: 0 done, 1 the audit is off, 2 wrong usage, 3 cannot run here.";

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
	struct options *options = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &options->session;
		break;
	case 'j':
		options->json = true;
		break;
	case OPT_RATE:
		if (parse_rate(arg, &options->rate))
			argp_error(state, "rate '%s' is no positive number of sends a second", arg);
		break;
	case OPT_FOR:
		if (parse_seconds(arg, &options->duration))
			argp_error(state, "'%s' is no positive number of seconds to sample", arg);
		break;
	case OPT_FOLDED:
		options->folded = arg;
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

static unsigned long long now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/* find_symbols - names for all frames of the sample; or why there are none */
static int find_symbols(struct watch *watch)
{
	const struct senders_sample *sample = &watch->sample;
	__u64 *addresses = calloc((size_t)sample->nr_senders * SENDERS_MAX_FRAMES + 1,
				  sizeof(*addresses));
	unsigned int nr = 0;
	int err;

	if (!addresses)
		return -ENOMEM;
	for (unsigned int i = 0; i < sample->nr_senders; i++)
		for (unsigned int frame = 0; frame < sample->senders[i].nr_frames; frame++)
			addresses[nr++] = sample->senders[i].frames[frame] - 1;
	err = symbols__init(&watch->symbols, addresses, nr);
	free(addresses);
	if (err)
		return err;

	machine__read_symbols(&watch->symbols);
	if (watch->symbols.state == SYMBOLS_READ) {
		watch->details.symbols = &watch->symbols;
		return 0;
	}
	if (watch->symbols.state == SYMBOLS_NONE)
		watch->details.no_symbols = "no functions in /proc/kallsyms (CONFIG_KALLSYMS)";
	else if (machine__kptr_restrict() > 1)
		watch->details.no_symbols = "the kernel hides its addresses: "
					    "sysctl kernel.kptr_restrict=1";
	else
		watch->details.no_symbols = "the kernel hides its addresses: "
					    "be root, or have CAP_SYSLOG";
	return 0;
}

/* take_sample - who sends, for a moment; what fails is said in the report */
static int take_sample(struct watch *watch)
{
	struct session *session = watch->session;
	int err;

	if (!watch->senders)
		return 0;
	if (session->last) {
		watch->details.no_sample = "the run ended before they could be sampled";
		return 0;
	}
	err = senders__start(watch->senders);
	if (!err) {
		if (session->wait(session, now() + watch->options->duration))
			session->wait = already_told;
		err = senders__stop(watch->senders, &watch->sample);
	}
	if (err) {
		snprintf(watch->reason, sizeof(watch->reason), "they cannot be sampled: %s",
			 strerror(-err));
		watch->details.no_sample = watch->reason;
		return 0;
	}
	watch->details.sample = &watch->sample;
	err = find_symbols(watch);
	if (!err && watch->folded) {
		view_storm__folded(watch->folded, &watch->details);
		if (fflush(watch->folded))
			err = -errno;
	}
	return err;
}

/* forget_sample - so that the next report does not show this one's */
static void forget_sample(struct watch *watch)
{
	senders_sample__free(&watch->sample);
	symbols__free(&watch->symbols);
	watch->details.sample = NULL;
	watch->details.symbols = NULL;
	watch->details.no_symbols = NULL;
}

static int watch_interval(struct watch *watch)
{
	struct session *session = watch->session;
	bool json = watch->options->json;
	int err = session__next(session);

	if (err)
		return err;
	snapshot__subtract(&watch->difference, session->later, session->earlier);
	storms__watch(&watch->storms, &watch->difference, session->later);
	if (storms__any(&watch->storms, STORM_STARTED))
		err = take_sample(watch);
	if (!err)
		err = view_storm__reports(watch->view, &watch->storms, &watch->difference,
					  session->later, &watch->details, json);
	forget_sample(watch);
	if (!err)
		err = view_stuck__reports(watch->view, &session->stuck, session->later, json);
	if (!err && fflush(stdout))
		err = -errno;
	return err;
}

static int end_watch(struct watch *watch, enum exit_status *status)
{
	bool json = watch->options->json;
	struct audit audit;
	int err;

	err = view_storm__unfinished(watch->view, &watch->storms, watch->session->later, json);
	if (!err)
		err = session__audit(watch->session, &watch->difference, &audit);
	if (err)
		return err;
	if (json)
		err = view_json__summary(watch->view, &watch->difference, &audit);
	else
		view_storm__summary(watch->view, &watch->storms, &watch->difference, &audit);
	if (!err && fflush(stdout))
		err = -errno;
	*status = audit.verdict == AUDIT_OFF ? EXIT_EXCEEDED : EXIT_DONE;
	audit__free(&audit);
	return err;
}

/* load_senders - so that they can be sampled, if they can; else it is known why not */
static void load_senders(struct watch *watch)
{
	int err;

	if (!watch->session->probe) {
		watch->details.no_sample = "a recording does not have it";
		return;
	}
	err = senders__load(&watch->senders);
	if (err) {
		snprintf(watch->reason, sizeof(watch->reason),
			 "the programs that sample them cannot be loaded: %s", strerror(-err));
		watch->details.no_sample = watch->reason;
	}
}

static int watch_all(struct watch *watch, enum exit_status *status)
{
	int err;

	load_senders(watch);
	err = view_storm__start(watch->view, &watch->storms, watch->session->later,
				watch->options->json);
	if (!err && fflush(stdout))
		err = -errno;
	while (!err && !watch->session->last)
		err = watch_interval(watch);
	return err ? err : end_watch(watch, status);
}

int cmd_storm(int argc, char **argv)
{
	struct options options = {
		.session = SESSION_OPTIONS_DEFAULT, .rate = STORM_RATE, .duration = 500000000,
	};
	const struct argp argp = { option_table, parse_option, NULL, doc, children, NULL, NULL };
	struct session session;
	enum exit_status status;
	struct view view = {};
	struct watch watch = { .session = &session, .options = &options, .view = &view };
	int err;

	argp_parse(&argp, argc, argv, 0, NULL, &options);
	if (options.folded) {
		watch.folded = fopen(options.folded, "w");
		if (!watch.folded)
			return fail(EXIT_CANNOT, "%s: %s", options.folded, strerror(errno));
	}

	status = session__open(&session, &options.session);
	if (!status) {
		err = view__init(&view, stdout, &session.machine, &session.first.counters.shape);
		if (!err)
			err = storms__init(&watch.storms, &session.first.counters.shape,
					   options.rate);
		if (!err)
			err = session__init_difference(&session, &watch.difference);
		watch.storms.cpus = options.session.cpu_list ? &options.session.cpus : NULL;
		if (!err)
			err = watch_all(&watch, &status);
		status = session__end(err, status);
	}
	if (watch.folded)
		fclose(watch.folded);
	senders__free(watch.senders);
	storms__free(&watch.storms);
	view__free(&view);
	snapshot__free(&watch.difference);
	session__close(&session);
	return status;
}
