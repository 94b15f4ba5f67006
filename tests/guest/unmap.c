// SPDX-License-Identifier: GPL-2.0-only
/*
 * A storm of TLB shootdowns: a thread on CPU 1 gets memory and gives it back, again and
 * again, while threads of the same process do a little now and then on CPUs 2, 3, ... Each
 * munmap() has to make all of them forget the mapping.
 *
 * Where the firmware flushes remote TLBs (SBI without an IMSIC) no vIPI is sent.
 *
 * usage: unmap OTHER_THREADS SECONDS
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define MAX_THREADS	14
#define FIRST_CPU	1
#define SIZE		65536

static atomic_bool stop;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void run_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die("sched_setaffinity");
}

static void *now_and_then(void *cpu)
{
	run_on((long)cpu);
	while (!atomic_load_explicit(&stop, memory_order_relaxed))
		usleep(10000);
	return NULL;
}

static void *give_back(void *unused)
{
	run_on(FIRST_CPU);
	while (!atomic_load_explicit(&stop, memory_order_relaxed)) {
		char *memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (memory == MAP_FAILED)
			die("mmap");
		/* What was never touched is in no TLB. */
		*(volatile char *)memory = 1;
		if (munmap(memory, SIZE))
			die("munmap");
	}
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t threads[MAX_THREADS + 1];
	struct timespec duration = {};
	long others;

	if (argc != 3 || (others = atol(argv[1])) < 1 || others > MAX_THREADS) {
		fprintf(stderr, "usage: unmap OTHER_THREADS SECONDS\n");
		return 2;
	}
	duration.tv_sec = atol(argv[2]);

	for (long i = 1; i <= others; i++)
		if (pthread_create(&threads[i], NULL, now_and_then, (void *)(FIRST_CPU + i)))
			die("pthread_create");
	if (pthread_create(&threads[0], NULL, give_back, NULL))
		die("pthread_create");
	nanosleep(&duration, NULL);
	atomic_store(&stop, true);
	for (long i = 0; i <= others; i++)
		pthread_join(threads[i], NULL);
	return 0;
}
