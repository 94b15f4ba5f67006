// SPDX-License-Identifier: GPL-2.0-only
/*
 * ipimux-trace report: a run, live or recorded, as one HTML page. Prints nothing.
 */
#include "base/output.h"
#include "cmd/cmd.h"
#include "cmd/watch.h"
#include "view/view_html.h"

struct options {
	struct session_options session;
	const char *html;
};

enum { OPT_HTML = 0x100 };

static const struct argp_option option_table[] = {
	{ "html", OPT_HTML, "FILE", 0, "Write the page to FILE (must be given); - is stdout", 0 },
	{}
};

static const struct argp_child children[] = { { &session_argp, 0, NULL, 0 }, {} };

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
	struct options *options = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &options->session;
		break;
	case OPT_HTML:
		options->html = arg;
		break;
	case ARGP_KEY_END:
		if (!options->html)
			argp_error(state, "say where to write the page: --html FILE");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

struct run {
	struct watch watch;
	struct output *page;
	struct view_html html;
	struct storms storms;
};

static struct run *run_of(struct watch *watch)
{
	return container_of(watch, struct run, watch);
}

static struct failure *start(struct watch *watch)
{
	struct run *run = run_of(watch);
	const struct session *session = &watch->session;
	int err;

	if (session->first.missed_unknown)
		return session__missed_unknown(session);
	err = view_html__init(&run->html, &session->machine, &session->first);
	if (!err)
		err = storms__init(&run->storms, &session->first.counters.shape, STORM_RATE);
	run->html.view.cpus = run->storms.cpus = watch->view.cpus;
	return failure__of(err);
}

static struct failure *draw_interval(struct watch *watch)
{
	const struct session *session = &watch->session;
	struct run *run = run_of(watch);
	int err = view_html__interval(&run->html, &watch->difference);

	view_html__watch_online(&run->html, session->later, session->earlier);
	storms__watch(&run->storms, &watch->difference, session->later);
	view_html__watch_storms(&run->html, &run->storms, session->last);
	return failure__of(err);
}

static struct failure *take_stuck(struct watch *watch, const struct snapshot *look)
{
	view_html__watch_stuck(&run_of(watch)->html, &watch->session.stuck, look);
	return NULL;
}

static struct failure *write_page(struct watch *watch, const struct audit *audit)
{
	struct run *run = run_of(watch);

	return failure__of(view_html__write(&run->html, output__stream(run->page),
					    watch->session.options->input, &watch->difference,
					    audit));
}

static const struct watch_ops report_ops = {
	.start = start, .interval = draw_interval, .stuck = take_stuck, .summary = write_page,
};

int cmd_report(int argc, char **argv)
{
	struct options options = { .session = SESSION_OPTIONS_DEFAULT };
	const struct argp argp = { option_table, parse_option, NULL, doc, children, NULL, NULL };
	struct run run = { .watch.ops = &report_ops };
	struct failure *failure;
	enum exit_status status;

	argp_parse(&argp, argc, argv, 0, NULL, &options);
	/* Before the run, so that nothing is measured in vain. */
	failure = output__open(&run.page, options.html, OUTPUT_DOCUMENT, options.session.force);
	if (failure)
		return failure__report(failure, EXIT_CANNOT);
	if (output__needs_privileges(run.page))
		run.watch.keeps = PRIVILEGES_OF_FILES;
	status = watch__run(&run.watch, &options.session);
	failure = output__close(run.page, status == EXIT_DONE || status == EXIT_EXCEEDED);
	status = failure__report(failure, status);
	storms__free(&run.storms);
	view_html__free(&run.html);
	return status;
}
