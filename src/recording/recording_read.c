// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads a recording, see recording.h. Believes nothing: whatever the bytes are, the
 * snapshots it hands out are ones that a machine can have had, or there is an error.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "recording/fields.h"
#include "recording/lines.h"
#include "recording/memory.h"
#include "recording/recording.h"
#include "recording/recording_format.h"
#include "recording/rows.h"

/* A list of CPUs, and a few names. */
#define MAX_HEADER	(128 * 1024)

/*
 * Snapshots that a run has at a time: its first and last two, differences of two of them, and what
 * commands make of one.
 */
#define SNAPSHOTS	8

/* What is known of a CPU and vIPI besides, in a snapshot and in what looks at them, at most. */
#define CELL_MEMORY	1024ULL

/* What this program takes for itself. */
#define OWN_MEMORY	(4ULL * 1024 * 1024)
/* Of all an eighth is for decompression; of what the tables leave, one for the bytes of a line. */
#define STREAM_PART	8
#define LINE_PART	8
/* And how much there must be left for lines. */
#define LINES_MIN	(1ULL * 1024 * 1024)

#define MEBIBYTE	(1024ULL * 1024)

#define NO_RECORDING	"this is not a recording; 'ipimux-trace record' makes recordings"

struct recording_reader {
	struct lines lines;
	struct machine machine;
	struct ipimux_shape shape;
	bool by_set, by_kprobe;
	long long timed_one_in;
	bool has_table[COUNTERS_NR_TABLES];
	unsigned long long max_memory, lines_memory;	/* all, and what of it is for lines */

	json_t *ahead;			/* the line that comes next */
	int next;			/* what that is */
	unsigned long long snapshots;	/* so far */
	unsigned long long looks;	/* since the last of them */
	__u64 look_time, look_missed;	/* of the last look since then, or 0 */
	__u64 counted[UNIT_NR];		/* in the tables so far, all together */
	__u32 *unhandled;		/* [cpu] of the end */
	struct fault fault;
};

/* What is wrong in the line that was read last. */
#define wrong(reader, format, ...) fields__wrong(&(reader)->fault, format, ##__VA_ARGS__)

/* --- lines --- */

/* next_line - as lines__next(), with damage said */
static int next_line(struct recording_reader *reader, size_t max, struct line *line)
{
	int ret = lines__next(&reader->lines, max, line);

	reader->fault.line = reader->lines.number;
	if (ret == -ENOBUFS)
		return wrong(reader, "decompressing it takes more memory than the limit of %llu "
			     "MiB: allow more with --max-memory", reader->max_memory / MEBIBYTE);
	return ret == -EBADMSG ? wrong(reader, "the compressed data is damaged") : ret;
}

/* max_line - how long a line may be, in bytes */
static size_t max_line(const struct recording_reader *reader)
{
	unsigned long long max = reader->lines_memory / LINE_PART;

	return max < RECORDING_MAX_LINE ? max : RECORDING_MAX_LINE;
}

static int too_large(struct recording_reader *reader)
{
	return wrong(reader, "a line takes more than is left of the %llu MiB of memory: "
		     "allow more with --max-memory", reader->max_memory / MEBIBYTE);
}

/*
 * read_object - the object on the next line
 *
 * Returns 1, 0 when the stream is over or cut off in that line, or -errno.
 */
static int read_object(struct recording_reader *reader, json_t **object)
{
	bool first = !reader->lines.number;
	size_t max = first ? MAX_HEADER : max_line(reader);
	json_error_t error;
	struct line line;
	int ret = next_line(reader, max, &line);

	if (ret == -EMSGSIZE && first)
		return wrong(reader, NO_RECORDING);
	if (ret == -EMSGSIZE)
		return max < RECORDING_MAX_LINE ? too_large(reader) :
		       wrong(reader, "the line is too long");
	if (ret <= 0)
		return ret;
	/* The buffer has at most three times a line, while it grows. */
	memory__limit(reader->lines_memory - 3 * (reader->lines_memory / LINE_PART));
	*object = json_loadb(line.text, line.length, JSON_REJECT_DUPLICATES, &error);
	if (memory__unlimit()) {
		json_decref(*object);
		*object = NULL;
		return too_large(reader);
	}
	if (json_is_object(*object))
		return 1;
	if (!*object && json_error_code(&error) == json_error_out_of_memory)
		return -ENOMEM;
	json_decref(*object);
	*object = NULL;
	if (!line.whole)
		return 0;
	return wrong(reader, first ? NO_RECORDING : "this is not a JSON object");
}

