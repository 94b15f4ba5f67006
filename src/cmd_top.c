// SPDX-License-Identifier: GPL-2.0-only
/*
 * ipimux-trace top: the busiest targets, senders, vIPIs and pairs on a full screen; after
 * it, the audit of the whole run. Keys and what they change; nothing of how it looks.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "screen.h"
#include "session.h"
#include "view.h"
#include "view_top.h"

struct options {
	struct session_options session;
	const char *vipi;
};

enum { OPT_VIPI = 0x100 };

static const struct argp_option option_table[] = {
	{ "vipi", OPT_VIPI, "NAME", 0, "Only this vIPI, by name or number", 0 },
	{}
};

static const struct argp_child children[] = { { &session_argp, 0, NULL, 0 }, {} };

static const char doc[] =
	"The busiest targets, senders, vIPIs and pairs on a full screen, every INTERVAL seconds "
	"(default 1), COUNT times (default: until q); then the audit of the whole run."
	"\v"
	"The key ? lists the keys. With --cpu only sends from or to these CPUs are counted.\n"
	"\n"
	"Exit status: 0 done, 1 the audit is off, 2 wrong usage, 3 cannot run here.";

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &options->session;
		break;
	case OPT_VIPI:
		options->vipi = arg;
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

enum question { NO_QUESTION, ASK_VIPI, ASK_CPUS };

struct run {
	struct session session;		/* the first: its wait() gets this */
	struct options options;
	struct top top;
	struct snapshot shown;		/* the difference on the screen */
	struct view_top view;
	struct page page;
	struct cpuset cpus;		/* what top.settings.cpus points to, if it does */
	enum question question;
	char answer[128];
	char message[IPIMUX_MAX_VIPIS * (MACHINE_NAME_SIZE + 2) + 160];
	bool quit;
};

/* --- what is on the screen --- */

static int draw(struct run *run)
{
	struct view_top *view = &run->view;
	struct session *session = &run->session;
	unsigned int rows, nr_rows;
	int err;

	err = top__compute(&run->top, &run->shown);
	if (!err)
		err = screen__fit(&run->page);
	if (err)
		return err;
	rows = view_top__rows(&run->page);
	nr_rows = run->top.nr_rows;
	if (view->first_row + rows > nr_rows)
		view->first_row = nr_rows > rows ? nr_rows - rows : 0;
	view->now = session->later;
	view->missed = session->later->missed - session->first.missed;
	view->interval = run->options.session.interval;
	view->question = run->question == ASK_VIPI ? "vIPI (name or number; nothing: all)" :
			 run->question == ASK_CPUS ? "CPUs (e.g. 0,2-3; nothing: all)" : NULL;
	view->message = *run->message ? run->message : NULL;
	view_top__draw(&run->page, view);
	screen__paint(&run->page);
	return 0;
}

/* --- keys --- */

static void change_interval(struct run *run, bool longer)
{
	static const unsigned long long steps[] = {	/* ms */
		100, 200, 500, 1000, 2000, 5000, 10000, 30000, 60000
	};
	unsigned long long *interval = &run->options.session.interval;
	size_t nr_steps = sizeof(steps) / sizeof(*steps);

	for (size_t i = 0; i < nr_steps; i++) {
		unsigned long long step = steps[longer ? i : nr_steps - 1 - i] * 1000000;

		if (longer ? step > *interval : step < *interval) {
			*interval = step;
			return;
		}
	}
}

static void change_sort(struct run *run, int by)
{
	struct top_settings *settings = &run->top.settings;

	do
		settings->sort = (settings->sort + TOP_NR_COLUMNS + by) % TOP_NR_COLUMNS;
	while (!top__has_column(settings->pane, settings->sort));
}

static void change_pane(struct run *run, enum top_pane pane)
{
	struct top_settings *settings = &run->top.settings;

	settings->pane = pane;
	run->view.first_row = 0;
	if (!top__has_column(pane, settings->sort))
		settings->sort = TOP_SENDS;
}

static void ask(struct run *run, enum question question)
{
	run->question = question;
	*run->answer = '\0';
}

