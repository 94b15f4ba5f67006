// SPDX-License-Identifier: GPL-2.0-only
/*
 * The HTML page: that its data, read back, holds the same events, however many intervals were
 * added up in a point; that no name can end the data and no text is lost. What it looks like in
 * a browser: tests/tree/report.t.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/printable.h"
#include "counters/latency.h"
#include "unit.h"
#include "report/view_html.h"

#define SECOND		1000000000ULL
#define MAX_CPUS	8
#define MAX_VIPIS	32
#define NR_QUANTITIES	9	/* of a series: sent and received by outcome, handled */
#define NR_TOTALS	11	/* and of a row of margins: unmasks and kicks, too */

/* A run that is counted here, event by event, beside the page that is to show it. */
struct scene {
	struct machine machine;
	struct snapshot first, difference, whole;
	const struct cpuset *only;	/* show only these, NULL: all */
	struct view_html html;
	struct audit audit;
	__u64 tally[MAX_CPUS][MAX_VIPIS][NR_TOTALS];
	char *text;
	size_t size;
	json_t *data;
};

static void set_up(struct scene *scene, unsigned int nr_cpus, unsigned int nr_vipis)
{
	memset(scene, 0, sizeof(*scene));
	unit__machine(&scene->machine, nr_cpus, nr_vipis);
	unit__snapshot(&scene->first, nr_cpus, nr_vipis, false);
	unit__snapshot(&scene->difference, nr_cpus, nr_vipis, false);
	unit__snapshot(&scene->whole, nr_cpus, nr_vipis, false);
	scene->first.time = 100 * SECOND;
	scene->first.wall_time = 1750000000 * SECOND;
	scene->html.view.machine = &scene->machine;
	assert_int_equal(view_html__init(&scene->html, &scene->first), 0);
}

static void tear_down(struct scene *scene)
{
	json_decref(scene->data);
	free(scene->text);
	audit__free(&scene->audit);
	view_html__free(&scene->html);
	snapshot__free(&scene->first);
	snapshot__free(&scene->difference);
	snapshot__free(&scene->whole);
}

static void send(struct scene *scene, unsigned int sender, unsigned int target, unsigned int vipi,
		 enum ipimux_outcome outcome, __u64 number)
{
	unit__send(&scene->difference, sender, target, vipi, outcome, number);
	unit__send(&scene->whole, sender, target, vipi, outcome, number);
	scene->tally[sender][vipi][outcome] += number;
	scene->tally[target][vipi][IPIMUX_NR_OUTCOMES + outcome] += number;
}

static void process(struct scene *scene, unsigned int cpu, __u32 set, __u64 number)
{
	unit__process(&scene->difference, cpu, set, number);
	unit__process(&scene->whole, cpu, set, number);
	for (unsigned int vipi = 0; vipi < MAX_VIPIS; vipi++)
		if (set >> vipi & 1)
			scene->tally[cpu][vipi][8] += number;
}

static void unmask(struct scene *scene, unsigned int cpu, unsigned int vipi,
		   enum ipimux_unmask what, __u64 number)
{
	unit__unmask(&scene->difference, cpu, vipi, what, number);
	unit__unmask(&scene->whole, cpu, vipi, what, number);
	scene->tally[cpu][vipi][9] += number;
	scene->tally[cpu][vipi][10] += what == IPIMUX_UNMASK_KICK ? number : 0;
}

/* take - the page takes in an interval */
static void take(struct view_html *html, const struct snapshot *difference)
{
	struct interval interval;

	unit__interval(&interval, difference, NULL);
	assert_int_equal(view_html__interval(html, &interval), 0);
	interval__free(&interval);
}

