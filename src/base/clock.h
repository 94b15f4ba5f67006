/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Clocks and waits in ns, as all times of this tool are. CLOCK_MONOTONIC is that of the machine, as
 * BPF programs read it and dmesg has it, whatever the time namespace of this process.
 */
#ifndef CLOCK_H
#define CLOCK_H

#include <time.h>

unsigned long long clock__now(clockid_t clock);

/*
 * By how much CLOCK_MONOTONIC of this process is ahead, in ns; 0 until it is told, which is
 * before the first time is read, see machine__read_clock_offset().
 */
void clock__set_offset(long long ns);

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
