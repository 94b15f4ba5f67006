// SPDX-License-Identifier: GPL-2.0-only
/*
 * For libFuzzer: whatever the kernel writes to /proc/interrupts, /proc/stat and per_cpu_count,
 * reading it does no harm, and no count is taken for another. How an input begins says which
 * of them it is.
 */
#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "machine/machine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* No count is that: what is left alone. */
#define UNTOUCHED 0x5a5a5a5aU

static void check(int good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

static void read_interrupts(const char *text, size_t size)
{
	/* An empty one is none to fmemopen(). */
	FILE *file = size ? fmemopen((void *)text, size, "r") : fopen("/dev/null", "r");
	struct machine machine = { .nr_vipis = 8 };

	check(file != NULL, "no memory");
	for (unsigned int vipi = 0; vipi < IPIMUX_MAX_VIPIS; vipi++)
		snprintf(machine.vipi_name[vipi], MACHINE_NAME_SIZE, "vIPI%u", vipi);
	machine__parse_interrupts(&machine, file);
	fclose(file);

	check(machine.nr_vipis == 8 && cpuset__last(&machine.possible) == -1,
	      "it took more than names");
	for (unsigned int vipi = 0; vipi < IPIMUX_MAX_VIPIS; vipi++) {
		const char *name = machine.vipi_name[vipi];

		check(!machine.virq[vipi], "a name of a vIPI that cannot be");
		check(*name && memchr(name, '\0', MACHINE_NAME_SIZE), "a name without an end");
		for (; *name; name++)
			check(isascii(*name) && isprint(*name) && *name != ',' && *name != '=',
			      "a name that cannot be shown, or be an option");
		for (unsigned int other = 0; other < vipi; other++)
			check(strcasecmp(machine.vipi_name[vipi], machine.vipi_name[other]),
			      "a name of two");
	}
}

/* first_number - the number at @*text, which moves behind it; false: none of 32 bits */
static bool first_number(const char **text, __u32 *number)
{
	unsigned long long value = 0;

	if (!isdigit((unsigned char)**text))
		return false;
	for (; isdigit((unsigned char)**text); (*text)++) {
		value = value * 10 + **text - '0';
		if (value > UINT32_MAX)
			return false;
	}
	*number = value;
	return true;
}

/* expected - the counts in @text, found by other means; false: these are none */
static bool expected(const char *text, unsigned int nr, __u32 *counts)
{
	for (unsigned int i = 0; i < nr; i++) {
		if (i && *text++ != ',')
			return false;
		if (!first_number(&text, &counts[i]))
			return false;
	}
	return !*text;
}

/* read_per_cpu - of up to 16 CPUs, of which every other one may be missing */
static void read_per_cpu(const char *text, unsigned int what)
{
	static __u32 counts[CPUSET_MAX * IPIMUX_MAX_VIPIS];
	unsigned int nr = 1 + what % 16, step = 1 + what / 16 % 2;
	struct cpuset possible = {};
	__u32 truth[16] = {};
	bool good;
	int err;

	for (unsigned int i = 0; i < nr; i++)
		cpuset__add(&possible, i * step);
	for (unsigned int i = 0; i <= nr * step * IPIMUX_MAX_VIPIS; i++)
		counts[i] = UNTOUCHED;
	good = expected(text, nr, truth);
	err = machine__parse_per_cpu(&possible, text, counts + 3);
	check(err == (good ? 0 : -EINVAL), "counts that are none, or none that are");
	for (unsigned int i = 0; good && i < nr * step * IPIMUX_MAX_VIPIS; i++)
		if (i % (step * IPIMUX_MAX_VIPIS) == 3)
			check(counts[i] == truth[i / (step * IPIMUX_MAX_VIPIS)], "another count");
		else
			check(counts[i] == UNTOUCHED, "a count of somebody else");
}

/* read_ran - of CPUs 0 to 3, two of which there are */
static void read_ran(const char *text, size_t size)
{
	FILE *file = fmemopen((void *)text, size, "r");
	struct cpuset possible = {};
	__u64 ran[4] = {};
	int err;

	check(file != NULL, "no memory");
	cpuset__add(&possible, 1);
	cpuset__add(&possible, 3);
	err = machine__parse_ran(&possible, file, 100, ran);
	fclose(file);
	check(!ran[0] && !ran[2], "a CPU that there is not");
	check(ran[1] <= INT64_MAX && ran[3] <= INT64_MAX, "longer than there was time");
	check(!err || (!ran[1] && !ran[3]), "none, and yet one");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	check(text != NULL, "no memory");
	memcpy(text, data, size);
	text[size] = '\0';
	if (size && data[0] < 'I')
		read_per_cpu(text + 1, data[0]);
	else if (size && data[0] == 'c')
		read_ran(text, size);
	else
		read_interrupts(text, size);
	free(text);
	return 0;
}
