// SPDX-License-Identifier: GPL-2.0-only
/*
 * The views: that every cell of the table is the number its heading says, that
 * rows add up to the total and fit a line of 100 columns, and that the JSON,
 * read back, holds the same events. What is expected is counted here, event by
 * event, not taken from the margins.
 */
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "unit.h"
#include "view.h"

#define MAX_CPUS	8
#define MAX_LINES	800
#define LINE_WIDTH	100

/* Sun Jun 15 15:06:40 UTC 2025, and some ns. */
#define WALL_TIME	1750000000123456789ULL

/* What happened, beside the snapshot that is to show it. */
struct tally {
	struct margin margin[MAX_CPUS][IPIMUX_MAX_VIPIS];
	struct processes processes[MAX_CPUS];
};

/* All that a view needs, and the text that came out of it. */
struct scene {
	struct machine machine;
	struct snapshot difference;
	struct tally tally;
	struct cpuset cpus;
	const __u32 *unhandled;		/* see struct audit_facts, and the next two */
	const __u32 *stuck;
	bool cut_off;
	struct view view;
	char *text;
	char *lines[MAX_LINES];
	unsigned int nr_lines;
};

enum column { SENT, RAISED, COALESCED, MASKED, HANDLED, PROCESS, BATCH, EMPTY, UNMASK, KICK,
	      NR_COLUMNS };

static const char * const headings[NR_COLUMNS] = {
	"sent", "raised", "coal%", "masked", "handled", "process", "batch", "empty", "unmask",
	"kick",
};

/* Those that are a rate in an interval. */
static const bool is_rate[NR_COLUMNS] = {
	[SENT] = true, [RAISED] = true, [HANDLED] = true, [PROCESS] = true,
};

static void set_up(struct scene *scene, unsigned int nr_cpus, unsigned int nr_vipis, bool by_bit)
{
	memset(scene, 0, sizeof(*scene));
	unit__machine(&scene->machine, nr_cpus, nr_vipis);
	unit__snapshot(&scene->difference, nr_cpus, nr_vipis, by_bit);
	scene->difference.time = 2000000000;
	scene->difference.wall_time = WALL_TIME;
	scene->view.machine = &scene->machine;
	assert_int_equal(margins__init(&scene->view.margins, &scene->difference.counters.shape), 0);
}

static void tear_down(struct scene *scene)
{
	free(scene->text);
	margins__free(&scene->view.margins);
	snapshot__free(&scene->difference);
}

static void send(struct scene *scene, unsigned int sender, unsigned int target, unsigned int vipi,
		 enum ipimux_outcome outcome, __u64 number)
{
	unit__send(&scene->difference, sender, target, vipi, outcome, number);
	scene->tally.margin[sender][vipi].sent.outcome[outcome] += number;
	scene->tally.margin[target][vipi].received.outcome[outcome] += number;
}

static void process(struct scene *scene, unsigned int cpu, __u32 set, __u64 number)
{
	unit__process(&scene->difference, cpu, set, number);
	for (unsigned int vipi = 0; vipi < IPIMUX_MAX_VIPIS; vipi++)
		if (set >> vipi & 1)
			scene->tally.margin[cpu][vipi].handled += number;
	scene->tally.processes[cpu].batch[__builtin_popcount(set)] += number;
}

static void unmask(struct scene *scene, unsigned int cpu, unsigned int vipi,
		   enum ipimux_unmask what, __u64 number)
{
	unit__unmask(&scene->difference, cpu, vipi, what, number);
	scene->tally.margin[cpu][vipi].unmasks += number;
	if (what == IPIMUX_UNMASK_KICK)
		scene->tally.margin[cpu][vipi].kicks += number;
}

/* A bit of everything on CPUs 0..@nr_cpus-1, each event fewer than @limit times. */
static void add_events(struct scene *scene, unsigned int nr_cpus, unsigned int limit,
		       uint64_t *random)
{
	for (int i = 0; i < 200; i++) {
		unsigned int cpu = unit__below(random, nr_cpus);
		unsigned int target = unit__below(random, nr_cpus);
		unsigned int vipi = unit__below(random, scene->machine.nr_vipis);
		unsigned int outcome = unit__below(random, IPIMUX_NR_OUTCOMES);
		__u32 set = unit__random(random) & ((1ULL << scene->machine.nr_vipis) - 1);
		__u64 number = unit__below(random, limit);

		send(scene, cpu, target, vipi, outcome, number);
		process(scene, cpu, unit__below(random, 4) ? set : 0, number / 2);
		unmask(scene, cpu, vipi, outcome & 1, number / 4);
	}
}

static void split(struct scene *scene)
{
	char *at = scene->text, *end;

	scene->nr_lines = 0;
	for (; *at; at = end + 1) {
		end = strchr(at, '\n');
		assert_non_null(end);
		*end = '\0';
		assert_true(scene->nr_lines < MAX_LINES);
		scene->lines[scene->nr_lines++] = at;
	}
}

enum how { TABLE_INTERVAL, TABLE_SUMMARY, JSON_INTERVAL, JSON_SUMMARY };

/* show_raw - the view's text, whole, escape sequences and all */
static void show_raw(struct scene *scene, enum how how, bool hotplug)
{
	struct audit_facts facts = { .hotplug = hotplug, .online = scene->difference.online };
	struct audit audit;
	size_t size;

	/* Whatever is pending has been for a long time. */
	facts.unhandled = scene->unhandled;
	facts.stuck = scene->stuck;
	facts.cut_off = scene->cut_off;
	facts.waited = scene->unhandled ? STUCK_PATIENCE : 0;
	free(scene->text);
	scene->view.out = open_memstream(&scene->text, &size);
	assert_non_null(scene->view.out);
	assert_int_equal(audit__run(&audit, &scene->difference, &facts), 0);
	switch (how) {
	case TABLE_INTERVAL:
		view_table__interval(&scene->view, &scene->difference);
		break;
	case TABLE_SUMMARY:
		view_table__summary(&scene->view, &scene->difference, &audit);
		break;
	case JSON_INTERVAL:
		assert_int_equal(view_json__interval(&scene->view, &scene->difference), 0);
		break;
	case JSON_SUMMARY:
		assert_int_equal(view_json__summary(&scene->view, &scene->difference, &audit), 0);
		break;
	}
	audit__free(&audit);
	assert_int_equal(fclose(scene->view.out), 0);
	assert_int_equal(strlen(scene->text), size);
}

