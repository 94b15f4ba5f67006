// SPDX-License-Identifier: GPL-2.0-only
/* Records a live session to a file, see recorder.h. */
#include <errno.h>
#include <stdlib.h>

#include "base/fail.h"
#include "base/output.h"
#include "session/recorder.h"

struct recorder {
	const char *name;
	struct output *output;
	struct recording_writer *writer;
};

/* say - what went wrong, once; returns what a session returns for it */
static int say(const struct recorder *recorder, int err)
{
	if (!err || err == -ECANCELED)
		return err;
	if (err == -E2BIG)
		fail(EXIT_CANNOT, "too many CPUs for a recording");
	else if (err == -EMSGSIZE)
		fail(EXIT_CANNOT, "cannot record to '%s': too much changed in one interval; "
		     "choose a shorter one", recorder->name);
	else
		return output__fail(recorder->output, err);
	return -ECANCELED;
}

int recorder__open(struct recorder **result, const char *name, bool force,
		   const struct machine *machine, const struct snapshot *snapshot)
{
	struct recorder *recorder = calloc(1, sizeof(*recorder));
	int err;

	if (!recorder)
		return -ENOMEM;
	recorder->name = name;
	err = output__open(&recorder->output, name, OUTPUT_RECORDING, force);
	if (!err)
		err = say(recorder,
			  recording_writer__open(&recorder->writer,
						 output__descriptor(recorder->output),
						 stream__format_of(name), machine, snapshot));
	if (err)
		recorder__free(recorder);
	else
		*result = recorder;
	return err;
}

void recorder__free(struct recorder *recorder)
{
	if (!recorder)
		return;
	recording_writer__free(recorder->writer);
	output__close(recorder->output, false);
	free(recorder);
}

int recorder__snapshot(struct recorder *recorder, const struct snapshot *later,
		       const struct snapshot *earlier)
{
	int err = say(recorder, recording_writer__snapshot(recorder->writer, later, earlier));

	/* From the first one on it is one, and stays, whatever happens to the recorder. */
	return err ? err : output__show(recorder->output);
}

int recorder__look(struct recorder *recorder, const struct snapshot *look,
		   const struct snapshot *earlier)
{
	return say(recorder, recording_writer__look(recorder->writer, look, earlier));
}

int recorder__closing(struct recorder *recorder, const struct snapshot *closing,
		      const struct snapshot *last)
{
	return say(recorder, recording_writer__closing(recorder->writer, closing, last));
}

int recorder__end(struct recorder *recorder, const struct audit_facts *facts,
		  const struct kernel_counts *kernel)
{
	int err = say(recorder, recording_writer__end(recorder->writer, facts, kernel));

	if (err)
		return err;
	err = output__close(recorder->output, true);
	recorder->output = NULL;
	return err;
}

unsigned long long recorder__size(const struct recorder *recorder)
{
	return recording_writer__size(recorder->writer);
}
