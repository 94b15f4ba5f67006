// SPDX-License-Identifier: GPL-2.0-only
/* The signals that end a run, see ending.h. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/array_size.h"
#include "base/clock.h"
#include "base/ending.h"

#define TICK_MS		100
/* So many times in turn nothing could be written: nobody reads. */
#define STALLED		5

static const int enders[] = { SIGINT, SIGTERM, SIGHUP };
#define NR_ENDERS	ARRAY_SIZE(enders)

static struct sigaction at_start[NR_ENDERS];
static bool known;		/* at_start is */
static bool prepared;
static sigset_t mask_at_start;
static sigset_t ours;		/* all that are blocked */
static volatile sig_atomic_t came[NR_ENDERS], any, ticking, ticks;
static int given_up = -1, nowhere = -1;

static void look_at_start(void)
{
	for (size_t i = 0; i < NR_ENDERS && !known; i++)
		sigaction(enders[i], NULL, &at_start[i]);
	known = true;
}

static bool was_ignored(size_t i)
{
	return at_start[i].sa_handler == SIG_IGN;
}

/* is_meant - see ending__signals() */
static bool is_meant(const siginfo_t *info)
{
	return info->si_signo != SIGINT || info->si_code != SI_KERNEL || !was_ignored(0);
}

void ending__signals(sigset_t *signals)
{
	look_at_start();
	sigemptyset(signals);
	for (size_t i = 0; i < NR_ENDERS; i++)
		if (enders[i] == SIGINT || !was_ignored(i))
			sigaddset(signals, enders[i]);
}

void ending__hurry(void)
{
	static const struct itimerval timer = {
		.it_interval.tv_usec = TICK_MS * 1000, .it_value.tv_usec = TICK_MS * 1000,
	};

	ticking = true;
	setitimer(ITIMER_REAL, &timer, NULL);
}

/* note - while somebody listens: who is in a system call gets out of it, now or soon */
static void note(int signal, siginfo_t *info, void *context)
{
	for (size_t i = 0; i < NR_ENDERS; i++) {
		if (enders[i] != signal || !is_meant(info))
			continue;
		came[i] = true;
		any = true;
		ending__hurry();
	}
}

static void tick(int signal, siginfo_t *info, void *context)
{
	if (given_up >= 0 && ++ticks > STALLED)
		dup2(nowhere, given_up);
}

void ending__prepare(void)
{
	/* No SA_RESTART: that is what it is for. */
	struct sigaction action = { .sa_flags = SA_SIGINFO };

	if (prepared)
		return;
	ending__signals(&ours);
	sigaddset(&ours, SIGALRM);
	sigprocmask(SIG_BLOCK, &ours, &mask_at_start);
	action.sa_mask = ours;
	for (int signal = 1; signal < NSIG; signal++) {
		action.sa_sigaction = signal == SIGALRM ? tick : note;
		if (sigismember(&ours, signal) == 1)
			sigaction(signal, &action, NULL);
	}
	prepared = true;
}

void ending__restore(void)
{
	if (!prepared)
		return;
	for (size_t i = 0; i < NR_ENDERS; i++)
		sigaction(enders[i], &at_start[i], NULL);
	signal(SIGALRM, SIG_DFL);
	sigprocmask(SIG_SETMASK, &mask_at_start, NULL);
}

int ending__wait(const sigset_t *signals, unsigned long long deadline)
{
	for (;;) {
		struct timespec ts = clock__timespec(clock__left(deadline));
		siginfo_t info;
		int signal = sigtimedwait(signals, &info, &ts);

		if (signal > 0 && is_meant(&info))
			return signal;
		if (signal < 0 && errno == EAGAIN)
			return 0;
	}
}

void ending__listen(void)
{
	ticks = 0;
	if (prepared)
		sigprocmask(SIG_UNBLOCK, &ours, NULL);
}

void ending__defer(void)
{
	if (!prepared)
		return;
	sigprocmask(SIG_BLOCK, &ours, NULL);
	/* They are blocked again: this is for whoever waits for them. */
	for (size_t i = 0; i < NR_ENDERS && any; i++)
		if (came[i])
			raise(enders[i]);
	ending__forget();
}

void ending__give_up(int fd)
{
	int ends[2];

	/* Without it, what stands still is waited for. */
	if (nowhere < 0 && !pipe2(ends, O_CLOEXEC)) {
		close(ends[0]);
		nowhere = ends[1];
	}
	given_up = nowhere < 0 ? -1 : fd;
}

bool ending__came(void)
{
	return any;
}

void ending__forget(void)
{
	static const struct itimerval none;
	static const struct timespec at_once;
	sigset_t alarm;

	if (ticking) {
		setitimer(ITIMER_REAL, &none, NULL);
		sigemptyset(&alarm);
		sigaddset(&alarm, SIGALRM);
		sigtimedwait(&alarm, NULL, &at_once);
	}
	for (size_t i = 0; i < NR_ENDERS; i++)
		came[i] = false;
	any = false;
	ticking = false;
}

/* is_read - is there less in the pipe than before? Room for more is only made by whole pages */
static bool is_read(int fd, int *before)
{
	struct stat status;
	int now, was = *before;

	if (fstat(fd, &status) || !S_ISFIFO(status.st_mode) || ioctl(fd, FIONREAD, &now))
		return false;
	*before = now;
	return now < was;
}

int ending__write(int fd, const void *data, size_t size)
{
	struct pollfd room = { .fd = fd, .events = POLLOUT };
	unsigned int stalled = 0;
	const char *at = data;
	int unread = 0;
	int err = 0;

	ending__listen();
	while (size && !err) {
		ssize_t count = write(fd, at, size);

		if (count > 0) {
			at += count;
			size -= count;
			stalled = 0;
			continue;
		}
		/* Whoever else has this file open may have made it one that never waits. */
		if (count < 0 && errno == EAGAIN)
			poll(&room, 1, TICK_MS);
		else if (!count || errno != EINTR)
			err = count ? -errno : -EIO;
		if (err || !any)
			continue;
		stalled = is_read(fd, &unread) ? 0 : stalled + 1;
		if (stalled > STALLED)
			err = -EINTR;
	}
	ending__defer();
	return err;
}

int ending__open(int directory, const char *name, int flags, mode_t mode)
{
	int fd;

	ending__listen();
	do
		fd = openat(directory, name, flags, mode);
	while (fd < 0 && errno == EINTR && !any);
	if (fd < 0)
		fd = -errno;
	ending__defer();
	return fd;
}