/* show - the view's text, as lines */
static void show(struct scene *scene, enum how how, bool hotplug)
{
	show_raw(scene, how, hotplug);
	split(scene);
}

static const char *find_line(const struct scene *scene, const char *start)
{
	for (unsigned int i = 0; i < scene->nr_lines; i++)
		if (!strncmp(scene->lines[i], start, strlen(start)))
			return scene->lines[i];
	return NULL;
}

/* find_row - the row of a CPU or vIPI, or NULL */
static const char *find_row(const struct scene *scene, const char *name)
{
	char start[MACHINE_NAME_SIZE + 1];

	snprintf(start, sizeof(start), "%s ", name);
	return find_line(scene, start);
}

/*
 * cell - what stands in a row under a heading, without the space around it
 *
 * A cell ends where its heading does and begins where the one before it ended.
 */
static void cell(char buf[32], const struct scene *scene, const char *row, enum column column)
{
	const char *heading = find_row(scene, "CPU");
	size_t start = strcspn(row, " "), end = strcspn(heading, " ");

	for (unsigned int i = 0; i <= column; i++) {
		if (i)
			start = end;
		end += strspn(heading + end, " ");
		end += strcspn(heading + end, " ");
	}
	assert_true(strlen(row) >= end);
	while (start < end && row[start] == ' ')
		start++;
	check(end - start < 32, "'%s' %d", row, column);
	memcpy(buf, row + start, end - start);
	buf[end - start] = '\0';
}

/* check_row - are the cells of the row @name what happened? @processes may be NULL. */
static void check_row(const struct scene *scene, const char *name, const struct margin *margin,
		      const struct processes *processes, bool rates)
{
	const char *row = find_row(scene, name);
	const __u64 *sent = margin->sent.outcome;
	__u64 coalesced = sent[IPIMUX_COALESCED] + sent[IPIMUX_COALESCED_WHILE_MASKED];
	__u64 total = sent[IPIMUX_RAISED] + sent[IPIMUX_MASKED] + coalesced;
	__u64 values[NR_COLUMNS] = {
		[SENT] = total,
		[RAISED] = sent[IPIMUX_RAISED],
		[MASKED] = sent[IPIMUX_MASKED] + sent[IPIMUX_COALESCED_WHILE_MASKED],
		[HANDLED] = margin->handled,
		[UNMASK] = margin->unmasks,
		[KICK] = margin->kicks,
	};
	__u64 calls = 0;

	check(row, "no row %s", name);
	for (unsigned int batch = 0; processes && batch <= IPIMUX_MAX_VIPIS; batch++)
		calls += processes->batch[batch];
	values[PROCESS] = calls;
	values[EMPTY] = processes ? processes->batch[0] : 0;

	for (enum column column = 0; column < NR_COLUMNS; column++) {
		bool of_processes = column == PROCESS || column == BATCH || column == EMPTY;
		char is[32], expected[32] = "-";

		if (!processes && of_processes)
			*expected = '\0';
		else if (column == COALESCED && total)
			snprintf(expected, sizeof(expected), "%.1f", 100.0 * coalesced / total);
		else if (column == BATCH && calls != values[EMPTY])
			snprintf(expected, sizeof(expected), "%.2f",
				 (double)margin->handled / (calls - values[EMPTY]));
		else if (rates && is_rate[column])
			snprintf(expected, sizeof(expected), "%.1f",
				 values[column] * 1e9 / scene->difference.time);
		else if (column != COALESCED && column != BATCH)
			snprintf(expected, sizeof(expected), "%llu",
				 (unsigned long long)values[column]);
		cell(is, scene, row, column);
		check(!strcmp(is, expected), "%s of %s: '%s', not '%s'", headings[column], name,
		      is, expected);
	}
}

static struct margin sum_of_cpu(const struct scene *scene, unsigned int cpu)
{
	struct margin sum = {};

	for (unsigned int vipi = 0; vipi < scene->machine.nr_vipis; vipi++)
		margin__add(&sum, &scene->tally.margin[cpu][vipi]);
	return sum;
}

/* check_table - is every row there, and right, for CPUs 0..@nr_cpus-1 or those asked for? */
static void check_table(const struct scene *scene, unsigned int nr_cpus, bool rates)
{
	struct margin total = {}, of_vipi[IPIMUX_MAX_VIPIS] = {};
	struct processes processes = {};
	char name[16];

	for (unsigned int cpu = 0; cpu < nr_cpus; cpu++) {
		struct margin sum = sum_of_cpu(scene, cpu);

		snprintf(name, sizeof(name), "%u", cpu);
		if (scene->view.cpus && !cpuset__has(scene->view.cpus, cpu)) {
			check(!find_row(scene, name), "row of %s", name);
			continue;
		}
		check_row(scene, name, &sum, &scene->tally.processes[cpu], rates);
		margin__add(&total, &sum);
		processes__add(&processes, &scene->tally.processes[cpu]);
		for (unsigned int vipi = 0; vipi < scene->machine.nr_vipis; vipi++)
			margin__add(&of_vipi[vipi], &scene->tally.margin[cpu][vipi]);
	}
	check_row(scene, "total", &total, &processes, rates);
	for (unsigned int vipi = 0; vipi < scene->machine.nr_vipis; vipi++) {
		if (scene->view.per_vipi)
			check_row(scene, scene->machine.vipi_name[vipi], &of_vipi[vipi], NULL,
				  rates);
		else
			assert_null(find_row(scene, scene->machine.vipi_name[vipi]));
	}
}

static void test_summary(void **state)
{
	uint64_t random = 14;

	for (int round = 0; round < 8; round++) {
		unsigned int nr_cpus = 1 + round % MAX_CPUS;
		struct scene scene;

		set_up(&scene, nr_cpus, round % 2 ? 8 : 5, round / 2 % 2);
		scene.view.per_vipi = round / 4 % 2;
		/* Small enough that nothing is scaled. */
		add_events(&scene, nr_cpus, 300, &random);
		show(&scene, TABLE_SUMMARY, false);
		assert_string_equal(scene.lines[0], "summary of 2.000 s");
		check_table(&scene, nr_cpus, false);
		tear_down(&scene);
	}
}

