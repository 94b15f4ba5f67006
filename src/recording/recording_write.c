// SPDX-License-Identifier: GPL-2.0-only
/* Writes a recording, see recording.h. */
#include <errno.h>
#include <stdlib.h>

#include <jansson.h>

#include "base/version.h"
#include "recording/recording.h"
#include "recording/recording_format.h"

struct recording_writer {
	struct stream *stream;
	struct machine machine;
	struct ipimux_shape shape;
	unsigned long long snapshots;	/* so far */
	unsigned long long looks;	/* since the last of them */
	size_t line;			/* bytes of the line that is being written */
	int err;			/* what became of them */
};

/* Hands what jansson makes to the stream. */
static int write_piece(const char *data, size_t size, void *arg)
{
	struct recording_writer *writer = arg;

	writer->line += size;
	writer->err = writer->line < RECORDING_MAX_LINE ?
		      stream__write(writer->stream, data, size) : -EMSGSIZE;
	return writer->err ? -1 : 0;
}

/* write_line - @object as a line, in the file when this returns; takes the reference */
static int write_line(struct recording_writer *writer, json_t *object)
{
	int err;

	if (!object)
		return -ENOMEM;
	writer->line = 0;
	writer->err = 0;
	err = json_dump_callback(object, write_piece, writer, JSON_COMPACT) ||
	      write_piece("\n", 1, writer);
	json_decref(object);
	if (err)
		return writer->err ? writer->err : -ENOMEM;
	return stream__flush(writer->stream);
}

/* add_numbers - [number, number, ...] behind what is in @array */
static int add_numbers(json_t *array, const __u64 *numbers, unsigned int nr)
{
	json_t *row = json_array();
	int err = row ? 0 : -ENOMEM;

	for (unsigned int i = 0; i < nr && !err; i++)
		if (json_array_append_new(row, json_integer(numbers[i])))
			err = -ENOMEM;
	if (err)
		json_decref(row);
	else if (json_array_append_new(array, row))
		err = -ENOMEM;
	return err;
}

/* set_array - stores @array in @object, if there is anything in it; takes the reference */
static int set_array(json_t *object, const char *name, json_t *array, int err)
{
	if (!err && json_array_size(array))
		return json_object_set_new(object, name, array) ? -ENOMEM : 0;
	json_decref(array);
	return err;
}

/* exists - are these the coordinates of a counter? */
static bool exists(const struct recording_writer *writer, const struct table *table,
		   bool by_set, const __u64 *at, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++)
		if (!dimension__has(table->dimensions[i], &writer->machine, by_set, at[i]))
			return false;
	return true;
}

/* set_table - [coordinate, ..., value] for each counter that changed */
static int set_table(const struct recording_writer *writer, json_t *object,
		     enum counters_table which, const struct snapshot *later,
		     const struct snapshot *earlier)
{
	const struct table *table = &tables[which];
	const struct ipimux_shape *shape = &later->counters.shape;
	const __u64 *now = later->counters.table[which];
	const __u64 *before = earlier ? earlier->counters.table[which] : NULL;
	size_t size = table__size(table, shape);
	json_t *array;
	int err = 0;

	if (!now)
		return 0;
	array = json_array();
	if (!array)
		return -ENOMEM;
	for (size_t i = 0; i < size && !err; i++) {
		__u64 numbers[TABLE_MAX_DIMENSIONS + 1];
		unsigned int nr;

		size_t at = i << table->apart;

		if (now[at] == (before ? before[at] : 0))
			continue;
		/* A table may have gaps that its owner keeps other things in. */
		nr = table__coordinates(table, shape, i, numbers);
		if (!exists(writer, table, later->counters.by_set, numbers, nr))
			continue;
		numbers[nr] = now[at];
		err = add_numbers(array, numbers, nr + 1);
	}
	return set_array(object, table->key, array, err);
}

/* set_kernel - [CPU, vIPI, least, most] for what the kernel counted, if that is known */
static int set_kernel(const struct recording_writer *writer, json_t *object,
		      const struct kernel_counts *kernel)
{
	json_t *array = kernel->known ? json_array() : NULL;

	if (!array)
		return kernel->known ? -ENOMEM : 0;
	for (unsigned int cpu = 0; cpu >> writer->shape.cpu_shift == 0; cpu++) {
		for (unsigned int vipi = 0; vipi < writer->machine.nr_vipis; vipi++) {
			size_t i = (size_t)cpu * IPIMUX_MAX_VIPIS + vipi;
			__u64 numbers[] = { cpu, vipi, kernel->low[i], kernel->high[i] };

			if ((numbers[2] || numbers[3]) && add_numbers(array, numbers, 4)) {
				json_decref(array);
				return -ENOMEM;
			}
		}
	}
	/* Also if it is empty: it is known, then, that nothing was handled. */
	return json_object_set_new(object, "kernel", array) ? -ENOMEM : 0;
}

