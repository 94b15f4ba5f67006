// SPDX-License-Identifier: GPL-2.0-only
/*
 * The recorded source of a session: the snapshots of a file, as fast as they can be
 * read. Asks this machine for nothing, and so needs no privileges.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "recording/recording.h"
#include "session/source.h"

/* say - what is wrong with the recording; returns what a session returns for it */
static int say(const struct session *session, int err)
{
	const char *name = session->options->input;
	bool is_stdin = !strcmp(name, "-");

	if (err == -EMFILE || err == -ENFILE)
		fail_descriptors(err);
	else if (err == -EBADMSG && session->reader)
		fail(EXIT_CANNOT, "%s: %s", is_stdin ? "stdin" : name,
		     recording_reader__error(session->reader));
	else
		fail(EXIT_CANNOT, "cannot read %s: %s", is_stdin ? "stdin" : name, strerror(-err));
	return -ECANCELED;
}

static enum exit_status open_recorded(struct session *session)
{
	const char *name = session->options->input;
	int err;

	session->input = strcmp(name, "-") ? open(name, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
	err = session->input < 0 ? -errno : recording_reader__open(&session->reader, session->input,
								    session->options->max_memory);
	if (err)
		return session__end(say(session, err), EXIT_CANNOT);
	session->machine = *recording_reader__machine(session->reader);
	return check_cpus(&session->machine, session->options);
}

static int init_snapshot(const struct session *session, struct snapshot *snapshot)
{
	return recording_reader__init_snapshot(session->reader, snapshot);
}

/* read_snapshot - the one that comes next, which must be one */
static int read_snapshot(struct session *session, struct snapshot *later,
			 const struct snapshot *earlier)
{
	int next = recording_reader__next(session->reader);
	int err = next < 0 ? next : 0;

	if (next > 0) {
		fail(EXIT_CANNOT, "%s: it ends before its first interval did: "
		     "there is nothing to show", session->options->input);
		return -ECANCELED;
	}
	if (!err)
		err = recording_reader__snapshot(session->reader, later, earlier);
	return err ? say(session, err) : 0;
}

static int read_first(struct session *session)
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
static int read_looks(struct session *session)
{
	while (recording_reader__next(session->reader) == RECORDING_LOOK) {
		struct snapshot *look = session__spare(session);
		int err = recording_reader__snapshot(session->reader, look, session->later);

		if (err)
			return say(session, err);
		err = session__look(session, look);
		if (err)
			return err;
	}
	return 0;
}

static int read_next(struct session *session, struct snapshot *later)
{
	int err = read_looks(session);

	if (!err)
		err = read_snapshot(session, later, session->later);

	/* An error there is one of the next interval. */
	if (!err)
		session->last = is_last(session);
	return err;
}

static int audit_recorded(struct session *session, struct snapshot *later,
			  struct snapshot *difference, struct audit_facts *facts,
			  struct audit *audit)
{
	struct snapshot *last = session__spare(session);
	int err;

	/* What was worth looking at once more, was. */
	facts->told = true;
	if (recording_reader__next(session->reader) == RECORDING_CLOSING) {
		err = recording_reader__snapshot(session->reader, last, later);
		if (err)
			return say(session, err);
		session__close_books(session, later, last, facts);
	}
	facts->cut_off = recording_reader__next(session->reader) != RECORDING_END;
	if (!facts->cut_off) {
		err = recording_reader__end(session->reader, facts, &later->kernel);
		if (err)
			return say(session, err);
		snapshot__subtract_kernel(difference, later, &session->first);
	}
	return audit__run(audit, difference, facts);
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