static void test_interval(void **state)
{
	static const __u64 times[] = { 1000000000, 2000000000, 250000000, 3000000001 };
	uint64_t random = 15;
	struct scene scene;

	setenv("TZ", "UTC0", 1);
	tzset();
	set_up(&scene, 4, 8, false);
	scene.view.per_vipi = true;
	add_events(&scene, 4, 100, &random);
	for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
		scene.difference.time = times[i];
		show(&scene, TABLE_INTERVAL, false);
		check(!strncmp(scene.lines[0], "15:06:40 ", 9), "'%s'", scene.lines[0]);
		check_table(&scene, 4, true);
		/* An empty line, so that the next one stands apart. */
		assert_string_equal(scene.lines[scene.nr_lines - 1], "");
	}
	tear_down(&scene);
}

/* The headings of both, in their order; with "/s" there where it is a rate. */
static void test_headings(void **state)
{
	struct scene scene;

	set_up(&scene, 2, 5, false);
	for (int rates = 0; rates < 2; rates++) {
		const char *at;

		show(&scene, rates ? TABLE_INTERVAL : TABLE_SUMMARY, false);
		at = find_row(&scene, "CPU");
		assert_non_null(at);
		at += 3;
		for (enum column column = 0; column < NR_COLUMNS; column++) {
			char expected[16];

			snprintf(expected, sizeof(expected), "%s%s", headings[column],
				 rates && is_rate[column] ? "/s" : "");
			at += strspn(at, " ");
			check(strcspn(at, " ") == strlen(expected) &&
			      !strncmp(at, expected, strlen(expected)), "'%s', not '%s'", at,
			      expected);
			at += strlen(expected);
		}
		assert_string_equal(at, "");
	}
	tear_down(&scene);
}

/* As a reader with a pencil: each column of the rows, added up, is that of the total. */
static void test_adds_up(void **state)
{
	uint64_t random = 16;
	struct scene scene;

	set_up(&scene, 5, 8, false);
	scene.view.per_vipi = true;
	add_events(&scene, 5, 300, &random);
	show(&scene, TABLE_SUMMARY, false);
	for (enum column column = 0; column < NR_COLUMNS; column++) {
		unsigned long long of_cpus = 0, of_vipis = 0;
		char buf[32], name[16];

		if (column == COALESCED || column == BATCH)
			continue;
		for (unsigned int cpu = 0; cpu < 5; cpu++) {
			snprintf(name, sizeof(name), "%u", cpu);
			cell(buf, &scene, find_row(&scene, name), column);
			of_cpus += strtoull(buf, NULL, 10);
		}
		for (unsigned int vipi = 0; vipi < 8; vipi++) {
			cell(buf, &scene, find_row(&scene, scene.machine.vipi_name[vipi]), column);
			of_vipis += strtoull(buf, NULL, 10);
		}
		cell(buf, &scene, find_row(&scene, "total"), column);
		check(strtoull(buf, NULL, 10) == of_cpus, "%s: %llu, not %s", headings[column],
		      of_cpus, buf);
		/* A process belongs to no single vIPI. */
		if (column != PROCESS && column != EMPTY)
			check(of_vipis == of_cpus, "%s: %llu, not %llu", headings[column],
			      of_vipis, of_cpus);
		assert_true(of_cpus > 0);
	}
	tear_down(&scene);
}

/* Nothing happened: a row of zeros for each CPU online, and no division by them. */
static void test_nothing(void **state)
{
	struct scene scene;

	set_up(&scene, 3, 5, false);
	show(&scene, TABLE_SUMMARY, false);
	check_table(&scene, 3, false);
	/* The tables have room for a fourth, which is none. */
	assert_null(find_row(&scene, "3"));
	assert_non_null(find_line(&scene, "audit: balanced"));
	show(&scene, TABLE_INTERVAL, false);
	check_table(&scene, 3, true);
	tear_down(&scene);
}

/* An interval in which no time passed has no rates; a count in their place is a lie. */
static void test_interval_without_time(void **state)
{
	struct scene scene;
	char buf[32];

	set_up(&scene, 1, 5, false);
	scene.difference.time = 0;
	send(&scene, 0, 0, 1, IPIMUX_RAISED, 77);
	show(&scene, TABLE_INTERVAL, false);
	cell(buf, &scene, find_row(&scene, "0"), SENT);
	assert_string_equal(buf, "-");
	tear_down(&scene);
}

/* A CPU that is offline has a row if something happened to it, whatever that is. */
static void test_offline(void **state)
{
	for (int what = 0; what < 6; what++) {
		struct scene scene;

		set_up(&scene, 4, 5, false);
		assert_int_equal(cpuset__parse(&scene.difference.online, "0-1,3"), 0);
		send(&scene, 0, 1, 1, IPIMUX_RAISED, 5);
		process(&scene, 1, 1 << 1, 5);
		switch (what) {
		case 1:
			send(&scene, 0, 2, 4, IPIMUX_MASKED, 1);
			break;
		case 2:
			send(&scene, 2, 0, 4, IPIMUX_COALESCED, 1);
			break;
		case 3:
			process(&scene, 2, 0, 1);
			break;
		case 4:
			unmask(&scene, 2, 3, IPIMUX_UNMASK_PLAIN, 1);
			break;
		case 5:
			unmask(&scene, 2, 4, IPIMUX_UNMASK_KICK, 1);
		}
		show(&scene, TABLE_SUMMARY, false);
		if (what) {
			check_table(&scene, 4, false);
		} else {
			assert_null(find_row(&scene, "2"));
			assert_non_null(find_row(&scene, "3"));
		}
		tear_down(&scene);
	}
}

static void test_filter(void **state)
{
	static const char * const lists[] = { "2", "0,3", "1-2", "0-3", "1,3-7" };
	uint64_t random = 17;
	struct scene scene;

	set_up(&scene, 4, 8, false);
	scene.view.per_vipi = true;
	scene.view.cpus = &scene.cpus;
	/* Asked for, it still has no row while it is offline and at rest. */
	add_events(&scene, 3, 100, &random);
	assert_int_equal(cpuset__parse(&scene.difference.online, "0-2"), 0);
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		assert_int_equal(cpuset__parse(&scene.cpus, lists[i]), 0);
		show(&scene, TABLE_SUMMARY, false);
		check_table(&scene, 3, false);
		assert_null(find_row(&scene, "3"));
		show(&scene, TABLE_INTERVAL, false);
		check_table(&scene, 3, true);
	}
	tear_down(&scene);
}

