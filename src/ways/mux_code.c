// SPDX-License-Identifier: GPL-2.0-only
/* The multiplexer's code, see mux_code.h. */
#include <string.h>

#include "ways/memory.h"
#include "ways/mux_code.h"

/* More bytes than any of its functions has. */
#define MOST_CODE 2048

enum symbols_state mux_code__read(struct mux_code *code, struct symbol_wanted *wanted,
				  unsigned int nr_wanted)
{
	struct symbols_functions functions = {
		.prefix = "ipi_mux_", .max = MUX_CODE_MAX_FUNCTIONS, .functions = code->functions,
	};
	enum symbols_state state = machine__find_symbols(wanted, nr_wanted, &functions);

	code->nr_functions = functions.nr;
	code->traced = false;
	for (unsigned int i = 0; i < code->nr_functions; i++)
		code->traced |= strstr(code->functions[i].name, "_traced") != NULL;
	return state;
}

const struct symbols_function *mux_code__function(const struct mux_code *code, const char *name)
{
	for (unsigned int i = 0; i < code->nr_functions; i++)
		if (!strcmp(code->functions[i].name, name))
			return &code->functions[i];
	return NULL;
}

/* read_function - nothing, if it cannot be read */
static void read_function(struct riscv_code *found, const struct memory *memory,
			  const struct symbols_function *function)
{
	size_t size = function ? function->end - function->start : 0;
	__u8 bytes[MOST_CODE];

	*found = (struct riscv_code){};
	if (size && size <= sizeof(bytes) && !memory__read(memory, bytes, function->start, size))
		riscv_code__read(found, bytes, size, function->start);
}

/* --- the words --- */

/*
 * are_words - is it the words of CPUs that is at @first behind their data, if these are where
 * @offsets says? Nothing but vIPIs is set in these, and something is
 */
static bool are_words(const struct memory *memory, __u64 first, __u64 offsets, unsigned int nr_cpus)
{
	__u64 offset, words, any = 0;

	for (unsigned int cpu = 0; cpu < nr_cpus; cpu++) {
		if (memory__read(memory, &offset, offsets + cpu * sizeof(offset), sizeof(offset)) ||
		    memory__read(memory, &words, first + offset, sizeof(words)) ||
		    (words & ~0xff000000ffULL))
			return false;
		any |= words;
	}
	return any;
}

/*
 * address_of - what a reference is to: in a relocatable kernel what is loaded may be that address
 */
static __u64 address_of(const struct memory *memory, const struct riscv_reference *reference)
{
	__u64 address = reference->address;

	if (reference->loaded && memory__read(memory, &address, address, sizeof(address)))
		return 0;
	return address;
}

/* It refers to two variables: each CPU's offset, and the words, or what points to them. */
bool mux_code__find_words(const struct mux_code *code, const struct memory *memory,
			  unsigned int nr_cpus, struct mux_words *found)
{
	struct riscv_code mask;

	read_function(&mask, memory, mux_code__function(code, "ipi_mux_mask"));
	for (unsigned int i = 0; i < mask.nr_references; i++) {
		const struct riscv_reference *words = &mask.references[i];
		__u64 first = address_of(memory, words);

		for (unsigned int j = 0; j < mask.nr_references; j++) {
			__u64 offsets = address_of(memory, &mask.references[j]);

			if (i == j || !are_words(memory, first, offsets, nr_cpus))
				continue;
			*found = (struct mux_words){
				.pointer = words->loaded ? words->address : 0,
				.words = words->loaded ? 0 : first, .offsets = offsets,
			};
			return true;
		}
	}
	return false;
}

/* --- raises --- */

static bool begins_with(const char *name, const char *begin)
{
	return !strncmp(name, begin, strlen(begin));
}

/* pointer_in - what the only call through a pointer goes through; 0: there are several, or none */
static __u64 pointer_in(const struct mux_code *code, const struct memory *memory, const char *name)
{
	struct riscv_code found;

	read_function(&found, memory, mux_code__function(code, name));
	return found.nr_calls == 1 ? found.calls[0].pointer : 0;
}

__u64 mux_code__raise_pointer(const struct mux_code *code, const struct memory *memory)
{
	__u64 pointer = pointer_in(code, memory, "ipi_mux_send_mask");

	return pointer ? pointer : pointer_in(code, memory, "ipi_mux_unmask");
}

unsigned int mux_code__find_raises(const struct mux_code *code, const struct memory *memory,
				   __u64 pointer, struct mux_raise raises[MUX_CODE_MAX_RAISES])
{
	unsigned int nr = 0, nr_kicks = 0;

	for (unsigned int i = 0; i < code->nr_functions && pointer; i++) {
		const struct symbols_function *function = &code->functions[i];
		bool kick = begins_with(function->name, "ipi_mux_unmask");
		bool raises_here = kick || begins_with(function->name, "ipi_mux_send");
		struct riscv_code found;

		read_function(&found, memory, function);
		for (unsigned int j = 0; j < found.nr_calls; j++) {
			/*
			 * Through what, nobody knows; where there are tracepoints, these are called
			 * so.
			 */
			if (!found.calls[j].pointer && raises_here && !code->traced)
				return 0;
			if (found.calls[j].pointer != pointer)
				continue;
			/* Of what others do nothing is known. */
			if (nr == MUX_CODE_MAX_RAISES || !raises_here)
				return 0;
			raises[nr++] = (struct mux_raise){ function, found.calls[j].at, kick };
			nr_kicks += kick;
		}
	}
	return nr_kicks && nr_kicks < nr ? nr : 0;
}

unsigned int mux_code__find_returns(const struct memory *memory,
				    const struct symbols_function *function,
				    unsigned int returns[RISCV_MAX_RETURNS])
{
	struct riscv_code found;

	read_function(&found, memory, function);
	/* A breakpoint may be where it returns; and there may be more. */
	if (found.nr_breakpoints || found.nr_returns == RISCV_MAX_RETURNS)
		return 0;
	/* Nobody sees where what it jumps to returns. */
	for (unsigned int i = 0; i < found.nr_calls; i++)
		if (found.calls[i].last)
			return 0;
	memcpy(returns, found.returns, found.nr_returns * sizeof(*returns));
	return found.nr_returns;
}
