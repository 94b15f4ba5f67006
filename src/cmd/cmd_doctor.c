// SPDX-License-Identifier: GPL-2.0-only
/*
 * ipimux-trace doctor: can it run here, and if not, what is missing. Measures nothing,
 * changes nothing.
 */
#include <argp.h>

#include "base/failure.h"
#include "cmd/cmd.h"
#include "probe/loader.h"
#include "view/text.h"
#include "view/view_doctor.h"

static const struct argp_option option_table[] = {
	{ "json", 'j', NULL, 0, "Print one JSON object", 0 },
	{}
};

static const char doc[] =
	"Checks whether ipimux-trace can run here: what this kernel has, what the user may do, which "
	"way into the multiplexer there is, and what that way shows. Says what to do about each "
	"thing that is missing. Attaches nothing."
	"\v"
	"Exit status: 0 usable, 2 wrong usage, 3 not usable or not known to be.";

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	bool *json = state->input;

	switch (key) {
	case 'j':
		*json = true;
		break;
	case ARGP_KEY_ARG:
		argp_error(state, "'%s' is one argument too many", arg);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

int cmd_doctor(int argc, char **argv)
{
	const struct argp argp = { option_table, parse_option, NULL, doc, NULL, NULL, NULL };
	struct failure *failure;
	struct doctor doctor;
	struct facts facts;
	bool json = false;

	argp_parse(&argp, argc, argv, 0, NULL, &json);
	failure = loader__check_descriptors(LOADER_DESCRIPTORS);
	if (failure)
		return failure__report(failure, EXIT_CANNOT);
	facts__read(&facts);
	loader__look(&facts);
	doctor__judge(&doctor, &facts, LOADER_HAS_FENTRY);
	if (json)
		failure = failure__of(view_doctor__json(stdout, &doctor, &facts));
	else
		view_doctor__page(stdout, text__colour_wanted(stdout), &doctor, &facts);
	return failure__report(failure, doctor.way < 0 ? EXIT_CANNOT : EXIT_DONE);
}
