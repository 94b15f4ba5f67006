// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPUs send to one that has its interrupts off, while the rest of the machine
 * stands still: what comes of each send is then certain.
 */
#include <linux/atomic.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/irqflags.h>
#include <linux/minmax.h>
#include <linux/smp.h>
#include <linux/stop_machine.h>
#include <linux/timekeeping.h>

#include "stimulus.h"

/* For an interrupt that is pending to be taken, once interrupts are on. */
#define WINDOW_NS	20000

struct hold {
	const struct hold_order *order;
	atomic_t go;		/* the round that the senders may send in */
	atomic_t arrived;	/* rounds that senders are through with, together */
	u64 before, after;	/* a send that is timed */
};

/* Long enough that what is pending is taken. */
static void interrupts_on_for_a_while(void)
{
	local_irq_enable();
	ndelay(WINDOW_NS);
	local_irq_disable();
}

static void hold_send(struct hold *hold)
{
	for (unsigned int round = 1; round <= hold->order->rounds; round++) {
		while (atomic_read_acquire(&hold->go) < (int)round)
			cpu_relax();
		hold->before = ktime_get_mono_fast_ns();
		for (unsigned int i = 0; i < hold->order->repeat; i++) {
			unsigned int vipi;

			for_each_set_bit(vipi, &hold->order->vipis, MAX_VIPIS)
				send(vipi, cpumask_of(hold->order->target));
		}
		hold->after = ktime_get_mono_fast_ns();
		atomic_inc_return_release(&hold->arrived);
	}
}

/* note_wait - one that cannot have ended before @ready, when interrupts were still off */
static void note_wait(const struct hold *hold, u64 ready)
{
	struct wait_times *times = hold->order->times;

	times->least = min(times->least, ready - hold->after);
	times->most = max(times->most, READ_ONCE(handled_at) - hold->before);
}

static void hold_receive(struct hold *hold)
{
	u64 ready;

	unsigned int nr_senders = cpumask_weight(hold->order->senders);
	unsigned long quiet = NATURAL & ~hold->order->vipis;

	/*
	 * All others are stopped: what they sent before is taken now. What this
	 * CPU sends to itself later waits until the end.
	 */
	interrupts_on_for_a_while();
	mask_here(quiet);

	for (unsigned int round = 1; round <= hold->order->rounds; round++) {
		if (hold->order->how == HOW_MASKED)
			mask_here(hold->order->vipis);

		atomic_set_release(&hold->go, round);
		while (atomic_read_acquire(&hold->arrived) < (int)(round * nr_senders))
			cpu_relax();

		udelay(hold->order->pause_us);
		ready = ktime_get_mono_fast_ns();
		if (hold->order->how == HOW_LATE) {
			mask_here(hold->order->vipis);
			interrupts_on_for_a_while();
		}
		if (hold->order->how != HOW_ENABLED)
			unmask_here(hold->order->vipis);
		interrupts_on_for_a_while();
		if (hold->order->times)
			note_wait(hold, ready);
	}
	unmask_here(quiet);
}

static int hold_fn(void *data)
{
	struct hold *hold = data;
	unsigned int cpu = smp_processor_id();

	if (cpu == hold->order->target)
		hold_receive(hold);
	else if (cpumask_test_cpu(cpu, hold->order->senders))
		hold_send(hold);
	return 0;
}

int run_hold(const struct hold_order *order)
{
	struct hold hold = { .order = order };

	/* On every CPU: those without a part in it do nothing. */
	return stop_machine(hold_fn, &hold, cpu_online_mask);
}
