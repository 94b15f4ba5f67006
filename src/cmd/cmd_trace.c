// SPDX-License-Identifier: GPL-2.0-only
/*
 * ipimux-trace trace: the single events, in order of time, of this kernel (trace_live.c), or what
 * ftrace has of one (trace_ftrace.c).
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/parse.h"
#include "cmd/cmd.h"
#include "cmd/trace_options.h"

enum { OPT_VIPI = 0x100, OPT_FORMAT, OPT_BUFFER, OPT_NO_SELF, OPT_FORCE, OPT_FROM_FTRACE,
       OPT_VIA };

static const struct argp_option option_table[] = {
	{ "cpu", 'c', "LIST", 0, "Show only what these CPUs send or receive, e.g. 0,2-3", 0 },
	{ "vipi", OPT_VIPI, "NAME,...", 0, "Show only these vIPIs, by name or number", 0 },
	{ "count", 'n', "COUNT", 0, "End after COUNT events", 0 },
	{ "format", OPT_FORMAT, "FORMAT", 0, "text (the default), json (JSON Lines), or chrome "
	  "(Trace Event JSON, for Perfetto)", 0 },
	{ "json", 'j', NULL, 0, "The same as --format json", 0 },
	{ "output", 'o', "FILE", 0, "Write to FILE; - is stdout", 0 },
	{ "force", OPT_FORCE, NULL, 0, "Overwrite an existing FILE", 0 },
	{ "no-self", OPT_NO_SELF, NULL, 0, "Leave out what ipimux-trace itself sends", 0 },
	{ "buffer", OPT_BUFFER, "SIZE", 0, "Size of the buffer for events that are not read yet, "
	  "e.g. 64k, 16M (default 2M)", 0 },
	{ "from-ftrace", OPT_FROM_FTRACE, "FILE", 0, "Show what ftrace has traced, instead of "
	  "tracing: FILE has the text of tracefs, of trace-cmd report, or of a console; "
	  "- is stdin", 0 },
	{ "via", OPT_VIA, "WAY", 0, SESSION_VIA_HELP, 0 },
	{ "verbose", 'v', NULL, 0, "Show what libbpf and the verifier say", 0 },
	{}
};

static const char doc[] =
	"Shows single events of the IPI multiplexer, in order of time, for DURATION seconds "
	"(default: until Ctrl-C)."
	"\v"
	"Times are seconds since boot (CLOCK_MONOTONIC), as in dmesg and in ftrace with its "
	"mono clock. A send shows its outcome and the thread that was running; * marks "
	"ipimux-trace itself, ? an outcome that is uncertain (fentry, kprobe). Where the buffer "
	"was full, a line says how many events of which CPU are missing.\n"
	"\n"
	"With --from-ftrace, what the kernel traced itself (trace_event=ipi_mux:* on its command "
	"line: from its first IPI on), on any machine, with what was pending at the end and an "
	"audit.\n"
	"\n"
	"Exit status: 0 done, 1 the audit of --from-ftrace is OFF, 2 wrong usage, 3 cannot run "
	"here.";

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct trace_options *options = state->input;
	struct session_options *session = &options->session;
	unsigned long long size;

	switch (key) {
	case 'c':
		if (cpuset__parse(&session->cpus, arg) || cpuset__last(&session->cpus) < 0)
			argp_error(state, "'%s' is not a list of CPUs, e.g. 0,2-3", arg);
		session->cpu_list = arg;
		options->events.cpus = &session->cpus;
		break;
	case OPT_VIPI:
		options->vipi_list = arg;
		break;
	case 'n':
		if (parse_count(arg, &options->count))
			argp_error(state, "COUNT '%s' is not a positive number", arg);
		break;
	case 'j':
		options->format = &events_json;
		break;
	case OPT_FORMAT:
		options->format = events_format__find(arg);
		if (!options->format)
			argp_error(state, "FORMAT '%s' is not text, json or chrome", arg);
		break;
	case 'o':
		options->file = arg;
		break;
	case OPT_FORCE:
		options->force = true;
		break;
	case OPT_NO_SELF:
		options->events.no_self = true;
		break;
	case OPT_BUFFER:
		if (parse_size(arg, &size) || size < EVENTS_BUFFER_MIN || size > EVENTS_BUFFER_MAX)
			argp_error(state, "SIZE '%s' is not a size from 4k to 1024M", arg);
		options->events.buffer = size;
		options->buffer_given = true;
		break;
	case OPT_VIA:
		session__take_way(state, arg, &options->events.flags);
		break;
	case OPT_FROM_FTRACE:
		options->ftrace = session->input = arg;
		break;
	case 'v':
		options->events.verbose = true;
		break;
	case ARGP_KEY_END:
		if (options->ftrace && (options->duration || options->events.no_self ||
					options->buffer_given || options->events.flags ||
					options->events.verbose))
			argp_error(state, "DURATION, --no-self, --buffer, --via and --verbose are "
				   "about tracing; --from-ftrace traces nothing");
		break;
	case ARGP_KEY_ARG:
		if (state->arg_num > 0)
			argp_error(state, "'%s' is one argument too many", arg);
		if (parse_seconds(arg, &options->duration))
			argp_error(state, "DURATION '%s' is not a positive number of seconds", arg);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

struct failure *trace_options__find_vipis(const struct trace_options *options,
					  const struct machine *machine, __u32 *vipis)
{
	const char *unknown = options->vipi_list ?
			      machine__find_vipis(machine, options->vipi_list, vipis) : NULL;
	char name[256];

	if (!unknown)
		return NULL;
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(unknown, ","), unknown);
	return session__no_vipi(machine, name);
}

int cmd_trace(int argc, char **argv)
{
	struct trace_options options = { .events.buffer = 2 << 20, .format = &events_text };
	const struct argp argp = { option_table, parse_option, "[DURATION]", doc,
				   NULL, NULL, NULL };
	enum exit_status status = EXIT_DONE;
	struct failure *failure;

	argp_parse(&argp, argc, argv, 0, NULL, &options);
	signal(SIGPIPE, SIG_IGN);
	failure = options.ftrace ? trace_ftrace__run(&options, &status) :
				   trace_live__run(&options);
	return failure__report(failure, status);
}
