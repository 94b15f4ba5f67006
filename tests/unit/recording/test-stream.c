// SPDX-License-Identifier: GPL-2.0-only
/*
 * Streams: lines of any length come out as they went in, whatever the compression.
 */
#include <string.h>
#include <unistd.h>

#include "recorded.h"
#include "recording/lines.h"

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
		int fd = recorded__new_file();

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
		assert_int_equal(stream__open_input(&lines.stream, fd, 1 << 23), 0);
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
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_format_of),
	};

	return UNIT_RUN("stream", tests);
}
