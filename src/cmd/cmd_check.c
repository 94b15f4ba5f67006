// SPDX-License-Identifier: GPL-2.0-only
/*
 * ipimux-trace check: holds a run against limits, while a command runs or for some time, and
 * says so as KTAP. Judges nothing itself, see limits.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/ending.h"
#include "base/parse.h"
#include "cmd/cmd.h"
#include "cmd/watch.h"
#include "probe/probe.h"
#include "results/results.h"
#include "system/command.h"
#include "system/output.h"

#define DURATION	10000000000ULL
#define WINDOW		1000000000ULL
/* How long the command has after it was told to end. */
#define PATIENCE	5000000000ULL

struct check {
	struct watch watch;
	unsigned long long duration;	/* 0: as long as the command */
	unsigned long long window;
	char **argv;			/* the command, NULL: none */
	const char *junit_name;
	bool skip_unsupported, strict, no_verify;

	struct limits limits;
	struct command command;
	unsigned long long told;	/* when the command was, ns */
	int interrupted;		/* the signal that ended the run, or 0 */
	struct stuck_report first_stuck;
	char *stuck_text;
	size_t stuck_size;
	FILE *stuck_out;
	struct output *junit;
	bool started;
	struct results results;
};

enum {
	OPT_DURATION = 0x100, OPT_RATE, OPT_COALESCED, OPT_LATENCY, OPT_EMPTY, OPT_SENDS,
	OPT_THRESHOLD, OPT_WINDOW, OPT_JUNIT, OPT_NO_VERIFY, OPT_STRICT,
	OPT_SKIP,
};

static const struct argp_option option_table[] = {
	{ "duration", OPT_DURATION, "SECONDS", 0,
	  "How long to measure without a COMMAND (default 10)", 0 },
	{ "max-rate", OPT_RATE, "[VIPI=]N[/s]", 0,
	  "Most sends a second to any CPU, in any window", 0 },
	{ "max-coalesced", OPT_COALESCED, "[VIPI=]PERCENT", 0,
	  "Largest share of coalesced sends", 0 },
	{ "max-latency", OPT_LATENCY, "[VIPI=]p99=TIME", 0,
	  "Longest time that vIPIs may wait: p50, p90, p99 or max, e.g. p99=200us", 0 },
	{ "max-empty", OPT_EMPTY, "N|PERCENT%", 0,
	  "Most handler runs that find nothing to handle, or their share", 0 },
	{ "min-sends", OPT_SENDS, "[VIPI=]N", 0,
	  "Fewest sends, to prove that something happened", 0 },
	{ "stuck-threshold", OPT_THRESHOLD, "SECONDS", 0,
	  "How long a vIPI may be pending, enabled and not handled (default 1)", 0 },
	{ "window", OPT_WINDOW, "SECONDS", 0, "How long a window of --max-rate is (default 1)", 0 },
	{ "junit", OPT_JUNIT, "FILE", 0, "Also write the results as JUnit XML", 0 },
	{ "no-verify", OPT_NO_VERIFY, NULL, 0,
	  "Do not compare the counts with the parent IPIs raised and the handlers started", 0 },
	{ "strict", OPT_STRICT, NULL, 0,
	  "Also fail the audit for what it cannot prove (\"balanced, except ...\")", 0 },
	{ "skip-unsupported", OPT_SKIP, NULL, 0,
	  "If the kernel lacks what is needed, print SKIP and exit with 4", 0 },
	{}
};

static const char doc[] =
	"Tests a run against limits, for boot tests. Measures while COMMAND runs, or for --duration, "
	"or reads a recording; then prints KTAP. These tests are always there: the audit is balanced, "
	"no vIPI is stuck, COMMAND succeeds. Each limit adds a test, for all vIPIs together or for "
	"VIPI, a name or number."
	"\v"
	"  ipimux-trace check --duration 30\n"
	"  ipimux-trace check --max-rate 5000/s --max-rate RESCHEDULE=2000/s -- ./load\n"
	"  ipimux-trace check --max-latency p99=200us --min-sends 1000 -- ./my-test\n"
	"\n"
	"KTAP comes at the end, after the output of COMMAND.\n"
	"\n"
	"Exit status: 0 all tests passed or were skipped, 1 a test failed, 2 wrong usage, 3 cannot "
	"run here or cannot go on, 4 cannot run here because the kernel lacks something (with "
	"--skip-unsupported).";

