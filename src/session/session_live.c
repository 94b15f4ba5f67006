// SPDX-License-Identifier: GPL-2.0-only
/*
 * The live source of a session: the counters of this machine, one snapshot an interval.
 * Records them, too, where that was asked for.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <linux/capability.h>

#include "base/clock.h"
#include "base/ending.h"
#include "probe/loader.h"
#include "probe/probe.h"
#include "session/recorder.h"
#include "session/source.h"

/* How often to look whether what is not decided at the end of a run is now. */
#define DECIDE_PAUSE	10000000ULL

/* How often, at least, to look at the counters: an interval may be longer. */
#define LOOK_INTERVAL	1000000000ULL

/* Tries to read the kernel's own counts while nothing is handled. */
#define COMPARE_TRIES	30

/* --- errors --- */

/* Where fentry is the way in, and cannot be: @why. */
#define NO_FENTRY(why)	"the functions of this kernel's IPI multiplexer cannot be traced: " why	\
			"; with the tracepoints of ipimux-trace's kernel-patch/ they need not "	\
			"be (see README.md)"

enum exit_status fail_machine(int err)
{
	if (err == -ENODEV)
		return fail_unsupported("no IPI multiplexer in this kernel: no interrupt in "
					"/sys/kernel/irq has the chip 'IPI Mux' "
					"(needs Linux 6.3 or later with CONFIG_SMP and "
					"CONFIG_GENERIC_IRQ_IPI_MUX; see ipimux-trace doctor)");
	if (err == -ENOENT)
		return fail(EXIT_CANNOT, "cannot read the interrupts: are /sys and /proc mounted, "
			    "and is CONFIG_SPARSE_IRQ set?");
	return fail(EXIT_CANNOT, "cannot read the interrupts: %s", strerror(-err));
}

enum exit_status fail_descriptors(int err)
{
	struct rlimit limit = {};

	if (err == -ENFILE)
		return fail(EXIT_CANNOT, "too many open files on this machine: %s "
			    "(sysctl fs.file-max)", strerror(ENFILE));
	getrlimit(RLIMIT_NOFILE, &limit);
	return fail(EXIT_CANNOT, "Too many open files: the limit of %llu is too low for it: "
		    "ulimit -n 256", (unsigned long long)limit.rlim_cur);
}

enum exit_status fail_load(int err)
{
	switch (err) {
	case -ENOSYS:
		return fail_unsupported("no BPF in this kernel: it needs CONFIG_BPF_SYSCALL");
	case -EPERM:
		if (loader__may_trace())
			return fail(EXIT_CANNOT, "the kernel refuses BPF programs, though the "
				    "capabilities are there: in a container run it outside, else "
				    "see what seccomp or a security module forbids");
		return fail(EXIT_CANNOT, "no permission to trace: run as root, or with "
			    "the capabilities CAP_BPF and CAP_PERFMON (see ipimux-trace doctor)");
	case -E2BIG:
		return fail(EXIT_CANNOT,
			    "too many CPUs: the counters would not fit into a BPF map");
	case -ENOEXEC:
		return fail(EXIT_CANNOT, "BPF's JIT is off, and without it programs cannot tell on "
			    "which CPU they run: %s", machine__jit_advice());
	case -ENODATA:
		return fail_unsupported(NO_FENTRY("the kernel has no BTF "
			    "(CONFIG_DEBUG_INFO_BTF)"));
	case -EACCES:
		return fail_unsupported(NO_FENTRY("the kernel hides its symbols' addresses (%s)"),
			    symbols__advice(machine__kptr_restrict(),
					    loader__capabilities() >> CAP_SYSLOG & 1));
	case -EKEYREJECTED:
		return fail_unsupported(NO_FENTRY("the kernel is locked down (confidentiality), so "
			    "BPF programs may not read its memory (boot with lockdown=integrity)"));
	case -EMFILE:
	case -ENFILE:
		return fail_descriptors(err);
	case -ENOKEY:
		return fail_unsupported(NO_FENTRY("/proc/kallsyms has no variables "
			    "(CONFIG_KALLSYMS_ALL)"));
	case -EHOSTDOWN:
		return fail(EXIT_CANNOT, NO_FENTRY("ftrace is switched off: "
			    "sysctl kernel.ftrace_enabled=1"));
	case -EOPNOTSUPP:
		return fail_unsupported(NO_FENTRY("the kernel has no fentry (for riscv, Linux "
			    "6.8 or later with CONFIG_FUNCTION_TRACER and "
			    "CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS)"));
	case -ESRCH:
		return fail_unsupported(NO_FENTRY("they are not in the kernel's BTF "
			    "(-v shows which)"));
	case -EPROTO:
		return fail_unsupported(NO_FENTRY("the vIPIs' interrupts do not follow one "
			    "another in /sys/kernel/irq"));
	case -ENOMSG:
		return fail(EXIT_CANNOT, "cannot time how long vIPIs wait: that needs the "
			    "tracepoints of ipimux-trace's kernel-patch/, because this kernel "
			    "does not show when the parent IPI is raised");
	}
	return fail(EXIT_CANNOT, "cannot load the BPF programs: %s (-v shows more)",
		    strerror(-err));
}

