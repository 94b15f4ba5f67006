// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lists of CPUs that no line has room for, 512 of them and none the other's neighbour: each view
 * that names them says how many there are, and does not look as if it had named all.
 */
#include <stdlib.h>
#include <string.h>

#include "analysis/storm.h"
#include "scene.h"
#include "report/view_html.h"
#include "results/results.h"
#include "screen/top_keys.h"
#include "view/view_doctor.h"
#include "view/view_storm.h"

#define NR_ODD	512
#define SECOND	1000000000ULL

static struct cpuset odd;

static int fill_odd(void **state)
{
	for (unsigned int i = 0; i < NR_ODD; i++)
		cpuset__add(&odd, 2 * i + 1);
	return 0;
}

struct shown {
	struct scene scene;
	FILE *out;
	char *text;
	size_t size;
};

static void set_up(struct shown *shown)
{
	scene__set_up(&shown->scene, 4, 8, false);
	shown->out = open_memstream(&shown->text, &shown->size);
	assert_non_null(shown->out);
	shown->scene.view.out = shown->out;
}

static unsigned int count(const char *text, const char *part)
{
	unsigned int nr = 0;

	for (; (text = strstr(text, part)); text += strlen(part))
		nr++;
	return nr;
}

/* check_lists - that there are so many lists, and so many of them say that they are cut off */
static void check_lists(struct shown *shown, unsigned int lists, unsigned int cut)
{
	assert_int_equal(fclose(shown->out), 0);
	check(count(shown->text, "1,3,5,7,") == lists, "%s", shown->text);
	check(count(shown->text, ",... (512 CPUs)") == cut, "%s", shown->text);
	check(count(shown->text, ",1019,1021,1023\n") == lists - cut, "%s", shown->text);
	free(shown->text);
	scene__tear_down(&shown->scene);
}

static struct stuck_report report_of(enum stuck_event event)
{
	return (struct stuck_report){
		.event = event, .cpu = 2, .vipi = 5, .least = SECOND, .senders = odd,
	};
}

static void test_stuck(void **state)
{
	struct stuck_report report = report_of(STUCK_FOUND);
	struct stuck stuck = { .reports = &report, .nr_reports = 1 };
	struct shown shown;
	struct interval interval = { .stuck = &stuck, .look = &shown.scene.difference };

	set_up(&shown);
	assert_int_equal(stuck_text.report(&shown.scene.view, &interval), 0);
	results__print_stuck(shown.out, &shown.scene.machine, &report, &shown.scene.difference);
	check_lists(&shown, 2, 2);
}

static void test_storm(void **state)
{
	static struct sender senders[NR_ODD];
	struct senders_sample sample = {
		.time = SECOND, .nr_senders = NR_ODD, .senders = senders,
	};
	struct storm_details details = { .sample = &sample, .no_symbols = "hidden" };
	struct storm storm = { .state = STORM_STARTED, .vipis = 1, .targets = odd };
	struct shown shown;
	struct interval interval = {
		.difference = &shown.scene.difference, .later = &shown.scene.difference,
		.senders = &details, .last = true,
	};
	struct storms *storms = &interval.storms;

	set_up(&shown);
	for (unsigned int i = 0; i < NR_ODD; i++)
		senders[i] = (struct sender){
			.key = { .cpu = 2 * i + 1, .target = 1 }, .value.sends = 1,
		};
	assert_int_equal(storms__init(storms, &shown.scene.difference.counters.shape, 1), 0);
	free(storms->storms);
	storms->storms = &storm;
	storms->nr_storms = 1;
	assert_int_equal(storm_details__rank(&details, storms), 0);
	assert_int_equal(storm_text.interval(&shown.scene.view, &interval), 0);
	storm_details__free(&details);
	storms->storms = NULL;
	storms__free(storms);
	/* Its start and its end have its targets; a row has those whom it runs on. */
	check_lists(&shown, 3, 3);
}

static void test_check(void **state)
{
	const struct limit limit = { .kind = LIMIT_RATE, .vipi = LIMIT_ALL_VIPIS, .number = 5 };
	const struct verdict verdict = {
		.result = LIMIT_EXCEEDED, .part = 9, .whole = 9, .ns = SECOND, .exceeded = odd,
	};
	struct results results = {};
	struct shown shown;
	struct interval interval = { .difference = &shown.scene.difference };

	set_up(&shown);
	shown.scene.difference.online = odd;
	assert_int_equal(results__add_limit(&results, &shown.scene.machine, &limit, &verdict,
					    SECOND), 0);
	assert_int_equal(results__summarize(&results, &interval, ""), 0);
	fprintf(shown.out, "%s%s", results.summary, results.test[0].details);
	results__free(&results);
	check_lists(&shown, 2, 2);
}