/* strip - takes the escape sequences out of a text; returns how many there were */
static unsigned int strip(char *text)
{
	unsigned int nr = 0;
	char *to = text;

	while (*text) {
		if (*text != '\033') {
			*to++ = *text++;
			continue;
		}
		text = strchr(text, 'm');
		assert_non_null(text);
		text++;
		nr++;
	}
	*to = '\0';
	return nr;
}

/* check_styles - each style that begins ends before the next one does */
static void check_styles(const char *text)
{
	bool on = false;

	while ((text = strchr(text, '\033'))) {
		bool ends = !strncmp(text, "\033[0m", 4);

		check(on == ends, "'%.40s'", text + 1);
		on = !ends;
		text++;
	}
	assert_false(on);
}

/* Colours change nothing but the colour, and none is left on. */
static void test_colour(void **state)
{
	uint64_t random = 18;
	struct scene scene;

	set_up(&scene, 4, 8, false);
	scene.view.per_vipi = true;
	add_events(&scene, 3, 100, &random);
	for (enum how how = TABLE_INTERVAL; how <= TABLE_SUMMARY; how++) {
		char *plain;

		scene.view.colour = false;
		show_raw(&scene, how, false);
		plain = strdup(scene.text);
		assert_null(strchr(plain, '\033'));

		scene.view.colour = true;
		show_raw(&scene, how, false);
		check_styles(scene.text);
		assert_true(strip(scene.text) > 2);
		assert_string_equal(scene.text, plain);
		free(plain);
	}
	tear_down(&scene);
}

static void check_width(const struct scene *scene)
{
	for (unsigned int i = 0; i < scene->nr_lines; i++)
		check(strlen(scene->lines[i]) <= LINE_WIDTH, "%zu columns: '%s'",
		      strlen(scene->lines[i]), scene->lines[i]);
}

/* check_table_width - no line too long, and all rows as long as the heading */
static void check_table_width(struct scene *scene, enum how how)
{
	const char *heading;
	unsigned int i = how == TABLE_SUMMARY;

	show_raw(scene, how, false);
	strip(scene->text);
	split(scene);
	heading = find_row(scene, "CPU");
	for (; *scene->lines[i]; i++) {
		check(strlen(scene->lines[i]) <= LINE_WIDTH, "%zu columns: '%s'",
		      strlen(scene->lines[i]), scene->lines[i]);
		check(strlen(scene->lines[i]) == strlen(heading), "not aligned: '%s'",
		      scene->lines[i]);
	}
	assert_true(i > 3);
}

/* Numbers of every magnitude; those of all cells together are still below 2^64. */
static void test_width(void **state)
{
	for (int shift = 0; shift < 62; shift++) {
		__u64 number = (1ULL << shift) + (1ULL << shift) / 3;
		struct scene scene;

		set_up(&scene, 8, 32, false);
		scene.view.per_vipi = true;
		scene.view.colour = shift % 2;
		send(&scene, 0, 0, 0, shift % IPIMUX_NR_OUTCOMES, number);
		send(&scene, 1, 7, 31, IPIMUX_MASKED, number);
		process(&scene, 7, 0, number);
		process(&scene, 7, UINT32_MAX, number / 64);
		unmask(&scene, 7, 3, IPIMUX_UNMASK_KICK, number);
		unmask(&scene, 7, 4, IPIMUX_UNMASK_PLAIN, number);
		for (__u64 time = 1000000; time < 100000000000; time *= 10) {
			scene.difference.time = time;
			check_table_width(&scene, TABLE_INTERVAL);
		}
		check_table_width(&scene, TABLE_SUMMARY);
		tear_down(&scene);
	}
}

static void test_width_largest(void **state)
{
	struct scene scene;

	set_up(&scene, 1, 8, false);
	scene.view.per_vipi = true;
	/* The counters of a CPU at their end. */
	send(&scene, 0, 0, 0, IPIMUX_MASKED, UINT64_MAX);
	process(&scene, 0, 1, 5);
	process(&scene, 0, 0, UINT64_MAX - 5);
	unmask(&scene, 0, 7, IPIMUX_UNMASK_KICK, UINT64_MAX);
	check_table_width(&scene, TABLE_SUMMARY);
	scene.difference.time = 1000000000;
	check_table_width(&scene, TABLE_INTERVAL);
	tear_down(&scene);
}

/* 512 CPUs: three digits of a name, and many rows. */
static void test_width_many_cpus(void **state)
{
	struct scene scene;

	set_up(&scene, 512, 1, false);
	unit__send(&scene.difference, 511, 511, 0, IPIMUX_RAISED, 123456789);
	check_table_width(&scene, TABLE_INTERVAL);
	assert_non_null(find_row(&scene, "511"));
	tear_down(&scene);
}

/* A name of a kernel to come, as long as machine.h allows. */
static void test_width_long_name(void **state)
{
	struct scene scene;

	set_up(&scene, 2, 5, false);
	scene.view.per_vipi = true;
	memset(scene.machine.vipi_name[3], 'x', MACHINE_NAME_SIZE - 1);
	send(&scene, 0, 1, 3, IPIMUX_RAISED, 12345);
	check_table_width(&scene, TABLE_SUMMARY);
	tear_down(&scene);
}

/* check_equation - the audit's sum, read as a reader would: is what it says true? */
static void check_equation(const struct scene *scene)
{
	const char *line = find_line(scene, "  raised ");
	unsigned long long left = 0, right = 0;
	bool equal, after = false;

	assert_non_null(line);
	equal = !strstr(line, "!=");
	for (const char *at = line; *at; at++) {
		char *end;

		after |= *at == '=';
		if (*at < '0' || *at > '9')
			continue;
		*(after ? &right : &left) += strtoull(at, &end, 10);
		at = end - 1;
	}
	assert_true(after);
	check(equal == (left == right), "'%s'", line);
}

