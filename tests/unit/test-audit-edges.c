// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is known of the edges of a run leaves no room: the multiplexer's words, counts at rest,
 * a CPU's processes and raises, masks and unmasks. And each excuse has a bound.
 */
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#define NR_CPUS		4
#define NR_VIPIS	8
#define CPU		2
#define VIPI		6
#define BIT		(1U << VIPI)

/* A run: its edges, and what was counted in between. */
struct run {
	struct snapshot first, last, difference;
	struct machine machine;
	__u32 stuck[NR_CPUS], unhandled[NR_CPUS], pending[NR_CPUS], starved[NR_CPUS];
	struct audit_facts facts;
};

static void set_up(struct run *run)
{
	size_t nr_cells = NR_CPUS * NR_VIPIS;

	memset(run, 0, sizeof(*run));
	unit__machine(&run->machine, NR_CPUS, NR_VIPIS);
	unit__snapshot(&run->first, NR_CPUS, NR_VIPIS, false);
	unit__snapshot(&run->last, NR_CPUS, NR_VIPIS, false);
	unit__snapshot(&run->difference, NR_CPUS, NR_VIPIS, false);
	assert_int_equal(snapshot__add(&run->difference, COUNTERS_MASKED), 0);
	run->facts = (struct audit_facts){
		.online_first = run->difference.online, .online = run->difference.online,
		.machine = &run->machine, .first = &run->first, .last = &run->last, .told = true,
		.unhandled = run->unhandled, .waited = STUCK_PATIENCE,
		.pending = run->pending, .starved = run->starved, .stuck = run->stuck,
	};
	memset(run->first.edge, EDGE_QUIET, nr_cells);
	memset(run->last.edge, EDGE_QUIET, nr_cells);
	run->first.words.known = run->last.words.known = true;
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
		run->first.words.still[cpu] = run->last.words.still[cpu] = ~0U;
		run->first.words.enabled[cpu] = run->last.words.enabled[cpu] = 0xff;
	}
}

static void tear_down(struct run *run)
{
	snapshot__free(&run->first);
	snapshot__free(&run->last);
	snapshot__free(&run->difference);
}

/* Of CPU 2 and vIPI 6. */
static void count(struct run *run, unsigned int raised, unsigned int masked, unsigned int handled)
{
	unit__send(&run->difference, 0, CPU, VIPI, IPIMUX_RAISED, raised);
	unit__send(&run->difference, 0, CPU, VIPI, IPIMUX_MASKED, masked);
	unit__process(&run->difference, CPU, BIT, handled);
}

/* So many sends of these with an outcome that is uncertain. */
static void doubt(struct snapshot *snapshot, __u64 sends)
{
	const struct counters *counters = &snapshot->counters;
	__u64 at = ipimux_doubts_index(&counters->shape, CPU, VIPI, IPIMUX_UNCERTAIN);

	counters->doubts[at] = sends;
}

/* So many masks, of a vIPI that is not pending. */
static void mask(struct snapshot *snapshot, unsigned int cpu, unsigned int vipi, __u64 masks)
{
	const struct counters *counters = &snapshot->counters;
	__u64 at = ipimux_masked_index(&counters->shape, cpu, vipi, IPIMUX_MASK_PLAIN);

	counters->masked[at] = masks;
}

/* More raises than processes, as where two of them meet in the hardware. */
static void merge(struct run *run, unsigned int cpu)
{
	unit__send(&run->difference, 0, cpu, 5, IPIMUX_RAISED, 100);
	unit__send(&run->difference, 0, cpu, 7, IPIMUX_RAISED, 100);
	unit__process(&run->difference, cpu, 1U << 5 | 1U << 7, 100);
}

/* judge - audits, and says what it found of CPU 2 and vIPI 6: -1 nothing, else the worst */
static int judge(struct run *run, struct audit *audit)
{
	enum audit_verdict worst = AUDIT_BALANCED;
	int finding = -1;

	assert_int_equal(audit__run(audit, &run->difference, &run->facts), 0);
	for (unsigned int i = 0; i < audit->nr_entries; i++) {
		const struct audit_entry *entry = &audit->entries[i];

		if (entry->cpu != CPU || entry->vipi != VIPI ||
		    (finding >= 0 && entry->verdict <= worst))
			continue;
		finding = entry->finding;
		worst = entry->verdict;
	}
	return finding;
}