/* --- the header --- */

static bool is_name(const char *text)
{
	if (!text || !*text || strlen(text) >= MACHINE_NAME_SIZE)
		return false;
	/* It goes to a terminal. */
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			return false;
	return true;
}

static int read_vipis(struct recording_reader *reader, const json_t *header)
{
	const json_t *names = json_object_get(header, "vipis");
	size_t nr = json_array_size(names);

	if (!nr || nr > IPIMUX_MAX_VIPIS)
		return wrong(reader, "'vipis' is missing, or is not an array of 1 to %u names",
			     IPIMUX_MAX_VIPIS);
	reader->machine.nr_vipis = nr;
	for (size_t i = 0; i < nr; i++) {
		const char *name = json_string_value(json_array_get(names, i));

		if (!is_name(name))
			return wrong(reader, "'vipis' holds a value that is not a name");
		snprintf(reader->machine.vipi_name[i], MACHINE_NAME_SIZE, "%s", name);
	}
	/* Whoever recorded it need not have done so. */
	machine__settle_names(&reader->machine);
	return 0;
}

/*
 * share_memory - what the tables, of so many counters, leave for lines. Where that is too little,
 * it says how much would do.
 */
static int share_memory(struct recording_reader *reader, size_t counters)
{
	unsigned long long kernel = (2ULL * IPIMUX_MAX_VIPIS << reader->shape.cpu_shift) *
				    sizeof(__u32);
	unsigned long long cells = (reader->shape.waits_mask + 1ULL) * CELL_MEMORY;
	unsigned long long fixed = SNAPSHOTS * (counters * sizeof(__u64) + kernel) + cells +
				   OWN_MEMORY;
	unsigned long long whole = reader->max_memory - reader->max_memory / STREAM_PART;
	unsigned long long enough = (fixed + LINES_MIN) * STREAM_PART / (STREAM_PART - 1);

	if (whole < fixed + LINES_MIN)
		return wrong(reader, "a recording of a machine with CPUs up to %d takes %llu MiB "
			     "of memory, but the limit is %llu: allow more with --max-memory %lluM",
			     cpuset__last(&reader->machine.possible), enough / MEBIBYTE + 1,
			     reader->max_memory / MEBIBYTE, enough / MEBIBYTE + 1);
	reader->lines_memory = whole - fixed;
	return 0;
}

/* read_layout - how processes were counted, which tables there are, what they take */
static int read_layout(struct recording_reader *reader, const json_t *header)
{
	const char *processes = json_string_value(json_object_get(header, "processes"));
	const json_t *keys = json_object_get(header, "tables");
	const json_t *one_in;
	const char *via;
	size_t counters = 0;

	reader->by_set = processes && !strcmp(processes, "by set");
	if (!processes || (!reader->by_set && strcmp(processes, "by bit")))
		return wrong(reader, "'processes' is missing, or is neither 'by set' nor 'by bit'");
	if (reader->by_set && reader->machine.nr_vipis > IPIMUX_MAX_SET_VIPIS)
		return wrong(reader, "'by set' is for %u vIPIs at most", IPIMUX_MAX_SET_VIPIS);
	reader->shape = recording__shape(&reader->machine, reader->by_set);
	via = json_string_value(json_object_get(header, "via"));
	reader->by_kprobe = via && !strcmp(via, "kprobe");
	one_in = json_object_get(header, "timed_one_in");
	reader->timed_one_in = one_in ? json_integer_value(one_in) : 1;
	if (one_in && (reader->timed_one_in < 2 || !counters__is_one_in(reader->timed_one_in)))
		return wrong(reader, "'timed_one_in' is not a power of two from 2 to %u",
			     IPIMUX_MAX_ONE_IN);

	for (unsigned int i = 0; i < COUNTERS_NR_TABLES; i++) {
		const struct table *table = &tables[i];

		for (size_t j = 0; j < json_array_size(keys); j++) {
			const char *key = json_string_value(json_array_get(keys, j));

			if (key && !strcmp(key, table->key))
				reader->has_table[i] = true;
		}
		if (!reader->has_table[i] && table->when == COUNTED_ALWAYS)
			return wrong(reader, "'tables' has no '%s'", table->key);
		if (reader->has_table[i] && table->within && !reader->has_table[table->host])
			return wrong(reader, "'tables' has '%s' but no '%s'", table->key,
				     tables[table->host].key);
		if (reader->has_table[i] && !table->within)
			counters += table__size(table, &reader->shape);
	}
	if (counters > RECORDING_MAX_COUNTERS)
		return wrong(reader, "a machine with CPUs up to %d is too large for a recording",
			     cpuset__last(&reader->machine.possible));
	return share_memory(reader, counters);
}

