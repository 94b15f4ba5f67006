/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the two halves of probe.h share: probe.c, which loads, attaches and pins, and
 * probe_snapshot.c, which reads the counters.
 */
#ifndef PROBE_OWN_H
#define PROBE_OWN_H

#include "probe/probe.h"

struct ipimux_bpf;
struct fentry;

struct probe {
	struct ipimux_bpf *bpf;	/* NULL: another process loaded it, and pinned it... */
	struct fentry *fentry;	/* or where there are no tracepoints, this instead */
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
 * How many events were missed so far, into @snapshot; after the counters were read. Fails as
 * probe__snapshot().
 */
struct failure *probe__read_missed(struct probe *probe, struct snapshot *snapshot);

#endif /* PROBE_OWN_H */
