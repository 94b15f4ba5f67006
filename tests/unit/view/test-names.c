// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names that others choose, in each view there is: taken in where the tool takes them in, each
 * byte that comes out can be shown, and there are as many lines as with names that mean no
 * harm. How commands come from the kernel is for tests/vm/views/names.t.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "analysis/storm.h"
#include "base/printable.h"
#include "scene.h"
#include "report/view_html.h"
#include "results/results.h"
#include "view/view_doctor.h"
#include "view/view_events.h"
#include "view/view_storm.h"
#include "view/view_top.h"

#define NR_CPUS		4
#define NR_VIPIS	8
#define SECOND		1000000000ULL

/* All that has a name, as it came in. */
struct names {
	struct scene scene;
	struct audit audit;
	struct symbols symbols;
	struct sender sender;
	char command[64];	/* of `check` */
	char path[64];
	struct facts facts;
};

static FILE *file_of(const char *text)
{
	FILE *file = fmemopen((void *)text, strlen(text), "r");

	assert_non_null(file);
	return file;
}

/* take_in - @name as commands and files have it, @word where a space would end it */
static void take_in(struct names *names, const char *name, const char *word)
{
	static const __u64 addresses[] = { 0x1010, 0x2010 };
	struct audit_facts facts = {};
	struct scene *scene = &names->scene;
	uint64_t random = 1;
	char text[1024];
	size_t length = 0;
	FILE *file;

	scene__set_up(scene, NR_CPUS, NR_VIPIS, false);
	for (unsigned int vipi = 0; vipi < NR_VIPIS; vipi++)
		length += snprintf(text + length, sizeof(text) - length,
				   "IPI%u: 1 2  %s interrupts\n", vipi, word);
	file = file_of(text);
	machine__parse_interrupts(&scene->machine, file);
	fclose(file);
	scene__add_events(scene, NR_CPUS, 50, &random);
	assert_int_equal(snapshot__add(&scene->difference, COUNTERS_WAITS), 0);
	scene->difference.counters.waits->raised[7] = 5;
	scene->view.per_vipi = true;
	facts.online = scene->difference.online;
	assert_int_equal(audit__run(&names->audit, &scene->difference, &facts), 0);
	/* One finding at least: they name vIPIs. */
	assert_true(names->audit.nr_entries > 0);

	snprintf(text, sizeof(text), "1000 T %s.llvm.123\n2000 t %s\t[%s]\n", word, word, word);
	file = file_of(text);
	assert_int_equal(symbols__init(&names->symbols, addresses, ARRAY_SIZE(addresses)), 0);
	symbols__read(&names->symbols, file);
	fclose(file);
	assert_int_equal(names->symbols.state, SYMBOLS_READ);

	names->sender = (struct sender){
		.key = { .pid = 12, .tgid = 12 }, .value.sends = 7, .nr_frames = 2,
		.frames = { 0x1011, 0x2011 },
	};
	memcpy(names->sender.value.command, name, strnlen(name, SENDERS_COMMAND_SIZE));
	make_printable_array(names->sender.value.command, SENDERS_COMMAND_SIZE);
	snprintf(names->command, sizeof(names->command), "/x/%s", name);
	snprintf(names->path, sizeof(names->path), "/y/%s", name);

	names->facts = (struct facts){ .symbols = SYMBOLS_READ, .machine = scene->machine };
	snprintf(text, sizeof(text), "a /t%s tracefs rw 0 0\n", word);
	file = file_of(text);
	facts__parse_mounts(&names->facts, file);
	fclose(file);
	snprintf(text, sizeof(text), "none [%s]", word);
	facts__parse_lockdown(&names->facts, text);
	for (unsigned int vipi = 0; vipi < NR_VIPIS; vipi++)
		names->facts.machine.virq[vipi] = 2 + vipi;
}

static void let_go(struct names *names)
{
	symbols__free(&names->symbols);
	audit__free(&names->audit);
	scene__tear_down(&names->scene);
}

/* --- the views --- */

