// SPDX-License-Identifier: GPL-2.0-only
/* What this machine is, see machine.h. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array_size.h"
#include "base/printable.h"
#include "machine/machine.h"

#define SYS_CPU	"/sys/devices/system/cpu"
#define SYS_IRQ	"/sys/kernel/irq"

/* The chip_name of every vIPI, set by the kernel's ipi-mux.c. */
#define MUX_CHIP "IPI Mux"

/*
 * The kernel's long names and the words that its sources use for them. The same for every
 * architecture; the order is that of RISC-V, which has only grown at its end.
 */
static const struct {
	const char *description;
	const char *name;
} vipi_names[] = {
	{ "Rescheduling interrupts",		 "RESCHEDULE" },
	{ "Function call interrupts",		 "CALL_FUNC" },
	{ "CPU stop interrupts",		 "CPU_STOP" },
	{ "CPU stop (for crash dump) interrupts", "CPU_CRASH_STOP" },
	{ "IRQ work interrupts",		 "IRQ_WORK" },
	{ "Timer broadcast interrupts",		 "TIMER" },
	{ "CPU backtrace interrupts",		 "CPU_BACKTRACE" },
	{ "KGDB roundup interrupts",		 "KGDB_ROUNDUP" },
};

void machine__name_vipis(struct machine *machine)
{
	for (unsigned int vipi = 0; vipi < machine->nr_vipis; vipi++)
		if (vipi < ARRAY_SIZE(vipi_names))
			strcpy(machine->vipi_name[vipi], vipi_names[vipi].name);
		else
			snprintf(machine->vipi_name[vipi], MACHINE_NAME_SIZE, "vIPI%u", vipi);
}

/* read_line - the first line of a file, without its end */
static int read_line(const char *path, char *line, size_t size)
{
	FILE *file = fopen(path, "re");
	int err = 0;

	if (!file)
		return -errno;
	errno = 0;
	if (fgets(line, size, file))
		line[strcspn(line, "\n")] = '\0';
	else
		err = errno ? -errno : -ENODATA;
	fclose(file);
	return err;
}

static int read_cpus(const char *path, struct cpuset *cpus)
{
	char line[CPUSET_LIST_SIZE];
	int err = read_line(path, line, sizeof(line));

	return err ? err : cpuset__parse(cpus, line);
}

int machine__find_vipi(const struct machine *machine, const char *text)
{
	unsigned long number;
	char *end;

	for (unsigned int vipi = 0; vipi < machine->nr_vipis; vipi++)
		if (!strcasecmp(machine->vipi_name[vipi], text))
			return vipi;
	if (!isdigit((unsigned char)*text))
		return -1;
	number = strtoul(text, &end, 10);
	return *end || number >= machine->nr_vipis ? -1 : (int)number;
}

const char *machine__find_vipis(const struct machine *machine, const char *list, __u32 *vipis)
{
	__u32 set = 0;

	for (;;) {
		size_t length = strcspn(list, ",");
		char name[MACHINE_NAME_SIZE];
		int vipi = -1;

		if (length < sizeof(name)) {
			memcpy(name, list, length);
			name[length] = '\0';
			vipi = machine__find_vipi(machine, name);
		}
		if (vipi < 0)
			return list;
		set |= 1U << vipi;
		if (!list[length])
			break;
		list += length + 1;
	}
	*vipis = set;
	return NULL;
}

void machine__list_vipis(const struct machine *machine, char *buf, size_t size)
{
	size_t used = 0;

	buf[0] = '\0';
	for (unsigned int vipi = 0; vipi < machine->nr_vipis && used < size; vipi++)
		used += snprintf(buf + used, size - used, "%s%s", vipi ? ", " : "",
				 machine->vipi_name[vipi]);
}

int machine__read_online(struct cpuset *online)
{
	return read_cpus(SYS_CPU "/online", online);
}

bool machine__going_down(const struct machine *machine, const struct cpuset *online)
{
	for (unsigned int cpu = 0; cpu < CPUSET_MAX; cpu++) {
		char path[sizeof(SYS_CPU) + 64];
		char line[64];

		if (!cpuset__has(&machine->possible, cpu) || cpuset__has(online, cpu))
			continue;
		/* The kernel's hotplug state machine: 0 is down. Not there: no hotplug. */
		snprintf(path, sizeof(path), SYS_CPU "/cpu%u/hotplug/state", cpu);
		if (!read_line(path, line, sizeof(line)) && strcmp(line, "0"))
			return true;
	}
	return false;
}