/* end_interval - the page takes in what was counted since the last one */
static void end_interval(struct scene *scene, __u64 time)
{
	struct snapshot zero;

	scene->difference.time = time;
	scene->whole.time += time;
	take(&scene->html, &scene->difference);
	scene->whole.missed += scene->difference.missed;

	/* A difference of nothing, for the next. */
	assert_int_equal(snapshot__init(&zero, &scene->first.counters.shape,
					scene->first.counters.by_set), 0);
	snapshot__subtract(&scene->difference, &zero, &zero);
	snapshot__free(&zero);
}

static void add_events(struct scene *scene, unsigned int nr_cpus, unsigned int limit,
		       uint64_t *random)
{
	for (int i = 0; i < 10; i++) {
		unsigned int cpu = unit__below(random, nr_cpus);
		unsigned int vipi = unit__below(random, scene->machine.nr_vipis);

		send(scene, cpu, unit__below(random, nr_cpus), vipi, unit__below(random, 4),
		     unit__below(random, limit));
		process(scene, cpu, unit__random(random) & ((1ULL << scene->machine.nr_vipis) - 1),
			unit__below(random, limit));
		unmask(scene, cpu, vipi, unit__below(random, 2), unit__below(random, limit));
	}
}

/* write_page - the page in scene->text, and what is its data in scene->data */
static void write_page(struct scene *scene, const char *source)
{
	static const char begin[] = "<script type=\"application/json\" id=\"data\">";
	struct audit_facts facts = { .online = scene->first.online };
	FILE *out = open_memstream(&scene->text, &scene->size);
	struct interval run;
	char *data, *end;

	assert_int_equal(audit__run(&scene->audit, &scene->whole, &facts), 0);
	unit__interval(&run, &scene->whole, scene->only);
	run.audit = &scene->audit;
	scene->html.source = source;
	assert_int_equal(view_html__write(&scene->html, out, &run), 0);
	interval__free(&run);
	assert_int_equal(fclose(out), 0);

	/* As a browser finds it. */
	data = strstr(scene->text, begin);
	assert_non_null(data);
	data += strlen(begin);
	end = strstr(data, "</script");
	assert_non_null(end);
	scene->data = json_loadb(data, end - data, 0, NULL);
	check(scene->data, "%.*s", (int)(end - data), data);
}

static json_t *run_of(const struct scene *scene, const char *name)
{
	json_t *value = json_object_get(json_object_get(scene->data, "run"), name);

	check(value, "no \"%s\"", name);
	return value;
}

static __u64 number_at(const json_t *array, size_t index)
{
	json_t *value = json_array_get(array, index);

	assert_true(json_is_integer(value));
	return json_integer_value(value);
}

static __u64 sum_of(const json_t *array)
{
	__u64 sum = 0;

	for (size_t i = 0; i < json_array_size(array); i++)
		sum += number_at(array, i);
	return sum;
}

/* check_margins - rows of the whole run are what was counted, and no row is of nothing */
static void check_margins(const struct scene *scene)
{
	__u64 seen[MAX_CPUS][MAX_VIPIS][NR_TOTALS] = {};
	json_t *row;
	size_t i;

	json_array_foreach(run_of(scene, "margins"), i, row) {
		unsigned int cpu = number_at(row, 0), vipi = number_at(row, 1);

		assert_int_equal(json_array_size(row), 2 + NR_TOTALS);
		assert_true(sum_of(row) > cpu + vipi);
		for (int quantity = 0; quantity < NR_TOTALS; quantity++)
			seen[cpu][vipi][quantity] += number_at(row, 2 + quantity);
	}
	assert_memory_equal(seen, scene->tally, sizeof(seen));
}

