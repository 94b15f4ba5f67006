// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs a command on a terminal of its own, with its exit status: "terminal reads COMMAND..."
 * passes on what it prints, and types what comes on standard input; "terminal stands COMMAND..."
 * takes nothing of it, as one does after Ctrl-S. Knows nothing of what is tested.
 */
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void pass_on(int from, int to)
{
	char buffer[4096];
	ssize_t count = read(from, buffer, sizeof(buffer));

	if (count > 0 && write(to, buffer, count) != count)
		_exit(127);
}

/* serve - until the command has let go of its terminal */
static void serve(int master)
{
	struct pollfd fds[] = {
		{ .fd = master, .events = POLLIN }, { .fd = STDIN_FILENO, .events = POLLIN },
	};

	for (;;) {
		if (poll(fds, 2, -1) < 0)
			return;
		if (fds[0].revents & POLLIN)
			pass_on(master, STDOUT_FILENO);
		else if (fds[0].revents)
			return;
		if (fds[1].revents & POLLIN)
			pass_on(STDIN_FILENO, master);
		else if (fds[1].revents)
			fds[1].fd = -1;
	}
}

int main(int argc, char **argv)
{
	const struct winsize size = { .ws_row = 50, .ws_col = 200 };
	int master, status;
	pid_t child;

	if (argc < 3 || (strcmp(argv[1], "reads") && strcmp(argv[1], "stands"))) {
		fprintf(stderr, "usage: terminal reads|stands COMMAND...\n");
		return 2;
	}
	child = forkpty(&master, NULL, NULL, &size);
	if (!child) {
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	if (child < 0) {
		perror("forkpty");
		return 127;
	}
	if (!strcmp(argv[1], "reads"))
		serve(master);
	if (waitpid(child, &status, 0) != child)
		return 127;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