static int read_header(struct recording_reader *reader)
{
	json_t *header = NULL;
	const char *what;
	__u64 version;
	int ret = read_object(reader, &header);

	if (ret < 0)
		return ret;
	what = json_string_value(json_object_get(header, "recording"));
	if (!what || strcmp(what, RECORDING_NAME)) {
		ret = wrong(reader, NO_RECORDING);
		goto free;
	}
	ret = fields__number(&reader->fault, header, "version", &version);
	if (ret)
		goto free;
	if (version != RECORDING_VERSION) {
		ret = wrong(reader, "the recording is of version %" PRIu64
			    ", this ipimux-trace reads version %d",
			    (uint64_t)version, RECORDING_VERSION);
		goto free;
	}
	ret = fields__cpus(&reader->fault, header, "possible", NULL, &reader->machine.possible);
	if (!ret)
		ret = read_vipis(reader, header);
	if (!ret)
		ret = read_layout(reader, header);
free:
	json_decref(header);
	return ret;
}

int recording_reader__open(struct recording_reader **result, int fd, unsigned long long max_memory)
{
	struct recording_reader *reader = calloc(1, sizeof(*reader));
	int err;

	*result = reader;
	if (!reader)
		return -ENOMEM;
	reader->max_memory = max_memory ? max_memory : RECORDING_MEMORY;
	/* Until the header says how large the machine is. */
	reader->lines_memory = reader->max_memory / 2;
	err = stream__open_input(&reader->lines.stream, fd, reader->max_memory / STREAM_PART);
	return err ? err : read_header(reader);
}

void recording_reader__free(struct recording_reader *reader)
{
	if (!reader)
		return;
	lines__free(&reader->lines);
	json_decref(reader->ahead);
	free(reader->unhandled);
	free(reader);
}

const char *recording_reader__error(const struct recording_reader *reader)
{
	return reader->fault.text;
}

const struct machine *recording_reader__machine(const struct recording_reader *reader)
{
	return &reader->machine;
}

int recording_reader__init_snapshot(const struct recording_reader *reader,
				    struct snapshot *snapshot)
{
	int err = snapshot__init(snapshot, &reader->shape, reader->by_set);

	snapshot->counters.by_kprobe = reader->by_kprobe;
	snapshot->counters.timed_one_in = reader->timed_one_in;
	for (int table = 0; table < COUNTERS_NR_TABLES && !err; table++)
		if (reader->has_table[table] && !snapshot->counters.table[table])
			err = snapshot__add(snapshot, table);
	return err;
}

/* --- what follows --- */

/* check_over - nothing comes behind the end */
static int check_over(struct recording_reader *reader)
{
	struct line line;
	int ret = next_line(reader, max_line(reader), &line);

	if (ret > 0 || ret == -EMSGSIZE)
		return wrong(reader, "something follows the end of the recording");
	return ret;
}

