// SPDX-License-Identifier: GPL-2.0-only
/* A run of a command, see session.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "margins.h"
#include "probe.h"
#include "session.h"

/* How often to look whether what is not decided at the end of a run is now. */
#define DECIDE_PAUSE	10000000ULL

/* --- options --- */

enum { OPT_BY_BIT = 0x200 };

static const struct argp_option option_table[] = {
	{ "cpu", 'c', "LIST", 0, "Show only these CPUs, e.g. 0,2-3", 0 },
	{ "latency", 'l', NULL, 0, "Also time how long vIPIs wait to be handled", 0 },
	{ "verbose", 'v', NULL, 0, "Show what libbpf and the verifier say", 0 },
	{ "count-by-bit", OPT_BY_BIT, NULL, OPTION_HIDDEN, NULL, 0 },
	{}
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct session_options *options = state->input;

	switch (key) {
	case 'c':
		if (cpuset__parse(&options->cpus, arg) || cpuset__last(&options->cpus) < 0)
			argp_error(state, "'%s' is no list of CPUs; one is e.g. 0,2-3", arg);
		options->cpu_list = arg;
		break;
	case 'l':
		options->probe_flags |= PROBE_LATENCY;
		break;
	case 'v':
		options->probe_flags |= PROBE_VERBOSE;
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

const struct argp session_argp = { option_table, parse_option, "[INTERVAL [COUNT]]", NULL,
				   NULL, NULL, NULL };

/* --- errors --- */

enum exit_status fail_machine(int err)
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

enum exit_status fail_load(int err)
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

enum exit_status fail_attach(int err)
{
	if (err == -ENOENT)
		return fail(EXIT_CANNOT, "this kernel's IPI multiplexer has no tracepoints: "
			    "apply ipimux-trace's kernel-patch/ to it (see README.md)");
	return fail(EXIT_CANNOT, "cannot attach to the IPI multiplexer: %s (-v shows more)",
		    strerror(-err));
}

enum exit_status check_cpus(const struct machine *machine, const struct session_options *options)
{
	struct cpuset all = machine->possible;
	char list[256];

	cpuset__union(&all, &options->cpus);
	if (cpuset__equal(&all, &machine->possible))
		return EXIT_DONE;
	cpuset__format(&machine->possible, list, sizeof(list));
	return fail(EXIT_USAGE, "CPU list '%s': this machine has CPUs %s", options->cpu_list, list);
}

enum exit_status fail_vipi(const struct machine *machine, const char *vipi)
{
	char list[IPIMUX_MAX_VIPIS * (MACHINE_NAME_SIZE + 2)];

	machine__list_vipis(machine, list, sizeof(list));
	return fail(EXIT_USAGE, "no vIPI '%s': this machine has %s", vipi, list);
}

enum exit_status session__end(int err, enum exit_status status)
{
	if (err && err != -EPIPE)
		return fail(EXIT_CANNOT, "cannot go on: %s", strerror(-err));
	return status;
}

/* --- snapshots --- */

/* take_snapshot - the counters now, with the CPUs online now */
static int take_snapshot(struct session *session, struct snapshot *snapshot)
{
	int err = machine__read_online(&snapshot->online);

	return err ? err : probe__snapshot(session->probe, snapshot);
}

/*
 * take_edge - the same for an edge of what is audited: settled, and with what the
 * kernel itself counted before and after. Without those there is less to compare.
 */
static int take_edge(struct session *session, struct snapshot *snapshot)
{
	struct cpuset online;
	int err = machine__read_online(&snapshot->online);

	if (err)
		return err;
	snapshot->kernel.known = !machine__read_handled(&session->machine, snapshot->kernel.low);
	err = probe__snapshot_settled(session->probe, snapshot);
	if (machine__read_handled(&session->machine, snapshot->kernel.high))
		snapshot->kernel.known = false;
	if (!err)
		err = machine__read_online(&online);
	if (err)
		return err;
	/* One that goes just now sends unseen, and need not be gone, or there, at both edges. */
	session->hotplug |= !cpuset__equal(&online, &snapshot->online) ||
			    machine__going_down(&session->machine, &snapshot->online);
	return 0;
}

/* wait_for_signal - waits until @deadline; true if a signal that ends the run came first */
static bool wait_for_signal(struct session *session, unsigned long long deadline)
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
		if (sigtimedwait(&session->signals, NULL, &ts) > 0)
			return true;
		if (errno == EAGAIN)
			return false;
	}
}

