// SPDX-License-Identifier: GPL-2.0-only
/*
 * A recording: that what is written is what is read, counter by counter; that one cut
 * off anywhere is read up to there; that damage is noticed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recorded.h"
#include "recording/recording_format.h"

/* check_same_waits - all but what only serves to time them */
static void check_same_waits(const struct counters *a, const struct counters *b)
{
	assert_int_equal(!a->waits, !b->waits);
	for (__u32 i = 0; a->waits && i <= a->shape.waits_mask; i++) {
		assert_memory_equal(a->waits[i].raised, b->waits[i].raised,
				    sizeof(a->waits[i].raised));
		assert_memory_equal(a->waits[i].masked, b->waits[i].masked,
				    sizeof(a->waits[i].masked));
		assert_int_equal(a->waits[i].untimed, b->waits[i].untimed);
		/* One of them was recorded, and those are not. */
		assert_true(!a->waits[i].sets || !b->waits[i].sets);
		assert_true(!a->waits[i].stamp[1] || !b->waits[i].stamp[1]);
	}
}

static void check_same_more(const struct snapshot *a, const struct snapshot *b)
{
	const struct ipimux_shape *shape = &a->counters.shape;
	size_t nr_cpus = (size_t)1 << shape->cpu_shift;

	for (int table = COUNTERS_DOUBTS; table < COUNTERS_NR_TABLES; table++) {
		size_t nr = table__size(&tables[table], shape);
		const __u64 *ours = a->counters.table[table];
		const __u64 *theirs = b->counters.table[table];

		assert_int_equal(!ours, !theirs);
		for (size_t i = 0; ours && i < nr; i++)
			assert_int_equal(ours[i << tables[table].apart],
					 theirs[i << tables[table].apart]);
	}
	assert_int_equal(a->words.known, b->words.known);
	assert_memory_equal(a->words.still, b->words.still, nr_cpus * sizeof(__u32));
	assert_memory_equal(a->words.pending, b->words.pending, nr_cpus * sizeof(__u32));
	assert_memory_equal(a->words.enabled, b->words.enabled, nr_cpus * sizeof(__u32));
	assert_memory_equal(a->edge, b->edge, shape->waits_mask + 1UL);
	assert_memory_equal(a->arrivals, b->arrivals, nr_cpus);
	assert_memory_equal(a->torn, b->torn, (shape->waits_mask + 1UL) * sizeof(__u32));
	assert_int_equal(a->ran_known, b->ran_known);
	assert_memory_equal(a->ran, b->ran, nr_cpus * sizeof(__u64));
}

static void check_same(const struct snapshot *a, const struct snapshot *b)
{
	const struct ipimux_shape *shape = &a->counters.shape;
	size_t kernel = ((size_t)IPIMUX_MAX_VIPIS << shape->cpu_shift) * sizeof(__u32);

	assert_memory_equal(shape, &b->counters.shape, sizeof(*shape));
	assert_int_equal(a->counters.by_set, b->counters.by_set);
	assert_int_equal(a->counters.timed_one_in, b->counters.timed_one_in);
	assert_int_equal(a->time, b->time);
	assert_int_equal(a->wall_time, b->wall_time);
	assert_int_equal(a->late, b->late);
	assert_int_equal(a->missed, b->missed);
	assert_true(cpuset__equal(&a->online, &b->online));
	assert_memory_equal(a->counters.traffic, b->counters.traffic,
			    recorded__bytes(shape->traffic_mask));
	assert_memory_equal(a->counters.processed, b->counters.processed,
			    recorded__bytes(shape->processed_mask));
	assert_memory_equal(a->counters.unmasked, b->counters.unmasked,
			    recorded__bytes(shape->unmasked_mask));
	check_same_waits(&a->counters, &b->counters);
	check_same_more(a, b);
	assert_int_equal(a->kernel.known, b->kernel.known);
	if (!a->kernel.known)
		return;
	assert_memory_equal(a->kernel.low, b->kernel.low, kernel);
	assert_memory_equal(a->kernel.high, b->kernel.high, kernel);
}

/*
 * read_run - reads what is a recording of @run, up to where it ends
 *
 * Returns how many snapshots there were, all of them right; *@last becomes what came then.
 */