/* show_all - the interval of the scene and its summary */
static void show_all(struct names *names, const struct renderer *renderer, int vipi)
{
	const struct snapshot *difference = &names->scene.difference;
	struct view *view = &names->scene.view;
	struct interval interval;

	assert_int_equal(interval__init(&interval, &difference->counters.shape, NR_VIPIS,
					renderer->needs, NULL), 0);
	interval.matrix.settings.vipi = vipi;
	interval__sum(&interval, difference);
	interval.audit = &names->audit;
	assert_int_equal(renderer->interval(view, &interval), 0);
	assert_int_equal(renderer->summary(view, &interval), 0);
	interval__free(&interval);
}

static void show_tables(struct names *names, FILE *out)
{
	show_all(names, &stat_text, -1);
	show_all(names, &latency_text, -1);
}

static void show_json(struct names *names, FILE *out)
{
	show_all(names, &stat_json, -1);
	show_all(names, &latency_json, -1);
}

static void show_matrix(struct names *names, FILE *out)
{
	show_all(names, &matrix_text, 2);
	show_all(names, &matrix_json, 2);
}

static struct stuck_report stuck_report = { .cpu = 1, .vipi = 5, .least = SECOND };

static void show_stuck(struct names *names, FILE *out)
{
	static const enum stuck_event events[] = { STUCK_FOUND, STUCK_HANDLED, STUCK_OFFLINE };
	struct stuck stuck = { .reports = &stuck_report, .nr_reports = 1, .nr_found = 1 };
	struct view *view = &names->scene.view;
	struct interval interval = {
		.stuck = &stuck, .difference = &names->scene.difference,
		.look = &names->scene.difference, .audit = &names->audit,
	};

	for (size_t i = 0; i < ARRAY_SIZE(events); i++) {
		stuck_report.event = events[i];
		assert_int_equal(stuck_text.report(view, &interval), 0);
		assert_int_equal(stuck_json.report(view, &interval), 0);
	}
	assert_int_equal(stuck_text.summary(view, &interval), 0);
}

static void show_storm(struct names *names, FILE *out)
{
	struct senders_sample sample = {
		.time = SECOND, .nr_senders = 1, .senders = &names->sender,
	};
	struct storm_details details = { .sample = &sample, .symbols = &names->symbols };
	struct snapshot *difference = &names->scene.difference;
	struct view *view = &names->scene.view;
	struct interval interval;

	assert_int_equal(interval__init(&interval, &difference->counters.shape, NR_VIPIS,
					storm_text.needs, NULL), 0);
	interval.storms.rate = 1;
	interval__sum(&interval, difference);
	storms__watch(&interval.storms, difference, &interval.margins, difference);
	assert_true(storms__any(&interval.storms, STORM_STARTED));
	assert_int_equal(storm_details__rank(&details, &interval.storms), 0);
	interval.later = difference;
	interval.senders = &details;
	interval.audit = &names->audit;
	assert_int_equal(storm_text.interval(view, &interval), 0);
	assert_int_equal(storm_json.interval(view, &interval), 0);
	interval.last = true;
	assert_int_equal(storm_text.interval(view, &interval), 0);
	assert_int_equal(storm_text.summary(view, &interval), 0);
	view_storm__folded(out, &details);
	storm_details__free(&details);
	interval__free(&interval);
}

static void show_events(struct names *names, FILE *out, const struct events_format *format)
{
	struct events_view view = { .out = out, .machine = &names->scene.machine };
	static const __u64 lost[NR_CPUS];
	const struct events_summary summary = { .lost = lost, .nr_cpus = NR_CPUS };
	struct ipimux_event event = {
		.time = SECOND, .cpu = 1, .target = 2, .vipi = 4, .kind = IPIMUX_SEND,
		.enabled = 0xff,
	};

	memcpy(event.command, names->sender.value.command, sizeof(event.command));
	assert_int_equal(format->start(&view, &(struct events_start){}), 0);
	assert_int_equal(format->event(&view, &event, event.time), 0);
	event = (struct ipimux_event){
		.time = SECOND, .cpu = 2, .kind = IPIMUX_PROCESS, .enabled = 0xff, .pending = 0x5a,
	};
	assert_int_equal(format->event(&view, &event, event.time), 0);
	if (format->last)
		assert_int_equal(format->last(&view), 0);
	assert_int_equal(format->end(&view, &summary), 0);
	events_view__free(&view);
}

