// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whatever is wrong with a recording is said, with its line; what only looks strange is read.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "recorded.h"

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
#define LOOK(n, time, more) "{\"look\":" #n ",\"time\":" #time "," COMMON more "}\n"
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

		{ "empty", "", "line 1: this is not a recording" },
		{ "empty line", "\n", "line 1: this is not a recording" },
		{ "text", "Hello!\nHello!\n", "line 1: this is not a recording" },
		{ "other JSON", "{\"version\":1,\"type\":\"interval\"}\n",
		  "line 1: this is not a recording; 'ipimux-trace record' makes recordings" },
		{ "other recording", "{\"recording\":\"sound\",\"version\":1}\n",
		  "line 1: this is not a recording" },
		{ "JSON array", "[" HEADER "]", "line 1: this is not a recording" },
		{ "half a header", START, "line 1: this is not a recording" },
		{ "newer", "{\"recording\":\"ipimux-trace\",\"version\":2}\n",
		  "line 1: the recording is of version 2, this ipimux-trace reads version 1" },
		{ "no version",
		  "{\"recording\":\"ipimux-trace\"}\n", "line 1: 'version' is missing" },
		{ "version in words", "{\"recording\":\"ipimux-trace\",\"version\":\"1\"}\n",
		  "line 1: 'version' is missing, or is not a valid number" },
		{ "no CPUs", START VIPIS BY_SET TABLES, "line 1: 'possible' is missing" },
		{ "empty CPUs",
		  START "\"possible\":\"\"," VIPIS BY_SET TABLES, "'possible' is missing" },
		{ "odd CPUs",
		  START "\"possible\":\"1-0\"," VIPIS BY_SET TABLES, "or is not a list of CPUs" },
		{ "CPUs above all", START "\"possible\":\"0-4096\"," VIPIS BY_SET TABLES,
		  "or is not a list of CPUs below 4096" },
		{ "too many CPUs", START "\"possible\":\"0-4095\"," VIPIS BY_SET TABLES,
		  "line 1: a machine with CPUs up to 4095 is too large for a recording" },
		{ "no names", START POSSIBLE BY_SET TABLES, "line 1: 'vipis' is missing" },
		{ "empty names",
		  START POSSIBLE "\"vipis\":[]," BY_SET TABLES, "'vipis' is missing" },
		{ "33 names",
		  START POSSIBLE "\"vipis\":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,"
		  "19,20,21,22,23,24,25,26,27,28,29,30,31,32,33]," BY_SET TABLES,
		  "not an array of 1 to 32 names" },
		{ "a number for a name",
		  START POSSIBLE "\"vipis\":[1]," BY_SET TABLES, "that is not a name" },
		{ "no name", START POSSIBLE "\"vipis\":[\"\"]," BY_SET TABLES,
		  "that is not a name" },
		{ "a name of escapes", START POSSIBLE "\"vipis\":[\"\\u001b[2J\"]," BY_SET TABLES,
		  "that is not a name" },
		{ "a long name",
		  START POSSIBLE "\"vipis\":[\"0123456789abcdef0123456789abcdef\"]," BY_SET
		  TABLES, "that is not a name" },
		{ "no way to count",
		  START POSSIBLE VIPIS TABLES, "line 1: 'processes' is missing" },
		{ "another way", START POSSIBLE VIPIS "\"processes\":\"by hand\"," TABLES,
		  "or is neither 'by set' nor 'by bit'" },
		{ "nine by set", START POSSIBLE
		  "\"vipis\":[\"A\",\"B\",\"C\",\"D\",\"E\",\"F\",\"G\",\"H\",\"I\"]," BY_SET TABLES,
		  "'by set' is for 8 vIPIs at most" },
		{ "none of any", START POSSIBLE VIPIS BY_SET "\"timed_one_in\":0," TABLES,
		  "line 1: 'timed_one_in' is not a power of two from 2 to 256" },
		{ "one of too many", START POSSIBLE VIPIS BY_SET "\"timed_one_in\":512," TABLES,
		  "line 1: 'timed_one_in' is not a power of two from 2 to 256" },
		{ "one of three", START POSSIBLE VIPIS BY_SET "\"timed_one_in\":3," TABLES,
		  "line 1: 'timed_one_in' is not a power of two from 2 to 256" },
		{ "one in half a wait", START POSSIBLE VIPIS BY_SET "\"timed_one_in\":0.5," TABLES,
		  "line 1: 'timed_one_in' is not a power of two from 2 to 256" },
		{ "no tables", START POSSIBLE VIPIS "\"processes\":\"by set\"}\n",
		  "line 1: 'tables' has no 'traffic'" },
		{ "two tables",
		  START POSSIBLE VIPIS BY_SET "\"tables\":[\"traffic\",\"processed\",7]}\n",
		  "line 1: 'tables' has no 'unmasked'" },

		{ "a sum of no waits", START POSSIBLE VIPIS BY_SET
		  "\"tables\":[\"traffic\",\"processed\",\"unmasked\",\"waited\"]}\n",
		  "line 1: 'tables' has 'waited' but no 'waits'" },

		{ "no JSON", SO_FAR "{\"snapshot\":2,\n", "line 4: this is not a JSON object" },
		{ "an array", SO_FAR "[]\n", "line 4: this is not a JSON object" },
		{ "a field twice", SO_FAR "{\"snapshot\":2,\"snapshot\":2}\n",
		  "line 4: this is not a JSON object" },
		{ "behind the object",
		  SO_FAR "{\"note\":1} x\n", "line 4: this is not a JSON object" },
		{ "a number that is too large", SO_FAR "{\"snapshot\":99999999999999999999}\n",
		  "line 4: this is not a JSON object" },
		{ "a line is missing", HEADER FIRST THIRD(""),
		  "line 3: 'snapshot' is 2, not 1: lines are missing" },
		{ "a line twice", HEADER FIRST FIRST, "line 3: 'snapshot' is 0, not 1" },
		{ "two recordings",
		  HEADER FIRST HEADER FIRST, "line 4: 'snapshot' is 0, not 1" },
		{ "the end of another", SO_FAR "{\"end\":3}\n", "line 4: 'end' is 3, not 2" },
		{ "snapshot of a wrong type", HEADER "{\"snapshot\":\"0\"}\n",
		  "line 2: 'snapshot' is missing, or is not a valid number" },
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
		  "\"online\":\"0-2\"}\n",
		  "line 2: 'online' names a CPU that this machine does not have" },
		{ "time goes back", SO_FAR "{\"snapshot\":2,\"time\":1," COMMON "}\n",
		  "line 4: 'time' goes back" },
		{ "missed goes back",
		  HEADER "{\"snapshot\":0,\"time\":1,\"wall_time\":1,\"late\":1,\"missed\":9,"
		  "\"online\":\"0\"}\n" SECOND, "line 3: 'missed' goes back" },

		{ "a table of another type",
		  SO_FAR THIRD(",\"traffic\":{}"), "line 4: 'traffic' is not an array" },
		{ "a row of another type", SO_FAR THIRD(",\"traffic\":[7]"),
		  "'traffic' holds a value that is not an array of 5 numbers" },
		{ "a short row",
		  SO_FAR THIRD(",\"traffic\":[[0,1,1,5]]"), "not an array of 5 numbers" },
		{ "a long row",
		  SO_FAR THIRD(",\"processed\":[[0,1,1,5]]"), "not an array of 3 numbers" },
		{ "a negative count",
		  SO_FAR THIRD(",\"processed\":[[0,1,-5]]"), "not an array of 3 numbers" },
		{ "a real count",
		  SO_FAR THIRD(",\"processed\":[[0,1,5.0]]"), "not an array of 3 numbers" },
		{ "a word",
		  SO_FAR THIRD(",\"unmasked\":[[0,1,\"1\",5]]"), "not an array of 4 numbers" },
		{ "a sender", SO_FAR THIRD(",\"traffic\":[[2,0,0,0,1]]"),
		  "line 4: 'traffic' names CPU 2, which this machine does not have" },
		{ "a target", SO_FAR THIRD(",\"traffic\":[[0,4294967296,0,0,1]]"),
		  "line 4: 'traffic' names CPU 4294967296, which this machine does not have" },
		{ "a vIPI",
		  SO_FAR THIRD(",\"traffic\":[[0,0,2,0,1]]"),
		  "'traffic' names vIPI 2, which this machine does not have" },
		{ "an outcome",
		  SO_FAR THIRD(",\"traffic\":[[0,0,0,4,1]]"), "'traffic' names outcome 4" },
		{ "a set",
		  SO_FAR THIRD(",\"processed\":[[0,4,1]]"), "'processed' names set of vIPIs 4" },
		{ "an unmask",
		  SO_FAR THIRD(",\"unmasked\":[[0,0,2,1]]"), "'unmasked' names kind of unmask 2" },
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
		  SO_FAR THIRD(",\"kernel\":7"), "'kernel' is not an array" },
		{ "the kernel's short",
		  SO_FAR THIRD(",\"kernel\":[[0,0,1]]"), "[CPU, vIPI, least, most]" },
		{ "the kernel's CPU",
		  SO_FAR THIRD(",\"kernel\":[[2,0,1,1]]"), "[CPU, vIPI, least, most]" },
		{ "the kernel's vIPI",
		  SO_FAR THIRD(",\"kernel\":[[1,2,1,1]]"), "[CPU, vIPI, least, most]" },
		{ "the kernel's count", SO_FAR THIRD(",\"kernel\":[[1,1,1,4294967296]]"),
		  "[CPU, vIPI, least, most]" },

		{ "looks", SO_FAR LOOK(0, 2, ",\"traffic\":[[0,1,1,0,6]]")
		  LOOK(1, 3, ",\"traffic\":[[0,1,1,0,7]],\"words\":[]")
		  THIRD(",\"traffic\":[[0,1,1,0,7]],\"words\":[[1,4294967295,0,255]]")
		  "{\"end\":3,\"hotplug\":true,\"waited\":1}\n", NULL },
		{ "a look is numbered from the snapshot on", SO_FAR LOOK(0, 2, "") THIRD("")
		  LOOK(0, 3, "") "{\"end\":3,\"hotplug\":true,\"waited\":1}\n", NULL },
		{ "a look is missing", SO_FAR LOOK(1, 2, ""),
		  "line 4: 'look' is 1, not 0: lines are missing" },
		{ "a look at nothing", HEADER LOOK(0, 1, ""),
		  "line 2: a look comes before the first snapshot" },
		{ "looks go back", SO_FAR LOOK(0, 3, "") LOOK(1, 2, ""),
		  "line 5: 'time' goes back" },
		{ "a snapshot behind its looks", SO_FAR LOOK(0, 4, "") THIRD(""),
		  "line 5: 'time' goes back" },
		{ "a look's counter", SO_FAR LOOK(0, 2, ",\"traffic\":[[0,1,1,0,5]]"),
		  "line 4: 'traffic' goes from 5 to 5" },
		{ "words of another type", SO_FAR THIRD(",\"words\":{}"),
		  "'words' is not an array" },
		{ "words short", SO_FAR THIRD(",\"words\":[[0,1]]"),
		  "[CPU, pending, enabled, at rest]" },
		{ "the words' CPU", SO_FAR THIRD(",\"words\":[[2,1,1,1]]"),
		  "[CPU, pending, enabled, at rest]" },
		{ "a word", SO_FAR THIRD(",\"words\":[[1,4294967296,1,1]]"),
		  "[CPU, pending, enabled, at rest]" },
		{ "the other word", SO_FAR THIRD(",\"words\":[[1,1,4294967296,1]]"),
		  "[CPU, pending, enabled, at rest]" },
		{ "edge of another type", SO_FAR THIRD(",\"edge\":1"), "'edge' is not an array" },
		{ "no edge", SO_FAR THIRD(",\"edge\":[[0,0,0]]"), "[CPU, vIPI, state]" },
		{ "another edge", SO_FAR THIRD(",\"edge\":[[0,0,4]]"), "[CPU, vIPI, state]" },
		{ "arrivals of another type", SO_FAR THIRD(",\"arrivals\":1"),
		  "'arrivals' is not an array" },
		{ "no arrivals", SO_FAR THIRD(",\"arrivals\":[[0,0]]"), "[CPU, state]" },
		{ "other arrivals", SO_FAR THIRD(",\"arrivals\":[[0,4]]"), "[CPU, state]" },
		{ "arrivals of no CPU", SO_FAR THIRD(",\"arrivals\":[[2,1]]"), "[CPU, state]" },
		{ "torn, of another type", SO_FAR THIRD(",\"torn\":1"), "'torn' is not an array" },
		{ "torn by too much", SO_FAR THIRD(",\"torn\":[[0,1,4294967296]]"),
		  "[CPU, vIPI, events]" },
		{ "torn, of no CPU", SO_FAR THIRD(",\"torn\":[[2,1,1]]"), "[CPU, vIPI, events]" },
		{ "the edge's CPU", SO_FAR THIRD(",\"edge\":[[2,0,1]]"), "[CPU, vIPI, state]" },
		{ "the edge's vIPI", SO_FAR THIRD(",\"edge\":[[0,2,1]]"), "[CPU, vIPI, state]" },
		{ "ran of another type", SO_FAR THIRD(",\"ran\":\"1\""), "'ran' is not an array" },
		{ "who ran", SO_FAR THIRD(",\"ran\":[[2,1]]"), "[CPU, ns]" },
		{ "a mask that was not counted", SO_FAR THIRD(",\"masked\":[[9]]")
		  "{\"end\":3,\"hotplug\":true,\"waited\":1}\n", NULL },
		{ "a mask", START POSSIBLE VIPIS BY_SET
		  "\"tables\":[\"traffic\",\"unmasked\",\"processed\",\"masked\"]}\n" FIRST SECOND
		  THIRD(",\"masked\":[[0,1,4,1]]"), "'masked' names kind of mask 4" },
		{ "what is late", START POSSIBLE VIPIS BY_SET
		  "\"tables\":[\"traffic\",\"unmasked\",\"processed\",\"overdue\"]}\n" FIRST SECOND
		  THIRD(",\"overdue\":[[0,3,1]]"), "'overdue' names kind of lateness 3" },

		{ "no hotplug",
		  SO_FAR "{\"end\":2,\"waited\":1}\n", "line 4: 'hotplug' is missing" },
		{ "hotplug in numbers", SO_FAR "{\"end\":2,\"hotplug\":0,\"waited\":1}\n",
		  "or is neither true nor false" },
		{ "no wait",
		  SO_FAR "{\"end\":2,\"hotplug\":true}\n", "line 4: 'waited' is missing" },
		{ "unhandled of another type",
		  SO_FAR END(",\"unhandled\":1"), "'unhandled' is not an array" },
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
		int fd = recorded__file_of(cases[i].text, strlen(cases[i].text));
		char error[256];
		int ret = recorded__read_all(fd, error);

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
	static const char * const errors[] = { "line 1: this is not a recording",
					       "line 4: a line takes more than is left of the "
					       "64 MiB of memory: allow more with --max-memory" };

	for (unsigned int i = 0; i < 2; i++) {
		int fd = recorded__file_of(starts[i], strlen(starts[i]));
		char error[256];

		lseek(fd, 0, SEEK_END);
		for (unsigned int n = 0; n < (i ? 65 * 16 : 16); n++)
			assert_int_equal(write(fd, piece, sizeof(piece)), sizeof(piece));
		lseek(fd, 0, SEEK_SET);
		check(recorded__read_all(fd, error) == -EBADMSG && strstr(error, errors[i]), "%s",
		      error);
		close(fd);
	}
}

