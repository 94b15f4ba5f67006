// SPDX-License-Identifier: GPL-2.0-only
/*
 * ipimux-trace doctor: can it run here, and if not, what is missing. Measures nothing,
 * changes nothing.
 */
#include <argp.h>

#include "base/failure.h"
#include "cmd/cmd.h"
#include "cmd/json_option.h"
#include "loader/loader.h"
#include "print/text.h"
#include "view/view_doctor.h"

static const char doc[] =
	"Checks whether ipimux-trace can run here: what this kernel has, what the user may do, which "
	"way into the multiplexer there is, and what that way shows. Says what to do about each "
	"thing that is missing. Attaches nothing."
	"\v"
	"Exit status: 0 usable, 2 wrong usage, 3 not usable, or not known to be usable.";

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = state->input;
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
	struct json_option json = {};
	const struct argp_child children[] = {
		json_option__child(&json, "Print one JSON object", false), {}
	};
	const struct argp argp = { NULL, parse_option, NULL, doc, children, NULL, NULL };
	const struct doctor_renderer *renderer;
	struct failure *failure;
	struct doctor doctor;
	struct facts facts;

	argp_parse(&argp, argc, argv, 0, NULL, &json);
	renderer = json.json ? &doctor_json : &doctor_text;
	failure = loader__check_descriptors(LOADER_DESCRIPTORS);
	if (failure)
		return failure__report(failure, EXIT_CANNOT);
	facts__read(&facts);
	loader__look(&facts);
	doctor__judge(&doctor, &facts, LOADER_HAS_FENTRY);
	failure = failure__of(renderer->summary(stdout, text__colour_wanted(stdout), &doctor,
						&facts));
	return failure__report(failure, doctor.way < 0 ? EXIT_CANNOT : EXIT_DONE);
}
