/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The results of `check`: one test for each thing that a run must keep to, with what there
 * is to say about it; and those as KTAP and as JUnit XML. Judges nothing but what an audit
 * and a command's end make of their tests.
 */
#ifndef RESULTS_H
#define RESULTS_H

#include <stdbool.h>
#include <stdio.h>

#include "analysis/limits.h"
#include "print/view.h"

enum result { RESULT_OK, RESULT_NOT_OK, RESULT_SKIP };

struct test_result {
	char name[80];		/* letters, digits, "_", "-", "." only */
	enum result result;
	char reason[256];	/* not OK: why, in a line */
	char *details;		/* lines; NULL: none */
};

/* Audit, stuck, command, and all limits. */
#define RESULTS_MAX (LIMITS_MAX + 3)

struct results {
	unsigned int nr_tests;
	struct test_result test[RESULTS_MAX];
	double seconds;		/* that were measured */
	char *summary;		/* lines about all of it; NULL: none */
};

/* What became of the command; @error: it was not started, errno. */
struct command_end {
	const char *name;
	int error;
	int status;		/* as of waitpid() */
	int told;		/* the signal that this program was told to end it by; 0: none */
};

/*
 * Add a test each. Nothing is written to @view. @strict: what is not proved fails, too.
 * @first: the first report of a vIPI that was stuck, if there was one, and @reports: all of them
 * as lines. Return 0 or -ENOMEM.
 */
int results__add_audit(struct results *results, const struct view *view,
		       const struct audit *audit, bool strict);
int results__add_stuck(struct results *results, const struct machine *machine,
		       const struct stuck *stuck, const struct stuck_report *first,
		       const char *reports);
int results__add_command(struct results *results, const struct command_end *end);
/* One that could not be judged: @result is not that it is ok. */
void results__add_not_judged(struct results *results, const char *name, enum result result,
			     const char *why);
int results__add_limit(struct results *results, const struct machine *machine,
		       const struct limit *limit, const struct verdict *verdict,
		       __u64 run_ns);

/* What was measured at all, for the head. Returns 0 or -ENOMEM. */
int results__summarize(struct results *results, const struct interval *interval,
		       const char *note);

void results__free(struct results *results);

/* Is any not OK? */
bool results__failed(const struct results *results);

/* A report of a vIPI that is stuck, as a line; @first: the run's first snapshot. */
void results__print_stuck(FILE *out, const struct machine *machine,
			  const struct stuck_report *report, const struct snapshot *first);

/* KTAP, the kernel's test anything protocol, version 1; and one without a test. */
void view_ktap__print(FILE *out, const struct results *results);
void view_ktap__skip(FILE *out, const char *reason);

/*
 * JUnit XML; and one whose only test, "run", was not run because of @reason: @skipped, or
 * that is an error.
 */
void view_junit__print(FILE *out, const struct results *results);
void view_junit__not_run(FILE *out, const char *reason, bool skipped);

#endif /* RESULTS_H */
