// SPDX-License-Identifier: GPL-2.0-only
/*
 * The counters at one instant: that no two of them share a place, that a copy of
 * counters in motion is of one instant or says that it is not, and what two
 * copies differ by.
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

static const unsigned int cpu_counts[] = { 1, 2, 3, 4, 5, 64, 512 };
static const unsigned int vipi_counts[] = { 1, 5, 8, 9, 32 };

static unsigned int round_up(unsigned int value)
{
	unsigned int power = 1;

	while (power < value)
		power *= 2;
	return power;
}

/*
 * Numbers below @nr that show whether two parts of an index overlap: all of them
 * if they are few, else those around the powers of two. Returns how many.
 */
static unsigned int choose(unsigned int chosen[64], unsigned int nr)
{
	unsigned int count = 0;

	if (nr <= 64) {
		for (; count < nr; count++)
			chosen[count] = count;
		return count;
	}
	chosen[count++] = 0;
	for (unsigned int power = 1; power < nr; power *= 2) {
		if (power > 4)
			chosen[count++] = power - 1;
		chosen[count++] = power;
	}
	chosen[count++] = nr - 1;
	return count;
}

/* take - marks @index as used; it must be below @size and not have been used */
static void take(unsigned char *used, __u64 size, __u64 index, const char *table,
		 unsigned int nr_cpus, unsigned int nr_vipis)
{
	check(index < size, "%s index %llu of %llu, %u CPUs, %u vIPIs", table,
	      (unsigned long long)index, (unsigned long long)size, nr_cpus, nr_vipis);
	check(!(used[index / 8] >> index % 8 & 1), "%s index %llu twice, %u CPUs, %u vIPIs",
	      table, (unsigned long long)index, nr_cpus, nr_vipis);
	used[index / 8] |= 1 << index % 8;
}

static void check_shape(unsigned int nr_cpus, unsigned int nr_vipis)
{
	unsigned int cpus = round_up(nr_cpus), vipis = round_up(nr_vipis);
	unsigned int chosen[64], nr_chosen = choose(chosen, nr_cpus);
	__u64 traffic_size, processed_size, unmasked_size, slots;
	unsigned char *used;
	struct ipimux_shape shape;
	bool by_set;

	shape = counters__shape(nr_cpus - 1, nr_vipis, &by_set);
	traffic_size = (__u64)shape.traffic_mask + 1;
	processed_size = (__u64)shape.processed_mask + 1;
	unmasked_size = (__u64)shape.unmasked_mask + 1;

	/* Powers of two, but not sized for a maximum. */
	assert_int_equal(by_set, nr_vipis <= IPIMUX_MAX_SET_VIPIS);
	assert_int_equal(1U << shape.cpu_shift, cpus);
	assert_int_equal(1U << shape.vipi_shift, vipis);
	assert_int_equal(traffic_size, (__u64)cpus * cpus * vipis * IPIMUX_NR_OUTCOMES);
	assert_int_equal(processed_size, (__u64)cpus * (by_set ? 1 << vipis : 128));
	assert_int_equal(unmasked_size, (__u64)cpus * vipis * IPIMUX_NR_UNMASKS);

	used = calloc(1, traffic_size / 8 + 1);
	for (unsigned int sender = 0; sender < nr_chosen; sender++)
		for (unsigned int target = 0; target < nr_chosen; target++)
			for (unsigned int vipi = 0; vipi < nr_vipis; vipi++)
				for (unsigned int o = 0; o < IPIMUX_NR_OUTCOMES; o++)
					take(used, traffic_size,
					     ipimux_traffic_index(&shape, chosen[sender],
								  chosen[target], vipi, o),
					     "traffic", nr_cpus, nr_vipis);
	free(used);

	used = calloc(1, processed_size / 8 + 1);
	slots = by_set ? 1U << nr_vipis : IPIMUX_BITS_BATCH + IPIMUX_MAX_VIPIS + 1;
	for (unsigned int cpu = 0; cpu < nr_cpus; cpu++)
		for (__u64 slot = 0; slot < slots; slot++)
			take(used, processed_size, ipimux_processed_index(&shape, cpu, slot),
			     "processed", nr_cpus, nr_vipis);
	free(used);

	used = calloc(1, unmasked_size / 8 + 1);
	for (unsigned int cpu = 0; cpu < nr_cpus; cpu++)
		for (unsigned int vipi = 0; vipi < nr_vipis; vipi++)
			for (unsigned int kick = 0; kick < IPIMUX_NR_UNMASKS; kick++)
				take(used, unmasked_size,
				     ipimux_unmasked_index(&shape, cpu, vipi, kick),
				     "unmasked", nr_cpus, nr_vipis);
	free(used);
}

