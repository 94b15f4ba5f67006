// SPDX-License-Identifier: GPL-2.0-only
/* The multiplexer of a kernel without our tracepoints, see mux.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/capability.h>
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "base/array_size.h"
#include "loader/loader.h"
#include "machine/machine.h"
#include "ways/flags.h"
#include "ways/lookup.h"
#include "ways/memory.h"
#include "ways/mux.h"
#include "ways/mux_code.h"
#include "ways/untraceable.h"

#define BTF_FILE	"/sys/kernel/btf/vmlinux"

/* --- why it cannot be traced --- */

static struct failure *no_symbols(enum symbols_state state)
{
	if (state == SYMBOLS_NONE)
		return untraceable("the kernel has no /proc/kallsyms (CONFIG_KALLSYMS)");
	return UNTRACEABLE(FAILURE_UNSUPPORTED, 0, "the kernel hides its symbols' addresses (%s)",
			   symbols__advice(machine__kptr_restrict(),
					   loader__capabilities() >> CAP_SYSLOG & 1));
}

static struct failure *not_in_btf(void)
{
	return UNTRACEABLE(FAILURE_UNSUPPORTED, -ESRCH, "the kernel's BTF lacks some of them "
			   "(-v shows which)");
}

/* --- symbols of the kernel --- */

/* Last come the functions of parents[]: the mux uses one of them. */
enum {
	MUX_POINTER,		/* Linux: a variable that points to the words */
	MUX_WORDS,		/* kernel-patch/: the words themselves */
	MUX_SEND,		/* Linux: a variable that points to the function that raises */
	MUX_RAISE,		/* kernel-patch/: the same */
	OFFSETS,
	ONLINE,
	MASKS,
	DESCS,
	DIRECT_CALLS,		/* of ftrace, with which functions are traced... */
	TRAMPOLINES,		/* ...by BPF programs */
	FIRST_FUNCTION,
	MAX_SYMBOLS = FIRST_FUNCTION + PARENTS_MAX
};

/* name_symbols - returns how many there are to be found */
static unsigned int name_symbols(struct symbol_wanted symbols[MAX_SYMBOLS])
{
	static const struct symbol_wanted wanted[FIRST_FUNCTION] = {
		[MUX_POINTER]	= { "ipi_mux_pcpu", 0 },
		[MUX_WORDS]	= { "ipi_mux_cpus", 0 },
		[MUX_SEND]	= { "ipi_mux_send", 0 },
		[MUX_RAISE]	= { "ipi_mux_raise_parent", 0 },
		[OFFSETS]	= { "__per_cpu_offset", 0 },
		[ONLINE]	= { "__cpu_online_mask", 0 },
		[MASKS]		= { "cpu_bit_bitmap", 0 },
		[DESCS]		= { "ipi_desc", 0 },
		[DIRECT_CALLS]	= { "register_ftrace_direct", 0 },
		[TRAMPOLINES]	= { "arch_prepare_bpf_trampoline", 0 },
	};
	struct symbol_wanted *functions = symbols + FIRST_FUNCTION;
	unsigned int nr_parents;

	memset(symbols, 0, MAX_SYMBOLS * sizeof(*symbols));
	memcpy(symbols, wanted, sizeof(wanted));
	for (nr_parents = 0; parents[nr_parents].key; nr_parents++)
		functions[nr_parents].name = parents[nr_parents].function;
	return FIRST_FUNCTION + nr_parents;
}

/* find_symbols - in the list of all, with those that a compiler has renamed, and the code */
static struct failure *find_symbols(struct symbol_wanted symbols[MAX_SYMBOLS],
				    struct mux_code *code)
{
	unsigned int nr = name_symbols(symbols);
	enum symbols_state state = mux_code__read(code, symbols, nr);

	if (state != SYMBOLS_READ)
		return no_symbols(state);
	/* Programs are attached to functions by their own names. */
	for (unsigned int i = 0; FIRST_FUNCTION + i < nr; i++)
		if (parents[i].seen == PARENT_SEEN_AT_FUNCTION &&
		    symbols[FIRST_FUNCTION + i].renamed)
			symbols[FIRST_FUNCTION + i].address = 0;
	return NULL;
}

static bool has_words(const struct symbol_wanted *symbols)
{
	return symbols[OFFSETS].address &&
	       (symbols[MUX_POINTER].address || symbols[MUX_WORDS].address);
}

static bool has_raise(const struct symbol_wanted *symbols)
{
	return symbols[MUX_SEND].address || symbols[MUX_RAISE].address;
}

