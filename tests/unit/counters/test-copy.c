// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counters in motion: that a copy of them is of one instant or says that it is not.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "unit.h"

/* Every counter is copied, once all CPUs are, and before that just the CPU's own. */
static void test_copy_still(void **state)
{
	struct snapshot live, before, copy;
	uint64_t random = 4;

	for (int by_bit = 0; by_bit < 2; by_bit++) {
		unit__snapshot(&live, 4, 5, by_bit);
		unit__snapshot(&before, 4, 5, by_bit);
		unit__snapshot(&copy, 4, 5, by_bit);
		unit__fill(&live, &random);
		random = 5;
		unit__fill(&before, &random);
		random = 5;
		unit__fill(&copy, &random);

		for (unsigned int cpu = 0; cpu < 4; cpu++) {
			const struct ipimux_shape *shape = &live.counters.shape;

			assert_int_equal(counters__copy_cpu(&copy.counters, &live.counters, cpu),
					 0);
			/* What the copy should hold by now. */
			for (unsigned int sender = 0; sender < 4; sender++)
				for (unsigned int vipi = 0; vipi < 1U << shape->vipi_shift; vipi++)
					for (int o = 0; o < IPIMUX_NR_OUTCOMES; o++) {
						__u64 i = ipimux_traffic_index(shape, sender, cpu,
									       vipi, o);

						before.counters.traffic[i] =
							live.counters.traffic[i];
					}
			for (__u64 slot = 0; slot < 1U << shape->processed_shift; slot++) {
				__u64 i = ipimux_processed_index(shape, cpu, slot);

				before.counters.processed[i] = live.counters.processed[i];
			}
			for (unsigned int vipi = 0; vipi < 1U << shape->vipi_shift; vipi++)
				for (int kick = 0; kick < IPIMUX_NR_UNMASKS; kick++) {
					__u64 i = ipimux_unmasked_index(shape, cpu, vipi, kick);

					before.counters.unmasked[i] = live.counters.unmasked[i];
				}
			check(unit__same(&copy, &before), "CPU %u, by_bit %d", cpu, by_bit);
		}
		assert_true(unit__same(&copy, &live));
		snapshot__free(&live);
		snapshot__free(&before);
		snapshot__free(&copy);
	}
}

#define NR_CPUS		4
#define NR_VIPIS	4
#define TARGET		2

/* The writer, in place of a kernel: one vIPI is sent and handled, then the next. */
struct writer {
	pthread_t thread;
	struct counters *live;
	unsigned int pause;	/* spins after a pair, at most */
	bool stop;
};

/* As a CPU does in the kernel: nobody else writes the counter. */
static void increment(__u64 *counter)
{
	__u64 value = __atomic_load_n(counter, __ATOMIC_RELAXED);

	__atomic_store_n(counter, value + 1, __ATOMIC_RELEASE);
}

static void *write_pairs(void *arg)
{
	struct writer *writer = arg;
	struct counters *live = writer->live;
	uint64_t random = 6;

	while (!__atomic_load_n(&writer->stop, __ATOMIC_RELAXED)) {
		unsigned int vipi = unit__below(&random, NR_VIPIS);
		unsigned int sender = unit__below(&random, NR_CPUS);
		enum ipimux_outcome outcome = unit__below(&random, 2) ? IPIMUX_RAISED :
									IPIMUX_MASKED;
		unsigned int spins = unit__below(&random, writer->pause);

		increment(&live->traffic[ipimux_traffic_index(&live->shape, sender, TARGET, vipi,
							      outcome)]);
		increment(&live->processed[ipimux_processed_index(&live->shape, TARGET,
								  1U << vipi)]);
		for (volatile unsigned int i = 0; i < spins; i++)
			;
	}
	return NULL;
}

static void start(struct writer *writer)
{
	assert_int_equal(pthread_create(&writer->thread, NULL, write_pairs, writer), 0);
}

static void stop(struct writer *writer)
{
	__atomic_store_n(&writer->stop, true, __ATOMIC_RELAXED);
	assert_int_equal(pthread_join(writer->thread, NULL), 0);
}

