// SPDX-License-Identifier: GPL-2.0-only
/*
 * ipimux-trace stat: what the multiplexer does, every interval, and at the end
 * the whole run with its audit.
 */
#include <argp.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "audit.h"
#include "cmd.h"
#include "machine.h"
#include "probe.h"
#include "text.h"
#include "view.h"

struct options {
	unsigned long long interval;	/* ns */
	unsigned long long count;	/* 0: until told to stop */
	const char *cpu_list;
	struct cpuset cpus;
	bool json;
	bool per_vipi;
	unsigned int probe_flags;
};

enum { OPT_VIPI = 0x100, OPT_BY_BIT };

static const struct argp_option option_table[] = {
	{ "cpu", 'c', "LIST", 0, "Show only these CPUs, e.g. 0,2-3", 0 },
	{ "json", 'j', NULL, 0, "Print JSON Lines: an object an interval, then the summary", 0 },
	{ "vipi", OPT_VIPI, NULL, 0, "Add a row for each vIPI", 0 },
	{ "verbose", 'v', NULL, 0, "Show what libbpf and the verifier say", 0 },
	{ "count-by-bit", OPT_BY_BIT, NULL, OPTION_HIDDEN, NULL, 0 },
	{}
};

static const char doc[] =
	"What the IPI multiplexer does on each CPU, every INTERVAL seconds (default 1), "
	"COUNT times (default: until Ctrl-C); then the whole run, audited."
	"\v"
	"The left half of a row is what the CPU sent, the right half what it was sent. "
	"Columns with /s are rates, the others counts of the interval:\n"
	"\n"
	"  sent       one per target CPU\n"
	"  raised     sends that raised the parent IPI\n"
	"  coal%      share of sends that found their bit pending already\n"
	"  masked     sends to a disabled vIPI\n"
	"  handled    vIPIs handled\n"
	"  process    runs of the multiplexer's handler\n"
	"  batch      mean number of vIPIs a run handled, empty ones aside\n"
	"  empty      runs that found nothing to handle\n"
	"  unmask     vIPIs enabled\n"
	"  kick       unmasks that found their vIPI pending\n"
	"\n"
	"Exit status: 0 done, 1 the audit is off, 2 wrong usage, 3 cannot run here.";

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case 'c':
		if (cpuset__parse(&options->cpus, arg) || cpuset__last(&options->cpus) < 0)
			argp_error(state, "'%s' is no list of CPUs; one is e.g. 0,2-3", arg);
		options->cpu_list = arg;
		break;
	case 'j':
		options->json = true;
		break;
	case 'v':
		options->probe_flags |= PROBE_VERBOSE;
		break;
	case OPT_VIPI:
		options->per_vipi = true;
		break;
	case OPT_BY_BIT:
		options->probe_flags |= PROBE_BY_BIT;
		break;
	case ARGP_KEY_ARG:
		if (state->arg_num == 0 && parse_seconds(arg, &options->interval))
			argp_error(state, "INTERVAL '%s' is no positive number of seconds", arg);
		else if (state->arg_num == 1 && parse_count(arg, &options->count))
			argp_error(state, "COUNT '%s' is no positive number", arg);
		else if (state->arg_num > 1)
			argp_error(state, "'%s' is one argument too many", arg);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

/* How often to look whether what is not decided at the end of a run is now. */
#define DECIDE_PAUSE	10000000ULL

/* What a run holds on to; all of it is freed by free_run(). */
struct run {
	struct machine machine;
	struct probe *probe;
	struct view view;
	struct snapshot first, recent[2], difference;
	struct stuck stuck;
	__u32 *unhandled;		/* [cpu] */
	bool hotplug;			/* CPUs came or went */
};

static void free_run(struct run *run)
{
	probe__free(run->probe);
	margins__free(&run->view.margins);
	snapshot__free(&run->first);
	snapshot__free(&run->recent[0]);
	snapshot__free(&run->recent[1]);
	snapshot__free(&run->difference);
	stuck__free(&run->stuck);
	free(run->unhandled);
}

static int fail_machine(int err)
{
	if (err == -ENODEV)
		return fail(EXIT_CANNOT, "no IPI multiplexer in this kernel: no interrupt in "
			    "/sys/kernel/irq has the chip 'IPI Mux' "
			    "(needs Linux 6.3 or later with CONFIG_SMP and "
			    "CONFIG_GENERIC_IRQ_IPI_MUX)");
	if (err == -ENOENT)
		return fail(EXIT_CANNOT, "cannot read the interrupts: are /sys and /proc mounted, "
			    "and is CONFIG_SPARSE_IRQ set?");
	return fail(EXIT_CANNOT, "cannot read the interrupts: %s", strerror(-err));
}

