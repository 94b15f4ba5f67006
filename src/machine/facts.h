/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What this kernel has and allows that a tracer needs, as it says itself. Facts only:
 * what they mean is for doctor.h. Reading them changes nothing.
 */
#ifndef FACTS_H
#define FACTS_H

#include <limits.h>
#include <stdio.h>
#include <linux/types.h>

#include "machine/machine.h"
#include "machine/parents.h"

/* The answer to a question with two answers. */
enum known { KNOWN_NOT, KNOWN_NO, KNOWN_YES };

/* The tracepoints of the mux. */
enum { FACTS_SEND, FACTS_UNMASK, FACTS_PROCESS, FACTS_NR_EVENTS };
extern const char * const facts_event[FACTS_NR_EVENTS];

/* What /proc/kallsyms is searched for. */
enum facts_symbol {
	FACTS_TRACEPOINTS,		/* three: those of the mux */
	FACTS_SBI_CALL = FACTS_TRACEPOINTS + FACTS_NR_EVENTS,	/* another tracepoint */
	FACTS_OWN_IPIS,			/* a function of RISC-V's IPIs before Linux 6.4 */
	FACTS_CREATE,			/* functions of the mux */
	FACTS_SEND_MASK,
	FACTS_MASK_ONE,
	FACTS_UNMASK_ONE,
	FACTS_PROCESS_ALL,
	FACTS_DIRECT_CALLS,		/* functions that there are only with ... */
	FACTS_TRAMPOLINES,
	FACTS_WORDS,			/* variables, also renamed: the mux's words, in Linux */
	FACTS_PATCHED_WORDS,		/* and in kernel-patch/ */
	FACTS_NR_SYMBOLS
};
extern const char * const facts_symbol[FACTS_NR_SYMBOLS];

/* Options of the kernel's configuration. */
enum facts_option {
	FACTS_SMP,
	FACTS_GENERIC_IRQ_IPI_MUX,
	FACTS_BPF_SYSCALL,
	FACTS_BPF_EVENTS,
	FACTS_BPF_JIT,
	FACTS_BPF_JIT_ALWAYS_ON,
	FACTS_BTF,
	FACTS_FTRACE_DIRECT,
	FACTS_NR_OPTIONS
};
extern const char * const facts_option[FACTS_NR_OPTIONS];	/* without "CONFIG_" */

/* Settings below /proc/sys. */
enum facts_setting {
	FACTS_JIT_ENABLE,
	FACTS_UNPRIVILEGED_BPF_DISABLED,
	FACTS_PERF_EVENT_PARANOID,
	FACTS_KPTR_RESTRICT,
	FACTS_FTRACE_ENABLED,
	FACTS_NR_SETTINGS
};
extern const char * const facts_setting[FACTS_NR_SETTINGS];	/* as for sysctl(8) */
#define FACTS_UNSET INT_MIN		/* not there, or not to be read */

struct facts {
	char release[65], architecture[65];

	struct machine machine;
	int machine_error;		/* -errno of machine__read(): it has its CPUs at most */
	struct cpuset online;
	enum known hotplug_states;	/* /sys tells of what runs when CPUs come and go */
	const struct parent *parent;	/* who carries the parent IPI; NULL: unknown */

	enum symbols_state symbols;	/* HIDDEN: names, but no addresses */
	bool symbol[FACTS_NR_SYMBOLS];
	__u32 raisers;			/* of parents[], bit by bit: its function is there */
	char config[96];		/* the file it was read from; "": none */
	bool option[FACTS_NR_OPTIONS];

	char tracefs[64];		/* where it is mounted; "": nowhere */
	enum known event[FACTS_NR_EVENTS];	/* there */
	enum known btf;
	long long btf_size;
	enum known kprobes;		/* perf takes them, so that programs can be there */
	int setting[FACTS_NR_SETTINGS];
	char lockdown[24];		/* "none", "integrity", ...; "": this kernel has none */

	/* Of the system call; loader__look() knows. */
	enum known bpf;			/* it is there */
	__u64 capabilities;		/* effective */
	bool tried;			/* whether it takes tracing programs; what came of that: */
	int try_error;			/* 0, or -errno from before the verifier looked at one */
	enum known reads_kernel;	/* whether a tracing program may read the kernel's memory */
};

/* Reads all but what is the system call's. What cannot be read stays unknown. */
void facts__read(struct facts *facts);

/* Is it there? Not known where there are no names, or no configuration. */
enum known facts__symbol(const struct facts *facts, enum facts_symbol symbol);
enum known facts__raiser(const struct facts *facts, const struct parent *parent);
enum known facts__option(const struct facts *facts, enum facts_option option);

/* --- parsers, for facts__read() and for tests: of text, which they do not believe --- */

/* Takes what is asked for above from text in the format of /proc/kallsyms. */
void facts__parse_symbols(struct facts *facts, FILE *kallsyms);

/*
 * Takes the options from a kernel's configuration. Returns 0; -ENODATA if it is none;
 * -EIO if it could not be read to its end: then nothing is taken.
 */
int facts__parse_config(struct facts *facts, FILE *config);

/*
 * Takes the parent from the names of the hotplug callbacks, "142: irqchip/...:starting": each
 * driver registers one when the mux is its. None or several of them: unknown.
 */
void facts__parse_states(struct facts *facts, FILE *states);

/*
 * The parent that a record of the kernel's log in the format of /dev/kmsg names, or NULL. Of what
 * programs wrote to that log nothing is believed.
 */
const struct parent *facts__parse_record(const char *record);

/*
 * Takes the variant of the parent from a device's "compatible", strings of @size bytes in all,
 * each with its 0. Returns whether this is the device of a variant.
 */
bool facts__parse_compatible(struct facts *facts, const char *strings, size_t size);

/* Takes where tracefs is mounted from text in the format of /proc/mounts. */
void facts__parse_mounts(struct facts *facts, FILE *mounts);

/* Takes the mode from "none [integrity] confidentiality". */
void facts__parse_lockdown(struct facts *facts, const char *text);

/* "1" or "-1" with white space around; FACTS_UNSET for all else. */
int facts__parse_setting(const char *text);

#endif /* FACTS_H */