int recording_reader__next(struct recording_reader *reader)
{
	__u64 count;
	int ret;

	while (!reader->ahead && !reader->next) {
		unsigned long long due = reader->snapshots;
		const char *key = "snapshot";

		ret = read_object(reader, &reader->ahead);
		if (ret <= 0)
			return reader->next = ret ? ret : RECORDING_CUT_OFF;
		if (json_object_get(reader->ahead, "end")) {
			key = "end";
			reader->next = RECORDING_END;
		} else if (json_object_get(reader->ahead, "look")) {
			key = "look";
			due = reader->looks;
			reader->next = RECORDING_LOOK;
		} else if (json_object_get(reader->ahead, "closing")) {
			key = "closing";
			due = 0;
			reader->next = RECORDING_CLOSING;
		} else if (!json_object_get(reader->ahead, key)) {
			/* Something that a later tool has to say, and this one can do without. */
			json_decref(reader->ahead);
			reader->ahead = NULL;
			continue;
		}
		/* What changed since a line that is missing would be missing, too. */
		ret = fields__number(&reader->fault, reader->ahead, key, &count);
		if (!ret && count != due)
			ret = wrong(reader, "'%s' is %" PRIu64 ", not %llu: lines are missing",
				    key, (uint64_t)count, due);
		if (!ret && !reader->snapshots &&
		    (reader->next == RECORDING_LOOK || reader->next == RECORDING_CLOSING))
			ret = wrong(reader, "a look comes before the first snapshot");
		if (ret)
			return reader->next = ret;
	}
	return reader->next;
}

/* --- snapshots --- */

static int read_counter(struct recording_reader *reader, const struct table *table,
			const json_t *row, __u64 *counters)
{
	static const __u64 most[UNIT_NR] = {
		[UNIT_EVENTS] = RECORDING_MAX_EVENTS, [UNIT_NS] = RECORDING_MAX_NS,
	};
	__u64 *counted = &reader->counted[table->unit];
	__u64 numbers[TABLE_MAX_DIMENSIONS + 1];
	unsigned int nr = 0;
	__u64 value;
	size_t i;

	while (table->dimensions[nr])
		nr++;
	if (!fields__numbers(row, nr + 1, numbers))
		return wrong(reader, "'%s' holds a value that is not an array of %u numbers",
			     table->key, nr + 1);
	for (unsigned int d = 0; d < nr; d++)
		if (!dimension__has(table->dimensions[d], &reader->machine, reader->by_set,
				       numbers[d]))
			return wrong(reader, "'%s' names %s %" PRIu64 ", which %s", table->key,
				     dimension__name(table->dimensions[d]), (uint64_t)numbers[d],
				     table->dimensions[d] == DIMENSION_CPU ||
				     table->dimensions[d] == DIMENSION_VIPI ?
				     "this machine does not have" : "does not exist");
	value = numbers[table__index(table, &reader->shape, numbers, &i)];
	i <<= table->apart;
	if (value <= counters[i])
		return wrong(reader, "'%s' goes from %" PRIu64 " to %" PRIu64
			     ": counters only grow", table->key, (uint64_t)counters[i],
			     (uint64_t)value);
	if (value - counters[i] > most[table->unit] - *counted)
		return wrong(reader, "'%s' counts more than can ever happen", table->key);
	*counted += value - counters[i];
	counters[i] = value;
	return 0;
}

/* read_table - what was in it before, and what changed since */
static int read_table(struct recording_reader *reader, enum counters_table which,
		      const json_t *line, struct snapshot *later, const struct snapshot *earlier)
{
	const struct table *table = &tables[which];
	size_t size = table__size(table, &reader->shape) * sizeof(__u64);
	__u64 *counters = later->counters.table[which];
	const json_t *rows;
	int err = fields__array(&reader->fault, line, table->key, &rows);

	/* What is in another table was there before, as that is. */
	if (earlier && !table->within)
		memcpy(counters, earlier->counters.table[which], size);
	else if (!table->within)
		memset(counters, 0, size);
	for (size_t i = 0; i < json_array_size(rows) && !err; i++)
		err = read_counter(reader, table, json_array_get(rows, i), counters);
	return err;
}

static struct rows rows_of(struct recording_reader *reader, const json_t *line,
			   const struct rows_form *form)
{
	return rows__find(&reader->fault, line, form, &reader->machine);
}

static int read_kernel(struct recording_reader *reader, const json_t *line,
		       struct kernel_counts *kernel)
{
	static const struct rows_form form = {
		.key = "kernel", .row = "[CPU, vIPI, least, most]", .nr_keys = 2, .nr = 4,
		.most = UINT32_MAX,
	};
	size_t size = ((size_t)IPIMUX_MAX_VIPIS << reader->shape.cpu_shift) * sizeof(__u32);
	struct rows rows = rows_of(reader, line, &form);

