// SPDX-License-Identifier: GPL-2.0-only
/*
 * Traffic to one CPU that goes on by itself while other things happen, at a pace, with
 * quiet between its rounds. Sends to that CPU nothing but what it is told to: no wake-up
 * and no call, which would deliver what was lost.
 */
#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/delay.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/timekeeping.h>

#include "stimulus.h"

/* In a row: where the first raises, others are absorbed. */
#define BURST	3
/* Without a pause, the next round waits for the handling of this one, but no longer. */
#define MOST_NS	300000

static struct {
	struct traffic_order order;
	struct threads threads;
	atomic_t running;
	atomic_t rounds;
	bool stop;
} traffic;

/* Sends go to this CPU itself where they are masked. */
static void send_round(const struct traffic_order *order, bool masked, bool bare)
{
	unsigned long first = BIT(__ffs(order->vipis));
	unsigned long vipis = bare ? order->vipis & ~first : order->vipis;

	preempt_disable();
	if (masked)
		mask_here(first);
	for (unsigned int i = 0; i < BURST; i++) {
		unsigned int vipi;

		for_each_set_bit(vipi, &vipis, MAX_VIPIS)
			send(vipi, cpumask_of(order->target));
	}
	if (masked)
		unmask_here(first);
	preempt_enable();
}

static void wait_for_more_than(unsigned long handled, const struct traffic_order *order)
{
	u64 end = ktime_get_mono_fast_ns() + MOST_NS;

	while (handled_by(order->target, __ffs(order->vipis)) == handled &&
	       ktime_get_mono_fast_ns() < end)
		cpu_relax();
	cond_resched();
}

static int traffic_thread(void *unused)
{
	const struct traffic_order *order = &traffic.order;
	bool masked = order->masked && raw_smp_processor_id() == order->target;

	for (unsigned int i = 0; !order->rounds || i < order->rounds; i++) {
		unsigned long handled = handled_by(order->target, __ffs(order->vipis));

		if (READ_ONCE(traffic.stop))
			break;
		/* Every other unmask finds nothing pending. */
		send_round(order, masked, masked && i % 2);
		atomic_inc(&traffic.rounds);
		if (order->pause_us)
			usleep_range(order->pause_us, order->pause_us + order->pause_us / 8);
		else
			wait_for_more_than(handled, order);
	}
	/* Ends by itself: to be stopped, it would be woken. */
	atomic_dec(&traffic.running);
	return 0;
}

unsigned int end_traffic(void)
{
	WRITE_ONCE(traffic.stop, true);
	while (atomic_read(&traffic.running))
		schedule_timeout_uninterruptible(1);
	stop_threads(&traffic.threads);
	return atomic_read(&traffic.rounds);
}

int start_traffic(const struct traffic_order *order, const struct cpumask *senders)
{
	int err;

	end_traffic();
	traffic.order = *order;
	traffic.stop = false;
	atomic_set(&traffic.rounds, 0);
	atomic_set(&traffic.running, cpumask_weight(senders));
	err = start_threads(&traffic.threads, senders, traffic_thread, NULL, "ipimux-flow/%u");
	if (err)
		atomic_set(&traffic.running, 0);
	while (!err && order->rounds && atomic_read(&traffic.running))
		schedule_timeout_uninterruptible(1);
	return err;
}