enum exit_status fail_attach(int err)
{
	if (err == -ENOENT)
		return fail_unsupported("this kernel's IPI multiplexer has no tracepoints: "
					"apply ipimux-trace's kernel-patch/ to it (see README.md)");
	if (err == -EOPNOTSUPP)
		return fail_load(err);
	return fail(EXIT_CANNOT, "cannot attach to the IPI multiplexer: %s (-v shows more)",
		    strerror(-err));
}

/* --- snapshots --- */

/* still_there - an error of a snapshot; if it is that the counters are not, it is said here */
static int still_there(const struct session *session, int err)
{
	if (err != -ESTALE)
		return err;
	fail(EXIT_CANNOT, "'%s' was detached meanwhile: nothing counts any longer",
	     session->options->pinned);
	return -ECANCELED;
}

/* take_snapshot - the counters now, with the CPUs online now, and what these got of time */
static int take_snapshot(struct session *session, struct snapshot *snapshot)
{
	int err = machine__read_online(&snapshot->online);

	if (err)
		return err;
	snapshot->ran_known = !machine__read_ran(&session->machine, snapshot->ran);
	return still_there(session, probe__snapshot(session->probe, snapshot));
}

/*
 * compare_handled - leaves no room between what the kernel counted and what was taken
 *
 * What was handled while the kernel's counts are read may be in them or not. But their
 * distance from the counters is the same at any time: so they are read again, until nothing
 * of that CPU and vIPI was handled meanwhile. A handler that is under way makes the distance
 * larger by one, so of a busy one it must be found twice.
 */
static void compare_handled(struct session *session, struct snapshot *snapshot)
{
	struct kernel_counts *kernel = &snapshot->kernel;
	unsigned int nr_cpus = cpuset__last(&session->machine.possible) + 1;
	size_t nr = (size_t)nr_cpus * IPIMUX_MAX_VIPIS;
	__u32 *before = calloc(nr, sizeof(*before)), *after = calloc(nr, sizeof(*after));
	__u32 *counts = calloc(nr, sizeof(*counts)), *distance = calloc(nr, sizeof(*distance));
	bool *found = calloc(nr, sizeof(*found));
	bool all = !before || !after || !counts || !distance || !found;

	for (int try = 0; try < COMPARE_TRIES && kernel->known && !all; try++) {
		probe__read_handled(session->probe, before);
		if (machine__read_handled(&session->machine, counts))
			break;
		probe__read_handled(session->probe, after);
		all = true;
		for (size_t i = 0; i < nr; i++) {
			__u32 now = after[i] - counts[i];

			if (kernel->low[i] == kernel->high[i] || before[i] != after[i]) {
				all &= kernel->low[i] == kernel->high[i];
			} else if (found[i] && distance[i] == now) {
				kernel->low[i] = kernel->high[i] =
					(__u32)counters__handled(&snapshot->counters,
								 i / IPIMUX_MAX_VIPIS,
								 i % IPIMUX_MAX_VIPIS) - now;
			} else {
				all = false;
				/* The shorter one is that with nothing under way. */
				if (!found[i] || (__s32)(now - distance[i]) < 0)
					distance[i] = now;
				found[i] = true;
			}
		}
	}
	free(before);
	free(after);
	free(counts);
	free(distance);
	free(found);
}