static unsigned int read_run(const struct recorded *run, int fd, int *last)
{
	const struct ipimux_shape *shape = &run->snapshots[0].counters.shape;
	struct recording_reader *reader;
	struct snapshot read[2] = {}, look = {};
	unsigned int count = 0;

	/* All pairs of 64 CPUs, in every way: more than it takes by itself. */
	*last = recording_reader__open(&reader, fd, 1ULL << 30);
	if (!*last)
		assert_int_equal(recording_reader__init_snapshot(reader, &look), 0);
	for (; !*last; count++) {
		struct snapshot *later = &read[count % 2];

		while ((*last = recording_reader__next(reader)) == RECORDING_LOOK) {
			assert_true(count && count < RECORDED_SNAPSHOTS);
			assert_int_equal(recording_reader__snapshot(reader, &look,
							&read[(count + 1) % 2]), 0);
			check_same(&look, &run->snapshots[count]);
		}
		if (*last)
			break;
		assert_true(count < RECORDED_SNAPSHOTS);
		if (count < 2)
			assert_int_equal(recording_reader__init_snapshot(reader, later), 0);
		assert_int_equal(recording_reader__snapshot(reader, later,
							    count ? &read[(count + 1) % 2] : NULL),
				 0);
		check_same(later, &run->snapshots[count]);
	}
	if (*last == RECORDING_END) {
		struct audit_facts facts = {};

		assert_int_equal(recording_reader__end(reader, &facts, &read[1].kernel), 0);
		assert_int_equal(facts.hotplug, run->facts.hotplug);
		assert_int_equal(facts.waited, run->facts.waited);
		assert_int_equal(facts.parents, run->facts.parents);
		assert_int_equal(!facts.unhandled, !run->facts.unhandled);
		if (facts.unhandled)
			assert_memory_equal(facts.unhandled, run->unhandled,
					    sizeof(__u32) << shape->cpu_shift);
		check_same(&read[1], &run->snapshots[RECORDED_SNAPSHOTS - 1]);
	}
	if (*last >= 0)
		assert_memory_equal(recording_reader__machine(reader), &run->machine,
				    sizeof(run->machine));
	recording_reader__free(reader);
	snapshot__free(&read[0]);
	snapshot__free(&read[1]);
	snapshot__free(&look);
	return count;
}

static void test_round_trip(void **state)
{
	static const struct {
		unsigned int nr_cpus;
		unsigned int nr_vipis;
		bool by_bit;
	} machines[] = {
		{ 1, 1 }, { 2, 8 }, { 4, 8 }, { 4, 8, true }, { 5, 5 }, { 5, 5, true },
		{ 3, 9 }, { 4, 32 }, { 64, 8 }, { 64, 8, true }, { 64, 32 },
	};
	uint64_t random = 1;

	for (size_t i = 0; i < ARRAY_SIZE(machines); i++) {
		for (enum stream_format format = STREAM_PLAIN; format <= STREAM_ZSTD; format++) {
			struct recorded run;
			int fd, last;

			recorded__make(&run, machines[i].nr_cpus, machines[i].nr_vipis,
				       machines[i].by_bit, &random);
			fd = recorded__write(&run, format);
			check(read_run(&run, fd, &last) == RECORDED_SNAPSHOTS &&
			      last == RECORDING_END,
			      "%u CPUs, %u vIPIs, format %d: then %d", machines[i].nr_cpus,
			      machines[i].nr_vipis, format, last);
			close(fd);
			recorded__free(&run);
		}
	}
}

