/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests of recordings share: files in memory, runs at random with their recordings, and
 * a reader that takes whatever it gets. Judges none of them.
 */
#ifndef RECORDED_H
#define RECORDED_H

#include "recording/recording.h"
#include "unit.h"

#define RECORDED_SNAPSHOTS	4

/* A run of a machine of up to 64 CPUs, as it was, and as its end was audited. */
struct recorded {
	struct machine machine;
	struct snapshot snapshots[RECORDED_SNAPSHOTS];
	struct audit_facts facts;
	__u32 unhandled[64];
};

/* Of a table of counters. */
static inline size_t recorded__bytes(__u32 mask)
{
	return ((size_t)mask + 1) * sizeof(__u64);
}

/* An empty file, to be written. */
int recorded__new_file(void);

/* A file of these bytes, to be read. */
int recorded__file_of(const char *data, size_t size);

/* Some of everything in all snapshots but the third; timed if @nr_vipis is even. */
void recorded__make(struct recorded *run, unsigned int nr_cpus, unsigned int nr_vipis,
		    bool by_bit, uint64_t *random);
void recorded__free(struct recorded *run);

/* The recording of @run, to be read. */
int recorded__write(const struct recorded *run, enum stream_format format);

/*
 * Reads whatever it is to where it ends, or to the error.
 *
 * Returns RECORDING_END, RECORDING_CUT_OFF or the error, whose text is then in @text.
 */
int recorded__read_all(int fd, char text[256]);

#endif