/* look_up_symbols - returns whether all are there that read_mux() needs */
static bool look_up_symbols(struct symbol_wanted symbols[MAX_SYMBOLS])
{
	unsigned int nr = name_symbols(symbols);

	return lookup__symbols(symbols, nr) == SYMBOLS_READ && symbols[ONLINE].address &&
	       has_words(symbols) && has_raise(symbols);
}

static struct failure *no_variables(void)
{
	return untraceable("/proc/kallsyms has no variables (CONFIG_KALLSYMS_ALL)");
}

/* check_variables - are those there that are to be read, also by programs at entries and exits? */
static struct failure *check_variables(const struct symbol_wanted *symbols)
{
	return symbols[ONLINE].address && has_words(symbols) && has_raise(symbols) ?
	       NULL : no_variables();
}

/* --- what they point to --- */

/* parent_of - the function that raises is known by its address; NULL: not a known one */
static const struct parent *parent_of(const struct symbol_wanted *symbols, __u64 raise)
{
	for (unsigned int i = 0; raise && parents[i].key; i++)
		if (raise == symbols[FIRST_FUNCTION + i].address)
			return &parents[i];
	return NULL;
}

/* mask_words - where the second mask begins, which is that of CPU 0; 0: that cannot be seen */
static unsigned int mask_words(const __u64 *masks, size_t nr)
{
	for (size_t i = 1; i < nr; i++)
		if (masks[i])
			return masks[i] == 1 ? i : 0;
	return 0;
}

/* More than a mask of as many CPUs as Linux can have has of words, twice. */
#define MASK_WORDS 130

/* read_mux - reads what the symbols point to */
static struct failure *read_mux(struct mux *mux, const struct memory *memory,
				const struct symbol_wanted *symbols, unsigned int nr_cpus)
{
	size_t size = nr_cpus * sizeof(__u64);
	__u64 masks[MASK_WORDS], raise = 0;
	int err = 0;

	mux->words = symbols[MUX_WORDS].address;
	mux->patched = !symbols[MUX_POINTER].address;
	mux->online = symbols[ONLINE].address;
	mux->masks = symbols[MASKS].address;
	mux->descs = symbols[DESCS].address;
	mux->direct_calls = symbols[DIRECT_CALLS].address;
	mux->raise_pointer = symbols[MUX_SEND].address ? symbols[MUX_SEND].address :
							 symbols[MUX_RAISE].address;
	mux->offsets = malloc(size);
	if (!mux->offsets)
		return failure__of(-ENOMEM);
	if (!mux->patched)
		err = memory__read(memory, &mux->words, symbols[MUX_POINTER].address,
				   sizeof(mux->words));
	if (!err && mux->raise_pointer)
		err = memory__read(memory, &raise, mux->raise_pointer, sizeof(raise));
	if (!err)
		err = memory__read(memory, mux->offsets, symbols[OFFSETS].address, size);
	if (!err && mux->masks)
		err = memory__read(memory, masks, mux->masks, sizeof(masks));
	if (err)
		return loader__not_loaded(err);
	mux->parent = parent_of(symbols, raise);
	mux->mask_words = mux->masks ? mask_words(masks, ARRAY_SIZE(masks)) : 0;
	return NULL;
}

/* find_by_symbols - what all variables have symbols for */
static struct failure *find_by_symbols(struct mux *mux, unsigned int nr_cpus,
				       const struct symbol_wanted *symbols)
{
	struct memory *memory = NULL;
	struct failure *failure = check_variables(symbols);

	if (!failure)
		failure = memory__open(&memory);
	if (!failure)
		failure = read_mux(mux, memory, symbols, nr_cpus);
	memory__free(memory);
	return failure;
}

/* find_traceable - its variables, if it is that its functions can be traced */
static struct failure *find_traceable(struct mux *mux, unsigned int nr_cpus,
				      const struct symbol_wanted *symbols)
{
	if (!symbols[DIRECT_CALLS].address || !symbols[TRAMPOLINES].address)
		return untraceable__no_fentry(0);
	return find_by_symbols(mux, nr_cpus, symbols);
}

struct failure *mux__find(struct mux *mux, unsigned int nr_cpus)
{
	struct symbol_wanted symbols[MAX_SYMBOLS];
	struct failure *failure;
	struct mux_code code;

