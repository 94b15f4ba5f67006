// SPDX-License-Identifier: GPL-2.0-only
/* Symbols that the kernel looks up, see lookup.h. */
#include <stdbool.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/array_size.h"
#include "loader/loader.h"
#include "ways/lookup.h"
#include "bpf/lookup.h"
#include "lookup.skel.h"

/*
 * Loaded once, and there until the process ends. A program of this kind may sleep: when it is
 * freed, RCU sends IPIs to all CPUs, which would deliver what was lost before the tool began to
 * count.
 */
static struct lookup_bpf *program;

/* load - returns whether it is there */
static bool load(void)
{
	struct failure *failure;

	if (program)
		return true;
	program = lookup_bpf__open();
	if (!program)
		return false;
	failure = loader__load(program->skeleton);
	if (!failure)
		return true;
	failure__free(failure);
	lookup_bpf__destroy(program);
	program = NULL;
	return false;
}

static enum symbols_state look_up(struct lookup_bpf *bpf, struct symbol_wanted *wanted)
{
	LIBBPF_OPTS(bpf_test_run_opts, run);
	size_t length = strlen(wanted->name);

	if (length >= ARRAY_SIZE(bpf->bss->name))
		return SYMBOLS_READ;
	memset(bpf->bss->name, 0, sizeof(bpf->bss->name));
	memcpy(bpf->bss->name, wanted->name, length);
	if (bpf_prog_test_run_opts(bpf_program__fd(bpf->progs.look_up), &run))
		return SYMBOLS_NONE;
	wanted->address = bpf->bss->address;
	return run.retval ? SYMBOLS_HIDDEN : SYMBOLS_READ;
}

enum symbols_state lookup__symbols(struct symbol_wanted *wanted, unsigned int nr_wanted)
{
	/* Older kernels have no programs of this kind; then there is the list. */
	enum symbols_state state = load() ? SYMBOLS_READ : SYMBOLS_NONE;

	for (unsigned int i = 0; i < nr_wanted; i++)
		wanted[i].address = 0;
	for (unsigned int i = 0; i < nr_wanted && state == SYMBOLS_READ; i++)
		state = look_up(program, &wanted[i]);
	return state;
}
