// SPDX-License-Identifier: GPL-2.0-only
/* A file that somebody named to write to, see output.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/ending.h"
#include "system/output.h"
#include "system/place.h"

#define BUFFER_SIZE	65536
#define NAME_TRIES	100

struct output {
	const char *name;
	enum output_kind kind;
	bool force;
	bool standard;
	int fd;				/* -1: of a document that takes its place at the end */
	int err;			/* what became of the first write that failed */
	bool told;			/* and somebody was told */
	FILE *stream;
	char *text;			/* of a document, so far */
	size_t size;

	struct place place;
	struct stat old;		/* the file that is there */
	bool exists;			/* is one? */
	bool in_place;			/* it is written itself */
	char beside[NAME_MAX + 1];	/* the name of what is to take its place; "": none */
};

/* --- what is said --- */

struct failure *output__failure(const struct output *output, int err)
{
	const char *verb = output->kind == OUTPUT_RECORDING ? "record to" :
			   output->standard ? "write to" : "write";
	const char *quote = output->standard ? "" : "'";
	const char *name = output->standard ? "standard output" : output->name;
	const char *why = err == -EPIPE ? "its reader is gone" :
			  err == -EINTR ? "a signal ended the wait for a reader" : strerror(-err);

	if (output->standard && output->kind == OUTPUT_VIEW && (err == -EPIPE || err == -EINTR))
		return failure__new(FAILURE_UNREAD, err, "%s", why);
	if (err == -EEXIST)
		return failure__new(FAILURE_IN_USE, err, "'%s' exists: choose another name, or "
				    "overwrite it with --force", name);
	if (output->place.distrusted)
		return failure__new(FAILURE_NOT_PERMITTED, err, "cannot %s '%s': '%s' is a "
				    "symbolic link that another user may have made: name the file behind the "
				    "link", verb, name, output->place.name);
	return failure__new(failure__kind_of(err), err, "cannot %s %s%s%s: %s", verb, quote, name,
			    quote, why);
}

/* result - of a write, @err or the first that failed; told of once */
static struct failure *result(struct output *output, int err)
{
	struct failure *failure;

	if (!output->err)
		output->err = err;
	if (!output->err)
		return NULL;
	if (output->told)
		return failure__new(FAILURE_BROKEN, output->err, "%s", "");
	failure = output__failure(output, output->err);
	output->told = failure->kind != FAILURE_UNREAD;
	return failure;
}

/* --- the file --- */

/* make_beside - a new file in the directory of the one that it is to replace; returns its fd */
static int make_beside(struct output *output)
{
	unsigned long long number = clock__now(CLOCK_REALTIME) ^ (unsigned long long)getpid() << 32;

	for (int i = 0; i < NAME_TRIES; i++) {
		int fd;

		snprintf(output->beside, sizeof(output->beside), ".%.200s.%08x",
			 output->place.name, (unsigned int)((number + i) * 2654435761U));
		fd = openat(output->place.directory, output->beside,
			    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
		if (fd >= 0)
			return fd;
		if (errno != EEXIST)
			break;
	}
	*output->beside = '\0';
	return -errno;
}

static void remove_beside(struct output *output)
{
	if (*output->beside)
		unlinkat(output->place.directory, output->beside, 0);
	*output->beside = '\0';
}

/* take_looks - whose it is and who may read it stays as it was, as far as this user can say so */
static void take_looks(const struct output *output, int fd)
{
	struct stat status;

	if (!output->exists || fstat(fd, &status))
		return;
	if ((status.st_uid != output->old.st_uid || status.st_gid != output->old.st_gid) &&
	    fchown(fd, output->old.st_uid, output->old.st_gid))
		return;
	fchmod(fd, output->old.st_mode & 0777);
}

/* give_name - the new file gets the name that was asked for. None that has come since is lost */
static int give_name(struct output *output)
{
	const char *name = output->place.name;
	int directory = output->place.directory;
	struct stat status;

	if (!output->exists && !output->force) {
		if (!linkat(directory, output->beside, directory, name, 0)) {
			remove_beside(output);
			return 0;
		}
		/* Not every file system has links. */
		if (errno == EEXIST || !fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW))
			return -EEXIST;
	}
	if (renameat(directory, output->beside, directory, name))
		return -errno;
	*output->beside = '\0';
	return 0;
}

/* take_place - @fd, which is all in the file, is now that of the name */
static int take_place(struct output *output, int fd)
{
	int err;

	take_looks(output, fd);
	/* Else a crash may leave the name to a file that has nothing. */
	if (fsync(fd) && errno != EINVAL)
		return -errno;
	err = give_name(output);
	if (!err)
		fsync(output->place.directory);
	return err;
}

/* --- open --- */

static bool is_empty_and_mine(const struct stat *status)
{
	return !status->st_size && status->st_uid == geteuid() && status->st_nlink == 1;
}

static bool is_standard_output(const struct stat *status)
{
	struct stat standard;

	return !fstat(STDOUT_FILENO, &standard) && standard.st_dev == status->st_dev &&
	       standard.st_ino == status->st_ino;
}

/* open_as_it_is - what is no file that could be replaced */
static int open_as_it_is(struct output *output)
{
	int flags = O_WRONLY | O_NOCTTY | O_CLOEXEC | (output->place.of_proc ? 0 : O_NOFOLLOW);
	bool regular = S_ISREG(output->old.st_mode);

	if (output->place.of_proc && is_standard_output(&output->old)) {
		output->standard = true;
		output->fd = STDOUT_FILENO;
		return 0;
	}
	if (regular && output->old.st_size && !output->force)
		return -EEXIST;
	output->fd = ending__open(output->place.directory, output->place.name, flags, 0);
	if (output->fd < 0)
		return output->fd;
	output->in_place = regular;
	return regular && output->kind != OUTPUT_DOCUMENT && ftruncate(output->fd, 0) ? -errno : 0;
}