/* Files behind one another are one, as gzip and zstd have it. */
static void test_parts(void **state)
{
	static const char * const texts[] = { SO_FAR, END("") };

	for (enum stream_format format = STREAM_PLAIN; format <= STREAM_ZSTD; format++) {
		int fd = recorded__new_file();
		char error[256];

		for (unsigned int i = 0; i < 2; i++) {
			struct stream *stream;

			assert_int_equal(stream__open_output(&stream, fd, format), 0);
			assert_int_equal(stream__write(stream, texts[i], strlen(texts[i])), 0);
			assert_int_equal(stream__finish(stream), 0);
			stream__free(stream);
		}
		lseek(fd, 0, SEEK_SET);
		check(recorded__read_all(fd, error) == RECORDING_END, "format %d: %s", format,
		      error);
		close(fd);
	}
}

/* Whoever wrote it, and with names that two have, or that are options: each is one vIPI's. */
static void test_names(void **state)
{
	static const char text[] = START POSSIBLE
		"\"vipis\":[\"Doorbell\",\"doorbell\",\"a,b=c\",\"0\"]," BY_SET TABLES
		FIRST SECOND END("");
	static const char * const names[] = { "Doorbell", "doorbell.1", "a_b_c", "0.3" };
	int fd = recorded__file_of(text, strlen(text));
	struct recording_reader *reader;
	const struct machine *machine;

	assert_int_equal(recording_reader__open(&reader, fd, 0), 0);
	machine = recording_reader__machine(reader);
	assert_int_equal(machine->nr_vipis, ARRAY_SIZE(names));
	for (unsigned int vipi = 0; vipi < ARRAY_SIZE(names); vipi++)
		assert_string_equal(machine->vipi_name[vipi], names[vipi]);
	recording_reader__free(reader);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_endless_line),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_names),
	};

	return UNIT_RUN("recording-bad", tests);
}
