// SPDX-License-Identifier: GPL-2.0-only
/* A run of a command, see session.h: what does not depend on where it comes from. */
#include <stdlib.h>
#include <string.h>

#include "base/ending.h"
#include "base/parse.h"
#include "base/plural.h"
#include "probe/probe.h"
#include "recording/recording.h"
#include "session/session.h"
#include "session/source.h"

/* --- options --- */

enum { OPT_BY_BIT = 0x200, OPT_RECORD, OPT_FORCE, OPT_PINNED, OPT_SINCE, OPT_VIA, OPT_PREDICT,
       OPT_VERIFY, OPT_MEMORY };

static const struct argp_option option_table[] = {
	{ "cpu", 'c', "LIST", 0, "Show only these CPUs, e.g. 0,2-3", 0 },
	{ NULL, 'l', NULL, 0, SESSION_TIME_HELP, 0 },
	{ "latency", SESSION_OPT_LATENCY, "N", OPTION_ARG_OPTIONAL, SESSION_LATENCY_HELP, 0 },
	{ "input", 'i', "FILE", 0, "Show a recording instead of this machine; - is stdin", 0 },
	{ "max-memory", OPT_MEMORY, "SIZE", 0,
	  "How much memory a recording may take, e.g. 256M, 2G (default 64M)", 0 },
	{ "pinned", OPT_PINNED, "NAME", 0,
	  "Read the counters that 'attach --pin NAME' left running", 0 },
	{ "since-attach", OPT_SINCE, NULL, 0,
	  "With --pinned: the first interval begins at the attach", 0 },
	{ "record", OPT_RECORD, "FILE", 0,
	  "Also record the run to FILE; compressed if FILE ends in .gz or .zst", 0 },
	{ "force", OPT_FORCE, NULL, 0, "Overwrite a file that exists", 0 },
	{ "via", OPT_VIA, "WAY", 0, SESSION_VIA_HELP, 0 },
	{ "verify", OPT_VERIFY, NULL, 0,
	  "Also compare the counts with the parent IPIs raised and the handlers started", 0 },
	{ "verbose", 'v', NULL, 0, "Show what libbpf and the verifier say", 0 },
	{ "count-by-bit", OPT_BY_BIT, NULL, OPTION_HIDDEN, NULL, 0 },
	{ "predict", OPT_PREDICT, NULL, OPTION_HIDDEN, NULL, 0 },
	{}
};

void session__take_way(const struct argp_state *state, const char *way, unsigned int *probe_flags)
{
	*probe_flags &= ~PROBE_VIA;
	if (!strcmp(way, "tracepoint"))
		*probe_flags |= PROBE_VIA_TRACEPOINT;
	else if (!strcmp(way, "fentry"))
		*probe_flags |= PROBE_VIA_FENTRY;
	else if (!strcmp(way, "kprobe"))
		*probe_flags |= PROBE_VIA_KPROBE;
	else if (strcmp(way, "auto"))
		argp_error(state, "--via '%s' is not auto, tracepoint, fentry or kprobe", way);
}

