/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What this machine is: CPUs, the mux's vIPIs and their names. The only part
 * that reads /sys and /proc.
 */
#ifndef MACHINE_H
#define MACHINE_H

#include <stdio.h>
#include <linux/types.h>

#include "cpuset.h"
#include "../bpf/ipimux.h"

#define MACHINE_NAME_SIZE 32

struct machine {
	struct cpuset possible;
	unsigned int nr_vipis;		/* the highest vIPI of the mux, plus one */
	char vipi_name[IPIMUX_MAX_VIPIS][MACHINE_NAME_SIZE];
};

/*
 * Reads the machine this runs on. Returns 0, -ENODEV if the kernel has no IPI
 * mux, -ENOENT if /sys or /proc is not there to read, or -errno.
 */
int machine__read(struct machine *machine);

/* The CPUs online now. Returns 0 or -errno; @online is only written on success. */
int machine__read_online(struct cpuset *online);

/*
 * Takes the vIPIs' names from text in the format of /proc/interrupts: the lines
 * "IPI0: 12 34 Rescheduling interrupts". Lines it cannot read are passed over.
 */
void machine__parse_interrupts(struct machine *machine, FILE *interrupts);

#endif /* MACHINE_H */
