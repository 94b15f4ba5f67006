// SPDX-License-Identifier: GPL-2.0-only
/*
 * For libFuzzer: whatever a recording holds, reading and showing it does no harm; and
 * what was read from it is what is read again from a recording of it. The file's own
 * correctness is tests/unit's matter.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/array_size.h"
#include "recording/recording.h"
#include "view/renderer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a recording is read into, shown with, and recorded again to. */
struct run {
	struct snapshot first, recent[2], look;
	struct interval interval;
	struct stuck stuck;
	struct view view;
	FILE *out;
	struct recording_writer *writer;
	uint64_t hash;		/* of all that was read */
};

/* All of src/view. */
static const struct renderer * const renderers[] = {
	&stat_text, &stat_json, &latency_text, &latency_json, &matrix_text, &matrix_json,
	&stuck_text, &stuck_json, &storm_text, &storm_json,
};

static uint64_t add_hash(uint64_t hash, const void *data, size_t size)
{
	const uint8_t *bytes = data;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ bytes[i]) * 0x100000001b3;
	return hash;
}

static void hash_kernel(struct run *run, const struct kernel_counts *kernel)
{
	size_t size = ((size_t)IPIMUX_MAX_VIPIS << run->first.counters.shape.cpu_shift) *
		      sizeof(__u32);

	run->hash = add_hash(run->hash, &kernel->known, sizeof(kernel->known));
	run->hash = add_hash(run->hash, kernel->low, size);
	run->hash = add_hash(run->hash, kernel->high, size);
}

static void hash_more(struct run *run, const struct snapshot *snapshot)
{
	size_t nr_cpus = (size_t)1 << snapshot->counters.shape.cpu_shift;

	for (int table = COUNTERS_DOUBTS; table < COUNTERS_NR_TABLES; table++) {
		size_t nr = table__size(&tables[table], &snapshot->counters.shape);
		const __u64 *counters = snapshot->counters.table[table];

		for (size_t i = 0; counters && i < nr; i++)
			run->hash = add_hash(run->hash, counters + (i << tables[table].apart),
					     sizeof(*counters));
	}
	run->hash = add_hash(run->hash, &snapshot->words.known, sizeof(snapshot->words.known));
	run->hash = add_hash(run->hash, snapshot->words.still, nr_cpus * sizeof(bool));
	run->hash = add_hash(run->hash, snapshot->words.pending, nr_cpus * sizeof(__u32));
	run->hash = add_hash(run->hash, snapshot->words.enabled, nr_cpus * sizeof(__u32));
	run->hash = add_hash(run->hash, snapshot->edge,
			     (size_t)snapshot->counters.shape.waits_mask + 1);
	run->hash = add_hash(run->hash, &snapshot->ran_known, sizeof(snapshot->ran_known));
	run->hash = add_hash(run->hash, snapshot->ran, nr_cpus * sizeof(__u64));
}

static void hash_snapshot(struct run *run, const struct snapshot *snapshot)
{
	const struct counters *counters = &snapshot->counters;
	const struct ipimux_shape *shape = &counters->shape;

	run->hash = add_hash(run->hash, &snapshot->time, sizeof(snapshot->time));
	run->hash = add_hash(run->hash, &snapshot->wall_time, sizeof(snapshot->wall_time));
	run->hash = add_hash(run->hash, &snapshot->late, sizeof(snapshot->late));
	run->hash = add_hash(run->hash, &snapshot->missed, sizeof(snapshot->missed));
	run->hash = add_hash(run->hash, &snapshot->online, sizeof(snapshot->online));
	run->hash = add_hash(run->hash, counters->traffic,
			     ((size_t)shape->traffic_mask + 1) * sizeof(__u64));
	run->hash = add_hash(run->hash, counters->processed,
			     ((size_t)shape->processed_mask + 1) * sizeof(__u64));
	run->hash = add_hash(run->hash, counters->unmasked,
			     ((size_t)shape->unmasked_mask + 1) * sizeof(__u64));
	hash_kernel(run, &snapshot->kernel);
	hash_more(run, snapshot);
}

