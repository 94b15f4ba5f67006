// SPDX-License-Identifier: GPL-2.0-only
/*
 * ipimux-trace attach and detach: counters that are left running, with no process, for
 * other commands to read with --pinned. Shows nothing of them.
 */
#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cmd/cmd.h"
#include "probe/probe.h"
#include "session/session.h"

#define DEFAULT_NAME "default"

struct options {
	struct session_options session;
	const char *name;
	const char *group_name;
	gid_t group;
	bool pin;
};

enum { OPT_PIN = 0x100, OPT_GROUP, OPT_VIA, OPT_BY_BIT };

static const struct argp_option attach_options[] = {
	{ "pin", OPT_PIN, NULL, 0,
	  "Leave the counters in the kernel (must be given)", 0 },
	{ NULL, 'l', NULL, 0, SESSION_TIME_HELP, 0 },
	{ "latency", SESSION_OPT_LATENCY, "N", OPTION_ARG_OPTIONAL, SESSION_LATENCY_HELP, 0 },
	{ "group", OPT_GROUP, "GROUP", 0,
	  "Let members of GROUP read the counters, without privileges", 0 },
	{ "via", OPT_VIA, "WAY", 0, SESSION_VIA_HELP, 0 },
	{ "verbose", 'v', NULL, 0, "Show what libbpf and the verifier say", 0 },
	{ "count-by-bit", OPT_BY_BIT, NULL, OPTION_HIDDEN, NULL, 0 },
	{}
};

static const struct argp_option detach_options[] = { {} };

static const char attach_doc[] =
	"Starts the counters and exits. They stay in the kernel as NAME (default: " DEFAULT_NAME
	"), until detach or until the machine is shut down."
	"\v"
	"Every command that measures reads the counters with --pinned NAME: from its own start on, "
	"or with --since-attach from the attach on:\n"
	"\n"
	"  ipimux-trace attach --pin boot\n"
	"  ipimux-trace --pinned boot                     each second, from now on\n"
	"  ipimux-trace --pinned boot --since-attach 1 1  since the attach, audited\n"
	"  ipimux-trace detach boot\n"
	"\n"
	"The counters are pinned in the BPF file system, " PINS_BPFFS ". See docs/attach.md.\n"
	"\n"
	"Exit status: 0 done, 2 wrong usage, 3 cannot run here.";

static const char detach_doc[] =
	"Removes the counters that 'attach --pin NAME' left running (default: " DEFAULT_NAME ")."
	"\v"
	"Exit status: 0 done, 2 wrong usage, 3 no such counters, or they cannot be removed.";

/* find_group - by name or number. A static program is not to ask what else knows of groups */
static int find_group(const char *text, gid_t *gid)
{
	FILE *file = fopen("/etc/group", "re");
	const struct group *group = NULL;
	unsigned long number;
	char *end;

	while (file && (group = fgetgrent(file)) && strcmp(group->gr_name, text))
		;
	if (file)
		fclose(file);
	if (group) {
		*gid = group->gr_gid;
		return 0;
	}
	number = strtoul(text, &end, 10);
	if (end == text || *end || number >= PINS_NO_GROUP)
		return -EINVAL;
	*gid = number;
	return 0;
}

static void take_name(struct argp_state *state, struct options *options, const char *name)
{
	if (state->arg_num > 0)
		argp_error(state, "'%s' is one argument too many", name);
	else if (!pinned__is_name(name))
		argp_error(state, "'%s' is not a name: use letters, digits, - and _, at most %d",
			   name, PINNED_NAME_SIZE - 1);
	options->name = name;
}

static error_t parse_attach(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case OPT_PIN:
		options->pin = true;
		options->session.probe_flags |= PROBE_TO_PIN;
		break;
	case 'l':
	case SESSION_OPT_LATENCY:
		session__take_latency(state, arg, &options->session.probe_flags);
		break;
	case 'v':
		options->session.probe_flags |= PROBE_VERBOSE;
		break;
	case OPT_VIA:
		session__take_way(state, arg, &options->session.probe_flags);
		break;
	case OPT_BY_BIT:
		options->session.probe_flags |= PROBE_BY_BIT;
		break;
	case OPT_GROUP:
		if (find_group(arg, &options->group))
			argp_error(state, "no group '%s'", arg);
		options->group_name = arg;
		break;
	case ARGP_KEY_ARG:
		take_name(state, options, arg);
		break;
	case ARGP_KEY_END:
		if (!options->pin)
			argp_error(state, "without --pin nothing would stay in the kernel: type "
				   "attach --pin; to count until Ctrl-C, type ipimux-trace");
		if (options->session.probe_flags & PROBE_VIA_KPROBE)
			argp_error(state, "counters are left running at the tracepoints or through "
				   "fentry, not by kprobe");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static error_t parse_detach(int key, char *arg, struct argp_state *state)
{
	if (key != ARGP_KEY_ARG)
		return ARGP_ERR_UNKNOWN;
	take_name(state, state->input, arg);
	return 0;
}

/* warn_of_door - the group needs to get as far as the pins, which others decide */
static void warn_of_door(const struct options *options)
{
	struct stat status;

	if (options->group_name && !stat(PINS_BPFFS, &status) && !(status.st_mode & S_IXOTH) &&
	    !(status.st_gid == options->group && status.st_mode & S_IXGRP))
		fail(EXIT_DONE, "group %s cannot enter %s yet: chmod o+x %s",
		     options->group_name, PINS_BPFFS, PINS_BPFFS);
}

static struct failure *pin(const struct session *session, const struct options *options)
{
	const char *name = options->name;
	struct failure *failure = probe__pin(session->probe, &session->machine, name,
					     options->group, &session->first, session->hotplug);

	if (failure)
		return failure;
	warn_of_door(options);
	printf("counting as '%s': read with ipimux-trace --pinned %s, end with "
	       "ipimux-trace detach %s\n", name, name, name);
	return NULL;
}

int cmd_attach(int argc, char **argv)
{
	struct options options = {
		.session = SESSION_OPTIONS_DEFAULT, .name = DEFAULT_NAME, .group = PINS_NO_GROUP,
	};
	const struct argp argp = { attach_options, parse_attach, "[NAME]", attach_doc,
				   NULL, NULL, NULL };
	struct failure *failure;
	struct session session;

	argp_parse(&argp, argc, argv, 0, NULL, &options);
	/* As for a run: the first snapshot is of the start of what will be counted. */
	failure = session__open(&session, &options.session);
	if (!failure)
		failure = pin(&session, &options);
	session__close(&session);
	return failure__report(failure, EXIT_DONE);
}

int cmd_detach(int argc, char **argv)
{
	struct options options = { .name = DEFAULT_NAME };
	const struct argp argp = { detach_options, parse_detach, "[NAME]", detach_doc,
				   NULL, NULL, NULL };

	argp_parse(&argp, argc, argv, 0, NULL, &options);
	return failure__report(pins__remove(options.name), EXIT_DONE);
}
