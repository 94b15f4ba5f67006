// SPDX-License-Identifier: GPL-2.0-only
/* What the tests of recordings share, see recorded.h. Tests nothing itself. */
#include "recorded.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int recorded__new_file(void)
{
	int fd = memfd_create("recording", 0);

	assert_true(fd >= 0);
	return fd;
}

int recorded__file_of(const char *data, size_t size)
{
	int fd = recorded__new_file();

	assert_int_equal(write(fd, data, size), size);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

/* copy - what a snapshot that is taken next starts from */
static void copy(struct snapshot *to, const struct snapshot *from)
{
	const struct ipimux_shape *shape = &from->counters.shape;

	to->time = from->time;
	to->wall_time = from->wall_time;
	to->missed = from->missed;
	to->online = from->online;
	for (int table = 0; table < COUNTERS_NR_TABLES; table++)
		if (from->counters.table[table] && !tables[table].within)
			memcpy(to->counters.table[table], from->counters.table[table],
			       table__size(&tables[table], shape) * sizeof(__u64));
}

/* happen - some of everything, at random; now and then a lot of it */
static void happen(struct snapshot *now, const struct machine *machine, bool by_bit,
		   uint64_t *random)
{
	unsigned int nr_cpus = cpuset__last(&machine->possible) + 1;
	unsigned int events = unit__below(random, 10 * nr_cpus);

	for (unsigned int i = 0; i < events; i++) {
		unsigned int cpu = unit__below(random, nr_cpus);
		unsigned int vipi = unit__below(random, machine->nr_vipis);
		__u64 number = unit__random(random) >> (16 + unit__below(random, 48));

		unit__send(now, unit__below(random, nr_cpus), cpu, vipi,
			   unit__below(random, IPIMUX_NR_OUTCOMES), number);
		unit__process(now, cpu, unit__random(random) & ((1ULL << machine->nr_vipis) - 1),
			      by_bit ? number >> 6 : number);
		if (now->counters.waits) {
			struct ipimux_waits *waits = &now->counters.waits[
				ipimux_waits_index(&now->counters.shape, cpu, vipi)];

			waits->raised[unit__below(random, IPIMUX_NR_BUCKETS + 1)]++;
			waits->masked[unit__below(random, IPIMUX_NR_BUCKETS + 1)] += 7;
			waits->untimed += unit__below(random, 2);
			if (now->counters.waited) {
				waits->raised_ns += unit__random(random) >> 20;
				waits->masked_ns += unit__below(random, 3);
			}
			waits->sets = waits->stamp[1] = waits->expected = unit__random(random);
		}
		if (now->counters.masked)
			now->counters.masked[ipimux_masked_index(&now->counters.shape, cpu, vipi,
				unit__below(random, IPIMUX_NR_MASKS))]++;
		if (now->counters.parents)
			now->counters.parents[cpu] += 2;
		if (now->counters.started)
			now->counters.started[ipimux_started_index(&now->counters.shape, cpu,
								   vipi)] += 3;
		if (!unit__below(random, 5))
			unit__unmask(now, cpu, vipi, unit__below(random, 2), number);
	}
	now->time += unit__random(random) >> 24;
	now->wall_time += unit__random(random) >> 24;
	now->late = unit__random(random) >> 24;
	now->missed += unit__below(random, 3);
}

static void know_kernel(struct kernel_counts *kernel, const struct machine *machine,
			uint64_t *random)
{
	kernel->known = true;
	for (int cpu = 0; cpu <= cpuset__last(&machine->possible); cpu++) {
		for (unsigned int vipi = 0; vipi < machine->nr_vipis; vipi++) {
			size_t i = cpu * IPIMUX_MAX_VIPIS + vipi;

			kernel->low[i] = unit__below(random, 3) ? unit__random(random) : 0;
			kernel->high[i] = unit__below(random, 3) ? unit__random(random) : 0;
		}
	}
}

/* know_more - of a CPU at random its words, and when it ran; of a vIPI how its edge was */
static void know_more(struct snapshot *snapshot, const struct machine *machine, uint64_t *random)
{
	unsigned int cpu = unit__below(random, cpuset__last(&machine->possible) + 1);
	unsigned int vipi = unit__below(random, machine->nr_vipis);

	snapshot->words.known = true;
	snapshot->words.still[cpu] = unit__random(random);
	snapshot->words.pending[cpu] = unit__random(random);
	snapshot->words.enabled[cpu] = unit__random(random);
	snapshot->edge[cpu << snapshot->counters.shape.vipi_shift | vipi] =
		EDGE_QUIET + unit__below(random, 3);
	snapshot->arrivals[cpu] = EDGE_QUIET + unit__below(random, 3);
	snapshot->torn[cpu << snapshot->counters.shape.vipi_shift | vipi] = unit__random(random);
	snapshot->ran_known = true;
	snapshot->ran[cpu] = unit__random(random) >> 1;
}

void recorded__make(struct recorded *run, unsigned int nr_cpus, unsigned int nr_vipis,
		    bool by_bit, uint64_t *random)
{
	memset(run, 0, sizeof(*run));
	unit__machine(&run->machine, nr_cpus, nr_vipis);
	for (unsigned int i = 0; i < RECORDED_SNAPSHOTS; i++) {
		struct snapshot *snapshot = &run->snapshots[i];

		unit__snapshot(snapshot, nr_cpus, nr_vipis, by_bit);
		/* Some runs were timed, some not. */
		if (nr_vipis % 2 == 0)
			assert_int_equal(snapshot__add(snapshot, COUNTERS_WAITS), 0);
		/* All of them, or one in two. */
		snapshot->counters.timed_one_in = nr_vipis == 32 ? 2 : 1;
		/* Older versions did not sum them up. */
		if (nr_vipis % 4 == 0)
			assert_int_equal(snapshot__add(snapshot, COUNTERS_WAITED), 0);
		if (nr_cpus % 2 == 0)
			for (int table = COUNTERS_MASKED; table <= COUNTERS_LATE; table++)
				assert_int_equal(snapshot__add(snapshot, table), 0);
		if (i)
			copy(snapshot, snapshot - 1);
		else
			snapshot->time = snapshot->wall_time = 1ULL << 60;
		/* One in which nothing happens is one, too. */
		if (i != 2)
			happen(snapshot, &run->machine, !snapshot->counters.by_set, random);
		if (i == 0 || i == RECORDED_SNAPSHOTS - 1)
			know_kernel(&snapshot->kernel, &run->machine, random);
		if (i)
			know_more(snapshot, &run->machine, random);
	}
	run->facts.hotplug = unit__below(random, 2);
	run->facts.parents = AUDIT_PARENTS_ONLINE + unit__below(random, 2);
	run->facts.waited = unit__random(random) >> 2;
	if (unit__below(random, 2))
		run->facts.unhandled = run->unhandled;
	for (unsigned int cpu = 0; cpu < nr_cpus; cpu++)
		run->unhandled[cpu] = unit__random(random);
}

void recorded__free(struct recorded *run)
{
	for (unsigned int i = 0; i < RECORDED_SNAPSHOTS; i++)
		snapshot__free(&run->snapshots[i]);
}

int recorded__write(const struct recorded *run, enum stream_format format)
{
	struct recording_writer *writer;
	int fd = recorded__new_file();

	assert_int_equal(recording_writer__open(&writer, fd, format, &run->machine,
						&run->snapshots[0]), 0);
	for (unsigned int i = 0; i < RECORDED_SNAPSHOTS; i++) {
		/* Two looks before each but the first and the last: what they see, it sees, too. */
		for (unsigned int look = 0; look < 2 && i && i < RECORDED_SNAPSHOTS - 1; look++)
			assert_int_equal(recording_writer__look(writer, &run->snapshots[i],
								&run->snapshots[i - 1]), 0);
		assert_int_equal(recording_writer__snapshot(writer, &run->snapshots[i],
				 i ? &run->snapshots[i - 1] : NULL), 0);
	}
	assert_int_equal(recording_writer__end(writer, &run->facts,
					       &run->snapshots[RECORDED_SNAPSHOTS - 1].kernel), 0);
	assert_int_equal(recording_writer__size(writer), lseek(fd, 0, SEEK_CUR));
	recording_writer__free(writer);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

int recorded__read_all(int fd, char text[256])
{
	struct recording_reader *reader;
	struct snapshot read[3] = {};
	struct audit_facts facts = {};
	unsigned int count = 0;
	int ret = recording_reader__open(&reader, fd, 0);

	for (unsigned int i = 0; i < 3 && !ret; i++)
		ret = recording_reader__init_snapshot(reader, &read[i]);
	while (!ret) {
		ret = recording_reader__next(reader);
		if (ret == RECORDING_LOOK) {
			ret = recording_reader__snapshot(reader, &read[2],
							 &read[(count + 1) % 2]);
			continue;
		}
		if (!ret)
			ret = recording_reader__snapshot(reader, &read[count % 2],
							 count ? &read[(count + 1) % 2] : NULL);
		count++;
	}
	if (ret == RECORDING_END) {
		int err = recording_reader__end(reader, &facts, &read[0].kernel);

		ret = err ? err : ret;
	}
	snprintf(text, 256, "%s", recording_reader__error(reader));
	assert_int_equal(ret == -EBADMSG, *text != '\0');
	recording_reader__free(reader);
	snapshot__free(&read[0]);
	snapshot__free(&read[1]);
	snapshot__free(&read[2]);
	return ret;
}
