// SPDX-License-Identifier: GPL-2.0-only
/*
 * An exact stimulus without a kernel module: each membarrier() of this process
 * sends one CALL_FUNC from the caller's CPU to the CPU of a spinning thread, and
 * returns after it was handled there.
 *
 * The kernel sends none while something else runs on that CPU, so as little else
 * as possible must: the thread has real-time priority, and throttling is off. Some
 * calls send nothing all the same, when a kernel thread has its turn: few, or one in
 * ten on a very busy host.
 *
 * NAME: what the caller's thread calls itself.
 *
 * usage: membarrier CALLER_CPU SPINNER_CPU COUNT [NAME]
 */
#include <linux/membarrier.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_bool spinning, stop;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* Once is enough: while CPUs go and come, the kernel may refuse. */
static void never_throttle(void)
{
	FILE *file = fopen("/proc/sys/kernel/sched_rt_runtime_us", "r+");
	int runtime;

	if (file && fscanf(file, "%d", &runtime) == 1 && runtime == -1) {
		fclose(file);
		return;
	}
	if (!file || fseek(file, 0, SEEK_SET) || fputs("-1\n", file) < 0 || fclose(file))
		die("sched_rt_runtime_us");
}

static void run_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die("sched_setaffinity");
}

static void membarrier(int command)
{
	if (syscall(SYS_membarrier, command, 0, 0))
		die("membarrier");
}

static void *spin(void *cpu)
{
	struct sched_param param = { .sched_priority = 50 };

	run_on(*(int *)cpu);
	if (sched_setscheduler(0, SCHED_FIFO, &param))
		die("sched_setscheduler");
	atomic_store(&spinning, true);
	while (!atomic_load_explicit(&stop, memory_order_relaxed))
		;
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t thread;
	int spinner;
	long count;

	if (argc < 4 || argc > 5) {
		fprintf(stderr, "usage: membarrier CALLER_CPU SPINNER_CPU COUNT [NAME]\n");
		return 2;
	}
	spinner = atoi(argv[2]);
	count = atol(argv[3]);

	never_throttle();
	run_on(atoi(argv[1]));
	membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED);
	if (pthread_create(&thread, NULL, spin, &spinner))
		die("pthread_create");
	if (argc == 5 && prctl(PR_SET_NAME, argv[4]))
		die("prctl");
	while (!atomic_load(&spinning))
		;
	while (count-- > 0)
		membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED);
	atomic_store(&stop, true);
	pthread_join(thread, NULL);
	return 0;
}