/*
 * take_edge - the same for an edge of what is audited: settled, and with what the
 * kernel itself counted before and after. Without those there is less to compare.
 */
static int take_edge(struct session *session, struct snapshot *snapshot)
{
	struct cpuset online;
	bool leaving, changed;
	int err = machine__read_online(&snapshot->online);

	if (err)
		return err;
	/*
	 * One that goes just now sends unseen, and need not be gone, or there, at both edges.
	 * Before it settles and after: one that is gone by then may have sent since.
	 */
	leaving = machine__going_down(&session->machine, &snapshot->online);
	snapshot->ran_known = !machine__read_ran(&session->machine, snapshot->ran);
	snapshot->kernel.known = !machine__read_handled(&session->machine, snapshot->kernel.low);
	err = still_there(session, probe__snapshot_settled(session->probe, snapshot));
	if (machine__read_handled(&session->machine, snapshot->kernel.high))
		snapshot->kernel.known = false;
	if (!err)
		compare_handled(session, snapshot);
	if (!err)
		err = machine__read_online(&online);
	if (err)
		return err;
	changed = !cpuset__equal(&online, &snapshot->online);
	leaving |= machine__going_down(&session->machine, &snapshot->online);
	session->leaving += leaving || changed;
	session->hotplug |= leaving || changed;
	return 0;
}

/* wait_for_signal - waits until @deadline; true if a signal that ends the run came first */
static bool wait_for_signal(struct session *session, unsigned long long deadline)
{
	return ending__wait(&session->signals, deadline) > 0;
}

/* --- what is recorded --- */

static int record_snapshot(struct session *session, const struct snapshot *later,
			   const struct snapshot *earlier)
{
	int err;

	if (!session->recorder)
		return 0;
	err = recorder__snapshot(session->recorder, later, earlier);
	session->recorded = recorder__size(session->recorder);
	return err;
}

static int record_end(struct session *session, const struct audit_facts *facts,
		      const struct snapshot *last, struct audit *audit)
{
	int err = 0;

	if (!session->recorder)
		return 0;
	if (facts->last != last)
		err = recorder__closing(session->recorder, facts->last, last);
	if (!err)
		err = recorder__end(session->recorder, facts, &last->kernel);
	session->recorded = recorder__size(session->recorder);
	if (err)
		audit__free(audit);
	return err;
}

/* --- the run --- */

static enum exit_status open_live(struct session *session)
{
	const struct session_options *options = session->options;
	enum exit_status status;
	int err;

	session->wait = wait_for_signal;
	/* Before anything is attached, so that no signal can cut the summary off. */
	ending__prepare();

	err = loader__check_descriptors(LOADER_DESCRIPTORS);
	if (err)
		return fail_descriptors(err);
	err = machine__read(&session->machine);
	if (err)
		return fail_machine(err);
	status = check_cpus(&session->machine, session->options);
	if (status)
		return status;
	if (options->pinned) {
		err = probe__open_pinned(&session->probe, &session->machine, options->pinned,
					 options->probe_flags);
		if (!err && options->record && !probe__knows_missed(session->probe))
			return fail_missed_unknown(options->pinned);
		return err ? fail_pinned(err, options->pinned) : EXIT_DONE;
	}
	err = probe__load(&session->probe, &session->machine, options->probe_flags);
	if (err)
		return fail_load(err);
	if (probe__is_interpreted(session->probe))
		fprintf(stderr, "ipimux-trace: BPF's JIT is off: counting costs several times as "
			"much (%s)\n", machine__jit_advice());
	if (options->probe_flags & PROBE_VERIFY && !probe__sees_parents(session->probe))
		fprintf(stderr, "ipimux-trace: parent IPIs are not compared: this kernel does not "
			"show where they are raised\n");
	err = probe__attach(session->probe);
	if (err)
		return fail_attach(err);
	return EXIT_DONE;
}

