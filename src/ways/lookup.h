/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Addresses of symbols that the kernel looks up by their names. It does so at once, where the list
 * of all symbols takes a tenth of a second or more to read. But the names have to be exact, which
 * those that a compiler has made of others are not.
 */
#ifndef PROBE_LOOKUP_H
#define PROBE_LOOKUP_H

#include "machine/symbols.h"

/*
 * Fills in the addresses of @wanted, 0 for those it does not have. Returns whether they were shown,
 * else all are 0; SYMBOLS_NONE: this kernel does not look up symbols for BPF programs.
 */
enum symbols_state lookup__symbols(struct symbol_wanted *wanted, unsigned int nr_wanted);

#endif /* PROBE_LOOKUP_H */
