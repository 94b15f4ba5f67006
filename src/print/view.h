/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What all views share: where they write, and how. What they show is an interval, computed before
 * (analysis/interval.h); they analyse nothing. How a topic is shown is in renderer.h.
 */
#ifndef VIEW_H
#define VIEW_H

#include <stdbool.h>
#include <stdio.h>

#include "analysis/interval.h"
#include "machine/machine.h"

struct view {
	FILE *out;
	const struct machine *machine;
	bool per_vipi;			/* a row for each vIPI, too */
	bool zeros;			/* JSON: counts that are 0, too */
	bool colour;
	unsigned int colours;		/* for heat: 0, 8 or 256 */
};

/* A view on @out: no row for each vIPI, colour if @out is a terminal. */
void view__init(struct view *view, FILE *out, const struct machine *machine);

/*
 * Where outcomes were found out from outside of the mux (fentry, kprobe) and some of this interval
 * are uncertain, says so in a line.
 */
void view__doubts(struct view *view, const struct interval *interval);

/* Of how many waits one was timed, if not all were. */
void view__sampled(struct view *view, const struct interval *interval);

#endif /* VIEW_H */
