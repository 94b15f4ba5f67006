// SPDX-License-Identifier: GPL-2.0-only
/*
 * The views of single events: each line says what happened, whatever the command's
 * bytes; JSON and Trace Event JSON, read back, hold the same events, and every arrow
 * begins in a send's slice and ends in a process' one.
 */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/printable.h"
#include "unit.h"
#include "view/view_events.h"

#define NR_CPUS	4
#define START	5000000000ULL

struct scene {
	struct machine machine;
	struct events_view view;
	const struct events_format *format;
	struct flows flows;		/* where it draws arrows */
	__u64 start;
	char *text;
	size_t size;
	__u64 lost[NR_CPUS];
	__u64 shown;
};

static void draw(void *context, const struct flow *flow)
{
	struct scene *scene = context;

	assert_int_equal(scene->format->flow(&scene->view, flow), 0);
}

static void set_up_at(struct scene *scene, const char *format, __u64 at)
{
	const struct events_start start = { at, 1750000000123456789ULL };

	memset(scene, 0, sizeof(*scene));
	unit__machine(&scene->machine, NR_CPUS, 8);
	scene->view.machine = &scene->machine;
	scene->view.out = open_memstream(&scene->text, &scene->size);
	scene->format = events_format__find(format);
	scene->start = at;
	assert_non_null(scene->format);
	assert_int_equal(scene->format->start(&scene->view, &start), 0);
	if (scene->format->flow)
		assert_int_equal(flows__init(&scene->flows, NR_CPUS, 8, at, draw, scene), 0);
}

static void set_up(struct scene *scene, const char *format)
{
	set_up_at(scene, format, START);
}

static void end(struct scene *scene)
{
	const struct events_summary summary = {
		.duration = 2500000000, .shown = scene->shown, .missed = 1, .late = 2,
		.lost = scene->lost, .nr_cpus = NR_CPUS,
	};

	if (scene->format->last)
		assert_int_equal(scene->format->last(&scene->view), 0);
	if (scene->format->flow)
		flows__end(&scene->flows);
	assert_int_equal(scene->format->end(&scene->view, &summary), 0);
	fclose(scene->view.out);
}

static void tear_down(struct scene *scene)
{
	events_view__free(&scene->view);
	flows__free(&scene->flows);
	free(scene->text);
}

static void show(struct scene *scene, struct ipimux_event event)
{
	struct ipimux_event placed = event;

	scene->shown++;
	if (scene->format->flow)
		placed.time = flows__place(&scene->flows, event.cpu, event.time);
	assert_int_equal(scene->format->event(&scene->view, &event, placed.time), 0);
	if (scene->format->flow)
		assert_int_equal(flows__event(&scene->flows, &placed), 0);
}

static void send(struct scene *scene, __u64 time, unsigned int cpu, unsigned int target,
		 unsigned int vipi, enum ipimux_outcome outcome, const char *command)
{
	struct ipimux_event event = {
		.time = START + time, .cpu = cpu, .target = target, .kind = IPIMUX_SEND,
		.vipi = vipi, .pending = (outcome & 1) << vipi | 1U << (vipi + 1),
		.enabled = outcome & 2 ? 0xff & ~(1U << vipi) : 0xff, .pid = 4194303,
		.self = !strcmp(command, "self"),
	};

	memcpy(event.command, command, strnlen(command, sizeof(event.command)));
	/* As it comes in, see probe/events.c. */
	make_printable_array(event.command, sizeof(event.command));
	show(scene, event);
}

static void process(struct scene *scene, __u64 time, unsigned int cpu, __u32 set)
{
	show(scene, (struct ipimux_event){ .time = START + time, .cpu = cpu,
			.kind = IPIMUX_PROCESS, .pending = set | 0x80, .enabled = 0x7f });
}

static void unmask(struct scene *scene, __u64 time, unsigned int cpu, unsigned int vipi, bool kick)
{
	show(scene, (struct ipimux_event){ .time = START + time, .cpu = cpu, .vipi = vipi,
			.kind = IPIMUX_UNMASK, .pending = kick << vipi });
}

static void mask(struct scene *scene, __u64 time, unsigned int cpu, unsigned int vipi, bool pending)
{
	show(scene, (struct ipimux_event){ .time = START + time, .cpu = cpu, .vipi = vipi,
			.kind = IPIMUX_MASK, .pending = pending << vipi });
}

