/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the parts of entries.h share: entries.c loads and attaches, entries_unsettled.c counts what
 * is over and not counted.
 */
#ifndef ENTRIES_OWN_H
#define ENTRIES_OWN_H

#include "ways/entries.h"
#include "bpf/entries.h"

struct bpf_program;
struct entries_bpf;

/* What is noted and not counted, see entries__note(). */
enum unsettled_kind { UNSETTLED_SEND, UNSETTLED_CALL, UNSETTLED_PROCESS };

struct unsettled {
	enum unsettled_kind kind;
	unsigned int cpu, index;	/* of the place of a send, or the level of a call */
	unsigned int target;		/* the CPU whose copy it belongs to */
	__u64 what[3];			/* as long as these are the same, it is the same */
	bool there;			/* and so it was when that CPU was copied last */
};

struct entries {
	struct entries_bpf *bpf;
	const struct counters *live;
	unsigned int nr_cpus;
	struct bpf_program *send, *raise, *process;	/* that are attached */

	/* What the programs know, once they are loaded: see bpf/entries.h. */
	const struct entries_settings *settings;
	const volatile struct entries_cpu *cpus;	/* [cpu] */
	const volatile struct entries_call *calls;	/* [cpu][level] */
	const volatile __u32 *targets;			/* [cpu][level][target] */
	const volatile __u64 *target_masks;		/* [cpu][level][word] */
	const volatile struct entries_notes *notes;	/* [cpu] */

	struct unsettled *unsettled;
	unsigned int nr_unsettled, room;
};

#endif /* ENTRIES_OWN_H */
