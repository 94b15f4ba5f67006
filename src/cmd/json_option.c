// SPDX-License-Identifier: GPL-2.0-only
/* The option -j, see json_option.h. */
#include "cmd/json_option.h"

/* Commands' own begin at 0x100, the session's at 0x200. */
enum { OPT_ALL = 0x300 };

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct json_option *option = state->input;

	switch (key) {
	case 'j':
		option->json = true;
		return 0;
	case OPT_ALL:
		option->zeros = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

struct argp_child json_option__child(struct json_option *option, const char *help, bool sparse)
{
	option->table[0] = (struct argp_option){ "json", 'j', NULL, 0, help, 0 };
	if (sparse)
		option->table[1] = (struct argp_option){
			"all", OPT_ALL, NULL, 0, "With -j, also print the counts that are 0", 0
		};
	option->argp = (struct argp){ .options = option->table, .parser = parse_option };
	return (struct argp_child){ &option->argp, 0, NULL, 0 };
}