static void lose(struct scene *scene, unsigned int cpu, __u64 count, __u64 time)
{
	__u64 at = time ? START + time : scene->flows.latest ? scene->flows.latest : scene->start;

	scene->lost[cpu] += count;
	if (scene->format->flow) {
		flows__gap(&scene->flows, cpu, at);
		at = flows__place(&scene->flows, cpu, at);
	}
	assert_int_equal(scene->format->lost(&scene->view, cpu, count, time ? START + time : 0,
					     at), 0);
}

static void all_kinds(struct scene *scene)
{
	send(scene, 123456, 0, 2, 0, IPIMUX_RAISED, "sh");
	send(scene, 123456, 1, 2, 0, IPIMUX_COALESCED, "self");
	process(scene, 200999, 2, 1 << 0);
	send(scene, 300000, 3, 1, 3, IPIMUX_MASKED, "0123456789abcde");
	send(scene, 301000, 2, 1, 3, IPIMUX_COALESCED_WHILE_MASKED, "\033[2J\n\xc3\"");
	unmask(scene, 302000, 1, 3, true);
	unmask(scene, 303000, 1, 4, false);
	mask(scene, 304000, 1, 3, true);
	mask(scene, 305000, 1, 4, false);
	lose(scene, 2, 37, 400000);
	process(scene, 400000, 2, 1 << 1 | 1 << 5);
	process(scene, 500000, 2, 0);
	lose(scene, 3, 1, 0);
}

static void test_text(void **state)
{
	static const char expected[] =
"#     seconds CPU  event    vIPI            to     outcome                 by\n"
"     5.000123   0  send     RESCHEDULE      -> 2   raised                  sh/4194303\n"
"     5.000123   1  send     RESCHEDULE      -> 2   coalesced               self/4194303 *\n"
"     5.000200   2  process  RESCHEDULE\n"
"     5.000300   3  send     CPU_CRASH_STOP  -> 1   masked                  "
"0123456789abcde/4194303\n"
"     5.000301   2  send     CPU_CRASH_STOP  -> 1   coalesced while masked  ?[2J??\"/4194303\n"
"     5.000302   1  unmask   CPU_CRASH_STOP         kick\n"
"     5.000303   1  unmask   IRQ_WORK\n"
"     5.000304   1  mask     CPU_CRASH_STOP         stays pending\n"
"     5.000305   1  mask     IRQ_WORK\n"
"CPU 2: 37 events lost here\n"
"     5.000400   2  process  CALL_FUNC,TIMER\n"
"     5.000500   2  process  -                      empty\n"
"CPU 3: 1 event lost here\n";
	struct scene scene;

	set_up(&scene, "text");
	all_kinds(&scene);
	end(&scene);
	assert_string_equal(scene.text, expected);
	for (char *line = strtok(scene.text, "\n"); line; line = strtok(NULL, "\n"))
		check(strlen(line) <= 100, "%s", line);
	tear_down(&scene);
}

static void check_summary(const struct events_summary *summary, const char *expected)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	events_summary__print(summary, out);
	fclose(out);
	assert_string_equal(text, expected);
	free(text);
}

static void test_summary(void **state)
{
	static const __u64 none[3] = {}, some[3] = { 12, 0, 37 };

	check_summary(&(struct events_summary){ 5001400000, 1, 0, 0, none, 3 },
		      "1 event in 5.001 s, 0 lost, 0 missed\n");
	check_summary(&(struct events_summary){ 5001400000, 1234, 3, 2, some, 3 },
		      "1234 events in 5.001 s, 49 lost (CPU 0: 12, CPU 2: 37), 2 missed, "
		      "3 out of order\n");
}

/* --- JSON Lines --- */

static json_t *next_line(char **text)
{
	char *line = strsep(text, "\n");
	json_t *object = json_loads(line, 0, NULL);

	check(object, "%s", line);
	return object;
}

/* check_line - that the next line is exactly this object, of json_pack()'s kind */
static void check_line(char **text, json_t *expected)
{
	json_t *object = next_line(text);

	check(json_equal(object, expected), "%s", json_dumps(object, JSON_SORT_KEYS));
	json_decref(object);
	json_decref(expected);
}