/* set_words - [CPU, pending, enabled, vIPIs that stood still while those were read] */
static int set_words(const struct recording_writer *writer, json_t *object,
		     const struct words *words)
{
	json_t *array = words->known ? json_array() : NULL;

	if (!array)
		return words->known ? -ENOMEM : 0;
	for (unsigned int cpu = 0; cpu >> writer->shape.cpu_shift == 0; cpu++) {
		__u64 numbers[] = { cpu, words->pending[cpu], words->enabled[cpu],
				    words->still[cpu] };

		if (!words->still[cpu] || !cpuset__has(&writer->machine.possible, cpu))
			continue;
		if (add_numbers(array, numbers, 4)) {
			json_decref(array);
			return -ENOMEM;
		}
	}
	/* Also if it is empty: they could be read, but not of any CPU at rest. */
	return json_object_set_new(object, "words", array) ? -ENOMEM : 0;
}

/* set_cells - [CPU, vIPI, number] of @numbers that are not 0, by CPU and vIPI */
static int set_cells(const struct recording_writer *writer, json_t *object, const char *key,
		     __u64 (*number)(const struct snapshot *, size_t cell),
		     const struct snapshot *snapshot)
{
	json_t *array = json_array();
	int err = array ? 0 : -ENOMEM;

	for (unsigned int cpu = 0; !err && cpu >> writer->shape.cpu_shift == 0; cpu++) {
		for (unsigned int vipi = 0; !err && vipi < writer->machine.nr_vipis; vipi++) {
			size_t cell = (size_t)cpu << writer->shape.vipi_shift | vipi;
			__u64 numbers[] = { cpu, vipi, number(snapshot, cell) };

			if (numbers[2] && cpuset__has(&writer->machine.possible, cpu))
				err = add_numbers(array, numbers, 3);
		}
	}
	return set_array(object, key, array, err);
}

static __u64 edge_of(const struct snapshot *snapshot, size_t cell)
{
	return snapshot->edge[cell];
}

static __u64 torn_of(const struct snapshot *snapshot, size_t cell)
{
	return snapshot->torn[cell];
}

/* set_edge - the state of each CPU and vIPI that has one, and the events while it was copied */
static int set_edge(const struct recording_writer *writer, json_t *object,
		    const struct snapshot *snapshot)
{
	int err = set_cells(writer, object, "edge", edge_of, snapshot);

	return err ? err : set_cells(writer, object, "torn", torn_of, snapshot);
}

/* set_arrivals - [CPU, state] for what has one */
static int set_arrivals(const struct recording_writer *writer, json_t *object,
			const __u8 *arrivals)
{
	json_t *array = json_array();
	int err = array ? 0 : -ENOMEM;

	for (unsigned int cpu = 0; !err && cpu >> writer->shape.cpu_shift == 0; cpu++) {
		__u64 numbers[] = { cpu, arrivals[cpu] };

		if (numbers[1] && cpuset__has(&writer->machine.possible, cpu))
			err = add_numbers(array, numbers, 2);
	}
	return set_array(object, "arrivals", array, err);
}

/* set_ran - [CPU, ns] for each, if it is known */
static int set_ran(const struct recording_writer *writer, json_t *object,
		   const struct snapshot *snapshot)
{
	json_t *array = snapshot->ran_known ? json_array() : NULL;

	if (!array)
		return snapshot->ran_known ? -ENOMEM : 0;
	for (unsigned int cpu = 0; cpu >> writer->shape.cpu_shift == 0; cpu++) {
		__u64 numbers[] = { cpu, snapshot->ran[cpu] };

		if (!numbers[1] || !cpuset__has(&writer->machine.possible, cpu))
			continue;
		if (add_numbers(array, numbers, 2)) {
			json_decref(array);
			return -ENOMEM;
		}
	}
	return json_object_set_new(object, "ran", array) ? -ENOMEM : 0;
}

static int write_header(struct recording_writer *writer, const struct snapshot *snapshot)
{
	json_t *names = json_array(), *keys = json_array();
	char possible[CPUSET_LIST_SIZE];
	json_t *header;
	int err = 0;

	for (unsigned int vipi = 0; vipi < writer->machine.nr_vipis; vipi++)
		if (json_array_append_new(names, json_string(writer->machine.vipi_name[vipi])))
			err = -ENOMEM;
	for (int table = 0; table < COUNTERS_NR_TABLES; table++)
		if (snapshot->counters.table[table] &&
		    json_array_append_new(keys, json_string(tables[table].key)))
			err = -ENOMEM;
	cpuset__format(&writer->machine.possible, possible, sizeof(possible));
	header = json_pack("{s:s, s:i, s:s, s:s, s:o, s:s, s:o}",
			   "recording", RECORDING_NAME,
			   "version", RECORDING_VERSION,
			   "tool", IPIMUX_VERSION,
			   "possible", possible,
			   "vipis", names,
			   "processes", snapshot->counters.by_set ? "by set" : "by bit",
			   "tables", keys);
	/* Without: by tracepoints, or, with doubts, by fentry. */
	if (snapshot->counters.by_kprobe && !err)
		err = json_object_set_new(header, "via",
					  json_string(counters__via(&snapshot->counters)));
	if (snapshot->counters.waits && snapshot->counters.timed_one_in > 1 && !err)
		err = json_object_set_new(header, "timed_one_in",
					  json_integer(snapshot->counters.timed_one_in));
	if (err) {
		json_decref(header);
		return -ENOMEM;
	}
	return write_line(writer, header);
}