/* Where the bit was read at both edges, one more or less is not forgiven. */
static void test_words(void **state)
{
	static const struct {
		const char *what;
		unsigned int raised, masked, handled;
		bool was, is, enabled, unhandled;
		int finding;
		enum audit_verdict verdict;
	} cases[] = {
		{ "all handled", 5, 0, 5, false, false, true, false, -1, AUDIT_BALANCED },
		{ "one lost in traffic", 5, 0, 4, false, false, true, false, AUDIT_LOST,
		  AUDIT_OFF },
		{ "one handled too many", 5, 0, 6, false, false, true, false,
		  AUDIT_NEVER_SENT, AUDIT_OFF },
		{ "carried in", 5, 0, 6, true, false, true, false, AUDIT_CARRIED_IN,
		  AUDIT_BALANCED },
		/* One carried in and handled, one raised and stuck: they do not cancel. */
		{ "carried in, and stuck", 5, 0, 5, true, true, true, true, AUDIT_STUCK,
		  AUDIT_OFF },
		{ "carried in, and lost", 5, 0, 5, true, false, true, false, AUDIT_LOST,
		  AUDIT_OFF },
		{ "stuck before the start", 0, 0, 0, true, true, true, true, AUDIT_STUCK,
		  AUDIT_OFF },
		{ "pending, and on its way", 5, 0, 4, false, true, true, false,
		  AUDIT_STILL_PENDING, AUDIT_BALANCED },
		{ "masked", 5, 1, 5, false, true, false, true, AUDIT_STILL_PENDING,
		  AUDIT_BALANCED },
		{ "masked, and forgotten", 5, 1, 5, false, false, false, true, AUDIT_LOST,
		  AUDIT_OFF },
		{ "pending out of nothing", 5, 0, 5, false, true, false, true,
		  AUDIT_NEVER_SENT, AUDIT_OFF },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct audit audit;
		struct run run;
		int finding;

		set_up(&run);
		merge(&run, CPU);
		count(&run, cases[i].raised, cases[i].masked, cases[i].handled);
		run.first.words.pending[CPU] = cases[i].was ? BIT : 0;
		run.last.words.pending[CPU] = cases[i].is ? BIT : 0;
		if (!cases[i].enabled) {
			run.last.words.enabled[CPU] &= ~BIT;
			mask(&run.difference, CPU, VIPI, 1);
		}
		run.unhandled[CPU] = cases[i].unhandled ? BIT : 0;
		finding = judge(&run, &audit);
		check(finding == cases[i].finding, "%s: %d", cases[i].what, finding);
		check(audit.verdict == cases[i].verdict, "%s: %d", cases[i].what, audit.verdict);
		audit__free(&audit);
		tear_down(&run);
	}
}

/* What is off by one is looked at again before it is called off, unless nobody waits. */
static void test_again(void **state)
{
	struct audit audit;
	struct run run;

	set_up(&run);
	count(&run, 5, 0, 4);
	run.facts.told = false;
	for (run.facts.tries = 0; run.facts.tries < 5; run.facts.tries++) {
		judge(&run, &audit);
		check(audit.undecided == (run.facts.tries < 3), "try %u", run.facts.tries);
		check(audit.verdict == AUDIT_OFF, "try %u", run.facts.tries);
		audit__free(&audit);
	}
	tear_down(&run);
}

/* Never quiet: that is said, and what cannot be under way is proved all the same. */
static void test_busy(void **state)
{
	for (int balance = -12; balance <= 12; balance++) {
		struct audit audit;
		struct run run;
		int finding;

		set_up(&run);
		merge(&run, CPU);
		count(&run, 20, 0, 20 - balance);
		run.last.edge[CPU * NR_VIPIS + VIPI] = EDGE_BUSY;
		finding = judge(&run, &audit);
		check(finding == (balance > 6 ? AUDIT_LOST : balance < -6 ? AUDIT_NEVER_SENT :
				  AUDIT_NOT_DECIDED), "%d: %d", balance, finding);
		check(audit.verdict == (finding == AUDIT_NOT_DECIDED ? AUDIT_EXCEPT : AUDIT_OFF),
		      "%d", balance);
		audit__free(&audit);
		tear_down(&run);
	}
}

/*
 * A process without a raise: on a CPU that was at rest at the start, or not, or to which a parent
 * IPI was on its way, as its words tell; and one that came up.
 */
static void test_processes(void **state)
{
	for (int i = 0; i < 16; i++) {
		bool quiet = i & 1, extra = i & 2, came_up = i & 4, raised = i & 8;
		enum audit_verdict verdict = !extra || raised ? AUDIT_BALANCED :
					     !quiet || came_up ? AUDIT_EXCEPT : AUDIT_OFF;
		struct audit audit;
		struct run run;

		set_up(&run);
		count(&run, 5, 0, 5 + raised);
		run.first.words.pending[CPU] = raised ? BIT : 0;
		unit__process(&run.difference, CPU, 0, extra && !raised);
		if (!quiet)
			run.first.edge[CPU * NR_VIPIS + 3] = EDGE_TYPICAL;
		for (unsigned int vipi = 0; vipi < NR_VIPIS && came_up; vipi++) {
			unit__unmask(&run.difference, CPU, vipi, IPIMUX_UNMASK_PLAIN, 1);
			mask(&run.difference, CPU, vipi, 1);
		}
		run.facts.hotplug = came_up;
		judge(&run, &audit);
		check(audit.verdict == verdict, "%d: %d", i, audit.verdict);
		if (verdict != AUDIT_BALANCED) {
			assert_int_equal(audit.nr_entries, 1);
			assert_int_equal(audit.entries[0].vipi, AUDIT_NO_VIPI);
			assert_int_equal(audit.entries[0].finding,
					 !quiet ? AUDIT_UNCOMPARED_RAISES :
					 came_up ? AUDIT_WOKEN : AUDIT_EXTRA_PROCESSES);
		}
		audit__free(&audit);
		tear_down(&run);
	}
}