/* read_vipi - if interrupt @irq is a vIPI, its number, else -1 */
static int read_vipi(const char *irq)
{
	char path[sizeof(SYS_IRQ) + 300];
	char line[64];
	char *end;
	unsigned long vipi;

	snprintf(path, sizeof(path), SYS_IRQ "/%s/chip_name", irq);
	if (read_line(path, line, sizeof(line)) || strcmp(line, MUX_CHIP))
		return -1;
	snprintf(path, sizeof(path), SYS_IRQ "/%s/hwirq", irq);
	if (read_line(path, line, sizeof(line)))
		return -1;
	vipi = strtoul(line, &end, 10);
	return end == line || *end || vipi >= IPIMUX_MAX_VIPIS ? -1 : (int)vipi;
}

static int read_vipis(struct machine *machine)
{
	DIR *dir = opendir(SYS_IRQ);
	struct dirent *entry;

	if (!dir)
		return -errno;
	while ((entry = readdir(dir))) {
		int vipi = isdigit((unsigned char)*entry->d_name) ? read_vipi(entry->d_name) : -1;

		if (vipi < 0)
			continue;
		machine->virq[vipi] = strtoul(entry->d_name, NULL, 10);
		if (vipi >= (int)machine->nr_vipis)
			machine->nr_vipis = vipi + 1;
	}
	closedir(dir);
	return 0;
}

int machine__parse_per_cpu(const struct cpuset *possible, const char *text, __u32 *counts)
{
	const char *separator = "";

	for (unsigned int cpu = 0; cpu < CPUSET_MAX; cpu++) {
		unsigned long long count;
		char *end;

		if (!cpuset__has(possible, cpu))
			continue;
		if (*separator && *text++ != *separator)
			return -EINVAL;
		if (!isdigit((unsigned char)*text))
			return -EINVAL;
		count = strtoull(text, &end, 10);
		if (count > UINT32_MAX)
			return -EINVAL;
		counts[cpu * IPIMUX_MAX_VIPIS] = count;
		text = end;
		separator = ",";
	}
	return *text ? -EINVAL : 0;
}

int machine__read_handled_of(const struct machine *machine, unsigned int vipi, __u32 *counts)
{
	char path[sizeof(SYS_IRQ) + 32];
	char line[CPUSET_MAX * 11];
	int err;

	if (!machine->virq[vipi])
		return 0;
	snprintf(path, sizeof(path), SYS_IRQ "/%u/per_cpu_count", machine->virq[vipi]);
	err = read_line(path, line, sizeof(line));
	return err ? err : machine__parse_per_cpu(&machine->possible, line, counts + vipi);
}

int machine__read_handled(const struct machine *machine, __u32 *counts)
{
	int err = 0;

	for (unsigned int vipi = 0; vipi < machine->nr_vipis && !err; vipi++)
		err = machine__read_handled_of(machine, vipi, counts);
	return err;
}

/* name_vipi - stores the short form of @description, or what fits of it */
static void name_vipi(char *name, const char *description)
{
	static const char suffix[] = " interrupts";
	size_t len = strlen(description);

	for (size_t i = 0; i < ARRAY_SIZE(vipi_names); i++) {
		if (!strcmp(description, vipi_names[i].description)) {
			snprintf(name, MACHINE_NAME_SIZE, "%s", vipi_names[i].name);
			return;
		}
	}
	if (len > sizeof(suffix) - 1 && !strcmp(description + len - (sizeof(suffix) - 1), suffix))
		len -= sizeof(suffix) - 1;
	if (len >= MACHINE_NAME_SIZE)
		len = MACHINE_NAME_SIZE - 1;
	memcpy(name, description, len);
	name[len] = '\0';
}

/* --- names that are one vIPI's --- */

/* clean_name - what options are made of is no part of it, and a byte is a column */
static void clean_name(char *name)
{
	make_printable(name);
	for (; *name; name++) {
		if (!isascii((unsigned char)*name))
			*name = '?';
		else if (*name == ',' || *name == '=')
			*name = '_';
	}
}

/* is_same_name - in any case; and where results are named, signs are all the same */
static bool is_same_name(const char *a, const char *b)
{
	for (; *a && *b; a++, b++) {
		bool sign = !isalnum((unsigned char)*a);

		if (sign != !isalnum((unsigned char)*b) ||
		    (!sign && tolower((unsigned char)*a) != tolower((unsigned char)*b)))
			return false;
	}
	return *a == *b;
}