static int open_file(struct output *output)
{
	struct place *place = &output->place;
	int err = place__find(place, output->name);

	if (err)
		return err;
	if (!fstatat(place->directory, place->name, &output->old,
		     place->of_proc ? 0 : AT_SYMLINK_NOFOLLOW))
		output->exists = true;
	else if (errno != ENOENT)
		return -errno;
	if (output->exists && (place->of_proc || !S_ISREG(output->old.st_mode) ||
			       is_empty_and_mine(&output->old)))
		return open_as_it_is(output);
	if (output->exists && output->old.st_size && !output->force)
		return -EEXIST;

	output->fd = make_beside(output);
	if (output->fd < 0)
		return output->fd;
	/* That was to see whether it can be done: nothing is to be left if it is not, or killed. */
	if (output->kind == OUTPUT_DOCUMENT) {
		remove_beside(output);
		close(output->fd);
		output->fd = -1;
	}
	return 0;
}

static ssize_t write_stream(void *cookie, const char *data, size_t size)
{
	struct output *output = cookie;

	if (!output->err)
		output->err = ending__write(output->fd, data, size);
	/* What follows an error goes nowhere: whoever flushes is told. */
	return size;
}

static int open_stream(struct output *output)
{
	static const cookie_io_functions_t functions = { .write = write_stream };

	if (output->kind == OUTPUT_RECORDING)
		return 0;
	if (output->kind == OUTPUT_DOCUMENT) {
		output->stream = open_memstream(&output->text, &output->size);
		return output->stream ? 0 : -ENOMEM;
	}
	output->stream = fopencookie(output, "w", functions);
	if (!output->stream)
		return -ENOMEM;
	/* A terminal, too, gets all of it at a time. */
	return setvbuf(output->stream, NULL, _IOFBF, BUFFER_SIZE) ? -ENOMEM : 0;
}

struct failure *output__open(struct output **result, const char *name, enum output_kind kind,
			     bool force)
{
	struct output *output = calloc(1, sizeof(*output));
	struct failure *failure = NULL;
	int err;

	if (!output)
		return failure__of(-ENOMEM);
	*output = (struct output){
		.name = name, .kind = kind, .force = force, .fd = -1,
		.place.directory = -1, .standard = !strcmp(name, "-"),
	};
	if (output->standard)
		output->fd = STDOUT_FILENO;
	err = output->standard ? 0 : open_file(output);
	if (!err)
		err = open_stream(output);
	if (err) {
		failure = output__failure(output, err);
		output__close(output, false);
	} else {
		*result = output;
	}
	return failure;
}

FILE *output__stream(const struct output *output)
{
	return output->stream;
}

int output__descriptor(const struct output *output)
{
	return output->fd;
}

bool output__is_standard(const struct output *output)
{
	return output->standard;
}

bool output__needs_privileges(const struct output *output)
{
	struct stat directory;

	if (output->fd >= 0 || fstat(output->place.directory, &directory))
		return false;
	return directory.st_uid != geteuid() || !(directory.st_mode & S_IWUSR) ||
	       (output->exists && output->old.st_uid != geteuid());
}

/* --- write and close --- */

struct failure *output__flush(struct output *output)
{
	if (output->stream && fflush(output->stream))
		return result(output, -errno);
	return result(output, 0);
}

struct failure *output__show(struct output *output)
{
	struct failure *failure = output__flush(output);

	if (failure || !*output->beside)
		return failure;
	return result(output, take_place(output, output->fd));
}

/* write_beside - all of a document at once, which then takes its place */
static int write_beside(struct output *output)
{
	sigset_t signals, before;
	int fd, err;

	/* Who is killed in between leaves a file that nobody knows. */
	ending__signals(&signals);
	sigprocmask(SIG_BLOCK, &signals, &before);
	fd = make_beside(output);
	err = fd < 0 ? fd : ending__write(fd, output->text, output->size);
	if (!err)
		err = take_place(output, fd);
	if (fd >= 0 && close(fd) && !err)
		err = -errno;
	remove_beside(output);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return err;
}

static int write_document(struct output *output)
{
	int err;

	if (output->fd < 0)
		return write_beside(output);
	err = output->in_place && ftruncate(output->fd, 0) ? -errno : 0;
	if (!err)
		err = ending__write(output->fd, output->text, output->size);
	/* Half a document is none. */
	if (err && output->in_place && ftruncate(output->fd, 0))
		fail(EXIT_CANNOT, "'%s' is incomplete: remove the file", output->name);
	return err;
}

/* finish - what is not written yet is, and takes its place */
static struct failure *finish(struct output *output)
{
	struct failure *failure;

	if (output->kind != OUTPUT_DOCUMENT)
		return output__show(output);
	failure = output__flush(output);
	return failure ? failure : result(output, write_document(output));
}

struct failure *output__close(struct output *output, bool whole)
{
	struct failure *failure = NULL;

	if (!output)
		return NULL;
	if (whole)
		failure = finish(output);
	else
		output->err = -ECANCELED;
	if (output->stream)
		fclose(output->stream);
	free(output->text);
	if (output->fd >= 0 && output->fd != STDOUT_FILENO && close(output->fd) && whole &&
	    !failure)
		failure = result(output, -errno);
	remove_beside(output);
	place__close(&output->place);
	free(output);
	return failure;
}
