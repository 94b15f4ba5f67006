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
 * NAME: what the caller's thread calls itself; "": as the program.
 * BURSTS: so many times a second at most, twenty calls at a time, and the thread spins for that
 * only: for tests that need a storm, but not all the time of the host. Waking the thread sends,
 * too.
 *
 * usage: membarrier CALLER_CPU SPINNER_CPU COUNT [NAME [BURSTS]]
 */
#include <linux/membarrier.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CALLS_OF_BURST	20

static atomic_bool spinning, stop;
static long bursts;		/* a second; 0: without a pause */
static sem_t burst;

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
	do {
		if (bursts)
			sem_wait(&burst);
		atomic_store(&spinning, !atomic_load(&stop));
		while (atomic_load_explicit(&spinning, memory_order_relaxed))
			;
	} while (!atomic_load(&stop));
	return NULL;
}

static void call(long count)
{
	while (!atomic_load(&spinning))
		;
	while (count-- > 0)
		membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED);
}

static void call_in_bursts(long count)
{
	struct timespec pause = { .tv_nsec = 999999999 / bursts };

	for (; count > 0; count -= CALLS_OF_BURST) {
		sem_post(&burst);
		call(count < CALLS_OF_BURST ? count : CALLS_OF_BURST);
		atomic_store(&spinning, false);
		nanosleep(&pause, NULL);
	}
}

int main(int argc, char **argv)
{
	pthread_t thread;
	int spinner;
	long count;

	if (argc < 4 || argc > 6) {
		fprintf(stderr, "usage: membarrier CALLER_CPU SPINNER_CPU COUNT [NAME [BURSTS]]\n");
		return 2;
	}
	bursts = argc == 6 ? atol(argv[5]) : 0;
	if (bursts < 0 || bursts > 1000 || sem_init(&burst, 0, 0))
		die("bursts");
	spinner = atoi(argv[2]);
	count = atol(argv[3]);

	never_throttle();
	run_on(atoi(argv[1]));
	membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED);
	if (pthread_create(&thread, NULL, spin, &spinner))
		die("pthread_create");
	if (argc > 4 && *argv[4] && prctl(PR_SET_NAME, argv[4]))
		die("prctl");
	if (bursts)
		call_in_bursts(count);
	else
		call(count);
	atomic_store(&stop, true);
	atomic_store(&spinning, false);
	sem_post(&burst);
	pthread_join(thread, NULL);
	return 0;
}
