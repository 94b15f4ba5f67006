// SPDX-License-Identifier: GPL-2.0-only
/* A command that runs while something is measured, see command.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/ending.h"
#include "system/command.h"

#define END_TRIES	100
#define END_PAUSE	10000000	/* ns */

/* give_terminal - whoever has it sees its Ctrl-C. Only for one that has it, of course. */
static void give_terminal(pid_t group)
{
	sigset_t set, before;

	/* Else it would stop whoever gives it away from the background. */
	sigemptyset(&set);
	sigaddset(&set, SIGTTOU);
	sigprocmask(SIG_BLOCK, &set, &before);
	tcsetpgrp(STDIN_FILENO, group);
	sigprocmask(SIG_SETMASK, &before, NULL);
}

static void run(char **argv, const sigset_t *blocked, bool has_terminal, pid_t parent,
		int report)
{
	ssize_t written;
	sigset_t set = *blocked;
	int error;

	/* Whatever happens to this program, the command does not outlive it. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127);
	setpgid(0, 0);
	if (has_terminal)
		give_terminal(getpid());
	signal(SIGPIPE, SIG_DFL);
	ending__restore();
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	execvp(*argv, argv);
	error = errno;
	written = write(report, &error, sizeof(error));
	_exit(written == sizeof(error) ? 127 : 126);
}

void command__start(struct command *command, char **argv, const sigset_t *blocked)
{
	pid_t parent = getpid();
	ssize_t length;
	sigset_t set;
	int report[2];

	*command = (struct command){
		.has_terminal = isatty(STDIN_FILENO) && tcgetpgrp(STDIN_FILENO) == getpgrp(),
	};
	/* What it leaves behind is then ours to wait for. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);

	if (pipe2(report, O_CLOEXEC)) {
		command->error = errno;
		command->over = true;
		return;
	}
	command->pid = fork();
	if (!command->pid)
		run(argv, blocked, command->has_terminal, parent, report[1]);
	if (command->pid < 0) {
		command->error = errno;
		command->pid = 0;
		command->over = true;
	} else {
		setpgid(command->pid, command->pid);
	}
	close(report[1]);
	/* Ends with the exec, or has what kept it from that. */
	do
		length = read(report[0], &command->error, sizeof(command->error));
	while (length < 0 && errno == EINTR);
	close(report[0]);
	if (command->pid && length == sizeof(command->error)) {
		waitpid(command->pid, NULL, 0);
		command->over = true;
	}
}

bool command__look(struct command *command)
{
	int status;

	if (command->over)
		return true;
	if (waitpid(command->pid, &status, WNOHANG | WUNTRACED) != command->pid)
		return false;
	if (WIFSTOPPED(status)) {
		/* Nobody could make it go on: the shell waits for this program. */
		kill(-command->pid, SIGCONT);
		return false;
	}
	command->status = status;
	command->over = true;
	return true;
}

void command__tell(struct command *command, int signal)
{
	if (command->over)
		return;
	kill(-command->pid, command->told ? SIGKILL : signal);
	command->told = signal;
	kill(-command->pid, SIGCONT);
}

void command__end(struct command *command)
{
	static const struct timespec pause = { .tv_nsec = END_PAUSE };

	if (!command->pid)
		return;
	/* One that the kernel does not let go of is given up. */
	for (int i = 0; i < 2 * END_TRIES; i++) {
		if (kill(-command->pid, !i ? SIGTERM : i < END_TRIES ? 0 : SIGKILL))
			break;
		if (!i)
			kill(-command->pid, SIGCONT);
		if (!command__look(command) || waitpid(-command->pid, NULL, WNOHANG) <= 0)
			nanosleep(&pause, NULL);
	}
	/* Those that left the group, and were its children. */
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	if (command->has_terminal)
		give_terminal(getpgrp());
	command->pid = 0;
}
