// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs a command in a time namespace of its own, whose CLOCK_MONOTONIC is ahead of the machine's by
 * so many seconds. Changes nothing for anybody else.
 *
 * usage: timens SECONDS COMMAND [ARGUMENT...]
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME	0x80
#endif

static void die(const char *what)
{
	perror(what);
	exit(125);
}

int main(int argc, char **argv)
{
	int status = 0;
	FILE *offsets;
	pid_t child;

	if (argc < 3)
		return 2;
	if (unshare(CLONE_NEWTIME))
		die("unshare");
	offsets = fopen("/proc/self/timens_offsets", "w");
	if (!offsets || fprintf(offsets, "monotonic %s 0\n", argv[1]) < 0 || fclose(offsets))
		die("timens_offsets");
	/* Children are in it, and this process is not. */
	child = fork();
	if (child < 0)
		die("fork");
	if (!child) {
		execvp(argv[2], argv + 2);
		die(argv[2]);
	}
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
