// SPDX-License-Identifier: GPL-2.0-only
/*
 * ipimux-trace record: a run in a file, to be looked at later with -i. Shows nothing
 * but that it is at work, and at the end what there is.
 */
#include <stdio.h>
#include <unistd.h>

#include "base/ending.h"
#include "cmd/cmd.h"
#include "cmd/watch.h"
#include "view/view_audit.h"

struct run {
	struct watch watch;
	const char *file;
};

static const char doc[] =
	"Records what the IPI multiplexer does to FILE (- is stdout), every INTERVAL seconds "
	"(default 1), COUNT times (default: until Ctrl-C). Any command that measures replays FILE "
	"with -i."
	"\v"
	"A FILE named *.gz is compressed with gzip, *.zst with Zstandard. A FILE with content is "
	"overwritten only with --force. Each snapshot is written when it is taken, so the file keeps "
	"it, whatever happens to the recorder.\n"
	"\n"
	"  ipimux-trace record trace.zst        until Ctrl-C\n"
	"  ipimux-trace -i trace.zst            as if it were live\n"
	"  ssh board ipimux-trace record - 1 60 | ipimux-trace -i -\n"
	"\n"
	"Exit status: 0 done, 1 the audit is OFF, 2 wrong usage, 3 cannot run here or cannot write.";

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct run *run = state->input;
	const struct session_options *options = &run->watch.options;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &run->watch;
		break;
	case ARGP_KEY_ARG:
		/* The rest is the session's. */
		if (run->file)
			return ARGP_ERR_UNKNOWN;
		run->file = arg;
		break;
	case ARGP_KEY_END:
		if (!run->file)
			argp_error(state, "record needs a FILE, e.g. "
				   "ipimux-trace record trace.zst");
		if (options->input)
			argp_error(state, "--input is a recording already: copy the file with cp");
		if (options->record)
			argp_error(state, "record writes to FILE: leave out --record");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static void print_size(unsigned long long size)
{
	if (size < 10000)
		fprintf(stderr, "%llu bytes", size);
	else if (size < 10000000)
		fprintf(stderr, "%.1f kB", size / 1e3);
	else
		fprintf(stderr, "%.1f MB", size / 1e6);
}

/* print_state - "12.0 s, 13 snapshots, 45.6 kB" */
static void print_state(const struct session *session)
{
	fprintf(stderr, "%.1f s, %llu snapshots, ",
		(session->later->time - session->first.time) / 1e9, session->taken + 1);
	print_size(session->recorded);
}

static struct failure *show_state(struct watch *watch)
{
	if (!isatty(STDERR_FILENO))
		return NULL;
	/* A terminal may stand still. */
	ending__listen();
	fprintf(stderr, "\r\033[Krecording: ");
	print_state(&watch->session);
	fprintf(stderr, " (Ctrl-C ends it)");
	ending__defer();
	return NULL;
}

/* leave_line - so that what is said next has one of its own */
static void leave_line(struct watch *watch)
{
	if (!isatty(STDERR_FILENO))
		return;
	ending__listen();
	fputc('\n', stderr);
	ending__defer();
}

static struct failure *show_summary(struct watch *watch)
{
	char verdict[VIEW_VERDICT_SIZE];

	view_audit__verdict(verdict, sizeof(verdict), watch->interval.audit);
	ending__listen();
	fprintf(stderr, "recorded ");
	print_state(&watch->session);
	fprintf(stderr, "; audit: %s\n", verdict);
	ending__defer();
	return NULL;
}

static const struct watch_ops record_ops = {
	.interval = show_state, .over = leave_line, .summary = show_summary,
};

int cmd_record(int argc, char **argv)
{
	struct run run = { .watch = { .ops = &record_ops, .options = SESSION_OPTIONS_DEFAULT } };
	const struct argp_child children[] = { watch__child(&run.watch), {} };
	const struct argp argp = { NULL, parse_option, "FILE", doc, children, NULL, NULL };

	argp_parse(&argp, argc, argv, 0, NULL, &run);
	run.watch.options.record = run.file;
	return watch__run(&run.watch);
}
