/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * -j: which of two ways to show a topic was asked for; and, for those that leave zeros out, --all.
 * Parsed here, for all that have it.
 */
#ifndef JSON_OPTION_H
#define JSON_OPTION_H

#include <argp.h>
#include <stdbool.h>

struct json_option {
	bool json;			/* it was given */
	bool zeros;			/* and what is 0 is to be there, too */

	/* Its own. */
	struct argp_option table[3];
	struct argp argp;
};

/*
 * The option as a child for argp, whose input is @option. @help: what is printed then. @sparse: it
 * leaves zeros out.
 */
struct argp_child json_option__child(struct json_option *option, const char *help, bool sparse);

#endif /* JSON_OPTION_H */
