/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What this machine is: CPUs, the mux's vIPIs and their names. The only part
 * that reads /sys and /proc.
 */
#ifndef MACHINE_H
#define MACHINE_H

#include <stdio.h>
#include <linux/types.h>

#include "base/cpuset.h"
#include "base/failure.h"
#include "machine/symbols.h"
#include "bpf/ipimux.h"

#define MACHINE_NAME_SIZE 32

struct machine {
	struct cpuset possible;
	unsigned int nr_vipis;		/* the highest vIPI of the mux, plus one */
	char vipi_name[IPIMUX_MAX_VIPIS][MACHINE_NAME_SIZE];	/* ASCII, each another one */
	unsigned int virq[IPIMUX_MAX_VIPIS];	/* its number in /sys/kernel/irq; 0: none */
};

/*
 * Reads the machine this runs on. FAILURE_UNSUPPORTED, with -ENODEV: its kernel has no IPI mux;
 * all others have the errno of what could not be read.
 */
struct failure *machine__read(struct machine *machine);

/* Names all vIPIs as RISC-V numbers them: where nothing but their numbers is known. */
void machine__name_vipis(struct machine *machine);

/* The vIPI of that name (in any case) or number, or -1. */
int machine__find_vipi(const struct machine *machine, const char *text);

/*
 * The vIPIs of "NAME,NAME,...", at least one, as a set. Returns NULL, or where in @list the
 * name is that is none. Takes no memory: a list cannot become an empty one, which is all.
 */
const char *machine__find_vipis(const struct machine *machine, const char *list, __u32 *vipis);

/*
 * Makes all names such that each is that of one vIPI, for options and in what is shown: no
 * ',' and '=', no two that differ in case and signs only, none that is another's number. One
 * that has to give way ends in the number of its vIPI: "Doorbell.5".
 */
void machine__settle_names(struct machine *machine);

/* The names of all vIPIs as "RESCHEDULE, CALL_FUNC, ...", cut off at @size. */
void machine__list_vipis(const struct machine *machine, char *buf, size_t size);

/* The CPUs online now. Returns 0 or -errno; @online is only written on success. */
int machine__read_online(struct cpuset *online);

/*
 * Is any CPU on its way down, that is, offline already and not through with it?
 * @online: the CPUs that were online just before.
 */
bool machine__going_down(const struct machine *machine, const struct cpuset *online);

/*
 * How often the kernel itself counted each vIPI as handled since it started, as
 * counts[cpu * IPIMUX_MAX_VIPIS + vipi] for the possible CPUs. It counts modulo
 * 2^32, when the handler starts. Returns 0 or -errno.
 */
int machine__read_handled(const struct machine *machine, __u32 *counts);

/* The same of one vIPI, to its own places only. */
int machine__read_handled_of(const struct machine *machine, unsigned int vipi, __u32 *counts);

/*
 * Takes counts such as "12,0,34", one for each CPU of @possible in their order, for
 * the vIPI that @counts points to. Returns 0, or -EINVAL for any other text.
 */
int machine__parse_per_cpu(const struct cpuset *possible, const char *text, __u32 *counts);

/*
 * How long each CPU has been accounted for so far, as ran[cpu] in ns: all that the kernel knows
 * it did, idle or not, without what its host took (steal). A CPU that goes on does not stand
 * still in this; it moves in ticks. 0 for one that is offline. Returns 0 or -errno.
 */
int machine__read_ran(const struct machine *machine, __u64 *ran);

/*
 * Takes that from text in the format of /proc/stat, with @hertz of its ticks a second: the
 * lines "cpu0 12 0 34 ...". Lines it cannot read are passed over. Returns 0, or -EINVAL if
 * there is none of a CPU of @possible.
 */
int machine__parse_ran(const struct cpuset *possible, FILE *stat, unsigned long hertz, __u64 *ran);

/*
 * Takes the vIPIs' names from text in the format of /proc/interrupts: the lines
 * "IPI0: 12 34 Rescheduling interrupts". Lines it cannot read are passed over. Settles names.
 */
void machine__parse_interrupts(struct machine *machine, FILE *interrupts);

/* Finds the names of the kernel's functions, if it shows them; else look at the state. */
void machine__read_symbols(struct symbols *symbols);

/*
 * Finds the addresses of the kernel's symbols, 0 for those it does not have, and the functions
 * (NULL: none are asked for), as symbols__find(). Returns whether they were shown; SYMBOLS_NONE:
 * there is no list of them to read.
 */
enum symbols_state machine__find_symbols(struct symbol_wanted *wanted, unsigned int nr_wanted,
					 struct symbols_functions *functions);

/*
 * By how much this process' CLOCK_MONOTONIC is ahead of the machine's, which differs in a time
 * namespace, in ns. The parser takes text in the format of /proc/self/timens_offsets; what it
 * cannot read is 0.
 */
long long machine__read_clock_offset(void);
long long machine__parse_clock_offset(FILE *offsets);

/* The sysctl kernel.kptr_restrict, or -1. */
int machine__kptr_restrict(void);

/* What to do where BPF programs are interpreted. */
const char *machine__jit_advice(void);

/* The sysctl kernel.ftrace_enabled, or -1. At 0 programs at functions do not run. */
int machine__ftrace_enabled(void);

#endif /* MACHINE_H */
