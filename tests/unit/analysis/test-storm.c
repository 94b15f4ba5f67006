// SPDX-License-Identifier: GPL-2.0-only
/*
 * Storms: that what exceeds the limit begins one, once, and that it is over when it is;
 * what belongs to one and what to another; who sends; and how all of it is said.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/storm.h"
#include "base/printable.h"
#include "unit.h"
#include "view/renderer.h"
#include "view/view_storm.h"

#define NR_CPUS		8
#define NR_VIPIS	8
#define SECOND		1000000000ULL
#define RATE		100

/* Some sends in an interval. */
struct flow {
	int sender, target, vipi;
	unsigned int sends;
};

#define MAX_FLOWS	8

static struct snapshot difference, later;
static struct margins margins;
static struct storms storms;

static void begin(void)
{
	unit__snapshot(&difference, NR_CPUS, NR_VIPIS, false);
	unit__snapshot(&later, NR_CPUS, NR_VIPIS, false);
	later.time = 1000 * SECOND;
	later.wall_time = 5000 * SECOND;
	assert_int_equal(storms__init(&storms, &difference.counters.shape, RATE), 0);
	assert_int_equal(margins__init(&margins, &difference.counters.shape), 0);
}

static void end(void)
{
	storms__free(&storms);
	storms__free(&storms);
	margins__free(&margins);
	snapshot__free(&difference);
	snapshot__free(&later);
}

/* interval - half of the sends, rounded up, are raised, the others coalesced */
static void interval(const struct flow *flows, __u64 ns)
{
	memset(difference.counters.traffic, 0,
	       ((size_t)difference.counters.shape.traffic_mask + 1) * sizeof(__u64));
	for (const struct flow *flow = flows; flow->sends; flow++) {
		unit__send(&difference, flow->sender, flow->target, flow->vipi, IPIMUX_RAISED,
			   (flow->sends + 1) / 2);
		unit__send(&difference, flow->sender, flow->target, flow->vipi, IPIMUX_COALESCED,
			   flow->sends / 2);
	}
	difference.time = ns;
	later.time += ns;
	later.wall_time += ns;
	margins__compute(&margins, &difference.counters);
	storms__watch(&storms, &difference, &margins, &later);
}

static unsigned int count(enum storm_state state)
{
	unsigned int nr = 0;

	for (unsigned int i = 0; i < storms.nr_storms; i++)
		nr += storms.storms[i].state == state;
	check(storms__any(&storms, state) == (nr != 0), "%d", state);
	return nr;
}

static const struct storm *only(enum storm_state state)
{
	for (unsigned int i = 0; i < storms.nr_storms; i++)
		if (storms.storms[i].state == state && count(state) == 1)
			return &storms.storms[i];
	fail_msg("%u storms in state %d", count(state), state);
	return NULL;
}

