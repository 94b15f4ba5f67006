// SPDX-License-Identifier: GPL-2.0-only
/* Why the multiplexer cannot be watched from outside, see untraceable.h. */
#include <string.h>

#include "ways/untraceable.h"

struct failure *untraceable__no_fentry(int err)
{
	return UNTRACEABLE(FAILURE_UNSUPPORTED, err, "the kernel has no fentry (for riscv, Linux "
			   "6.8 or later with CONFIG_FUNCTION_TRACER and "
			   "CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS)");
}

struct failure *untraceable(const char *why)
{
	return UNTRACEABLE(FAILURE_UNSUPPORTED, 0, "%s", why);
}

struct failure *untraceable__either(struct failure *before, struct failure *failure)
{
	struct failure *both;

	if (!before)
		return failure;
	if (!strcmp(before->text, failure->text)) {
		failure__free(failure);
		return before;
	}
	both = failure__new(before->kind, before->err, "%s. By kprobe: %s", before->text,
			    failure->text);
	failure__free(before);
	failure__free(failure);
	return both;
}