/* A CPU that went offline: its last CALL_FUNC, to the first one; nothing else, nowhere else. */
static void test_offline(void **state)
{
	static const struct {
		unsigned int cpu, vipi, offlinings, handled;
		bool silent;
		enum audit_verdict verdict;
	} cases[] = {
		{ 0, 1, 3, 3, false, AUDIT_EXCEPT },
		{ 0, 1, 3, 6, false, AUDIT_EXCEPT },
		{ 0, 1, 3, 7, false, AUDIT_OFF },
		{ 1, 1, 3, 1, false, AUDIT_OFF },
		{ 0, 0, 3, 1, false, AUDIT_OFF },
		{ 3, 4, 3, 3, false, AUDIT_EXCEPT },
		{ 3, 4, 3, 4, false, AUDIT_OFF },
		{ 2, 4, 3, 1, false, AUDIT_OFF },
		{ 0, 1, 0, 1, false, AUDIT_OFF },
		/* A kernel that shows nothing of CPUs on their way: a bound that was measured. */
		{ 1, 0, 3, 20, true, AUDIT_EXCEPT },
		{ 1, 0, 3, 61, true, AUDIT_OFF },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct audit audit;
		struct run run;

		set_up(&run);
		for (unsigned int vipi = 0; vipi < NR_VIPIS; vipi++) {
			unit__unmask(&run.difference, 3, vipi, IPIMUX_UNMASK_PLAIN,
				     cases[i].offlinings);
			mask(&run.difference, 3, vipi, cases[i].offlinings);
		}
		if (cases[i].silent) {
			free(run.difference.counters.masked);
			run.difference.counters.masked = NULL;
		}
		unit__process(&run.difference, cases[i].cpu, 1U << cases[i].vipi,
			      cases[i].handled);
		merge(&run, cases[i].cpu);
		run.facts.hotplug = true;
		judge(&run, &audit);
		check(audit.verdict == cases[i].verdict, "case %zu: %d", i, audit.verdict);
		check(audit.offlinings == cases[i].offlinings, "case %zu: %u", i,
		      audit.offlinings);
		audit__free(&audit);
		tear_down(&run);
	}
}

/* Masks and unmasks take turns, the enabled word agrees, nothing is handled in between. */
static void test_masks(void **state)
{
	static const struct {
		unsigned int masks, unmasks, handled;
		bool was_enabled, is_enabled;
		int finding;
	} cases[] = {
		{ 0, 0, 0, true, true, -1 },
		{ 3, 3, 0, true, true, -1 },
		{ 3, 2, 0, true, false, -1 },
		{ 2, 3, 0, false, true, -1 },
		{ 3, 2, 0, true, true, AUDIT_MASK_IGNORED },
		{ 3, 3, 2, true, true, AUDIT_MASK_IGNORED },
		{ 3, 3, 0, true, false, AUDIT_NO_TURNS },
		{ 4, 2, 0, true, false, AUDIT_NO_TURNS },
		{ 1, 4, 0, true, true, AUDIT_NO_TURNS },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct audit audit;
		struct run run;
		__u64 *masked;
		int finding;

		set_up(&run);
		masked = run.difference.counters.masked + ipimux_masked_index(
			&run.difference.counters.shape, CPU, VIPI, 0);
		masked[IPIMUX_MASK_PLAIN] = cases[i].masks;
		masked[IPIMUX_MASK_HANDLED] = cases[i].handled;
		unit__unmask(&run.difference, CPU, VIPI, IPIMUX_UNMASK_PLAIN, cases[i].unmasks);
		if (!cases[i].was_enabled)
			run.first.words.enabled[CPU] &= ~BIT;
		if (!cases[i].is_enabled)
			run.last.words.enabled[CPU] &= ~BIT;
		finding = judge(&run, &audit);
		check(finding == cases[i].finding, "case %zu: %d", i, finding);
		audit__free(&audit);
		tear_down(&run);
	}
}

/* A word that changed at the end, and is not counted yet, is looked at again. */
static void test_masks_again(void **state)
{
	for (int masks = 0; masks < 2; masks++)
		for (unsigned int tries = 0; tries < 5; tries++) {
			struct audit audit;
			struct run run;

			set_up(&run);
			mask(&run.difference, CPU, VIPI, masks);
			run.last.words.enabled[CPU] &= masks ? ~0U : ~BIT;
			run.facts.told = false;
			run.facts.tries = tries;
			assert_int_equal(judge(&run, &audit),
					 masks ? AUDIT_MASK_IGNORED : AUDIT_NO_TURNS);
			check(audit.undecided == (tries < 3), "try %u", tries);
			audit__free(&audit);
			tear_down(&run);
		}
}

