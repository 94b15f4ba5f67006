// SPDX-License-Identifier: GPL-2.0-only
/*
 * ipimux-trace report: a run, live or recorded, as one HTML page. Prints nothing.
 */
#include "cmd/cmd.h"
#include "cmd/watch.h"
#include "report/view_html.h"
#include "system/output.h"

struct run {
	struct watch watch;
	const char *file;
	struct output *page;
	struct view_html html;
};

enum { OPT_HTML = 0x100 };

static const struct argp_option option_table[] = {
	{ "html", OPT_HTML, "FILE", 0, "Write the page to FILE (must be given); - is stdout", 0 },
	{}
};

static const char doc[] =
	"Writes a run as one HTML page, for any browser, without a network: rates over time, who "
	"sends to whom, what was coalesced, storms (more than 10000 sends a second), what was stuck, "
	"the audit; for the whole machine, for one CPU, for one vIPI. Shows a recording (-i), or "
	"measures every INTERVAL seconds (default 1), COUNT times (default: until Ctrl-C)."
	"\v"
	"  ipimux-trace report --html run.html 1 60          a minute of this machine\n"
	"  ipimux-trace report -i trace.zst --html run.html  a recording\n"
	"\n"
	"Exit status: 0 done, 1 the audit is OFF, 2 wrong usage, 3 cannot run here.";

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct run *run = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &run->watch;
		break;
	case OPT_HTML:
		run->file = arg;
		break;
	case ARGP_KEY_END:
		if (!run->file)
			argp_error(state, "say where to write the page: --html FILE");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static struct failure *start(struct watch *watch)
{
	struct run *run = container_of(watch, struct run, watch);
	const struct session *session = &watch->session;

	if (session->first.missed_unknown)
		return session__missed_unknown(session);
	run->html.source = watch->options.input;
	run->html.view.out = output__stream(run->page);
	return NULL;
}

static const struct watch_ops report_ops = { .text = &report_html, .start = start };

int cmd_report(int argc, char **argv)
{
	struct run run = { .watch = { .ops = &report_ops, .options = SESSION_OPTIONS_DEFAULT } };
	const struct argp_child children[] = { watch__child(&run.watch), {} };
	const struct argp argp = { option_table, parse_option, NULL, doc, children, NULL, NULL };
	struct failure *failure;
	enum exit_status status;

	argp_parse(&argp, argc, argv, 0, NULL, &run);
	/* Before the run, so that nothing is measured in vain. */
	failure = output__open(&run.page, run.file, OUTPUT_DOCUMENT, run.watch.options.force);
	if (failure)
		return failure__report(failure, EXIT_CANNOT);
	if (output__needs_privileges(run.page))
		run.watch.keeps = PRIVILEGES_OF_FILES;
	run.watch.view = &run.html.view;
	status = watch__run(&run.watch);
	failure = output__close(run.page, status == EXIT_DONE || status == EXIT_EXCEEDED);
	status = failure__report(failure, status);
	view_html__free(&run.html);
	return status;
}
