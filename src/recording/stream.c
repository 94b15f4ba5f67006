// SPDX-License-Identifier: GPL-2.0-only
/* Bytes to and from a file, compressed or not, see stream.h. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "base/ending.h"
#include "recording/stream.h"

#define BUFFER_SIZE	(64 * 1024)

/* What zlib takes for "with the header and trailer of gzip". */
#define GZIP_WINDOW	(15 + 16)

struct stream {
	int fd;
	enum stream_format format;
	unsigned long long written;
	bool writing, ended;	/* ended: of input, nothing follows */
	z_stream gzip;
	bool gzip_ended;	/* of input: a member has ended, another may follow */
	ZSTD_CStream *zstd_out;
	ZSTD_DStream *zstd_in;
	unsigned long long max_window;	/* of input: bytes that zstd may look back */
	/* Of output, what is not compressed yet; of input, what was read: from start to end. */
	char *buffer;
	size_t start, end;
	char *compressed;	/* of output: room for it */
};

static bool ends_with(const char *name, const char *suffix)
{
	size_t len = strlen(name), suffix_len = strlen(suffix);

	return len > suffix_len && !strcmp(name + len - suffix_len, suffix);
}

enum stream_format stream__format_of(const char *name)
{
	if (ends_with(name, ".gz"))
		return STREAM_GZIP;
	return ends_with(name, ".zst") ? STREAM_ZSTD : STREAM_PLAIN;
}

static struct stream *new_stream(int fd)
{
	struct stream *stream = calloc(1, sizeof(*stream));

	if (!stream)
		return NULL;
	stream->fd = fd;
	stream->buffer = malloc(BUFFER_SIZE);
	stream->compressed = malloc(BUFFER_SIZE);
	if (!stream->buffer || !stream->compressed) {
		stream__free(stream);
		return NULL;
	}
	return stream;
}

void stream__free(struct stream *stream)
{
	if (!stream)
		return;
	if (stream->format == STREAM_GZIP && stream->writing)
		deflateEnd(&stream->gzip);
	else if (stream->format == STREAM_GZIP)
		inflateEnd(&stream->gzip);
	ZSTD_freeCStream(stream->zstd_out);
	ZSTD_freeDStream(stream->zstd_in);
	free(stream->buffer);
	free(stream->compressed);
	free(stream);
}

/* --- writing --- */

