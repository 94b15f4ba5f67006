// SPDX-License-Identifier: GPL-2.0-only
/*
 * The command of `check`: that its end is known, however it ends, that signals reach it and
 * that none of it is left; also on a terminal. Has processes, unlike all other unit tests.
 */
#include <errno.h>
#include <pty.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "system/command.h"
#include "unit.h"

#define SH(script) (char *[]){ "/bin/sh", "-c", script, NULL }

static sigset_t ends;

static void pause_ms(int ms)
{
	struct timespec ts = { .tv_nsec = ms % 1000 * 1000000L, .tv_sec = ms / 1000 };

	nanosleep(&ts, NULL);
}

/* finish - waits for its end as `check` does, for five seconds at most */
static void finish(struct command *command)
{
	struct timespec pause = { .tv_nsec = 50000000 };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	for (int i = 0; i < 100 && !command__look(command); i++)
		sigtimedwait(&set, NULL, &pause);
	assert_true(command->over);
}

static void start(struct command *command, char **argv)
{
	sigprocmask(SIG_BLOCK, &ends, NULL);
	signal(SIGPIPE, SIG_IGN);
	command__start(command, argv, &ends);
}

static void test_ends(void **state)
{
	static const struct {
		char *script;
		int signal, status;
	} cases[] = {
		{ "exit 0", 0, 0 },
		{ "exit 7", 0, 7 },
		{ "kill -KILL $$", SIGKILL, 0 },
		/* What this program blocks or ignores, the command does not. */
		{ "kill -PIPE $$; exit 3", SIGPIPE, 0 },
		{ "kill -TERM $$; exit 3", SIGTERM, 0 },
		{ "kill -INT $$; exit 3", SIGINT, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct command command;

		start(&command, SH(cases[i].script));
		finish(&command);
		assert_int_equal(command.error, 0);
		if (cases[i].signal)
			check(WIFSIGNALED(command.status) &&
			      WTERMSIG(command.status) == cases[i].signal, "'%s': 0x%x",
			      cases[i].script, command.status);
		else
			check(WIFEXITED(command.status) &&
			      WEXITSTATUS(command.status) == cases[i].status, "'%s': 0x%x",
			      cases[i].script, command.status);
		command__end(&command);
	}
}

static void test_not_started(void **state)
{
	static const struct {
		char *name;
		int error;
	} cases[] = {
		{ "/no/such", ENOENT }, { "no-such-program", ENOENT }, { "/tmp", EACCES },
		{ "/dev/null", EACCES }, { "", ENOENT },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct command command;

		start(&command, (char *[]){ cases[i].name, NULL });
		check(command.over && command.error == cases[i].error, "'%s': %d",
		      cases[i].name, command.error);
		assert_true(command__look(&command));
		command__end(&command);
		/* It has been waited for. */
		assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	}
}

/* A shell that ignores SIGTERM, its group's, too, and one that is stopped. */
static void test_told(void **state)
{
	struct command command;

	start(&command, SH("trap '' TERM; while :; do sleep 0.05; done"));
	pause_ms(200);
	command__tell(&command, SIGTERM);
	pause_ms(200);
	assert_false(command__look(&command));
	command__tell(&command, SIGTERM);
	finish(&command);
	assert_true(WIFSIGNALED(command.status) && WTERMSIG(command.status) == SIGKILL);
	command__end(&command);

	start(&command, SH("kill -STOP $$; exit 5"));
	finish(&command);
	assert_int_equal(command.status, 5 << 8);
	command__end(&command);
}

/* is_gone - is no process of the group left, not even one that nobody waited for? */
static bool is_gone(pid_t group)
{
	return kill(-group, 0) && errno == ESRCH;
}

static void test_nothing_is_left(void **state)
{
	static char * const scripts[] = {
		"sleep 100 & exit 0",
		"trap '' TERM; sleep 100 & exit 0",
		"(sleep 100 & kill -STOP $!) & (sleep 100 & sleep 100) & exit 0",
	};

	for (size_t i = 0; i < ARRAY_SIZE(scripts); i++) {
		struct command command;
		pid_t group;

		start(&command, SH(scripts[i]));
		group = command.pid;
		finish(&command);
		assert_int_equal(command.status, 0);
		assert_false(is_gone(group));
		command__end(&command);
		check(is_gone(group), "'%s'", scripts[i]);
	}
	/* Nor of one that goes on. */
	for (int i = 0; i < 2; i++) {
		struct command command;
		pid_t group;

		start(&command, i ? SH("trap '' TERM; sleep 100; :") : SH("sleep 100; :"));
		group = command.pid;
		pause_ms(100);
		command__end(&command);
		assert_true(is_gone(group));
	}
}

/* on_terminal - Ctrl-C ends the command, not this program, which has the terminal again then */
static int on_terminal(void)
{
	struct command command;

	/* exec: dash may lose a SIGINT while it starts another program. */
	start(&command, SH("echo started; exec sleep 100"));
	if (!command.has_terminal || tcgetpgrp(STDIN_FILENO) != command.pid)
		return 2;
	finish(&command);
	if (!WIFSIGNALED(command.status) || WTERMSIG(command.status) != SIGINT)
		return 3;
	command__end(&command);
	return tcgetpgrp(STDIN_FILENO) == getpgrp() ? 0 : 4;
}

static void test_terminal(void **state)
{
	char text[256];
	int terminal, status;
	size_t length = 0;
	pid_t pid = forkpty(&terminal, NULL, NULL, NULL);

	assert_true(pid >= 0);
	if (!pid)
		_exit(on_terminal());
	while (length < sizeof(text) - 1 && !memmem(text, length, "started", 7)) {
		ssize_t more = read(terminal, text + length, sizeof(text) - 1 - length);

		assert_true(more > 0);
		length += more;
	}
	assert_int_equal(write(terminal, "\3", 1), 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	check(status == 0, "0x%x", status);
	close(terminal);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_not_started),
		cmocka_unit_test(test_told),
		cmocka_unit_test(test_nothing_is_left),
		cmocka_unit_test(test_terminal),
	};

	/* Who runs this in the background ignores it, and so would the commands. */
	signal(SIGINT, SIG_DFL);
	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGHUP);
	return UNIT_RUN("command", tests);
}