static void test_json(void **state)
{
	struct scene scene;
	json_t *object;
	char *text;

	set_up(&scene, "json");
	all_kinds(&scene);
	end(&scene);
	text = scene.text;
	check_line(&text, json_pack("{s:i, s:s, s:s, s:I, s:f}", "version", 1, "type", "start",
					 "via", "tracepoint",
				    "ns", (json_int_t)START, "time", 1750000000.123456789));
	check_line(&text, json_pack("{s:s, s:I, s:i, s:i, s:s, s:s, s:s, s:i, s:b, s:i, s:i}",
		"type", "send", "ns", (json_int_t)START + 123456, "cpu", 0, "target", 2,
		"vipi", "RESCHEDULE", "outcome", "raised", "command", "sh", "pid", 4194303,
		"self", 0, "pending", 2, "enabled", 255));
	object = next_line(&text);
	assert_true(json_is_true(json_object_get(object, "self")));
	json_decref(object);
	check_line(&text, json_pack("{s:s, s:I, s:i, s:[s], s:i, s:i}", "type", "process",
		"ns", (json_int_t)START + 200999, "cpu", 2, "vipis", "RESCHEDULE",
		"pending", 0x81, "enabled", 0x7f));
	json_decref(next_line(&text));
	object = next_line(&text);
	assert_string_equal(json_string_value(json_object_get(object, "command")), "?[2J??\"");
	json_decref(object);
	check_line(&text, json_pack("{s:s, s:I, s:i, s:s, s:b, s:i}", "type", "unmask",
		"ns", (json_int_t)START + 302000, "cpu", 1, "vipi", "CPU_CRASH_STOP", "kick", 1,
		"pending", 8));
	json_decref(next_line(&text));
	check_line(&text, json_pack("{s:s, s:I, s:i, s:s, s:b, s:i}", "type", "mask",
		"ns", (json_int_t)START + 304000, "cpu", 1, "vipi", "CPU_CRASH_STOP",
		"stays_pending", 1, "pending", 8));
	json_decref(next_line(&text));
	check_line(&text, json_pack("{s:s, s:I, s:i, s:i}", "type", "lost",
		"ns", (json_int_t)START + 400000, "cpu", 2, "count", 37));
	object = next_line(&text);
	assert_int_equal(json_array_size(json_object_get(object, "vipis")), 2);
	json_decref(object);
	object = next_line(&text);
	assert_int_equal(json_array_size(json_object_get(object, "vipis")), 0);
	json_decref(object);
	check_line(&text, json_pack("{s:s, s:n, s:i, s:i}", "type", "lost", "ns", "cpu", 3,
				    "count", 1));
	check_line(&text, json_pack("{s:s, s:f, s:i, s:{s:i, s:i}, s:i, s:i}",
		"type", "summary", "interval", 2.5, "shown", 11, "lost", "2", 37, "3", 1,
		"missed", 1, "out_of_order", 2));
	assert_string_equal(text, "");
	tear_down(&scene);
}

/* --- Trace Event JSON --- */

static const char *word(const json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));

	return value ? value : "";
}

static double number(const json_t *object, const char *key)
{
	return json_number_value(json_object_get(object, key));
}

static unsigned int count(const json_t *events, const char *phase)
{
	unsigned int found = 0;
	json_t *event;
	size_t i;

	json_array_foreach(events, i, event)
		found += !strcmp(word(event, "ph"), phase);
	return found;
}

/* slice_at - the slice that begins there, and that there is no other */
static json_t *slice_at(const json_t *events, double track, double ts)
{
	json_t *event, *slice = NULL;
	size_t i;

	json_array_foreach(events, i, event) {
		if (strcmp(word(event, "ph"), "X") || number(event, "tid") != track ||
		    number(event, "ts") != ts)
			continue;
		assert_null(slice);
		slice = event;
	}
	assert_non_null(slice);
	return slice;
}

