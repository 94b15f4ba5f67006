// SPDX-License-Identifier: GPL-2.0-only
/*
 * The live source of a session: the counters of this machine, one snapshot an interval.
 * Records them, too, where that was asked for.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/ending.h"
#include "loader/loader.h"
#include "probe/probe.h"
#include "session/kernel_counts.h"
#include "session/recorder.h"
#include "session/source.h"

/* How often to look whether what is not decided at the end of a run is now. */
#define DECIDE_PAUSE	10000000ULL

/* How often, at least, to look at the counters: an interval may be longer. */
#define LOOK_INTERVAL	1000000000ULL

/* So long (ns) an edge may take, with six rounds of samples and grace periods, and is not late. */
#define EDGE_TIME	1000000000ULL

/* --- snapshots --- */

/* take_snapshot - the counters now, with the CPUs online now, and what these got of time */
static struct failure *take_snapshot(struct session *session, struct snapshot *snapshot)
{
	int err = machine__read_online(&snapshot->online);

	if (err)
		return failure__of(err);
	snapshot->ran_known = !machine__read_ran(&session->machine, snapshot->ran);
	return probe__snapshot(session->probe, snapshot);
}

/*
 * take_edge - the same for an edge of what is audited: settled, and with what the
 * kernel itself counted before and after. Without those there is less to compare.
 */
static struct failure *take_edge(struct session *session, struct snapshot *snapshot)
{
	bool first = snapshot == &session->first;
	bool *moving = first ? &session->moving_first : &session->moving_last;
	__u64 ups = probe__count_ups(session->probe);
	struct failure *failure;
	struct cpuset online;
	int err = machine__read_online(&snapshot->online);

	if (err)
		return failure__of(err);
	/*
	 * One that goes just now sends unseen, and need not be gone, or there, at both edges.
	 * Before it settles and after: one that is gone by then may have sent since. On a host
	 * that has no time for its guest, one may have gone and come back.
	 */
	*moving = machine__going_down(&session->machine, &snapshot->online);
	snapshot->kernel.known = !machine__read_handled(&session->machine, snapshot->kernel.low);
	failure = probe__snapshot_settled(session->probe, snapshot, first);
	/* As of the snapshot's time, which is that of its end. */
	snapshot->ran_known = !machine__read_ran(&session->machine, snapshot->ran);
	if (machine__read_handled(&session->machine, snapshot->kernel.high))
		snapshot->kernel.known = false;
	if (failure)
		return failure;
	kernel_counts__close(session->probe, &session->machine, session->options->pinned,
			     snapshot);
	err = machine__read_online(&online);
	if (err)
		return failure__of(err);
	*moving |= !cpuset__equal(&online, &snapshot->online) ||
		   probe__count_ups(session->probe) != ups;
	*moving |= machine__going_down(&session->machine, &snapshot->online);
	session->hotplug |= *moving;
	return NULL;
}

/* wait_for_signal - waits until @deadline; true if a signal that ends the run came first */
static bool wait_for_signal(struct session *session, unsigned long long deadline)
{
	return ending__wait(&session->signals, deadline) > 0;
}

/* --- what is recorded --- */

static struct failure *record_snapshot(struct session *session, const struct snapshot *later,
				       const struct snapshot *earlier)
{
	struct failure *failure;

	if (!session->recorder)
		return NULL;
	failure = recorder__snapshot(session->recorder, later, earlier);
	session->recorded = recorder__size(session->recorder);
	return failure;
}

static struct failure *record_end(struct session *session, const struct audit_facts *facts,
				  const struct snapshot *last, struct audit *audit)
{
	struct failure *failure = NULL;

	if (!session->recorder)
		return NULL;
	if (facts->last != last)
		failure = recorder__closing(session->recorder, facts->last, last);
	if (!failure)
		failure = recorder__end(session->recorder, facts, &last->kernel);
	session->recorded = recorder__size(session->recorder);
	if (failure)
		audit__free(audit);
	return failure;
}

/* --- the run --- */

static struct failure *open_pinned(struct session *session)
{
	const struct session_options *options = session->options;

	return probe__open_pinned(&session->probe, &session->machine, options->pinned,
				  options->probe_flags);
}

/* warn - of what makes what will be counted dearer, or less */
static void warn(const struct session *session)
{
	const struct failure *no_words = probe__no_words(session->probe);
	const struct failure *dearer = probe__dearer(session->probe);

	if (probe__is_interpreted(session->probe))
		fprintf(stderr, "ipimux-trace: BPF's JIT is off: counting costs several times as "
			"much (%s)\n", machine__jit_advice());
	if (session->options->probe_flags & PROBE_VERIFY && !probe__sees_parents(session->probe))
		fprintf(stderr, "ipimux-trace: parent IPIs are not compared: this kernel does not "
			"show where they are raised\n");
	if (dearer && probe__via_kprobes(session->probe))
		fprintf(stderr, "ipimux-trace: the multiplexer is watched by kprobes, which cost "
			"more than fentry. %s\n", dearer->text);
	else if (dearer)
		fprintf(stderr, "ipimux-trace: counting costs five times as much: the multiplexer "
			"is watched at entries and exits: %s\n", dearer->text);
	if (no_words)
		fprintf(stderr, "ipimux-trace: the multiplexer's own words are not read: %s\n",
			no_words->text);
}

static struct failure *open_live(struct session *session)
{
	struct failure *failure;

	session->wait = wait_for_signal;
	/* Before anything is attached, so that no signal can cut the summary off. */
	ending__prepare();