/* is_others_number - would an option take it for that vIPI? */
static bool is_others_number(const char *name, unsigned int vipi)
{
	return !name[strspn(name, "0123456789")] && strtoul(name, NULL, 10) != vipi;
}

/* is_taken - by one of the set @settled */
static bool is_taken(const struct machine *machine, __u32 settled, const char *name)
{
	for (unsigned int vipi = 0; vipi < IPIMUX_MAX_VIPIS; vipi++)
		if (settled >> vipi & 1 && is_same_name(machine->vipi_name[vipi], name))
			return true;
	return false;
}

/* rename_vipi - "Doorbell" to "Doorbell.5", or "Doorbell.5.2"; what has no room is cut off */
static void rename_vipi(struct machine *machine, __u32 settled, unsigned int vipi)
{
	char name[MACHINE_NAME_SIZE], suffix[16];
	unsigned int try = 1;
	int room;

	do {
		if (try == 1)
			snprintf(suffix, sizeof(suffix), ".%u", vipi);
		else
			snprintf(suffix, sizeof(suffix), ".%u.%u", vipi, try);
		room = sizeof(name) - 1 - strlen(suffix);
		snprintf(name, sizeof(name), "%.*s%s", room, machine->vipi_name[vipi], suffix);
		try++;
	} while (is_taken(machine, settled, name));
	strcpy(machine->vipi_name[vipi], name);
}

void machine__settle_names(struct machine *machine)
{
	__u32 settled = 0;

	for (unsigned int vipi = 0; vipi < IPIMUX_MAX_VIPIS; vipi++) {
		char *name = machine->vipi_name[vipi];

		clean_name(name);
		/* One that is nobody else's stays, whatever others have to become. */
		if (!*name || (!is_others_number(name, vipi) && !is_taken(machine, settled, name)))
			settled |= 1U << vipi;
	}
	for (unsigned int vipi = 0; vipi < IPIMUX_MAX_VIPIS; vipi++) {
		if (settled >> vipi & 1)
			continue;
		rename_vipi(machine, settled, vipi);
		settled |= 1U << vipi;
	}
}

/* skip_counts - the description, behind a count for each online CPU */
static char *skip_counts(char *at)
{
	for (;;) {
		size_t digits;

		at += strspn(at, " ");
		digits = strspn(at, "0123456789");
		/* A number that goes on as a word is part of the description. */
		if (!digits || (at[digits] && at[digits] != ' '))
			return at;
		at += digits;
	}
}

void machine__parse_interrupts(struct machine *machine, FILE *interrupts)
{
	char *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, interrupts) > 0) {
		char *at = line + strspn(line, " ");
		char *end;
		unsigned long vipi;

		line[strcspn(line, "\n")] = '\0';
		if (strncmp(at, "IPI", 3) || !isdigit((unsigned char)at[3]))
			continue;
		vipi = strtoul(at + 3, &end, 10);
		if (*end != ':' || vipi >= IPIMUX_MAX_VIPIS)
			continue;
		at = skip_counts(end + 1);
		for (end = at + strlen(at); end > at && isspace((unsigned char)end[-1]); end--)
			end[-1] = '\0';
		if (*at)
			name_vipi(machine->vipi_name[vipi], at);
	}
	free(line);
	machine__settle_names(machine);
}

static struct failure *unread(int err)
{
	if (err == -ENOENT)
		return failure__new(FAILURE_BROKEN, err, "cannot read the interrupts: are /sys and "
				    "/proc mounted, and is CONFIG_SPARSE_IRQ set?");
	return failure__new(failure__kind_of(err), err, "cannot read the interrupts: %s",
			    strerror(-err));
}

struct failure *machine__read(struct machine *machine)
{
	FILE *interrupts;
	int err;

	memset(machine, 0, sizeof(*machine));
	err = read_cpus(SYS_CPU "/possible", &machine->possible);
	if (!err)
		err = read_vipis(machine);
	if (err)
		return unread(err);
	if (!machine->nr_vipis)
		return failure__new(FAILURE_UNSUPPORTED, -ENODEV, "no IPI multiplexer in this "
				    "kernel: no interrupt in /sys/kernel/irq has the chip 'IPI Mux' "
				    "(needs Linux 6.4 or later with CONFIG_SMP and "
				    "CONFIG_GENERIC_IRQ_IPI_MUX; see ipimux-trace doctor)");

	for (unsigned int vipi = 0; vipi < machine->nr_vipis; vipi++)
		snprintf(machine->vipi_name[vipi], MACHINE_NAME_SIZE, "vIPI%u", vipi);
	interrupts = fopen("/proc/interrupts", "re");
	if (!interrupts)
		return unread(-errno);
	machine__parse_interrupts(machine, interrupts);
	fclose(interrupts);
	return NULL;
}

