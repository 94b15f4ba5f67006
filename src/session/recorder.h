/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Records a live session to a file. What is in the file is
 * recording.h's, how it becomes one output.h's.
 */
#ifndef RECORDER_H
#define RECORDER_H

#include "base/failure.h"
#include "recording/recording.h"

struct recorder;

/*
 * Starts a recording in file @name, "-" for stdout, of snapshots such as @snapshot. A
 * file that has something in it is left alone without @force, and with it until the first
 * snapshot is written.
 */
struct failure *recorder__open(struct recorder **recorder, const char *name, bool force,
			       const struct machine *machine, const struct snapshot *snapshot);

/* Without an end, the recording is cut off. NULL is fine. */
void recorder__free(struct recorder *recorder);

/* As recording_writer__...; the end closes the file, too. */
struct failure *recorder__snapshot(struct recorder *recorder, const struct snapshot *later,
				   const struct snapshot *earlier);
struct failure *recorder__look(struct recorder *recorder, const struct snapshot *look,
			       const struct snapshot *earlier);
struct failure *recorder__closing(struct recorder *recorder, const struct snapshot *closing,
				  const struct snapshot *last);
struct failure *recorder__end(struct recorder *recorder, const struct audit_facts *facts,
			      const struct kernel_counts *kernel);
unsigned long long recorder__size(const struct recorder *recorder);

#endif /* RECORDER_H */