/* set_cpus - only these CPUs of the machine */
static void set_cpus(struct run *run)
{
	const struct cpuset *possible = &run->session.machine.possible;
	struct cpuset cpus, all = *possible;
	char list[64];

	if (cpuset__parse(&cpus, run->answer) || cpuset__last(&cpus) < 0) {
		snprintf(run->message, sizeof(run->message),
			 "'%s' is no list of CPUs; one is e.g. 0,2-3", run->answer);
		return;
	}
	cpuset__union(&all, &cpus);
	if (!cpuset__equal(&all, possible)) {
		cpuset__format(possible, list, sizeof(list));
		snprintf(run->message, sizeof(run->message), "this machine has CPUs %s", list);
		return;
	}
	run->cpus = cpus;
	run->top.settings.cpus = &run->cpus;
}

static void take_answer(struct run *run)
{
	const struct machine *machine = &run->session.machine;
	int vipi = TOP_ALL_VIPIS;

	run->view.first_row = 0;
	if (run->question == ASK_CPUS) {
		if (*run->answer)
			set_cpus(run);
		else
			run->top.settings.cpus = NULL;
	} else {
		if (*run->answer)
			vipi = machine__find_vipi(machine, run->answer);
		if (vipi >= 0 || !*run->answer) {
			run->top.settings.vipi = vipi;
		} else {
			int used = snprintf(run->message, sizeof(run->message),
					    "no vIPI '%s': ", run->answer);

			machine__list_vipis(machine, run->message + used,
					    sizeof(run->message) - used);
		}
	}
	run->question = NO_QUESTION;
}

static void type(struct run *run, int key)
{
	size_t length = strlen(run->answer);

	if (key == SCREEN_ENTER) {
		take_answer(run);
	} else if (key == SCREEN_ESCAPE) {
		run->question = NO_QUESTION;
	} else if (key == SCREEN_BACKSPACE) {
		if (length)
			run->answer[length - 1] = '\0';
	} else if (key < 0x80 && isprint(key) && length + 1 < sizeof(run->answer)) {
		run->answer[length] = key;
		run->answer[length + 1] = '\0';
	}
}

static void scroll_rows(struct run *run, long by)
{
	long first = run->view.first_row + by;

	run->view.first_row = first < 0 ? 0 : first;	/* draw() knows the other end */
}

static void press_move(struct run *run, int key)
{
	long screenful = view_top__rows(&run->page);

	switch (key) {
	case SCREEN_UP:
		scroll_rows(run, -1);
		break;
	case SCREEN_DOWN:
		scroll_rows(run, 1);
		break;
	case SCREEN_PAGE_UP:
		scroll_rows(run, -screenful);
		break;
	case SCREEN_PAGE_DOWN:
		scroll_rows(run, screenful);
		break;
	case SCREEN_HOME:
		run->view.first_row = 0;
		break;
	case SCREEN_LAST:
		scroll_rows(run, run->top.nr_rows);
		break;
	}
}

/* press_setting - a key that changes what is shown, or how */
static void press_setting(struct run *run, int key)
{
	struct top_settings *settings = &run->top.settings;

	switch (key) {
	case '1' ... '4':
		change_pane(run, key - '1');
		break;
	case SCREEN_TAB:
		change_pane(run, (settings->pane + 1) % TOP_NR_PANES);
		break;
	case SCREEN_BACK_TAB:
		change_pane(run, (settings->pane + TOP_NR_PANES - 1) % TOP_NR_PANES);
		break;
	case '<':
	case SCREEN_LEFT:
		change_sort(run, -1);
		break;
	case '>':
	case SCREEN_RIGHT:
		change_sort(run, 1);
		break;
	case 'r':
		settings->reverse = !settings->reverse;
		break;
	case 'v':
		ask(run, ASK_VIPI);
		break;
	case 'c':
		ask(run, ASK_CPUS);
		break;
	case 'a':
		settings->vipi = TOP_ALL_VIPIS;
		settings->cpus = NULL;
		break;
	case ' ':
	case 'p':
		run->view.paused = !run->view.paused;
		break;
	case '+':
	case '-':
		change_interval(run, key == '+');
		break;
	case '?':
	case 'h':
		run->view.help = true;
		break;
	case 'q':
		run->quit = true;
		break;
	default:
		press_move(run, key);
	}
}

