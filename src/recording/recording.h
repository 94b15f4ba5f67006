/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A recording: a run as a stream of snapshots in a file, to be looked at later as if it
 * were live. The format is that of docs/recording.md. Opens no files and prints nothing.
 */
#ifndef RECORDING_H
#define RECORDING_H

#include "audit/audit.h"
#include "counters/snapshot.h"
#include "machine/machine.h"
#include "recording/stream.h"

/* No line is longer; a writer does not write one that is (-EMSGSIZE). */
#define RECORDING_MAX_LINE	(64UL * 1024 * 1024)

/* Counters in all tables of one snapshot: those of 1024 CPUs with 8 vIPIs, and some. */
#ifndef RECORDING_MAX_COUNTERS
#define RECORDING_MAX_COUNTERS	(40UL * 1024 * 1024)
#endif

/* --- writing --- */

struct recording_writer;

/*
 * Writes the header of a recording of snapshots such as @snapshot, of @machine, to @fd,
 * which stays the caller's. Returns 0 and *@writer, -E2BIG for a machine that is too
 * large for a recording, or -errno.
 */
int recording_writer__open(struct recording_writer **writer, int fd, enum stream_format format,
			   const struct machine *machine, const struct snapshot *snapshot);

/* Frees it; without an end, readers take what it wrote for cut off. NULL is fine. */
void recording_writer__free(struct recording_writer *writer);

/*
 * Writes a snapshot as what changed since @earlier, the one written before it, or NULL.
 * It is in the file when this returns. Returns 0 or -errno.
 */
int recording_writer__snapshot(struct recording_writer *writer, const struct snapshot *later,
			       const struct snapshot *earlier);

/*
 * Writes a look in between, as what changed since @earlier, the last snapshot that was written.
 * It is in the file when this returns. Returns 0 or -errno.
 */
int recording_writer__look(struct recording_writer *writer, const struct snapshot *look,
			   const struct snapshot *earlier);

/* The same of one behind @last, the last snapshot: where the books of the audit were closed. */
int recording_writer__closing(struct recording_writer *writer, const struct snapshot *closing,
			      const struct snapshot *last);

/*
 * Writes the end, the last line: what the audit of the run was based on, except what
 * follows from the snapshots. @kernel is the last snapshot's, as it was known at last.
 * Returns 0 or -errno.
 */
int recording_writer__end(struct recording_writer *writer, const struct audit_facts *facts,
			  const struct kernel_counts *kernel);

/* How many bytes are in the file. */
unsigned long long recording_writer__size(const struct recording_writer *writer);

/* --- reading --- */

struct recording_reader;

enum recording_line {
	RECORDING_SNAPSHOT,
	RECORDING_END,
	RECORDING_CUT_OFF,	/* the stream is over, without an end */
	RECORDING_LOOK,		/* what is no snapshot of its own, taken in between */
	RECORDING_CLOSING,	/* the same behind the last: where the books were closed */
};

/*
 * What a recording may take of memory, in bytes, if nobody says how much: what a small board has.
 * With less than the minimum there is hardly one that could be read.
 */
#define RECORDING_MEMORY	(64ULL * 1024 * 1024)
#define RECORDING_MEMORY_MIN	(16ULL * 1024 * 1024)

/*
 * Reads the header of the recording in @fd, which stays the caller's. @max_memory: for all that is
 * read, and the snapshots of a run; 0: RECORDING_MEMORY. Returns 0 or -errno; with either, *@reader
 * is to be freed and can tell the error. (NULL: there was no memory.)
 */
int recording_reader__open(struct recording_reader **reader, int fd, unsigned long long max_memory);
void recording_reader__free(struct recording_reader *reader);

/* What is wrong with the recording, after -EBADMSG, or else ""; valid until it is freed. */
const char *recording_reader__error(const struct recording_reader *reader);

/* The machine that was recorded; what its kernel calls its interrupts is not known. */
const struct machine *recording_reader__machine(const struct recording_reader *reader);

/* An empty snapshot with the tables that were recorded. Returns 0 or -ENOMEM. */
int recording_reader__init_snapshot(const struct recording_reader *reader,
				    struct snapshot *snapshot);

/*
 * What comes next, one of enum recording_line. Returns -EBADMSG where the file is no
 * recording or damaged, or -errno. Call it before each of those below.
 */
int recording_reader__next(struct recording_reader *reader);

/*
 * The snapshot or look that comes next: @earlier is the snapshot read before it, NULL for the
 * first; a look is none to those that follow. Returns 0, -EBADMSG or -errno; what was read is
 * only good with 0.
 */
int recording_reader__snapshot(struct recording_reader *reader, struct snapshot *later,
			       const struct snapshot *earlier);

/*
 * The end that comes next: fills all of @facts that follows from no snapshot, and what
 * the kernel counted by the last one. @facts points to memory of the reader then.
 * Returns 0, -EBADMSG or -errno.
 */
int recording_reader__end(struct recording_reader *reader, struct audit_facts *facts,
			  struct kernel_counts *kernel);

#endif /* RECORDING_H */
