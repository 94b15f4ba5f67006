/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the snapshots of a session come from. What a session does with them is the
 * same for all; only session.c and the sources themselves need this.
 */
#ifndef SOURCE_H
#define SOURCE_H

#include "session/session.h"

struct source {
	/* Finds out what the machine is, and prepares to take snapshots. */
	struct failure *(*open)(struct session *session);

	/* An empty snapshot with the tables there are. Returns 0 or -ENOMEM. */
	int (*init_snapshot)(const struct session *session, struct snapshot *snapshot);

	/* The first snapshot. */
	struct failure *(*first)(struct session *session);

	/* The next snapshot, after session->later; sets session->last if no other follows. */
	struct failure *(*next)(struct session *session, struct snapshot *later);

	/*
	 * Audits the run by @facts, filling in what is not known of them yet. @later is the
	 * last snapshot, @difference that of the whole run, to be kept up with what the
	 * kernel counted.
	 */
	struct failure *(*audit)(struct session *session, struct snapshot *later,
				 struct snapshot *difference, struct audit_facts *facts,
				 struct audit *audit);

	void (*close)(struct session *session);
};

extern const struct source source_live, source_recorded;

/* For a look: a snapshot whose contents nobody needs any more. */
struct snapshot *session__spare(struct session *session);
/*
 * The books of a run are closed at @last, which was taken behind @later, its end: into @facts what
 * follows from that.
 */
void session__close_books(struct session *session, const struct snapshot *later,
			  const struct snapshot *last, struct audit_facts *facts);
/* Looks for what is stuck at @look. */
struct failure *session__look(struct session *session, const struct snapshot *look);

#endif /* SOURCE_H */
