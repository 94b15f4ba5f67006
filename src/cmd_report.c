// SPDX-License-Identifier: GPL-2.0-only
/*
 * ipimux-trace report: a run, live or recorded, as one HTML page. Prints nothing.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd.h"
#include "session.h"
#include "view_html.h"

struct options {
	struct session_options session;
	const char *html;
};

enum { OPT_HTML = 0x100 };

static const struct argp_option option_table[] = {
	{ "html", OPT_HTML, "FILE", 0, "Write the page there (must be given)", 0 },
	{}
};

static const struct argp_child children[] = { { &session_argp, 0, NULL, 0 }, {} };

static const char doc[] =
	"Writes a run as one HTML page, to be looked at in any browser, without a network: rates "
	"over time, who sends to whom, what was coalesced, storms (10000 sends a second or more), "
	"what was stuck, the audit; of all of it, of one CPU, of one vIPI. Of a recording (-i), or of "
	"what it measures every INTERVAL seconds (default 1), COUNT times (default: until Ctrl-C)."
	"\v"
	"  ipimux-trace report --html run.html 1 60              a minute of this machine\n"
	"  ipimux-trace report -i trace.zst --html run.html      a recording\n"
	"\n"
	"Exit status: 0 done, 1 the audit is off, 2 wrong usage, 3 cannot run here.";

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

static int measure(struct session *session, struct view_html *html, struct storms *storms,
		   struct snapshot *difference)
{
	int err = 0;

	while (!err && !session->last) {
		err = session__next(session);
		if (err)
			break;
		snapshot__subtract(difference, session->later, session->earlier);
		err = view_html__interval(html, difference);
		view_html__watch_online(html, session->later, session->earlier);
		view_html__watch_stuck(html, &session->stuck, session->later);
		storms__watch(storms, difference, session->later);
		view_html__watch_storms(html, storms, session->last);
	}
	return err;
}

/* write_page - audits the run and writes it */
static int write_page(struct session *session, struct view_html *html, FILE *out,
		      struct snapshot *difference, enum exit_status *status)
{
	struct audit audit;
	int err;

	err = session__audit(session, difference, &audit);
	if (err)
		return err;
	err = view_html__write(html, out, session->options->input, difference, &audit);
	*status = audit.verdict == AUDIT_OFF ? EXIT_EXCEEDED : EXIT_DONE;
	audit__free(&audit);
	return err;
}

static enum exit_status report(struct session *session, const struct options *options, FILE *out)
{
	struct snapshot difference = {};
	enum exit_status status = EXIT_DONE;
	struct storms storms = {};
	struct view_html html;
	int err;

	err = view_html__init(&html, &session->machine, &session->first);
	html.view.cpus = options->session.cpu_list ? &options->session.cpus : NULL;
	if (!err)
		err = session__init_difference(session, &difference);
	if (!err)
		err = storms__init(&storms, &session->first.counters.shape, STORM_RATE);
	storms.cpus = html.view.cpus;
	if (!err)
		err = measure(session, &html, &storms, &difference);
	if (!err)
		err = write_page(session, &html, out, &difference, &status);
	snapshot__free(&difference);
	storms__free(&storms);
	view_html__free(&html);
	return session__end(err, err ? EXIT_CANNOT : status);
}

/* close_page - returns what became of it; half a page is none */
static enum exit_status close_page(FILE *out, const char *name, enum exit_status status)
{
	bool failed = fflush(out) || ferror(out);
	struct stat stat;

	if (failed)
		status = fail(EXIT_CANNOT, "cannot write '%s': %s", name, strerror(errno));
	if (status == EXIT_CANNOT && !fstat(fileno(out), &stat) && S_ISREG(stat.st_mode))
		unlink(name);
	fclose(out);
	return status;
}

int cmd_report(int argc, char **argv)
{
	struct options options = { .session = SESSION_OPTIONS_DEFAULT };
	const struct argp argp = { option_table, parse_option, NULL, doc, children, NULL, NULL };
	struct session session;
	enum exit_status status;
	FILE *out;

	argp_parse(&argp, argc, argv, 0, NULL, &options);

	status = session__open(&session, &options.session);
	if (!status) {
		/* Before the run, so that nothing is measured in vain. */
		out = fopen(options.html, "w");
		if (out)
			status = close_page(out, options.html, report(&session, &options, out));
		else
			status = fail(EXIT_CANNOT, "cannot write '%s': %s", options.html,
				      strerror(errno));
	}
	session__close(&session);
	return status;
}