/* --verify: each raised send and each kick raised the parent IPI once, each handler started. */
static void test_verified(void **state)
{
	static const struct {
		int parents, started;
		__u64 missed;
		bool went;
		enum audit_verdict verdict;
		int parents_of_2;
	} cases[] = {
		{ 0, 0, 0, false, AUDIT_BALANCED },
		{ -1, 0, 0, false, AUDIT_OFF },
		{ 1, 0, 0, false, AUDIT_OFF },
		{ -1, 0, 1, false, AUDIT_EXCEPT },
		{ -2, 0, 1, false, AUDIT_OFF },
		{ -1, 0, 0, true, AUDIT_EXCEPT },
		{ -AUDIT_SILENT_SENDS, 0, 0, true, AUDIT_EXCEPT },
		{ -AUDIT_SILENT_SENDS - 1, 0, 0, true, AUDIT_OFF },
		{ 1, 0, 0, true, AUDIT_OFF },
		{ 0, 1, 0, false, AUDIT_OFF },
		{ 0, -1, 0, false, AUDIT_OFF },
		/* An event missed is one CPU's, not each one's. */
		{ 1, 0, 2, false, AUDIT_EXCEPT, 1 },
		{ 1, 0, 1, false, AUDIT_OFF, 1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct audit audit;
		struct run run;

		set_up(&run);
		assert_int_equal(snapshot__add(&run.difference, COUNTERS_PARENTS), 0);
		assert_int_equal(snapshot__add(&run.difference, COUNTERS_STARTED), 0);
		unit__send(&run.difference, 1, CPU, VIPI, IPIMUX_RAISED, 50);
		unit__process(&run.difference, CPU, BIT, 50);
		run.difference.missed = cases[i].missed;
		run.difference.counters.parents[1] = 50 + cases[i].parents;
		run.difference.counters.parents[2] = cases[i].parents_of_2;
		run.difference.counters.started[ipimux_started_index(
			&run.difference.counters.shape, CPU, VIPI)] = 50 + cases[i].started;
		if (cases[i].went)
			memset(&run.facts.online_first, 0, sizeof(run.facts.online_first));
		judge(&run, &audit);
		check(audit.verdict == cases[i].verdict, "case %zu: %d", i, audit.verdict);
		assert_true(audit.verified);
		audit__free(&audit);
		tear_down(&run);
	}
}

/*
 * What is late is not excused by an event that was missed elsewhere, nor by one that another
 * CPU's balance has used up; and no more of it than were missed.
 */
static void test_late(void **state)
{
	static const struct {
		unsigned int cpu;
		enum ipimux_late late;
		unsigned int number;
		__u64 missed;
		int finding;		/* -1: none */
		unsigned int found;
	} cases[] = {
		{ 1, IPIMUX_LATE_HANDLER, 2, 0, AUDIT_LATE_HANDLERS, 2 },
		{ 1, IPIMUX_LATE_HANDLER, 1, 1, -1, 0 },
		{ 1, IPIMUX_LATE_HANDLER, 3, 1, AUDIT_LATE_HANDLERS, 2 },
		/* Behind CPU 2, which handled one more than was sent. */
		{ 3, IPIMUX_LATE_HANDLER, 1, 1, -1, 0 },
		{ 3, IPIMUX_LATE_HANDLER, 3, 1, AUDIT_LATE_HANDLERS, 2 },
		{ 3, IPIMUX_LATE_RAISE, 1, 1, -1, 0 },
		{ 3, IPIMUX_LATE_RAISE, 2, 1, AUDIT_LATE_RAISES, 1 },
		{ 1, IPIMUX_LATE_ENABLED, 1, 5, AUDIT_STALE_ENABLED, 1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct audit audit;
		struct run run;
		unsigned int found = 0;

		set_up(&run);
		assert_int_equal(snapshot__add(&run.difference, COUNTERS_LATE), 0);
		count(&run, 50, 0, 50 + (cases[i].missed == 1));
		run.difference.missed = cases[i].missed;
		run.difference.counters.late[ipimux_late_index(
			&run.difference.counters.shape, cases[i].cpu, cases[i].late)] =
			cases[i].number;
		judge(&run, &audit);
		for (unsigned int j = 0; j < audit.nr_entries; j++)
			if (audit.entries[j].cpu == cases[i].cpu &&
			    (int)audit.entries[j].finding == cases[i].finding)
				found += audit.entries[j].number;
		check(found == cases[i].found, "case %zu: %u", i, found);
		check((audit.verdict == AUDIT_OFF) == (cases[i].finding >= 0), "case %zu: %d", i,
		      audit.verdict);
		audit__free(&audit);
		tear_down(&run);
	}
}

/*
 * A CPU that came or went raises unseen, a bounded number of times: each may lack a parent IPI, and
 * make one raise look late. That is said, and more of either is off.
 */
static void test_silent_raises(void **state)
{
	static const struct {
		unsigned int ups, offlinings;
		bool online_first, online;
		unsigned int late;
		int not_raised;
		enum audit_verdict verdict;
	} cases[] = {
		{ 0, 0, true, true, 1, 0, AUDIT_OFF },
		{ 0, 0, true, true, 0, 1, AUDIT_OFF },
		{ 0, 1, true, false, 1, 0, AUDIT_EXCEPT },
		{ 0, 1, true, false, 20, 20, AUDIT_EXCEPT },
		{ 0, 1, true, false, 21, 0, AUDIT_OFF },
		{ 0, 1, true, false, 0, 21, AUDIT_OFF },
		{ 1, 0, false, true, 20, 20, AUDIT_EXCEPT },
		{ 1, 0, false, true, 21, 0, AUDIT_OFF },
		{ 1, 0, false, true, 0, 21, AUDIT_OFF },
		{ 1, 1, true, true, 40, 40, AUDIT_EXCEPT },
		{ 1, 1, true, true, 41, 0, AUDIT_OFF },
		{ 1, 1, true, true, 0, 41, AUDIT_OFF },
		/* Its masks, or unmasks, were before the start. */
		{ 0, 0, false, true, 20, 0, AUDIT_EXCEPT },
		{ 0, 0, true, false, 0, 20, AUDIT_EXCEPT },
		/* Its last sends, of which only the raises are seen. */
		{ 1, 1, true, true, 0, -3, AUDIT_EXCEPT },
		{ 1, 1, true, true, 0, -4, AUDIT_OFF },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct audit audit;
		struct run run;

		set_up(&run);
		assert_int_equal(snapshot__add(&run.difference, COUNTERS_LATE), 0);
		assert_int_equal(snapshot__add(&run.difference, COUNTERS_PARENTS), 0);
		unit__send(&run.difference, 1, CPU, VIPI, IPIMUX_RAISED, 50);
		unit__process(&run.difference, CPU, BIT, 50);
		run.difference.counters.parents[1] = 50 - cases[i].not_raised;
		run.difference.counters.late[ipimux_late_index(
			&run.difference.counters.shape, 1, IPIMUX_LATE_RAISE)] = cases[i].late;
		for (unsigned int vipi = 0; vipi < NR_VIPIS; vipi++) {
			unit__unmask(&run.difference, 1, vipi, IPIMUX_UNMASK_PLAIN, cases[i].ups);
			mask(&run.difference, 1, vipi, cases[i].offlinings);
		}
		if (!cases[i].online_first) {
			cpuset__parse(&run.facts.online_first, "0,2-3");
			run.first.words.enabled[1] = 0;
		}
		if (!cases[i].online) {
			cpuset__parse(&run.last.online, "0,2-3");
			run.last.words.enabled[1] = 0;
		}
		/* Of what its masks and unmasks say otherwise is another test. */
		if (cases[i].ups == cases[i].offlinings)
			run.first.words.enabled[1] = run.last.words.enabled[1];
		run.facts.hotplug = true;
		judge(&run, &audit);
		check(audit.verdict == cases[i].verdict, "case %zu: %d", i, audit.verdict);
		audit__free(&audit);
		tear_down(&run);
	}
}

/* Masked sends without a kick: as many as unmasks may have been missed, wherever the CPU comes. */
static void test_not_kicked(void **state)
{
	for (unsigned int without = 0; without < 4; without++)
		for (__u64 missed = 0; missed < 3; missed++) {
			struct audit audit;
			struct run run;
			bool off;
			int finding;

			set_up(&run);
			/* The CPU before uses up an excuse. */
			unit__send(&run.difference, 0, 0, VIPI, IPIMUX_RAISED, 10);
			unit__process(&run.difference, 0, BIT, 10 + (missed != 0));
			count(&run, 0, 10, 10);
			unit__unmask(&run.difference, CPU, VIPI, IPIMUX_UNMASK_KICK, 10 - without);
			unit__unmask(&run.difference, CPU, VIPI, IPIMUX_UNMASK_PLAIN, without);
			mask(&run.difference, CPU, VIPI, 10);
			run.difference.missed = missed;
			finding = judge(&run, &audit);
			off = finding == AUDIT_NOT_KICKED;
			check(off == (without > missed), "%u without a kick, %llu missed: %d",
			      without, (unsigned long long)missed, finding);
			audit__free(&audit);
			tear_down(&run);
		}
}

/* The kick of what was pending and masked at the start makes up for no other one. */
static void test_not_kicked_carried_in(void **state)
{
	for (unsigned int kicks = 0; kicks < 3; kicks++)
		for (int waits = 0; waits < 2; waits++) {
			struct audit audit;
			struct run run;
			int finding;

			set_up(&run);
			run.first.words.pending[CPU] = BIT;
			run.first.words.enabled[CPU] &= ~BIT;
			run.last.words.pending[CPU] = waits ? BIT : 0;
			run.last.words.enabled[CPU] &= waits ? ~BIT : ~0U;
			merge(&run, CPU);
			count(&run, 0, 1, 2 - waits);
			unit__unmask(&run.difference, CPU, VIPI, IPIMUX_UNMASK_KICK, kicks);
			unit__unmask(&run.difference, CPU, VIPI, IPIMUX_UNMASK_PLAIN, 2 - kicks);
			mask(&run.difference, CPU, VIPI, 1 + waits);
			finding = judge(&run, &audit);
			check((finding == AUDIT_NOT_KICKED) == (kicks + waits < 2),
			      "%u kicks, %d waits: %d", kicks, waits, finding);
			audit__free(&audit);
			tear_down(&run);
		}
}

/* What was pending when it was masked waits for its kick, too; a send just then may be both. */
static void test_not_kicked_found(void **state)
{
	for (unsigned int kicks = 0; kicks < 5; kicks++)
		for (int waits = 0; waits < 2; waits++) {
			struct audit audit;
			struct run run;
			__u64 *masks;
			int finding;

			set_up(&run);
			masks = run.difference.counters.masked + ipimux_masked_index(
				&run.difference.counters.shape, CPU, VIPI, 0);
			run.last.words.pending[CPU] = waits ? BIT : 0;
			run.last.words.enabled[CPU] &= waits ? ~BIT : ~0U;
			merge(&run, CPU);
			/* Three masks, each found it pending: raised before, but one in between. */
			count(&run, 5, 1, 6 - waits);
			masks[IPIMUX_MASK_PENDING] = 3;
			unit__unmask(&run.difference, CPU, VIPI, IPIMUX_UNMASK_KICK, kicks);
			unit__unmask(&run.difference, CPU, VIPI, IPIMUX_UNMASK_PLAIN,
				     kicks < 3U - waits ? 3 - waits - kicks : 0);
			masks[IPIMUX_MASK_PLAIN] = kicks > 3U - waits ? kicks - 3 + waits : 0;
			finding = judge(&run, &audit);
			check((finding == AUDIT_NOT_KICKED) == (kicks + waits < 3),
			      "%u kicks, %d waits: %d", kicks, waits, finding);
			audit__free(&audit);
			tear_down(&run);
		}
}

/* What a missed event excuses of any law is named, and the verdict says except. */
static void test_missed_is_named(void **state)
{
	enum { HANDLER, RAISE, PROCESS, KICK, NR };

	for (int law = 0; law < NR; law++)
		for (__u64 missed = 0; missed < 3; missed++) {
			struct audit audit;
			struct run run;
			bool named = false;

			set_up(&run);
			assert_int_equal(snapshot__add(&run.difference, COUNTERS_LATE), 0);
			run.difference.missed = missed;
			count(&run, 9, 0, 9);
			if (law == PROCESS)
				unit__process(&run.difference, CPU, 0, 2);
			else if (law == KICK)
				unit__send(&run.difference, 0, CPU, 5, IPIMUX_MASKED, 2);
			else
				run.difference.counters.late[ipimux_late_index(
					&run.difference.counters.shape, CPU, law == RAISE ?
					IPIMUX_LATE_RAISE : IPIMUX_LATE_HANDLER)] = 2;
			/* Those came along with others. */
			if (law == KICK) {
				unit__process(&run.difference, CPU, 1U << 5, 2);
				unit__send(&run.difference, 0, CPU, 7, IPIMUX_RAISED, 2);
				unit__process(&run.difference, CPU, 1U << 7, 2);
				merge(&run, CPU);
			}
			judge(&run, &audit);
			for (unsigned int n = 0; n < audit.nr_entries; n++)
				named |= audit.entries[n].reason == AUDIT_BECAUSE_MISSED &&
					 audit.entries[n].number == missed;
			check(named == (missed > 0), "law %d, %llu missed", law, missed);
			check(audit.verdict == (missed == 2 ? AUDIT_EXCEPT : AUDIT_OFF),
			      "law %d, %llu missed: %d", law, missed, audit.verdict);
			audit__free(&audit);
			tear_down(&run);
		}
}

/* With fentry: as many as have an uncertain outcome, and no more. */
static void test_not_kicked_uncertain(void **state)
{
	for (unsigned int doubts = 0; doubts < 5; doubts++) {
		struct audit audit;
		struct run run;

		set_up(&run);
		assert_int_equal(snapshot__add(&run.difference, COUNTERS_DOUBTS), 0);
		doubt(&run.difference, doubts);
		count(&run, 0, 10, 10);
		unit__unmask(&run.difference, CPU, VIPI, IPIMUX_UNMASK_KICK, 7);
		unit__unmask(&run.difference, CPU, VIPI, IPIMUX_UNMASK_PLAIN, 3);
		mask(&run.difference, CPU, VIPI, 10);
		check((judge(&run, &audit) == AUDIT_NOT_KICKED) == (doubts < 3), "%u uncertain",
		      doubts);
		check(audit.verdict == (doubts < 3 ? AUDIT_OFF : AUDIT_EXCEPT), "%u uncertain",
		      doubts);
		audit__free(&audit);
		tear_down(&run);
	}
}

/* The same of processes without a raise. */
static void test_processes_uncertain(void **state)
{
	for (unsigned int doubts = 0; doubts < 5; doubts++) {
		struct audit audit;
		struct run run;

		set_up(&run);
		assert_int_equal(snapshot__add(&run.difference, COUNTERS_DOUBTS), 0);
		doubt(&run.difference, doubts);
		count(&run, 10, 0, 10);
		unit__process(&run.difference, CPU, 0, 3);
		judge(&run, &audit);
		check(audit.verdict == (doubts < 3 ? AUDIT_OFF : AUDIT_EXCEPT), "%u uncertain",
		      doubts);
		check(audit.nr_entries == 1 + (doubts == 1 || doubts == 2), "%u uncertain: %u",
		      doubts, audit.nr_entries);
		audit__free(&audit);
		tear_down(&run);
	}
}

/* Without the words: coalesced sends show what is pending, a CPU without time is named. */
static void test_without_words(void **state)
{
	for (int starved = 0; starved < 3; starved++) {
		struct audit audit;
		struct run run;

		set_up(&run);
		run.first.words.known = run.last.words.known = false;
		unit__send(&run.difference, 0, CPU, VIPI, IPIMUX_COALESCED, 100);
		run.pending[CPU] = run.unhandled[CPU] = BIT;
		run.starved[CPU] = starved == 1 ? BIT : 0;
		if (starved == 2)
			cpuset__add(&run.facts.without_time, CPU);
		assert_int_equal(judge(&run, &audit), starved ? AUDIT_NO_PROGRESS : AUDIT_STUCK);
		assert_int_equal(audit.verdict, starved ? AUDIT_EXCEPT : AUDIT_OFF);
		audit__free(&audit);
		tear_down(&run);
	}
}

/*
 * What is pending at the end is waited for, and stuck, also where the balance is excused: it was
 * pending at the attach, its outcomes are guessed, the start was busy, a CPU's last send unseen.
 */
static void test_stuck_and_excused(void **state)
{
	enum { ATTACHED, GUESSED, BUSY, OFFLINE, NR };

	for (int i = 0; i < NR * 3; i++) {
		int excuse = i / 3;
		bool waited = i % 3, unhandled = i % 3 != 2;
		unsigned int cpu = excuse == OFFLINE ? 0 : CPU, vipi = excuse == OFFLINE ? 1 : VIPI;
		struct audit audit;
		struct run run;
		bool stuck = false;

		set_up(&run);
		/* One more was handled than is known of, and one is pending. */
		unit__send(&run.difference, 1, cpu, vipi, IPIMUX_RAISED, 5);
		unit__process(&run.difference, cpu, 1U << vipi, 5);
		run.last.words.pending[cpu] = 1U << vipi;
		run.unhandled[cpu] = unhandled ? 1U << vipi : 0;
		run.facts.waited = waited ? STUCK_PATIENCE : 0;
		run.facts.told = false;
		run.facts.tries = 9;
		if (excuse == ATTACHED) {
			run.first.words.known = false;
			memset(run.first.edge, EDGE_NONE, NR_CPUS * NR_VIPIS);
		} else if (excuse == GUESSED) {
			assert_int_equal(snapshot__add(&run.difference, COUNTERS_DOUBTS), 0);
			run.difference.counters.doubts[ipimux_doubts_index(
				&run.difference.counters.shape, cpu, vipi, IPIMUX_UNCERTAIN)] = 1;
		} else if (excuse == BUSY) {
			run.first.edge[cpu * NR_VIPIS + vipi] = EDGE_BUSY;
		} else {
			run.facts.hotplug = true;
			run.facts.leaving = 1;
		}
		judge(&run, &audit);
		for (unsigned int n = 0; n < audit.nr_entries; n++)
			stuck |= audit.entries[n].finding == AUDIT_STUCK;
		check(stuck == (waited && unhandled), "case %d", i);
		check(audit.undecided == (!waited && unhandled), "case %d", i);
		check((audit.verdict == AUDIT_OFF) == stuck, "case %d: %d", i, audit.verdict);
		audit__free(&audit);
		tear_down(&run);
	}
}

/* Outcomes that are uncertain since the end explain what was counted since the end. */
static void test_uncertain_since(void **state)
{
	for (int doubts = 0; doubts < 2; doubts++) {
		struct audit audit;
		struct run run, since;

		set_up(&run);
		set_up(&since);
		assert_int_equal(snapshot__add(&run.difference, COUNTERS_DOUBTS), 0);
		assert_int_equal(snapshot__add(&since.difference, COUNTERS_DOUBTS), 0);
		count(&run, 5, 0, 5);
		count(&since, 7, 0, 6);
		since.difference.counters.doubts[ipimux_doubts_index(
			&since.difference.counters.shape, CPU, VIPI, IPIMUX_UNCERTAIN)] = doubts;
		run.facts.since = &since.difference;
		assert_int_equal(judge(&run, &audit), doubts ? AUDIT_GUESSED : AUDIT_LOST);
		assert_int_equal(audit.verdict, doubts ? AUDIT_EXCEPT : AUDIT_OFF);
		/* What is shown is of the run. */
		assert_int_equal(audit.uncertain, 0);
		audit__free(&audit);
		tear_down(&since);
		tear_down(&run);
	}
}

/* What was stuck in the run is, also where its CPU gets no time at the end. */
static void test_stuck_before_starved(void **state)
{
	for (int starved = 0; starved < 2; starved++) {
		struct audit audit;
		struct run run;

		set_up(&run);
		count(&run, 5, 0, 4);
		run.last.words.pending[CPU] = run.unhandled[CPU] = run.stuck[CPU] = BIT;
		run.starved[CPU] = starved ? BIT : 0;
		if (!starved)
			cpuset__add(&run.facts.without_time, CPU);
		assert_int_equal(judge(&run, &audit), AUDIT_STUCK);
		assert_int_equal(audit.verdict, AUDIT_OFF);
		audit__free(&audit);
		tear_down(&run);
	}
}

/*
 * Without the words, one that was set and not handled is lost where the counts are at rest. In
 * traffic it may as well be pending again: that is not decided, and not balanced.
 */
static void test_one_without_words(void **state)
{
	static const struct {
		enum edge_state last;
		bool unhandled;
		int finding;
		enum audit_verdict verdict;
	} cases[] = {
		{ EDGE_QUIET, false, AUDIT_LOST, AUDIT_OFF },
		{ EDGE_QUIET, true, AUDIT_STUCK, AUDIT_OFF },
		{ EDGE_TYPICAL, false, AUDIT_NOT_DECIDED, AUDIT_EXCEPT },
		{ EDGE_TYPICAL, true, AUDIT_STUCK, AUDIT_OFF },
		/* An older recording does not say. */
		{ EDGE_NONE, false, AUDIT_STILL_PENDING, AUDIT_BALANCED },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct audit audit;
		struct run run;
		int finding;

		set_up(&run);
		run.first.words.known = run.last.words.known = false;
		run.last.edge[CPU * NR_VIPIS + VIPI] = cases[i].last;
		count(&run, 500, 0, 499);
		run.unhandled[CPU] = cases[i].unhandled ? BIT : 0;
		finding = judge(&run, &audit);
		check(finding == cases[i].finding, "case %zu: %d", i, finding);
		check(audit.verdict == cases[i].verdict, "case %zu: %d", i, audit.verdict);
		assert_int_equal(audit.not_decided, finding == AUDIT_NOT_DECIDED);
		audit__free(&audit);
		/* It is looked at again before. */
		run.facts.told = false;
		judge(&run, &audit);
		check(audit.undecided == (!cases[i].unhandled && cases[i].last != EDGE_NONE),
		      "case %zu", i);
		audit__free(&audit);
		tear_down(&run);
	}
}

/* A CPU that got no time since the end: of what is not pending there is nothing to say. */
static void test_without_time(void **state)
{
	struct audit audit;
	struct run run;

	set_up(&run);
	cpuset__add(&run.facts.without_time, CPU);
	judge(&run, &audit);
	assert_int_equal(audit.verdict, AUDIT_BALANCED);
	assert_int_equal(audit.nr_entries, 0);
	audit__free(&audit);
	tear_down(&run);
}

/* The kernel's own counts: what was taken when the run began may be counted later, and is named. */
static void test_kernel(void **state)
{
	static const struct {
		enum edge_state first;
		__u64 missed;
		__u32 low, high;
		bool started;
		int finding;
		__u64 number;
	} cases[] = {
		{ EDGE_QUIET, 0, 10, 10, false, -1, 0 },
		{ EDGE_QUIET, 0, 11, 11, false, AUDIT_RUN_AGAIN, 1 },
		{ EDGE_QUIET, 0, 10, 12, false, AUDIT_NOT_COMPARED, 2 },
		{ EDGE_TYPICAL, 0, 10, 10, false, -1, 0 },
		{ EDGE_TYPICAL, 0, 11, 11, false, AUDIT_NOT_COMPARED, 1 },
		{ EDGE_TYPICAL, 0, 11, 13, false, AUDIT_NOT_COMPARED, 3 },
		{ EDGE_TYPICAL, 0, 12, 12, false, AUDIT_RUN_AGAIN, 2 },
		{ EDGE_TYPICAL, 0, 11, 11, true, -1, 0 },
		{ EDGE_QUIET, 2, 12, 12, false, AUDIT_NOT_COMPARED, 2 },
		{ EDGE_QUIET, 2, 13, 13, false, AUDIT_RUN_AGAIN, 3 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t at = CPU * IPIMUX_MAX_VIPIS + VIPI;
		struct audit audit;
		struct run run;
		int finding;

		set_up(&run);
		count(&run, 10, 0, 10);
		run.difference.missed = cases[i].missed;
		run.difference.kernel.known = true;
		run.difference.kernel.low[at] = cases[i].low;
		run.difference.kernel.high[at] = cases[i].high;
		run.first.edge[CPU * NR_VIPIS + VIPI] = cases[i].first;
		if (cases[i].started) {
			assert_int_equal(snapshot__add(&run.difference, COUNTERS_STARTED), 0);
			run.difference.counters.started[ipimux_started_index(
				&run.difference.counters.shape, CPU, VIPI)] = 10;
		}
		finding = judge(&run, &audit);
		check(finding == cases[i].finding, "case %zu: %d", i, finding);
		for (unsigned int n = 0; n < audit.nr_entries; n++)
			check(audit.entries[n].number == cases[i].number, "case %zu: %llu", i,
			      audit.entries[n].number);
		audit__free(&audit);
		tear_down(&run);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_again),
		cmocka_unit_test(test_busy),
		cmocka_unit_test(test_processes),
		cmocka_unit_test(test_offline),
		cmocka_unit_test(test_masks),
		cmocka_unit_test(test_masks_again),
		cmocka_unit_test(test_verified),
		cmocka_unit_test(test_kernel),
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_silent_raises),
		cmocka_unit_test(test_not_kicked),
		cmocka_unit_test(test_not_kicked_carried_in),
		cmocka_unit_test(test_not_kicked_found),
		cmocka_unit_test(test_missed_is_named),
		cmocka_unit_test(test_not_kicked_uncertain),
		cmocka_unit_test(test_processes_uncertain),
		cmocka_unit_test(test_without_words),
		cmocka_unit_test(test_stuck_and_excused),
		cmocka_unit_test(test_uncertain_since),
		cmocka_unit_test(test_stuck_before_starved),
		cmocka_unit_test(test_one_without_words),
		cmocka_unit_test(test_without_time),
	};

	return UNIT_RUN("audit-edges", tests);
}
