/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What verify.bpf.c and user space agree on besides the tables of ipimux.h. Include ipimux.h
 * before it.
 */
#ifndef VERIFY_H
#define VERIFY_H

/* What happened so far on a CPU, as its own next event should find it. */
struct verify_order {
	__u64 taken, started;		/* vIPIs, handlers */
	__u64 raised, parents;		/* sends, parent IPIs */
	__u64 watching;			/* a process was seen */
	__u64 sending;			/* a send of a task was */
	__u64 enabled_at;		/* where its enabled word is; 0: not known */
	__u64 spare;
};

#endif /* VERIFY_H */
