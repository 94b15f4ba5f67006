// SPDX-License-Identifier: GPL-2.0-only
/* Records a live session to a file, see recorder.h. */
#include <errno.h>
#include <stdlib.h>

#include "session/recorder.h"
#include "system/output.h"

struct recorder {
	const char *name;
	struct output *output;
	struct recording_writer *writer;
};

/* unwritten - what -errno of the writer means; 0: NULL */
static struct failure *unwritten(const struct recorder *recorder, int err)
{
	if (!err)
		return NULL;
	if (err == -EMSGSIZE)
		return failure__new(FAILURE_BROKEN, err, "cannot record to '%s': too much changed "
				    "in one interval; choose a shorter INTERVAL", recorder->name);
	return output__failure(recorder->output, err);
}

/* start - writes the header */
static struct failure *start(struct recorder *recorder, const struct machine *machine,
			     const struct snapshot *snapshot)
{
	int err = recording_writer__open(&recorder->writer, output__descriptor(recorder->output),
					 stream__format_of(recorder->name), machine, snapshot);

	if (err == -E2BIG)
		return failure__new(FAILURE_BROKEN, err, "too many CPUs for a recording");
	return unwritten(recorder, err);
}

struct failure *recorder__open(struct recorder **result, const char *name, bool force,
			       const struct machine *machine, const struct snapshot *snapshot)
{
	struct recorder *recorder = calloc(1, sizeof(*recorder));
	struct failure *failure;

	if (!recorder)
		return failure__of(-ENOMEM);
	recorder->name = name;
	failure = output__open(&recorder->output, name, OUTPUT_RECORDING, force);
	if (!failure)
		failure = start(recorder, machine, snapshot);
	if (failure)
		recorder__free(recorder);
	else
		*result = recorder;
	return failure;
}

void recorder__free(struct recorder *recorder)
{
	if (!recorder)
		return;
	recording_writer__free(recorder->writer);
	output__close(recorder->output, false);
	free(recorder);
}

struct failure *recorder__snapshot(struct recorder *recorder, const struct snapshot *later,
				   const struct snapshot *earlier)
{
	int err = recording_writer__snapshot(recorder->writer, later, earlier);

	/* From the first one on it is one, and stays, whatever happens to the recorder. */
	return err ? unwritten(recorder, err) : output__show(recorder->output);
}

struct failure *recorder__look(struct recorder *recorder, const struct snapshot *look,
			       const struct snapshot *earlier)
{
	return unwritten(recorder, recording_writer__look(recorder->writer, look, earlier));
}

struct failure *recorder__closing(struct recorder *recorder, const struct snapshot *closing,
				  const struct snapshot *last)
{
	return unwritten(recorder, recording_writer__closing(recorder->writer, closing, last));
}

struct failure *recorder__end(struct recorder *recorder, const struct audit_facts *facts,
			      const struct kernel_counts *kernel)
{
	struct failure *failure =
		unwritten(recorder, recording_writer__end(recorder->writer, facts, kernel));

	if (failure)
		return failure;
	failure = output__close(recorder->output, true);
	recorder->output = NULL;
	return failure;
}

unsigned long long recorder__size(const struct recorder *recorder)
{
	return recording_writer__size(recorder->writer);
}