static void test_audit_balanced(void **state)
{
	struct scene scene;

	set_up(&scene, 4, 8, false);
	send(&scene, 0, 1, 1, IPIMUX_RAISED, 10);
	send(&scene, 3, 1, 1, IPIMUX_MASKED, 5);
	process(&scene, 1, 1 << 1, 15);
	send(&scene, 0, 2, 0, IPIMUX_RAISED, 1);
	process(&scene, 3, 1 << 4, 1);
	show(&scene, TABLE_SUMMARY, false);
	assert_non_null(find_line(&scene, "audit: balanced"));
	assert_non_null(find_line(&scene, "  raised 11 + masked 5 + carried in 1 = handled 16 + "
					  "still pending 1"));
	assert_non_null(find_line(&scene, "  0 events missed"));
	assert_non_null(find_line(&scene, "  CPU 2 RESCHEDULE: still pending"));
	assert_non_null(find_line(&scene, "  CPU 3 IRQ_WORK: carried in"));
	check_equation(&scene);
	check_width(&scene);
	tear_down(&scene);
}

static void test_audit_off(void **state)
{
	struct scene scene;

	set_up(&scene, 4, 8, false);
	unit__unbalance(&scene.difference, 2, 4, 3);
	show(&scene, TABLE_SUMMARY, false);
	assert_non_null(find_line(&scene, "audit: OFF"));
	assert_non_null(find_line(&scene, "  CPU 2 IRQ_WORK: 3 set but never handled: lost"));
	check_equation(&scene);

	unit__unbalance(&scene.difference, 3, 7, -2);
	show(&scene, TABLE_SUMMARY, false);
	assert_non_null(find_line(&scene, "audit: OFF"));
	assert_non_null(find_line(&scene, "  CPU 3 KGDB_ROUNDUP: 2 handled but never sent"));
	check_equation(&scene);
	check_width(&scene);
	tear_down(&scene);
}

/* What only time, and what only the kernel's own counts tell. */
static void test_audit_beyond_balance(void **state)
{
	static const __u32 unhandled[4] = { [1] = 1 << 3 };
	struct scene scene;

	set_up(&scene, 4, 8, false);
	scene.unhandled = unhandled;
	scene.difference.kernel.known = true;
	scene.difference.kernel.low[2 * IPIMUX_MAX_VIPIS + 6] = 4;
	scene.difference.kernel.high[2 * IPIMUX_MAX_VIPIS + 6] = 5;
	send(&scene, 0, 1, 3, IPIMUX_RAISED, 1);
	send(&scene, 0, 2, 6, IPIMUX_RAISED, 4);
	process(&scene, 2, 1 << 6, 4);
	show(&scene, TABLE_SUMMARY, false);
	assert_non_null(find_line(&scene, "audit: OFF"));
	assert_non_null(find_line(&scene, "  CPU 1 CPU_CRASH_STOP: raised, and not handled "
					  "for 5 s or more: stuck"));
	assert_non_null(find_line(&scene, "  handled compared with the kernel's own counts, but "
					  "for 1 handled while they were read"));
	check_width(&scene);

	process(&scene, 2, 1 << 6, 8);
	show(&scene, TABLE_SUMMARY, false);
	assert_non_null(find_line(&scene, "  CPU 2 CPU_BACKTRACE: 7 taken by a process, but the "
					  "handler did not run"));
	scene.difference.kernel.low[2 * IPIMUX_MAX_VIPIS + 6] = 14;
	scene.difference.kernel.high[2 * IPIMUX_MAX_VIPIS + 6] = 14;
	show(&scene, TABLE_SUMMARY, false);
	assert_non_null(find_line(&scene, "  CPU 2 CPU_BACKTRACE: 2 more runs of the handler than "
					  "a process took it"));
	assert_non_null(find_line(&scene, "  handled compared with the kernel's own counts, "
					  "exactly"));
	check_width(&scene);
	tear_down(&scene);
}

/* One lost here, one too many there: OFF, but the sums are equal all the same. */
static void test_audit_off_equal_sums(void **state)
{
	struct scene scene;

	set_up(&scene, 4, 8, false);
	unit__unbalance(&scene.difference, 2, 4, 2);
	unit__unbalance(&scene.difference, 1, 4, -2);
	show(&scene, TABLE_SUMMARY, false);
	assert_non_null(find_line(&scene, "audit: OFF"));
	check_equation(&scene);
	tear_down(&scene);
}

/* More unseen than was missed: OFF, though each row by itself might be excused. */
static void test_audit_off_by_many(void **state)
{
	struct scene scene;

	set_up(&scene, 4, 8, false);
	scene.difference.missed = 1;
	for (unsigned int cpu = 0; cpu < 4; cpu++)
		unit__unbalance(&scene.difference, cpu, 1, -2);
	show(&scene, TABLE_SUMMARY, false);
	assert_non_null(find_line(&scene, "audit: OFF"));
	check_equation(&scene);
	tear_down(&scene);
}

static void test_audit_missed(void **state)
{
	struct scene scene;

	set_up(&scene, 4, 8, false);
	scene.difference.missed = 1;
	unit__unbalance(&scene.difference, 1, 1, -2);
	show(&scene, TABLE_SUMMARY, false);
	assert_non_null(find_line(&scene, "audit: balanced"));
	assert_non_null(find_line(&scene, "  1 event missed"));
	assert_non_null(find_line(&scene, "  CPU 1 CALL_FUNC: 2 handled but not seen sent"));
	assert_non_null(strstr(find_line(&scene, "  raised "), " not seen 2 "));
	check_equation(&scene);
	check_width(&scene);
	scene.difference.missed = 2;
	show(&scene, TABLE_SUMMARY, false);
	assert_non_null(find_line(&scene, "  2 events missed"));
	tear_down(&scene);
}

static void test_audit_hotplug(void **state)
{
	struct scene scene;

	set_up(&scene, 4, 8, false);
	unit__unbalance(&scene.difference, 1, 1, -3);
	show(&scene, TABLE_SUMMARY, true);
	assert_non_null(find_line(&scene, "audit: balanced"));
	assert_non_null(find_line(&scene, "  CPU 1 CALL_FUNC: 3 handled but not seen sent"));
	check_equation(&scene);
	tear_down(&scene);
}

