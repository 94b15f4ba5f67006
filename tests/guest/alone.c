// SPDX-License-Identifier: GPL-2.0-only
/*
 * The /init of a guest that has nothing but this and one other program: runs that as the
 * kernel's command line says, says how it ended, powers off. "+" stands between one run and the
 * next. No shell, no library, no other file; knows nothing of what runs.
 *
 * kernel command line: ... alone="/PROGRAM ARGUMENT... + /PROGRAM ARGUMENT..."
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define MAX_ARGUMENTS	30

static void mount_at(const char *type, const char *path)
{
	mkdir(path, 0755);
	if (mount(type, path, type, 0, NULL))
		perror(path);
}

/* run - one program; argv[0] is its path */
static void run(char **argv)
{
	int status;
	pid_t pid;

	printf("alone: run");
	for (char **arg = argv; *arg; arg++)
		printf(" %s", *arg);
	printf("\n");
	fflush(stdout);

	pid = fork();
	if (!pid) {
		execv(*argv, argv);
		perror(*argv);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		perror("alone");
	else if (WIFEXITED(status))
		printf("alone: status %d\n", WEXITSTATUS(status));
	else
		printf("alone: signal %d\n", WTERMSIG(status));
	fflush(stdout);
}

/* run_all - what @text says; the kernel makes an environment of what it does not know */
static void run_all(char *text)
{
	char *argv[MAX_ARGUMENTS + 1];
	int argc = 0;

	for (char *word = strtok(text, " "); word; word = strtok(NULL, " ")) {
		if (strcmp(word, "+")) {
			if (argc < MAX_ARGUMENTS)
				argv[argc++] = word;
			continue;
		}
		argv[argc] = NULL;
		if (argc)
			run(argv);
		argc = 0;
	}
	argv[argc] = NULL;
	if (argc)
		run(argv);
}

int main(void)
{
	char *text = getenv("alone");

	mount_at("proc", "/proc");
	mount_at("sysfs", "/sys");
	if (text)
		run_all(text);
	printf("alone: done\n");
	fflush(stdout);
	/* What is still on its way to the console would be lost. */
	tcdrain(STDOUT_FILENO);
	reboot(RB_POWER_OFF);
	return 1;
}