int recording_writer__open(struct recording_writer **result, int fd, enum stream_format format,
			   const struct machine *machine, const struct snapshot *snapshot)
{
	struct recording_writer *writer;
	size_t counters = 0;
	int err;

	for (int table = 0; table < COUNTERS_NR_TABLES; table++)
		if (snapshot->counters.table[table] && !tables[table].within)
			counters += table__size(&tables[table], &snapshot->counters.shape);
	if (counters > RECORDING_MAX_COUNTERS)
		return -E2BIG;

	writer = calloc(1, sizeof(*writer));
	if (!writer)
		return -ENOMEM;
	writer->machine = *machine;
	writer->shape = snapshot->counters.shape;
	err = stream__open_output(&writer->stream, fd, format);
	if (!err)
		err = write_header(writer, snapshot);
	if (err) {
		recording_writer__free(writer);
		return err;
	}
	*result = writer;
	return 0;
}

void recording_writer__free(struct recording_writer *writer)
{
	if (!writer)
		return;
	stream__free(writer->stream);
	free(writer);
}

/* write_state - a snapshot or a look, which @kind and @number say */
static int write_state(struct recording_writer *writer, const char *kind,
		       unsigned long long number, const struct snapshot *later,
		       const struct snapshot *earlier)
{
	char online[CPUSET_LIST_SIZE];
	json_t *line;
	int err = 0;

	cpuset__format(&later->online, online, sizeof(online));
	line = json_pack("{s:I, s:I, s:I, s:I, s:I, s:s}",
			 kind, (json_int_t)number,
			 "time", (json_int_t)later->time,
			 "wall_time", (json_int_t)later->wall_time,
			 "late", (json_int_t)later->late,
			 "missed", (json_int_t)later->missed,
			 "online", online);
	if (!line)
		return -ENOMEM;
	for (int table = 0; table < COUNTERS_NR_TABLES && !err; table++)
		err = set_table(writer, line, table, later, earlier);
	if (!err)
		err = set_kernel(writer, line, &later->kernel);
	if (!err)
		err = set_words(writer, line, &later->words);
	if (!err)
		err = set_edge(writer, line, later);
	if (!err)
		err = set_arrivals(writer, line, later->arrivals);
	if (!err)
		err = set_ran(writer, line, later);
	if (err) {
		json_decref(line);
		return err;
	}
	return write_line(writer, line);
}

int recording_writer__snapshot(struct recording_writer *writer, const struct snapshot *later,
			       const struct snapshot *earlier)
{
	writer->looks = 0;
	return write_state(writer, "snapshot", writer->snapshots++, later, earlier);
}

int recording_writer__look(struct recording_writer *writer, const struct snapshot *look,
			   const struct snapshot *earlier)
{
	return write_state(writer, "look", writer->looks++, look, earlier);
}

int recording_writer__closing(struct recording_writer *writer, const struct snapshot *closing,
			      const struct snapshot *last)
{
	return write_state(writer, "closing", 0, closing, last);
}

int recording_writer__end(struct recording_writer *writer, const struct audit_facts *facts,
			  const struct kernel_counts *kernel)
{
	json_t *unhandled = facts->unhandled ? json_array() : NULL;
	json_t *line = json_pack("{s:I, s:b, s:i, s:I, s:b}",
				 "end", (json_int_t)writer->snapshots,
				 "hotplug", facts->hotplug,
				 "leaving", facts->leaving,
				 "waited", (json_int_t)facts->waited,
				 "all_parents", facts->parents == AUDIT_PARENTS_ALL);
	int err = line && (unhandled || !facts->unhandled) ? 0 : -ENOMEM;

	for (unsigned int cpu = 0; unhandled && !err && cpu >> writer->shape.cpu_shift == 0;
	     cpu++) {
		__u64 numbers[] = { cpu, 0 };

		if (!cpuset__has(&writer->machine.possible, cpu))
			continue;
		numbers[1] = facts->unhandled[cpu];
		if (numbers[1])
			err = add_numbers(unhandled, numbers, 2);
	}
	if (!err && unhandled && json_object_set(line, "unhandled", unhandled))
		err = -ENOMEM;
	json_decref(unhandled);
	if (!err)
		err = set_kernel(writer, line, kernel);
	if (err) {
		json_decref(line);
		return err;
	}
	err = write_line(writer, line);
	return err ? err : stream__finish(writer->stream);
}

unsigned long long recording_writer__size(const struct recording_writer *writer)
{
	return stream__written(writer->stream);
}