static int init_snapshot(const struct session *session, struct snapshot *snapshot)
{
	return probe__init_snapshot(session->probe, snapshot);
}

/* read_attach - in place of the first snapshot: that of the attach. The first interval ends now */
static int read_attach(struct session *session)
{
	bool hotplug;
	int err = probe__read_pinned_first(session->probe, &session->first, &hotplug);

	if (err) {
		fail_pinned(err, session->options->pinned);
		return -ECANCELED;
	}
	session->hotplug |= hotplug;
	session->deadline = clock__now(CLOCK_MONOTONIC) - session->options->interval;
	return 0;
}

static int take_first(struct session *session)
{
	int err = 0;

	session->unhandled = calloc(cpuset__last(&session->machine.possible) + 1, sizeof(__u32));
	if (!session->unhandled)
		return -ENOMEM;
	if (session->options->record)
		err = recorder__open(&session->recorder, session->options->record,
				     session->options->force, &session->machine,
				     &session->first);
	if (!err && session->options->since_attach) {
		err = read_attach(session);
	} else if (!err) {
		err = take_edge(session, &session->first);
		session->deadline = session->first.time;
	}
	return err ? err : record_snapshot(session, &session->first, NULL);
}

/* take_looks - looks at the counters while the interval goes on; true if a signal ends the run */
static int take_looks(struct session *session, bool *told)
{
	*told = false;
	for (;;) {
		const struct snapshot *seen = session->seen;
		unsigned long long next = seen->time + LOOK_INTERVAL;
		struct snapshot *look = session__spare(session);
		int err;

		if (next + LOOK_INTERVAL / 2 >= session->deadline)
			return 0;
		*told = session->wait(session, next);
		if (*told)
			return 0;
		err = take_snapshot(session, look);
		if (err)
			return err;
		look->late = look->time > next ? look->time - next : 0;
		if (session->recorder)
			err = recorder__look(session->recorder, look, session->later);
		if (!err)
			err = session__look(session, look);
		if (err)
			return err;
	}
}

static int take_next(struct session *session, struct snapshot *later)
{
	bool told;
	int err;

	session->deadline += session->options->interval;
	err = take_looks(session, &told);
	if (err)
		return err;
	session->last = told || session->wait(session, session->deadline) ||
			session->taken == session->options->count;
	err = session->last ? take_edge(session, later) : take_snapshot(session, later);
	if (err)
		return err;
	later->late = later->time > session->deadline ? later->time - session->deadline : 0;
	/* After a stall (a stopped VM), go on; do not catch up. */
	if (later->time > session->deadline + session->options->interval)
		session->deadline = later->time;
	return record_snapshot(session, later, session->later);
}

/*
 * audit_live - audits, and where the books cannot be closed yet, looks at the end again
 *
 * What is counted of the run stays; what is judged is up to that last look.
 */
static int audit_live(struct session *session, struct snapshot *later,
		      struct snapshot *difference, struct audit_facts *facts,
		      struct audit *audit)
{
	struct snapshot *last = session__spare(session);
	unsigned long long next = later->time;
	int err = 0;

	while (!err) {
		err = audit__run(audit, difference, facts);
		if (err || !audit->undecided || facts->told || facts->waited >= STUCK_PATIENCE)
			break;
		audit__free(audit);

		next += DECIDE_PAUSE;
		facts->told = wait_for_signal(session, next);
		err = take_edge(session, last);
		if (err)
			break;
		next = last->time;
		facts->hotplug = session->hotplug;
		facts->leaving = session->leaving;
		facts->tries++;
		facts->waited = last->time - later->time;
		probe__read_unhandled(session->probe, later, session->unhandled);
		facts->unhandled = session->unhandled;
		session__close_books(session, later, last, facts);
	}
	return err ? err : record_end(session, facts, later, audit);
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
