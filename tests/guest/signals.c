// SPDX-License-Identifier: GPL-2.0-only
/*
 * A wake-up storm: threads on CPUs 1, 2, ... send real-time signals to a thread
 * that spins on CPU 0. The kernel kicks CPU 0 for each, and most of the kicks
 * find the RESCHEDULE of an earlier one still pending.
 *
 * A sender has at most a few signals under way: with a full queue the kernel
 * refuses new ones and kicks nobody.
 *
 * BURSTS: so many times a second at most, a few signals at a time, to a thread that sleeps: for
 * tests that need traffic, but not all the time of the host.
 *
 * usage: signals SENDERS SECONDS [BURSTS]
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define MAX_SENDERS	15
#define MAX_UNDER_WAY	16

static atomic_int target;
static atomic_bool stop;
static long bursts;		/* a second; 0: without a pause */
static atomic_ulong taken[MAX_SENDERS + 1];

static void run_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set)) {
		perror("sched_setaffinity");
		exit(1);
	}
}

static void on_signal(int signal)
{
	atomic_fetch_add(&taken[signal - SIGRTMIN], 1);
}

static void *spin(void *unused)
{
	run_on(0);
	atomic_store(&target, syscall(SYS_gettid));
	while (!atomic_load_explicit(&stop, memory_order_relaxed))
		if (bursts)
			pause();
	return NULL;
}

static void take_turns(void)
{
	struct timespec until_next = {};

	if (bursts)
		until_next.tv_nsec = 999999999 / bursts;
	if (!bursts || nanosleep(&until_next, NULL))
		sched_yield();
}

static void *send_signals(void *cpu)
{
	long sender = (long)cpu;
	unsigned long sent = 0;

	run_on(sender);
	while (!atomic_load_explicit(&stop, memory_order_relaxed)) {
		if (sent - atomic_load(&taken[sender]) >= MAX_UNDER_WAY)
			take_turns();
		else if (!syscall(SYS_tgkill, getpid(), atomic_load(&target), SIGRTMIN + sender))
			sent++;
	}
	return NULL;
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_signal };
	pthread_t threads[MAX_SENDERS + 1], spinner;
	struct timespec duration = {};
	long senders;

	bursts = argc == 4 ? atol(argv[3]) : 0;
	if (argc < 3 || argc > 4 || (senders = atol(argv[1])) < 1 || senders > MAX_SENDERS ||
	    bursts < 0 || bursts > 1000) {
		fprintf(stderr, "usage: signals SENDERS SECONDS [BURSTS]\n");
		return 2;
	}
	duration.tv_sec = atol(argv[2]);
	for (long i = 1; i <= senders; i++)
		sigaction(SIGRTMIN + i, &action, NULL);

	pthread_create(&spinner, NULL, spin, NULL);
	while (!atomic_load(&target))
		sched_yield();
	for (long i = 1; i <= senders; i++)
		pthread_create(&threads[i], NULL, send_signals, (void *)i);
	nanosleep(&duration, NULL);
	atomic_store(&stop, true);
	for (long i = 1; i <= senders; i++)
		pthread_join(threads[i], NULL);
	/* It may sleep, or be about to. */
	while (bursts && pthread_tryjoin_np(spinner, NULL)) {
		pthread_kill(spinner, SIGRTMIN + 1);
		sched_yield();
	}
	if (!bursts)
		pthread_join(spinner, NULL);
	return 0;
}
