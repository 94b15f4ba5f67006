/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A run of a command: snapshots of a machine, one an interval, from where they come
 * (this machine, live, or a recording of one) to the audit of all of it. What all
 * commands that measure share: their options, and how a run ends.
 */
#ifndef SESSION_H
#define SESSION_H

#include <argp.h>
#include <signal.h>

#include "analysis/interval.h"
#include "audit/audit.h"
#include "audit/stuck.h"
#include "base/failure.h"
#include "counters/snapshot.h"
#include "machine/machine.h"

struct session_options {
	unsigned long long interval;	/* ns */
	unsigned long long count;	/* 0: until told to stop */
	const char *cpu_list;		/* as it was given; NULL: all CPUs */
	struct cpuset cpus;
	unsigned int probe_flags;	/* PROBE_... */
	unsigned long long stuck_threshold;	/* ns; 0: the default, STUCK_THRESHOLD */
	const char *input;		/* the recording to show, "-" stdin; NULL: live */
	unsigned long long max_memory;	/* bytes for that; 0: RECORDING_MEMORY */
	const char *record;		/* the file to record to, "-" stdout; NULL: none */
	bool force;			/* that file may exist, and any other that is written */
	bool paced;			/* an interval was asked for */
	const char *pinned;		/* read the counters left running as that; NULL: attach */
	bool since_attach;		/* from when those were attached */
};

#define SESSION_OPTIONS_DEFAULT { .interval = 1000000000 }

/*
 * The options and arguments that fill a session_options, for a command to have as a
 * child of its own: [INTERVAL [COUNT]], --cpu, --input, --pinned, --record, --force, --verbose.
 */
extern const struct argp session_argp;

/* --via, for a command that has options of its own: into @probe_flags, or argp_error(). */
#define SESSION_VIA_HELP "How to watch the multiplexer: tracepoint (its patch), fentry or kprobe " \
			 "(kernels without), or auto"
void session__take_way(const struct argp_state *state, const char *way, unsigned int *probe_flags);

/*
 * The same of -l and --latency[=N]. -l takes no N: it would take what stands behind it in -lj. The
 * key of the other one is none of any command.
 */
#define SESSION_TIME_HELP "Also time how long vIPIs wait to be handled"
#define SESSION_LATENCY_HELP "The same; with N, a power of two, of one wait in N, which costs less"
enum { SESSION_OPT_LATENCY = 0x2ff };
void session__take_latency(const struct argp_state *state, const char *one_in,
			   unsigned int *probe_flags);

struct session {
	/* The interval that session__next() came back with: its ends, and is it the last? */
	const struct snapshot *earlier, *later;
	bool last;

	/* What the whole run is about. */
	const struct session_options *options;
	struct machine machine;
	struct snapshot first;
	struct stuck stuck;		/* its reports are those of the last interval */
	bool hotplug;			/* CPUs came or went, so far */
	bool moving_first, moving_last;	/* CPUs came or went just at that edge */
	unsigned long long recorded;	/* bytes in the file that is recorded to, so far */

	/*
	 * Waits until @deadline (CLOCK_MONOTONIC, ns); returns true to end the run. What
	 * is there to begin with waits for the deadline, or a signal that ends programs.
	 * Nothing waits for a recording.
	 */
	bool (*wait)(struct session *session, unsigned long long deadline);

	/*
	 * In a long interval the counters are looked at once a second, too: called after each
	 * look, whose snapshot is @look, with what is stuck then. NULL: nobody wants to know.
	 */
	struct failure *(*looked)(struct session *session, const struct snapshot *look);
	sigset_t signals;		/* those, see ending.h; blocked in a live session */

	/* Its own; see source.h. */
	const struct source *source;
	struct snapshot recent[2];
	struct snapshot looks[2];	/* in the interval that goes on, and behind the last */
	const struct snapshot *seen;	/* the last look, or the last snapshot */
	struct snapshot since;		/* a difference up to a look behind the end */
	unsigned long long taken;	/* intervals */
	struct probe *probe;
	struct recorder *recorder;
	unsigned long long deadline;
	__u32 *unhandled;		/* [cpu] */
	struct recording_reader *reader;
	int input;			/* the file it reads */
};

/*
 * Live: blocks the signals that end programs, reads the machine, starts to count (or finds
 * the counters that do) and takes the first snapshot. Recorded: reads that machine and that
 * snapshot. Close it in any case; one that is all zeros, too.
 */
struct failure *session__open(struct session *session, const struct session_options *options);
void session__close(struct session *session);

/* Waits for the end of the next interval and takes its snapshot, or reads it. */
struct failure *session__next(struct session *session);

/* Room for a difference of two snapshots of this session. Returns 0 or -ENOMEM. */
int session__init_difference(const struct session *session, struct snapshot *difference);

/*
 * Audits the run, after its last interval: what is still pending, or still in its
 * handler, is given the time to be handled; a signal says that nobody wants to wait for
 * that. @interval becomes that of the whole run; interval->own has room for a difference.
 */
struct failure *session__audit(struct session *session, struct interval *interval,
			       struct audit *audit);

/* That @vipi is none of this machine, and which ones are. */
struct failure *session__no_vipi(const struct machine *machine, const char *vipi);

/* That the number of events missed, without which something is of no use, is not for this user. */
struct failure *session__missed_unknown(const struct session *session);

/* Are the CPUs there that were asked for? */
struct failure *session__check_cpus(const struct machine *machine,
				    const struct session_options *options);

#endif /* SESSION_H */