static void test_shape(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(cpu_counts); i++)
		for (size_t j = 0; j < ARRAY_SIZE(vipi_counts); j++)
			check_shape(cpu_counts[i], vipi_counts[j]);
}

/* The largest machine there is a cpuset for must not overflow a mask. */
static void test_shape_largest(void **state)
{
	struct ipimux_shape shape;
	bool by_set;

	shape = counters__shape(CPUSET_MAX - 1, IPIMUX_MAX_VIPIS, &by_set);
	assert_int_equal(shape.traffic_mask, (1ULL << 31) - 1);
	assert_int_equal(ipimux_traffic_index(&shape, CPUSET_MAX - 1, CPUSET_MAX - 1,
					      IPIMUX_MAX_VIPIS - 1,
					      IPIMUX_COALESCED_WHILE_MASKED),
			 (1ULL << 31) - 1);
}

/* Whatever a broken kernel passes, the programs must not write out of bounds. */
static void test_index_in_bounds(void **state)
{
	uint64_t random = 2;

	for (int i = 0; i < 20000; i++) {
		unsigned int cpus = cpu_counts[unit__below(&random, ARRAY_SIZE(cpu_counts))];
		unsigned int vipis = vipi_counts[unit__below(&random, ARRAY_SIZE(vipi_counts))];
		uint64_t a = unit__random(&random), b = unit__random(&random);
		uint64_t c = unit__random(&random);
		struct ipimux_shape shape;
		bool by_set;

		shape = counters__shape(cpus - 1, vipis, &by_set);
		assert_true(ipimux_traffic_index(&shape, a, b, c, a) <= shape.traffic_mask);
		assert_true(ipimux_processed_index(&shape, a, b) <= shape.processed_mask);
		assert_true(ipimux_unmasked_index(&shape, a, b, c) <= shape.unmasked_mask);
	}
}

static void fill(__u64 *table, __u32 mask, uint64_t *random)
{
	for (size_t i = 0; i <= mask; i++)
		table[i] = unit__random(random);
}

static void fill_all(struct snapshot *snapshot, uint64_t *random)
{
	const struct ipimux_shape *shape = &snapshot->counters.shape;

	fill(snapshot->counters.traffic, shape->traffic_mask, random);
	fill(snapshot->counters.processed, shape->processed_mask, random);
	fill(snapshot->counters.unmasked, shape->unmasked_mask, random);
}

static bool same(const struct snapshot *a, const struct snapshot *b)
{
	const struct ipimux_shape *shape = &a->counters.shape;

	return !memcmp(a->counters.traffic, b->counters.traffic,
		       (shape->traffic_mask + 1ULL) * sizeof(__u64)) &&
	       !memcmp(a->counters.processed, b->counters.processed,
		       (shape->processed_mask + 1ULL) * sizeof(__u64)) &&
	       !memcmp(a->counters.unmasked, b->counters.unmasked,
		       (shape->unmasked_mask + 1ULL) * sizeof(__u64));
}