static void show_event_text(struct names *names, FILE *out)
{
	show_events(names, out, &events_text);
}

static void show_event_json(struct names *names, FILE *out)
{
	show_events(names, out, &events_json);
}

static void show_event_chrome(struct names *names, FILE *out)
{
	show_events(names, out, &events_chrome);
}

static void show_top(struct names *names, FILE *out)
{
	struct snapshot *difference = &names->scene.difference;
	struct page page = {};
	struct interval shown;
	struct stuck stuck;
	struct top top;

	unit__interval(&shown, difference, NULL);
	shown.stuck = &stuck;
	assert_int_equal(stuck__init(&stuck, &difference->counters.shape, 0), 0);
	assert_int_equal(top__init(&top, &difference->counters.shape, NR_VIPIS), 0);
	stuck.cells[NR_VIPIS + 3].reported = true;
	stuck.nr_found = 1;
	assert_int_equal(page__resize(&page, 30, 100), 0);
	for (enum top_pane pane = 0; pane < TOP_NR_PANES; pane++) {
		struct view_top view = {
			.machine = &names->scene.machine, .top = &top, .shown = &shown,
			.now = difference, .interval = SECOND,
		};

		top.settings.pane = pane;
		top.settings.vipi = pane == TOP_SENDERS ? 6 : TOP_ALL_VIPIS;
		assert_int_equal(top__compute(&top, difference, &shown.margins), 0);
		view_top__draw(&page, &view);
		for (unsigned int line = 0; line < page.lines; line++)
			fprintf(out, "%s\n", page__text(&page, line));
	}
	page__free(&page);
	top__free(&top);
	stuck__free(&stuck);
	interval__free(&shown);
}

static void show_results(struct names *names, FILE *out)
{
	const struct machine *machine = &names->scene.machine;
	const struct command_end end = { .name = names->command, .error = 2 };
	const struct limit limit = { .kind = LIMIT_RATE, .vipi = 3, .number = 5 };
	const struct verdict verdict = {
		.result = LIMIT_EXCEEDED, .vipi = 3, .part = 9, .whole = 9, .ns = SECOND,
	};
	struct stuck stuck = { .nr_found = 2 };
	struct interval run = { .difference = &names->scene.difference };
	struct results results = {};
	size_t size;
	char *text;
	FILE *lines = open_memstream(&text, &size);

	results__print_stuck(lines, machine, &stuck_report, &names->scene.difference);
	fclose(lines);
	assert_int_equal(results__add_command(&results, &end), 0);
	assert_int_equal(results__add_audit(&results, &names->scene.view, &names->audit, false), 0);
	assert_int_equal(results__add_stuck(&results, machine, &stuck, &stuck_report, text), 0);
	assert_int_equal(results__add_limit(&results, machine, &limit, &verdict, SECOND), 0);
	assert_int_equal(results__summarize(&results, &run, ""), 0);
	view_ktap__print(out, &results);
	view_junit__print(out, &results);
	results__free(&results);
	free(text);
}

static void show_html(struct names *names, FILE *out)
{
	struct stuck stuck = { .reports = &stuck_report, .nr_reports = 1 };
	struct storm storm = { .state = STORM_ENDED, .vipis = 0xff };
	struct snapshot *difference = &names->scene.difference;
	struct view_html html = { .view.machine = &names->scene.machine, .source = names->path };
	struct interval interval;

	stuck_report.event = STUCK_FOUND;
	unit__interval(&interval, difference, NULL);
	interval.stuck = &stuck;
	interval.look = difference;
	interval.storms = (struct storms){ .nr_storms = 1, .storms = &storm };
	interval.audit = &names->audit;
	interval.last = true;
	assert_int_equal(view_html__init(&html, difference), 0);
	assert_int_equal(view_html__interval(&html, &interval), 0);
	view_html__watch_stuck(&html, &interval);
	view_html__watch_storms(&html, &interval);
	assert_int_equal(view_html__write(&html, out, &interval), 0);
	view_html__free(&html);
	interval.storms = (struct storms){};
	interval__free(&interval);
}