/* A coordinate is where bpf/ipimux.h says. */
static void test_index(void **state)
{
	uint64_t random = 2;

	for (unsigned int i = 0; i < 1000; i++) {
		unsigned int nr_cpus = 1 + unit__below(&random, 70);
		unsigned int nr_vipis = 1 + unit__below(&random, 32);
		__u64 cpu = unit__below(&random, nr_cpus), vipi = unit__below(&random, nr_vipis);
		__u64 at[COUNTERS_NR_TABLES][TABLE_MAX_DIMENSIONS] = {
			{ unit__below(&random, nr_cpus), cpu, vipi, unit__below(&random, 4) },
			{ cpu, unit__below(&random, 1 + IPIMUX_BITS_BATCH) },
			{ cpu, vipi, unit__below(&random, 2) },
			{ cpu, vipi, unit__below(&random, 2), unit__below(&random, 256) },
			{ cpu, vipi, unit__below(&random, 2) },
			{ cpu, vipi, unit__below(&random, IPIMUX_NR_MASKS) },
			{ cpu },
			{ cpu, vipi },
			{ cpu, unit__below(&random, IPIMUX_NR_LATE) },
			{ cpu, vipi, unit__below(&random, IPIMUX_NR_WAIT_KINDS) },
		};
		bool by_set = nr_vipis <= IPIMUX_MAX_SET_VIPIS;
		struct ipimux_shape shape = counters__shape(nr_cpus - 1, nr_vipis, by_set);
		size_t index[COUNTERS_NR_TABLES];

		at[1][1] &= (1 << shape.processed_shift) - 1;
		for (unsigned int t = 0; t < COUNTERS_NR_TABLES; t++) {
			__u64 back[TABLE_MAX_DIMENSIONS];
			unsigned int nr = table__index(&tables[t], &shape, at[t],
							   &index[t]);

			assert_int_equal(table__coordinates(&tables[t], &shape,
								index[t], back), nr);
			assert_memory_equal(back, at[t], nr * sizeof(*back));
		}
		assert_int_equal(index[0], ipimux_traffic_index(&shape, at[0][0], at[0][1],
								at[0][2], at[0][3]));
		assert_int_equal(index[1], ipimux_processed_index(&shape, at[1][0], at[1][1]));
		assert_int_equal(index[2], ipimux_unmasked_index(&shape, at[2][0], at[2][1],
								 at[2][2]));
		assert_int_equal(index[3], ipimux_waits_index(&shape, at[3][0], at[3][1]) << 9 |
					   at[3][2] << IPIMUX_SLOT_SHIFT | at[3][3]);
		assert_int_equal(index[4], ipimux_doubts_index(&shape, at[4][0], at[4][1],
							       at[4][2]));
		assert_int_equal(index[5], ipimux_masked_index(&shape, at[5][0], at[5][1],
							       at[5][2]));
		assert_int_equal(index[6], ipimux_parents_index(&shape, at[6][0]));
		assert_int_equal(index[7], ipimux_started_index(&shape, at[7][0], at[7][1]));
		assert_int_equal(index[8], ipimux_late_index(&shape, at[8][0], at[8][1]));
		/* In gaps of waits, whose slots are a kind's numbers. */
		assert_int_equal(index[9] << tables[9].apart,
				 ipimux_waited_index(&shape, at[9][0], at[9][1], at[9][2]));
		assert_int_equal((index[9] << tables[9].apart) + tables[9].first,
				 ipimux_waits_index(&shape, at[9][0], at[9][1]) << 9 |
				 at[9][2] << IPIMUX_SLOT_SHIFT | IPIMUX_SLOT_NS);
		assert_int_equal(table__size(&tables[5], &shape),
				 (size_t)shape.masked_mask + 1);
		assert_int_equal(table__size(&tables[3], &shape) * sizeof(__u64),
				 (shape.waits_mask + 1) * sizeof(struct ipimux_waits));
		assert_int_equal(table__size(&tables[0], &shape),
				 (size_t)shape.traffic_mask + 1);
		assert_int_equal(table__size(&tables[1], &shape),
				 (size_t)shape.processed_mask + 1);
		assert_int_equal(table__size(&tables[2], &shape),
				 (size_t)shape.unmasked_mask + 1);
	}
}

static char *contents(int fd, size_t *size)
{
	char *data;

	*size = lseek(fd, 0, SEEK_END);
	data = malloc(*size);
	assert_int_equal(pread(fd, data, *size, 0), *size);
	return data;
}

/* lines_in - how many lines of @data are whole within its first @size bytes */
static unsigned int lines_in(const char *data, size_t size)
{
	unsigned int lines = 0;

	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n' || (data[i] == '}' && i == size - 1);
	return lines;
}

/* However much of it is missing: what is there is right, and it is never taken for whole. */
static void test_cut_off(void **state)
{
	size_t stride = unit__stride();
	uint64_t random = 3;
	struct recorded run;

	recorded__make(&run, 2, 8, false, &random);
	for (enum stream_format format = STREAM_PLAIN; format <= STREAM_ZSTD; format++) {
		int fd = recorded__write(&run, format);
		unsigned int most = 0;
		size_t size;
		char *data = contents(fd, &size);

		/* In any case all but the last byte. */
		for (size_t cut = (size - 1) % stride; cut < size; cut += stride) {
			int part = recorded__file_of(data, cut), last;
			unsigned int count = read_run(&run, part, &last), looks, lines;

			close(part);
			check(last == RECORDING_CUT_OFF || (count == 0 && last == -EBADMSG) ||
			      (count == RECORDED_SNAPSHOTS && last == RECORDING_END),
			      "format %d, cut at %zu of %zu: %u, then %d", format, cut, size, count,
			      last);
			check(count >= most, "format %d, cut at %zu: %u, less than before", format,
			      cut, count);
			most = count;
			if (format != STREAM_PLAIN)
				continue;
			/* Each whole line counts: the header, the snapshots, looks, the end. */
			looks = count ? 2 * (count - 1 - (count == RECORDED_SNAPSHOTS)) : 0;
			lines = last < 0 ? 0 : count + looks + 1 + (last == RECORDING_END);
			check(lines <= lines_in(data, cut) &&
			      lines + 2 * (count && count < RECORDED_SNAPSHOTS - 1) >=
			      lines_in(data, cut), "cut at %zu: %u of %u lines", cut, count,
			      lines_in(data, cut));
		}
		assert_int_equal(most, RECORDED_SNAPSHOTS);
		free(data);
		close(fd);
	}
	recorded__free(&run);
}

