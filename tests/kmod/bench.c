// SPDX-License-Identifier: GPL-2.0-only
/*
 * How long a send takes, from a CPU to itself. Under QEMU's -icount a nanosecond
 * is an instruction, so it is also how many. Knows nothing of what traces the mux.
 */
#include <linux/irqflags.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include <asm/csr.h>

#include "stimulus.h"

#define PARTS	100

enum path { PATH_LOOP, PATH_RAISED, PATH_COALESCED, PATH_MASKED, PATH_KICK };

static const char *const path_names[] = {
	[PATH_LOOP] = "loop", [PATH_RAISED] = "raised", [PATH_COALESCED] = "coalesced",
	[PATH_MASKED] = "masked", [PATH_KICK] = "kick",
};

/* @count times what the others do around a send, but no send */
static void run_loop(unsigned int vipi, unsigned int cpu, unsigned int count)
{
	while (count--) {
		unsigned long before = handled_by(cpu, vipi);

		while (handled_by(cpu, vipi) != before)
			cpu_relax();
	}
}

/* @count sends that are handled before the next */
static void run_raised(unsigned int vipi, unsigned int cpu, unsigned int count)
{
	while (count--) {
		unsigned long before = handled_by(cpu, vipi);

		send(vipi, cpumask_of(cpu));
		while (handled_by(cpu, vipi) == before)
			cpu_relax();
	}
}

/* @count sends that find their bit pending, with interrupts off */
static void run_pending(unsigned int vipi, unsigned int cpu, unsigned int count)
{
	while (count--)
		send(vipi, cpumask_of(cpu));
}

/* @count sends while masked, each kicked by an unmask and handled */
static void run_kick(unsigned int vipi, unsigned int cpu, unsigned int count)
{
	while (count--) {
		unsigned long before = handled_by(cpu, vipi);

		mask_here(BIT(vipi));
		send(vipi, cpumask_of(cpu));
		unmask_here(BIT(vipi));
		while (handled_by(cpu, vipi) == before)
			cpu_relax();
	}
}

/* One part; in ns. The timer waits for its end: no tick falls into it. */
static u64 time_part(enum path path, unsigned int vipi, unsigned int count)
{
	unsigned int cpu = get_cpu();
	bool pending = path == PATH_COALESCED || path == PATH_MASKED;
	unsigned long timer = csr_read_clear(CSR_IE, IE_TIE) & IE_TIE;
	unsigned long flags = 0;
	u64 start, time;

	if (pending) {
		local_irq_save(flags);
		if (path == PATH_MASKED)
			mask_here(BIT(vipi));
		send(vipi, cpumask_of(cpu));
	}

	start = ktime_get_mono_fast_ns();
	if (path == PATH_LOOP)
		run_loop(vipi, cpu, count);
	else if (path == PATH_RAISED)
		run_raised(vipi, cpu, count);
	else if (path == PATH_KICK)
		run_kick(vipi, cpu, count);
	else
		run_pending(vipi, cpu, count);
	time = ktime_get_mono_fast_ns() - start;

	if (pending) {
		if (path == PATH_MASKED)
			unmask_here(BIT(vipi));
		local_irq_restore(flags);
	}
	csr_set(CSR_IE, timer);
	put_cpu();
	return time;
}

int run_bench(const char *name, unsigned int vipi, unsigned int count, struct bench_times *times)
{
	int path = match_string(path_names, ARRAY_SIZE(path_names), name);

	if (path < 0 || count % PARTS)
		return -EINVAL;
	*times = (struct bench_times){ .least_ns = U64_MAX, .parts = PARTS + 1 };
	/* The first time warms up: a tracer's buffers get their pages then. */
	for (unsigned int part = 0; part <= PARTS; part++) {
		u64 time = time_part(path, vipi, count / PARTS);

		if (part) {
			times->total_ns += time;
			times->least_ns = min(times->least_ns, time);
			times->most_ns = max(times->most_ns, time);
		}
		/* Whoever reads a tracer's buffer does it now. */
		schedule_timeout_uninterruptible(1);
	}
	times->least_ns *= PARTS;
	times->most_ns *= PARTS;
	times->count = count + count / PARTS;
	return 0;
}