static double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* pin - to the @nth CPU that there is, so that two threads do run side by side */
static void pin(pthread_t thread, unsigned int nth, const cpu_set_t *all)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	for (unsigned int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, all) && !nth--)
			CPU_SET(cpu, &one);
	/* With a single CPU they take turns; no harm done. */
	if (CPU_COUNT(&one))
		pthread_setaffinity_np(thread, sizeof(one), &one);
}

static __s64 total_balance(const struct counters *counters)
{
	__s64 balance = 0;

	for (unsigned int vipi = 0; vipi < NR_VIPIS; vipi++)
		balance += counters__balance(counters, TARGET, vipi);
	return balance;
}

/*
 * The writer counts a send, then its handling: at no instant can the balance be
 * anything but 0 or 1. A copy torn between the tables shows more, or less. How
 * often the two threads meet is the machine's choice; the next test leaves
 * nothing to chance, but has no second CPU in it.
 */
static void test_copy_beside_writer(void **state)
{
	struct snapshot live, copy;
	struct writer writer = { .live = &live.counters, .pause = 2000 };
	unsigned int copies = 0, pending = 0, moved = 0, wrong = 0;
	__s64 first_wrong = 0;
	__u64 last_count = 0;
	cpu_set_t all;
	double end;

	unit__snapshot(&live, NR_CPUS, NR_VIPIS, false);
	unit__snapshot(&copy, NR_CPUS, NR_VIPIS, false);
	start(&writer);
	sched_getaffinity(0, sizeof(all), &all);
	pin(pthread_self(), 0, &all);
	pin(writer.thread, 1, &all);
	end = seconds() + 0.4;
	while (copies < 100000 && seconds() < end) {
		int err = counters__copy_cpu(&copy.counters, &live.counters, TARGET);
		__u64 count = 0;
		__s64 balance;

		if (err) {
			/* Not asserted: a writer in the way would outlive this function. */
			wrong += err != -EAGAIN;
			continue;
		}
		balance = total_balance(&copy.counters);
		if ((balance < 0 || balance > 1) && !wrong++)
			first_wrong = balance;
		for (size_t i = 0; i <= copy.counters.shape.traffic_mask; i++)
			count += copy.counters.traffic[i];
		moved += count != last_count;
		last_count = count;
		pending += balance == 1;
		copies++;
	}
	stop(&writer);
	pthread_setaffinity_np(pthread_self(), sizeof(all), &all);
	print_message("# %u copies, %u of them new, %u with a pending bit\n", copies, moved,
		      pending);
	check(!wrong, "%u of %u copies; the first: %lld", wrong, copies, (long long)first_wrong);
	/* Or it was next to nothing that was tested; a busy machine leaves but little. */
	assert_true(copies > 100);
	assert_true(moved > 1);

	/* Now that it rests, the copy is the very counters. */
	assert_int_equal(counters__copy_cpu(&copy.counters, &live.counters, TARGET), 0);
	assert_true(unit__same(&copy, &live));
	assert_int_equal(total_balance(&copy.counters), 0);
	snapshot__free(&live);
	snapshot__free(&copy);
}

/*
 * Counters that move while they are read, without chance and on one CPU: some of
 * the live pages are closed to the reader. Its fault is the moment at which the
 * counters move; then that page opens, and those that it read before close.
 */
#define GATED_CPUS	16
#define GATED_VIPIS	8	/* so that a sender's counters are a page */
#define PAGE		4096
#define NR_GATES	4

static struct gated {
	struct snapshot live;
	char *gates[NR_GATES];
	unsigned int faults;
	void (*move)(struct counters *live);
	struct sigaction old;
} gated;

static void set_gates(const char *open)
{
	for (int i = 0; i < NR_GATES; i++)
		if (mprotect(gated.gates[i], PAGE, gated.gates[i] == open || !open ?
			     PROT_READ | PROT_WRITE : PROT_NONE))
			abort();
}

static void on_fault(int signal, siginfo_t *info, void *context)
{
	char *page = (char *)((uintptr_t)info->si_addr & -(uintptr_t)PAGE);
	int gate = 0;

	while (gate < NR_GATES && gated.gates[gate] != page)
		gate++;
	if (gate == NR_GATES)
		abort();
	set_gates(NULL);
	gated.faults++;
	gated.move(&gated.live.counters);
	set_gates(page);
}

static void *map(__u32 mask)
{
	size_t size = ((size_t)mask + 1) * sizeof(__u64);
	void *table = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_true(table != MAP_FAILED);
	return table;
}

