/* SPDX-License-Identifier: GPL-2.0-only */
/* The words for it that the multiplexer cannot be watched from outside, and why. */
#ifndef PROBE_UNTRACEABLE_H
#define PROBE_UNTRACEABLE_H

#include "base/failure.h"

/* Of @kind, for -errno or 0; @why is a format, and an argument for it. */
#define UNTRACEABLE(kind, err, why, ...)							\
	failure__new(kind, err, "the functions of this kernel's IPI multiplexer cannot be "	\
		     "traced: " why "; with the tracepoints of ipimux-trace's kernel-patch/ "	\
		     "the tool does not trace them (see README.md)", ##__VA_ARGS__)

/* Because this kernel does not support it. */
struct failure *untraceable(const char *why);

/* Because it has no fentry; for -errno or 0. */
struct failure *untraceable__no_fentry(int err);

/*
 * Neither fentry, because of @before (NULL: that was not tried), nor kprobes, because of @failure:
 * as one failure, which says both where they differ. Both are freed.
 */
struct failure *untraceable__either(struct failure *before, struct failure *failure);

#endif /* PROBE_UNTRACEABLE_H */
