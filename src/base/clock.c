// SPDX-License-Identifier: GPL-2.0-only
/* The clock that the kernel's own times are of, see clock.h. */
#include "base/clock.h"

static long long offset;

void clock__set_offset(long long ns)
{
	offset = ns;
}

unsigned long long clock__now(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec - (clock == CLOCK_MONOTONIC ? offset : 0);
}