static void show_doctor(struct names *names, FILE *out)
{
	struct doctor doctor;

	doctor__judge(&doctor, &names->facts, true);
	assert_int_equal(doctor_text.summary(out, false, &doctor, &names->facts), 0);
	assert_int_equal(doctor_json.summary(out, false, &doctor, &names->facts), 0);
}

static const struct {
	const char *name;
	void (*show)(struct names *names, FILE *out);
} views[] = {
	{ "tables", show_tables }, { "JSON", show_json }, { "matrix", show_matrix },
	{ "stuck", show_stuck }, { "storm", show_storm }, { "trace", show_event_text },
	{ "trace -j", show_event_json }, { "trace --format chrome", show_event_chrome },
	{ "top", show_top }, { "check", show_results }, { "report", show_html },
	{ "doctor", show_doctor },
};

/* --- the names --- */

/* show - all that a view says of things of this name; the caller's */
static char *show(size_t view, const char *name, const char *word)
{
	struct names names = {};
	size_t size;
	char *text;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	take_in(&names, name, word);
	names.scene.view.out = out;
	views[view].show(&names, out);
	assert_int_equal(fclose(out), 0);
	/* A zero byte would hide the rest. */
	assert_int_equal(strlen(text), size);
	let_go(&names);
	return text;
}

/* check_lines - that each can be shown; returns how many there are */
static unsigned int check_lines(const char *view, char *text)
{
	unsigned int nr = 0;

	for (char *line = strsep(&text, "\n"); line; line = strsep(&text, "\n")) {
		/* The sources of the HTML page are indented. */
		for (char *tab = line; !strcmp(view, "report") && *tab == '\t'; tab++)
			*tab = ' ';
		check(is_printable(line), "%s: '%s'", view, line);
		nr++;
	}
	return nr;
}

static void test_each_view(void **state)
{
	static const struct {
		const char *name, *word;	/* see take_in() */
	} cases[] = {
		{ "a\033[1mb\n99 % z;", "a\033[1mb%n%s;\b" },
		{ "a\r\n\n\t\177;#\\\"'<&>", "a\r\177;#\\\"'<&>" },
		{ "\xc2\x9b" "2J\x9b\xff\xfe\xe2\x80\xae",
		  "\xc2\x9b" "2J\x9b\xff\xfe\xe2\x80\xae" },
		{ "abcdefghijklmno\xc3", "0123456789abcdef0123456789abcd\xc3\xbc" },
		{ "a,b=c,d", "a,b=c,d" },
		{ "", "x" },
	};

	for (size_t view = 0; view < ARRAY_SIZE(views); view++) {
		for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
			char name[64], word[64], *evil, *good;

			/* As long as that, and nothing but letters. */
			memset(name, 'n', sizeof(name));
			name[strlen(cases[i].name)] = '\0';
			memset(word, 'w', sizeof(word));
			word[strlen(cases[i].word)] = '\0';
			good = show(view, name, word);
			evil = show(view, cases[i].name, cases[i].word);
			assert_int_equal(check_lines(views[view].name, evil),
					 check_lines(views[view].name, good));
			free(good);
			free(evil);
		}
	}
}

/* Or the test above has looked at nothing. */
static void test_names_are_there(void **state)
{
	static const char * const with_commands[] = {
		"storm", "trace", "trace -j", "trace --format chrome", "check", "report",
	};

	for (size_t view = 0; view < ARRAY_SIZE(views); view++) {
		char *text = show(view, "co\nmmand", "wo\033rd");
		bool with_command = false;

		for (size_t i = 0; i < ARRAY_SIZE(with_commands); i++)
			with_command |= !strcmp(views[view].name, with_commands[i]);
		check(strstr(text, "wo?rd"), "%s: %s", views[view].name, text);
		check(!with_command || strstr(text, "co?mmand"), "%s: %s", views[view].name, text);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_view),
		cmocka_unit_test(test_names_are_there),
	};

	return UNIT_RUN("names", tests);
}
