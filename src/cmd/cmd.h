/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The subcommands.
 */
#ifndef CMD_H
#define CMD_H

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
int cmd_check(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
int cmd_attach(int argc, char **argv);
int cmd_detach(int argc, char **argv);
int cmd_help(int argc, char **argv);

#endif /* CMD_H */
