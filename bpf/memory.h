/* SPDX-License-Identifier: GPL-2.0-only */
/* What memory.bpf.c and user space agree on. */
#ifndef BPF_MEMORY_H
#define BPF_MEMORY_H

/* So many bytes are read at a time, at most. */
#define MEMORY_PIECE	4096

#endif /* BPF_MEMORY_H */
