// SPDX-License-Identifier: GPL-2.0-only
/*
 * The recorded source of a session: the snapshots of a file, as fast as they can be
 * read. Asks this machine for nothing, and so needs no privileges.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "loader/loader.h"
#include "recording/recording.h"
#include "session/source.h"

/* unread - what is wrong with the recording, after -errno of its reader; 0: NULL */
static struct failure *unread(const struct session *session, int err)
{
	const char *error = session->reader ? recording_reader__error(session->reader) : "";
	const char *name = session->options->input;
	const char *what = strcmp(name, "-") ? name : "stdin";

	if (!err)
		return NULL;
	if (err == -EMFILE || err == -ENFILE)
		return loader__no_descriptors(err);
	if (err == -EBADMSG && *error)
		return failure__new(FAILURE_BROKEN, err, "%s: %s", what, error);
	return failure__new(failure__kind_of(err), err, "cannot read %s: %s", what, strerror(-err));
}

static struct failure *open_recorded(struct session *session)
{
	const char *name = session->options->input;
	int err;

	session->input = strcmp(name, "-") ? open(name, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
	err = session->input < 0 ? -errno : recording_reader__open(&session->reader, session->input,
								    session->options->max_memory);
	if (err)
		return unread(session, err);
	session->machine = *recording_reader__machine(session->reader);
	return session__check_cpus(&session->machine, session->options);
}

static int init_snapshot(const struct session *session, struct snapshot *snapshot)
{
	return recording_reader__init_snapshot(session->reader, snapshot);
}

/* read_snapshot - the one that comes next, which must be one */
static struct failure *read_snapshot(struct session *session, struct snapshot *later,
				     const struct snapshot *earlier)
{
	int next = recording_reader__next(session->reader);
	int err = next < 0 ? next : 0;

	if (next > 0)
		return failure__new(FAILURE_BROKEN, 0, "%s: the recording ends before the end of "
				    "its first interval: there is nothing to show",
				    session->options->input);
	if (!err)
		err = recording_reader__snapshot(session->reader, later, earlier);
	return unread(session, err);
}

static struct failure *read_first(struct session *session)
{
	return read_snapshot(session, &session->first, NULL);
}

/* is_last - does no interval follow? */
static bool is_last(struct session *session)
{
	int next = recording_reader__next(session->reader);

	return next == RECORDING_END || next == RECORDING_CLOSING || next == RECORDING_CUT_OFF;
}

/* read_looks - those that were taken while the interval went on */
static struct failure *read_looks(struct session *session)
{
	while (recording_reader__next(session->reader) == RECORDING_LOOK) {
		struct snapshot *look = session__spare(session);
		int err = recording_reader__snapshot(session->reader, look, session->later);
		struct failure *failure = err ? unread(session, err) : session__look(session, look);

		if (failure)
			return failure;
	}
	return NULL;
}

static struct failure *read_next(struct session *session, struct snapshot *later)
{
	struct failure *failure = read_looks(session);

	if (!failure)
		failure = read_snapshot(session, later, session->later);

	/* An error there is one of the next interval. */
	if (!failure)
		session->last = is_last(session);
	return failure;
}

static struct failure *audit_recorded(struct session *session, struct snapshot *later,
				      struct snapshot *difference, struct audit_facts *facts,
				      struct audit *audit)
{
	struct snapshot *last = session__spare(session);
	int err;

	/* What was worth looking at once more, was. */
	facts->final = true;
	if (recording_reader__next(session->reader) == RECORDING_CLOSING) {
		err = recording_reader__snapshot(session->reader, last, later);
		if (err)
			return unread(session, err);
		session__close_books(session, later, last, facts);
	}
	facts->cut_off = recording_reader__next(session->reader) != RECORDING_END;
	if (!facts->cut_off) {
		err = recording_reader__end(session->reader, facts, &later->kernel);
		if (err)
			return unread(session, err);
		snapshot__subtract_kernel(difference, later, &session->first);
	}
	return failure__of(audit__run(audit, difference, facts));
}

static void close_recorded(struct session *session)
{
	recording_reader__free(session->reader);
	if (session->input > STDIN_FILENO)
		close(session->input);
}

const struct source source_recorded = {
	.open		= open_recorded,
	.init_snapshot	= init_snapshot,
	.first		= read_first,
	.next		= read_next,
	.audit		= audit_recorded,
	.close		= close_recorded,
};
