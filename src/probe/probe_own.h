/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the parts of probe.h share: probe.c loads, attaches and pins, probe_snapshot.c reads the
 * counters, probe_edge.c finds an instant for the edge of a run, and probe_compare.c makes fit
 * there what --verify compares.
 */
#ifndef PROBE_OWN_H
#define PROBE_OWN_H

#include "probe/probe.h"

struct ipimux_bpf;
struct entries;
struct fentry;
struct kprobes;
struct noted;

struct probe {
	struct ipimux_bpf *bpf;	/* NULL: another process loaded it, and pinned it... */
	struct entries *entries;	/* or where there are no tracepoints, this instead... */
	struct fentry *fentry;	/* ...or this... */
	struct kprobes *kprobes;	/* ...or this... */
	struct failure *dearer;	/* ...and why not one before, where it could be */
	struct noted *noted;	/* what these have not counted yet; NULL: they count all at once */
	struct pins *pins;	/* ...here */
	int first_program;	/* see loader__first_program() */
	bool interpreted;	/* the JIT is off */
	struct verify *verify;	/* NULL: not asked for */
	struct words_reader *words;	/* NULL: they are not to be had... */
	struct failure *no_words;	/* ...or they are, and this is why not */
	struct counters live;
	unsigned int nr_cpus;	/* the highest possible CPU, plus one */
	unsigned int nr_vipis;
	__u64 missed;		/* so far, of fentry */
};

/*
 * How many events were missed so far, into @snapshot: at the start of a run before its counters
 * are copied, otherwise after that. Fails as probe__snapshot().
 */
struct failure *probe__read_missed(struct probe *probe, struct snapshot *snapshot);

/* --- probe_snapshot.c --- */

/*
 * Brings the counters of CPUs @first to @last up to date, where that is not done by those who
 * count. Returns 0 or -errno.
 */
int probe__refresh(const struct probe *probe, unsigned int first, unsigned int last);

/* What concerns @cpu. Returns as counters__copy_cpu(), or another -errno. */
int probe__copy_cpu(struct probe *probe, struct snapshot *snapshot, unsigned int cpu);

/* What concerns each CPU, of one instant where it stands still for that long. 0 or -errno. */
int probe__copy_all(struct probe *probe, struct snapshot *snapshot);

/* The vIPIs of @cpu of which nothing was counted since they were copied. */
__u32 probe__still(struct probe *probe, const struct snapshot *snapshot, unsigned int cpu);

/* The time, and what was missed so far. Fails as probe__snapshot(). */
struct failure *probe__stamp(struct probe *probe, struct snapshot *snapshot);

/* How far apart counters are looked at that are to settle. */
#define SETTLE_PAUSE_NS	3000000

/* --- probe_compare.c --- */

/*
 * Makes all that --verify counted fit what it is compared with in the copy: before a grace period
 * and after it, and some more times. Returns 0 or -ENOMEM.
 */
int probe__settle_compared(const struct probe *probe, struct snapshot *snapshot);

#endif /* PROBE_OWN_H */