	kernel->known = rows.list != NULL;
	memset(kernel->low, 0, size);
	memset(kernel->high, 0, size);
	while (rows__next(&rows)) {
		kernel->low[rows.row[0] * IPIMUX_MAX_VIPIS + rows.row[1]] = rows.row[2];
		kernel->high[rows.row[0] * IPIMUX_MAX_VIPIS + rows.row[1]] = rows.row[3];
	}
	return rows.err;
}

static int read_words(struct recording_reader *reader, const json_t *line, struct words *words)
{
	static const struct rows_form form = {
		.key = "words", .row = "[CPU, pending, enabled, at rest]", .nr_keys = 1, .nr = 4,
		.most = UINT32_MAX,
	};
	size_t nr = (size_t)1 << reader->shape.cpu_shift;
	struct rows rows = rows_of(reader, line, &form);

	words->known = rows.list != NULL;
	memset(words->still, 0, nr * sizeof(*words->still));
	memset(words->pending, 0, nr * sizeof(__u32));
	memset(words->enabled, 0, nr * sizeof(__u32));
	while (rows__next(&rows)) {
		words->pending[rows.row[0]] = rows.row[1];
		words->enabled[rows.row[0]] = rows.row[2];
		words->still[rows.row[0]] = rows.row[3];
	}
	return rows.err;
}

static int read_edge(struct recording_reader *reader, const json_t *line, __u8 *edge)
{
	static const struct rows_form form = {
		.key = "edge", .row = "[CPU, vIPI, state]", .nr_keys = 2, .nr = 3,
		.least = EDGE_QUIET, .most = EDGE_BUSY,
	};
	struct rows rows = rows_of(reader, line, &form);

	memset(edge, EDGE_NONE, reader->shape.waits_mask + 1UL);
	while (rows__next(&rows))
		edge[rows.row[0] << reader->shape.vipi_shift | rows.row[1]] = rows.row[2];
	return rows.err;
}

static int read_torn(struct recording_reader *reader, const json_t *line, __u32 *torn)
{
	static const struct rows_form form = {
		.key = "torn", .row = "[CPU, vIPI, events]", .nr_keys = 2, .nr = 3,
		.most = UINT32_MAX,
	};
	struct rows rows = rows_of(reader, line, &form);

	memset(torn, 0, (reader->shape.waits_mask + 1UL) * sizeof(*torn));
	while (rows__next(&rows))
		torn[rows.row[0] << reader->shape.vipi_shift | rows.row[1]] = rows.row[2];
	return rows.err;
}

static int read_arrivals(struct recording_reader *reader, const json_t *line, __u8 *arrivals)
{
	static const struct rows_form form = {
		.key = "arrivals", .row = "[CPU, state]", .nr_keys = 1, .nr = 2,
		.least = EDGE_QUIET, .most = EDGE_BUSY,
	};
	struct rows rows = rows_of(reader, line, &form);

	memset(arrivals, EDGE_NONE, (size_t)1 << reader->shape.cpu_shift);
	while (rows__next(&rows))
		arrivals[rows.row[0]] = rows.row[1];
	return rows.err;
}

static int read_ran(struct recording_reader *reader, const json_t *line, struct snapshot *later)
{
	static const struct rows_form form = {
		.key = "ran", .row = "[CPU, ns]", .nr_keys = 1, .nr = 2, .most = UINT64_MAX,
	};
	struct rows rows = rows_of(reader, line, &form);

	later->ran_known = rows.list != NULL;
	memset(later->ran, 0, sizeof(__u64) << reader->shape.cpu_shift);
	while (rows__next(&rows))
		later->ran[rows.row[0]] = rows.row[1];
	return rows.err;
}

static int read_snapshot(struct recording_reader *reader, const json_t *line,
			 struct snapshot *later, const struct snapshot *earlier)
{
	int err = fields__number(&reader->fault, line, "time", &later->time);

