// SPDX-License-Identifier: GPL-2.0-only
/* The option -j, see json_option.h. */
#include "cmd/json_option.h"

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct json_option *option = state->input;

	if (key != 'j')
		return ARGP_ERR_UNKNOWN;
	option->json = true;
	return 0;
}

struct argp_child json_option__child(struct json_option *option, const char *help)
{
	option->table[0] = (struct argp_option){ "json", 'j', NULL, 0, help, 0 };
	option->argp = (struct argp){ .options = option->table, .parser = parse_option };
	return (struct argp_child){ &option->argp, 0, NULL, 0 };
}
