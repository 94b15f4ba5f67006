// SPDX-License-Identifier: GPL-2.0-only
/* Several CPUs send to one at once, or call a function there, each as fast as it can. */
#include <linux/atomic.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/timekeeping.h>

#include "stimulus.h"

struct storm {
	bool calls;		/* else sends */
	unsigned int vipi;
	unsigned int target;
	unsigned int count;
	atomic_t waiting;	/* senders that are not ready yet */
	atomic_t running;	/* senders that are not done yet */
};

static void nothing(void *unused)
{
}

/* Not inline: whoever looks at a caller's stack finds it by this name. */
static noinline void stimulus_call(unsigned int target)
{
	smp_call_function_single(target, nothing, NULL, true);
}

static int storm_thread(void *data)
{
	struct storm *storm = data;

	atomic_dec(&storm->waiting);
	while (atomic_read(&storm->waiting))
		cond_resched();
	for (unsigned int i = 0; i < storm->count; i++) {
		if (storm->calls) {
			stimulus_call(storm->target);
		} else {
			preempt_disable();
			send(storm->vipi, cpumask_of(storm->target));
			preempt_enable();
		}
		cond_resched();
	}
	atomic_dec(&storm->running);
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	return 0;
}

static int run_threads(struct storm *storm, const struct cpumask *senders)
{
	struct threads threads;
	int err;

	atomic_set(&storm->waiting, cpumask_weight(senders));
	atomic_set(&storm->running, cpumask_weight(senders));
	err = start_threads(&threads, senders, storm_thread, storm, "ipimux-storm/%u");
	if (!err) {
		while (atomic_read(&storm->running))
			schedule_timeout_interruptible(1);
		stop_threads(&threads);
	}
	drain(cpumask_of(storm->target));
	return err;
}

int run_storm(unsigned int vipi, unsigned int target, const struct cpumask *senders,
	      unsigned int count)
{
	struct storm storm = { .vipi = vipi, .target = target, .count = count };

	return run_threads(&storm, senders);
}

int run_timed_storm(unsigned int vipi, unsigned int target, const struct cpumask *senders,
		    unsigned int count, u64 *ns)
{
	u64 start = ktime_get_mono_fast_ns();
	int err;

	time_handling(vipi, true);
	err = run_storm(vipi, target, senders, count);
	*ns = ktime_get_mono_fast_ns() - start;
	return err;
}

int run_calls(unsigned int target, const struct cpumask *senders, unsigned int count)
{
	struct storm storm = { .calls = true, .target = target, .count = count };

	return run_threads(&storm, senders);
}

