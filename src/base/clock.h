/* SPDX-License-Identifier: GPL-2.0-only */
/* Clocks and waits in ns, as all times of this tool are. */
#ifndef CLOCK_H
#define CLOCK_H

#include <time.h>

static inline unsigned long long clock__now(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

static inline struct timespec clock__timespec(unsigned long long ns)
{
	return (struct timespec){ .tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000 };
}

/* What is left until @deadline of CLOCK_MONOTONIC; 0 when it is over. */
static inline unsigned long long clock__left(unsigned long long deadline)
{
	unsigned long long time = clock__now(CLOCK_MONOTONIC);

	return deadline > time ? deadline - time : 0;
}

#endif /* CLOCK_H */