static int fail_load(int err)
{
	switch (err) {
	case -ENOSYS:
		return fail(EXIT_CANNOT, "no BPF in this kernel: it needs CONFIG_BPF_SYSCALL");
	case -EPERM:
		return fail(EXIT_CANNOT, "no permission to trace: run as root, or with "
			    "the capabilities CAP_BPF and CAP_PERFMON");
	case -E2BIG:
		return fail(EXIT_CANNOT,
			    "too many CPUs: the counters would not fit into a BPF map");
	}
	return fail(EXIT_CANNOT, "cannot load the BPF programs: %s (-v shows more)",
		    strerror(-err));
}

static int fail_attach(int err)
{
	if (err == -ENOENT)
		return fail(EXIT_CANNOT, "this kernel's IPI multiplexer has no tracepoints: "
			    "apply ipimux-trace's kernel-patch/ to it (see README.md)");
	return fail(EXIT_CANNOT, "cannot attach to the IPI multiplexer: %s (-v shows more)",
		    strerror(-err));
}

static int check_cpus(const struct machine *machine, const struct options *options)
{
	struct cpuset all = machine->possible;
	char list[256];

	cpuset__union(&all, &options->cpus);
	if (cpuset__equal(&all, &machine->possible))
		return EXIT_DONE;
	cpuset__format(&machine->possible, list, sizeof(list));
	return fail(EXIT_USAGE, "CPU list '%s': this machine has CPUs %s", options->cpu_list, list);
}

static int start(struct run *run, const struct options *options)
{
	int status, err;

	err = machine__read(&run->machine);
	if (err)
		return fail_machine(err);
	status = check_cpus(&run->machine, options);
	if (status)
		return status;
	err = probe__load(&run->probe, &run->machine, options->probe_flags);
	if (err)
		return fail_load(err);
	err = probe__attach(run->probe);
	if (err)
		return fail_attach(err);

	err = probe__init_snapshot(run->probe, &run->first);
	if (!err)
		err = probe__init_snapshot(run->probe, &run->recent[0]);
	if (!err)
		err = probe__init_snapshot(run->probe, &run->recent[1]);
	if (!err)
		err = probe__init_snapshot(run->probe, &run->difference);
	if (!err)
		err = margins__init(&run->view.margins, &run->first.counters.shape);
	if (!err)
		err = stuck__init(&run->stuck, &run->first.counters.shape);
	run->unhandled = calloc(cpuset__last(&run->machine.possible) + 1, sizeof(__u32));
	if (!err && !run->unhandled)
		err = -ENOMEM;
	if (err)
		return fail(EXIT_CANNOT, "%s", strerror(-err));

	run->view.out = stdout;
	run->view.machine = &run->machine;
	run->view.cpus = options->cpu_list ? &options->cpus : NULL;
	run->view.per_vipi = options->per_vipi;
	run->view.colour = text__colour_wanted(stdout);
	return EXIT_DONE;
}

/* take_snapshot - the counters now, with the CPUs online now */
static int take_snapshot(struct run *run, struct snapshot *snapshot)
{
	int err = machine__read_online(&snapshot->online);

	return err ? err : probe__snapshot(run->probe, snapshot);
}

/*
 * take_edge - the same for an edge of what is audited: settled, and with what the
 * kernel itself counted before and after. Without those there is less to compare.
 */
static int take_edge(struct run *run, struct snapshot *snapshot)
{
	struct cpuset online;
	int err = machine__read_online(&snapshot->online);

	if (err)
		return err;
	snapshot->kernel.known = !machine__read_handled(&run->machine, snapshot->kernel.low);
	err = probe__snapshot_settled(run->probe, snapshot);
	if (machine__read_handled(&run->machine, snapshot->kernel.high))
		snapshot->kernel.known = false;
	if (!err)
		err = machine__read_online(&online);
	if (err)
		return err;
	/* One that goes just now sends unseen, and need not be gone, or there, at both edges. */
	run->hotplug |= !cpuset__equal(&online, &snapshot->online) ||
			machine__going_down(&run->machine, &snapshot->online);
	return 0;
}

/* wait_until - sleeps until @deadline (CLOCK_MONOTONIC, ns) or a signal that ends the run */
static bool wait_until(const sigset_t *signals, unsigned long long deadline)
{
	for (;;) {
		struct timespec ts;
		long long left;

		clock_gettime(CLOCK_MONOTONIC, &ts);
		left = deadline - (ts.tv_sec * 1000000000LL + ts.tv_nsec);
		if (left < 0)
			left = 0;
		ts.tv_sec = left / 1000000000;
		ts.tv_nsec = left % 1000000000;
		if (sigtimedwait(signals, NULL, &ts) > 0)
			return true;
		if (errno == EAGAIN)
			return false;
	}
}