/* check_series - the points add up to what was counted, and there are as many everywhere */
static void check_series(const struct scene *scene)
{
	__u64 seen[MAX_CPUS][MAX_VIPIS][NR_TOTALS] = {};
	size_t points = json_array_size(run_of(scene, "times"));
	json_t *row;
	size_t i;

	json_array_foreach(json_object_get(scene->data, "series"), i, row) {
		__u64 *sum = &seen[number_at(row, 0)][number_at(row, 1)][number_at(row, 2)];

		assert_true(number_at(row, 2) < NR_QUANTITIES);
		assert_int_equal(json_array_size(json_array_get(row, 3)), points);
		assert_int_equal(*sum, 0);
		*sum = sum_of(json_array_get(row, 3));
		assert_true(*sum > 0);
	}
	for (unsigned int cpu = 0; cpu < MAX_CPUS; cpu++)
		for (unsigned int vipi = 0; vipi < MAX_VIPIS; vipi++)
			assert_memory_equal(seen[cpu][vipi], scene->tally[cpu][vipi],
					    NR_QUANTITIES * sizeof(__u64));
	assert_int_equal(sum_of(run_of(scene, "times")), scene->whole.time);
	assert_int_equal(sum_of(run_of(scene, "missed_at")), scene->whole.missed);
}

/* check_traffic - the pairs add up to what each CPU sent and was sent */
static void check_traffic(const struct scene *scene)
{
	__u64 seen[MAX_CPUS][MAX_VIPIS][NR_TOTALS] = {};
	json_t *row;
	size_t i;

	json_array_foreach(json_object_get(scene->data, "traffic"), i, row) {
		assert_int_equal(json_array_size(row), 7);
		for (int outcome = 0; outcome < IPIMUX_NR_OUTCOMES; outcome++) {
			__u64 number = number_at(row, 3 + outcome);

			seen[number_at(row, 0)][number_at(row, 2)][outcome] += number;
			seen[number_at(row, 1)][number_at(row, 2)][4 + outcome] += number;
		}
	}
	for (unsigned int cpu = 0; cpu < MAX_CPUS; cpu++)
		for (unsigned int vipi = 0; vipi < MAX_VIPIS; vipi++)
			assert_memory_equal(seen[cpu][vipi], scene->tally[cpu][vipi],
					    2 * IPIMUX_NR_OUTCOMES * sizeof(__u64));
}

/* Around each number at which points are added up, two by two. */
static void test_points(void **state)
{
	static const unsigned int numbers[] = { 0, 1, 2, 599, 600, 601, 602, 1199, 1200, 1201,
						2401, 3600 };

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		struct scene scene;
		uint64_t random = i;
		size_t points;
		__u64 per_point;

		set_up(&scene, 3, 8);
		for (unsigned int interval = 0; interval < numbers[i]; interval++) {
			add_events(&scene, 3, 5, &random);
			scene.difference.missed = interval % 3;
			end_interval(&scene, SECOND + interval);
		}
		write_page(&scene, NULL);
		points = json_array_size(run_of(&scene, "times"));
		per_point = json_integer_value(run_of(&scene, "per_point"));
		check(points <= VIEW_HTML_POINTS, "%zu", points);
		check(numbers[i] < VIEW_HTML_POINTS ? points == numbers[i] : points >= 300,
		      "%zu of %u", points, numbers[i]);
		check(points == (numbers[i] + per_point - 1) / per_point, "%zu of %u", points,
		      numbers[i]);
		assert_int_equal(json_integer_value(run_of(&scene, "intervals")), numbers[i]);
		check_series(&scene);
		check_margins(&scene);
		check_traffic(&scene);
		tear_down(&scene);
	}
}

/* Each point holds the intervals that are its own, not only as many in all. */
static void test_points_in_order(void **state)
{
	struct scene scene;
	json_t *counts;

	set_up(&scene, 1, 1);
	for (unsigned int interval = 0; interval < 1000; interval++) {
		send(&scene, 0, 0, 0, IPIMUX_RAISED, interval);
		end_interval(&scene, 10 + interval);
	}
	write_page(&scene, NULL);
	counts = json_array_get(json_array_get(json_object_get(scene.data, "series"), 0), 3);
	assert_int_equal(json_array_size(counts), 500);
	for (unsigned int point = 0; point < 500; point++) {
		assert_int_equal(number_at(counts, point), 4 * point + 1);
		assert_int_equal(number_at(run_of(&scene, "times"), point), 4 * point + 21);
	}
	tear_down(&scene);
}

