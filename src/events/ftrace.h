/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The multiplexer's events as ftrace has them as text: in tracefs (trace, trace_pipe), in what
 * `trace-cmd report` prints, and in what the kernel prints of its buffer itself (sysrq-z,
 * ftrace_dump_on_oops), there also behind the times of printk. Pure: takes lines, opens nothing.
 */
#ifndef FTRACE_H
#define FTRACE_H

#include <stdbool.h>
#include <linux/types.h>

#include "bpf/events.h"

/* RISC-V has no more CPUs; a larger number is none of an event of this multiplexer. */
#define FTRACE_MAX_CPUS	512

/* What a line is. */
enum ftrace_line {
	FTRACE_OTHER,		/* nothing of the multiplexer */
	FTRACE_EVENT,
	FTRACE_UNREADABLE,	/* an event of the multiplexer, and ftrace->why not */
};

/* All that was read so far, except the events. */
struct ftrace {
	unsigned int nr_cpus;	/* the highest CPU that was named, plus one */
	unsigned int nr_vipis;	/* the highest vIPI, by number or in a word, plus one */
	bool overwritten;	/* the buffer had no room for what came before */
	bool lost_unknown;	/* events were lost, and it does not say how many */
	__u64 lost[FTRACE_MAX_CPUS];	/* [cpu]: where it does */
	const char *why;	/* that the last line was unreadable */
};

/*
 * The next line, which need not have an end. Of an event, @event, with its command printable;
 * times are ns by the clock of the trace, of which all lines are, modulo 2^64.
 */
enum ftrace_line ftrace__line(struct ftrace *ftrace, const char *line, struct ipimux_event *event);

#endif /* FTRACE_H */
