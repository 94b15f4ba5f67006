// SPDX-License-Identifier: GPL-2.0-only
/* A CPU that comes online and goes no further for a while, with its interrupts off. */
#include <linux/cpuhotplug.h>
#include <linux/cpumask.h>
#include <linux/irqflags.h>
#include <linux/timekeeping.h>

#include "stimulus.h"

static struct {
	unsigned int cpu;
	u64 ns;
	int state;		/* of the hotplug machine; 0: none */
} stalled;

/* In the bring-up of a CPU, on that CPU: it is online, and nobody may be moved to it yet. */
static int stall(unsigned int cpu)
{
	u64 end = ktime_get_mono_fast_ns() + stalled.ns;
	unsigned long flags;

	if (cpu != stalled.cpu)
		return 0;
	local_irq_save(flags);
	while (ktime_get_mono_fast_ns() < end)
		cpu_relax();
	local_irq_restore(flags);
	return 0;
}

void end_stall(void)
{
	if (stalled.state)
		cpuhp_remove_state_nocalls(stalled.state);
	stalled.state = 0;
}

int stall_bringup(unsigned int cpu, unsigned int ms)
{
	int state;

	end_stall();
	stalled.cpu = cpu;
	stalled.ns = (u64)ms * 1000000;
	state = cpuhp_setup_state_nocalls(CPUHP_AP_ONLINE_DYN, "ipimux-stimulus:stall", stall,
					  NULL);
	if (state > 0)
		stalled.state = state;
	return state < 0 ? state : 0;
}
