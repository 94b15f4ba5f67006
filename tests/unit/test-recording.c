// SPDX-License-Identifier: GPL-2.0-only
/*
 * A recording: that what is written is what is read, counter by counter; that one cut
 * off anywhere is read up to there; that whatever is wrong with one is said.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "recording/lines.h"
#include "recording/recording.h"
#include "recording/recording_format.h"
#include "unit.h"

#define NR_SNAPSHOTS	4

static int new_file(void)
{
	int fd = memfd_create("recording", 0);

	assert_true(fd >= 0);
	return fd;
}

/* file_of - a file of these bytes, to be read */
static int file_of(const char *data, size_t size)
{
	int fd = new_file();

	assert_int_equal(write(fd, data, size), size);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static size_t table_bytes(__u32 mask)
{
	return ((size_t)mask + 1) * sizeof(__u64);
}

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

static void check_same(const struct snapshot *a, const struct snapshot *b)
{
	const struct ipimux_shape *shape = &a->counters.shape;
	size_t kernel = ((size_t)IPIMUX_MAX_VIPIS << shape->cpu_shift) * sizeof(__u32);

	assert_memory_equal(shape, &b->counters.shape, sizeof(*shape));
	assert_int_equal(a->counters.by_set, b->counters.by_set);
	assert_int_equal(a->time, b->time);
	assert_int_equal(a->wall_time, b->wall_time);
	assert_int_equal(a->late, b->late);
	assert_int_equal(a->missed, b->missed);
	assert_true(cpuset__equal(&a->online, &b->online));
	assert_memory_equal(a->counters.traffic, b->counters.traffic,
			    table_bytes(shape->traffic_mask));
	assert_memory_equal(a->counters.processed, b->counters.processed,
			    table_bytes(shape->processed_mask));
	assert_memory_equal(a->counters.unmasked, b->counters.unmasked,
			    table_bytes(shape->unmasked_mask));
	check_same_waits(&a->counters, &b->counters);
	assert_int_equal(a->kernel.known, b->kernel.known);
	if (!a->kernel.known)
		return;
	assert_memory_equal(a->kernel.low, b->kernel.low, kernel);
	assert_memory_equal(a->kernel.high, b->kernel.high, kernel);
}

/* copy - what a snapshot that is taken next starts from */
static void copy(struct snapshot *to, const struct snapshot *from)
{
	const struct ipimux_shape *shape = &from->counters.shape;

	to->time = from->time;
	to->wall_time = from->wall_time;
	to->missed = from->missed;
	to->online = from->online;
	memcpy(to->counters.traffic, from->counters.traffic, table_bytes(shape->traffic_mask));
	memcpy(to->counters.processed, from->counters.processed,
	       table_bytes(shape->processed_mask));
	memcpy(to->counters.unmasked, from->counters.unmasked, table_bytes(shape->unmasked_mask));
	if (from->counters.waits)
		memcpy(to->counters.waits, from->counters.waits,
		       (shape->waits_mask + 1) * sizeof(*to->counters.waits));
}

/* A run of a machine, as it was, and as its end was audited. */
struct run {
	struct machine machine;
	struct snapshot snapshots[NR_SNAPSHOTS];
	struct audit_facts facts;
	__u32 unhandled[64];
};

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
			waits->sets = waits->stamp[1] = waits->expected = unit__random(random);
		}
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

static void make_run(struct run *run, unsigned int nr_cpus, unsigned int nr_vipis, bool by_bit,
		     uint64_t *random)
{
	memset(run, 0, sizeof(*run));
	unit__machine(&run->machine, nr_cpus, nr_vipis);
	for (unsigned int i = 0; i < NR_SNAPSHOTS; i++) {
		struct snapshot *snapshot = &run->snapshots[i];

		unit__snapshot(snapshot, nr_cpus, nr_vipis, by_bit);
		/* Some runs were timed, some not. */
		if (nr_vipis % 2 == 0)
			assert_int_equal(snapshot__add_waits(snapshot), 0);
		if (i)
			copy(snapshot, snapshot - 1);
		else
			snapshot->time = snapshot->wall_time = 1ULL << 60;
		/* One in which nothing happens is one, too. */
		if (i != 2)
			happen(snapshot, &run->machine, !snapshot->counters.by_set, random);
		if (i == 0 || i == NR_SNAPSHOTS - 1)
			know_kernel(&snapshot->kernel, &run->machine, random);
	}
	run->facts.hotplug = unit__below(random, 2);
	run->facts.waited = unit__random(random) >> 2;
	if (unit__below(random, 2))
		run->facts.unhandled = run->unhandled;
	for (unsigned int cpu = 0; cpu < nr_cpus; cpu++)
		run->unhandled[cpu] = unit__random(random);
}

