// SPDX-License-Identifier: GPL-2.0-only
/* Has the kernel look up a symbol, whenever user space runs it: traces nothing. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "lookup.h"

char LICENSE[] SEC("license") = "GPL";

char name[LOOKUP_NAME_SIZE];
__u64 address;		/* 0: the kernel has no such symbol */

#define EPERM	1

/* Returns whether this process is not to know. */
SEC("syscall")
int look_up(void *ctx)
{
	__u64 found = 0;
	long err = bpf_kallsyms_lookup_name(name, sizeof(name), 0, &found);

	address = err ? 0 : found;
	return err == -EPERM;
}