/* One target, by the sends of each interval: S started, E ended, by its number from 1. */
static void test_life(void **state)
{
	static const struct {
		const char *what;
		int sends[16];		/* -1: the end */
		const char *events;
	} cases[] = {
		{ "nothing", { 0, 0, 0, -1 }, "" },
		{ "at the limit", { 100, 100, 100, -1 }, "" },
		{ "above it", { 0, 101, 101, 101, -1 }, "2S" },
		{ "once", { 101, 0, 0, 0, -1 }, "1S 3E" },
		{ "around the limit", { 101, 99, 101, 99, 60, 110, 51, -1 }, "1S" },
		{ "around half of it", { 101, 50, 51, 50, 51, 50, 51, 50, 50, -1 }, "1S 9E" },
		{ "again", { 200, 10, 10, 10, 200, 10, 10, -1 }, "1S 3E 5S 7E" },
		{ "again when it is just over", { 200, 10, 10, 200, 10, 10, -1 }, "1S 3E 4S 6E" },
		{ "up again in the interval that would end it", { 200, 10, 200, 10, 10, -1 },
		  "1S 5E" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char events[64] = "";

		begin();
		for (int n = 0; cases[i].sends[n] >= 0; n++) {
			struct flow flows[] = { { 1, 2, 0, cases[i].sends[n] }, {} };
			size_t length = strlen(events);

			interval(flows, SECOND);
			for (unsigned int s = 0; s < count(STORM_STARTED); s++)
				length += snprintf(events + length, sizeof(events) - length,
						   "%s%dS", length ? " " : "", n + 1);
			for (unsigned int s = 0; s < count(STORM_ENDED); s++)
				length += snprintf(events + length, sizeof(events) - length,
						   "%s%dE", length ? " " : "", n + 1);
		}
		check(!strcmp(events, cases[i].events), "%s: '%s', not '%s'", cases[i].what,
		      events, cases[i].events);
		end();
	}
}

/* A rate is not a number: intervals differ. */
static void test_rate(void **state)
{
	static const struct flow flows[] = { { 1, 2, 0, 60 }, {} };

	begin();
	interval(flows, SECOND);
	assert_int_equal(count(STORM_STARTED), 0);
	interval(flows, SECOND / 2);
	assert_int_equal(count(STORM_STARTED), 1);
	end();
	begin();
	interval(flows, 0);
	assert_int_equal(count(STORM_STARTED), 0);
	end();
}

/* What belongs together: one interval, and how many storms it makes of which targets. */
static void test_together(void **state)
{
	static const struct {
		const char *what;
		struct flow flows[MAX_FLOWS];
		unsigned int nr;
		__u32 vipis;		/* of the only one */
		const char *targets;
	} cases[] = {
		{ "three CPUs to one",
		  { { 1, 0, 0, 110 }, { 2, 0, 0, 110 }, { 3, 0, 0, 110 } }, 1, 1, "0" },
		{ "three CPUs to one, each below the limit",
		  { { 1, 0, 0, 40 }, { 2, 0, 0, 40 }, { 3, 0, 0, 40 } }, 1, 1, "0" },
		{ "one to all others",
		  { { 0, 1, 1, 200 }, { 0, 2, 1, 200 }, { 0, 3, 1, 200 } }, 1, 2, "1-3" },
		{ "of a vIPI, to no single CPU",
		  { { 0, 1, 1, 60 }, { 0, 2, 1, 60 }, { 2, 3, 1, 60 } }, 1, 2, "" },
		{ "of a vIPI, nearly all to one CPU",
		  { { 0, 1, 1, 90 }, { 0, 2, 1, 10 }, { 2, 3, 1, 10 } }, 1, 2, "1" },
		{ "all to all",
		  { { 0, 1, 1, 200 }, { 1, 0, 1, 200 }, { 0, 2, 1, 200 }, { 1, 2, 1, 200 },
		    { 2, 0, 1, 200 }, { 2, 1, 1, 200 } }, 1, 2, "0-2" },
		{ "two vIPIs to one", { { 1, 0, 0, 90 }, { 2, 0, 4, 90 } }, 1, 0x11, "0" },
		{ "and a few of a third",
		  { { 1, 0, 0, 90 }, { 2, 0, 4, 90 }, { 2, 0, 5, 20 } }, 1, 0x11, "0" },
		{ "two at a time", { { 1, 2, 0, 200 }, { 3, 4, 1, 200 } }, 2, 0, NULL },
		{ "two at a time of one vIPI", { { 1, 2, 0, 200 }, { 3, 4, 0, 200 } }, 2, 0, NULL },
		{ "to itself", { { 3, 3, 4, 200 } }, 1, 0x10, "3" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct storm *storm;
		char targets[64];

		begin();
		interval(cases[i].flows, SECOND);
		check(count(STORM_STARTED) == cases[i].nr, "%s: %u", cases[i].what,
		      count(STORM_STARTED));
		if (cases[i].nr == 1) {
			storm = only(STORM_STARTED);
			cpuset__format(&storm->targets, targets, sizeof(targets));
			check(!strcmp(targets, cases[i].targets), "%s: to %s", cases[i].what,
			      targets);
			check(storm->vipis == cases[i].vipis, "%s: 0x%x", cases[i].what,
			      storm->vipis);
		}
		/* Whatever it is, it is said once. */
		for (int n = 0; n < 3; n++) {
			interval(cases[i].flows, SECOND);
			check(count(STORM_STARTED) == 0, "%s", cases[i].what);
			check(count(STORM_GOES_ON) == cases[i].nr, "%s", cases[i].what);
		}
		interval((struct flow[]){ {} }, SECOND);
		interval((struct flow[]){ {} }, SECOND);
		check(count(STORM_ENDED) == cases[i].nr, "%s", cases[i].what);
		interval((struct flow[]){ {} }, SECOND);
		check(count(STORM_FREE) == storms.nr_storms, "%s", cases[i].what);
		check(storms.nr_started == cases[i].nr, "%s", cases[i].what);
		end();
	}
}

/* What comes later: more targets of the same senders belong to it, others do not. */
static void test_later(void **state)
{
	static const struct flow first[] = { { 0, 1, 1, 200 }, {} };
	static const struct flow more[] = { { 0, 1, 1, 200 }, { 0, 2, 1, 200 }, {} };
	static const struct flow others[] = {
		{ 0, 1, 1, 200 }, { 0, 2, 1, 200 }, { 5, 6, 1, 200 }, { 0, 6, 1, 20 }, {}
	};
	char targets[64];

	begin();
	interval(first, SECOND);
	assert_int_equal(count(STORM_STARTED), 1);
	interval(more, SECOND);
	assert_int_equal(count(STORM_STARTED), 0);
	cpuset__format(&only(STORM_GOES_ON)->targets, targets, sizeof(targets));
	assert_string_equal(targets, "1-2");
	interval(others, SECOND);
	assert_int_equal(count(STORM_STARTED), 1);
	cpuset__format(&only(STORM_STARTED)->targets, targets, sizeof(targets));
	assert_string_equal(targets, "6");
	end();
}

/* What is sent to others does not count. */
static void test_cpus(void **state)
{
	static const struct flow flows[] = {
		{ 1, 2, 0, 200 }, { 2, 5, 0, 60 }, { 1, 6, 4, 110 }, {}
	};
	struct cpuset cpus = {};

	begin();
	cpuset__add(&cpus, 5);
	storms.cpus = &cpus;
	interval(flows, SECOND);
	assert_int_equal(count(STORM_STARTED), 0);
	cpuset__add(&cpus, 6);
	interval(flows, SECOND);
	assert_true(cpuset__has(&only(STORM_STARTED)->targets, 6));
	end();
}

/* How many sends, how many of them absorbed, from when to when. */
static void test_sums(void **state)
{
	static const struct flow storm[] = {
		{ 1, 0, 0, 300 }, { 2, 0, 0, 100 }, { 2, 0, 5, 7 }, { 4, 5, 0, 60 }, {}
	};
	static const struct flow more[] = { { 1, 0, 0, 800 }, {} };
	static const struct flow tail[] = { { 1, 0, 0, 20 }, {} };
	const struct storm *it;

	begin();
	/* To CPU 0, two an interval of what belongs to it, and others. */
	assert_int_equal(snapshot__add(&difference, COUNTERS_DOUBTS), 0);
	for (unsigned int cpu = 0; cpu < 2; cpu++)
		for (unsigned int vipi = 0; vipi < 2; vipi++)
			difference.counters.doubts[ipimux_doubts_index(
				&difference.counters.shape, cpu, vipi, IPIMUX_UNCERTAIN)] =
				cpu || vipi ? 100 : 2;
	interval(tail, SECOND);
	interval(storm, SECOND);
	it = only(STORM_STARTED);
	assert_int_equal(it->uncertain, 2);
	assert_int_equal(it->start, 1001 * SECOND);
	assert_int_equal(it->start_wall, 5001 * SECOND);
	assert_int_equal(it->sends, 400);
	assert_int_equal(it->coalesced, 200);
	interval(tail, SECOND);
	assert_int_equal(it->sends, 400);
	interval(more, SECOND);
	assert_int_equal(it->sends, 1220);
	assert_int_equal(it->coalesced, 610);
	interval(tail, SECOND);
	interval(tail, SECOND);
	assert_ptr_equal(it, only(STORM_ENDED));
	/* Those behind its end do not count. */
	assert_int_equal(it->sends, 1220);
	assert_int_equal(it->uncertain, 6);
	assert_int_equal(it->end, 1004 * SECOND);
	assert_int_equal(it->end_wall, 5004 * SECOND);
	assert_int_equal(it->highest, 800);
	assert_int_equal(it->highest_ns, SECOND);
	end();
}

static void test_excess(void **state)
{
	static const struct flow flows[] = {
		{ 1, 0, 0, 150 }, { 2, 0, 0, 300 }, { 3, 0, 0, 20 }, {}
	};
	static const struct storm_excess all[] = {
		{ STORM_ALL, 0, STORM_ALL, 470 }, { STORM_ALL, STORM_ALL, 0, 470 },
		{ 2, 0, STORM_ALL, 300 }, { 1, 0, STORM_ALL, 150 },
	};

	begin();
	interval(flows, SECOND);
	for (unsigned int max = 0; max <= ARRAY_SIZE(all) + 1; max++) {
		/* Exactly so much room, so that the sanitizer sees one too many. */
		struct storm_excess *excess = malloc(max * sizeof(*excess) + !max);
		unsigned int nr = storms__excess(&storms, only(STORM_STARTED), &difference, excess,
						 max);

		assert_int_equal(nr, ARRAY_SIZE(all));
		for (unsigned int i = 0; i < nr && i < max; i++)
			check(excess[i].sender == all[i].sender &&
			      excess[i].target == all[i].target && excess[i].vipi == all[i].vipi &&
			      excess[i].sends == all[i].sends, "%u of %u", i, max);
		free(excess);
	}
	end();
}

/* Any sends at all: no storm is told of twice, and each that begins ends. */
static void test_any(void **state)
{
	uint64_t random = 14;
	__u64 started = 0, ended = 0;

	for (int round = 0; round < 100; round++) {
		begin();
		for (int n = 0; n < 60; n++) {
			struct flow flows[MAX_FLOWS + 1] = {};

			for (unsigned int i = 0; n < 50 && i < unit__below(&random, MAX_FLOWS); i++)
				flows[i] = (struct flow){
					.sender = unit__below(&random, NR_CPUS),
					.target = unit__below(&random, NR_CPUS),
					.vipi = unit__below(&random, NR_VIPIS),
					.sends = 1 + unit__below(&random, 250),
				};
			interval(flows, SECOND);
			started += count(STORM_STARTED);
			ended += count(STORM_ENDED);
			for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
				unsigned int nr = 0;

				for (unsigned int i = 0; i < storms.nr_storms; i++)
					nr += (storms.storms[i].state == STORM_STARTED ||
					       storms.storms[i].state == STORM_GOES_ON) &&
					      cpuset__has(&storms.storms[i].targets, cpu);
				check(nr <= 1, "CPU %u is in %u storms", cpu, nr);
			}
		}
		assert_int_equal(count(STORM_GOES_ON), 0);
		assert_int_equal(started, ended);
		end();
	}
	/* Or nothing was tested. */
	assert_true(started > 500);
}

/* --- who sends --- */

static struct sender sender(unsigned int pid, unsigned int cpu, int stack, unsigned int target,
			    unsigned int vipi, __u64 sends, const char *command)
{
	struct sender sender = {
		.key = { .pid = pid, .tgid = pid / 10 * 10, .stack = stack, .cpu = cpu,
			 .target = target, .vipi = vipi },
		.value.sends = sends,
		.nr_frames = 3,
		.frames = { 0x1011, 0x2011, 0x3011 },
	};

	strncpy(sender.value.command, command, SENDERS_COMMAND_SIZE);
	/* As it comes in, see probe/senders.c. */
	make_printable_array(sender.value.command, SENDERS_COMMAND_SIZE);
	return sender;
}

static void test_rank(void **state)
{
	struct sender senders[] = {
		sender(11, 1, 5, 0, 0, 10, "few"), sender(12, 2, 5, 0, 0, 70, "many"),
		sender(12, 3, 5, 0, 0, 5, "many"), sender(12, 2, 6, 0, 0, 20, "many"),
		sender(12, 2, 5, 0, 1, 99, "many"), sender(12, 2, 5, 3, 0, 99, "many"),
		sender(13, 4, 5, 0, 0, 4, "many"), sender(21, 4, 5, 0, 0, 1, "many"),
		sender(22, 4, 5, 0, 0, 30, "many"),
	};
	struct senders_sample sample = { .nr_senders = ARRAY_SIZE(senders), .senders = senders };
	struct storm storm = { .vipis = 1 };
	struct storm_sender ranked[4];
	char cpus[32];
	__u64 total;

	/* The same, in an interrupt. */
	senders[8].key.context = SENDERS_INTERRUPT;
	cpuset__add(&storm.targets, 0);
	assert_int_equal(storm__rank(&storm, &sample, ranked, 3, &total), 4);
	assert_int_equal(total, 140);
	assert_int_equal(ranked[0].sends, 80);
	assert_int_equal(ranked[0].sender->key.pid, 12);
	assert_int_equal(ranked[0].sender->key.cpu, 2);
	assert_int_equal(ranked[0].nr_threads, 3);
	assert_int_equal(ranked[0].nr_processes, 2);
	cpuset__format(&ranked[0].cpus, cpus, sizeof(cpus));
	assert_string_equal(cpus, "2-4");
	assert_int_equal(ranked[1].sends, 30);
	assert_int_equal(ranked[2].sends, 20);
	assert_int_equal(ranked[2].nr_threads, 1);
	assert_int_equal(ranked[2].nr_processes, 1);
	/* Two targets: their sends are one sender's. */
	cpuset__add(&storm.targets, 3);
	assert_int_equal(storm__rank(&storm, &sample, ranked, 4, &total), 4);
	assert_int_equal(ranked[0].sends, 179);
	assert_int_equal(ranked[3].sends, 10);
	assert_int_equal(total, 239);
	/* All targets. */
	memset(&storm.targets, 0, sizeof(storm.targets));
	storm__rank(&storm, &sample, ranked, 3, &total);
	assert_int_equal(total, 239);
	sample.nr_senders = 0;
	assert_int_equal(storm__rank(&storm, &sample, ranked, 3, &total), 0);
	assert_int_equal(total, 0);
}

/* --- in words --- */

/* say - what the view prints of the last interval, to be freed; of the folded stacks if so */
static char *say(struct storm_details *details, bool json, bool folded)
{
	struct machine machine;
	struct interval interval = { .difference = &difference, .later = &later };
	struct view view;
	size_t size;
	char *text;
	FILE *out = open_memstream(&text, &size);

	unit__machine(&machine, NR_CPUS, NR_VIPIS);
	interval.storms = storms;
	interval.senders = details;
	view__init(&view, out, &machine);
	if (details->sample)
		assert_int_equal(storm_details__rank(details, &storms), 0);
	if (folded)
		view_storm__folded(out, details);
	else
		assert_int_equal((json ? &storm_json : &storm_text)->interval(&view, &interval),
				 0);
	storm_details__free(details);
	fclose(out);
	return text;
}

static void check_says(const char *text, const char *part)
{
	check(strstr(text, part), "no '%s' in:\n%s", part, text);
}

static void test_words(void **state)
{
	static const struct flow flows[] = { { 1, 0, 0, 301 }, { 2, 0, 0, 99 }, {} };
	static const __u64 addresses[] = { 0x1010, 0x2010, 0x3010 };
	struct sender senders[] = {
		sender(11, 1, 5, 0, 0, 70, "a;b c"), sender(0, 2, 5, 0, 0, 25, "swapper/2"),
		sender(12, 3, 5, 0, 0, 5, "a;b c"),
	};
	struct senders_sample sample = {
		.time = SECOND / 2, .nr_senders = 3, .senders = senders,
	};
	static const char kallsyms[] =
		"1000 T ipi_mux_send_mask\n2000 t caller\t[m]\n3000 T main_loop\n";
	struct symbols symbols;
	struct storm_details details = { .sample = &sample, .symbols = &symbols };
	FILE *file = fmemopen((void *)kallsyms, strlen(kallsyms), "r");
	char *text;

	assert_int_equal(symbols__init(&symbols, addresses, 3), 0);
	symbols__read(&symbols, file);
	fclose(file);
	senders[1].key.context = SENDERS_INTERRUPT;
	senders[1].frames[1] = 0x9999;
	begin();
	interval(flows, SECOND);

	text = say(&details, false, false);
	check_says(text, "storm: RESCHEDULE to CPU 0\n");
	check_says(text, "above 100/s: to CPU 0 400/s, RESCHEDULE 400/s, CPU 1 to CPU 0 301/s\n");
	check_says(text, ": 400 sends, 49.8 % coalesced\n");
	check_says(text, "who sends, in 0.50 s: 100 sends\n");
	check_says(text, " 75.0 % a;b c (pid 10, 2 threads) on CPUs 1,3\n");
	check_says(text, "on CPUs 1,3\n                     caller [m]\n"
		   "                     main_loop\n");
	check_says(text, " 25.0 % swapper/2 on CPU 2, in an interrupt, while idle\n");
	check_says(text, "                     0x9999\n");
	for (char *line = text; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
		check(strcspn(line, "\n") <= 100, "%s", line);
	check(!strstr(text, "ipi_mux_send_mask"), "%s", text);
	check(!strstr(text, "outside of the sample"), "%s", text);
	free(text);
	((struct storm *)only(STORM_STARTED))->uncertain = 3;
	((struct storm *)only(STORM_STARTED))->via = "fentry";
	text = say(&details, false, false);
	check_says(text, "49.8 % coalesced (via fentry: the outcome of 3 is uncertain)\n");
	free(text);
	((struct storm *)only(STORM_STARTED))->uncertain = 0;

	text = say(&details, false, true);
	assert_string_equal(text, "a_b c;main_loop;caller [m] 70\n"
			    "swapper/2;main_loop;0x9999 25\n"
			    "a_b c;main_loop;caller [m] 5\n");
	free(text);

	/* What cannot be known is not made up, and it is said why. */
	details.symbols = NULL;
	details.no_symbols = "hidden";
	sample.no_room = 7;
	text = say(&details, false, false);
	check_says(text, "no stacks: hidden\n");
	check_says(text, "outside of the sample: 7 without room, 0 missed\n");
	check(!strstr(text, "0x"), "%s", text);
	free(text);
	text = say(&details, false, true);
	assert_string_equal(text, "a_b c;[unknown] 70\nswapper/2;[unknown] 25\n"
			    "a_b c;[unknown] 5\n");
	free(text);
	details.sample = NULL;
	details.no_sample = "a recording has none";
	text = say(&details, false, false);
	check_says(text, "the senders are not known: a recording has none\n");
	free(text);
	text = say(&details, true, false);
	check_says(text, "\"no_sample\":\"a recording has none\"");
	free(text);

	interval((struct flow[]){ {} }, SECOND);
	interval((struct flow[]){ {} }, SECOND);
	text = say(&details, false, false);
	check_says(text, "storm over: RESCHEDULE to CPU 0\n");
	check_says(text, ", 1.000 s: 400 sends, 49.8 % coalesced, at most 400/s\n");
	free(text);
	interval((struct flow[]){ {} }, SECOND);
	text = say(&details, false, false);
	assert_string_equal(text, "");
	free(text);
	symbols__free(&symbols);
	end();
}

/* Of the JSON what a program would look at; what is in words is the same. */
static void test_json(void **state)
{
	static const struct flow flows[] = { { 1, 0, 0, 300 }, {} };
	struct sender senders[] = { sender(12, 1, 5, 0, 0, 75, "\xff\"quoted\"") };
	struct senders_sample sample = {
		.time = SECOND / 2, .nr_senders = 1, .senders = senders, .missed = 3,
	};
	struct storm_details details = { .sample = &sample, .no_symbols = "hidden" };
	const char *event, *command, *vipi, *no_symbols;
	int target, pid, thread, sends, sampled, missed;
	double rate, start, end_time;
	json_t *object, *stack;
	char *text;

	begin();
	interval(flows, SECOND);
	text = say(&details, true, false);
	object = json_loads(text, 0, NULL);
	check(object, "%s", text);
	check(!json_unpack(object, "{s:s, s:[s], s:[i], s:F, s:F, s:i, s:[{s:F}], s:s, "
			   "s:{s:i, s:i, s:[{s:s, s:i, s:i, s:o}]}}",
			   "event", &event, "vipis", &vipi, "targets", &target, "start", &start,
			   "end", &end_time, "sends", &sends, "above", "rate", &rate,
			   "no_symbols", &no_symbols, "sample", "sends", &sampled, "missed",
			   &missed, "senders", "command", &command, "pid", &pid, "thread",
			   &thread, "stack", &stack), "%s", text);
	assert_string_equal(event, "started");
	assert_string_equal(vipi, "RESCHEDULE");
	assert_string_equal(no_symbols, "hidden");
	/* No UTF-8: not a reason for no JSON. */
	assert_string_equal(command, "?\"quoted\"");
	assert_int_equal(target, 0);
	assert_int_equal(sends, 300);
	assert_int_equal(sampled, 75);
	assert_int_equal(missed, 3);
	assert_int_equal(pid, 10);
	assert_int_equal(thread, 12);
	assert_int_equal(json_array_size(stack), 0);
	assert_true(rate == 300 && start == 5000 && end_time == 5001);
	json_decref(object);
	free(text);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_life),
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_together),
		cmocka_unit_test(test_later),
		cmocka_unit_test(test_cpus),
		cmocka_unit_test(test_sums),
		cmocka_unit_test(test_excess),
		cmocka_unit_test(test_any),
		cmocka_unit_test(test_rank),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_json),
	};

	return UNIT_RUN("storm", tests);
}