/* What was written is there, although the writer never came to an end. */
static void test_killed(void **state)
{
	uint64_t random = 4;
	struct recorded run;

	recorded__make(&run, 4, 8, false, &random);
	for (enum stream_format format = STREAM_PLAIN; format <= STREAM_ZSTD; format++) {
		struct recording_writer *writer;
		int fd = recorded__new_file(), last;

		assert_int_equal(recording_writer__open(&writer, fd, format, &run.machine,
							&run.snapshots[0]), 0);
		for (unsigned int i = 0; i < RECORDED_SNAPSHOTS; i++) {
			off_t end;

			assert_int_equal(recording_writer__snapshot(writer, &run.snapshots[i],
					 i ? &run.snapshots[i - 1] : NULL), 0);
			end = lseek(fd, 0, SEEK_CUR);
			lseek(fd, 0, SEEK_SET);
			assert_int_equal(read_run(&run, fd, &last), i + 1);
			assert_int_equal(last, RECORDING_CUT_OFF);
			lseek(fd, end, SEEK_SET);
		}
		recording_writer__free(writer);
		close(fd);
	}
	recorded__free(&run);
}

static void test_full_disk(void **state)
{
	uint64_t random = 5;
	struct recorded run;
	int fd = open("/dev/full", O_WRONLY);

	assert_true(fd >= 0);
	recorded__make(&run, 2, 8, false, &random);
	for (enum stream_format format = STREAM_PLAIN; format <= STREAM_ZSTD; format++) {
		struct recording_writer *writer = NULL;

		assert_int_equal(recording_writer__open(&writer, fd, format, &run.machine,
							&run.snapshots[0]), -ENOSPC);
		assert_null(writer);
	}
	close(fd);
	recorded__free(&run);
}

/* bytes_of - all that a file's stream holds, up to @max */
static size_t bytes_of(int fd, char *bytes, size_t max)
{
	struct stream *stream;
	size_t size = 0;
	ssize_t count;

	assert_int_equal(stream__open_input(&stream, fd, 1 << 23), 0);
	while ((count = stream__read(stream, bytes + size, max - size)) > 0)
		size += count;
	assert_int_equal(count, 0);
	stream__free(stream);
	return size;
}

/* What is damaged inside is noticed, if it makes a difference. */
static void test_damage(void **state)
{
	static char plain[65536], other[65536];
	size_t plain_size, size;
	uint64_t random = 6;
	struct recorded run;
	int fd;

	recorded__make(&run, 2, 8, false, &random);
	fd = recorded__write(&run, STREAM_PLAIN);
	plain_size = bytes_of(fd, plain, sizeof(plain));
	close(fd);
	for (enum stream_format format = STREAM_GZIP; format <= STREAM_ZSTD; format++) {
		unsigned int noticed = 0, tried = 0;
		char *data;

		fd = recorded__write(&run, format);
		data = contents(fd, &size);
		for (size_t i = 0; i < size; i += unit__stride()) {
			char whole = data[i], text[256];
			int part;

			tried++;
			data[i] ^= 1 << unit__below(&random, 8);
			part = recorded__file_of(data, size);
			if (recorded__read_all(part, text) != RECORDING_END) {
				noticed++;
			} else {
				lseek(part, 0, SEEK_SET);
				check(bytes_of(part, other, sizeof(other)) == plain_size,
				      "format %d, byte %zu", format, i);
				assert_memory_equal(other, plain, plain_size);
			}
			close(part);
			data[i] = whole;
		}
		/* The rest means nothing to the formats either, as the gap before a flush. */
		check(noticed > tried * 9 / 10, "format %d: %u of %u", format, noticed, tried);
		free(data);
		close(fd);
	}
	recorded__free(&run);
}

/* A machine that no reader would take is not recorded either. */
static void test_too_large(void **state)
{
	struct recording_writer *writer = NULL;
	struct snapshot snapshot = {};
	struct machine machine;
	__u64 none = 0;

	unit__machine(&machine, 2048, 8);
	snapshot.counters.shape = counters__shape(2047, 8, true);
	snapshot.counters.traffic = snapshot.counters.processed = &none;
	snapshot.counters.unmasked = &none;
	assert_int_equal(recording_writer__open(&writer, -1, STREAM_PLAIN, &machine, &snapshot),
			 -E2BIG);
	assert_null(writer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_index),
		cmocka_unit_test(test_cut_off),
		cmocka_unit_test(test_killed),
		cmocka_unit_test(test_full_disk),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_too_large),
	};

	return UNIT_RUN("recording", tests);
}
