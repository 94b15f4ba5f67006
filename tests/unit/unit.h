/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the unit tests share: cmocka with the headers it wants, a check that says
 * what it looked at, random numbers that are the same in every run, and counters
 * filled by hand instead of by a kernel.
 */
#ifndef UNIT_H
#define UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Before cmocka.h, which takes the name fail() for a macro. */
#include "base/array_size.h"
#include "base/failure.h"

#include <cmocka.h>
#include <linux/types.h>

#include "analysis/interval.h"
#include "audit/audit.h"
#include "counters/snapshot.h"
#include "machine/machine.h"


/* As cmocka's asserts, which cannot say which row of a table of inputs failed. */
#define check(condition, format, ...) do {						\
	if (!(condition))								\
		fail_msg("%s: " format, #condition, ##__VA_ARGS__);			\
} while (0)

/* For main(): the tests as TAP, which is what prove reads. Returns its exit status. */
#define UNIT_RUN(name, tests)								\
	(cmocka_set_message_output(CM_OUTPUT_TAP),					\
	 cmocka_run_group_tests_name(name, tests, NULL, NULL))

/* The next number of the sequence that @state (any seed) stands in. */
uint64_t unit__random(uint64_t *state);
unsigned int unit__below(uint64_t *state, unsigned int limit);

/*
 * For tests that try each of many: how many to go on at a time. 1, but what UNIT_STRIDE says
 * where each takes long, under valgrind.
 */
size_t unit__stride(void);

/*
 * A snapshot of all zeros for CPUs 0..@nr_cpus-1, all of them online. @by_bit:
 * count processes bit by bit, also where the vIPIs are few enough for sets. Free with
 * snapshot__free().
 */
void unit__snapshot(struct snapshot *snapshot, unsigned int nr_cpus, unsigned int nr_vipis,
		    bool by_bit);

/* Any values in all counters. */
void unit__fill(struct snapshot *snapshot, uint64_t *random);

/* Are all counters of the two, which are of one shape, the same? */
bool unit__same(const struct snapshot *a, const struct snapshot *b);

/* CPUs 0..@nr_cpus-1, and RISC-V's names as far as they go, then vIPI8, vIPI9... */
void unit__machine(struct machine *machine, unsigned int nr_cpus, unsigned int nr_vipis);

/* @number more of an event, counted as the BPF programs would. */
void unit__send(struct snapshot *snapshot, unsigned int sender, unsigned int target,
		unsigned int vipi, enum ipimux_outcome outcome, __u64 number);
void unit__process(struct snapshot *snapshot, unsigned int cpu, __u32 set, __u64 number);
void unit__unmask(struct snapshot *snapshot, unsigned int cpu, unsigned int vipi,
		  enum ipimux_unmask what, __u64 number);

/* A CPU's balance of one vIPI, made what it should be by raised sends or handling. */
void unit__unbalance(struct snapshot *snapshot, unsigned int cpu, unsigned int vipi,
		     __s64 balance);

/*
 * Audits a window that CPUs came to or went from, or not, and of which nothing else is
 * known. As audit__run().
 */
int unit__audit(struct audit *audit, const struct snapshot *difference, bool hotplug);

/*
 * What follows from @difference, for a view: all that does, storms aside. @cpus: those asked for,
 * NULL: all. Free with interval__free().
 */
void unit__interval(struct interval *interval, const struct snapshot *difference,
		    const struct cpuset *cpus);

#endif /* UNIT_H */