static void free_run(struct run *run)
{
	for (unsigned int i = 0; i < NR_SNAPSHOTS; i++)
		snapshot__free(&run->snapshots[i]);
}

/* write_run - its recording, to be read */
static int write_run(const struct run *run, enum stream_format format)
{
	struct recording_writer *writer;
	int fd = new_file();

	assert_int_equal(recording_writer__open(&writer, fd, format, &run->machine,
						&run->snapshots[0]), 0);
	for (unsigned int i = 0; i < NR_SNAPSHOTS; i++)
		assert_int_equal(recording_writer__snapshot(writer, &run->snapshots[i],
				 i ? &run->snapshots[i - 1] : NULL), 0);
	assert_int_equal(recording_writer__end(writer, &run->facts,
					       &run->snapshots[NR_SNAPSHOTS - 1].kernel), 0);
	assert_int_equal(recording_writer__size(writer), lseek(fd, 0, SEEK_CUR));
	recording_writer__free(writer);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

/*
 * read_run - reads what is a recording of @run, up to where it ends
 *
 * Returns how many snapshots there were, all of them right; *@last becomes what came then.
 */
static unsigned int read_run(const struct run *run, int fd, int *last)
{
	const struct ipimux_shape *shape = &run->snapshots[0].counters.shape;
	struct recording_reader *reader;
	struct snapshot read[2] = {};
	unsigned int count = 0;

	*last = recording_reader__open(&reader, fd);
	for (; !*last; count++) {
		struct snapshot *later = &read[count % 2];

		*last = recording_reader__next(reader);
		if (*last)
			break;
		assert_true(count < NR_SNAPSHOTS);
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
		assert_int_equal(!facts.unhandled, !run->facts.unhandled);
		if (facts.unhandled)
			assert_memory_equal(facts.unhandled, run->unhandled,
					    sizeof(__u32) << shape->cpu_shift);
		check_same(&read[1], &run->snapshots[NR_SNAPSHOTS - 1]);
	}
	if (*last >= 0)
		assert_memory_equal(recording_reader__machine(reader), &run->machine,
				    sizeof(run->machine));
	recording_reader__free(reader);
	snapshot__free(&read[0]);
	snapshot__free(&read[1]);
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
			struct run run;
			int fd, last;

			make_run(&run, machines[i].nr_cpus, machines[i].nr_vipis,
				 machines[i].by_bit, &random);
			fd = write_run(&run, format);
			check(read_run(&run, fd, &last) == NR_SNAPSHOTS && last == RECORDING_END,
			      "%u CPUs, %u vIPIs, format %d: then %d", machines[i].nr_cpus,
			      machines[i].nr_vipis, format, last);
			close(fd);
			free_run(&run);
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
		__u64 at[][RECORDING_MAX_DIMENSIONS] = {
			{ unit__below(&random, nr_cpus), cpu, vipi, unit__below(&random, 4) },
			{ cpu, unit__below(&random, 1 + IPIMUX_BITS_BATCH) },
			{ cpu, vipi, unit__below(&random, 2) },
			{ cpu, vipi, unit__below(&random, 2), unit__below(&random, 256) },
			{ cpu, vipi, unit__below(&random, 2) },
		};
		struct ipimux_shape shape;
		size_t index[RECORDING_NR_TABLES];
		bool by_set;

		shape = counters__shape(nr_cpus - 1, nr_vipis, &by_set);
		at[1][1] &= (1 << shape.processed_shift) - 1;
		for (unsigned int t = 0; t < RECORDING_NR_TABLES; t++) {
			__u64 back[RECORDING_MAX_DIMENSIONS];
			unsigned int nr = recording__index(&recording_tables[t], &shape, at[t],
							   &index[t]);

			assert_int_equal(recording__coordinates(&recording_tables[t], &shape,
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
		assert_int_equal(recording__size(&recording_tables[3], &shape) * sizeof(__u64),
				 (shape.waits_mask + 1) * sizeof(struct ipimux_waits));
		assert_int_equal(recording__size(&recording_tables[0], &shape),
				 (size_t)shape.traffic_mask + 1);
		assert_int_equal(recording__size(&recording_tables[1], &shape),
				 (size_t)shape.processed_mask + 1);
		assert_int_equal(recording__size(&recording_tables[2], &shape),
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
	struct run run;

	make_run(&run, 2, 8, false, &random);
	for (enum stream_format format = STREAM_PLAIN; format <= STREAM_ZSTD; format++) {
		int fd = write_run(&run, format);
		unsigned int most = 0;
		size_t size;
		char *data = contents(fd, &size);

		/* In any case all but the last byte. */
		for (size_t cut = (size - 1) % stride; cut < size; cut += stride) {
			int part = file_of(data, cut), last;
			unsigned int count = read_run(&run, part, &last);

			close(part);
			check(last == RECORDING_CUT_OFF || (count == 0 && last == -EBADMSG) ||
			      (count == NR_SNAPSHOTS && last == RECORDING_END),
			      "format %d, cut at %zu of %zu: %u, then %d", format, cut, size, count,
			      last);
			check(count >= most, "format %d, cut at %zu: %u, less than before", format,
			      cut, count);
			most = count;
			if (format != STREAM_PLAIN)
				continue;
			/* Each whole line counts: the header, the snapshots, the end. */
			check((last < 0 ? 0 : count + 1 + (last == RECORDING_END)) ==
			      lines_in(data, cut), "cut at %zu: %u of %u lines", cut, count,
			      lines_in(data, cut));
		}
		assert_int_equal(most, NR_SNAPSHOTS);
		free(data);
		close(fd);
	}
	free_run(&run);
}

/* What was written is there, although the writer never came to an end. */
static void test_killed(void **state)
{
	uint64_t random = 4;
	struct run run;

	make_run(&run, 4, 8, false, &random);
	for (enum stream_format format = STREAM_PLAIN; format <= STREAM_ZSTD; format++) {
		struct recording_writer *writer;
		int fd = new_file(), last;

		assert_int_equal(recording_writer__open(&writer, fd, format, &run.machine,
							&run.snapshots[0]), 0);
		for (unsigned int i = 0; i < NR_SNAPSHOTS; i++) {
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
	free_run(&run);
}

static void test_full_disk(void **state)
{
	uint64_t random = 5;
	struct run run;
	int fd = open("/dev/full", O_WRONLY);

	assert_true(fd >= 0);
	make_run(&run, 2, 8, false, &random);
	for (enum stream_format format = STREAM_PLAIN; format <= STREAM_ZSTD; format++) {
		struct recording_writer *writer = NULL;

		assert_int_equal(recording_writer__open(&writer, fd, format, &run.machine,
							&run.snapshots[0]), -ENOSPC);
		assert_null(writer);
	}
	close(fd);
	free_run(&run);
}

/*
 * read_all - reads whatever it is to where it ends, or to the error
 *
 * Returns RECORDING_END, RECORDING_CUT_OFF or the error, whose text is in @text.
 */
static int read_all(int fd, char text[256])
{
	struct recording_reader *reader;
	struct snapshot read[2] = {};
	struct audit_facts facts = {};
	unsigned int count = 0;
	int ret = recording_reader__open(&reader, fd);

	for (unsigned int i = 0; i < 2 && !ret; i++)
		ret = recording_reader__init_snapshot(reader, &read[i]);
	while (!ret) {
		ret = recording_reader__next(reader);
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
	return ret;
}

/* bytes_of - all that a file's stream holds, up to @max */
static size_t bytes_of(int fd, char *bytes, size_t max)
{
	struct stream *stream;
	size_t size = 0;
	ssize_t count;

	assert_int_equal(stream__open_input(&stream, fd), 0);
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
	struct run run;
	int fd;

	make_run(&run, 2, 8, false, &random);
	fd = write_run(&run, STREAM_PLAIN);
	plain_size = bytes_of(fd, plain, sizeof(plain));
	close(fd);
	for (enum stream_format format = STREAM_GZIP; format <= STREAM_ZSTD; format++) {
		unsigned int noticed = 0, tried = 0;
		char *data;

		fd = write_run(&run, format);
		data = contents(fd, &size);
		for (size_t i = 0; i < size; i += unit__stride()) {
			char whole = data[i], text[256];
			int part;

			tried++;
			data[i] ^= 1 << unit__below(&random, 8);
			part = file_of(data, size);
			if (read_all(part, text) != RECORDING_END) {
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
	free_run(&run);
}

#define START	"{\"recording\":\"ipimux-trace\",\"version\":1,"
#define POSSIBLE "\"possible\":\"0-1\","
#define VIPIS	"\"vipis\":[\"A\",\"B\"],"
#define BY_SET	"\"processes\":\"by set\","
#define TABLES	"\"tables\":[\"traffic\",\"processed\",\"unmasked\"]}\n"
#define HEADER	START POSSIBLE VIPIS BY_SET TABLES
#define COMMON	"\"wall_time\":5,\"late\":0,\"missed\":0,\"online\":\"0-1\""
#define FIRST	"{\"snapshot\":0,\"time\":1," COMMON "}\n"
#define SECOND	"{\"snapshot\":1,\"time\":2," COMMON			\
		",\"traffic\":[[0,1,1,0,5]],\"processed\":[[1,2,5]]}\n"
#define THIRD(more) "{\"snapshot\":2,\"time\":3," COMMON more "}\n"
#define SO_FAR	HEADER FIRST SECOND
#define END(more) "{\"end\":2,\"hotplug\":false,\"waited\":0" more "}\n"

static void test_bad(void **state)
{
	static const struct {
		const char *what;
		const char *text;
		const char *error;	/* NULL: it is fine */
	} cases[] = {
		{ "whole", SO_FAR END(""), NULL },
		{ "whole, and no end of the last line",
		  SO_FAR "{\"end\":2,\"hotplug\":false,\"waited\":0}",
		  NULL },
		{ "a later tool's lines and fields", SO_FAR "{\"note\":[1,{}]}\n"
		  THIRD(",\"mood\":1") "{\"end\":3,\"hotplug\":true,\"waited\":1,\"why\":0}\n",
		  NULL },
		{ "a later tool's table", START POSSIBLE VIPIS BY_SET
		  "\"tables\":[\"x\",\"traffic\",\"unmasked\",\"processed\"]}\n" FIRST SECOND
		  THIRD(",\"x\":[[1]]") "{\"end\":3,\"hotplug\":true,\"waited\":1}\n", NULL },

		{ "empty", "", "line 1: this is no recording" },
		{ "empty line", "\n", "line 1: this is no recording" },
		{ "text", "Hello!\nHello!\n", "line 1: this is no recording" },
		{ "other JSON", "{\"version\":1,\"type\":\"interval\"}\n",
		  "line 1: this is no recording; those are made by 'ipimux-trace record'" },
		{ "other recording", "{\"recording\":\"sound\",\"version\":1}\n",
		  "line 1: this is no recording" },
		{ "JSON array", "[" HEADER "]", "line 1: this is no recording" },
		{ "half a header", START, "line 1: this is no recording" },
		{ "newer", "{\"recording\":\"ipimux-trace\",\"version\":2}\n",
		  "line 1: the recording is of version 2, this ipimux-trace reads version 1" },
		{ "no version",
		  "{\"recording\":\"ipimux-trace\"}\n", "line 1: 'version' is missing" },
		{ "version in words", "{\"recording\":\"ipimux-trace\",\"version\":\"1\"}\n",
		  "line 1: 'version' is missing, or no number" },
		{ "no CPUs", START VIPIS BY_SET TABLES, "line 1: 'possible' is missing" },
		{ "empty CPUs",
		  START "\"possible\":\"\"," VIPIS BY_SET TABLES, "'possible' is missing" },
		{ "odd CPUs",
		  START "\"possible\":\"1-0\"," VIPIS BY_SET TABLES, "or no list of CPUs" },
		{ "CPUs above all", START "\"possible\":\"0-4096\"," VIPIS BY_SET TABLES,
		  "or no list of CPUs below 4096" },
		{ "too many CPUs", START "\"possible\":\"0-4095\"," VIPIS BY_SET TABLES,
		  "line 1: a machine with CPUs up to 4095 is too large for a recording" },
		{ "no names", START POSSIBLE BY_SET TABLES, "line 1: 'vipis' is missing" },
		{ "empty names",
		  START POSSIBLE "\"vipis\":[]," BY_SET TABLES, "'vipis' is missing" },
		{ "33 names",
		  START POSSIBLE "\"vipis\":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,"
		  "19,20,21,22,23,24,25,26,27,28,29,30,31,32,33]," BY_SET TABLES,
		  "no array of 1 to 32 names" },
		{ "a number for a name",
		  START POSSIBLE "\"vipis\":[1]," BY_SET TABLES, "that is no name" },
		{ "no name", START POSSIBLE "\"vipis\":[\"\"]," BY_SET TABLES, "that is no name" },
		{ "a name of escapes", START POSSIBLE "\"vipis\":[\"\\u001b[2J\"]," BY_SET TABLES,
		  "that is no name" },
		{ "a long name",
		  START POSSIBLE "\"vipis\":[\"0123456789abcdef0123456789abcdef\"]," BY_SET
		  TABLES, "that is no name" },
		{ "no way to count",
		  START POSSIBLE VIPIS TABLES, "line 1: 'processes' is missing" },
		{ "another way", START POSSIBLE VIPIS "\"processes\":\"by hand\"," TABLES,
		  "or neither 'by set' nor 'by bit'" },
		{ "nine by set", START POSSIBLE
		  "\"vipis\":[\"A\",\"B\",\"C\",\"D\",\"E\",\"F\",\"G\",\"H\",\"I\"]," BY_SET TABLES,
		  "more than 8 vIPIs are not counted by set" },
		{ "no tables", START POSSIBLE VIPIS "\"processes\":\"by set\"}\n",
		  "line 1: 'tables' has no 'traffic'" },
		{ "two tables",
		  START POSSIBLE VIPIS BY_SET "\"tables\":[\"traffic\",\"processed\",7]}\n",
		  "line 1: 'tables' has no 'unmasked'" },

		{ "no JSON", SO_FAR "{\"snapshot\":2,\n", "line 4: this is no JSON object" },
		{ "an array", SO_FAR "[]\n", "line 4: this is no JSON object" },
		{ "a field twice", SO_FAR "{\"snapshot\":2,\"snapshot\":2}\n",
		  "line 4: this is no JSON object" },
		{ "behind the object",
		  SO_FAR "{\"note\":1} x\n", "line 4: this is no JSON object" },
		{ "a number that is too large", SO_FAR "{\"snapshot\":99999999999999999999}\n",
		  "line 4: this is no JSON object" },
		{ "a line is missing", HEADER FIRST THIRD(""),
		  "line 3: 'snapshot' is 2 and not 1: lines are missing" },
		{ "a line twice", HEADER FIRST FIRST, "line 3: 'snapshot' is 0 and not 1" },
		{ "two recordings",
		  HEADER FIRST HEADER FIRST, "line 4: 'snapshot' is 0 and not 1" },
		{ "the end of another", SO_FAR "{\"end\":3}\n", "line 4: 'end' is 3 and not 2" },
		{ "snapshot of a wrong type", HEADER "{\"snapshot\":\"0\"}\n",
		  "line 2: 'snapshot' is missing, or no number" },
		{ "no time", HEADER "{\"snapshot\":0," COMMON "}\n", "line 2: 'time' is missing" },
		{ "a real time",
		  HEADER "{\"snapshot\":0,\"time\":1.5," COMMON "}\n", "'time' is missing, or" },
		{ "a negative time",
		  HEADER "{\"snapshot\":0,\"time\":-1," COMMON "}\n", "'time' is missing, or" },
		{ "no wall time",
		  HEADER "{\"snapshot\":0,\"time\":1}\n", "'wall_time' is missing" },
		{ "not late",
		  HEADER "{\"snapshot\":0,\"time\":1,\"wall_time\":1}\n", "'late' is missing" },
		{ "nothing missed",
		  HEADER "{\"snapshot\":0,\"time\":1,\"wall_time\":1,\"late\":0}\n",
		  "'missed' is missing" },
		{ "too much missed", HEADER "{\"snapshot\":0,\"time\":1,\"wall_time\":1,\"late\":1,"
		  "\"missed\":9223372036854775807,\"online\":\"0\"}\n",
		  "'missed' is more than can ever happen" },
		{ "none online",
		  HEADER "{\"snapshot\":0,\"time\":1,\"wall_time\":1,\"late\":1,\"missed\":0}\n",
		  "'online' is missing" },
		{ "another CPU online",
		  HEADER "{\"snapshot\":0,\"time\":1,\"wall_time\":1,\"late\":1,\"missed\":0,"
		  "\"online\":\"0-2\"}\n", "line 2: 'online' has a CPU that the machine has not" },
		{ "time goes back", SO_FAR "{\"snapshot\":2,\"time\":1," COMMON "}\n",
		  "line 4: 'time' goes back" },
		{ "missed goes back",
		  HEADER "{\"snapshot\":0,\"time\":1,\"wall_time\":1,\"late\":1,\"missed\":9,"
		  "\"online\":\"0\"}\n" SECOND, "line 3: 'missed' goes back" },

		{ "a table of another type",
		  SO_FAR THIRD(",\"traffic\":{}"), "line 4: 'traffic' is no array" },
		{ "a row of another type", SO_FAR THIRD(",\"traffic\":[7]"),
		  "'traffic' has something that is no array of 5 numbers" },
		{ "a short row",
		  SO_FAR THIRD(",\"traffic\":[[0,1,1,5]]"), "no array of 5 numbers" },
		{ "a long row",
		  SO_FAR THIRD(",\"processed\":[[0,1,1,5]]"), "no array of 3 numbers" },
		{ "a negative count",
		  SO_FAR THIRD(",\"processed\":[[0,1,-5]]"), "no array of 3 numbers" },
		{ "a real count",
		  SO_FAR THIRD(",\"processed\":[[0,1,5.0]]"), "no array of 3 numbers" },
		{ "a word",
		  SO_FAR THIRD(",\"unmasked\":[[0,1,\"1\",5]]"), "no array of 4 numbers" },
		{ "a sender", SO_FAR THIRD(",\"traffic\":[[2,0,0,0,1]]"),
		  "line 4: 'traffic' has CPU 2, which is none" },
		{ "a target", SO_FAR THIRD(",\"traffic\":[[0,4294967296,0,0,1]]"),
		  "line 4: 'traffic' has CPU 4294967296, which is none" },
		{ "a vIPI",
		  SO_FAR THIRD(",\"traffic\":[[0,0,2,0,1]]"),
		  "'traffic' has vIPI 2, which is none" },
		{ "an outcome",
		  SO_FAR THIRD(",\"traffic\":[[0,0,0,4,1]]"), "'traffic' has outcome 4" },
		{ "a set",
		  SO_FAR THIRD(",\"processed\":[[0,4,1]]"), "'processed' has set of vIPIs 4" },
		{ "an unmask",
		  SO_FAR THIRD(",\"unmasked\":[[0,0,2,1]]"), "'unmasked' has kind of unmask 2" },
		{ "a counter goes back", SO_FAR THIRD(",\"traffic\":[[0,1,1,0,4]]"),
		  "line 4: 'traffic' goes from 5 to 4: counters only grow" },
		{ "a counter stays",
		  SO_FAR THIRD(",\"traffic\":[[0,1,1,0,5]]"), "goes from 5 to 5" },
		{ "a counter twice", SO_FAR THIRD(",\"traffic\":[[0,1,1,0,6],[0,1,1,0,6]]"),
		  "goes from 6 to 6" },
		{ "too much", SO_FAR THIRD(",\"traffic\":[[0,1,1,0,9223372036854775807]]"),
		  "'traffic' counts more than can ever happen" },
		{ "too much together", SO_FAR THIRD(",\"processed\":[[0,1,50000000000000000],"
		  "[0,2,50000000000000000]]"), "'processed' counts more than can ever happen" },
		{ "the kernel's of another type",
		  SO_FAR THIRD(",\"kernel\":7"), "'kernel' is no array" },
		{ "the kernel's short",
		  SO_FAR THIRD(",\"kernel\":[[0,0,1]]"), "[CPU, vIPI, least, most]" },
		{ "the kernel's CPU",
		  SO_FAR THIRD(",\"kernel\":[[2,0,1,1]]"), "[CPU, vIPI, least, most]" },
		{ "the kernel's vIPI",
		  SO_FAR THIRD(",\"kernel\":[[1,2,1,1]]"), "[CPU, vIPI, least, most]" },
		{ "the kernel's count", SO_FAR THIRD(",\"kernel\":[[1,1,1,4294967296]]"),
		  "[CPU, vIPI, least, most]" },

		{ "no hotplug",
		  SO_FAR "{\"end\":2,\"waited\":1}\n", "line 4: 'hotplug' is missing" },
		{ "hotplug in numbers", SO_FAR "{\"end\":2,\"hotplug\":0,\"waited\":1}\n",
		  "or neither true nor false" },
		{ "no wait",
		  SO_FAR "{\"end\":2,\"hotplug\":true}\n", "line 4: 'waited' is missing" },
		{ "unhandled of another type",
		  SO_FAR END(",\"unhandled\":1"), "'unhandled' is no array" },
		{ "unhandled short", SO_FAR END(",\"unhandled\":[[1]]"), "[CPU, set of vIPIs]" },
		{ "unhandled CPU", SO_FAR END(",\"unhandled\":[[2,1]]"), "[CPU, set of vIPIs]" },
		{ "unhandled set",
		  SO_FAR END(",\"unhandled\":[[1,4294967296]]"), "[CPU, set of vIPIs]" },
		{ "the kernel's end",
		  SO_FAR END(",\"kernel\":[[2,0,1,1]]"), "[CPU, vIPI, least, most]" },
		{ "behind the end", SO_FAR END("") "{}\n", "line 5: something follows the end" },
		{ "garbage behind the end",
		  SO_FAR END("") "x\n", "line 5: something follows the end" },
		{ "half a line behind the end",
		  SO_FAR END("") "{", "line 5: something follows the end" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int fd = file_of(cases[i].text, strlen(cases[i].text));
		char error[256];
		int ret = read_all(fd, error);

		close(fd);
		if (cases[i].error)
			check(ret == -EBADMSG && strstr(error, cases[i].error), "%s: %d, %s",
			      cases[i].what, ret, error);
		else
			check(ret == RECORDING_END, "%s: %d, %s", cases[i].what, ret, error);
	}
}

/* A file that never comes to the end of a line is not read until memory is full. */
static void test_endless_line(void **state)
{
	static const char piece[65536] = { [0 ... 65535] = ' ' };
	static const char * const starts[] = { "", SO_FAR };
	static const char * const errors[] = { "line 1: this is no recording",
					       "line 4: no line is that long" };

	for (unsigned int i = 0; i < 2; i++) {
		int fd = file_of(starts[i], strlen(starts[i]));
		char error[256];

		lseek(fd, 0, SEEK_END);
		for (unsigned int n = 0; n < (i ? 65 * 16 : 16); n++)
			assert_int_equal(write(fd, piece, sizeof(piece)), sizeof(piece));
		lseek(fd, 0, SEEK_SET);
		check(read_all(fd, error) == -EBADMSG && strstr(error, errors[i]), "%s", error);
		close(fd);
	}
}

/* A machine that no reader would take is not recorded either. */
static void test_too_large(void **state)
{
	struct recording_writer *writer = NULL;
	struct snapshot snapshot = {};
	struct machine machine;
	__u64 none = 0;
	bool by_set;

	unit__machine(&machine, 2048, 8);
	snapshot.counters.shape = counters__shape(2047, 8, &by_set);
	snapshot.counters.traffic = snapshot.counters.processed = &none;
	snapshot.counters.unmasked = &none;
	assert_int_equal(recording_writer__open(&writer, -1, STREAM_PLAIN, &machine, &snapshot),
			 -E2BIG);
	assert_null(writer);
}

/* Files behind one another are one, as gzip and zstd have it. */
static void test_parts(void **state)
{
	static const char * const texts[] = { SO_FAR, END("") };

	for (enum stream_format format = STREAM_PLAIN; format <= STREAM_ZSTD; format++) {
		int fd = new_file();
		char error[256];

		for (unsigned int i = 0; i < 2; i++) {
			struct stream *stream;

			assert_int_equal(stream__open_output(&stream, fd, format), 0);
			assert_int_equal(stream__write(stream, texts[i], strlen(texts[i])), 0);
			assert_int_equal(stream__finish(stream), 0);
			stream__free(stream);
		}
		lseek(fd, 0, SEEK_SET);
		check(read_all(fd, error) == RECORDING_END, "format %d: %s", format, error);
		close(fd);
	}
}

/* Lines of any length, wherever they end in what is read at a time. */
static void test_lines(void **state)
{
	static const size_t lengths[] = { 0, 1, 65533, 65536, 65535, 0, 131071, 131072, 131073,
					  400000, 7, 65534, 300000, 1, 2, 3 };
	static char text[400001];

	memset(text, 'x', sizeof(text));
	for (enum stream_format format = STREAM_PLAIN; format <= STREAM_ZSTD; format++) {
		struct lines lines = {};
		struct stream *stream;
		struct line line;
		int fd = new_file();

		assert_int_equal(stream__open_output(&stream, fd, format), 0);
		for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
			text[lengths[i]] = '\n';
			assert_int_equal(stream__write(stream, text, lengths[i] + 1), 0);
			text[lengths[i]] = 'x';
		}
		assert_int_equal(stream__write(stream, text, 5), 0);
		assert_int_equal(stream__finish(stream), 0);
		stream__free(stream);

		lseek(fd, 0, SEEK_SET);
		assert_int_equal(stream__open_input(&lines.stream, fd), 0);
		for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
			check(lines__next(&lines, 400000, &line) == 1 && line.whole &&
			      line.length == lengths[i], "format %d, line %zu: %zu", format, i,
			      line.length);
			assert_int_equal(lines.number, i + 1);
			assert_memory_equal(line.text, text, line.length);
		}
		assert_int_equal(lines__next(&lines, 400000, &line), 1);
		assert_int_equal(line.length, 5);
		assert_false(line.whole);
		assert_int_equal(lines__next(&lines, 400000, &line), 0);
		lines__free(&lines);
		close(fd);
	}
}

static void test_format_of(void **state)
{
	assert_int_equal(stream__format_of("a.gz"), STREAM_GZIP);
	assert_int_equal(stream__format_of("/b/a.zst"), STREAM_ZSTD);
	assert_int_equal(stream__format_of("a.jsonl"), STREAM_PLAIN);
	assert_int_equal(stream__format_of("gz"), STREAM_PLAIN);
	assert_int_equal(stream__format_of(".gz"), STREAM_PLAIN);
	assert_int_equal(stream__format_of("a.gz.txt"), STREAM_PLAIN);
	assert_int_equal(stream__format_of("-"), STREAM_PLAIN);
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
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_endless_line),
		cmocka_unit_test(test_too_large),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_format_of),
	};

	return UNIT_RUN("recording", tests);
}