	*mux = (struct mux){};
	if (access(BTF_FILE, R_OK))
		return untraceable("the kernel has no BTF (CONFIG_DEBUG_INFO_BTF)");
	if (!machine__ftrace_enabled())
		return UNTRACEABLE(FAILURE_BROKEN, 0, "ftrace is switched off: "
				   "sysctl kernel.ftrace_enabled=1");
	if (look_up_symbols(symbols)) {
		failure = find_traceable(mux, nr_cpus, symbols);
		/* A parent's function that a compiler has renamed is in the list only. */
		if (failure || mux->parent)
			return failure;
		mux__free(mux);
	}
	failure = find_symbols(symbols, &code);
	return failure ? failure : find_traceable(mux, nr_cpus, symbols);
}

struct failure *mux__find_anywhere(struct mux *mux, const struct memory *memory,
				   struct mux_code *code, unsigned int nr_cpus)
{
	struct symbol_wanted symbols[MAX_SYMBOLS];
	struct mux_words words;
	struct failure *failure;

	*mux = (struct mux){};
	failure = find_symbols(symbols, code);
	if (failure)
		return failure;
	if (!has_words(symbols)) {
		if (!mux_code__find_words(code, memory, nr_cpus, &words))
			return untraceable("/proc/kallsyms has no variables (CONFIG_KALLSYMS_ALL), "
					   "and the code of ipi_mux_mask() does not show where the "
					   "multiplexer's words are");
		symbols[MUX_POINTER].address = words.pointer;
		symbols[MUX_WORDS].address = words.words;
		symbols[OFFSETS].address = words.offsets;
	}
	if (!has_raise(symbols))
		symbols[MUX_SEND].address = mux_code__raise_pointer(code, memory);
	return read_mux(mux, memory, symbols, nr_cpus);
}

void mux__free(struct mux *mux)
{
	free(mux->offsets);
	mux->offsets = NULL;
}

struct failure *mux__find_parent(unsigned int nr_cpus, const struct parent **parent)
{
	struct symbol_wanted symbols[MAX_SYMBOLS];
	struct memory *memory = NULL;
	struct mux_code code;
	struct mux mux = {};
	struct failure *failure = memory__open(&memory);

	/* Without fentry: that is no matter where the parent IPI has a tracepoint. */
	if (!failure && look_up_symbols(symbols))
		failure = read_mux(&mux, memory, symbols, nr_cpus);
	if (!failure && !mux.parent) {
		mux__free(&mux);
		failure = mux__find_anywhere(&mux, memory, &code, nr_cpus);
	}
	memory__free(memory);
	mux__free(&mux);
	if (failure)
		return failure;
	*parent = mux.parent;
	if (*parent && (*parent)->seen == PARENT_SEEN_AT_FUNCTION &&
	    (!mux.direct_calls || access(BTF_FILE, R_OK) || !machine__ftrace_enabled()))
		*parent = NULL;
	return NULL;
}

/* --- programs at functions --- */

bool mux__from_outside(unsigned int flags)
{
	if (flags & PROBE_VIA)
		return !(flags & PROBE_VIA_TRACEPOINT);
	return loader__has_tracepoint("ipi_mux_send") == -ENOENT;
}

unsigned int mux__counted(unsigned int flags)
{
	return COUNTED(ALWAYS) | COUNTED(MASKS) | COUNTED(OUTSIDE) |
	       (flags & PROBE_LATENCY ? COUNTED(LATENCY) : 0);
}

struct failure *mux__trace_function(struct bpf_program *program, const char *name)
{
	int err = bpf_program__set_attach_target(program, 0, name);

	/* Nobody but libbpf has looked so far. */
	if (err == -ESRCH)
		return not_in_btf();
	return loader__not_loaded(err ? err : bpf_program__set_autoload(program, true));
}

/*
 * are_in_btf - are the functions that programs name in the kernel's BTF? libbpf looks when it
 * loads them, and what it says then the kernel can say, too, of other things. Of those whose
 * function is named later mux__trace_function() has seen to it; programs that go through a list of
 * the kernel's are at no function.
 */
static bool are_in_btf(const struct bpf_object *object)
{
	struct btf *btf = btf__load_vmlinux_btf();
	struct bpf_program *program;
	bool all = true;

	bpf_object__for_each_program(program, object) {
		const char *section = bpf_program__section_name(program);
		const char *function = strchr(section, '/');

		if (!btf || !function || !bpf_program__autoload(program))
			continue;
		if (bpf_program__type(program) == BPF_PROG_TYPE_TRACING &&
		    strncmp(section, "iter", 4))
			all &= btf__find_by_name_kind(btf, function + 1, BTF_KIND_FUNC) > 0;
	}
	btf__free(btf);
	return all;
}

struct failure *mux__explain(struct failure *failure, const struct bpf_object *object)
{
	if (!failure || are_in_btf(object))
		return failure;
	failure__free(failure);
	return not_in_btf();
}
