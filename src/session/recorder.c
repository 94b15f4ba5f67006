// SPDX-License-Identifier: GPL-2.0-only
/* Records a live session to a file, see recorder.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fail.h"
#include "session/recorder.h"

struct recorder {
	const char *name;
	int fd;
	struct recording_writer *writer;
};

/* say - what went wrong, once; returns what a session returns for it */
static int say(const struct recorder *recorder, int err)
{
	if (!err || err == -EPIPE)
		return err;
	if (err == -EEXIST)
		fail(EXIT_CANNOT, "'%s' exists: choose another name, or overwrite it with --force",
		     recorder->name);
	else if (err == -E2BIG)
		fail(EXIT_CANNOT, "too many CPUs for a recording");
	else if (err == -EMSGSIZE)
		fail(EXIT_CANNOT, "cannot record to '%s': too much changed in one interval; "
		     "choose a shorter one", recorder->name);
	else
		fail(EXIT_CANNOT, "cannot record to '%s': %s", recorder->name, strerror(-err));
	return -ECANCELED;
}

/* create - opens file @name, empty; a device or pipe as it is */
static int create(const char *name, bool force)
{
	struct stat status;
	int err = 0;
	int fd;

	if (!strcmp(name, "-"))
		return STDOUT_FILENO;
	fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &status))
		err = -errno;
	else if (S_ISREG(status.st_mode) && status.st_size && !force)
		err = -EEXIST;
	else if (S_ISREG(status.st_mode) && ftruncate(fd, 0))
		err = -errno;
	if (!err)
		return fd;
	close(fd);
	return err;
}

int recorder__open(struct recorder **result, const char *name, bool force,
		   const struct machine *machine, const struct snapshot *snapshot)
{
	struct recorder *recorder = calloc(1, sizeof(*recorder));
	int err;

	if (!recorder)
		return -ENOMEM;
	recorder->name = name;
	recorder->fd = create(name, force);
	err = recorder->fd < 0 ? recorder->fd :
	      recording_writer__open(&recorder->writer, recorder->fd, stream__format_of(name),
				     machine, snapshot);
	err = say(recorder, err);
	if (err)
		recorder__free(recorder);
	else
		*result = recorder;
	return err;
}

static int close_file(struct recorder *recorder)
{
	int fd = recorder->fd;

	recorder->fd = -1;
	return fd > STDOUT_FILENO && close(fd) ? -errno : 0;
}

void recorder__free(struct recorder *recorder)
{
	if (!recorder)
		return;
	recording_writer__free(recorder->writer);
	close_file(recorder);
	free(recorder);
}

int recorder__snapshot(struct recorder *recorder, const struct snapshot *later,
		       const struct snapshot *earlier)
{
	return say(recorder, recording_writer__snapshot(recorder->writer, later, earlier));
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
	int err = recording_writer__end(recorder->writer, facts, kernel);

	return say(recorder, err ? err : close_file(recorder));
}

unsigned long long recorder__size(const struct recorder *recorder)
{
	return recording_writer__size(recorder->writer);
}