static int init_run(struct session *session)
{
	int err = probe__init_snapshot(session->probe, &session->first);

	if (!err)
		err = probe__init_snapshot(session->probe, &session->recent[0]);
	if (!err)
		err = probe__init_snapshot(session->probe, &session->recent[1]);
	if (!err)
		err = stuck__init(&session->stuck, &session->first.counters.shape,
				  session->options->stuck_threshold);
	session->stuck.cpus = session->options->cpu_list ? &session->options->cpus : NULL;
	session->unhandled = calloc(cpuset__last(&session->machine.possible) + 1, sizeof(__u32));
	if (!err && !session->unhandled)
		err = -ENOMEM;
	if (!err)
		err = take_edge(session, &session->first);
	session->deadline = session->first.time;
	session->later = &session->first;
	return err;
}

enum exit_status session__open(struct session *session, const struct session_options *options)
{
	enum exit_status status;
	int err;

	*session = (struct session){ .options = options, .wait = wait_for_signal };
	/* Before anything is attached, so that no signal can cut the summary off. */
	sigemptyset(&session->signals);
	sigaddset(&session->signals, SIGINT);
	sigaddset(&session->signals, SIGTERM);
	sigaddset(&session->signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &session->signals, NULL);
	signal(SIGPIPE, SIG_IGN);

	err = machine__read(&session->machine);
	if (err)
		return fail_machine(err);
	status = check_cpus(&session->machine, options);
	if (status)
		return status;
	err = probe__load(&session->probe, &session->machine, options->probe_flags);
	if (err)
		return fail_load(err);
	err = probe__attach(session->probe);
	if (err)
		return fail_attach(err);
	return session__end(init_run(session), EXIT_DONE);
}

void session__close(struct session *session)
{
	probe__free(session->probe);
	snapshot__free(&session->first);
	snapshot__free(&session->recent[0]);
	snapshot__free(&session->recent[1]);
	stuck__free(&session->stuck);
	free(session->unhandled);
}

int session__next(struct session *session)
{
	struct snapshot *later = &session->recent[session->taken++ % 2];
	int err;

	session->deadline += session->options->interval;
	session->last = session->wait(session, session->deadline) ||
			session->taken == session->options->count;
	err = session->last ? take_edge(session, later) : take_snapshot(session, later);
	if (err)
		return err;

	session->earlier = session->later;
	session->later = later;
	session->hotplug |= !cpuset__equal(&later->online, &session->earlier->online);
	stuck__watch(&session->stuck, later, session->earlier,
		     later->time > session->deadline + session->stuck.threshold / 2);
	/* After a stall (a stopped VM), go on; do not catch up. */
	if (later->time > session->deadline + session->options->interval)
		session->deadline = later->time;
	return 0;
}

int session__init_difference(const struct session *session, struct snapshot *difference)
{
	return probe__init_snapshot(session->probe, difference);
}

/* --- the end --- */

/* came_up - did a CPU enable all its vIPIs, as it does in bring-up? */
static bool came_up(const struct counters *counters, unsigned int nr_vipis)
{
	const struct ipimux_shape *shape = &counters->shape;

	for (unsigned int cpu = 0; cpu >> shape->cpu_shift == 0; cpu++) {
		unsigned int unmasked = 0;

		for (unsigned int vipi = 0; vipi < nr_vipis; vipi++) {
			const __u64 *unmasks = counters->unmasked +
					       ipimux_unmasked_index(shape, cpu, vipi, 0);

			unmasked += unmasks[IPIMUX_UNMASK_PLAIN] || unmasks[IPIMUX_UNMASK_KICK];
		}
		if (unmasked == nr_vipis)
			return true;
	}
	return false;
}

int session__audit(struct session *session, struct snapshot *difference, struct audit *audit)
{
	/* The last of them, which the run is done with. */
	struct snapshot *later = &session->recent[(session->taken - 1) % 2];
	struct audit_facts facts = { .online = later->online, .stuck = session->stuck.found };
	unsigned long long next = later->time;
	bool told = false;

	snapshot__subtract(difference, later, &session->first);
	session->hotplug |= came_up(&difference->counters, session->machine.nr_vipis);
	facts.hotplug = session->hotplug;

	for (;;) {
		bool kernel_late;
		int err = audit__run(audit, difference, &facts);

		if (err || !audit->undecided || told || facts.waited >= STUCK_PATIENCE)
			return err;
		kernel_late = audit->kernel_late;
		audit__free(audit);

		next += DECIDE_PAUSE;
		told = wait_for_signal(session, next);
		facts.waited = next - later->time;
		probe__read_unhandled(session->probe, later, session->unhandled);
		facts.unhandled = session->unhandled;
		if (kernel_late)
			later->kernel.known = !machine__read_handled(&session->machine,
								     later->kernel.high);
		snapshot__subtract_kernel(difference, later, &session->first);
	}
}
