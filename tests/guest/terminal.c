// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs a command on a terminal of its own, with its exit status. "terminal reads COMMAND..." passes
 * on what it prints, and types what comes on standard input; "terminal stops SECONDS COMMAND..."
 * does so, too, until it holds all output back, as Ctrl-S does. Knows nothing of what is tested.
 */
#include <poll.h>
#include <pty.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <utmp.h>

static void pass_on(int from, int to)
{
	char buffer[4096];
	ssize_t count = read(from, buffer, sizeof(buffer));

	if (count > 0 && write(to, buffer, count) != count)
		_exit(127);
}

/* serve - until the command has ended; from @stop on (in seconds; 0: never) nothing comes out */
static int serve(int master, int slave, pid_t child, time_t stop)
{
	struct pollfd fds[] = {
		{ .fd = master, .events = POLLIN }, { .fd = STDIN_FILENO, .events = POLLIN },
	};
	struct timespec now;
	int status;

	for (;;) {
		pid_t gone = waitpid(child, &status, WNOHANG);

		clock_gettime(CLOCK_MONOTONIC, &now);
		if (stop && now.tv_sec >= stop) {
			tcflow(slave, TCOOFF);
			stop = 0;
		}
		if (poll(fds, 2, gone ? 0 : 50) <= 0)
			fds[0].revents = fds[1].revents = 0;
		if (fds[0].revents)
			pass_on(master, STDOUT_FILENO);
		if (fds[1].revents & POLLIN)
			pass_on(STDIN_FILENO, master);
		else if (fds[1].revents)
			fds[1].fd = -1;
		/* What it has said last may still be to come. */
		if (gone && !fds[0].revents)
			return status;
	}
}

int main(int argc, char **argv)
{
	const struct winsize size = { .ws_row = 50, .ws_col = 200 };
	bool stops = argc > 3 && !strcmp(argv[1], "stops");
	int master, slave, status;
	struct timespec now;
	pid_t child;

	if (!stops && (argc < 3 || strcmp(argv[1], "reads"))) {
		fprintf(stderr, "usage: terminal reads|stops SECONDS COMMAND...\n");
		return 2;
	}
	if (openpty(&master, &slave, NULL, NULL, &size)) {
		perror("openpty");
		return 127;
	}
	clock_gettime(CLOCK_MONOTONIC, &now);
	/* At once: before the command can say a word. */
	if (stops && !atoi(argv[2]))
		tcflow(slave, TCOOFF);
	child = fork();
	if (!child) {
		close(master);
		login_tty(slave);
		execvp(argv[2 + stops], argv + 2 + stops);
		_exit(127);
	}
	status = serve(master, slave, child, stops ? now.tv_sec + atoi(argv[2]) : 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