void session__take_latency(const struct argp_state *state, const char *one_in,
			   unsigned int *probe_flags)
{
	unsigned long long number = 1;

	if (one_in && (parse_count(one_in, &number) || !counters__is_one_in(number)))
		argp_error(state, "--latency='%s' is not a power of two from 1 to %u", one_in,
			   IPIMUX_MAX_ONE_IN);
	*probe_flags &= ~PROBE_ONE_IN_MASK;
	*probe_flags |= PROBE_LATENCY | __builtin_ctzll(number) << PROBE_ONE_IN_SHIFT;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct session_options *options = state->input;

	switch (key) {
	case 'c':
		if (cpuset__parse(&options->cpus, arg) || cpuset__last(&options->cpus) < 0)
			argp_error(state, "'%s' is not a list of CPUs, e.g. 0,2-3", arg);
		options->cpu_list = arg;
		break;
	case 'l':
	case SESSION_OPT_LATENCY:
		session__take_latency(state, arg, &options->probe_flags);
		break;
	case 'i':
		options->input = arg;
		break;
	case OPT_MEMORY:
		if (parse_size(arg, &options->max_memory) ||
		    options->max_memory < RECORDING_MEMORY_MIN)
			argp_error(state, "SIZE '%s' is not a size of 16M or more", arg);
		break;
	case OPT_RECORD:
		if (!strcmp(arg, "-"))
			argp_error(state, "--record needs a file; 'record -' writes to stdout");
		options->record = arg;
		break;
	case OPT_PINNED:
		if (!pinned__is_name(arg))
			argp_error(state, "'%s' is not a name: use letters, digits, - and _, "
				   "at most %d", arg, PINNED_NAME_SIZE - 1);
		options->pinned = arg;
		break;
	case OPT_SINCE:
		options->since_attach = true;
		break;
	case OPT_FORCE:
		options->force = true;
		break;
	case 'v':
		options->probe_flags |= PROBE_VERBOSE;
		break;
	case OPT_VIA:
		session__take_way(state, arg, &options->probe_flags);
		break;
	case OPT_VERIFY:
		options->probe_flags |= PROBE_VERIFY;
		break;
	case OPT_PREDICT:
		options->probe_flags |= PROBE_PREDICT;
		break;
	case OPT_BY_BIT:
		options->probe_flags |= PROBE_BY_BIT;
		break;
	case ARGP_KEY_ARG:
		options->paced = true;
		if (state->arg_num == 0 && parse_seconds(arg, &options->interval))
			argp_error(state, "INTERVAL '%s' is not a positive number of seconds", arg);
		else if (state->arg_num == 1 && parse_count(arg, &options->count))
			argp_error(state, "COUNT '%s' is not a positive number", arg);
		else if (state->arg_num > 1)
			argp_error(state, "'%s' is one argument too many", arg);
		break;
	case ARGP_KEY_END:
		if (options->input && options->paced)
			argp_error(state, "a recording (--input) has its own INTERVAL and COUNT: "
				   "leave them out");
		if (options->input && options->record)
			argp_error(state, "--record is for live runs: copy the recording with cp");
		if (PROBE_ONE_IN(options->probe_flags) > 1 && (options->input || options->pinned))
			argp_error(state, "--latency=N is for who counts: give N to the command "
				   "that %s", options->input ? "records" : "attaches");
		if (options->input && options->pinned)
			argp_error(state, "--pinned is for live runs, --input for recordings");
		if (options->probe_flags & PROBE_VERIFY && options->pinned)
			argp_error(state, "--verify does not go with --pinned: pinned counters do "
				   "not count parent IPIs and started handlers");
		if (options->probe_flags & PROBE_VERIFY && options->input)
			argp_error(state, "--verify is for live runs: give it to the command that "
				   "records");
		if (options->max_memory && !options->input)
			argp_error(state, "--max-memory is for recordings: it needs --input");
		if (options->since_attach && !options->pinned)
			argp_error(state, "--since-attach needs --pinned: all other runs count "
				   "from their own start");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

const struct argp session_argp = { option_table, parse_option, "[INTERVAL [COUNT]]", NULL,
				   NULL, NULL, NULL };

struct failure *session__check_cpus(const struct machine *machine,
				    const struct session_options *options)
{
	struct cpuset all = machine->possible;
	char list[256];

	cpuset__union(&all, &options->cpus);
	if (cpuset__equal(&all, &machine->possible))
		return NULL;
	cpuset__format(&machine->possible, list, sizeof(list));
	return failure__new(FAILURE_USAGE, 0, "CPU list '%s': %s machine has CPU%s %s",
			    options->cpu_list, options->input ? "that" : "this",
			    plural(cpuset__count(&machine->possible)), list);
}

struct failure *session__no_vipi(const struct machine *machine, const char *vipi)
{
	char list[IPIMUX_MAX_VIPIS * (MACHINE_NAME_SIZE + 2)];

	machine__list_vipis(machine, list, sizeof(list));
	return failure__new(FAILURE_USAGE, 0, "no vIPI '%s': this machine has %s", vipi, list);
}

struct failure *session__missed_unknown(const struct session *session)
{
	if (!session->options->pinned)
		return failure__new(FAILURE_UNSUPPORTED, 0, "this kernel does not say how many "
				    "events its kprobes missed, and a record without that number "
				    "would be wrong: show the counters with stat");
	return failure__new(FAILURE_NOT_PERMITTED, 0, "no permission to read how many events '%s' "
			    "missed, and a record without that number would be wrong: run as root, "
			    "or show the counters with stat", session->options->pinned);
}

/* --- snapshots --- */

static struct failure *init_run(struct session *session)
{
	const struct source *source = session->source;
	struct failure *failure;
	int err = source->init_snapshot(session, &session->first);

	if (!err)
		err = source->init_snapshot(session, &session->recent[0]);
	if (!err)
		err = source->init_snapshot(session, &session->recent[1]);
	for (int i = 0; i < 2 && !err; i++)
		err = source->init_snapshot(session, &session->looks[i]);
	if (!err)
		err = source->init_snapshot(session, &session->since);
	if (!err)
		err = stuck__init(&session->stuck, &session->first.counters.shape,
				  session->options->stuck_threshold);
	session->stuck.cpus = session->options->cpu_list ? &session->options->cpus : NULL;
	failure = err ? failure__of(err) : source->first(session);
	session->later = session->seen = &session->first;
	return failure;
}

struct failure *session__open(struct session *session, const struct session_options *options)
{
	struct failure *failure;

	*session = (struct session){
		.options = options,
		.source = options->input ? &source_recorded : &source_live,
	};
	ending__signals(&session->signals);
	signal(SIGPIPE, SIG_IGN);

	failure = session->source->open(session);
	return failure ? failure : init_run(session);
}

void session__close(struct session *session)
{
	if (session->source)
		session->source->close(session);
	snapshot__free(&session->first);
	snapshot__free(&session->recent[0]);
	snapshot__free(&session->recent[1]);
	snapshot__free(&session->looks[0]);
	snapshot__free(&session->looks[1]);
	snapshot__free(&session->since);
	stuck__free(&session->stuck);
}

struct snapshot *session__spare(struct session *session)
{
	return &session->looks[session->seen == &session->looks[0]];
}

/* see - what happened since the last look */
static void see(struct session *session, const struct snapshot *now)
{
	stuck__watch(&session->stuck, now, session->seen);
	session->seen = now;
}

struct failure *session__look(struct session *session, const struct snapshot *look)
{
	session->hotplug |= !cpuset__equal(&look->online, &session->seen->online);
	see(session, look);
	return session->looked ? session->looked(session, look) : NULL;
}

struct failure *session__next(struct session *session)
{
	struct snapshot *later = &session->recent[session->taken++ % 2];
	struct failure *failure = session->source->next(session, later);

	if (failure)
		return failure;
	session->earlier = session->later;
	session->later = later;
	session->hotplug |= !cpuset__equal(&later->online, &session->seen->online);
	see(session, later);
	return NULL;
}

int session__init_difference(const struct session *session, struct snapshot *difference)
{
	return session->source->init_snapshot(session, difference);
}

/* --- the end --- */

void session__close_books(struct session *session, const struct snapshot *later,
			  const struct snapshot *last, struct audit_facts *facts)
{
	unsigned int nr_cpus = cpuset__last(&session->machine.possible) + 1;

	snapshot__subtract(&session->since, last, &session->first);
	facts->last = last;
	facts->since = &session->since;
	/* Nobody is to blame for what waits since then, or since before, for a CPU without time. */
	facts->without_time = (struct cpuset){};
	for (unsigned int cpu = 0; cpu < nr_cpus; cpu++)
		if (!stuck__made_progress(last, later, cpu))
			cpuset__add(&facts->without_time, cpu);
}

struct failure *session__audit(struct session *session, struct interval *interval,
			       struct audit *audit)
{
	/* The last of them, which the run is done with. */
	struct snapshot *later = &session->recent[(session->taken - 1) % 2];
	struct audit_facts facts = {
		.online_first = session->first.online,
		.online = later->online,
		.hotplug = session->hotplug,
		.leaving = session->moving_first + session->moving_last,
		.stuck = session->stuck.found,
		.pending = session->stuck.pending,
		.starved = session->stuck.starved,
		.unwatched = session->stuck.unwatched,
		.machine = &session->machine,
		.first = &session->first,
		.last = later,
		.margins = &interval->margins,
	};

	interval__fill_whole(interval, later, &session->first);
	return session->source->audit(session, later, &interval->own, &facts, audit);
}