static void add_limit(struct check *check, struct argp_state *state, enum limit_kind kind,
		      const char *option, const char *text)
{
	int err = limits__add(&check->limits, kind, text);

	if (err == -ENOSPC)
		argp_error(state, "more than %d limits", LIMITS_MAX);
	else if (err)
		argp_error(state, "'%s' is not a limit for --%s (see --help)", text, option);
	if (kind == LIMIT_LATENCY)
		check->watch.options.probe_flags |= PROBE_LATENCY;
}

static void add_seconds(struct argp_state *state, unsigned long long *ns, const char *option,
			const char *text)
{
	if (parse_seconds(text, ns))
		argp_error(state, "--%s '%s' is not a positive number of seconds", option, text);
}

/* check_options - what only all of them together tell */
static void check_options(struct check *check, struct argp_state *state)
{
	if (check->watch.options.input && (check->argv || check->duration))
		argp_error(state, "a recording (--input) was measured before: leave out COMMAND "
			   "and --duration");
	if (check->argv && check->duration)
		argp_error(state, "--duration or COMMAND, not both: with COMMAND the run ends when "
			   "COMMAND ends");
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct check *check = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &check->watch.options;
		break;
	case OPT_DURATION:
		add_seconds(state, &check->duration, "duration", arg);
		break;
	case OPT_RATE:
		add_limit(check, state, LIMIT_RATE, "max-rate", arg);
		break;
	case OPT_COALESCED:
		add_limit(check, state, LIMIT_COALESCED, "max-coalesced", arg);
		break;
	case OPT_LATENCY:
		add_limit(check, state, LIMIT_LATENCY, "max-latency", arg);
		break;
	case OPT_EMPTY:
		add_limit(check, state, LIMIT_EMPTY, "max-empty", arg);
		break;
	case OPT_SENDS:
		add_limit(check, state, LIMIT_SENDS, "min-sends", arg);
		break;
	case OPT_THRESHOLD:
		add_seconds(state, &check->watch.options.stuck_threshold, "stuck-threshold", arg);
		break;
	case OPT_WINDOW:
		add_seconds(state, &check->window, "window", arg);
		break;
	case OPT_JUNIT:
		if (!strcmp(arg, "-"))
			argp_error(state, "--junit needs a file: KTAP goes to stdout");
		check->junit_name = arg;
		break;
	case OPT_NO_VERIFY:
		check->no_verify = true;
		break;
	case OPT_STRICT:
		check->strict = true;
		break;
	case OPT_SKIP:
		check->skip_unsupported = true;
		break;
	case ARGP_KEY_ARG:
		/* The rest is the command's, options and all. */
		check->argv = &state->argv[state->next - 1];
		state->next = state->argc;
		break;
	case ARGP_KEY_END:
		check_options(check, state);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

/* --- the run --- */

static struct check *check_of(struct watch *watch)
{
	return container_of(watch, struct check, watch);
}

/* take_signal - tells whom it concerns; true if it ends the run */
static bool take_signal(struct check *check, int signal)
{
	if (signal == SIGCHLD)
		return false;
	check->interrupted = signal;
	if (!check->argv)
		return true;
	command__tell(&check->command, signal);
	check->told = clock__now(CLOCK_MONOTONIC);
	return false;
}

/* wait_for_end - as session->wait: the run ends with the command, or with its time */
static bool wait_for_end(struct session *session, unsigned long long deadline)
{
	struct check *check = check_of(container_of(session, struct watch, session));
	unsigned long long end = check->duration ? session->first.time + check->duration : ~0ULL;
	sigset_t signals = session->signals;

	sigaddset(&signals, SIGCHLD);
	for (;;) {
		unsigned long long time = clock__now(CLOCK_MONOTONIC);
		unsigned long long until = deadline < end ? deadline : end;
		int signal;

		if (check->argv && command__look(&check->command))
			return true;
		if (check->told && time > check->told + PATIENCE)
			command__tell(&check->command, SIGKILL);
		if (time >= end)
			return true;
		if (time >= deadline)
			return false;
		signal = ending__wait(&signals, until);
		if (signal > 0 && take_signal(check, signal))
			return true;
	}
}

static struct failure *start(struct watch *watch)
{
	struct check *check = check_of(watch);
	struct session *session = &watch->session;
	const char *unknown = limits__resolve(&check->limits, &session->machine);
	int err;

	if (unknown)
		return session__no_vipi(&session->machine, unknown);
	check->limits.cpus = watch->interval.cpus;
	check->limits.window = check->window;
	check->stuck_out = open_memstream(&check->stuck_text, &check->stuck_size);
	err = limits__init(&check->limits, &session->first.counters.shape);
	if (err || !check->stuck_out)
		return failure__of(-ENOMEM);
	session->wait = wait_for_end;
	if (check->argv)
		command__start(&check->command, check->argv, &session->signals);
	check->started = true;
	return NULL;
}

static struct failure *take_interval(struct watch *watch)
{
	limits__watch(&check_of(watch)->limits, watch->interval.difference,
		      &watch->interval.margins);
	return NULL;
}

static struct failure *take_stuck(struct watch *watch, const struct snapshot *look)
{
	const struct session *session = &watch->session;
	const struct stuck *stuck = &session->stuck;
	struct check *check = check_of(watch);

	for (unsigned int i = 0; i < stuck->nr_reports; i++) {
		if (stuck->reports[i].event == STUCK_FOUND && !check->first_stuck.by.time)
			check->first_stuck = stuck->reports[i];
		results__print_stuck(check->stuck_out, &session->machine, &stuck->reports[i],
				     &session->first);
	}
	return NULL;
}

/* end_command - one that runs where nothing is measured any more is given the time it takes */
static void end_command(struct watch *watch)
{
	if (!watch->broke_off)
		command__end(&check_of(watch)->command);
}

static int add_command(struct check *check)
{
	const struct command_end end = {
		.name = *check->argv,
		.error = check->command.error,
		.status = check->command.status,
		.told = check->interrupted,
	};

	return results__add_command(&check->results, &end);
}

static struct failure *judge(struct watch *watch)
{
	struct check *check = check_of(watch);
	const struct interval *run = &watch->interval;
	struct results *results = &check->results;
	const struct machine *machine = &watch->session.machine;
	const char *note = check->interrupted && !check->argv ?
			   "a signal ended the run before --duration was over" : "";
	int err = 0;

	limits__judge(&check->limits, run->difference, &run->margins);
	if (fflush(check->stuck_out))
		return failure__of(-ENOMEM);
	if (check->argv)
		err = add_command(check);
	if (!err)
		err = results__add_audit(results, watch->view, run->audit, check->strict);
	if (!err)
		err = results__add_stuck(results, machine, &watch->session.stuck,
					 &check->first_stuck, check->stuck_text);
	for (unsigned int i = 0; i < check->limits.nr_limits && !err; i++)
		err = results__add_limit(results, machine, &check->limits.limit[i],
					 &check->limits.verdict[i], run->difference->time);
	if (!err)
		err = results__summarize(results, run, note);
	if (err)
		return failure__of(err);
	view_ktap__print(watch->view->out, results);
	watch->status = results__failed(results) ? EXIT_EXCEEDED : EXIT_DONE;
	return NULL;
}

/* judge_rest - what there is to say about a run that broke off, because of @failure */
static int judge_rest(struct check *check, const struct failure *failure)
{
	struct watch *watch = &check->watch;
	struct results *results = &check->results;
	const struct session *session = &watch->session;
	struct interval *run = &watch->interval;
	int err = 0;

	interval__fill_whole(run, session->later, &session->first);
	limits__judge(&check->limits, run->difference, &run->margins);
	results__free(results);
	if (check->argv)
		err = add_command(check);
	results__add_not_judged(results, "audit", RESULT_NOT_OK, failure->text);
	if (!err && !fflush(check->stuck_out) && session->stuck.nr_found)
		err = results__add_stuck(results, &session->machine, &session->stuck,
					 &check->first_stuck, check->stuck_text);
	else
		results__add_not_judged(results, "stuck", RESULT_SKIP, "the run broke off");
	for (unsigned int i = 0; i < check->limits.nr_limits && !err; i++) {
		struct verdict *verdict = &check->limits.verdict[i];

		/* A window that was is; all others are of a whole run. */
		if (check->limits.limit[i].kind != LIMIT_RATE || verdict->result != LIMIT_EXCEEDED)
			verdict->result = LIMIT_BROKE_OFF;
		err = results__add_limit(results, &session->machine, &check->limits.limit[i],
					 verdict, run->difference->time);
	}
	return err ? err : results__summarize(results, run,
					      "the run broke off: not all of it was measured");
}

/* not_run - there are no results: is that a failure, or nothing that a kernel like this can do? */
static void not_run(struct check *check, const struct failure *failure)
{
	bool skipped = check->skip_unsupported && failure->kind == FAILURE_UNSUPPORTED;

	if (skipped)
		view_ktap__skip(stdout, failure->text);
	if (check->junit)
		view_junit__not_run(output__stream(check->junit), failure->text, skipped);
	if (skipped)
		check->watch.status = EXIT_SKIPPED;
}

static void break_off(struct watch *watch, const struct failure *failure)
{
	struct check *check = check_of(watch);

	/* It is only that nobody wants to see the results. */
	if (check->results.summary)
		return;
	if (!check->started) {
		not_run(check, failure);
		return;
	}
	/* Where nothing is measured any more, it still is a test of its own. */
	if (check->command.pid)
		wait_for_end(&watch->session, ~0ULL);
	command__end(&check->command);
	watch->status = EXIT_CANNOT;
	if (judge_rest(check, failure)) {
		not_run(check, failure);
		return;
	}
	view_ktap__print(watch->view->out, &check->results);
	failure__report(output__flush(watch->out), EXIT_CANNOT);
}

/* Its results are shown by itself: in a form of their own, and when a run broke off, too. */
static const struct watch_ops check_ops = {
	.needs = INTERVAL_MARGINS,
	.start = start, .interval = take_interval, .stuck = take_stuck, .over = end_command,
	.summary = judge, .broke_off = break_off,
	/* The command may have become another user's. */
	.keeps = PRIVILEGE(CAP_KILL),
};

/* --- the end --- */

static void free_check(struct check *check)
{
	if (check->stuck_out)
		fclose(check->stuck_out);
	free(check->stuck_text);
	limits__free(&check->limits);
	results__free(&check->results);
}

int cmd_check(int argc, char **argv)
{
	struct check *check = calloc(1, sizeof(*check));
	struct argp session = session_argp;
	const struct argp_child children[] = { { &session, 0, NULL, 0 }, {} };
	const struct argp argp = { option_table, parse_option, "[-- COMMAND [ARGUMENT...]]", doc,
				   children, NULL, NULL };
	struct failure *failure = NULL;
	enum exit_status status;

	if (!check)
		return failure__report(failure__of(-ENOMEM), EXIT_CANNOT);
	session.args_doc = NULL;
	check->watch.ops = &check_ops;
	check->window = WINDOW;
	check->watch.options.stuck_threshold = STUCK_THRESHOLD;
	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, check);
	if (!check->argv && !check->duration)
		check->duration = DURATION;
	if (!check->no_verify && !check->watch.options.input && !check->watch.options.pinned)
		check->watch.options.probe_flags |= PROBE_VERIFY;
	check->watch.options.interval = check->watch.options.stuck_threshold / 4;
	if (check->watch.options.interval > check->window)
		check->watch.options.interval = check->window;

	/* Before the run, so that nothing is measured in vain. */
	if (check->junit_name)
		failure = output__open(&check->junit, check->junit_name, OUTPUT_DOCUMENT,
				       check->watch.options.force);
	if (failure) {
		status = failure__report(failure, EXIT_CANNOT);
	} else {
		if (check->junit && output__needs_privileges(check->junit))
			check->watch.keeps = PRIVILEGES_OF_FILES;
		status = watch__run(&check->watch);
		if (check->results.summary && check->junit)
			view_junit__print(output__stream(check->junit), &check->results);
		status = failure__report(output__close(check->junit, true), status);
	}
	free_check(check);
	free(check);
	return status;
}