	if (!err)
		err = fields__number(&reader->fault, line, "wall_time", &later->wall_time);
	if (!err)
		err = fields__number(&reader->fault, line, "late", &later->late);
	if (!err)
		err = fields__number(&reader->fault, line, "missed", &later->missed);
	if (err)
		return err;
	if (earlier && (later->time < earlier->time || later->missed < earlier->missed))
		return wrong(reader, "'%s' goes back",
			     later->time < earlier->time ? "time" : "missed");
	if (later->missed > RECORDING_MAX_EVENTS)
		return wrong(reader, "'missed' is more than can ever happen");
	err = fields__cpus(&reader->fault, line, "online", &reader->machine.possible,
			   &later->online);
	for (int table = 0; table < COUNTERS_NR_TABLES && !err; table++)
		if (reader->has_table[table])
			err = read_table(reader, table, line, later, earlier);
	if (!err)
		err = read_kernel(reader, line, &later->kernel);
	if (!err)
		err = read_words(reader, line, &later->words);
	if (!err)
		err = read_edge(reader, line, later->edge);
	if (!err)
		err = read_torn(reader, line, later->torn);
	if (!err)
		err = read_arrivals(reader, line, later->arrivals);
	return err ? err : read_ran(reader, line, later);
}

int recording_reader__snapshot(struct recording_reader *reader, struct snapshot *later,
			       const struct snapshot *earlier)
{
	bool look = reader->next == RECORDING_LOOK || reader->next == RECORDING_CLOSING;
	__u64 counted[UNIT_NR];
	int err;

	memcpy(counted, reader->counted, sizeof(counted));
	err = read_snapshot(reader, reader->ahead, later, earlier);
	if (!err && reader->looks &&
	    (later->time < reader->look_time || later->missed < reader->look_missed))
		err = wrong(reader, "'%s' goes back",
			    later->time < reader->look_time ? "time" : "missed");
	json_decref(reader->ahead);
	reader->ahead = NULL;
	reader->next = err;
	if (look) {
		/* What it counted since the last snapshot is in the next one, too. */
		memcpy(reader->counted, counted, sizeof(counted));
		reader->looks++;
		reader->look_time = later->time;
		reader->look_missed = later->missed;
	} else {
		reader->looks = 0;
		reader->snapshots++;
	}
	return err;
}

/* --- the end --- */

static int read_unhandled(struct recording_reader *reader, const json_t *line)
{
	static const struct rows_form form = {
		.key = "unhandled", .row = "[CPU, set of vIPIs]", .nr_keys = 1, .nr = 2,
		.most = UINT32_MAX,
	};
	struct rows rows = rows_of(reader, line, &form);

	if (rows.err || !rows.list)
		return rows.err;
	reader->unhandled = calloc((size_t)1 << reader->shape.cpu_shift, sizeof(__u32));
	if (!reader->unhandled)
		return -ENOMEM;
	while (rows__next(&rows))
		reader->unhandled[rows.row[0]] = rows.row[1];
	return rows.err;
}

int recording_reader__end(struct recording_reader *reader, struct audit_facts *facts,
			  struct kernel_counts *kernel)
{
	const json_t *hotplug = json_object_get(reader->ahead, "hotplug");
	int err = json_is_boolean(hotplug) ? 0 :
		  wrong(reader, "'hotplug' is missing, or is neither true nor false");

	const json_t *all;
	__u64 leaving = 0;

	/* Older versions did not count them. */
	if (!err && json_object_get(reader->ahead, "leaving"))
		err = fields__number(&reader->fault, reader->ahead, "leaving", &leaving);
	if (!err && leaving > CPUSET_MAX)
		err = wrong(reader, "'leaving' is greater than the number of CPUs");
	facts->leaving = leaving;
	/* Nor say this. */
	all = json_object_get(reader->ahead, "all_parents");
	facts->parents = !all ? AUDIT_PARENTS_UNKNOWN :
			 json_is_true(all) ? AUDIT_PARENTS_ALL : AUDIT_PARENTS_ONLINE;
	if (!err)
		err = fields__number(&reader->fault, reader->ahead, "waited", &facts->waited);
	if (!err)
		err = read_unhandled(reader, reader->ahead);
	if (!err)
		err = read_kernel(reader, reader->ahead, kernel);
	if (!err)
		err = check_over(reader);
	facts->hotplug = json_is_true(hotplug);
	facts->unhandled = reader->unhandled;
	return err;
}
