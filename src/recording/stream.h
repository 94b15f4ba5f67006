/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bytes to and from a file, compressed or not. Knows nothing about what they mean.
 */
#ifndef STREAM_H
#define STREAM_H

#include <stddef.h>
#include <sys/types.h>

struct stream;

enum stream_format { STREAM_PLAIN, STREAM_GZIP, STREAM_ZSTD };

/* What a file of this name is to be: gzip (*.gz), Zstandard (*.zst), or plain. */
enum stream_format stream__format_of(const char *name);

/*
 * A stream to write to, or to read from, @fd, which stays the caller's. What is read
 * is of the format that its first bytes say. Return 0 and *@stream, or -errno.
 * @max_window: how many bytes the input may make zstd remember, that is, how much memory it takes.
 */
int stream__open_output(struct stream **stream, int fd, enum stream_format format);
int stream__open_input(struct stream **stream, int fd, unsigned long long max_window);

/* Frees it; of output only what was flushed is in the file. NULL is fine. */
void stream__free(struct stream *stream);

/* What is flushed can be read, whatever happens to the writer then. Return 0 or -errno. */
int stream__write(struct stream *stream, const char *data, size_t size);
int stream__flush(struct stream *stream);

/* Ends what is written, as the format wants it ended. Returns 0 or -errno. */
int stream__finish(struct stream *stream);

/* How many bytes are in the file. */
unsigned long long stream__written(const struct stream *stream);

/*
 * Reads up to @size bytes, at least one. Returns their number, 0 at the end (also that
 * of a stream cut off somewhere), -EBADMSG if it is damaged, -ENOBUFS if it takes more memory
 * than it may to read it, or -errno.
 */
ssize_t stream__read(struct stream *stream, char *data, size_t size);

#endif /* STREAM_H */