/* parse_ticks - user, nice, system, idle, iowait, irq, softirq, which all kernels have here */
static bool parse_ticks(const char *at, __u64 *ticks)
{
	*ticks = 0;
	for (unsigned int column = 0; column < 7; column++) {
		unsigned long long value;
		char *end;

		at += strspn(at, " ");
		if (!isdigit((unsigned char)*at))
			return false;
		errno = 0;
		value = strtoull(at, &end, 10);
		if (errno || value > UINT64_MAX / 8 || (*end && !isspace((unsigned char)*end)))
			return false;
		*ticks += value;
		at = end;
	}
	return true;
}

int machine__parse_ran(const struct cpuset *possible, FILE *stat, unsigned long hertz, __u64 *ran)
{
	int err = -EINVAL;
	char *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, stat) > 0) {
		unsigned long cpu;
		__u64 ticks;
		char *end;

		if (strncmp(line, "cpu", 3) || !isdigit((unsigned char)line[3]))
			continue;
		cpu = strtoul(line + 3, &end, 10);
		if (*end != ' ' || cpu >= CPUSET_MAX || !cpuset__has(possible, cpu) ||
		    !parse_ticks(end, &ticks) || ticks / hertz >= INT64_MAX / 1000000000)
			continue;
		ran[cpu] = ticks / hertz * 1000000000 + ticks % hertz * 1000000000 / hertz;
		err = 0;
	}
	free(line);
	return err;
}

int machine__read_ran(const struct machine *machine, __u64 *ran)
{
	FILE *file = fopen("/proc/stat", "re");
	int err;

	if (!file)
		return -errno;
	memset(ran, 0, (cpuset__last(&machine->possible) + 1) * sizeof(*ran));
	err = machine__parse_ran(&machine->possible, file, sysconf(_SC_CLK_TCK), ran);
	fclose(file);
	return err;
}

void machine__read_symbols(struct symbols *symbols)
{
	FILE *file = fopen("/proc/kallsyms", "re");

	if (!file)
		return;
	symbols__read(symbols, file);
	fclose(file);
}

enum symbols_state machine__find_symbols(struct symbol_wanted *wanted, unsigned int nr_wanted,
					 struct symbols_functions *functions)
{
	FILE *file = fopen("/proc/kallsyms", "re");
	bool any;

	if (!file)
		return SYMBOLS_NONE;
	any = symbols__find(wanted, nr_wanted, functions, file);
	fclose(file);
	return any ? SYMBOLS_READ : SYMBOLS_HIDDEN;
}

long long machine__parse_clock_offset(FILE *offsets)
{
	long long seconds, ns, offset = 0;
	char *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, offsets) > 0)
		if (sscanf(line, "monotonic %lld %lld", &seconds, &ns) == 2 &&
		    llabs(seconds) < LLONG_MAX / 1000000000 && ns >= 0 && ns < 1000000000)
			offset = seconds * 1000000000 + ns;
	free(line);
	return offset;
}

long long machine__read_clock_offset(void)
{
	FILE *file = fopen("/proc/self/timens_offsets", "re");
	long long offset;

	/* A kernel without time namespaces has none. */
	if (!file)
		return 0;
	offset = machine__parse_clock_offset(file);
	fclose(file);
	return offset;
}

/* read_setting - a sysctl that is a number, or -1 */
static int read_setting(const char *path)
{
	FILE *file = fopen(path, "re");
	int value = -1;

	if (file && fscanf(file, "%d", &value) != 1)
		value = -1;
	if (file)
		fclose(file);
	return value;
}

int machine__kptr_restrict(void)
{
	return read_setting("/proc/sys/kernel/kptr_restrict");
}

const char *machine__jit_advice(void)
{
	int enabled = read_setting("/proc/sys/net/core/bpf_jit_enable");

	if (!enabled)
		return "sysctl net.core.bpf_jit_enable=1";
	if (enabled > 0)
		return "net.core.bpf_jit_enable is on, but the kernel compiles no program";
	/* Where it is not the machine's network, the setting is not to be seen. */
	return "use a kernel with CONFIG_BPF_JIT; in a container, sysctl "
	       "net.core.bpf_jit_enable=1 outside of the container";
}

int machine__ftrace_enabled(void)
{
	return read_setting("/proc/sys/kernel/ftrace_enabled");
}
