// SPDX-License-Identifier: GPL-2.0-only
/* A thread on each of some CPUs: started together, waited for. What they do is others' business. */
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/sched/task.h>

#include "stimulus.h"

int start_threads(struct threads *threads, const struct cpumask *cpus, int (*run)(void *data),
		  void *data, const char *name)
{
	unsigned int cpu;
	int err = 0;

	*threads = (struct threads){};
	for_each_cpu(cpu, cpus) {
		struct task_struct *thread = kthread_create_on_cpu(run, data, cpu, name);

		if (IS_ERR(thread)) {
			err = PTR_ERR(thread);
			break;
		}
		threads->on[cpu] = get_task_struct(thread);
	}
	/* One that was never woken returns from kthread_stop() without having run. */
	if (err)
		stop_threads(threads);
	for_each_cpu(cpu, cpus)
		if (threads->on[cpu])
			wake_up_process(threads->on[cpu]);
	return err;
}

void stop_threads(struct threads *threads)
{
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
		if (threads->on[cpu]) {
			kthread_stop(threads->on[cpu]);
			put_task_struct(threads->on[cpu]);
			threads->on[cpu] = NULL;
		}
	}
}
