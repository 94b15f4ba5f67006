// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who sends, and in which context: senders.bpf.c for a kernel with BTF. An object of its own:
 * without BTF libbpf loads none that asks for it anywhere, not even in a program that is not to
 * be loaded.
 */
#define SENDERS_CONTEXT
#include "bpf/senders.bpf.c"