	failure = loader__check_descriptors(LOADER_DESCRIPTORS);
	if (!failure)
		failure = machine__read(&session->machine);
	if (!failure)
		failure = session__check_cpus(&session->machine, session->options);
	if (failure)
		return failure;
	failure = session->options->pinned ? open_pinned(session) :
		  probe__load(&session->probe, &session->machine, session->options->probe_flags);
	if (failure)
		return failure;
	warn(session);
	if (!session->options->pinned)
		failure = probe__attach(session->probe);
	/* Of programs that ftrace calls the kernel need not say what it skipped. */
	if (!failure && session->options->record && !probe__knows_missed(session->probe))
		failure = session__missed_unknown(session);
	return failure;
}

static int init_snapshot(const struct session *session, struct snapshot *snapshot)
{
	return probe__init_snapshot(session->probe, snapshot);
}

/* read_attach - in place of the first snapshot: that of the attach. The first interval ends now */
static struct failure *read_attach(struct session *session)
{
	bool hotplug;
	struct failure *failure = probe__read_pinned_first(session->probe, &session->first,
							   &hotplug);

	if (failure)
		return failure;
	session->moving_first = hotplug;
	session->hotplug |= hotplug;
	session->deadline = clock__now(CLOCK_MONOTONIC) - session->options->interval;
	return NULL;
}

static struct failure *take_first(struct session *session)
{
	struct failure *failure = NULL;

	session->unhandled = calloc(cpuset__last(&session->machine.possible) + 1, sizeof(__u32));
	if (!session->unhandled)
		return failure__of(-ENOMEM);
	if (session->options->record)
		failure = recorder__open(&session->recorder, session->options->record,
					 session->options->force, &session->machine,
					 &session->first);
	if (!failure && session->options->since_attach) {
		failure = read_attach(session);
	} else if (!failure) {
		failure = take_edge(session, &session->first);
		session->deadline = session->first.time;
	}
	return failure ? failure : record_snapshot(session, &session->first, NULL);
}

/* take_looks - looks at the counters while the interval goes on; true if a signal ends the run */
static struct failure *take_looks(struct session *session, bool *told)
{
	*told = false;
	for (;;) {
		const struct snapshot *seen = session->seen;
		unsigned long long next = seen->time + LOOK_INTERVAL;
		struct snapshot *look = session__spare(session);
		struct failure *failure;

		if (next >= session->deadline)
			return NULL;
		*told = session->wait(session, next);
		if (*told)
			return NULL;
		failure = take_snapshot(session, look);
		if (failure)
			return failure;
		look->late = look->time > next ? look->time - next : 0;
		if (session->recorder)
			failure = recorder__look(session->recorder, look, session->later);
		if (!failure)
			failure = session__look(session, look);
		if (failure)
			return failure;
	}
}

static struct failure *take_next(struct session *session, struct snapshot *later)
{
	struct failure *failure;
	unsigned long long due;
	bool told;

	session->deadline += session->options->interval;
	failure = take_looks(session, &told);
	if (failure)
		return failure;
	session->last = told || session->wait(session, session->deadline) ||
			session->taken == session->options->count;
	failure = session->last ? take_edge(session, later) :
				  take_snapshot(session, later);
	if (failure)
		return failure;
	due = session->deadline + (session->last ? EDGE_TIME : 0);
	later->late = later->time > due ? later->time - due : 0;
	/* After a stall (a stopped VM), go on; do not catch up. */
	if (later->time > session->deadline + session->options->interval)
		session->deadline = later->time;
	return record_snapshot(session, later, session->later);
}

/*
 * audit_live - audits, and where the books cannot be closed yet, looks at the end again
 *
 * What is counted of the run stays; what is judged is up to that last look. Ctrl-C ends the wait
 * for what is pending; what takes another look to be judged has that look all the same.
 */
static struct failure *audit_live(struct session *session, struct snapshot *later,
				  struct snapshot *difference, struct audit_facts *facts,
				  struct audit *audit)
{
	struct snapshot *last = session__spare(session);
	struct failure *failure = NULL;
	unsigned long long next = later->time;

	facts->parents = probe__sees_all_parents(session->probe) ? AUDIT_PARENTS_ALL :
								   AUDIT_PARENTS_ONLINE;
	for (;;) {
		failure = failure__of(audit__run(audit, difference, facts));
		if (failure || !audit->undecided ||
		    (facts->waited >= STUCK_PATIENCE && facts->tries >= AUDIT_LOOKS))
			break;
		audit__free(audit);

		next += DECIDE_PAUSE;
		facts->hurried |= wait_for_signal(session, next);
		failure = take_edge(session, last);
		if (failure)
			break;
		next = last->time;
		facts->hotplug = session->hotplug;
		facts->leaving = session->moving_first + session->moving_last;
		facts->tries++;
		facts->waited = last->time - later->time;
		probe__read_unhandled(session->probe, later, session->unhandled);
		facts->unhandled = session->unhandled;
		session__close_books(session, later, last, facts);
	}
	return failure ? failure : record_end(session, facts, later, audit);
}

static void close_live(struct session *session)
{
	recorder__free(session->recorder);
	probe__free(session->probe);
	free(session->unhandled);
}

const struct source source_live = {
	.open		= open_live,
	.init_snapshot	= init_snapshot,
	.first		= take_first,
	.next		= take_next,
	.audit		= audit_live,
	.close		= close_live,
};