/* Nothing is claimed of a run whose end is not known, but what was found on the way. */
static void test_audit_cut_off(void **state)
{
	static const __u32 stuck[MAX_CPUS] = { [1] = 1 << 1 };
	struct scene scene;

	set_up(&scene, 4, 8, false);
	scene.cut_off = true;
	send(&scene, 0, 1, 1, IPIMUX_RAISED, 1234567890123);
	send(&scene, 0, 1, 1, IPIMUX_MASKED, 1234567890123);
	process(&scene, 1, 1 << 1, 1234567890120);
	show(&scene, TABLE_SUMMARY, false);
	assert_non_null(find_line(&scene, "audit: none"));
	assert_non_null(find_line(&scene, "  the recording ends before the run did"));
	assert_non_null(find_line(&scene, "  0 events missed"));
	assert_null(strstr(scene.text, "balanced"));
	assert_null(strstr(scene.text, "lost"));
	assert_null(strstr(scene.text, "kernel"));
	check_width(&scene);
	scene.stuck = stuck;
	show(&scene, TABLE_SUMMARY, false);
	assert_non_null(find_line(&scene, "audit: OFF"));
	assert_non_null(find_line(&scene, "  the recording ends before the run did"));
	assert_non_null(find_line(&scene, "  CPU 1 CALL_FUNC: raised, and not handled"));
	tear_down(&scene);
}

/* The audit keeps to the width of the table. */
static void test_audit_width_hotplug(void **state)
{
	struct scene scene;

	set_up(&scene, 4, 8, false);
	unit__unbalance(&scene.difference, 1, 0, -1);
	show(&scene, TABLE_SUMMARY, true);
	check_width(&scene);
	tear_down(&scene);
}

/* A week of a busy machine: a hundred thousand a second. */
static void test_audit_width_long_run(void **state)
{
	struct scene scene;

	set_up(&scene, 4, 8, false);
	send(&scene, 0, 1, 1, IPIMUX_RAISED, 60480000000);
	send(&scene, 0, 1, 1, IPIMUX_MASKED, 604800000);
	process(&scene, 1, 1 << 1, 60480000000 + 604800000);
	show(&scene, TABLE_SUMMARY, false);
	check_equation(&scene);
	check_width(&scene);
	tear_down(&scene);
}

static __u64 number_in(const json_t *object, const char *key)
{
	const json_t *number = json_object_get(object, key);

	check(json_is_integer(number), "no number \"%s\"", key);
	return json_integer_value(number);
}

/* load - the one line that the view wrote, as JSON; the caller's to free */
static json_t *load(struct scene *scene, enum how how)
{
	json_error_t error;
	json_t *object;

	show(scene, how, false);
	assert_int_equal(scene->nr_lines, 1);
	object = json_loads(scene->lines[0], JSON_REJECT_DUPLICATES, &error);
	check(object, "%s", error.text);
	return object;
}

static void check_json_sends(const json_t *object, const struct sends *sends)
{
	static const char * const outcomes[IPIMUX_NR_OUTCOMES] = {
		"raised", "coalesced", "masked", "coalesced_while_masked",
	};

	for (int o = 0; o < IPIMUX_NR_OUTCOMES; o++)
		check(number_in(object, outcomes[o]) == sends->outcome[o], "%s: %llu", outcomes[o],
		      (unsigned long long)sends->outcome[o]);
	assert_int_equal(json_object_size(object), IPIMUX_NR_OUTCOMES);
}

static void check_json_margin(const json_t *object, const struct margin *margin)
{
	check_json_sends(json_object_get(object, "sent"), &margin->sent);
	check_json_sends(json_object_get(object, "received"), &margin->received);
	assert_int_equal(number_in(object, "handled"), margin->handled);
	assert_int_equal(number_in(object, "unmasks"), margin->unmasks);
	assert_int_equal(number_in(object, "kicks"), margin->kicks);
}

/* check_json_sets - each set that was handled, as often as the table has it */
static void check_json_sets(const struct scene *scene, const json_t *sets, unsigned int cpu)
{
	const struct counters *counters = &scene->difference.counters;
	unsigned int nr_sets = 0;

	if (!counters->by_set) {
		assert_null(sets);
		return;
	}
	for (unsigned int set = 0; set >> counters->shape.processed_shift == 0; set++) {
		__u64 number = counters->processed[ipimux_processed_index(&counters->shape, cpu,
									  set)];
		char key[8];

		if (!number)
			continue;
		snprintf(key, sizeof(key), "%u", set);
		check(number_in(sets, key) == number, "set %s", key);
		nr_sets++;
	}
	assert_int_equal(json_object_size(sets), nr_sets);
}

static void check_json_cpu(const struct scene *scene, const json_t *object, unsigned int cpu)
{
	const struct processes *processes = &scene->tally.processes[cpu];
	const json_t *batches = json_object_get(object, "batches");
	const json_t *vipis = json_object_get(object, "vipis");
	struct margin sum = sum_of_cpu(scene, cpu);
	unsigned int nr_batches = 0;
	__u64 calls = 0;

	check_json_margin(object, &sum);
	for (unsigned int batch = 0; batch <= IPIMUX_MAX_VIPIS; batch++) {
		char key[8];

		snprintf(key, sizeof(key), "%u", batch);
		calls += processes->batch[batch];
		if (!processes->batch[batch])
			continue;
		check(number_in(batches, key) == processes->batch[batch], "batch %s", key);
		nr_batches++;
	}
	assert_int_equal(json_object_size(batches), nr_batches);
	check_json_sets(scene, json_object_get(object, "sets"), cpu);
	assert_int_equal(number_in(object, "processes"), calls);
	assert_int_equal(number_in(object, "empty"), processes->batch[0]);

	assert_int_equal(json_object_size(vipis), scene->machine.nr_vipis);
	for (unsigned int vipi = 0; vipi < scene->machine.nr_vipis; vipi++)
		check_json_margin(json_object_get(vipis, scene->machine.vipi_name[vipi]),
				  &scene->tally.margin[cpu][vipi]);
}

static unsigned int vipi_of(const struct scene *scene, const char *name)
{
	for (unsigned int vipi = 0; vipi < scene->machine.nr_vipis; vipi++)
		if (name && !strcmp(scene->machine.vipi_name[vipi], name))
			return vipi;
	fail_msg("no vIPI '%s'", name);
	return 0;
}

/*
 * check_json_traffic - is every send in the list, once? With a filter: every one
 * from or to a CPU that was asked for.
 */