static void open_gated(void (*move)(struct counters *live))
{
	struct counters *live = &gated.live.counters;

	memset(&gated, 0, sizeof(gated));
	gated.move = move;
	live->by_set = true;
	live->shape = counters__shape(GATED_CPUS - 1, GATED_VIPIS, true);
	live->traffic = map(live->shape.traffic_mask);
	live->processed = map(live->shape.processed_mask);
	live->unmasked = map(live->shape.unmasked_mask);
	live->masked = map(live->shape.masked_mask);
	/* The first, one in the middle and the last sender, then what was processed. */
	gated.gates[0] = (char *)live->traffic;
	gated.gates[1] = gated.gates[0] + 7 * PAGE;
	gated.gates[2] = gated.gates[0] + (GATED_CPUS - 1) * PAGE;
	gated.gates[3] = (char *)(live->processed +
				  ipimux_processed_index(&live->shape, TARGET, 0));
}

static int copy_gated(struct snapshot *copy)
{
	struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };
	int err;

	gated.faults = 0;
	sigaction(SIGSEGV, &action, &gated.old);
	set_gates("");
	err = counters__copy_cpu(&copy->counters, &gated.live.counters, TARGET);
	set_gates(NULL);
	sigaction(SIGSEGV, &gated.old, NULL);
	return err;
}

static void close_gated(void)
{
	const struct ipimux_shape *shape = &gated.live.counters.shape;

	munmap(gated.live.counters.traffic, (shape->traffic_mask + 1ULL) * sizeof(__u64));
	munmap(gated.live.counters.processed, (shape->processed_mask + 1ULL) * sizeof(__u64));
	munmap(gated.live.counters.unmasked, (shape->unmasked_mask + 1ULL) * sizeof(__u64));
	munmap(gated.live.counters.masked, (shape->masked_mask + 1ULL) * sizeof(__u64));
}

/* Sends and handles in turn, at some of the faults, until they are used up. */
static uint64_t gated_random = 13;
static unsigned int moves_left;
static int pending_vipi = -1;

static void move_some(struct counters *live)
{
	if (!moves_left || unit__below(&gated_random, 3) == 0)
		return;
	moves_left--;
	if (pending_vipi >= 0) {
		live->processed[ipimux_processed_index(&live->shape, TARGET,
						       1U << pending_vipi)]++;
		pending_vipi = -1;
		return;
	}
	pending_vipi = unit__below(&gated_random, GATED_VIPIS);
	live->traffic[ipimux_traffic_index(&live->shape, unit__below(&gated_random, GATED_CPUS),
					   TARGET, pending_vipi, IPIMUX_RAISED)]++;
}

static void test_copy_of_one_instant(void **state)
{
	unsigned int pending = 0, disturbed = 0;
	struct snapshot copy;

	assert_int_equal(sysconf(_SC_PAGESIZE), PAGE);
	unit__snapshot(&copy, GATED_CPUS, GATED_VIPIS, false);
	open_gated(move_some);
	for (int i = 0; i < 300; i++) {
		__s64 balance = 0;

		moves_left = unit__below(&gated_random, 16);
		assert_int_equal(copy_gated(&copy), 0);
		for (unsigned int vipi = 0; vipi < GATED_VIPIS; vipi++)
			balance += counters__balance(&copy.counters, TARGET, vipi);
		check(balance == 0 || balance == 1, "copy %d: %lld", i, (long long)balance);
		pending += balance;
		/* Two passes are enough only if nothing moved. */
		disturbed += gated.faults > 2 * NR_GATES;
	}
	/* Or nothing was tested. */
	assert_true(pending > 50);
	assert_true(disturbed > 50);
	close_gated();
	snapshot__free(&copy);
}

/* Moves just one counter, at every fault. */
static __u64 *restless;

static void move_restless(struct counters *live)
{
	++*restless;
}

static void check_never_still(__u64 *counter, struct snapshot *copy, const __u64 *copied)
{
	/* Another one than the copy has, or that would be of the instant when it began. */
	__u64 before = ++*counter;

	restless = counter;
	assert_int_equal(copy_gated(copy), -EAGAIN);
	/* It tried hard, and what it took is at least a value of that time. */
	assert_true(gated.faults >= 10 * NR_GATES);
	assert_true(*copied > before && *copied <= *counter);
}

