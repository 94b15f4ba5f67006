/* SPDX-License-Identifier: GPL-2.0-only */
/* Descriptions of the terminals that everybody has, compiled in. Pure: without ncurses. */
#ifndef TERMINALS_H
#define TERMINALS_H

struct terminal {
	const char *prefix;		/* how names of such terminals begin */
	const char *entry;		/* what terminfo calls what is described */
	const char *description;	/* for the variable TERMINFO: "hex:...", see term(5) */
};

/* The one with the longest prefix of the name @name, or NULL. */
const struct terminal *terminals__find(const char *name);

#endif /* TERMINALS_H */
