// SPDX-License-Identifier: GPL-2.0-only
/* Who sends, by kprobe: senders.bpf.c for a RISC-V kernel with neither tracepoints nor fentry. */
#define SENDERS_KPROBE
#include "bpf/senders.bpf.c"
