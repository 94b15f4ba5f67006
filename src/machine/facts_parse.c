// SPDX-License-Identifier: GPL-2.0-only
/* Facts about the kernel out of what it writes, see facts.h. Opens no file. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/printable.h"
#include "machine/facts.h"

const char * const facts_event[FACTS_NR_EVENTS] = {
	[FACTS_SEND]	= "ipi_mux_send",
	[FACTS_UNMASK]	= "ipi_mux_unmask",
	[FACTS_PROCESS]	= "ipi_mux_process",
};

/* What calls a tracepoint's tracers is a function, so that it is listed in any kernel. */
const char * const facts_symbol[FACTS_NR_SYMBOLS] = {
	[FACTS_TRACEPOINTS + FACTS_SEND]	= "__traceiter_ipi_mux_send",
	[FACTS_TRACEPOINTS + FACTS_UNMASK]	= "__traceiter_ipi_mux_unmask",
	[FACTS_TRACEPOINTS + FACTS_PROCESS]	= "__traceiter_ipi_mux_process",
	[FACTS_SBI_CALL]			= "__traceiter_sbi_call",
	[FACTS_OWN_IPIS]			= "riscv_set_ipi_ops",
	[FACTS_CREATE]				= "ipi_mux_create",
	[FACTS_SEND_MASK]			= "ipi_mux_send_mask",
	[FACTS_MASK_ONE]			= "ipi_mux_mask",
	[FACTS_UNMASK_ONE]			= "ipi_mux_unmask",
	[FACTS_PROCESS_ALL]			= "ipi_mux_process",
	[FACTS_DIRECT_CALLS]			= "register_ftrace_direct",
	[FACTS_TRAMPOLINES]			= "arch_prepare_bpf_trampoline",
	[FACTS_WORDS]				= "ipi_mux_pcpu",
	[FACTS_PATCHED_WORDS]			= "ipi_mux_cpus",
};

const char * const facts_option[FACTS_NR_OPTIONS] = {
	[FACTS_SMP]			= "SMP",
	[FACTS_GENERIC_IRQ_IPI_MUX]	= "GENERIC_IRQ_IPI_MUX",
	[FACTS_BPF_SYSCALL]		= "BPF_SYSCALL",
	[FACTS_BPF_EVENTS]		= "BPF_EVENTS",
	[FACTS_BPF_JIT]			= "BPF_JIT",
	[FACTS_BPF_JIT_ALWAYS_ON]	= "BPF_JIT_ALWAYS_ON",
	[FACTS_BTF]			= "DEBUG_INFO_BTF",
	[FACTS_FTRACE_DIRECT]		= "DYNAMIC_FTRACE_WITH_DIRECT_CALLS",
};

const char * const facts_setting[FACTS_NR_SETTINGS] = {
	[FACTS_JIT_ENABLE]			= "net.core.bpf_jit_enable",
	[FACTS_UNPRIVILEGED_BPF_DISABLED]	= "kernel.unprivileged_bpf_disabled",
	[FACTS_PERF_EVENT_PARANOID]		= "kernel.perf_event_paranoid",
	[FACTS_KPTR_RESTRICT]			= "kernel.kptr_restrict",
	[FACTS_FTRACE_ENABLED]			= "kernel.ftrace_enabled",
};

enum known facts__symbol(const struct facts *facts, enum facts_symbol symbol)
{
	if (facts->symbols == SYMBOLS_NONE)
		return KNOWN_NOT;
	return facts->symbol[symbol] ? KNOWN_YES : KNOWN_NO;
}

enum known facts__raiser(const struct facts *facts, const struct parent *parent)
{
	if (facts->symbols == SYMBOLS_NONE)
		return KNOWN_NOT;
	return facts->raisers >> (parent - parents) & 1 ? KNOWN_YES : KNOWN_NO;
}

enum known facts__option(const struct facts *facts, enum facts_option option)
{
	if (!*facts->config)
		return KNOWN_NOT;
	return facts->option[option] ? KNOWN_YES : KNOWN_NO;
}

void facts__parse_symbols(struct facts *facts, FILE *kallsyms)
{
	struct symbols_line line;

	while (symbols__next_line(kallsyms, &line)) {
		/* Another's may have the same name. */
		if (line.module)
			continue;
		if (line.address)
			facts->symbols = SYMBOLS_READ;
		else if (facts->symbols == SYMBOLS_NONE)
			facts->symbols = SYMBOLS_HIDDEN;
		for (unsigned int i = 0; i < FACTS_NR_SYMBOLS; i++)
			if (i >= FACTS_WORDS ? symbols__is(line.name, facts_symbol[i]) :
					       !strcmp(line.name, facts_symbol[i]))
				facts->symbol[i] = true;
		for (unsigned int i = 0; parents[i].key; i++)
			if (!strcmp(line.name, parents[i].function))
				facts->raisers |= 1U << i;
	}
}