/* check_arrows - that each is one of a send and a process of that vIPI; returns how many */
static unsigned int check_arrows(const json_t *events)
{
	unsigned int arrows = 0;
	json_t *start, *finish;
	size_t i, j;

	json_array_foreach(events, i, start) {
		unsigned int ends = 0;
		json_t *slice;

		if (strcmp(word(start, "ph"), "s"))
			continue;
		arrows++;
		slice = slice_at(events, number(start, "tid"), number(start, "ts"));
		assert_string_equal(word(slice, "cat"), "send");
		assert_non_null(strstr(word(slice, "name"), word(start, "name")));
		json_array_foreach(events, j, finish) {
			if (strcmp(word(finish, "ph"), "f") ||
			    number(start, "id") != number(finish, "id"))
				continue;
			ends++;
			assert_true(number(finish, "tid") - 1 ==
				    number(json_object_get(slice, "args"), "target"));
			assert_true(number(finish, "ts") >= number(start, "ts"));
			assert_non_null(strstr(word(slice_at(events, number(finish, "tid"),
							     number(finish, "ts")), "name"),
					       word(start, "name")));
		}
		assert_int_equal(ends, 1);
	}
	assert_int_equal(count(events, "f"), arrows);
	return arrows;
}

/* check_slices - that none of a track reaches into the next */
static void check_slices(const json_t *events)
{
	long long end[NR_CPUS + 1] = {};	/* ns */
	json_t *event;
	size_t i;

	json_array_foreach(events, i, event) {
		int track = number(event, "tid");

		if (strcmp(word(event, "ph"), "X"))
			continue;
		check(llround(number(event, "ts") * 1000) >= end[track], "%f",
		      number(event, "ts"));
		assert_true(number(event, "dur") > 0 && number(event, "dur") <= 0.1);
		end[track] = llround(number(event, "ts") * 1000) +
			     llround(number(event, "dur") * 1000);
	}
}

static json_t *finish_chrome(struct scene *scene)
{
	json_t *all;

	end(scene);
	all = json_loads(scene->text, 0, NULL);
	check(all, "%s", scene->text);
	check_slices(json_object_get(all, "traceEvents"));
	return all;
}

static void test_chrome(void **state)
{
	struct scene scene;
	json_t *all, *events;

	set_up(&scene, "chrome");
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
		process(&scene, 0, cpu, 0);
	all_kinds(&scene);
	all = finish_chrome(&scene);
	events = json_object_get(all, "traceEvents");
	/* RESCHEDULE to CPU 2, but not across CPU 2's gap, which begins right behind it. */
	assert_int_equal(check_arrows(events), 0);
	/* Sends and processes; two masks, two unmasks, two gaps; names of four CPUs and of all. */
	assert_int_equal(count(events, "X"), NR_CPUS + 7);
	assert_int_equal(count(events, "i"), 6);
	assert_int_equal(count(events, "M"), 2 * NR_CPUS + 1);
	assert_int_equal(number(json_object_get(json_object_get(all, "otherData"), "lost"), "2"),
			 37);
	json_decref(all);
	tear_down(&scene);
}

static void test_chrome_arrows(void **state)
{
	struct scene scene;
	json_t *all;

	set_up(&scene, "chrome");
	process(&scene, 20000, 2, 0);
	for (unsigned int i = 1; i <= 10; i++) {
		__u64 time = i * 100000;

		/* Two in the same ns, and one that sends to itself. */
		send(&scene, time, 0, 2, 0, IPIMUX_RAISED, "sh");
		send(&scene, time, 0, 2, 1, IPIMUX_RAISED, "sh");
		send(&scene, time + 5, 2, 2, 4, IPIMUX_RAISED, "sh");
		process(&scene, time + 5, 2, 1 << 0 | 1 << 1 | 1 << 4);
	}
	all = finish_chrome(&scene);
	assert_int_equal(check_arrows(json_object_get(all, "traceEvents")), 30);
	json_decref(all);
	tear_down(&scene);
}

/* All of a CPU was lost: that is said at the end of the others, not at the big bang. */
static void test_chrome_lost_behind(void **state)
{
	struct scene scene;
	json_t *all, *event;
	size_t i;

	set_up(&scene, "chrome");
	lose(&scene, 3, 5, 0);
	process(&scene, 1000, 1, 0);
	lose(&scene, 2, 5, 0);
	all = finish_chrome(&scene);
	json_array_foreach(json_object_get(all, "traceEvents"), i, event) {
		double ts = number(event, "tid") == 3 ? 1 : 0;

		if (!strcmp(word(event, "cat"), "lost"))
			check(number(event, "ts") == ts, "%f", number(event, "ts"));
	}
	json_decref(all);
	tear_down(&scene);
}

/* drawn_at - an event's time in ns, as a reader has it who knows where times begin */
static __u64 drawn_at(const json_t *all, const json_t *event)
{
	const json_t *other = json_object_get(all, "otherData");

	return json_integer_value(json_object_get(other, "origin_ns")) +
	       llround(number(event, "ts") * 1000);
}