static void test_subtract(void **state)
{
	struct snapshot earlier, later, sum, difference;
	uint64_t random = 3;

	for (int by_bit = 0; by_bit < 2; by_bit++) {
		const struct ipimux_shape *shape = &sum.counters.shape;

		unit__snapshot(&earlier, 3, 5, by_bit);
		unit__snapshot(&later, 3, 5, by_bit);
		unit__snapshot(&sum, 3, 5, by_bit);
		unit__snapshot(&difference, 3, 5, by_bit);
		/* Any values: a counter may even wrap in between. */
		fill_all(&earlier, &random);
		fill_all(&later, &random);
		fill_all(&difference, &random);
		earlier.time = 1000000000;
		later.time = 1000000000 + 250000001;
		earlier.wall_time = 77;
		later.wall_time = 1750000000123456789;
		earlier.missed = 3;
		later.missed = 10;
		memset(&difference.online, 0xff, sizeof(difference.online));
		assert_int_equal(cpuset__parse(&earlier.online, "0,2"), 0);
		assert_int_equal(cpuset__parse(&later.online, "0-1"), 0);

		snapshot__subtract(&difference, &later, &earlier);
		for (size_t i = 0; i <= shape->traffic_mask; i++)
			sum.counters.traffic[i] = earlier.counters.traffic[i] +
						  difference.counters.traffic[i];
		for (size_t i = 0; i <= shape->processed_mask; i++)
			sum.counters.processed[i] = earlier.counters.processed[i] +
						    difference.counters.processed[i];
		for (size_t i = 0; i <= shape->unmasked_mask; i++)
			sum.counters.unmasked[i] = earlier.counters.unmasked[i] +
						   difference.counters.unmasked[i];
		assert_true(same(&sum, &later));
		assert_int_equal(difference.time, 250000001);
		assert_int_equal(difference.wall_time, later.wall_time);
		assert_int_equal(difference.missed, 7);
		/* Online at either end. */
		assert_int_equal(cpuset__count(&difference.online), 3);
		assert_int_equal(cpuset__last(&difference.online), 2);

		snapshot__subtract(&difference, &later, &later);
		snapshot__free(&sum);
		unit__snapshot(&sum, 3, 5, by_bit);
		assert_true(same(&sum, &difference));

		snapshot__free(&earlier);
		snapshot__free(&later);
		snapshot__free(&sum);
		snapshot__free(&difference);
	}
}

static void test_free_twice(void **state)
{
	struct snapshot snapshot = {};

	snapshot__free(&snapshot);
	unit__snapshot(&snapshot, 4, 8, false);
	snapshot__free(&snapshot);
	snapshot__free(&snapshot);
	assert_null(snapshot.counters.traffic);
}

/* Every counter is copied, once all CPUs are, and before that just the CPU's own. */
static void test_copy_still(void **state)
{
	struct snapshot live, before, copy;
	uint64_t random = 4;

	for (int by_bit = 0; by_bit < 2; by_bit++) {
		unit__snapshot(&live, 4, 5, by_bit);
		unit__snapshot(&before, 4, 5, by_bit);
		unit__snapshot(&copy, 4, 5, by_bit);
		fill_all(&live, &random);
		random = 5;
		fill_all(&before, &random);
		random = 5;
		fill_all(&copy, &random);

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
			check(same(&copy, &before), "CPU %u, by_bit %d", cpu, by_bit);
		}
		assert_true(same(&copy, &live));
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
	assert_true(same(&copy, &live));
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
	live->shape = counters__shape(GATED_CPUS - 1, GATED_VIPIS, &live->by_set);
	live->traffic = map(live->shape.traffic_mask);
	live->processed = map(live->shape.processed_mask);
	live->unmasked = map(live->shape.unmasked_mask);
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
	__u64 before = *counter;

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

	/* What happens to others does not hold it up. */
	restless = live->traffic + ipimux_traffic_index(&live->shape, TARGET, TARGET + 1, 0, 0);
	assert_int_equal(copy_gated(&copy), 0);
	restless = live->processed + ipimux_processed_index(&live->shape, TARGET + 1, 0);
	assert_int_equal(copy_gated(&copy), 0);
	close_gated();
	snapshot__free(&copy);
}