static void test_sizes(void **state)
{
	static const struct { unsigned int cpus, vipis; } sizes[] = {
		{ 1, 1 }, { 5, 3 }, { 8, 8 }, { 7, 32 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct scene scene;
		uint64_t random = i;

		set_up(&scene, sizes[i].cpus, sizes[i].vipis);
		for (int interval = 0; interval < 3; interval++) {
			/* Above what a float, or 32 bits, can hold. */
			add_events(&scene, sizes[i].cpus, 4000000000U, &random);
			add_events(&scene, sizes[i].cpus, 4000000000U, &random);
			end_interval(&scene, SECOND);
		}
		write_page(&scene, NULL);
		check_series(&scene);
		check_margins(&scene);
		check_traffic(&scene);
		assert_int_equal(json_array_size(run_of(&scene, "cpus")), sizes[i].cpus);
		assert_int_equal(json_array_size(run_of(&scene, "vipis")), sizes[i].vipis);
		tear_down(&scene);
	}
}

/* A page of 512 CPUs must not have 600 points of each. */
static void test_many_cpus(void **state)
{
	struct scene scene = {};

	unit__machine(&scene.machine, 512, 8);
	unit__snapshot(&scene.first, 512, 8, false);
	unit__snapshot(&scene.difference, 512, 8, false);
	scene.html.view.machine = &scene.machine;
	assert_int_equal(view_html__init(&scene.html, &scene.first), 0);
	for (int interval = 0; interval < 80; interval++) {
		unit__send(&scene.difference, 511, 0, 7, IPIMUX_COALESCED, 1);
		take(&scene.html, &scene.difference);
	}
	assert_int_equal(scene.html.max_points, 74);
	assert_int_equal(scene.html.nr_points, 40);
	tear_down(&scene);
}

static void test_page(void **state)
{
	static const char * const places[] = { "@POLICY@", "@STYLE@", "@DATA@", "@SCRIPT@" };
	struct scene scene;

	set_up(&scene, 2, 8);
	process(&scene, 1, 3, 5);
	process(&scene, 1, 0, 2);
	end_interval(&scene, 2 * SECOND);
	write_page(&scene, "a.jsonl");
	assert_memory_equal(scene.text, "<!doctype html>\n", 16);
	assert_string_equal(scene.text + scene.size - 8, "</html>\n");
	assert_non_null(strstr(scene.text, "default-src 'none'; style-src 'sha256-"));
	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		check(!strstr(scene.text, places[i]), "%s", places[i]);
	assert_null(strstr(scene.text, "unsafe-"));
	assert_non_null(strstr(scene.text, "<style>/* SPDX"));
	assert_non_null(strstr(scene.text, "<script type=\"module\">// SPDX"));
	assert_string_equal(json_string_value(run_of(&scene, "source")), "a.jsonl");
	assert_string_equal(json_string_value(run_of(&scene, "possible")), "0-1");
	assert_true(json_is_null(run_of(&scene, "only")));
	assert_true(json_is_null(run_of(&scene, "latency")));
	assert_true(json_real_value(run_of(&scene, "start")) == 1750000000.0);
	assert_int_equal(json_integer_value(run_of(&scene, "duration")), 2 * SECOND);
	/* CPU 1: twice nothing, five times two at once. */
	assert_int_equal(number_at(json_array_get(json_array_get(run_of(&scene, "cpus"), 1), 1), 0),
			 2);
	assert_int_equal(number_at(json_array_get(json_array_get(run_of(&scene, "cpus"), 1), 1), 2),
			 5);
	assert_string_equal(json_string_value(json_object_get(run_of(&scene, "audit"), "verdict")),
			    "off");
	tear_down(&scene);
}

/* As the table has them: nine handled that nobody sent. */
static void test_findings(void **state)
{
	struct scene scene;
	json_t *entry;

	set_up(&scene, 2, 8);
	process(&scene, 1, 1, 9);
	end_interval(&scene, SECOND);
	write_page(&scene, NULL);
	entry = json_array_get(json_object_get(run_of(&scene, "audit"), "entries"), 0);
	assert_int_equal(json_integer_value(json_object_get(entry, "cpu")), 1);
	assert_string_equal(json_string_value(json_object_get(entry, "text")),
			    "9 handled but never sent");
	tear_down(&scene);
}

/* What would end the data, or the page, or is no UTF-8. */
static void test_names(void **state)
{
	static const char * const names[] = {
		"</script><script>alert(1)</script>", "<!--<script>", "]]>", "\"\\\n\t\001\177",
		"&lt;&amp;", "\xc3\xa9\xe2\x80\xa8", "",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct view_html_event event = { .kind = "storm", .cpu = -1, .vipi = -1 };
		char source[64];
		struct scene scene;
		json_t *text;

		set_up(&scene, 1, 2);
		snprintf(scene.machine.vipi_name[1], MACHINE_NAME_SIZE, "%s", names[i]);
		snprintf(event.text, sizeof(event.text), "%s", names[i]);
		view_html__event(&scene.html, &event);
		write_page(&scene, names[i]);
		snprintf(source, sizeof(source), "%s", names[i]);
		make_printable(source);
		assert_string_equal(json_string_value(run_of(&scene, "source")), source);
		assert_memory_equal(json_string_value(json_array_get(run_of(&scene, "vipis"), 1)),
				    scene.machine.vipi_name[1],
				    strlen(scene.machine.vipi_name[1]) + 1);
		text = json_object_get(json_array_get(run_of(&scene, "events"), 0), "text");
		assert_string_equal(json_string_value(text), names[i]);
		assert_null(strstr(strstr(scene.text, "id=\"data\">"), "<!--"));
		tear_down(&scene);
	}
}

static void test_no_utf8(void **state)
{
	struct scene scene;

	set_up(&scene, 1, 1);
	strcpy(scene.machine.vipi_name[0], "a\xff\xc3(");
	machine__settle_names(&scene.machine);
	write_page(&scene, "\xed\xa0\x80.jsonl");
	assert_string_equal(json_string_value(run_of(&scene, "source")), "???.jsonl");
	assert_string_equal(json_string_value(json_array_get(run_of(&scene, "vipis"), 0)),
			    "a?" "?(");
	tear_down(&scene);
}

static void test_events(void **state)
{
	struct view_html_event event = {
		.from = 99 * SECOND, .to = 102500000000ULL, .kind = "stuck", .cpu = 1, .vipi = 3,
	};
	struct scene scene;
	struct interval interval = { .earlier = &scene.first };
	struct snapshot later;
	json_t *read;

	set_up(&scene, 2, 8);
	view_html__event(&scene.html, &event);
	unit__snapshot(&later, 2, 8, false);
	later.time = 101 * SECOND;
	later.online = (struct cpuset){};
	cpuset__add(&later.online, 0);
	interval.later = &later;
	view_html__watch_online(&scene.html, &interval);
	interval.later = &scene.first;
	view_html__watch_online(&scene.html, &interval);
	for (int i = 0; i < VIEW_HTML_EVENTS; i++)
		view_html__event(&scene.html, &event);
	end_interval(&scene, 10 * SECOND);
	write_page(&scene, NULL);
	assert_int_equal(json_array_size(run_of(&scene, "events")), VIEW_HTML_EVENTS);
	assert_int_equal(json_integer_value(run_of(&scene, "events_left_out")), 2);

	/* Before the run: from its start. */
	read = json_array_get(run_of(&scene, "events"), 0);
	assert_true(json_real_value(json_object_get(read, "t0")) == 0.0);
	assert_true(json_real_value(json_object_get(read, "t1")) == 2.5);
	assert_int_equal(json_integer_value(json_object_get(read, "cpu")), 1);
	assert_int_equal(json_integer_value(json_object_get(read, "vipi")), 3);
	read = json_array_get(run_of(&scene, "events"), 1);
	assert_string_equal(json_string_value(json_object_get(read, "text")), "CPU 1 went offline");
	assert_true(json_is_null(json_object_get(read, "vipi")));
	assert_true(json_real_value(json_object_get(read, "t1")) == 1.0);
	snapshot__free(&later);
	tear_down(&scene);
}

static double time_of(const struct scene *scene, unsigned int event, const char *name)
{
	return json_real_value(json_object_get(json_array_get(run_of(scene, "events"), event),
					       name));
}

static const char *text_of(const struct scene *scene, unsigned int event)
{
	return json_string_value(json_object_get(json_array_get(run_of(scene, "events"), event),
						 "text"));
}

/* Two are found, one is handled: the other one lasts to the end of the run. */
static void test_stuck(void **state)
{
	struct stuck_report reports[2] = {
		{ .event = STUCK_FOUND, .cpu = 1, .vipi = 0, .after.time = 101 * SECOND },
		{ .event = STUCK_FOUND, .cpu = 1, .vipi = 3 },	/* from before the run */
	};
	struct stuck stuck = { .reports = reports, .nr_reports = 2 };
	struct snapshot later = { .time = 103 * SECOND };
	struct interval interval = { .stuck = &stuck, .look = &later };
	struct scene scene;

	set_up(&scene, 2, 8);
	cpuset__add(&reports[0].senders, 0);
	view_html__watch_stuck(&scene.html, &interval);
	stuck.nr_reports = 1;
	reports[0].event = STUCK_HANDLED;
	reports[0].least = 2 * SECOND;
	later.time += SECOND;
	view_html__watch_stuck(&scene.html, &interval);
	stuck.nr_reports = 0;
	view_html__watch_stuck(&scene.html, &interval);
	end_interval(&scene, 9 * SECOND);
	write_page(&scene, NULL);

	assert_int_equal(json_array_size(run_of(&scene, "events")), 2);
	assert_true(time_of(&scene, 0, "t0") == 1.0 && time_of(&scene, 0, "t1") == 4.0);
	assert_string_equal(text_of(&scene, 0), "CPU 1 RESCHEDULE: pending, enabled and not "
			    "handled; set by CPU 0, handled after 2.000 s or more");
	assert_true(time_of(&scene, 1, "t0") == 0.0 && time_of(&scene, 1, "t1") == 9.0);
	tear_down(&scene);
}

/* Each storm once: when it ended, or when the run did. */
static void test_storms(void **state)
{
	struct storm list[] = {
		{
			.state = STORM_STARTED, .start = 101 * SECOND, .end = 103 * SECOND,
			.vipis = 3, .sends = 1000, .coalesced = 250, .highest = 700,
			.highest_ns = SECOND / 2,
		},
		{ .state = STORM_GOES_ON, .start = 104 * SECOND, .end = 109 * SECOND },
	};
	struct interval interval = { .storms = { .nr_storms = 2, .storms = list } };
	struct scene scene;

	set_up(&scene, 4, 8);
	cpuset__add(&list[0].targets, 3);
	cpuset__add(&list[0].senders, 0);
	cpuset__add(&list[0].senders, 1);
	view_html__watch_storms(&scene.html, &interval);
	list[0].state = STORM_ENDED;
	view_html__watch_storms(&scene.html, &interval);
	list[0].state = STORM_FREE;
	interval.last = true;
	view_html__watch_storms(&scene.html, &interval);
	end_interval(&scene, 10 * SECOND);
	write_page(&scene, NULL);

	assert_int_equal(json_array_size(run_of(&scene, "events")), 2);
	assert_true(time_of(&scene, 0, "t0") == 1.0 && time_of(&scene, 0, "t1") == 3.0);
	assert_string_equal(text_of(&scene, 0), "RESCHEDULE, CALL_FUNC to CPU 3 from CPUs 0-1: "
			    "1000 sends, 25.0 % coalesced, up to 1400/s");
	assert_true(time_of(&scene, 1, "t0") == 4.0 && time_of(&scene, 1, "t1") == 9.0);
	tear_down(&scene);
}

static void check_buckets(const json_t *buckets, unsigned int bucket, __u64 number)
{
	assert_int_equal(json_array_size(buckets), 1);
	assert_int_equal(number_at(json_array_get(buckets, 0), 0), bucket);
	assert_int_equal(number_at(json_array_get(buckets, 0), 1), number);
}

static void test_latency(void **state)
{
	json_t *latency, *vipi;
	struct scene scene;
	struct ipimux_waits *waits;

	set_up(&scene, 2, 8);
	assert_int_equal(snapshot__add(&scene.whole, COUNTERS_WAITS), 0);
	waits = scene.whole.counters.waits;
	waits += ipimux_waits_index(&scene.whole.counters.shape, 1, 3);
	waits->raised[17] = 5;
	waits->masked[IPIMUX_NR_BUCKETS - 1] = 6;
	waits->untimed = 7;
	end_interval(&scene, SECOND);
	write_page(&scene, NULL);

	latency = run_of(&scene, "latency");
	assert_int_equal(json_array_size(json_object_get(latency, "buckets")), IPIMUX_NR_BUCKETS);
	assert_int_equal(number_at(json_object_get(latency, "buckets"), 17),
			 latency__bucket_start(17));
	vipi = json_object_get(json_object_get(json_object_get(latency, "cpus"), "1"), "3");
	check_buckets(json_object_get(vipi, "raised"), 17, 5);
	check_buckets(json_object_get(vipi, "masked"), IPIMUX_NR_BUCKETS - 1, 6);
	assert_int_equal(json_integer_value(json_object_get(vipi, "untimed")), 7);
	vipi = json_object_get(json_object_get(json_object_get(latency, "cpus"), "1"), "2");
	assert_int_equal(json_array_size(json_object_get(vipi, "raised")), 0);
	tear_down(&scene);
}

/* Only the CPUs that were asked for, and the pairs they are part of. */
static void test_some_cpus(void **state)
{
	struct cpuset some = {};
	struct scene scene;
	json_t *row;
	size_t i;

	set_up(&scene, 4, 8);
	cpuset__add(&some, 2);
	scene.only = &some;
	for (unsigned int cpu = 0; cpu < 4; cpu++)
		for (unsigned int target = 0; target < 4; target++)
			send(&scene, cpu, target, 0, IPIMUX_RAISED, 1 + cpu);
	end_interval(&scene, SECOND);
	write_page(&scene, NULL);
	assert_string_equal(json_string_value(run_of(&scene, "only")), "2");
	assert_int_equal(json_array_size(run_of(&scene, "cpus")), 1);
	assert_int_equal(json_array_size(run_of(&scene, "margins")), 1);
	assert_int_equal(json_array_size(json_object_get(scene.data, "traffic")), 7);
	json_array_foreach(json_object_get(scene.data, "series"), i, row)
		assert_int_equal(number_at(row, 0), 2);
	assert_int_equal(i, 2);
	tear_down(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_points),
		cmocka_unit_test(test_points_in_order),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_many_cpus),
		cmocka_unit_test(test_page),
		cmocka_unit_test(test_findings),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_no_utf8),
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_stuck),
		cmocka_unit_test(test_storms),
		cmocka_unit_test(test_latency),
		cmocka_unit_test(test_some_cpus),
	};

	return UNIT_RUN("view-html", tests);
}