int stream__open_output(struct stream **result, int fd, enum stream_format format)
{
	struct stream *stream = new_stream(fd);

	if (!stream)
		return -ENOMEM;
	stream->writing = true;
	if (format == STREAM_GZIP && deflateInit2(&stream->gzip, Z_DEFAULT_COMPRESSION, Z_DEFLATED,
						  GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		goto no_memory;
	stream->format = format;
	if (format == STREAM_ZSTD) {
		stream->zstd_out = ZSTD_createCStream();
		if (!stream->zstd_out ||
		    ZSTD_isError(ZSTD_CCtx_setParameter(stream->zstd_out,
							ZSTD_c_checksumFlag, 1)))
			goto no_memory;
	}
	*result = stream;
	return 0;
no_memory:
	stream__free(stream);
	return -ENOMEM;
}

static int write_all(struct stream *stream, const char *data, size_t size)
{
	int err = ending__write(stream->fd, data, size);

	if (!err)
		stream->written += size;
	return err;
}

static int write_gzip(struct stream *stream, int flush)
{
	z_stream *gzip = &stream->gzip;
	int err = 0;

	gzip->next_in = (Bytef *)stream->buffer;
	gzip->avail_in = stream->end;
	do {
		gzip->next_out = (Bytef *)stream->compressed;
		gzip->avail_out = BUFFER_SIZE;
		deflate(gzip, flush);
		err = write_all(stream, stream->compressed, BUFFER_SIZE - gzip->avail_out);
	} while (!err && !gzip->avail_out);
	return err;
}

static int write_zstd(struct stream *stream, ZSTD_EndDirective directive)
{
	ZSTD_inBuffer in = { stream->buffer, stream->end, 0 };
	size_t left;
	int err = 0;

	do {
		ZSTD_outBuffer out = { stream->compressed, BUFFER_SIZE, 0 };

		left = ZSTD_compressStream2(stream->zstd_out, &out, &in, directive);
		if (ZSTD_isError(left))
			return -ENOMEM;
		err = write_all(stream, stream->compressed, out.pos);
	} while (!err && (directive == ZSTD_e_continue ? in.pos < in.size : left > 0));
	return err;
}

enum drain { DRAIN_CONTINUE, DRAIN_FLUSH, DRAIN_END };

/* drain - compresses and writes what is in the buffer */
static int drain(struct stream *stream, enum drain how)
{
	static const int gzip[] = { Z_NO_FLUSH, Z_SYNC_FLUSH, Z_FINISH };
	static const ZSTD_EndDirective zstd[] = { ZSTD_e_continue, ZSTD_e_flush, ZSTD_e_end };
	int err;

	if (stream->format == STREAM_GZIP)
		err = write_gzip(stream, gzip[how]);
	else if (stream->format == STREAM_ZSTD)
		err = write_zstd(stream, zstd[how]);
	else
		err = write_all(stream, stream->buffer, stream->end);
	stream->end = 0;
	return err;
}

int stream__write(struct stream *stream, const char *data, size_t size)
{
	while (size) {
		size_t room = BUFFER_SIZE - stream->end;
		size_t count = size < room ? size : room;
		int err;

		memcpy(stream->buffer + stream->end, data, count);
		stream->end += count;
		data += count;
		size -= count;
		if (stream->end < BUFFER_SIZE)
			continue;
		err = drain(stream, DRAIN_CONTINUE);
		if (err)
			return err;
	}
	return 0;
}

int stream__flush(struct stream *stream)
{
	return drain(stream, DRAIN_FLUSH);
}

int stream__finish(struct stream *stream)
{
	return drain(stream, DRAIN_END);
}

unsigned long long stream__written(const struct stream *stream)
{
	return stream->written;
}

/* --- reading --- */

/* fill - more bytes of the file behind those in the buffer; 0 at its end, or -errno */
static ssize_t fill(struct stream *stream)
{
	ssize_t count;

	if (stream->start == stream->end)
		stream->start = stream->end = 0;
	do {
		count = read(stream->fd, stream->buffer + stream->end, BUFFER_SIZE - stream->end);
	} while (count < 0 && errno == EINTR);
	if (count < 0)
		return -errno;
	stream->end += count;
	return count;
}

/* log2_down - the window that zstd may have, as it counts: it knows 10 to 31, or 30 */
static int log2_down(unsigned long long size)
{
	int log = 10;

	while (log < 27 && 2ULL << log <= size)
		log++;
	return log;
}

/* recognise - the format by its magic number, with as many bytes as that takes */
static int recognise(struct stream *stream)
{
	static const unsigned char gzip[] = { 0x1f, 0x8b }, zstd[] = { 0x28, 0xb5, 0x2f, 0xfd };
	ssize_t count = 1;

	while (stream->end < sizeof(zstd) && count > 0) {
		count = fill(stream);
		if (count < 0)
			return count;
	}
	if (stream->end >= sizeof(gzip) && !memcmp(stream->buffer, gzip, sizeof(gzip))) {
		if (inflateInit2(&stream->gzip, GZIP_WINDOW) != Z_OK)
			return -ENOMEM;
		stream->format = STREAM_GZIP;
	} else if (stream->end >= sizeof(zstd) && !memcmp(stream->buffer, zstd, sizeof(zstd))) {
		stream->zstd_in = ZSTD_createDStream();
		if (!stream->zstd_in ||
		    ZSTD_isError(ZSTD_DCtx_setParameter(stream->zstd_in, ZSTD_d_windowLogMax,
							log2_down(stream->max_window))))
			return -ENOMEM;
		stream->format = STREAM_ZSTD;
	}
	return 0;
}

int stream__open_input(struct stream **result, int fd, unsigned long long max_window)
{
	struct stream *stream = new_stream(fd);
	int err;

	if (!stream)
		return -ENOMEM;
	stream->max_window = max_window;
	err = recognise(stream);
	if (err) {
		stream__free(stream);
		return err;
	}
	*result = stream;
	return 0;
}

static ssize_t read_plain(struct stream *stream, char *data, size_t size)
{
	size_t count = stream->end - stream->start;

	if (count > size)
		count = size;
	memcpy(data, stream->buffer + stream->start, count);
	stream->start += count;
	return count;
}

static ssize_t read_gzip(struct stream *stream, char *data, size_t size)
{
	z_stream *gzip = &stream->gzip;
	int result;

	if (stream->gzip_ended && stream->start < stream->end) {
		inflateReset(gzip);
		stream->gzip_ended = false;
	}
	gzip->next_in = (Bytef *)stream->buffer + stream->start;
	gzip->avail_in = stream->end - stream->start;
	gzip->next_out = (Bytef *)data;
	gzip->avail_out = size;
	result = inflate(gzip, Z_NO_FLUSH);
	stream->start = stream->end - gzip->avail_in;
	if (result == Z_STREAM_END)
		stream->gzip_ended = true;
	else if (result == Z_MEM_ERROR)
		return -ENOMEM;
	/* What came out before the damage is good; the next call finds it again. */
	else if (result != Z_OK && result != Z_BUF_ERROR && gzip->avail_out == size)
		return -EBADMSG;
	return size - gzip->avail_out;
}

static ssize_t read_zstd(struct stream *stream, char *data, size_t size)
{
	ZSTD_inBuffer in = { stream->buffer, stream->end, stream->start };
	ZSTD_outBuffer out = { data, size, 0 };
	size_t result = ZSTD_decompressStream(stream->zstd_in, &out, &in);

	if (ZSTD_isError(result))
		return ZSTD_getErrorCode(result) == ZSTD_error_frameParameter_windowTooLarge ?
		       -ENOBUFS : -EBADMSG;
	stream->start = in.pos;
	return out.pos;
}

ssize_t stream__read(struct stream *stream, char *data, size_t size)
{
	for (;;) {
		ssize_t count;

		/* Also with nothing new to read: it may hold back what did not fit before. */
		if (stream->format == STREAM_GZIP)
			count = read_gzip(stream, data, size);
		else if (stream->format == STREAM_ZSTD)
			count = read_zstd(stream, data, size);
		else
			count = read_plain(stream, data, size);
		if (count || stream->ended)
			return count;
		if (stream->start < stream->end)
			continue;
		count = fill(stream);
		if (count < 0)
			return count;
		stream->ended = !count;
	}
}
