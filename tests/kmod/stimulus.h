/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the parts of the stimulus know of each other. vIPIs are numbered as the
 * multiplexer does, sets of them are words; CPUs must be online and stay it.
 */
#ifndef STIMULUS_H
#define STIMULUS_H

#include <linux/bits.h>
#include <linux/cpumask.h>
#include <linux/sched.h>
#include <linux/types.h>

#define MAX_VIPIS	32

/*
 * RISC-V's RESCHEDULE, CALL_FUNC, IRQ_WORK and TIMER: the kernel sends them by
 * itself at any time, and their handlers do nothing when there is nothing to do.
 * The others stop a CPU, or report something.
 */
#define NATURAL		(BIT(0) | BIT(1) | BIT(4) | BIT(5))

/* --- vipi.c --- */

extern unsigned int nr_vipis;
/* vIPIs whose handler is ours, which only counts */
extern unsigned long adopted;

/* Returns 0, -ENODEV without a multiplexer, -EINVAL if it is a strange one. */
int find_vipis(void);
void adopt(unsigned long vipis);
void restore(unsigned long vipis);
/* How often our handler ran there, since the module was loaded. */
unsigned long handled_by(unsigned int cpu, unsigned int vipi);

/*
 * Puts a handler in the place of ours that counts and takes the time, too, or ours back. A
 * vIPI is timed on one CPU at a time.
 */
void time_handling(unsigned int vipi, bool timed);
/* ktime_get_mono_fast_ns() when that last ran. */
extern u64 handled_at;
/* How often so much time was between two runs of it: from 2^n ns on, below twice that. */
#define NR_GAPS	48
extern unsigned long gaps[NR_GAPS];

/* From any context that is not migrated meanwhile. */
void send(unsigned int vipi, const struct cpumask *cpus);
/* Waits until each of @cpus has handled it, @count times. 0 or -ETIMEDOUT. */
int send_and_wait(unsigned int vipi, const struct cpumask *cpus, unsigned int count);

/* On this CPU, from any context that is not migrated meanwhile. */
void mask_here(unsigned long vipis);
void unmask_here(unsigned long vipis);
/* From process context. Unmasking returns when what was pending is handled. */
void mask_on(const struct cpumask *cpus, unsigned long vipis);
void unmask_on(const struct cpumask *cpus, unsigned long vipis);
/* Returns when @cpus have handled all that was raised before. */
void drain(const struct cpumask *cpus);

/* --- threads.c --- */

struct threads {
	struct task_struct *on[NR_CPUS];	/* NULL: none */
};

/*
 * @run on each of @cpus; @name has a place for the CPU. 0, or -errno and there are none.
 * A thread returns when it is told to stop, or before.
 */
int start_threads(struct threads *threads, const struct cpumask *cpus, int (*run)(void *data),
		  void *data, const char *name);
void stop_threads(struct threads *threads);

/* --- storm.c --- */

/* @count sends by each of @senders; returns when all are handled. 0 or -errno. */
int run_storm(unsigned int vipi, unsigned int target, const struct cpumask *senders,
	      unsigned int count);

/* The same with calls of a function on @target, each waiting for its end: CALL_FUNCs. */
int run_calls(unsigned int target, const struct cpumask *senders, unsigned int count);

/* The same, each handling timed; @ns: from before the first send to after the last handling. */
int run_timed_storm(unsigned int vipi, unsigned int target, const struct cpumask *senders,
		    unsigned int count, u64 *ns);

/* --- traffic.c --- */

struct traffic_order {
	unsigned long vipis;
	unsigned int target;
	unsigned int pause_us;	/* between two rounds; 0: until the last is handled */
	unsigned int rounds;	/* of each sender; 0: until it is ended */
	bool masked;		/* a sender that is the target masks the first vIPI meanwhile */
};

/* With @rounds, returns when the last is sent. 0 or -errno. What went on before ends. */
int start_traffic(const struct traffic_order *order, const struct cpumask *senders);
/* How many rounds there were. */
unsigned int end_traffic(void);

/* --- hold.c --- */

enum how {
	HOW_ENABLED,	/* the target only turns its interrupts on, after the sends */
	HOW_MASKED,	/* it masks the vIPIs before the sends, unmasks them after */
	HOW_LATE,	/* it masks them after the sends, unmasks them a while later */
};

struct hold_order {
	unsigned long vipis;
	unsigned int target;			/* none of the senders */
	const struct cpumask *senders;
	unsigned int repeat;			/* sends of each vIPI by each sender */
	unsigned int rounds;
	enum how how;
	unsigned int pause_us;			/* between the last send and what follows */
	struct wait_times *times;		/* NULL: nobody asks how long vIPIs waited */
};

/* In ns, the shortest and the longest that a wait can have been. */
struct wait_times {
	u64 least, most;
};

int run_hold(const struct hold_order *order);

/* --- stall.c --- */

/* Whenever @cpu comes online, it stands still for @ms in the middle of that. 0 or -errno. */
int stall_bringup(unsigned int cpu, unsigned int ms);
void end_stall(void);

/* --- bench.c --- */

/*
 * Of a hundred parts, with no tick in any: @total_ns of all, and of the quickest and
 * of the slowest one, times a hundred. @count and @parts are how many events there
 * were and in how many parts, one to warm up included.
 */
struct bench_times {
	u64 total_ns, least_ns, most_ns;
	unsigned int count, parts;
};

/*
 * Sends @vipi, an adopted one, from this CPU to itself, @count times, a multiple of
 * 100. 0, or -EINVAL for an unknown @path.
 */
int run_bench(const char *path, unsigned int vipi, unsigned int count, struct bench_times *times);

#endif /* STIMULUS_H */
