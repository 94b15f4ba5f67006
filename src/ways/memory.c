// SPDX-License-Identifier: GPL-2.0-only
/* The kernel's memory, see memory.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "loader/loader.h"
#include "ways/memory.h"
#include "ways/untraceable.h"
#include "bpf/memory.h"
#include "memory.skel.h"

struct memory {
	struct memory_bpf *bpf;
};

struct failure *memory__open(struct memory **result)
{
	struct memory *memory = calloc(1, sizeof(*memory));
	struct failure *failure;

	if (!memory)
		return failure__of(-ENOMEM);
	memory->bpf = memory_bpf__open();
	failure = memory->bpf ? loader__load(memory->bpf->skeleton) : loader__not_loaded(-errno);
	if (!failure) {
		*result = memory;
		return NULL;
	}
	memory__free(memory);
	if (loader__reads_kernel() != KNOWN_NO)
		return failure;
	failure__free(failure);
	return untraceable("the kernel is locked down (confidentiality), so BPF programs may "
				"not read its memory (boot with lockdown=integrity)");
}

void memory__free(struct memory *memory)
{
	if (!memory)
		return;
	memory_bpf__destroy(memory->bpf);
	free(memory);
}

int memory__read(const struct memory *memory, void *to, __u64 address, size_t size)
{
	while (size) {
		size_t piece = size < MEMORY_PIECE ? size : MEMORY_PIECE;
		__u64 args[] = { address, piece };
		LIBBPF_OPTS(bpf_test_run_opts, run, .ctx_in = args, .ctx_size_in = sizeof(args));
		int err = bpf_prog_test_run_opts(bpf_program__fd(memory->bpf->progs.read_memory),
						 &run);

		if (err)
			return err;
		if (run.retval)
			return -EFAULT;
		memcpy(to, memory->bpf->bss->bytes, piece);
		to = (char *)to + piece;
		address += piece;
		size -= piece;
	}
	return 0;
}