static void check_json_traffic(const struct scene *scene, const json_t *traffic)
{
	const struct counters *counters = &scene->difference.counters;
	const struct cpuset *cpus = scene->view.cpus;
	struct tally sums = {};
	size_t i, expected = 0;
	const json_t *entry;

	json_array_foreach(traffic, i, entry) {
		unsigned int sender = json_integer_value(json_array_get(entry, 0));
		unsigned int target = json_integer_value(json_array_get(entry, 1));
		unsigned int vipi = vipi_of(scene, json_string_value(json_array_get(entry, 2)));

		assert_int_equal(json_array_size(entry), 7);
		assert_true(sender < MAX_CPUS && target < MAX_CPUS);
		assert_true(!cpus || cpuset__has(cpus, sender) || cpuset__has(cpus, target));
		for (int o = 0; o < IPIMUX_NR_OUTCOMES; o++) {
			__u64 number = json_integer_value(json_array_get(entry, 3 + o));

			check(number == counters->traffic[ipimux_traffic_index(&counters->shape,
									       sender, target,
									       vipi, o)],
			      "%u to %u, %d", sender, target, o);
			sums.margin[sender][vipi].sent.outcome[o] += number;
			sums.margin[target][vipi].received.outcome[o] += number;
		}
	}
	for (unsigned int cpu = 0; cpu < MAX_CPUS; cpu++) {
		if (cpus && !cpuset__has(cpus, cpu))
			continue;
		for (unsigned int vipi = 0; vipi < IPIMUX_MAX_VIPIS; vipi++) {
			const struct margin *margin = &scene->tally.margin[cpu][vipi];
			const struct margin *sum = &sums.margin[cpu][vipi];

			check(!memcmp(&sum->sent, &margin->sent, sizeof(sum->sent)),
			      "sent by %u, vIPI %u", cpu, vipi);
			check(!memcmp(&sum->received, &margin->received, sizeof(sum->received)),
			      "received by %u, vIPI %u", cpu, vipi);
		}
	}
	/* None of the entries is all zeros, or there would be 4096 CPUs' of them. */
	for (size_t cell = 0; cell <= counters->shape.traffic_mask; cell += IPIMUX_NR_OUTCOMES)
		expected += counters->traffic[cell] || counters->traffic[cell + 1] ||
			    counters->traffic[cell + 2] || counters->traffic[cell + 3];
	if (!cpus)
		assert_int_equal(json_array_size(traffic), expected);
}

static void check_json(const struct scene *scene, const json_t *object, unsigned int nr_cpus)
{
	const json_t *cpus = json_object_get(object, "cpus");
	unsigned int shown = 0;

	assert_int_equal(number_in(object, "version"), 1);
	assert_int_equal(number_in(object, "missed"), scene->difference.missed);
	for (unsigned int cpu = 0; cpu < nr_cpus; cpu++) {
		char key[16];

		snprintf(key, sizeof(key), "%u", cpu);
		if (scene->view.cpus && !cpuset__has(scene->view.cpus, cpu)) {
			assert_null(json_object_get(cpus, key));
			continue;
		}
		check_json_cpu(scene, json_object_get(cpus, key), cpu);
		shown++;
	}
	assert_int_equal(json_object_size(cpus), shown);
	check_json_traffic(scene, json_object_get(object, "traffic"));
}

static void test_json(void **state)
{
	uint64_t random = 19;

	for (int round = 0; round < 8; round++) {
		unsigned int nr_cpus = 1 + round % MAX_CPUS;
		struct scene scene;
		json_t *object;

		set_up(&scene, nr_cpus, round % 2 ? 8 : 9, false);
		scene.difference.missed = round;
		/* Beyond what a double can hold. */
		add_events(&scene, nr_cpus, 1 << 30, &random);
		send(&scene, 0, 0, 0, IPIMUX_RAISED, (1ULL << 53) + 1);
		process(&scene, 0, 1, (1ULL << 53) + 1);
		object = load(&scene, round % 2 ? JSON_INTERVAL : JSON_SUMMARY);
		assert_string_equal(json_string_value(json_object_get(object, "type")),
				    round % 2 ? "interval" : "summary");
		check_json(&scene, object, nr_cpus);
		json_decref(object);
		tear_down(&scene);
	}
}

/* The sums of the JSON are the margins', so no view tells another story. */
static void test_json_margins(void **state)
{
	struct margin of_json = {}, of_margins = {};
	uint64_t random = 20;
	struct scene scene;
	const json_t *cpu;
	const char *key;
	json_t *object;

	set_up(&scene, 8, 8, true);
	add_events(&scene, 8, 1000, &random);
	object = load(&scene, JSON_INTERVAL);
	json_object_foreach(json_object_get(object, "cpus"), key, cpu) {
		of_json.handled += number_in(cpu, "handled");
		of_json.unmasks += number_in(cpu, "unmasks");
		of_json.kicks += number_in(cpu, "kicks");
		of_json.sent.outcome[IPIMUX_MASKED] +=
			number_in(json_object_get(cpu, "sent"), "masked");
		of_json.received.outcome[IPIMUX_MASKED] +=
			number_in(json_object_get(cpu, "received"), "masked");
	}
	margins__compute(&scene.view.margins, &scene.difference.counters);
	for (unsigned int i = 0; i < scene.view.margins.nr_cpus * scene.view.margins.nr_vipis; i++)
		margin__add(&of_margins, &scene.view.margins.margin[i]);
	assert_int_equal(of_json.handled, of_margins.handled);
	assert_int_equal(of_json.unmasks, of_margins.unmasks);
	assert_int_equal(of_json.kicks, of_margins.kicks);
	assert_int_equal(of_json.sent.outcome[IPIMUX_MASKED],
			 of_margins.sent.outcome[IPIMUX_MASKED]);
	assert_int_equal(of_json.received.outcome[IPIMUX_MASKED],
			 of_margins.sent.outcome[IPIMUX_MASKED]);
	assert_true(of_json.handled > 0);
	json_decref(object);
	tear_down(&scene);
}

static void test_json_filter(void **state)
{
	static const char * const lists[] = { "2", "0,3", "0-3" };
	uint64_t random = 21;
	struct scene scene;

	set_up(&scene, 4, 8, false);
	scene.view.cpus = &scene.cpus;
	add_events(&scene, 4, 100, &random);
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		json_t *object;

		assert_int_equal(cpuset__parse(&scene.cpus, lists[i]), 0);
		object = load(&scene, JSON_INTERVAL);
		check_json(&scene, object, 4);
		json_decref(object);
	}
	tear_down(&scene);
}