static void test_balance(void **state)
{
	for (int by_bit = 0; by_bit < 2; by_bit++) {
		struct snapshot snapshot;
		const struct counters *counters = &snapshot.counters;

		unit__snapshot(&snapshot, 4, 8, by_bit);
		for (unsigned int cpu = 0; cpu < 4; cpu++)
			for (unsigned int vipi = 0; vipi < 8; vipi++)
				assert_int_equal(counters__balance(counters, cpu, vipi), 0);

		/* All senders count, and just the two outcomes that set the bit. */
		unit__send(&snapshot, 0, 3, 7, IPIMUX_RAISED, 10);
		unit__send(&snapshot, 3, 3, 7, IPIMUX_RAISED, 20);
		unit__send(&snapshot, 1, 3, 7, IPIMUX_MASKED, 5);
		unit__send(&snapshot, 1, 3, 7, IPIMUX_COALESCED, 1000);
		unit__send(&snapshot, 2, 3, 7, IPIMUX_COALESCED_WHILE_MASKED, 1000);
		assert_int_equal(counters__balance(counters, 3, 7), 35);
		/* Not those of other targets, vIPIs. */
		unit__send(&snapshot, 3, 0, 7, IPIMUX_RAISED, 100);
		unit__send(&snapshot, 3, 3, 6, IPIMUX_MASKED, 200);
		assert_int_equal(counters__balance(counters, 3, 7), 35);
		assert_int_equal(counters__balance(counters, 0, 7), 100);
		assert_int_equal(counters__balance(counters, 3, 6), 200);

		/* Handled alone or among others. */
		unit__process(&snapshot, 3, 0, 1000);
		unit__process(&snapshot, 3, 1 << 7, 30);
		unit__process(&snapshot, 3, 1 << 7 | 1 << 6, 4);
		unit__process(&snapshot, 3, 0xff, 1);
		unit__process(&snapshot, 2, 0xff, 9);
		assert_int_equal(counters__balance(counters, 3, 7), 0);
		assert_int_equal(counters__balance(counters, 3, 6), 195);
		assert_int_equal(counters__balance(counters, 3, 0), -1);
		assert_int_equal(counters__balance(counters, 2, 0), -9);
		assert_int_equal(counters__balance(counters, 1, 7), 0);

		/* Far from home it is still a difference, not a large number. */
		unit__process(&snapshot, 3, 1 << 5, 1ULL << 40);
		assert_true(counters__balance(counters, 3, 5) == -(1LL << 40) - 1);
		snapshot__free(&snapshot);
	}
}

/* The shapes at the edges: one CPU, one vIPI, and the last of 32. */
static void test_balance_edges(void **state)
{
	struct snapshot snapshot;

	unit__snapshot(&snapshot, 1, 1, false);
	unit__send(&snapshot, 0, 0, 0, IPIMUX_MASKED, 3);
	unit__process(&snapshot, 0, 1, 2);
	unit__process(&snapshot, 0, 0, 50);
	assert_int_equal(counters__balance(&snapshot.counters, 0, 0), 1);
	snapshot__free(&snapshot);

	unit__snapshot(&snapshot, 5, 32, false);
	unit__send(&snapshot, 4, 4, 31, IPIMUX_RAISED, 3);
	unit__process(&snapshot, 4, 1U << 31, 1);
	unit__process(&snapshot, 4, UINT32_MAX, 1);
	assert_int_equal(counters__balance(&snapshot.counters, 4, 31), 1);
	assert_int_equal(counters__balance(&snapshot.counters, 4, 0), -1);
	snapshot__free(&snapshot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shape),
		cmocka_unit_test(test_shape_largest),
		cmocka_unit_test(test_index_in_bounds),
		cmocka_unit_test(test_subtract),
		cmocka_unit_test(test_free_twice),
		cmocka_unit_test(test_copy_still),
		cmocka_unit_test(test_copy_beside_writer),
		cmocka_unit_test(test_copy_of_one_instant),
		cmocka_unit_test(test_copy_never_still),
		cmocka_unit_test(test_balance),
		cmocka_unit_test(test_balance_edges),
	};

	return UNIT_RUN("snapshot", tests);
}