static void check(int good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

static void prepare(struct run *run, struct recording_reader *reader, int again)
{
	static const struct storm_details no_senders = { .no_sample = "not in a recording" };
	__u32 needs = 0;

	for (size_t i = 0; i < ARRAY_SIZE(renderers); i++)
		needs |= renderers[i]->needs;
	run->out = fopen("/dev/null", "w");
	check(run->out &&
	      !recording_reader__init_snapshot(reader, &run->first) &&
	      !recording_reader__init_snapshot(reader, &run->recent[0]) &&
	      !recording_reader__init_snapshot(reader, &run->recent[1]) &&
	      !recording_reader__init_snapshot(reader, &run->look) &&
	      !interval__init(&run->interval, &run->first.counters.shape,
			      recording_reader__machine(reader)->nr_vipis, needs, NULL) &&
	      !recording_reader__init_snapshot(reader, &run->interval.own) &&
	      !stuck__init(&run->stuck, &run->first.counters.shape, 0), "no memory");
	view__init(&run->view, run->out, recording_reader__machine(reader));
	run->interval.stuck = &run->stuck;
	run->interval.senders = &no_senders;
	run->interval.storms.rate = 1;
	/* So that storms which go on are shown, too. */
	run->interval.last = true;
	run->view.per_vipi = true;
	if (again >= 0)
		check(!recording_writer__open(&run->writer, again, STREAM_PLAIN,
					      recording_reader__machine(reader), &run->first),
		      "a machine that was read cannot be recorded");
}

static void finish(struct run *run)
{
	recording_writer__free(run->writer);
	interval__free(&run->interval);
	stuck__free(&run->stuck);
	snapshot__free(&run->first);
	snapshot__free(&run->recent[0]);
	snapshot__free(&run->recent[1]);
	snapshot__free(&run->look);
	if (run->out)
		fclose(run->out);
}

/* SHOW - in all ways; what a renderer leaves out is not shown */
#define SHOW(run, moment)									\
	for (size_t i = 0; i < ARRAY_SIZE(renderers); i++)					\
		check(!renderers[i]->moment ||							\
		      !renderers[i]->moment(&(run)->view, &(run)->interval), "not shown")

static void show_start(struct run *run)
{
	run->interval.earlier = run->interval.later = run->interval.look = &run->first;
	SHOW(run, start);
}

static void show_interval(struct run *run, const struct snapshot *later,
			  const struct snapshot *earlier)
{
	stuck__watch(&run->stuck, later, earlier);
	interval__fill(&run->interval, later, earlier);
	SHOW(run, interval);
	SHOW(run, report);
}

static void show_summary(struct run *run, struct snapshot *last, struct audit_facts *facts)
{
	struct audit audit;

	facts->online = last->online;
	facts->stuck = run->stuck.found;
	interval__fill_whole(&run->interval, last, &run->first);
	check(!audit__run(&audit, run->interval.difference, facts), "no memory");
	run->interval.audit = &audit;
	SHOW(run, summary);
	audit__free(&audit);
}

/* read_looks - those that come next; returns what comes then, or an error */
static int read_looks(struct run *run, struct recording_reader *reader,
		      const struct snapshot *earlier)
{
	int ret;

	while ((ret = recording_reader__next(reader)) == RECORDING_LOOK) {
		ret = recording_reader__snapshot(reader, &run->look, earlier);
		if (ret)
			return ret;
		hash_snapshot(run, &run->look);
		if (run->writer)
			check(!recording_writer__look(run->writer, &run->look, earlier),
			      "a look that was read cannot be recorded");
	}
	return ret;
}

/*
 * read_run - as session_recorded.c does; records it to @again if that is a file
 *
 * Returns RECORDING_END, RECORDING_CUT_OFF, or an error.
 */
static int read_run(struct run *run, struct recording_reader *reader, int again)
{
	struct snapshot *later = &run->first, *earlier = NULL;
	struct audit_facts facts = {};
	int ret;

	prepare(run, reader, again);
	for (unsigned int count = 0; !(ret = read_looks(run, reader, earlier)); count++) {
		if (count)
			later = &run->recent[count % 2];
		ret = recording_reader__snapshot(reader, later, earlier);
		if (ret)
			return ret;
		hash_snapshot(run, later);
		if (run->writer)
			check(!recording_writer__snapshot(run->writer, later, earlier),
			      "a snapshot that was read cannot be recorded");
		if (earlier)
			show_interval(run, later, earlier);
		else
			show_start(run);
		earlier = later;
	}
	if (ret == RECORDING_END) {
		int err = recording_reader__end(reader, &facts, &later->kernel);

		if (err)
			return err;
		hash_kernel(run, &later->kernel);
		run->hash = add_hash(run->hash, &facts.waited, sizeof(facts.waited));
		run->hash = add_hash(run->hash, &facts.hotplug, sizeof(facts.hotplug));
		if (run->writer)
			check(!recording_writer__end(run->writer, &facts, &later->kernel),
			      "an end that was read cannot be recorded");
	}
	facts.cut_off = ret == RECORDING_CUT_OFF;
	if (ret >= 0)
		show_summary(run, later, &facts);
	return ret;
}

static int read_file(int fd, struct run *run, int again)
{
	struct recording_reader *reader;
	int ret = recording_reader__open(&reader, fd, 0);

	if (!ret)
		ret = read_run(run, reader, again);
	check((ret == -EBADMSG) == (*recording_reader__error(reader) != '\0'),
	      "an error is said, and nothing else is");
	check(ret >= 0 || ret == -EBADMSG, "an error that bytes cannot make");
	recording_reader__free(reader);
	finish(run);
	return ret;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("input", 0), again = memfd_create("again", 0);
	struct run run = {}, second = {};
	int ret;

	check(fd >= 0 && again >= 0 && write(fd, data, size) == (ssize_t)size, "no memory");
	lseek(fd, 0, SEEK_SET);
	ret = read_file(fd, &run, again);
	if (ret >= 0) {
		lseek(again, 0, SEEK_SET);
		check(read_file(again, &second, -1) == ret && second.hash == run.hash,
		      "it is another one when it is recorded again");
	}
	close(fd);
	close(again);
	return 0;
}
