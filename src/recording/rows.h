/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A list of rows of numbers in a line that nobody vouches for: which begin with a CPU, or with a
 * CPU and a vIPI, of the machine that was recorded.
 */
#ifndef ROWS_H
#define ROWS_H

#include "machine/machine.h"
#include "recording/fields.h"

#define ROWS_MAX	4

/* What the rows of a list are. */
struct rows_form {
	const char *key, *row;	/* as they are written, and as an error tells of them */
	unsigned int nr_keys;	/* 1: each row begins with a CPU, 2: with a CPU and a vIPI */
	unsigned int nr;	/* numbers in a row, these included; at most ROWS_MAX */
	__u64 least, most;	/* what the others may be */
};

/* The rows of a list, one by one. */
struct rows {
	const struct rows_form *form;
	const struct machine *machine;
	struct fault *fault;
	const json_t *list;	/* NULL: the line has none */
	size_t next;
	__u64 row[ROWS_MAX];	/* the one that was read */
	int err;		/* what follows is not to be believed */
};

/* Those of @line, which need not have any. */
struct rows rows__find(struct fault *fault, const json_t *line, const struct rows_form *form,
		       const struct machine *machine);

/* Reads the next one, into @row; false: there is none, or, with @err, one that is wrong. */
bool rows__next(struct rows *rows);

#endif /* ROWS_H */
