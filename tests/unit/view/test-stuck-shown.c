// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is stuck and shows in no balance: what was set before the run, on which sends coalesce or
 * which the multiplexer's words tell of; and a CPU that got no time, which is none.
 */
#include <string.h>

#include "unit.h"

#define SECOND		1000000000ULL
#define NR_CPUS		4
#define NR_VIPIS	8
#define CPU		2
#define VIPI		6
#define BIT		(1U << VIPI)

static const char * const names[] = {
	[STUCK_FOUND] = "found", [STUCK_HANDLED] = "handled", [STUCK_OFFLINE] = "offline",
	[STUCK_STARVED] = "starved",
};

/* happen - the events of a second, a letter each */
static void happen(struct snapshot *now, const char *events)
{
	now->ran_known = false;
	now->words.known = false;
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
		now->ran[cpu] += SECOND;
	for (; *events; events++) {
		switch (*events) {
		case 'r':
			unit__send(now, 0, CPU, VIPI, IPIMUX_RAISED, 1);
			break;
		case 'c':
			unit__send(now, 1, CPU, VIPI, IPIMUX_COALESCED, 1);
			break;
		case 'h':
			unit__process(now, CPU, BIT, 1);
			break;
		case 'p':	/* its word is read: pending and enabled */
		case 'm':	/* pending and masked */
		case 'n':	/* not pending */
			now->words.known = true;
			now->words.still[CPU] = ~0U;
			now->words.pending[CPU] = *events == 'n' ? 0 : BIT;
			now->words.enabled[CPU] = *events == 'm' ? 0 : BIT;
			break;
		case 'w':	/* as a process, while its counters moved */
			now->words.known = true;
			now->words.still[CPU] = ~BIT;
			now->words.pending[CPU] = BIT;
			now->words.enabled[CPU] = BIT;
			break;
		case 's':	/* the CPU got no time */
			now->ran[CPU] -= SECOND;
			/* fall through */
		case 't':	/* what each got is known */
			now->ran_known = true;
			break;
		}
	}
}

