// SPDX-License-Identifier: GPL-2.0-only
/*
 * How long a send takes, from a CPU to itself. Under QEMU's -icount a nanosecond
 * is an instruction, so it is also how many.
 */
#include <linux/irqflags.h>
#include <linux/minmax.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "stimulus.h"

#define PARTS	100

/* @count sends that are handled before the next; in ns */
static u64 time_raised(unsigned int vipi, unsigned int cpu, unsigned int count)
{
	u64 start = ktime_get_mono_fast_ns();

	while (count--) {
		unsigned long before = handled_by(cpu, vipi);

		send(vipi, cpumask_of(cpu));
		while (handled_by(cpu, vipi) == before)
			cpu_relax();
	}
	return ktime_get_mono_fast_ns() - start;
}

/* @count sends that find their bit pending; in ns */
static u64 time_pending(unsigned int vipi, unsigned int cpu, unsigned int count, bool masked)
{
	unsigned long flags;
	u64 start, time;

	local_irq_save(flags);
	if (masked)
		mask_here(BIT(vipi));
	send(vipi, cpumask_of(cpu));

	start = ktime_get_mono_fast_ns();
	while (count--)
		send(vipi, cpumask_of(cpu));
	time = ktime_get_mono_fast_ns() - start;

	if (masked)
		unmask_here(BIT(vipi));
	local_irq_restore(flags);
	return time;
}

int run_bench(const char *path, unsigned int vipi, unsigned int count, u64 *total_ns,
	      u64 *least_ns)
{
	bool raised = !strcmp(path, "raised");
	bool masked = !strcmp(path, "masked");
	unsigned int cpu;

	if (!raised && !masked && strcmp(path, "coalesced"))
		return -EINVAL;
	count /= PARTS;
	*total_ns = 0;
	*least_ns = U64_MAX;
	cpu = get_cpu();
	for (unsigned int part = 0; part < PARTS; part++) {
		u64 time = raised ? time_raised(vipi, cpu, count) :
				    time_pending(vipi, cpu, count, masked);

		*total_ns += time;
		*least_ns = min(*least_ns, time);
	}
	put_cpu();
	*least_ns *= PARTS;
	return 0;
}
