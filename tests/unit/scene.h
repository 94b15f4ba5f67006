/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests of the views share: a machine with a difference of two snapshots on
 * it, filled event by event, what happened counted beside it, and the text that a view
 * makes of it. Judges no text.
 */
#ifndef SCENE_H
#define SCENE_H

#include "unit.h"
#include "view/renderer.h"

#define MAX_CPUS	8
#define MAX_LINES	800
#define LINE_WIDTH	100

/* Sun Jun 15 15:06:40 UTC 2025, and some ns. */
#define WALL_TIME	1750000000123456789ULL

/* What happened, beside the snapshot that is to show it. */
struct happened {
	struct margin margin[MAX_CPUS][IPIMUX_MAX_VIPIS];
	struct processes processes[MAX_CPUS];
};

/* All that a view needs, and the text that came out of it. */
struct scene {
	struct machine machine;
	struct snapshot difference;
	struct happened happened;
	struct cpuset cpus;
	const struct cpuset *only;	/* show only these, NULL: all */
	const __u32 *unhandled;		/* see struct audit_facts, and the next two */
	const __u32 *stuck;
	bool cut_off;
	struct view view;
	char *text;
	char *lines[MAX_LINES];
	unsigned int nr_lines;
};

enum how { TABLE_INTERVAL, TABLE_SUMMARY, JSON_INTERVAL, JSON_SUMMARY, LATENCY_INTERVAL };

/* Two seconds in which nothing happened. @by_bit: see unit__snapshot(). */
void scene__set_up(struct scene *scene, unsigned int nr_cpus, unsigned int nr_vipis, bool by_bit);
void scene__tear_down(struct scene *scene);

/* @number more of an event, in the difference and in the tally. */
void scene__send(struct scene *scene, unsigned int sender, unsigned int target, unsigned int vipi,
		 enum ipimux_outcome outcome, __u64 number);
void scene__process(struct scene *scene, unsigned int cpu, __u32 set, __u64 number);
void scene__unmask(struct scene *scene, unsigned int cpu, unsigned int vipi,
		   enum ipimux_unmask what, __u64 number);

/* A bit of everything on CPUs 0..@nr_cpus-1, each event fewer than @limit times. */
void scene__add_events(struct scene *scene, unsigned int nr_cpus, unsigned int limit,
		       uint64_t *random);

/* The tally of a CPU, all its vIPIs together. */
struct margin scene__sum_of_cpu(const struct scene *scene, unsigned int cpu);

/* The view's text, whole, escape sequences and all; scene__split() makes lines of it. */
void scene__show_raw(struct scene *scene, enum how how, bool hotplug);
void scene__split(struct scene *scene);
/* Both. */
void scene__show(struct scene *scene, enum how how, bool hotplug);

/* The first line that starts so, the row of a CPU or vIPI; NULL if there is none. */
const char *scene__line(const struct scene *scene, const char *start);
const char *scene__row(const struct scene *scene, const char *name);

#endif /* SCENE_H */