/* Counters that never rest: the copy says so, whichever of them it is. */
static void test_copy_never_still(void **state)
{
	static const unsigned int senders[] = { 0, 8, GATED_CPUS - 1 };
	struct counters *live = &gated.live.counters;
	struct snapshot copy;
	__u64 i;

	assert_int_equal(sysconf(_SC_PAGESIZE), PAGE);
	unit__snapshot(&copy, GATED_CPUS, GATED_VIPIS, false);
	assert_int_equal(snapshot__add(&copy, COUNTERS_MASKED), 0);
	open_gated(move_restless);
	for (size_t n = 0; n < ARRAY_SIZE(senders); n++) {
		i = ipimux_traffic_index(&live->shape, senders[n], TARGET, GATED_VIPIS - 1,
					 IPIMUX_COALESCED_WHILE_MASKED);
		check_never_still(live->traffic + i, &copy, copy.counters.traffic + i);
	}
	i = ipimux_traffic_index(&live->shape, 0, TARGET, 0, IPIMUX_RAISED);
	check_never_still(live->traffic + i, &copy, copy.counters.traffic + i);
	i = ipimux_processed_index(&live->shape, TARGET, 0);
	check_never_still(live->processed + i, &copy, copy.counters.processed + i);
	i = ipimux_processed_index(&live->shape, TARGET, (1 << GATED_VIPIS) - 1);
	check_never_still(live->processed + i, &copy, copy.counters.processed + i);
	/* Or of different instants masks, unmasks and what happened in between would not add up. */
	i = ipimux_unmasked_index(&live->shape, TARGET, 3, IPIMUX_UNMASK_KICK);
	check_never_still(live->unmasked + i, &copy, copy.counters.unmasked + i);
	i = ipimux_masked_index(&live->shape, TARGET, 3, IPIMUX_MASK_PENDING);
	check_never_still(live->masked + i, &copy, copy.counters.masked + i);

	/* What happens to others does not hold it up. */
	restless = live->traffic + ipimux_traffic_index(&live->shape, TARGET, TARGET + 1, 0, 0);
	assert_int_equal(copy_gated(&copy), 0);
	restless = live->processed + ipimux_processed_index(&live->shape, TARGET + 1, 0);
	assert_int_equal(copy_gated(&copy), 0);
	close_gated();
	snapshot__free(&copy);
}

/* A copy of a copy: of one instant only where it is the same as that of the copy before. */
static void test_copy_of_copy(void **state)
{
	struct snapshot live, copy, expected;
	uint64_t random = 6;

	unit__snapshot(&live, 4, 8, false);
	unit__snapshot(&copy, 4, 8, false);
	unit__snapshot(&expected, 4, 8, false);
	unit__fill(&live, &random);
	assert_int_equal(counters__copy_cpu(&expected.counters, &live.counters, 1), 0);

	assert_int_equal(counters__copy_copied(&copy.counters, &live.counters, 1), -EAGAIN);
	assert_true(unit__same(&copy, &expected));
	assert_int_equal(counters__copy_copied(&copy.counters, &live.counters, 1), 0);
	/* What concerns another target moves nothing of this one. */
	unit__send(&live, 1, 2, 3, IPIMUX_RAISED, 1);
	unit__process(&live, 2, 1, 1);
	assert_int_equal(counters__copy_copied(&copy.counters, &live.counters, 1), 0);
	assert_true(unit__same(&copy, &expected));
	unit__send(&live, 3, 1, 0, IPIMUX_COALESCED, 1);
	assert_int_equal(counters__copy_copied(&copy.counters, &live.counters, 1), -EAGAIN);
	assert_int_equal(counters__copy_copied(&copy.counters, &live.counters, 1), 0);
	unit__process(&live, 1, 1, 1);
	assert_int_equal(counters__copy_copied(&copy.counters, &live.counters, 1), -EAGAIN);
	snapshot__free(&live);
	snapshot__free(&copy);
	snapshot__free(&expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_copy_of_copy),
		cmocka_unit_test(test_copy_still),
		cmocka_unit_test(test_copy_beside_writer),
		cmocka_unit_test(test_copy_of_one_instant),
		cmocka_unit_test(test_copy_never_still),
	};

	return UNIT_RUN("copy", tests);
}
