// SPDX-License-Identifier: GPL-2.0-only
/* The multiplexer's own words, see words.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/array_size.h"
#include "loader/loader.h"
#include "ways/kernel_types.h"
#include "ways/lookup.h"
#include "ways/memory.h"
#include "ways/mux_code.h"
#include "ways/words.h"
#include "bpf/words.h"
#include "words.skel.h"

struct words_reader {
	struct words_bpf *bpf;
	unsigned int cpus_mask;
	unsigned int pending;	/* which of the two words that is; the other is enabled */
};

static int run(const struct bpf_program *program, const __u64 *args, size_t size)
{
	LIBBPF_OPTS(bpf_test_run_opts, options, .ctx_in = args, .ctx_size_in = size);
	int err = bpf_prog_test_run_opts(bpf_program__fd(program), &options);

	return err ? err : (int)options.retval;
}

/*
 * pending_word - which word is the pending one, in the structure that the kernel's types
 * describe; without them, as Linux has had it so far
 */
static unsigned int pending_word(void)
{
	struct btf *types = kernel_types__open();
	int offset = kernel_types__offset(types, "ipi_mux_cpu", "bits");

	kernel_types__free(types);
	return offset < 0 ? 1 : offset / sizeof(__u32);
}

static struct failure *load(struct words_reader *reader)
{
	size_t nr = reader->cpus_mask + 1UL;
	struct words_bpf *bpf = reader->bpf = words_bpf__open();
	struct failure *failure;

	if (!bpf)
		return loader__not_loaded(-errno);
	bpf->rodata->cpus_mask = reader->cpus_mask;
	failure = loader__size_table(bpf->maps.data_places, nr, sizeof(__u64));
	if (!failure)
		failure = loader__size_table(bpf->maps.data_words, nr, sizeof(struct words_of_cpu));
	return failure ? failure : loader__load(bpf->skeleton);
}

/* is_no_wonder - is it that this kernel, or this user, is not to read them? */
static bool is_no_wonder(const struct failure *failure)
{
	return failure->kind != FAILURE_BROKEN || loader__reads_kernel() != KNOWN_YES;
}

static bool are_found(const struct words_symbols *symbols)
{
	return (symbols->words || symbols->pointer) && symbols->offsets;
}

/* find_in_code - where the kernel has symbols of functions only, on RISC-V */
static bool find_in_code(struct words_symbols *symbols, const struct mux_code *code)
{
	struct memory *memory = NULL;
	struct mux_words words;

	if (!code->nr_functions)
		return false;
	failure__free(memory__open(&memory));
	if (!memory || !mux_code__find_words(code, memory, symbols->nr_cpus, &words)) {
		memory__free(memory);
		return false;
	}
	memory__free(memory);
	symbols->words = words.words;
	symbols->pointer = words.pointer;
	symbols->offsets = words.offsets;
	return true;
}

static bool take_addresses(struct words_symbols *symbols, const struct symbol_wanted wanted[3])
{
	symbols->words = wanted[0].address;
	symbols->pointer = wanted[1].address;
	symbols->offsets = wanted[2].address;
	return are_found(symbols);
}

/*
 * find_symbols - from the kernel; or, if it cannot look them up or a compiler has renamed
 * them, in the list of all; false: there are none, or none that are shown
 */
static bool find_symbols(struct words_symbols *symbols)
{
	struct symbol_wanted wanted[] = {
		{ .name = "ipi_mux_cpus" }, { .name = "ipi_mux_pcpu" },
		{ .name = "__per_cpu_offset" },
	};
	enum symbols_state state = lookup__symbols(wanted, ARRAY_SIZE(wanted));
	struct mux_code code;

	if (state == SYMBOLS_HIDDEN)
		return false;
	if (state == SYMBOLS_READ && take_addresses(symbols, wanted))
		return true;
	if (mux_code__read(&code, wanted, ARRAY_SIZE(wanted)) != SYMBOLS_READ)
		return false;
	return take_addresses(symbols, wanted) || find_in_code(symbols, &code);
}

struct failure *words__open(struct words_reader **result, const struct machine *machine)
{
	unsigned int last = cpuset__last(&machine->possible);
	struct words_reader *reader = calloc(1, sizeof(*reader));
	struct words_symbols *symbols;
	struct failure *failure;

	*result = NULL;
	if (!reader)
		return failure__of(-ENOMEM);
	while (reader->cpus_mask < last)
		reader->cpus_mask = reader->cpus_mask << 1 | 1;
	failure = load(reader);
	if (failure && is_no_wonder(failure)) {
		failure__free(failure);
		failure = NULL;
		goto free;
	}
	if (failure)
		goto free;
	symbols = &reader->bpf->bss->symbols;
	symbols->nr_cpus = last + 1;
	if (!find_symbols(symbols) || run(reader->bpf->progs.find_places, NULL, 0))
		goto free;
	reader->pending = symbols->words ? 0 : pending_word();
	*result = reader;
	return NULL;
free:
	words__free(reader);
	return failure;
}

void words__free(struct words_reader *reader)
{
	if (!reader)
		return;
	words_bpf__destroy(reader->bpf);
	free(reader);
}

__u64 words__enabled_at(const struct words_reader *reader, unsigned int cpu)
{
	return reader->bpf->data_places->places[cpu] + (reader->pending ? 0 : sizeof(__u32));
}

bool words__read(struct words_reader *reader, unsigned int first, unsigned int last,
		 __u32 *pending, __u32 *enabled)
{
	const struct words_of_cpu *words = reader->bpf->data_words->words;
	__u64 args[] = { first, last - first + 1 };

	if (last > reader->cpus_mask || first > last ||
	    run(reader->bpf->progs.read_words, args, sizeof(args)))
		return false;
	for (unsigned int cpu = first; cpu <= last; cpu++) {
		pending[cpu] = words[cpu].word[reader->pending];
		enabled[cpu] = words[cpu].word[!reader->pending];
	}
	return true;
}
