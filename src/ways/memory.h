/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's memory, read by a BPF program that user space runs. */
#ifndef PROBE_MEMORY_H
#define PROBE_MEMORY_H

#include <stddef.h>
#include <linux/types.h>

#include "base/failure.h"

struct memory;

/* Loads the program. A kernel that is locked down may not allow reading: a failure says so. */
struct failure *memory__open(struct memory **memory);
/* NULL is fine. */
void memory__free(struct memory *memory);

/* @size bytes from @address on into @to. Returns 0 or -errno: -EFAULT if nothing is there. */
int memory__read(const struct memory *memory, void *to, __u64 address, size_t size);

#endif /* PROBE_MEMORY_H */
