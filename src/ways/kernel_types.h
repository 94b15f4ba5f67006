/* SPDX-License-Identifier: GPL-2.0-only */
/* Where the kernel's structures have their members, as its BTF says. */
#ifndef PROBE_KERNEL_TYPES_H
#define PROBE_KERNEL_TYPES_H

struct btf;

/* The kernel's BTF, to be freed; NULL: it has none, or shows none. */
struct btf *kernel_types__open(void);
/* NULL is fine. */
void kernel_types__free(struct btf *btf);

/* Where @member is in the structure of that name, in bytes; negative: not known. NULL is fine. */
int kernel_types__offset(const struct btf *btf, const char *structure, const char *member);

#endif /* PROBE_KERNEL_TYPES_H */