static void test_json_online(void **state)
{
	static const unsigned int cpus[] = { 0, 1, 3 };
	struct scene scene;
	const json_t *online;
	json_t *object;

	set_up(&scene, 4, 5, false);
	assert_int_equal(cpuset__parse(&scene.difference.online, "0-1,3"), 0);
	object = load(&scene, JSON_INTERVAL);
	online = json_object_get(object, "online");
	assert_int_equal(json_array_size(online), ARRAY_SIZE(cpus));
	for (size_t i = 0; i < ARRAY_SIZE(cpus); i++)
		assert_int_equal(json_integer_value(json_array_get(online, i)), cpus[i]);
	assert_null(json_object_get(json_object_get(object, "cpus"), "2"));
	assert_int_equal(json_array_size(json_object_get(object, "traffic")), 0);
	json_decref(object);

	/* Offline, but sent to. */
	send(&scene, 0, 2, 4, IPIMUX_MASKED, 1);
	object = load(&scene, JSON_INTERVAL);
	check_json(&scene, object, 4);
	json_decref(object);
	tear_down(&scene);
}

/* A time in ns survives as seconds; that of the wall as well as a double can. */
static void test_json_time(void **state)
{
	static const __u64 times[] = { 1, 999, 1000000001, 123456789012345, 2592000000000001 };
	struct scene scene;

	set_up(&scene, 1, 1, false);
	for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
		json_t *object;
		double time;

		scene.difference.time = times[i];
		object = load(&scene, JSON_INTERVAL);
		time = json_number_value(json_object_get(object, "interval"));
		check((__u64)llround(time * 1e9) == times[i], "%llu ns: %.17g",
		      (unsigned long long)times[i], time);
		time = json_number_value(json_object_get(object, "time"));
		check(fabs(time - WALL_TIME / 1e9) < 1e-6, "%.17g", time);
		json_decref(object);
	}
	tear_down(&scene);
}

static void test_json_audit(void **state)
{
	const json_t *audit, *entry;
	struct scene scene;
	json_t *object;

	set_up(&scene, 4, 8, false);
	scene.difference.missed = 3;
	send(&scene, 0, 1, 1, IPIMUX_RAISED, 10);
	send(&scene, 3, 1, 1, IPIMUX_MASKED, 5);
	process(&scene, 1, 1 << 1, 15);
	unit__unbalance(&scene.difference, 0, 0, 1);
	unit__unbalance(&scene.difference, 2, 4, 2);
	unit__unbalance(&scene.difference, 3, 7, -4);
	object = load(&scene, JSON_SUMMARY);
	audit = json_object_get(object, "audit");
	assert_string_equal(json_string_value(json_object_get(audit, "verdict")), "off");
	assert_int_equal(number_in(audit, "raised"), 13);
	assert_int_equal(number_in(audit, "masked"), 5);
	assert_int_equal(number_in(audit, "handled"), 19);
	assert_int_equal(number_in(audit, "still_pending"), 1);
	assert_int_equal(number_in(audit, "carried_in"), 0);
	assert_int_equal(number_in(audit, "unseen"), 4);
	assert_int_equal(number_in(audit, "missed"), 3);
	assert_true(json_is_false(json_object_get(audit, "hotplug")));
	assert_true(json_is_null(json_object_get(audit, "kernel_room")));

	assert_int_equal(json_array_size(json_object_get(audit, "entries")), 3);
	entry = json_array_get(json_object_get(audit, "entries"), 1);
	assert_int_equal(number_in(entry, "cpu"), 2);
	assert_string_equal(json_string_value(json_object_get(entry, "vipi")), "IRQ_WORK");
	assert_string_equal(json_string_value(json_object_get(entry, "finding")), "lost");
	assert_int_equal(number_in(entry, "number"), 2);
	assert_string_equal(json_string_value(json_object_get(entry, "verdict")), "off");
	entry = json_array_get(json_object_get(audit, "entries"), 2);
	assert_string_equal(json_string_value(json_object_get(entry, "finding")), "not_seen");
	assert_int_equal(number_in(entry, "number"), 4);
	assert_string_equal(json_string_value(json_object_get(entry, "verdict")), "unseen");
	json_decref(object);

	/* An interval has none: what is pending at its edges is not settled. */
	object = load(&scene, JSON_INTERVAL);
	assert_null(json_object_get(object, "audit"));
	json_decref(object);
	tear_down(&scene);
}

static void test_json_audit_cut_off(void **state)
{
	const json_t *audit;
	struct scene scene;
	json_t *object;

	set_up(&scene, 4, 8, false);
	scene.cut_off = true;
	send(&scene, 0, 1, 1, IPIMUX_RAISED, 10);
	send(&scene, 0, 1, 1, IPIMUX_MASKED, 2);
	process(&scene, 1, 1 << 1, 4);
	object = load(&scene, JSON_SUMMARY);
	audit = json_object_get(object, "audit");
	assert_string_equal(json_string_value(json_object_get(audit, "verdict")), "none");
	assert_int_equal(number_in(audit, "raised"), 10);
	assert_int_equal(number_in(audit, "masked"), 2);
	assert_int_equal(number_in(audit, "handled"), 4);
	assert_int_equal(json_object_size(audit), 6);
	json_decref(object);
	tear_down(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_summary),
		cmocka_unit_test(test_interval),
		cmocka_unit_test(test_headings),
		cmocka_unit_test(test_adds_up),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_interval_without_time),
		cmocka_unit_test(test_offline),
		cmocka_unit_test(test_filter),
		cmocka_unit_test(test_colour),
		cmocka_unit_test(test_width),
		cmocka_unit_test(test_width_largest),
		cmocka_unit_test(test_width_many_cpus),
		cmocka_unit_test(test_width_long_name),
		cmocka_unit_test(test_audit_balanced),
		cmocka_unit_test(test_audit_beyond_balance),
		cmocka_unit_test(test_audit_off),
		cmocka_unit_test(test_audit_off_equal_sums),
		cmocka_unit_test(test_audit_off_by_many),
		cmocka_unit_test(test_audit_missed),
		cmocka_unit_test(test_audit_hotplug),
		cmocka_unit_test(test_audit_cut_off),
		cmocka_unit_test(test_audit_width_hotplug),
		cmocka_unit_test(test_audit_width_long_run),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_json_margins),
		cmocka_unit_test(test_json_filter),
		cmocka_unit_test(test_json_online),
		cmocka_unit_test(test_json_time),
		cmocka_unit_test(test_json_audit),
		cmocka_unit_test(test_json_audit_cut_off),
	};

	return UNIT_RUN("view", tests);
}
