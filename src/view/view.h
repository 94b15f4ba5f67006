/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Views: a difference in, text out. A function that returns int returns 0 or -ENOMEM; text that
 * cannot be written shows as an error of @out.
 */
#ifndef VIEW_H
#define VIEW_H

#include <stdbool.h>
#include <stdio.h>

#include "analysis/audit.h"
#include "analysis/latency.h"
#include "analysis/margins.h"
#include "analysis/matrix.h"
#include "analysis/snapshot.h"
#include "analysis/stuck.h"
#include "machine/machine.h"

struct view {
	FILE *out;
	const struct machine *machine;
	const struct cpuset *cpus;	/* show only these, NULL: all */
	bool per_vipi;			/* a row for each vIPI, too */
	bool colour;
	unsigned int colours;		/* for heat: 0, 8 or 256 */
	struct margins margins;		/* room to work in, made for the shape */
};

/*
 * A view on @out of differences of @shape: all CPUs, no row for each vIPI, colour if
 * @out is a terminal. Returns 0 or -ENOMEM.
 */
int view__init(struct view *view, FILE *out, const struct machine *machine,
	       const struct ipimux_shape *shape);
void view__free(struct view *view);

/*
 * Who sent to whom: a row a sender, a column a target. Rates a second of an interval,
 * counts of a whole run and its audit. @matrix: computed from @difference.
 */
void view_matrix__interval(struct view *view, const struct matrix *matrix,
			   const struct snapshot *difference);
void view_matrix__summary(struct view *view, const struct matrix *matrix,
			  const struct snapshot *difference, const struct audit *audit);

/* The most CPUs that a matrix can have on an axis in so many columns of text. */
unsigned int view_matrix__room(unsigned int columns);

/* The same as one line of JSON each, see docs/json.md. */
int view_matrix__json_interval(struct view *view, const struct matrix *matrix,
			       const struct snapshot *difference);
int view_matrix__json_summary(struct view *view, const struct matrix *matrix,
			      const struct snapshot *difference, const struct audit *audit);

/* Most views have two functions: one for an interval, one for a whole run and its audit. */

/* A table: a row per CPU, the vIPIs if asked for, the total. Rates a second, then counts. */
int view_table__interval(struct view *view, const struct snapshot *difference);
int view_table__summary(struct view *view, const struct snapshot *difference,
			const struct audit *audit);

/* Only the audit: for commands whose summary is another one. */
void view_audit__print(struct view *view, const struct audit *audit);

/* Its verdict in words: "balanced", "OFF", or "balanced, except 2 not seen". */
#define VIEW_VERDICT_SIZE	256
void view_audit__verdict(char *buf, size_t size, const struct audit *audit);

/* What a finding of it says, in words: what stands behind "CPU 1 CALL_FUNC: ". */
void view_audit__finding(char *buf, size_t size, const struct audit_entry *entry);

/* How long vIPIs waited, by vIPI and by CPU; in the summary drawn as bars, too. */
int view_latency__interval(struct view *view, const struct snapshot *difference);
int view_latency__summary(struct view *view, const struct snapshot *difference,
			  const struct audit *audit);

/* One line of JSON each, documented in docs/json.md. */
int view_json__interval(struct view *view, const struct snapshot *difference);
int view_json__summary(struct view *view, const struct snapshot *difference,
		       const struct audit *audit);

/* The fields' version, in each object. */
#define VIEW_JSON_VERSION 1

/*
 * What is stuck: for `stuck` a line at the start; for all commands that watch, what the
 * last interval brought, which ended with @later; for `stuck` a summary with the audit.
 * In words, or as lines of JSON.
 */
int view_stuck__start(struct view *view, const struct stuck *stuck, const struct snapshot *first,
		      bool json);
int view_stuck__reports(struct view *view, const struct stuck *stuck,
			const struct snapshot *later, bool json);
void view_stuck__summary(struct view *view, const struct stuck *stuck,
			 const struct snapshot *difference, const struct audit *audit);

/*
 * Where outcomes were found out from outside of the mux (fentry) and some of this interval
 * are uncertain, says so in a line.
 */
void view_table__doubts(struct view *view, const struct snapshot *difference);

struct json_t;

/* Adds to @object how it was watched: "via", and how many outcomes are in doubt. */
void view_json__add_via(struct json_t *object, const struct counters *counters);

/* The audit as the object that a summary has. NULL without memory; the caller's. */
struct json_t *view_json__audit(const struct view *view, const struct audit *audit);

/* How long vIPIs waited, as an object; kinds that did not occur are left out. */
struct json_t *view_json__waits(const struct waits *waits);

/* How many events were missed, as a number; null where that is not known. */
struct json_t *view_json__missed(__u64 missed, bool unknown);

/* Prints @object as one line and drops it. Returns 0, or -ENOMEM if it is NULL. */
int view_json__print(struct view *view, struct json_t *object);

/*
 * Is there a row for this CPU? If it was asked for (or none was), and it was
 * online, or else something happened to it.
 */
bool view__shows_cpu(const struct view *view, const struct snapshot *difference,
		     unsigned int cpu);

/* The sum over the vIPIs of @cpu. */
struct margin view__cpu_margin(const struct view *view, unsigned int cpu);

#endif /* VIEW_H */
