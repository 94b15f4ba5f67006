// SPDX-License-Identifier: GPL-2.0-only
/* ipimux-trace: the table of its subcommands. */
#include <argp.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array_size.h"
#include "base/clock.h"
#include "base/ending.h"
#include "base/fail.h"
#include "base/version.h"
#include "cmd/cmd.h"
#include "machine/machine.h"
#include "made-revision.h"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *description;
} commands[] = {
	{ "stat", cmd_stat, "what each CPU sends and handles, every interval (the default)" },
	{ "latency", cmd_latency, "how long vIPIs wait to be handled" },
	{ "trace", cmd_trace, "single events, one a line, in order of time" },
	{ "storm", cmd_storm, "quiet until IPIs storm; then shows who sends them, and from where" },
	{ "stuck", cmd_stuck, "quiet until a vIPI is stuck; then shows which, and who sent it" },
	{ "matrix", cmd_matrix, "which CPU sends to which, every interval" },
	{ "top", cmd_top, "the busiest CPUs, vIPIs and pairs, on a full screen" },
	{ "record", cmd_record, "record a run to a file; replay it with -i" },
	{ "report", cmd_report, "show a whole run as one HTML page" },
	{ "check", cmd_check, "test a run against limits: KTAP and an exit status" },
	{ "doctor", cmd_doctor, "check whether ipimux-trace can run here, and what is missing" },
	{ "attach", cmd_attach, "leave counters running without a process; see --pinned" },
	{ "detach", cmd_detach, "remove the counters that attach left running" },
	{ "help", cmd_help, "show this list, or the options of a command" },
};

#define NR_COMMANDS	ARRAY_SIZE(commands)
#define DEFAULT_COMMAND	"stat"

/* run_command - runs @name, or returns -1 if there is no such command */
static int run_command(const char *name, int argc, char **argv)
{
	char title[64];

	for (size_t i = 0; i < NR_COMMANDS; i++) {
		if (strcmp(commands[i].name, name))
			continue;
		snprintf(title, sizeof(title), "ipimux-trace %s", name);
		argv[0] = title;
		return commands[i].run(argc, argv);
	}
	return -1;
}

int cmd_help(int argc, char **argv)
{
	char *help[] = { NULL, "--help", NULL };
	int status;

	if (argc > 2)
		return fail(EXIT_USAGE, "'%s' is one argument too many; see ipimux-trace help",
			    argv[2]);
	/* What there is to say about help is this list. */
	if (argc > 1 && strcmp(argv[1], "help") && strcmp(argv[1], "-h") &&
	    strcmp(argv[1], "--help")) {
		status = run_command(argv[1], 2, help);
		if (status < 0)
			return fail(EXIT_USAGE, "no command '%s'; see ipimux-trace help", argv[1]);
		return status;
	}
	printf("usage: ipimux-trace [COMMAND] [OPTION...] [ARGUMENT...]\n\n"
	       "Shows what the IPI multiplexer of RISC-V Linux does: which CPU sends which virtual\n"
	       "IPI (vIPI) to which CPU, how many sends interrupt their target, how long vIPIs\n"
	       "wait, and whether one was lost.\n\n"
	       "commands:\n");
	for (size_t i = 0; i < NR_COMMANDS; i++)
		printf("  %-8s %s\n", commands[i].name, commands[i].description);
	printf("\nWithout a command: %s. 'ipimux-trace help COMMAND' lists the options of one.\n"
	       "  -h, --help      show this list\n"
	       "  -V, --version   show the version\n", DEFAULT_COMMAND);
	return EXIT_DONE;
}

/* open_standard - else the first files that are opened would be taken for those */
static void open_standard(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/", O_PATH | O_DIRECTORY) != fd)
			_exit(EXIT_CANNOT);
}

/* close_stdout - at any exit, also that of argp after its help: all must have been written */
static void close_stdout(void)
{
	int err;

	ending__listen();
	err = fflush(stdout) ? errno : ferror(stdout) ? EIO : 0;
	ending__defer();
	if (!err || err == EPIPE || err == EINTR)
		return;
	_exit(fail(EXIT_CANNOT, "cannot write to standard output: %s", strerror(err)));
}

int main(int argc, char **argv)
{
	const char *first = argc > 1 ? argv[1] : "";
	int status;

	open_standard();
	atexit(close_stdout);
	clock__set_offset(machine__read_clock_offset());
	/* argp would exit with 64. */
	argp_err_exit_status = EXIT_USAGE;

	if (!strcmp(first, "-h") || !strcmp(first, "--help"))
		return cmd_help(1, argv);
	if (!strcmp(first, "-V") || !strcmp(first, "--version")) {
		/* There is none where it was not built in a git checkout. */
		printf("ipimux-trace %s%s\n", IPIMUX_VERSION,
		       *IPIMUX_REVISION ? " (" IPIMUX_REVISION ")" : "");
		return EXIT_DONE;
	}
	/* An option or a number belongs to the default command. */
	if (!*first || *first == '-' || *first == '.' || isdigit((unsigned char)*first))
		return run_command(DEFAULT_COMMAND, argc, argv);

	status = run_command(first, argc - 1, argv + 1);
	if (status < 0)
		return fail(EXIT_USAGE, "no command '%s'; see ipimux-trace help", first);
	return status;
}
