/* SPDX-License-Identifier: GPL-2.0-only */
/* What lookup.bpf.c and user space agree on. */
#ifndef BPF_LOOKUP_H
#define BPF_LOOKUP_H

/* Of a name, with the zeros behind it. */
#define LOOKUP_NAME_SIZE	64

#endif /* BPF_LOOKUP_H */
