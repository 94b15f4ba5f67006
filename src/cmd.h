/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The subcommands, and what they share: exit statuses and how errors are said.
 */
#ifndef CMD_H
#define CMD_H

#define IPIMUX_VERSION "0.1"

enum exit_status {
	EXIT_DONE	= 0,
	EXIT_EXCEEDED	= 1,	/* a check failed, a limit was exceeded */
	EXIT_USAGE	= 2,
	EXIT_CANNOT	= 3,	/* cannot run here */
};

/* Each returns an exit status; argv[0] is the name to use in messages. */
int cmd_stat(int argc, char **argv);
int cmd_latency(int argc, char **argv);
int cmd_trace(int argc, char **argv);
int cmd_storm(int argc, char **argv);
int cmd_stuck(int argc, char **argv);
int cmd_matrix(int argc, char **argv);
int cmd_top(int argc, char **argv);
int cmd_record(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_help(int argc, char **argv);

/* Prints "ipimux-trace: ..." as one line on stderr; returns @status. */
int fail(enum exit_status status, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Parses a positive number of seconds ("1", "0.25"). Returns 0 and ns, or -EINVAL:
 * no number, below a microsecond, or above ten years.
 */
int parse_seconds(const char *text, unsigned long long *ns);

/* Parses a positive count. Returns 0, or -EINVAL: no number, 0, or too large. */
int parse_count(const char *text, unsigned long long *count);

#endif /* CMD_H */
