/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a kernel's facts mean for this tool: what is good, what is missing, what to do
 * about it, and which way into the multiplexer there is. Pure.
 */
#ifndef DOCTOR_H
#define DOCTOR_H

#include "machine/facts.h"

enum doctor_item {
	DOCTOR_MUX,
	DOCTOR_PARENT,
	DOCTOR_FENCES,
	DOCTOR_BPF,
	DOCTOR_PERMISSION,
	DOCTOR_JIT,
	DOCTOR_TRACEPOINTS,
	DOCTOR_BTF,
	DOCTOR_FTRACE,
	DOCTOR_KPROBES,
	DOCTOR_RAISES,
	DOCTOR_LOCKDOWN,
	DOCTOR_NAMES,
	DOCTOR_NR_ITEMS
};

enum doctor_state {
	DOCTOR_GOOD,
	DOCTOR_NOTE,		/* to know; nothing stands in the way */
	DOCTOR_UNKNOWN,		/* it cannot be told */
	DOCTOR_MISSING,		/* stands in the way, and in no longer one than another */
};

struct doctor_check {
	enum doctor_state state;
	char fact[200];		/* what is so */
	char advice[240];	/* what to do, or what it means; "": nothing */
};

enum doctor_way { DOCTOR_TRACEPOINT, DOCTOR_FENTRY, DOCTOR_KPROBE, DOCTOR_NR_WAYS };

/* @lacks, @unknown: bits 1 << enum doctor_item. */
struct doctor_verdict {
	enum known possible;
	__u32 lacks;		/* what is missing for it */
	__u32 unknown;		/* what may be missing */
	bool not_built;		/* this tool has no programs for it */
};

struct doctor {
	struct doctor_check checks[DOCTOR_NR_ITEMS];
	struct doctor_verdict ways[DOCTOR_NR_WAYS];
	int way;		/* the one that is used, or -1: none, not usable */
};

/* Of a tool that has programs for fentry and kprobes, or not. */
void doctor__judge(struct doctor *doctor, const struct facts *facts, bool has_fentry);

/*
 * Of that the items alone, each as if it were all that is missing: MISSING is what any way
 * needs.
 */
void doctor__check(struct doctor_check checks[DOCTOR_NR_ITEMS], const struct facts *facts);

#endif /* DOCTOR_H */