static void press(struct run *run, int key)
{
	*run->message = '\0';
	if (run->question)
		type(run, key);
	else if (run->view.help)
		run->view.help = false;
	else
		press_setting(run, key);
}

/* wait_for_keys - see session->wait; what keys change is on the screen at once */
static bool wait_for_keys(struct session *session, unsigned long long deadline)
{
	struct run *run = (struct run *)session;

	for (;;) {
		/* The deadline of the interval as it is now set. */
		int event = screen__wait(session->later->time + run->options.session.interval);

		if (event == SCREEN_TIMEOUT)
			return false;
		if (event == SCREEN_END)
			return true;
		if (event != SCREEN_RESIZED)
			press(run, event);
		if (run->quit)
			return true;
		/* Out of memory: the next interval says so. */
		draw(run);
	}
}

/* --- the run --- */

static int init_run(struct run *run)
{
	struct session *session = &run->session;
	const struct ipimux_shape *shape = &session->first.counters.shape;
	int err;

	err = top__init(&run->top, shape, session->machine.nr_vipis);
	if (!err)
		err = session__init_difference(session, &run->shown);
	run->shown.online = session->first.online;
	run->view = (struct view_top){
		.machine = &session->machine, .top = &run->top, .difference = &run->shown,
		.stuck = &session->stuck, .answer = run->answer,
	};
	if (run->options.session.cpu_list) {
		run->cpus = run->options.session.cpus;
		run->top.settings.cpus = &run->cpus;
	}
	session->wait = wait_for_keys;
	return err;
}

static int watch(struct run *run)
{
	struct session *session = &run->session;
	int err = draw(run);

	while (!err && !session->last) {
		err = session__next(session);
		if (err)
			break;
		if (!run->view.paused)
			snapshot__subtract(&run->shown, session->later, session->earlier);
		err = draw(run);
	}
	return err;
}

/* show_audit - what happened in the whole run, as the last lines of stat have it */
static int show_audit(struct run *run, enum exit_status *status)
{
	struct session *session = &run->session;
	struct view view = {};
	struct audit audit;
	int err;

	err = session__audit(session, &run->shown, &audit);
	if (err)
		return err;
	err = view__init(&view, stdout, &session->machine, &session->first.counters.shape);
	if (!err) {
		printf("watched for %.3f s\n", run->shown.time / 1e9);
		view_table__audit(&view, &audit);
		err = fflush(stdout) ? -errno : 0;
	}
	*status = audit.verdict == AUDIT_OFF ? EXIT_EXCEEDED : EXIT_DONE;
	view__free(&view);
	audit__free(&audit);
	return err;
}

static enum exit_status measure(struct run *run)
{
	struct session *session = &run->session;
	enum exit_status status;
	int err = init_run(run);

	if (!err && run->options.vipi) {
		run->top.settings.vipi = machine__find_vipi(&session->machine, run->options.vipi);
		if (run->top.settings.vipi < 0)
			return fail_vipi(&session->machine, run->options.vipi);
	}
	if (err)
		return session__end(err, EXIT_CANNOT);
	status = screen__open(&session->signals);
	if (status)
		return status;
	err = watch(run);
	screen__close();
	if (!err)
		err = show_audit(run, &status);
	return session__end(err, status);
}

int cmd_top(int argc, char **argv)
{
	struct run run = { .options.session = SESSION_OPTIONS_DEFAULT };
	const struct argp argp = { option_table, parse_option, NULL, doc, children, NULL, NULL };
	enum exit_status status;

	argp_parse(&argp, argc, argv, 0, NULL, &run.options);

	status = screen__check();
	if (status)
		return status;
	status = session__open(&run.session, &run.options.session);
	if (!status)
		status = measure(&run);
	page__free(&run.page);
	top__free(&run.top);
	snapshot__free(&run.shown);
	session__close(&run.session);
	return status;
}
