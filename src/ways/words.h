/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The multiplexer's own words, read from the kernel's memory as they are just now: which
 * vIPIs are pending on a CPU, and which are enabled. Whichever way the counters come. Where a
 * kernel does not let them be read, they are not known, and that is no error.
 */
#ifndef PROBE_WORDS_H
#define PROBE_WORDS_H

#include <stdbool.h>

#include "base/failure.h"
#include "machine/machine.h"

struct words_reader;

/*
 * Finds them; takes the privileges that loading programs takes, and those that the kernel
 * shows its addresses to. Reading takes none. *@reader is to be freed; NULL where they are not to
 * be had. That is no failure: one is that they could be read, and are not.
 */
struct failure *words__open(struct words_reader **reader, const struct machine *machine);
/* NULL is fine. */
void words__free(struct words_reader *reader);

/* Where the enabled word of @cpu is in the kernel's memory. */
__u64 words__enabled_at(const struct words_reader *reader, unsigned int cpu);

/*
 * The words of CPUs @first to @last into @pending and @enabled, [cpu]. Returns whether they
 * could be read; if not, nothing is changed.
 */
bool words__read(struct words_reader *reader, unsigned int first, unsigned int last,
		 __u32 *pending, __u32 *enabled);

#endif /* PROBE_WORDS_H */
