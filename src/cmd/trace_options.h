/* SPDX-License-Identifier: GPL-2.0-only */
/* What `trace` was asked for, and the two that can do so. */
#ifndef TRACE_OPTIONS_H
#define TRACE_OPTIONS_H

#include "base/failure.h"
#include "probe/events.h"
#include "session/session.h"
#include "view/view_events.h"

struct trace_options {
	struct session_options session;	/* CPUs only */
	struct events_options events;
	bool buffer_given;
	const char *vipi_list;
	const char *file;		/* to write to; NULL: standard output */
	bool force;
	const struct events_format *format;
	unsigned long long duration;	/* ns; 0: until told to stop */
	unsigned long long count;	/* 0: any */
	const char *ftrace;		/* what to read instead of this kernel; NULL: nothing */
};

/* The vIPIs that were asked for by name, as a set. */
struct failure *trace_options__find_vipis(const struct trace_options *options,
					  const struct machine *machine, __u32 *vipis);

/* Traces this kernel, for as long as it takes. */
struct failure *trace_live__run(struct trace_options *options);

/*
 * Shows what ftrace has traced, with an audit. *@status: what the program ends with, if there is no
 * failure.
 */
struct failure *trace_ftrace__run(const struct trace_options *options, enum exit_status *status);

#endif /* TRACE_OPTIONS_H */