/* show_interval - prints what happened between two snapshots; -EPIPE etc. if it cannot */
static int show_interval(struct run *run, const struct options *options,
			 const struct snapshot *later, const struct snapshot *earlier)
{
	int err = 0;

	snapshot__subtract(&run->difference, later, earlier);
	run->hotplug |= !cpuset__equal(&later->online, &earlier->online);
	if (options->json)
		err = view_json__interval(&run->view, &run->difference);
	else
		view_table__interval(&run->view, &run->difference);
	/* A reader of a pipe sees each interval when it ends. */
	if (!err && fflush(stdout))
		err = -errno;
	return err;
}

/* came_up - did a CPU enable all its vIPIs, as it does in bring-up? */
static bool came_up(const struct run *run)
{
	const struct margins *margins = &run->view.margins;

	for (unsigned int cpu = 0; cpu < margins->nr_cpus; cpu++) {
		unsigned int unmasked = 0;

		for (unsigned int vipi = 0; vipi < run->machine.nr_vipis; vipi++)
			unmasked += !!margins->margin[cpu * margins->nr_vipis + vipi].unmasks;
		if (unmasked == run->machine.nr_vipis)
			return true;
	}
	return false;
}

/*
 * run_audit - audits the run that ended with @later
 *
 * What is still pending, or still in its handler, is given the time to be handled;
 * a signal says that nobody wants to wait for that.
 */
static int run_audit(struct run *run, struct snapshot *later, const sigset_t *signals,
		     struct audit *audit)
{
	struct audit_facts facts = { .online = later->online, .stuck = run->stuck.found };
	unsigned long long next = later->time;
	bool told = false;

	for (;;) {
		bool kernel_late;
		int err;

		snapshot__subtract(&run->difference, later, &run->first);
		if (!facts.unhandled) {
			margins__compute(&run->view.margins, &run->difference.counters);
			run->hotplug |= came_up(run);
			facts.hotplug = run->hotplug;
		}
		err = audit__run(audit, &run->difference, &facts);
		if (err || !audit->undecided || told || facts.waited >= STUCK_PATIENCE)
			return err;
		kernel_late = audit->kernel_late;
		audit__free(audit);

		next += DECIDE_PAUSE;
		told = wait_until(signals, next);
		facts.waited = next - later->time;
		probe__read_unhandled(run->probe, later, run->unhandled);
		facts.unhandled = run->unhandled;
		if (kernel_late)
			later->kernel.known = !machine__read_handled(&run->machine,
								     later->kernel.high);
	}
}

/* show_summary - prints what happened since the first snapshot, and the audit */
static int show_summary(struct run *run, const struct options *options, struct snapshot *later,
			const sigset_t *signals, enum exit_status *status)
{
	struct audit audit;
	int err;

	err = run_audit(run, later, signals, &audit);
	if (err)
		return err;

	if (options->json)
		err = view_json__summary(&run->view, &run->difference, &audit);
	else
		view_table__summary(&run->view, &run->difference, &audit);
	if (!err && fflush(stdout))
		err = -errno;
	*status = audit.verdict == AUDIT_OFF ? EXIT_EXCEEDED : EXIT_DONE;
	audit__free(&audit);
	return err;
}

static int measure(struct run *run, const struct options *options, const sigset_t *signals,
		   enum exit_status *status)
{
	const struct snapshot *earlier = &run->first;
	unsigned long long deadline;
	int err;

	err = take_edge(run, &run->first);
	deadline = run->first.time;

	for (unsigned long long shown = 1; !err; shown++) {
		struct snapshot *later = &run->recent[shown % 2];
		bool last;

		deadline += options->interval;
		last = wait_until(signals, deadline) || shown == options->count;
		err = last ? take_edge(run, later) : take_snapshot(run, later);
		if (err)
			break;
		stuck__watch(&run->stuck, later, earlier);
		err = show_interval(run, options, later, earlier);
		if (!err && last)
			return show_summary(run, options, later, signals, status);
		earlier = later;
		/* After a stall (a stopped VM), go on; do not catch up. */
		if (later->time > deadline + options->interval)
			deadline = later->time;
	}
	return err;
}

int cmd_stat(int argc, char **argv)
{
	struct options options = { .interval = 1000000000 };
	const struct argp argp = { option_table, parse_option, "[INTERVAL [COUNT]]", doc, 0, 0, 0 };
	enum exit_status status;
	struct run run = {};
	sigset_t signals;
	int err;

	argp_parse(&argp, argc, argv, 0, NULL, &options);

	/* Before anything is attached, so that no signal can cut the summary off. */
	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);

	status = start(&run, &options);
	if (!status) {
		err = measure(&run, &options, &signals, &status);
		/* Whoever closes the pipe has seen enough. */
		if (err && err != -EPIPE)
			status = fail(EXIT_CANNOT, "cannot go on: %s", strerror(-err));
	}
	free_run(&run);
	return status;
}