/*
 * Long after boot, and long after the start, each event is drawn at its ns; two of them stay
 * two, in their order.
 */
static void test_chrome_uptime(void **state)
{
	static const __u64 day = 86400ULL * 1000000000;
	static const unsigned int boots[] = { 0, 1, 50, 103, 104, 105, 200, 1000, 10000, 100000 };

	for (size_t i = 0; i < ARRAY_SIZE(boots); i++) {
		const __u64 at = boots[i] * day + 1000000007;
		const __u64 first[] = { at, at + 999999999, at + day, at + 90 * day };
		const json_t *other;
		struct scene scene;
		__u64 last = 0;
		json_t *all, *event;
		size_t nr = 0, j;

		set_up_at(&scene, "chrome", at);
		for (size_t k = 0; k < ARRAY_SIZE(first); k++)
			for (unsigned int n = 0; n < 12; n++)
				send(&scene, first[k] + 5 * n - START, 1, 2, n % 7, IPIMUX_RAISED,
				     "x");
		all = finish_chrome(&scene);
		other = json_object_get(all, "otherData");
		assert_true(json_integer_value(json_object_get(other, "origin_ns")) ==
			    (long long)at);
		assert_true(json_integer_value(json_object_get(other, "origin_unix_ns")) ==
			    1750000000123456789LL);
		assert_string_equal(word(other, "clock"), "CLOCK_MONOTONIC");
		json_array_foreach(json_object_get(all, "traceEvents"), j, event) {
			__u64 time = first[nr / 12] + 5 * (nr % 12);

			if (strcmp(word(event, "ph"), "X"))
				continue;
			check(drawn_at(all, event) == time, "day %u: %llu at %llu", boots[i],
			      (unsigned long long)time,
			      (unsigned long long)drawn_at(all, event));
			assert_true(time > last);
			last = time;
			nr++;
		}
		assert_int_equal(nr, 12 * ARRAY_SIZE(first));
		json_decref(all);
		tear_down(&scene);
	}
}

static void test_chrome_empty(void **state)
{
	struct scene scene;

	set_up(&scene, "chrome");
	json_decref(finish_chrome(&scene));
	tear_down(&scene);
}

/* Random events, with names that JSON has to escape, and CPUs that are none. */
static void test_chrome_random(void **state)
{
	struct scene scene;
	uint64_t seed = 3;
	__u64 time = 0;
	json_t *all;

	set_up(&scene, "chrome");
	for (unsigned int i = 0; i < 3000; i++) {
		unsigned int cpu = unit__below(&seed, NR_CPUS);
		char command[IPIMUX_COMMAND_SIZE];

		for (unsigned int j = 0; j < sizeof(command); j++)
			command[j] = unit__below(&seed, 256);
		time += unit__below(&seed, 2) ? unit__below(&seed, 20000) : 0;
		if (!unit__below(&seed, 100))
			lose(&scene, cpu, 1 + unit__below(&seed, 9), time);
		if (unit__below(&seed, 2))
			send(&scene, time, cpu, unit__below(&seed, NR_CPUS), unit__below(&seed, 7),
			     unit__below(&seed, 4), command);
		else
			process(&scene, time, cpu, unit__below(&seed, 128));
	}
	show(&scene, (struct ipimux_event){ .cpu = NR_CPUS, .kind = IPIMUX_PROCESS });
	assert_int_equal(scene.format->lost(&scene.view, NR_CPUS, 1, 0, START), 0);
	all = finish_chrome(&scene);
	assert_true(check_arrows(json_object_get(all, "traceEvents")) > 0);
	json_decref(all);
	tear_down(&scene);
}

static void test_find(void **state)
{
	assert_ptr_equal(events_format__find("chrome"), &events_chrome);
	assert_null(events_format__find(""));
	assert_null(events_format__find("xml"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_summary),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_chrome),
		cmocka_unit_test(test_chrome_arrows),
		cmocka_unit_test(test_chrome_lost_behind),
		cmocka_unit_test(test_chrome_uptime),
		cmocka_unit_test(test_chrome_empty),
		cmocka_unit_test(test_chrome_random),
		cmocka_unit_test(test_find),
	};

	return UNIT_RUN("events", tests);
}
