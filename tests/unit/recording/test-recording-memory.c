// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a recording may take of memory, whatever it unpacks to: tables, lines, what JSON becomes,
 * and what zstd remembers. It says what would be enough where that is known.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>
#include <zstd.h>

#include "recorded.h"
#include "recording/memory.h"

#define MEBIBYTE	(1024ULL * 1024)
#define REST	"\"vipis\":[\"A\",\"B\",\"C\",\"D\",\"E\",\"F\",\"G\",\"H\"]," \
		"\"processes\":\"by set\",\"tables\":[\"traffic\",\"processed\",\"unmasked\"]}\n"
#define HEADER(cpus) "{\"recording\":\"ipimux-trace\",\"version\":1,\"possible\":\"" cpus "\"," REST

/* text_of - @start, then @piece as often as makes @size bytes, then @end; to be freed */
static char *text_of(const char *start, const char *piece, size_t size, const char *end)
{
	size_t nr = size / strlen(piece);
	char *text = malloc(strlen(start) + nr * strlen(piece) + strlen(end) + 1), *at;

	assert_non_null(text);
	at = stpcpy(text, start);
	for (size_t i = 0; i < nr; i++)
		at = stpcpy(at, piece);
	stpcpy(at, end);
	return text;
}

/* read_with - what comes of it, and what is said: *@error, of 256 bytes */
static int read_with(int fd, unsigned long long max_memory, char error[256])
{
	struct recording_reader *reader;
	int ret = recording_reader__open(&reader, fd, max_memory);

	if (!ret)
		ret = recording_reader__next(reader);
	snprintf(error, 256, "%s", recording_reader__error(reader));
	recording_reader__free(reader);
	return ret;
}

static int read_text(const char *text, unsigned long long max_memory, char error[256])
{
	int fd = recorded__file_of(text, strlen(text));
	int ret = read_with(fd, max_memory, error);

	close(fd);
	return ret;
}

/* A line that a later tool may have written, of what takes the most memory for a byte. */
static void test_lines(void **state)
{
	static const char *const pieces[] = { "{},", "[],", "1,", "[[1,2,3,4,5]],", "\"x\"," };

	for (size_t i = 0; i < ARRAY_SIZE(pieces); i++) {
		/* Short enough to be read as bytes. */
		char *text = text_of(HEADER("0-3") "{\"x\":[", pieces[i], MEBIBYTE, "0]}\n");
		char error[256];
		int ret = read_text(text, RECORDING_MEMORY_MIN, error);

		check(ret == -EBADMSG && !strcmp(error, "line 2: a line takes more than is "
			"left of the 16 MiB of memory: allow more with --max-memory"), "%s: %d, %s",
		      pieces[i], ret, error);
		ret = read_text(text, 256 * MEBIBYTE, error);
		check(ret == RECORDING_CUT_OFF, "%s: %d, %s", pieces[i], ret, error);
		free(text);
	}
}

/* A machine too large for what it may take: with what it asks for, it is read; with less, not. */
static void test_tables(void **state)
{
	static const struct {
		const char *text;
		unsigned long long max_memory;
		bool enough;
	} cases[] = {
		{ HEADER("0-3"), RECORDING_MEMORY_MIN, true },
		{ HEADER("0-127"), 0, true },
		{ HEADER("0-255"), 0, false },
		{ HEADER("0-1023"), 0, false },
		{ HEADER("0-1023"), 512 * MEBIBYTE, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		unsigned long long asked;
		char error[256];
		int ret = read_text(cases[i].text, cases[i].max_memory, error);
		const char *with = strstr(error, "allow more with --max-memory ");

		check((ret == RECORDING_CUT_OFF) == cases[i].enough, "%zu: %d, %s", i, ret, error);
		if (cases[i].enough)
			continue;
		check(ret == -EBADMSG && with &&
		      sscanf(with, "allow more with --max-memory %lluM", &asked) == 1, "%zu: %s", i,
		      error);
		ret = read_text(cases[i].text, asked * MEBIBYTE, error);
		check(ret == RECORDING_CUT_OFF, "%zu: with %llu: %s", i, asked, error);
		ret = read_text(cases[i].text, (asked - 2) * MEBIBYTE, error);
		check(ret == -EBADMSG, "%zu: with less: %d", i, ret);
	}
}

/* What was written with zstd --long may make the reader remember 128 MiB. */
static void test_window(void **state)
{
	char *text = text_of(HEADER("0-3") "{\"x\":[", "1,", 100000, "0]}\n");
	size_t size = ZSTD_compressBound(strlen(text));
	char *compressed = malloc(size), error[256];
	ZSTD_CCtx *context = ZSTD_createCCtx();
	ZSTD_outBuffer out;
	ZSTD_inBuffer in;
	int fd, ret;

	assert_non_null(compressed);
	ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, 27);
	ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
	/* Flushed first, or it would know how little there is. */
	in = (ZSTD_inBuffer){ text, strlen(text), 0 };
	out = (ZSTD_outBuffer){ compressed, size, 0 };
	ZSTD_compressStream2(context, &out, &in, ZSTD_e_flush);
	assert_int_equal(ZSTD_compressStream2(context, &out, &in, ZSTD_e_end), 0);
	fd = recorded__file_of(compressed, out.pos);
	ret = read_with(fd, 0, error);
	check(ret == -EBADMSG && strstr(error, "decompressing it takes more memory than the limit "
					"of 64 MiB: allow more with --max-memory"), "%d, %s",
	      ret, error);
	lseek(fd, 0, SEEK_SET);
	ret = read_with(fd, 1024 * MEBIBYTE, error);
	check(ret == RECORDING_CUT_OFF, "%d, %s", ret, error);
	close(fd);
	ZSTD_freeCCtx(context);
	free(compressed);
	free(text);
}

/* The limit is for what is asked for while there is one, and what was there before may go. */
static void test_limit(void **state)
{
	json_t *array, *before;

	memory__limit(1 << 20);
	before = json_pack("[i, i, i]", 1, 2, 3);
	assert_non_null(before);
	assert_false(memory__unlimit());
	memory__limit(1000);
	json_decref(before);
	array = json_array();
	while (array && !json_array_append_new(array, json_array()))
		;
	json_decref(array);
	assert_true(memory__unlimit());
	array = json_array();
	for (int i = 0; i < 1000; i++)
		assert_int_equal(json_array_append_new(array, json_array()), 0);
	json_decref(array);
	assert_false(memory__unlimit());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_limit),
	};

	return UNIT_RUN("recording-memory", tests);
}
