/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A command that runs while something is measured: started in a process group of its own,
 * told about signals, and gone at the end with all that it left there. Looks at nothing
 * that the command writes.
 */
#ifndef COMMAND_H
#define COMMAND_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

struct command {
	pid_t pid;		/* 0: none was started */
	bool over;
	int error;		/* errno: it could not be started */
	int status;		/* once it is over, as of waitpid() */
	int told;		/* the signal that it was told to end by, or 0 */
	bool has_terminal;
};

/*
 * Starts @argv, with @blocked unblocked, which this process has blocked, and makes SIGCHLD
 * one that can be waited for. If it cannot be started, it is over, and says why.
 */
void command__start(struct command *command, char **argv, const sigset_t *blocked);

/* After a SIGCHLD. Returns whether it is over. */
bool command__look(struct command *command);

/* Passes a signal on that ends programs; the second one it cannot ignore. */
void command__tell(struct command *command, int signal);

/* Ends what is left of it: politely, then, after a second, not. */
void command__end(struct command *command);

#endif /* COMMAND_H */