static void test_shown(void **state)
{
	static const struct {
		const char *what;
		const char *events[10];	/* the first are those at the start */
		const char *reports;	/* by the second in which they come */
		bool before;		/* it was set before the start */
		bool pending;		/* shown to be so, at the end */
	} cases[] = {
		{ "coalesced on it", { "", "c", "", "h" }, "2 found 3 handled", true, false },
		{ "and nothing since", { "", "", "", "c", "", "" }, "4 found", true, true },
		{ "coalesced and handled", { "", "ch", "ch", "ch" }, "", false, false },
		{ "coalesced, handled later", { "", "c", "h", "" }, "", false, false },
		{ "coalesced and raised: the balance tells", { "", "rc", "h", "", "" }, "",
		  false, false },
		{ "raised and stuck", { "", "r", "c", "c" }, "2 found", false, true },
		{ "its word, without a send", { "p", "p", "p" }, "1 found", true, true },
		{ "its word, at last clear", { "p", "p", "n" }, "1 found 2 handled", true, false },
		{ "its word, masked", { "m", "m", "m", "m" }, "", false, false },
		{ "its word, not at rest", { "", "w", "w", "w" }, "", false, false },
		{ "handled and set each time", { "p", "hrp", "hrp", "hrp" }, "", false, true },
		{ "the balance off, its word clear", { "n", "rn", "n", "n", "n" }, "", false,
		  false },
		{ "the CPU got no time", { "", "rt", "s", "s", "s", "h" },
		  "2 starved", false, false },
		{ "and then time", { "", "rt", "s", "s", "t", "t", "h" },
		  "2 starved 4 found 6 handled", false, false },
		{ "all had time", { "", "rt", "t", "t" }, "2 found", false, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct snapshot snapshots[10];
		char reports[128] = "";
		struct stuck stuck;
		bool before = false;
		size_t n;

		for (n = 0; n < ARRAY_SIZE(snapshots) && cases[i].events[n]; n++) {
			struct snapshot *now = &snapshots[n];

			unit__snapshot(now, NR_CPUS, NR_VIPIS, i % 2);
			now->time = (1000 + n) * SECOND;
			if (n)
				memcpy(now->ran, now[-1].ran, NR_CPUS * sizeof(*now->ran));
			for (size_t past = 0; past <= n; past++) {
				__u64 ran[NR_CPUS];

				memcpy(ran, now->ran, sizeof(ran));
				happen(now, cases[i].events[past]);
				if (past < n)
					memcpy(now->ran, ran, sizeof(ran));
			}
		}
		assert_int_equal(stuck__init(&stuck, &snapshots[0].counters.shape, 0), 0);
		for (size_t at = 1; at < n; at++) {
			stuck__watch(&stuck, &snapshots[at], &snapshots[at - 1]);
			for (unsigned int r = 0; r < stuck.nr_reports; r++) {
				const struct stuck_report *report = &stuck.reports[r];
				size_t length = strlen(reports);

				assert_int_equal(report->cpu, CPU);
				assert_int_equal(report->vipi, VIPI);
				snprintf(reports + length, sizeof(reports) - length, "%s%zu %s",
					 length ? " " : "", at, names[report->event]);
				if (report->event == STUCK_FOUND)
					before = !report->after.time;
			}
		}
		check(!strcmp(reports, cases[i].reports), "%s: '%s'", cases[i].what, reports);
		check(before == cases[i].before, "%s", cases[i].what);
		check(!stuck.pending[CPU] == !cases[i].pending, "%s", cases[i].what);
		for (size_t at = 0; at < n; at++)
			snapshot__free(&snapshots[at]);
		stuck__free(&stuck);
	}
}

/*
 * What the audit is told: five seconds in a row in which the CPU got time make it stuck, also those
 * that follow on a report; five of which it got none in some, that it made no progress; five in
 * which nobody looked in time, that.
 */
static void test_told_to_audit(void **state)
{
	/* A letter a second: t its CPU got time, s it got none, l it did, and nobody looked. */
	static const struct {
		const char *seconds;
		bool found, starved, unwatched;
	} cases[] = {
		{ "tttt", false, false, false },
		{ "tttttt", true, false, false },
		{ "tttssssssss", false, true, false },
		{ "tttsttts", false, true, false },
		{ "tttsttttttt", true, true, false },
		{ "ltltltltlt", false, false, true },
		{ "llllllllll", false, false, true },
		{ "lllltttttt", true, false, true },
		{ "ltl", false, false, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t n = strlen(cases[i].seconds) + 1;
		struct snapshot snapshots[12];
		struct stuck stuck;

		assert_true(n <= ARRAY_SIZE(snapshots));
		for (size_t at = 0; at < n; at++) {
			struct snapshot *now = &snapshots[at];

			unit__snapshot(now, NR_CPUS, NR_VIPIS, false);
			now->time = (1000 + at) * SECOND;
			if (at)
				memcpy(now->ran, now[-1].ran, NR_CPUS * sizeof(*now->ran));
			now->late = at && cases[i].seconds[at - 1] == 'l' ? SECOND : 0;
			happen(now, !at ? "" : cases[i].seconds[at - 1] == 's' ? "rs" : "rt");
		}
		assert_int_equal(stuck__init(&stuck, &snapshots[0].counters.shape, 0), 0);
		for (size_t at = 1; at < n; at++)
			stuck__watch(&stuck, &snapshots[at], &snapshots[at - 1]);
		check(!!stuck.found[CPU] == cases[i].found, "%s", cases[i].seconds);
		check(!!stuck.starved[CPU] == cases[i].starved, "%s", cases[i].seconds);
		check(!!stuck.unwatched[CPU] == cases[i].unwatched, "%s", cases[i].seconds);
		for (size_t at = 0; at < n; at++)
			snapshot__free(&snapshots[at]);
		stuck__free(&stuck);
	}
}

/*
 * The threshold is that of reports, and decides when a look is too late for them. What the audit is
 * told has thresholds of its own. (By the word: pending, masked or not.)
 */
static void test_thresholds(void **state)
{
	static const struct {
		const char *what;
		__u64 threshold, step, late;	/* ns */
		unsigned int nr;
		const char *masked;	/* in which looks its word says so, or it was unmasked */
		bool found, starved, unwatched;
		bool reported;
	} cases[] = {
		{ "10 ms, each look 6 ms late", SECOND / 100, SECOND / 100, SECOND / 166, 600, "",
		  true, false, false, false },
		{ "10 ms, none late", SECOND / 100, SECOND / 100, 0, 600, "", true, false, false,
		  true },
		{ "60 s, stopped for 20 s", 60 * SECOND, 20 * SECOND, 19 * SECOND, 2, "", false,
		  false, true, false },
		{ "60 s", 60 * SECOND, SECOND, 0, 10, "", true, false, false, false },
		{ "masked", SECOND, SECOND, 0, 10, "mmmmmmmmmm", false, false, false, false },
		{ "masked, and enabled in the end", SECOND, SECOND, 0, 9, "mmmmm", false, false,
		  false, true },
		{ "reported, and unmasked again and again", SECOND, SECOND, 0, 10, "---u--u--u",
		  true, false, false, true },
		{ "reported, and masked", SECOND, SECOND, 0, 10, "---mmmmmm", false, false, false,
		  true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct snapshot snapshots[2];
		struct stuck stuck;
		__u64 reported = 0;

		for (int n = 0; n < 2; n++) {
			unit__snapshot(&snapshots[n], NR_CPUS, NR_VIPIS, false);
			snapshots[n].time = 1000 * SECOND;
			snapshots[n].words.known = true;
			snapshots[n].words.still[CPU] = ~0U;
			snapshots[n].words.enabled[CPU] = BIT;
		}
		assert_int_equal(stuck__init(&stuck, &snapshots[0].counters.shape,
					     cases[i].threshold), 0);
		for (unsigned int n = 1; n <= cases[i].nr; n++) {
			struct snapshot *now = &snapshots[n % 2];
			char what = n <= strlen(cases[i].masked) ? cases[i].masked[n - 1] : '-';

			now->time = 1000 * SECOND + n * cases[i].step;
			now->late = cases[i].late;
			now->words.pending[CPU] = BIT;
			now->words.enabled[CPU] = what == 'm' ? 0 : BIT;
			if (n <= 2)
				unit__send(now, 0, CPU, VIPI, IPIMUX_RAISED, 1);
			if (what == 'u') {
				unit__unmask(&snapshots[0], CPU, VIPI, IPIMUX_UNMASK_PLAIN, n % 2);
				unit__unmask(now, CPU, VIPI, IPIMUX_UNMASK_PLAIN, 1);
			}
			stuck__watch(&stuck, now, &snapshots[(n + 1) % 2]);
			reported = stuck.nr_found;
		}
		check(!!stuck.found[CPU] == cases[i].found, "%s", cases[i].what);
		check(!!stuck.starved[CPU] == cases[i].starved, "%s", cases[i].what);
		check(!!stuck.unwatched[CPU] == cases[i].unwatched, "%s", cases[i].what);
		check(!!reported == cases[i].reported, "%s: %llu", cases[i].what,
		      (unsigned long long)reported);
		stuck__free(&stuck);
		for (int n = 0; n < 2; n++)
			snapshot__free(&snapshots[n]);
	}
}

/* is_found - pending since the start, unmasked at 3 s, handled at 7 s */
static bool is_found(__u64 threshold, bool other_cpus)
{
	struct snapshot now[9];
	struct stuck stuck;
	struct cpuset cpus = {};
	bool result = false;

	cpuset__add(&cpus, 0);
	unit__snapshot(&now[0], NR_CPUS, NR_VIPIS, false);
	assert_int_equal(stuck__init(&stuck, &now[0].counters.shape, threshold), 0);
	stuck.cpus = other_cpus ? &cpus : NULL;
	now[0].time = SECOND;
	for (int i = 1; i < 9; i++) {
		unit__snapshot(&now[i], NR_CPUS, NR_VIPIS, false);
		now[i].time = (i + 1) * SECOND;
		unit__send(&now[i], 0, CPU, VIPI, IPIMUX_RAISED, 1);
		if (i >= 4)
			unit__unmask(&now[i], CPU, VIPI, IPIMUX_UNMASK_PLAIN, 1);
		if (i >= 8)
			unit__process(&now[i], CPU, BIT, 1);
		stuck__watch(&stuck, &now[i], &now[i - 1]);
	}
	result = stuck.found[CPU] & BIT;
	stuck__free(&stuck);
	for (int i = 0; i < 9; i++)
		snapshot__free(&now[i]);
	return result;
}

/* What the audit is told does not depend on what is reported: on no threshold, of no CPU. */
static void test_options(void **state)
{
	assert_true(is_found(0, false));
	assert_true(is_found(10 * SECOND, false));
	assert_true(is_found(0, true));
}

/* stopped - what is found of a CPU that its host stopped for 6 s, looked at so often */
static __u32 stopped(__u64 interval, __u32 *starved)
{
	unsigned int nr = 6 * SECOND / interval;
	struct snapshot now[2];
	struct stuck stuck;
	__u32 result;

	for (int i = 0; i < 2; i++) {
		unit__snapshot(&now[i], NR_CPUS, NR_VIPIS, false);
		now[i].ran_known = true;
	}
	assert_int_equal(stuck__init(&stuck, &now[0].counters.shape, 0), 0);
	now[0].time = SECOND;
	unit__send(&now[1], 0, CPU, VIPI, IPIMUX_RAISED, 1);
	for (unsigned int i = 1; i <= nr; i++) {
		struct snapshot *later = &now[i % 2], *earlier = &now[(i + 1) % 2];

		later->time = SECOND + i * interval;
		for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
			later->ran[cpu] = cpu == CPU ? 0 : i * interval;
		stuck__watch(&stuck, later, earlier);
		if (i == 1)
			unit__send(&now[0], 0, CPU, VIPI, IPIMUX_RAISED, 1);
	}
	result = stuck.found[CPU];
	*starved = stuck.starved[CPU];
	stuck__free(&stuck);
	snapshot__free(&now[0]);
	snapshot__free(&now[1]);
	return result;
}

/* However often one looks. */
static void test_stopped(void **state)
{
	__u32 starved;
	__u32 found = stopped(SECOND, &starved);

	check(!found && starved, "1 s: found %x starved %x", found, starved);
	found = stopped(SECOND / 20, &starved);
	check(!found && starved, "50 ms: found %x starved %x", found, starved);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shown),
		cmocka_unit_test(test_told_to_audit),
		cmocka_unit_test(test_thresholds),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_stopped),
	};

	return UNIT_RUN("stuck-shown", tests);
}