static void test_html(void **state)
{
	struct stuck_report report = report_of(STUCK_FOUND);
	struct stuck stuck = { .reports = &report, .nr_reports = 1 };
	struct storm storm = {
		.state = STORM_ENDED, .vipis = 0xff, .targets = odd, .senders = odd,
	};
	struct view_html html = {};
	struct shown shown;
	struct interval interval = {
		.stuck = &stuck, .look = &shown.scene.difference, .last = true,
		.storms = { .nr_storms = 1, .storms = &storm },
	};

	set_up(&shown);
	for (unsigned int vipi = 4; vipi < 8; vipi++)
		memset(shown.scene.machine.vipi_name[vipi], 'x', MACHINE_NAME_SIZE - 1);
	html.view.machine = &shown.scene.machine;
	assert_int_equal(view_html__init(&html, &shown.scene.difference), 0);
	view_html__watch_stuck(&html, &interval);
	report = report_of(STUCK_HANDLED);
	view_html__watch_stuck(&html, &interval);
	view_html__watch_storms(&html, &interval);
	for (unsigned int i = 0; i < html.nr_events; i++)
		fprintf(shown.out, "%s\n", html.events[i].text);
	/* What is behind the lists is there, too; and so many vIPIs say how many they are. */
	assert_non_null(strstr(html.events[0].text, ", handled after 1.000 s or more"));
	assert_non_null(strstr(html.events[1].text, "CPU_STOP, CPU_CRASH_STOP, xxxx"));
	assert_non_null(strstr(html.events[1].text, "xxxx, ... (8 vIPIs) to CPUs 1,3,"));
	assert_non_null(strstr(html.events[1].text, " from CPUs 1,3,"));
	assert_non_null(strstr(html.events[1].text, ": 0 sends, 0.0 % coalesced, up to 0/s"));
	view_html__free(&html);
	check_lists(&shown, 3, 3);
}

/* Nobody is not a list that is empty. */
static void test_nobody(void **state)
{
	struct stuck_report report = { .event = STUCK_FOUND, .cpu = 2, .vipi = 5 };
	struct stuck stuck = { .reports = &report, .nr_reports = 1 };
	struct storm storm = { .state = STORM_ENDED, .vipis = 2 };
	struct view_html html = {};
	struct shown shown;
	struct interval interval = {
		.stuck = &stuck, .look = &shown.scene.difference, .last = true,
		.storms = { .nr_storms = 1, .storms = &storm },
	};

	set_up(&shown);
	html.view.machine = &shown.scene.machine;
	assert_int_equal(view_html__init(&html, &shown.scene.difference), 0);
	view_html__watch_stuck(&html, &interval);
	view_html__watch_storms(&html, &interval);
	assert_string_equal(html.events[0].text, "CPU 2 TIMER: pending, enabled and not "
			    "handled; the sender is not known");
	assert_non_null(strstr(html.events[1].text, "CALL_FUNC to many CPUs, each of them below "
			       "the limit, from many CPUs: "));
	view_html__free(&html);
	check_lists(&shown, 0, 0);
}

static void test_matrix(void **state)
{
	struct interval interval;
	struct shown shown;

	set_up(&shown);
	assert_int_equal(interval__init(&interval, &shown.scene.difference.counters.shape, 8,
					INTERVAL_MATRIX, &odd), 0);
	interval__sum(&interval, &shown.scene.difference);
	assert_int_equal(matrix_text.interval(&shown.scene.view, &interval), 0);
	interval__free(&interval);
	check_lists(&shown, 1, 1);
}

/* Where there is room, it is all of them. */
static void test_doctor(void **state)
{
	static struct facts facts;
	struct doctor doctor;
	struct shown shown;

	set_up(&shown);
	facts.machine.possible = facts.online = odd;
	doctor__judge(&doctor, &facts, true);
	doctor_text.summary(shown.out, false, &doctor, &facts);
	check_lists(&shown, 2, 0);
}

static void test_top(void **state)
{
	struct top_settings settings = {};
	struct machine machine = { .possible = odd };
	struct top_keys keys = {
		.machine = &machine, .settings = &settings, .question = TOP_ASK_CPUS,
		.answer = "2",
	};

	top_keys__press(&keys, '\n', 10, 10);
	check(strstr(keys.message, "this machine has CPUs 1,3,5,") &&
	      strstr(keys.message, ",... (512 CPUs)"), "%s", keys.message);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stuck),
		cmocka_unit_test(test_storm),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_html),
		cmocka_unit_test(test_nobody),
		cmocka_unit_test(test_matrix),
		cmocka_unit_test(test_doctor),
		cmocka_unit_test(test_top),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("lists", tests, fill_odd, NULL);
}
