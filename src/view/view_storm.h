/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Storms in words, as JSON, and as stacks for flame graphs: what storm.h found, and who
 * sends according to a sample. Finds nothing itself.
 */
#ifndef VIEW_STORM_H
#define VIEW_STORM_H

#include "analysis/storm_senders.h"
#include "machine/symbols.h"
#include "view/text.h"
#include "view/view.h"

/* Who sends. There may be no sample, or no names for its stacks: then it says why. */
struct storm_details {
	const struct senders_sample *sample;
	const char *no_sample;
	const struct symbols *symbols;
	const char *no_symbols;
};

/* That it watches from now on. Return 0 or -ENOMEM, as all of these. */
int view_storm__start(struct view *view, const struct storms *storms,
		      const struct snapshot *first, bool json);

/* The storms that have begun or ended in the last interval. */
int view_storm__reports(struct view *view, const struct storms *storms,
			const struct snapshot *difference, const struct snapshot *later,
			const struct storm_details *details, bool json);

/* Those that the end of the run cuts off; then, in words, the run and its audit. */
int view_storm__unfinished(struct view *view, const struct storms *storms,
			   const struct snapshot *later, bool json);
void view_storm__summary(struct view *view, const struct storms *storms,
			 const struct snapshot *difference, const struct audit *audit);

/* A line for each stack: "command;outermost;...;innermost sends". All of the sample. */
void view_storm__folded(FILE *out, const struct storm_details *details);

/* Shared by the two: the frames of a stack that are not the mux and what traces it. */
unsigned int view_storm__first_frame(const struct sender *sender, const struct symbols *symbols);
/* The name of a frame, or its address. */
const char *view_storm__frame(char buf[TEXT_SIZE], const struct symbols *symbols, __u64 frame);
/* What is to be said about a sender beside its command; "" for a plain task. */
const char *view_storm__context(const struct sender *sender);
/* One line of JSON. @event: "started", "ended", "unfinished". */
int view_storm__json(struct view *view, const struct storms *storms, const struct storm *storm,
		     const char *event, const struct snapshot *difference,
		     const struct snapshot *later, const struct storm_details *details);

#define VIEW_STORM_EXCESS	8
#define VIEW_STORM_SENDERS	5

#endif /* VIEW_STORM_H */
