/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The signals that end a run, SIGINT, SIGTERM and SIGHUP: they wait until there is time for
 * them, except where something may block for ever, a pipe that nobody reads, say. What a
 * run does about one is not decided here.
 */
#ifndef ENDING_H
#define ENDING_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Which they are: not those that whoever started this program made it ignore, as nohup does
 * with SIGHUP. SIGINT is one in any case, but a terminal's Ctrl-C does not count if it was
 * ignored: a shell without job control makes all that it starts with & ignore it, to keep
 * that from Ctrl-C, and kill -INT is how scripts end what they have started.
 */
void ending__signals(sigset_t *signals);

/* Blocks them, and SIGALRM, which is used here. Once, before there is anything to clean up. */
void ending__prepare(void);

/*
 * In a child, before its exec, or where a signal may end the program at any time: signals are what
 * they were when it was started.
 */
void ending__restore(void);

/*
 * Waits until @deadline (CLOCK_MONOTONIC, ns) for one of @signals, which are blocked. Returns
 * which one came, or 0.
 */
int ending__wait(const sigset_t *signals, unsigned long long deadline);

/*
 * What is called between these two may block. After a signal it fails with EINTR, at once and
 * ten times a second from then on, so that none is lost to the moment before a system call.
 * ending__wait() still sees the signal, after the second one. For what cannot say that it
 * was interrupted, such as a message on stderr. Nothing happens before ending__prepare().
 */
void ending__listen(void);
void ending__defer(void);

/*
 * For what tries again whenever it is interrupted, as ncurses does: half a second after a
 * signal all that is written to @fd fails, if somebody listens just then. @fd is a pipe then
 * that nobody reads. -1: no more.
 */
void ending__give_up(int fd);

/* Who listens, and ends because of one that is forgotten, has no more time than if one came now. */
void ending__hurry(void);

/* Has one come, while somebody listened or waited with them unblocked? And: that was seen to. */
bool ending__came(void);
void ending__forget(void);

/*
 * As write() and openat(), except that all of @data is written. A signal ends the wait for somebody
 * who does not read: when half a second has passed in which nothing was read. A reader who is only
 * slow gets all of it. Return 0 or a file descriptor, -EINTR after a signal, or -errno.
 */
int ending__write(int fd, const void *data, size_t size);
int ending__open(int directory, const char *name, int flags, mode_t mode);

#endif /* ENDING_H */