/* take_option - "CONFIG_SMP=y"; false if @line is no option at all, set or not */
static bool take_option(bool *options, const char *line)
{
	static const char prefix[] = "CONFIG_";
	size_t len;

	if (!strncmp(line, "# ", 2))
		return !strncmp(line + 2, prefix, sizeof(prefix) - 1) &&
		       strstr(line, " is not set\n");
	if (strncmp(line, prefix, sizeof(prefix) - 1))
		return false;
	line += sizeof(prefix) - 1;
	for (unsigned int i = 0; i < FACTS_NR_OPTIONS; i++) {
		len = strlen(facts_option[i]);
		if (!strncmp(line, facts_option[i], len) && !strcmp(line + len, "=y\n"))
			options[i] = true;
	}
	return true;
}

int facts__parse_config(struct facts *facts, FILE *config)
{
	bool options[FACTS_NR_OPTIONS] = {};
	bool any = false;
	char *line = NULL;
	size_t size = 0;
	int err = 0;

	while (getline(&line, &size, config) > 0)
		any |= take_option(options, line);
	free(line);
	if (!feof(config) || ferror(config))
		err = -EIO;
	else if (!any)
		err = -ENODATA;
	else
		memcpy(facts->option, options, sizeof(options));
	return err;
}

/* end_of_line - @line without white space at its end */
static void end_of_line(char *line)
{
	size_t len = strlen(line);

	while (len && isspace((unsigned char)line[len - 1]))
		len--;
	line[len] = '\0';
}

void facts__parse_states(struct facts *facts, FILE *states)
{
	const struct parent *found = NULL;
	bool several = false;
	char *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, states) > 0) {
		const struct parent *parent;

		end_of_line(line);
		parent = parents__by_state(line);
		if (!parent)
			continue;
		several |= found && found != parent;
		found = parent;
	}
	free(line);
	facts->parent = several ? NULL : found;
}

const struct parent *facts__parse_record(const char *record)
{
	char text[256], *end;
	unsigned long priority = strtoul(record, &end, 10);
	size_t len;

	/* "6,339,5140900,-;riscv: ...": in the first number is who wrote it, 0 is the kernel. */
	if (end == record || *end != ',' || priority >> 3)
		return NULL;
	record = strchr(end, ';');
	if (!record++)
		return NULL;
	len = strcspn(record, "\n");
	if (len >= sizeof(text))
		return NULL;
	memcpy(text, record, len);
	text[len] = '\0';
	return parents__by_log(text);
}

bool facts__parse_compatible(struct facts *facts, const char *strings, size_t size)
{
	const char *end = strings + size;

	for (; strings < end && memchr(strings, '\0', end - strings);
	     strings += strlen(strings) + 1) {
		const struct parent *variant = parents__variant(facts->parent, strings);

		if (variant) {
			facts->parent = variant;
			return true;
		}
	}
	return false;
}

void facts__parse_mounts(struct facts *facts, FILE *mounts)
{
	char *line = NULL;
	size_t size = 0;

	while (!*facts->tracefs && getline(&line, &size, mounts) > 0) {
		char *save, *where, *type;

		if (!strtok_r(line, " \n", &save))
			continue;
		where = strtok_r(NULL, " \n", &save);
		type = strtok_r(NULL, " \n", &save);
		/* A path with a space in it has a backslash instead: not the place to look at. */
		if (!type || strcmp(type, "tracefs") || strchr(where, '\\') ||
		    strlen(where) >= sizeof(facts->tracefs) || !is_printable(where))
			continue;
		strcpy(facts->tracefs, where);
	}
	free(line);
}

void facts__parse_lockdown(struct facts *facts, const char *text)
{
	const char *start = strchr(text, '[');
	size_t len = start ? strcspn(start + 1, "]\n") : 0;

	if (!len || start[1 + len] != ']' || len >= sizeof(facts->lockdown))
		return;
	memcpy(facts->lockdown, start + 1, len);
	facts->lockdown[len] = '\0';
	make_printable(facts->lockdown);
}

int facts__parse_setting(const char *text)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(text, &end, 10);
	if (end == text || errno || value > INT_MAX || value <= INT_MIN)
		return FACTS_UNSET;
	end += strspn(end, " \t\n");
	return *end ? FACTS_UNSET : (int)value;
}
