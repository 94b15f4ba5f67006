/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Views: a difference in, text out. They ask nobody for more.
 */
#ifndef VIEW_H
#define VIEW_H

#include <stdbool.h>
#include <stdio.h>

#include "audit.h"
#include "machine.h"
#include "margins.h"
#include "snapshot.h"

struct view {
	FILE *out;
	const struct machine *machine;
	const struct cpuset *cpus;	/* show only these, NULL: all */
	bool per_vipi;			/* a row for each vIPI, too */
	bool colour;
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
 * Each view has two functions: one for an interval, one for a whole run and its audit.
 * They return 0 or -ENOMEM.
 */

/* A table: a row per CPU, the vIPIs if asked for, the total. Rates a second, then counts. */
int view_table__interval(struct view *view, const struct snapshot *difference);
int view_table__summary(struct view *view, const struct snapshot *difference,
			const struct audit *audit);

/* Only the audit: for commands whose summary is another one. */
void view_table__audit(struct view *view, const struct audit *audit);

/* What a finding of it says, in words: what stands behind "CPU 1 CALL_FUNC: ". */
void view_table__finding(char *buf, size_t size, const struct audit *audit,
			 const struct audit_entry *entry);

/* How long vIPIs waited, by vIPI and by CPU; in the summary drawn as bars, too. */
int view_latency__interval(struct view *view, const struct snapshot *difference);
int view_latency__summary(struct view *view, const struct snapshot *difference,
			  const struct audit *audit);

/* One line of JSON each, documented in docs/counters.md. */
int view_json__interval(struct view *view, const struct snapshot *difference);
int view_json__summary(struct view *view, const struct snapshot *difference,
		       const struct audit *audit);

/* The audit as the object that a summary has. NULL without memory; the caller's. */
struct json_t *view_json__audit(const struct view *view, const struct audit *audit);

/*
 * Is there a row for this CPU? If it was asked for (or none was), and it was
 * online, or else something happened to it.
 */
bool view__shows_cpu(const struct view *view, const struct snapshot *difference,
		     unsigned int cpu);

/* The sum over the vIPIs of @cpu. */
struct margin view__cpu_margin(const struct view *view, unsigned int cpu);

#endif /* VIEW_H */
