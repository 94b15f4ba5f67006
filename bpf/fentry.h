/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What fentry.bpf.c and user space agree on besides the tables of ipimux.h: how the mux of a
 * kernel without tracepoints is watched. Include ipimux.h before it.
 */
#ifndef FENTRY_H
#define FENTRY_H

/* Calls of the mux that can be under way on a CPU at once, one in an interrupt of the other. */
#define FENTRY_MAX_CALLS	4
#define FENTRY_CALL_SHIFT	2

/* How raises of the parent IPI are seen. */
enum fentry_parent {
	FENTRY_PARENT_UNSEEN = 0,	/* not at all: outcomes are predicted */
	FENTRY_PARENT_SBI,		/* that one was raised, but not for which CPU */
	FENTRY_PARENT_FUNCTION,		/* the function that raises it for a CPU is traced */
};

/* Constants, set before the programs are loaded. */
struct fentry_settings {
	__u32 parent;		/* enum fentry_parent */
	__u32 first_virq;	/* of vIPI 0; the others follow */
	__u32 nr_vipis;
	__u32 nr_words;		/* of 64 CPUs each, in a CPU mask */
	__u32 word_cpus;	/* or of less, if there are less */
	__u32 words_mask;	/* numbers of entries in tables, less one */
	__u32 calls_mask;
	__u32 targets_mask;
	__u32 masks_mask;
	__u32 cpus_mask;
	__u32 passing;		/* events are passed on, too, as those of passing.h */
	__u32 spare;
	__u64 online;		/* address of the mask of CPUs online */
};

enum fentry_call_kind { FENTRY_NO_CALL = 0, FENTRY_SEND, FENTRY_UNMASK };

/* A call of the mux that is under way. */
struct fentry_call {
	__u64 id;		/* where its arguments are on the stack: its own as long as it is */
	__u64 raise;		/* the same for the raise that was seen last, until both saw it */
	__u32 kind;
	__u32 vipi;
	__u32 nr_targets;
	__u32 target;		/* the last of them */
	__u32 found;		/* what its words were: the outcome that they foretold */
	__u32 raises;		/* seen so far */
	__u32 nr_foretold;	/* of the targets: for how many a raise was foretold */
	__u32 nr_candidates;	/* and for how many it is possible, as it turned out */
	__u32 left, extra;	/* raises to be given to those foretold, and to others */
	__u32 uncertain;	/* FENTRY_UNCERTAIN: what comes of it for the target settled now */
	__u32 spare;
	__u64 changes;		/* of enabled words, before it; or FENTRY_CHANGING */
	__u64 time;		/* ns, when it began; where events are passed on */
};

#define FENTRY_CHANGING	(~0ULL)

/* Behind the bits of an outcome. */
#define FENTRY_UNCERTAIN	(1 << 2)

/*
 * What there is to know of each target of a send, where there are several: the outcome that
 * was foretold; that it was seen raised; or that its bit was pending and enabled with no
 * process under way, and the number of the next one: until that begins, it stays so.
 */
#define FENTRY_OUTCOME		3
#define FENTRY_RAISED		(1 << 2)
#define FENTRY_WAITS		(1 << 3)
#define FENTRY_PROCESS_SHIFT	4

struct fentry_cpu {
	__u32 nr_calls;		/* under way */
	__u32 batch;		/* vIPIs that the process under way has handled so far */
	__u64 process_time;	/* ns, when it began */
	__u64 no_room;		/* calls that there was no room for */
	__u64 begun[2];		/* sends, by the program that came first: see fentry.bpf.c */
	__u64 ended[2];
	__u32 processes_begun, processes_done;
	__u64 fence;		/* its value is nothing, writing it is a barrier */
	__u32 masked_within;	/* vIPIs that were masked in the process under way */
	__u32 handled;		/* and those it has handled so far, where events are passed on */
	__u64 words;		/* as it began, the same: see read_words() */
	__u64 spare[5];
};

#endif /* FENTRY_H */
